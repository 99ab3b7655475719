"""The cards of notices about requests, made from the present state."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.cards import Card
from bot.chat.links import MailOf, no_mail
from bot.requests import cards
from bot.requests.keyboards import Offers
from core.alerts.model import Notice
from core.clock import Clock
from core.people.model import Reader
from core.requests import contractor_store, store
from core.requests.model import Request, Workflow

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


def renderers(
    workflow: Workflow, clock: Clock, *, asks: bool = False, mail_of: MailOf = no_mail
) -> dict[str, Renderer]:
    """By kind: `request` is its card, `reminder` the card of one without news.

    `asks`: contractors can be written to; `mail_of` finds what letters brought.
    """

    async def offers(connection: AsyncConnection, found: Request) -> Offers:
        several = await contractor_store.any_contractor(connection)
        return Offers(asks, several, await mail_of(connection, found.id))

    async def request(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await store.get(connection, int(notice.subject.partition(":")[2]))
        if found is None:
            return None
        return cards.request_card(workflow, found, reader, clock.now(), await offers(connection, found))

    async def reminder(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await store.get(connection, int(notice.subject.partition(":")[2]))
        if found is None or workflow.status(found.status).final:
            return None
        return cards.reminder_card(workflow, found, reader, clock.now(), await offers(connection, found))

    return {"request": request, "reminder": reminder}
