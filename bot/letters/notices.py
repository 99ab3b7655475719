"""The card of a notice about a letter, made from the present state."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.cards import Card, clean
from bot.chat.links import Mail, MailOf
from bot.letters import cards, mailboxes
from core.alerts.model import Notice
from core.clock import Clock
from core.letters import mailbox_store, store
from core.letters.service import LettersService
from core.people.model import Reader

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


def renderers(letters: LettersService, clock: Clock) -> dict[str, Renderer]:
    """By kind: `letter` is the card of a letter that a person must place, or has placed; those about mailboxes."""

    async def letter(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        record = await store.get(connection, int(notice.subject.partition(":")[2]))
        if record is None:
            return None
        files = await letters.attachments(connection, letter_id=record.id)
        reopened = await letters.reopened(connection, record)
        return cards.letter_card(letters.workflow, record, reader, clock.now(), files, reopened=reopened)

    return {"letter": letter, **mailboxes.renderers(letters, clock)}


def mail_of(letters: LettersService) -> MailOf:
    """Finds what letters brought to a request: for its card."""

    async def find(connection: AsyncConnection, request_id: int) -> Mail:
        unread = await mailbox_store.unread(connection, letters.options.mailboxes, request_id)
        if await store.latest_about(connection, request_id) is None:
            return Mail(unread=unread)
        files = await letters.attachments(connection, request_id=request_id)
        kept = {each.digest: " ".join(clean(each.name).split()) for each in files if each.digest is not None}
        return Mail(spoke=True, files=tuple(kept.values()), unread=unread)

    return find
