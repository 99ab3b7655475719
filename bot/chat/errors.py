"""Errors on their way to a person: one sentence in their language; the log has the trace, both the same short id."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from bot.chat.access import Here
from bot.chat.cards import Card
from bot.chat.talk import Talk
from core.errors import Rejected, Unavailable, UserError
from core.text import Translator, translator

log = logging.getLogger(__name__)


class ErrorAnswer(BaseMiddleware):
    """Outer middleware of updates: whatever goes wrong below is answered, and never ends the loop."""

    def __init__(self, default_language: str) -> None:
        self._language = default_language

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Handle the update; answer its failure."""
        try:
            return await handler(event, data)
        except Exception as error:  # noqa: BLE001  the chat's boundary: told, logged, and on with the next update
            here: Here | None = data.get("here")
            t = here.t if here else translator(self._language)
            await self._tell(data.get("talk"), sentence(t, error), data)
        return None

    async def _tell(self, talk: Talk | None, text: str, data: dict[str, Any]) -> None:
        if talk is None:
            return
        try:
            if talk.answered:
                here: Here | None = data.get("here")
                await talk.say(Card((here.t if here else translator(self._language)).html("{text}", text=text)))
            else:
                await talk.toast(text, alert=True)
        except Exception:  # Telegram itself fails: the log is all that is left
            log.warning("an error could not be told to the person", exc_info=True)


def sentence(t: Translator, error: Exception) -> str:
    """What to tell the person; an unexpected error is logged with its trace under the id it is told with."""
    if isinstance(error, UserError | Unavailable | Rejected):
        return t(error.message, **error.values)
    short = secrets.token_hex(3)
    log.error("error %s while answering a person", short, exc_info=error)
    return t(
        "Something went wrong on my side. Nothing is lost; please try again. If it stays so, tell an admin: {id}",
        id=short,
    )
