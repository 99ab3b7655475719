"""One mailbox, looked through on time: what it has not shown before is read and handed to the service, oldest first."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from core.clock import Clock
from core.db.engine import Database
from core.errors import Unavailable
from core.letters.mime import parse_letter
from core.letters.model import Letter, Outcome, Reading, Update
from core.letters.rules import read
from core.letters.service import STRANGER, LettersService, is_listed
from jobs.letters.mailbox import Changes, Entry, Mailbox, RawLetter, Unreadable
from jobs.threads import in_thread

log = logging.getLogger(__name__)

BATCH: Final = 50
"""Letters held in memory at once."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Intake:
    """How a mailbox is looked through: its name, whose letters may change a request, how often and how far back.

    `senders` are fnmatch patterns of addresses, none for anybody's. The first look goes back by `lookback`.
    """

    name: str
    senders: tuple[str, ...] = ()
    check_every: float = 60.0
    lookback: timedelta = timedelta(days=1)
    batch: int = BATCH


@dataclass(frozen=True, slots=True)
class _Read:
    """A letter of the mailbox with what it means."""

    key: str
    letter: Letter
    reading: Reading


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter that would be new, and what would be made of it; `letter` is None for what cannot be read."""

    key: str
    letter: Letter | None
    outcome: Outcome
    updates: tuple[Update, ...]
    reason: str
    """A translatable sentence."""
    values: Mapping[str, object]
    """What its placeholders stand for."""


class MailboxJob:
    """Passes over a mailbox.

    Each letter is remembered and applied in one transaction of its own, so a stop or a crash between two letters
    loses nothing and repeats nothing.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        letters: LettersService,
        mailbox: Mailbox,
        intake: Intake,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._letters = letters
        self._mailbox = mailbox
        self._intake = intake
        self._beat = beat

    async def run(self) -> None:
        """Pass after pass, whenever something may have come. Raises `Unavailable` or `AuthFailed`."""
        while True:
            await self.once()
            self._beat()
            await self._mailbox.wait(self._intake.check_every)

    async def once(self) -> int:
        """One pass; how many letters were new. Raises `Unavailable` or `AuthFailed`, after doing what could be done."""
        keys = await self._ordered(await self._unseen(await self._changes()))
        received = 0
        failure: Unavailable | None = None
        for start in range(0, len(keys), self._intake.batch):
            for item in await self._read_all(keys[start : start + self._intake.batch]):
                if isinstance(item, Unreadable) and isinstance(item.error, Unavailable):
                    failure = failure or item.error
                else:
                    received += await self._receive(item)
        if received:
            log.info("%s: %d new letters", self._intake.name, received)
        if failure is not None:
            raise failure
        return received

    async def preview(self) -> list[Preview]:
        """What a pass would make of the letters that are new, in the mailbox's order; changes nothing.

        Raises `Unavailable` or `AuthFailed`.
        """
        new = await self._unseen(await self._changes())
        found: list[Preview] = []
        for start in range(0, len(new), self._intake.batch):
            keys = [entry.key for entry in new[start : start + self._intake.batch]]
            found += [self._foreseen(item) for item in await self._read_all(keys)]
        return found

    def _foreseen(self, item: _Read | Unreadable) -> Preview:
        if isinstance(item, Unreadable):
            return Preview(item.key, None, "triage", (), item.error.message, item.error.values)
        reading, sender = item.reading, item.letter.sender
        if reading.outcome != "ignore" and not is_listed(sender, self._intake.senders):
            return Preview(item.key, item.letter, "triage", (), STRANGER, {"sender": sender or "?"})
        return Preview(item.key, item.letter, reading.outcome, reading.updates, reading.reason, {})

    async def _changes(self) -> Changes:
        return await self._mailbox.changes(None, self._clock.now() - self._intake.lookback)

    async def _unseen(self, changes: Changes) -> list[Entry]:
        async with self._db.reading() as connection:
            keys = [entry.key for entry in changes.entries]
            unseen = set(await self._letters.unseen(connection, self._intake.name, keys))
        return [entry for entry in changes.entries if entry.key in unseen]

    async def _ordered(self, entries: Sequence[Entry]) -> list[str]:
        """The keys by their letters' own time. Where only the letters know it, a long backlog is read twice."""
        moments = {entry.key: moment for entry in entries if (moment := entry.sent_at or entry.received_at)}
        dateless = [entry.key for entry in entries if entry.key not in moments]
        if len(entries) > self._intake.batch:
            for start in range(0, len(dateless), self._intake.batch):
                raw = await self._mailbox.read(dateless[start : start + self._intake.batch])
                moments |= await in_thread("letters", partial(_moments, raw))
        return sorted((entry.key for entry in entries), key=lambda key: (moments.get(key, _NEVER), key))

    async def _read_all(self, keys: Sequence[str]) -> list[_Read | Unreadable]:
        """The letters that are there, oldest first, with what they mean; last those that cannot be read."""
        async with self._db.reading() as connection:
            open_numbers = await self._letters.open_numbers(connection)
        raw = await self._mailbox.read(keys)
        found = await in_thread("letters", partial(_understood, raw, open_numbers))
        return sorted(found, key=lambda item: (item.letter.moment if isinstance(item, _Read) else _NEVER, item.key))

    async def _receive(self, item: _Read | Unreadable) -> bool:
        if isinstance(item, Unreadable):
            log.warning("%s: %s was put aside: %s", self._intake.name, item.key, item.error)
        async with self._db.transaction() as tx:
            if isinstance(item, Unreadable):
                await self._letters.unreadable(tx, self._intake.name, item.key, item.error)
                return False
            state = await self._letters.receive(
                tx, self._intake.name, item.key, item.letter, item.reading, senders=self._intake.senders
            )
        return state is not None


def _understood(raw: Sequence[RawLetter | Unreadable], open_numbers: Collection[str]) -> list[_Read | Unreadable]:
    return [item if isinstance(item, Unreadable) else _read(item, open_numbers) for item in raw]


def _read(raw: RawLetter, open_numbers: Collection[str]) -> _Read:
    letter = parse_letter(raw.data, raw.received_at)
    return _Read(raw.key, letter, read(letter, open_numbers=open_numbers))


def _moments(raw: Sequence[RawLetter | Unreadable]) -> dict[str, datetime]:
    return {item.key: parse_letter(item.data, item.received_at).moment for item in raw if isinstance(item, RawLetter)}
