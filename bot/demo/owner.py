"""Waiting for the visitor: the first person who presses Start in the private chat with the bot."""

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.bot_api import BotApi
from core.alerts.rules import backoff
from core.errors import Unavailable, UserError
from core.people.rules import clean_name
from core.text import pick_language

log = logging.getLogger(__name__)

LONG_POLL: Final = 25
"""Seconds a request for updates stays open (Bot API, getUpdates: timeout)."""
CONFLICT: Final = 409
SURE: Final = 3
"""Conflicts in a row from which on another program is at work: an earlier request of ours may still be open."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who came: their id at Telegram, their name, and a language of ours."""

    id: int
    name: str
    language: str


async def find_owner(api: BotApi, sleep: Callable[[float], Awaitable[object]], language: str) -> Owner:
    """Wait for them; `language` is for whose app speaks none of ours. Telegram keeps their press for the chat.

    What came before it is dropped. Raises `WrongToken`, and `UserError` when another program takes the updates.
    """
    offset, failures, conflicts = 0, 0, 0
    while True:
        try:
            answer = await api.ask(
                "getUpdates",
                held=LONG_POLL,
                offset=offset,
                timeout=LONG_POLL,
                allowed_updates='["message"]',
            )
        except Unavailable as error:
            if not failures:
                log.warning("waiting for Telegram: %s", error)
            failures += 1
            await sleep(backoff(failures, random.random(), cap=10.0))
            continue
        failures = 0
        conflicts = conflicts + 1 if answer.error == CONFLICT else 0
        if conflicts >= SURE:
            raise UserError("Another program uses the same Telegram token. Stop it, or use another token.")
        if answer.error:
            await sleep(1.0)
            continue
        for update in answer.result:
            owner = owner_of(update.get("message") or {}, language)
            if owner is not None:
                return owner
            offset = update["update_id"] + 1


def owner_of(message: Mapping[str, Any], language: str) -> Owner | None:
    """Who pressed Start, if this message (Bot API, Message) is such a press."""
    user, words = message.get("from"), message.get("text", "").split()
    is_private = message.get("chat", {}).get("type") == "private"
    if user is None or user["is_bot"] or not is_private or words[:1] != ["/start"]:
        return None
    name = clean_name(user["first_name"], user.get("last_name"))
    return Owner(user["id"], name, pick_language(user.get("language_code") or "", language))
