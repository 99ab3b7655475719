"""The job that follows the audit log of a share and writes down who made the changes noticed there.

The log is read durably: entries and how far it is read go into one transaction, so that no kill loses or doubles one.
A change is answered once the log was read past the moment at which it was noticed.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from core.clock import Clock
from core.db.engine import Database
from core.files.model import WatchSettings
from core.files.who import AuditEntry, Parsed
from core.files.who_service import BATCH, Position, Reading, WhoService
from jobs.files.tail import LogTail, Place
from jobs.threads import in_thread

log = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two looks at a log."""
LATE: Final = timedelta(seconds=2)
"""So much later than the deed its entry may come: a syslog daemon takes a moment."""
PRUNE_EVERY: Final = 600.0
SAY_EVERY: Final = 60.0
PAUSE: Final = 0.05
"""Seconds: between prunings; between signs of life in the table; between pieces, in which others write."""


class AuditSource(Protocol):
    """A log as it is read: what is new after a position."""

    @property
    def name(self) -> str:
        """Which log this is; a position is of use with the same one only."""
        ...

    def read(self, position: Position | None, now: datetime) -> Reading:
        """What is new; blocks. `position` None: it is read for the first time. Raises `Unavailable`."""
        ...


class Understands(Protocol):
    """What makes entries of a log file's text."""

    def parse(self, data: bytes, now: datetime, *, quiet: bool) -> Parsed:
        """The entries of the whole records of a piece."""
        ...


class LogFile:
    """A log file, with those it is rotated into."""

    def __init__(self, path: Path, understands: Understands) -> None:
        self.name = str(path)
        self._tail = LogTail(path)
        self._understands = understands

    def read(self, position: Position | None, now: datetime) -> Reading:
        """What is new in it. Raises `Unavailable`."""
        entries: list[AuditEntry] = []
        senseless = 0

        def understand(data: bytes, *, quiet: bool) -> int:
            nonlocal senseless
            found = self._understands.parse(data, now, quiet=quiet)
            entries.extend(found.entries)
            senseless += found.senseless
            return found.used

        places = None if position is None else [Place.of(each) for each in position["files"]]
        look = self._tail.read(places, understand, now.timestamp())
        return Reading(entries, {"files": [place.plain() for place in look.places]}, look.lost, look.more, senseless)


class AuditFollower:
    """Follows the audit log of one watch. Raises `Unavailable` while the log cannot be read."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        service: WhoService,
        watch: WatchSettings,
        source: AuditSource,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._service = service
        self._watch = watch
        self._source = source
        self._beat = beat
        self._read_until: datetime | None = None
        self._said_at = self._pruned_at = float("-inf")
        self._opened = self._puzzled = False
        self._position: Position | None = None

    async def run(self) -> None:
        """Follow the log for ever."""
        self._opened = False
        while True:
            await self._cycle()
            self._beat()
            await self._clock.sleep(EVERY)

    async def once(self) -> None:
        """What was noticed until now gets its answer."""
        await self._clock.sleep(LATE.total_seconds())
        await self._cycle()
        await self._clock.sleep(EVERY)
        await self._cycle()

    async def _cycle(self) -> None:
        """Read to the end, and answer what was noticed before the last cycle: the log's last record then, which may
        have been half written, is whole now."""
        began = self._clock.now()
        while await self._read():
            await self._clock.sleep(PAUSE)
        if self._read_until is not None:
            await self._answer(self._read_until)
        self._read_until = began - LATE
        if self._clock.monotonic() - self._pruned_at > PRUNE_EVERY:
            await self._prune()

    async def _read(self) -> bool:
        """Read some of the log; whether there is more."""
        if not self._opened:
            async with self._db.reading() as connection:
                self._position = await self._service.position(connection, self._watch.name, self._source.name)
            self._opened = True
        position, now = self._position, self._clock.now()
        reading = await in_thread("audit", lambda: self._source.read(position, now))
        self._wonder(reading.senseless)
        stale = self._clock.monotonic() - self._said_at > SAY_EVERY
        if reading.entries or reading.lost or reading.position != position or stale:
            async with self._db.transaction() as tx:
                await self._service.take(tx, self._watch, self._source.name, reading)
            self._position, self._said_at = reading.position, self._clock.monotonic()
        return reading.more

    def _wonder(self, senseless: int) -> None:
        if senseless and not self._puzzled:
            log.warning(
                "watch %s: %d records of the audit log %s are not written as its settings say (prefix, form)",
                self._watch.name,
                senseless,
                self._source.name,
            )
        self._puzzled = self._puzzled or senseless > 0

    async def _answer(self, until: datetime) -> None:
        async with self._db.reading() as connection:
            waiting = await self._service.waits(connection, self._watch.name, until)
        answered = BATCH if waiting else 0
        while answered == BATCH:
            async with self._db.transaction() as tx:
                answered = await self._service.answer(tx, self._watch, until)

    async def _prune(self) -> None:
        self._pruned_at = self._clock.monotonic()
        gone = BATCH
        while gone == BATCH:
            async with self._db.transaction() as tx:
                gone = await self._service.prune(tx, self._watch)
            await self._clock.sleep(PAUSE)
