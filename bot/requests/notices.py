"""The cards of notices about requests, made from the present state."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.cards import Card
from bot.requests import cards
from core.alerts.model import Notice
from core.clock import Clock
from core.people.model import Reader
from core.requests import store
from core.requests.model import Workflow

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


def renderers(workflow: Workflow, clock: Clock) -> dict[str, Renderer]:
    """By kind: `request` is its card, `reminder` the card of one without news."""

    async def request(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await store.get(connection, int(notice.subject.partition(":")[2]))
        return cards.request_card(workflow, found, reader, clock.now()) if found else None

    async def reminder(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await store.get(connection, int(notice.subject.partition(":")[2]))
        if found is None or workflow.status(found.status).final:
            return None
        return cards.reminder_card(workflow, found, reader, clock.now())

    return {"request": request, "reminder": reminder}
