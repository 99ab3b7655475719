"""Which message shows what: the cards that replies to people left in chats, written down shortly after."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final

from core.alerts.model import Destination, LiveCard, Telling
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.errors import StorageUnavailable

DELAY: Final = 0.5
"""Seconds within which a shown card is written down: off the way of the answer, many cards in one transaction."""

Spawn = Callable[[str, Coroutine[Any, Any, None]], object]


class CardBook:
    """Remembers the cards shown, so that a reply to one is understood and a change edits it where it is."""

    def __init__(self, db: Database, alerts: AlertsService, spawn: Spawn) -> None:
        self._db = db
        self._alerts = alerts
        self._spawn = spawn
        self._waiting: dict[tuple[int, int], LiveCard] = {}
        self._writing = False
        self._hurry = asyncio.Event()

    def remember(self, card: LiveCard) -> None:
        """Note a card that was just shown."""
        self._waiting[card.to.chat_id, card.message_id] = card
        if not self._writing:
            self._writing = True
            self._spawn("cards", self._write_soon())

    async def owe(self, to: Destination, subject: str, since: datetime) -> None:
        """Let the courier bring the card of that subject: its answer to whoever asked at that moment did not arrive."""
        kind, dedup = subject.partition(":")[0], f"owed:{subject}:{since.isoformat()}"
        async with self._db.transaction() as tx:
            await self._alerts.tell(tx, Telling(kind, subject, dedup, "admins", to=(to,)))

    async def at(self, chat_id: int, message_id: int) -> LiveCard | None:
        """The card that this message shows."""
        if found := self._waiting.get((chat_id, message_id)):
            return found
        async with self._db.reading() as connection:
            return await self._alerts.card_at(connection, chat_id, message_id)

    def hurry(self) -> None:
        """From now on write cards down at once: the end is near."""
        self._hurry.set()

    async def _write_soon(self) -> None:
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DELAY):
                    await self._hurry.wait()
        finally:
            self._writing = False
            await self._write()

    async def _write(self) -> None:
        cards, self._waiting = self._waiting, {}
        try:
            async with self._db.transaction() as tx:
                await self._alerts.remember_shown(tx, list(cards.values()))
        except StorageUnavailable:
            self._waiting = cards | self._waiting  # with the next card that is shown
            raise
