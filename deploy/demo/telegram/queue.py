"""The bot's updates that wait to be fetched or posted, kept for a day and dropped only when acknowledged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from core.clock import Clock
from deploy.demo.telegram.model import Json, Session
from deploy.demo.telegram.store import Store

ON_REQUEST: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that a bot gets only when it asks for them by name."""
_KEPT: Final = 24 * 3600.0  # seconds (Bot API, "Getting updates")
_BORN: Final = "born"


class UpdateQueue:
    """Updates by number, oldest first. While it is `holding`, new ones wait until `release` puts them at the end."""

    def __init__(self, store: Store, clock: Clock, session: Session) -> None:
        self._store = store
        self._clock = clock
        self._session = session
        self._born: dict[int, float] = {}
        self._held = [(found["kind"], found["body"]) for found in sorted(store.all("held"), key=lambda one: one["at"])]
        self.holding = False
        self.items: dict[int, Json] = {}
        for stored in sorted(store.all("update"), key=lambda found: int(found["update_id"])):
            self._born[stored["update_id"]] = stored.pop(_BORN, clock.now().timestamp())
            self.items[stored["update_id"]] = stored

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for this kind of update."""
        allowed = self._session.allowed
        return kind in allowed if allowed else kind not in ON_REQUEST

    def add(self, kind: str, body: Json) -> None:
        """Put an update at the end. The session, which counts them, is the caller's to save."""
        if self.holding:
            self._store.put("held", str(len(self._held)), {"at": len(self._held), "kind": kind, "body": body})
            self._held.append((kind, body))
            return
        number = self._session.next_update
        self._session.next_update += 1
        now = self._clock.now().timestamp()
        self.items[number] = {"update_id": number, kind: body}
        self._born[number] = now
        self._store.put("update", str(number), self.items[number] | {_BORN: now})

    @contextmanager
    def passing(self) -> Iterator[None]:
        """What is added meanwhile does not wait."""
        before, self.holding = self.holding, False
        try:
            yield
        finally:
            self.holding = before

    def release(self) -> None:
        """Hold no more: what waited comes now. The session is the caller's to save."""
        self.holding = False
        held, self._held = self._held, []
        for at, (kind, body) in enumerate(held):
            self._store.drop("held", str(at))
            self.add(kind, body)

    def acknowledge(self, offset: int) -> None:
        """Forget the updates below an offset: the bot has them."""
        for number in [found for found in self.items if found < offset]:
            self.drop(number)

    def drop(self, number: int) -> None:
        """Forget one update."""
        del self.items[number], self._born[number]
        self._store.drop("update", str(number))

    def expire(self) -> None:
        """Forget what nobody fetched for a day."""
        oldest = self._clock.now().timestamp() - _KEPT
        for number in [found for found, born in self._born.items() if born < oldest]:
            self.drop(number)
