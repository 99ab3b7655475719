"""What both ways of taking Telegram's updates share: which ones, how a call is asked, and who else takes them."""

from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramConflictError, TelegramNetworkError, TelegramUnauthorizedError
from aiogram.types import WebhookInfo

from bot.chat.line import FAILURES
from bot.way import FAILURES as WAY_ERRORS
from bot.way import fault_of
from core.errors import AuthFailed, Unavailable
from core.text import N_

ALLOWED: Final = ["message", "callback_query", "my_chat_member", "chat_member"]
CONFLICT: Final = N_("Another program uses the same Telegram token. Stop it, or use another token.")
SURE: Final = 2
"""Conflicts from which on another program is at work: one alone is left behind by a restart."""
QUIET: Final = 10
"""Answers without a conflict in between after which the other program is gone."""

Spawn = Callable[[str, Coroutine[Any, Any, None]], object]
Tell = Callable[[], Coroutine[Any, Any, None]]
TellHost = Callable[[str], Coroutine[Any, Any, None]]
"""Tells the admins that updates were posted to this host, and are not any more."""
Result = TypeVar("Result")


class Conflict(Unavailable):
    """Another program takes the updates of the same token (Bot API, getUpdates: 409)."""


class Intake(Protocol):
    """Takes updates and hands them to the chat."""

    async def run(self) -> None:
        """Take updates for ever. Raises `Unavailable` or `AuthFailed` for the supervisor to act on."""
        ...

    async def cycle(self) -> None:
        """Take and handle everything that waits: `run --once`."""
        ...

    async def drain(self, seconds: float) -> None:
        """Before a stop: take up nothing new, and let what is being handled finish."""
        ...


async def ask(bot: Bot, request: Coroutine[Any, Any, Result]) -> Result:
    """Telegram's answer to that bot. Raises `AuthFailed`, `Conflict` or `Unavailable`, caused by aiogram's error."""
    try:
        return await request
    except TelegramUnauthorizedError as error:
        raise AuthFailed("Telegram does not accept the token. Check telegram.token.") from error
    except TelegramConflictError as error:
        raise Conflict(CONFLICT) from error
    except FAILURES as error:
        raise _away(bot, error) from error


def _away(bot: Bot, error: Exception) -> Unavailable:
    """What is wrong on the way, where Telegram itself has not answered."""
    cause = error.__cause__ if isinstance(error, TelegramNetworkError) else error
    if isinstance(cause, WAY_ERRORS) and isinstance(bot.session, AiohttpSession):
        return fault_of(cause, bot.session.api.base, str(bot.session.proxy or ""))
    return Unavailable("Telegram cannot be reached.")


def host_of(info: WebhookInfo) -> str:
    """Where updates are posted now, '' for nowhere: only the host, because an address may hold a secret."""
    return (urlsplit(info.url).hostname or "?") if info.url else ""
