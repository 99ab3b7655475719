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
from core.requests.model import Request
from core.requests.service import RequestsService
from core.text import translator

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


async def offers_for(
    connection: AsyncConnection, service: RequestsService, request: Request, *, asks: bool, mail_of: MailOf
) -> Offers:
    """What the card of a request offers now."""
    press = await service.last_press(connection, request.id)
    return Offers(
        asks=asks,
        contractors=await contractor_store.any_contractor(connection),
        mail=await mail_of(connection, request.id),
        undo=press.id if press else None,
    )


def renderers(
    service: RequestsService, clock: Clock, *, asks: bool = False, mail_of: MailOf = no_mail
) -> dict[str, Renderer]:
    """By kind: `request` is its card, `reminder` the card of one without news.

    `asks`: contractors can be written to; `mail_of` finds what letters brought.
    """
    workflow = service.workflow

    async def offers(connection: AsyncConnection, found: Request) -> Offers:
        return await offers_for(connection, service, found, asks=asks, mail_of=mail_of)

    async def request(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await store.get(connection, int(notice.subject.partition(":")[2]))
        if found is None:
            gone = notice.data.get("unmade")
            return cards.unmade_card(translator(reader.language), gone, notice.data["by"]) if gone else None
        return cards.request_card(workflow, found, reader, clock.now(), await offers(connection, found))

    async def reminder(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await store.get(connection, int(notice.subject.partition(":")[2]))
        if found is None or workflow.status(found.status).final:
            return None
        return cards.reminder_card(workflow, found, reader, clock.now(), await offers(connection, found))

    return {"request": request, "reminder": reminder}
