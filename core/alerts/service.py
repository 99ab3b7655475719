"""Telling chats: from something worth telling to the rows that the courier delivers; and what messages show."""

import hashlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts import cards_store, store
from core.alerts.model import CARD_LIFE, Destination, LiveCard, Mode, Notice, Route, Telling
from core.clock import Clock
from core.db.engine import after_commit
from core.people import store as people
from core.people.model import Binding, Chat

log = logging.getLogger(__name__)

T = TypeVar("T")

_KEY_LIMIT: Final = 255
_TOGETHER: Final = 200
"""Rows of one statement."""
_LAST: Final = 9
"""The priority of what may wait while other chats are told anything else."""
_REDRAWN: Final = 500
"""Messages that one occasion redraws at most."""
_APART: Final = timedelta(seconds=5)
"""Between two of many messages for one chat: fewer than it may get, so that what is urgent finds room."""

Asks = Callable[[AsyncConnection, LiveCard | Notice], Awaitable[bool]]
"""Whether what a card shows still wants something of somebody."""

Moved = Callable[[AsyncConnection, int, int], Awaitable[None]]
"""Lets what is kept for a group (the first id) go to the supergroup it became (the second)."""


class _Row(NamedTuple):
    """Something told to one chat."""

    telling: Telling
    to: Destination


def _apart(rows: Iterable[_Row], now: datetime) -> list[_Row]:
    """The rows with their moments: those of each chat one after another from now on."""
    before: Counter[int] = Counter()
    found: list[_Row] = []
    for telling, to in rows:
        found.append(_Row(replace(telling, not_before=now + before[to.chat_id] * _APART), to))
        before[to.chat_id] += 1
    return found


class AlertsService:
    """Writes notices for the chats that receive a topic, and remembers which messages show what."""

    def __init__(self, clock: Clock, routes: tuple[Route, ...]) -> None:
        self._clock = clock
        self._routes = routes
        self._bound: tuple[Route, ...] | None = None
        self._bound_changes = 0
        self._moved: list[Moved] = []

    def when_moved(self, moved: Moved) -> None:
        """From now on call this, too, in the transaction that notes that a group became a supergroup."""
        self._moved.append(moved)

    async def tell(self, tx: AsyncConnection, telling: Telling) -> int:
        """Write a notice for each chat concerned, in the caller's transaction; how many rows are new.

        Besides the topic's chats, a `card` or `refresh` reaches every chat that shows a live card of its subject, or
        is about to.
        """
        now = self._clock.now()
        wanted: dict[Destination, Mode] = dict.fromkeys(await self._destinations(tx, telling), telling.mode)
        for to in wanted:
            if to.chat_id == telling.shown_in:
                wanted[to] = "refresh"
        if telling.mode != "new":
            for card in await cards_store.live_cards(tx, (telling.subject,), now - CARD_LIFE):
                wanted.setdefault(card.to, "refresh")
            for to in await store.on_their_way(tx, telling.subject):
                wanted.setdefault(to, "refresh")
        return await self._write(tx, [_Row(replace(telling, mode=mode), to) for to, mode in wanted.items()])

    async def post_anew(self, tx: AsyncConnection, asks: Asks, mark: str) -> int:
        """Our messages cannot be edited any more: forget them, and post what still `asks` once more where it was.

        How many there are; some a minute in each chat. `mark` names the occasion.
        """
        shown = {(card.to, card.subject): card for card in await cards_store.told_cards(tx)}
        await cards_store.forget_all(tx)
        wanted = [card for card in shown.values() if await asks(tx, card)]
        rows = [
            _Row(Telling(card.kind, card.subject, f"{mark}:{card.subject}", "admins", "card", card.data), card.to)
            for card in wanted
        ]
        return await self._write(tx, _apart(rows, self._clock.now()))

    async def redraw(self, tx: AsyncConnection, subjects: Sequence[str], mark: str) -> int:
        """Let the last message in each chat about each of these subjects show what holds now; how many do.

        Some a minute in each chat, and of very many only those sent last. `mark` names the occasion.
        """
        now = self._clock.now()
        shown = {
            (card.to, card.subject): card
            for some in _pieces(subjects)
            for card in await cards_store.live_cards(tx, some, now - CARD_LIFE)
        }
        rows = [
            _Row(
                Telling(
                    card.kind, card.subject, f"{mark}:{card.subject}", "admins", "refresh", card.data, priority=_LAST
                ),
                card.to,
            )
            for card in sorted(shown.values(), key=lambda card: card.sent_at)[-_REDRAWN:]
        ]
        return await self._write(tx, _apart(reversed(rows), now))

    async def refused(self, connection: AsyncConnection, chat_id: int, mark: str) -> bool:
        """Whether a chat refused something of the occasions whose names begin so."""
        return bool(await store.refused(connection, chat_id, mark))

    async def tell_again(self, tx: AsyncConnection, chat_id: int, mark: str, asks: Asks) -> int:
        """Tell a chat what it refused, if it still `asks`; how much. `mark` is how the occasions' names begin."""
        now = self._clock.now()
        wanted = [notice for notice in await store.refused(tx, chat_id, mark) if await asks(tx, notice)]
        for turn, notice in enumerate(wanted):
            await store.renew(tx, notice.id, now + turn * _APART, now + CARD_LIFE)
        return len(wanted)

    async def _write(self, tx: AsyncConnection, rows: Iterable[_Row]) -> int:
        """Write notices, each for its chat or what that became; how many are new."""
        now = self._clock.now()
        wanted = list(rows)
        moved = await store.moved_chats(tx, {row.to.chat_id for row in wanted}) if wanted else {}
        values = {
            (_key(telling.dedup), moved.get(to.chat_id, to.chat_id), to.thread_id): {
                "dedup_key": _key(telling.dedup),
                "chat_id": moved.get(to.chat_id, to.chat_id),
                "thread_id": to.thread_id,
                "kind": telling.kind,
                "subject": telling.subject,
                "mode": telling.mode,
                "data": dict(telling.data),
                "priority": telling.priority,
                "state": "new",
                "attempts": 0,
                "created_at": now,
                "not_before": telling.not_before or now,
                "expires_at": (telling.not_before or now) + telling.expires_after,
            }
            for telling, to in wanted
        }
        written = 0
        for some in _pieces(list(values.values())):
            written += await store.add_notices(tx, some)
        return written

    async def told_of(self, connection: AsyncConnection, subject: str) -> bool:
        """Whether anything was told about that subject, as far as it is remembered."""
        return await store.told_of(connection, subject)

    async def remember_card(self, tx: AsyncConnection, card: LiveCard) -> None:
        """This message shows that subject now: later notices may edit it, and a reply to it is about it."""
        await cards_store.save_cards(tx, (card,))

    async def remember_shown(self, tx: AsyncConnection, cards: Sequence[LiveCard]) -> None:
        """As `remember_card`, for cards written down after they were shown: what was told meanwhile redraws them."""
        told = await store.told_since(tx, {card.subject for card in cards}, min(card.sent_at for card in cards))
        await cards_store.save_cards(tx, cards)
        for card in cards:
            if card.subject in told:
                dedup = f"shown:{card.message_id}:{card.sent_at.isoformat()}"
                data = told[card.subject].get(card.kind, card.data)  # it takes the place of what was told
                telling = Telling(card.kind, card.subject, dedup, "admins", "refresh", data, to=(card.to,))
                await self.tell(tx, telling)

    async def card_at(self, tx: AsyncConnection, chat_id: int, message_id: int) -> LiveCard | None:
        """What a message of ours shows: whom a reply to it is about."""
        return await cards_store.card_at(tx, chat_id, message_id)

    async def forget_card(self, tx: AsyncConnection, chat_id: int, message_id: int) -> None:
        """The message is gone or shows something else."""
        await cards_store.forget_card(tx, chat_id, message_id)

    async def chat_moved(self, tx: AsyncConnection, old: int, new: int) -> None:
        """A group became a supergroup: what waits for it goes there, and its language and zone go with it."""
        known = await people.find_chat(tx, old) or Chat(old)
        await people.save_chat(tx, replace(known, moved_to=new))
        if await people.find_chat(tx, new) is None:
            await people.save_chat(tx, replace(known, id=new, moved_to=None))
        await people.move_bindings(tx, old, new)
        after_commit(tx, self._forget_bound)
        await store.move_chat(tx, old, new)
        await cards_store.forget_chat(tx, old)
        for moved in self._moved:
            await moved(tx, old, new)

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

    async def is_bound(self, connection: AsyncConnection, chat_id: int) -> bool:
        """Whether a group, or a topic of it, is told anything."""
        routes = [*self._routes, *await self._bindings(connection)]
        chats = {route.to.chat_id for route in routes if route.receives}
        return chat_id in chats | set((await store.moved_chats(connection, chats)).values())

    async def waits(self, connection: AsyncConnection, subject: str) -> bool:
        """Whether something told of that subject has not left yet."""
        return await store.waits(connection, subject)

    async def let_go(self, tx: AsyncConnection, person_id: int) -> None:
        """Somebody has no access any more: what waits for them is dropped, and what they were shown stays as it is."""
        await store.drop_waiting(tx, person_id, self._clock.now())
        await cards_store.forget_chat(tx, person_id)

    async def was_told(self, connection: AsyncConnection, subject: str, since: datetime) -> bool:
        """Whether anybody was told of that subject from that moment on."""
        return subject in await store.told_since(connection, (subject,), since)

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
        return await store.prune(tx, before, limit) + await cards_store.prune(tx, before, limit)

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


def _pieces(of: Sequence[T]) -> Iterator[Sequence[T]]:
    return (of[start : start + _TOGETHER] for start in range(0, len(of), _TOGETHER))


def _key(dedup: str) -> str:
    if len(dedup) <= _KEY_LIMIT:
        return dedup
    return dedup[:180] + hashlib.sha256(dedup.encode()).hexdigest()
