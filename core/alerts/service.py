"""Telling chats: from something worth telling to the rows that the courier delivers; and what messages show."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts import store
from core.alerts.model import CARD_LIFE, Destination, LiveCard, Mode, Route, Telling
from core.clock import Clock
from core.db.engine import after_commit
from core.people import store as people
from core.people.model import Binding, Chat

log = logging.getLogger(__name__)

_KEY_LIMIT: Final = 255


class AlertsService:
    """Writes notices for the chats that receive a topic, and remembers which messages show what."""

    def __init__(self, clock: Clock, routes: tuple[Route, ...]) -> None:
        self._clock = clock
        self._routes = routes
        self._bound: tuple[Route, ...] | None = None
        self._bound_changes = 0

    async def tell(self, tx: AsyncConnection, telling: Telling) -> int:
        """Write a notice for each chat concerned, in the caller's transaction; how many rows are new.

        Besides the topic's chats, a `card` or `refresh` reaches every chat that shows a live card of its subject.
        """
        now = self._clock.now()
        wanted: dict[Destination, Mode] = dict.fromkeys(await self._destinations(tx, telling), telling.mode)
        for to in wanted:
            if to.chat_id == telling.shown_in:
                wanted[to] = "refresh"
        if telling.mode != "new":
            for card in await store.live_cards(tx, (telling.subject,), now - CARD_LIFE):
                wanted.setdefault(card.to, "refresh")
        moved = await store.moved_chats(tx, {to.chat_id for to in wanted}) if wanted else {}
        rows = {
            (moved.get(to.chat_id, to.chat_id), to.thread_id): {
                "dedup_key": _key(telling.dedup),
                "chat_id": moved.get(to.chat_id, to.chat_id),
                "thread_id": to.thread_id,
                "kind": telling.kind,
                "subject": telling.subject,
                "mode": mode,
                "data": dict(telling.data),
                "priority": telling.priority,
                "state": "new",
                "attempts": 0,
                "created_at": now,
                "not_before": telling.not_before or now,
                "expires_at": (telling.not_before or now) + telling.expires_after,
            }
            for to, mode in wanted.items()
        }
        return await store.add_notices(tx, list(rows.values())) if rows else 0

    async def remember_card(self, tx: AsyncConnection, card: LiveCard) -> None:
        """This message shows that subject now: later notices may edit it, and a reply to it is about it."""
        await store.save_cards(tx, (card,))

    async def remember_shown(self, tx: AsyncConnection, cards: Sequence[LiveCard]) -> None:
        """As `remember_card`, for cards written down after they were shown: what was told meanwhile redraws them."""
        overtaken = await store.told_since(tx, {card.subject for card in cards}, min(card.sent_at for card in cards))
        await store.save_cards(tx, cards)
        for card in cards:
            if card.subject in overtaken:
                dedup = f"shown:{card.message_id}:{card.sent_at.isoformat()}"
                await self.tell(tx, Telling(card.kind, card.subject, dedup, "admins", "refresh", to=(card.to,)))

    async def card_at(self, tx: AsyncConnection, chat_id: int, message_id: int) -> LiveCard | None:
        """What a message of ours shows: whom a reply to it is about."""
        return await store.card_at(tx, chat_id, message_id)

    async def forget_card(self, tx: AsyncConnection, chat_id: int, message_id: int) -> None:
        """The message is gone or shows something else."""
        await store.forget_card(tx, chat_id, message_id)

    async def chat_moved(self, tx: AsyncConnection, old: int, new: int) -> None:
        """A group became a supergroup: what waits for it goes there, and its language and zone go with it."""
        known = await people.find_chat(tx, old) or Chat(old)
        await people.save_chat(tx, replace(known, moved_to=new))
        if await people.find_chat(tx, new) is None:
            await people.save_chat(tx, replace(known, id=new, moved_to=None))
        await people.move_bindings(tx, old, new)
        after_commit(tx, self._forget_bound)
        await store.move_chat(tx, old, new)

    async def bind(self, tx: AsyncConnection, binding: Binding, by: str) -> None:
        """Tell a group or a topic of it these topics from now on, beside what the configuration says."""
        await people.save_binding(tx, binding, by, self._clock.now())
        after_commit(tx, self._forget_bound)

    async def silence(self, tx: AsyncConnection, chat_id: int, *, silent: bool, by: str) -> None:
        """The assistant is not in a group any more, or again: what is bound there is kept."""
        for binding in await people.list_bindings(tx, chat_id):
            await self.bind(tx, replace(binding, silent=silent), by)

    async def receives(self, connection: AsyncConnection, to: Destination) -> tuple[str, ...]:
        """What a chat or topic is told, by the configuration or by an admin's choice."""
        routes = [*self._routes, *await self._bindings(connection)]
        return tuple(sorted({topic for route in routes if route.to == to for topic in route.receives}))

    async def _bindings(self, connection: AsyncConnection) -> tuple[Route, ...]:
        if self._bound is not None:
            return self._bound
        changes = self._bound_changes
        routes = tuple(
            Route(Destination(binding.chat_id, binding.thread_id), binding.receives)
            for binding in await people.list_bindings(connection)
            if not binding.silent
        )
        if changes == self._bound_changes:  # else what was read may be out of date already
            self._bound = routes
        return routes

    def _forget_bound(self) -> None:
        self._bound = None
        self._bound_changes += 1

    async def counts(self, connection: AsyncConnection) -> dict[str, int]:
        """How many notices stand in each state; `unknown` ones may or may not have arrived."""
        return await store.count_by_state(connection)

    async def waiting_since(self, connection: AsyncConnection) -> datetime | None:
        """For when the most overdue of the messages that never left was meant; None when none is due."""
        return await store.waiting_since(connection, self._clock.now())

    async def last_sent(self, connection: AsyncConnection) -> datetime | None:
        """When the newest message that was delivered left."""
        return await store.last_sent(connection)

    async def prune(self, tx: AsyncConnection, before: datetime, limit: int) -> int:
        """Delete notices done before then and cards sent before then, at most `limit` of each; how many."""
        return await store.prune(tx, before, limit)

    async def _destinations(self, tx: AsyncConnection, telling: Telling) -> Iterable[Destination]:
        if telling.to is not None:
            return telling.to
        if telling.mode == "refresh":
            return ()
        routes = (*self._routes, *await self._bindings(tx))
        found = [route.to for route in routes if telling.topic in route.receives]
        if not found:  # whom nobody else is told, the admins are
            found = [Destination(person_id) for person_id in await people.admin_ids(tx)]
        if not found:
            log.warning("nobody receives %s: %s was told to no chat", telling.topic, telling.subject)
        return found


def _key(dedup: str) -> str:
    if len(dedup) <= _KEY_LIMIT:
        return dedup
    return dedup[:180] + hashlib.sha256(dedup.encode()).hexdigest()
