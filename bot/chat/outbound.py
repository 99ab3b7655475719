"""The one way out for cards: replies to people go through `Outbound`, notices through the courier, at one pace."""

import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from bot.chat.cards import Card
from core.alerts.model import Destination
from core.alerts.rules import Answer, Pace
from core.clock import Clock
from core.errors import Rejected, Unavailable

log = logging.getLogger(__name__)

PATIENCE: Final = 30.0
"""Seconds a reply waits for its turn before the person is told to try again."""
AGAIN_AFTER: Final = 1.0
"""Seconds after which a reply that did not arrive is tried once more."""
_NOT_ARRIVED: Final = frozenset({"unreachable", "failed", "unclear"})


class Line(Protocol):
    """The wire to Telegram. Its methods never raise for what Telegram or the network does: they answer."""

    async def send(self, to: Destination, card: Card, *, reply_to: int | None = None) -> Answer:
        """Send a new message."""
        ...

    async def edit(self, chat_id: int, message_id: int, card: Card) -> Answer:
        """Show this card in that message instead."""
        ...

    async def ping(self) -> Answer:
        """Ask who we are, which is harmless, to learn whether anybody answers."""
        ...


class LogLine:
    """A line that ends in the log: what a dry run has instead of Telegram."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)

    async def send(self, to: Destination, card: Card, *, reply_to: int | None = None) -> Answer:
        """Log the text."""
        message_id = next(self._ids)
        log.info("to chat %s, message %s: %s", to.chat_id, message_id, card.text.striptags())
        return Answer("ok", message_id)

    async def edit(self, chat_id: int, message_id: int, card: Card) -> Answer:
        """Log the text."""
        log.info("in chat %s, message %s becomes: %s", chat_id, message_id, card.text.striptags())
        return Answer("ok", message_id)

    async def ping(self) -> Answer:
        """The log always answers."""
        return Answer("ok")


class Undelivered(Unavailable):
    """A reply did not arrive."""


class Outbound:
    """Replies to people. Raises `Unavailable` when Telegram does not take one in time, `Rejected` when it will not.

    Of `Unavailable`, `Undelivered` is raised where it is known that nothing arrived.
    """

    def __init__(self, line: Line, clock: Clock) -> None:
        self.line = line
        self.pace = Pace()
        self._clock = clock

    async def send(self, to: Destination, card: Card, *, reply_to: int | None = None) -> int:
        """Send a card; its message id. A thread or group that is no more is replaced by what is there."""
        answer = await self._in_turn(to.chat_id, lambda: self.line.send(to, card, reply_to=reply_to))
        if answer.meaning == "moved" and answer.moved_to is not None:
            return await self.send(Destination(answer.moved_to), card)
        if answer.meaning == "no_thread" and to.thread_id:
            return await self.send(Destination(to.chat_id), card)
        if answer.message_id is None:
            raise _error(answer)
        return answer.message_id

    async def edit(self, chat_id: int, message_id: int, card: Card) -> bool:
        """Show the card in that message; False when the message is gone or cannot be edited any more."""
        answer = await self._in_turn(chat_id, lambda: self.line.edit(chat_id, message_id, card), edit=True)
        if answer.meaning in ("no_message", "moved"):
            return False
        if answer.meaning not in ("ok", "same"):
            raise _error(answer)
        return True

    async def _in_turn(self, chat_id: int, call: Callable[[], Awaitable[Answer]], *, edit: bool = False) -> Answer:
        """Call when the limits allow it, again when Telegram asks to come back soon, once more when it failed.

        What may have arrived is not sent again; an edit may be made twice without harm.
        """
        deadline = self._clock.monotonic() + PATIENCE
        failed = False
        while True:
            now = self._clock.monotonic()
            wait = self.pace.reserve(chat_id, now, reply=True, edit=edit)
            if now + wait > deadline:
                return Answer("slow_down", reason="the limits leave no room")
            if wait:
                await self._clock.sleep(wait)
                continue
            answer = await call()
            if answer.meaning == "slow_down":
                self.pace.refused(chat_id, self._clock.monotonic(), answer.retry_after)
            elif not failed and (answer.meaning in _NOT_ARRIVED or (edit and answer.meaning == "unknown")):
                failed = True
                await self._clock.sleep(AGAIN_AFTER)
            else:
                return answer


def _error(answer: Answer) -> Unavailable | Rejected:
    log.warning("a reply did not reach Telegram: %s: %s", answer.meaning, answer.reason)
    if answer.meaning == "slow_down":
        return Undelivered("Telegram asks me to slow down. Please try again in a minute.")
    if answer.meaning in _NOT_ARRIVED:
        return Undelivered("Telegram does not answer me. Please try again in a minute.")
    if answer.line_is_down:
        return Unavailable("Telegram does not answer me. Please try again in a minute.")
    return Rejected("Telegram does not accept this message.")
