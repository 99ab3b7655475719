"""Buttons that lead from one feature to another: shown on the cards of one, handled by the other."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiogram.filters.callback_data import CallbackData
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.cards import RowId
from core.letters.mailboxes import Unread


class AskButton(CallbackData, prefix="ak"):
    """On a request's card: a letter to its contractor, asking how request `id` stands."""

    id: RowId


class AnswerButton(CallbackData, prefix="an"):
    """On a letter's card: an answer to letter `id`."""

    id: RowId


class MailButton(CallbackData, prefix="ml"):
    """On a request's card: `why` its latest letter was read as it was, or the `files` that came, from `start` on."""

    action: str
    id: RowId
    start: RowId = 0


class RequestLink(CallbackData, prefix="rk"):
    """On what was shown in a request's place: back to its card."""

    id: RowId


@dataclass(frozen=True, slots=True)
class Mail:
    """What letters brought to a request: whether any spoke of it, the names of the files that are kept, and which
    mailboxes that may hold news of it were not read for too long."""

    spoke: bool = False
    files: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()


MailOf = Callable[[AsyncConnection, int], Awaitable[Mail]]
"""Finds what letters brought to a request, by its id."""


NO_MAIL: Final = Mail()


async def no_mail(_connection: AsyncConnection, _request_id: int) -> Mail:
    """What there is without a mailbox."""
    return NO_MAIL
