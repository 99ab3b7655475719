"""Checksums, off the hot path: a file is read once it has settled, and its event's row filled in."""

import asyncio
import hashlib
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.clock import Clock
from core.db.engine import Database
from core.files.model import PendingChecksum, WatchSettings
from core.files.naming import full_path
from core.files.rules import SETTLED
from core.files.service import FilesService
from jobs.files.scanner import RootAway, Stopped, identify, reachable
from jobs.threads import begin_in_thread, in_thread

log = logging.getLogger(__name__)

AT_ONCE: Final = 20
EVERY: Final = 1.0
"""Files read for one transaction; seconds between looks at an empty queue."""

RETRY: Final = timedelta(seconds=30)
PATIENCE: Final = timedelta(days=1)
"""A file that its editor holds closed to others is tried again so often, for so long after its last change."""

LARGE: Final = 64 << 20
"""Bytes: a file of that size is read in a thread of its own; it may take minutes from a share."""

_PIECE: Final = 1 << 20


class Unreadable(Exception):
    """The file is there and cannot be read now."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A large file that is being read."""

    pending: Sequence[PendingChecksum]
    found: asyncio.Future[dict[int, str | None]]
    stop: threading.Event


class Checksums:
    """Reads the settled files of one watch: the small ones, and beside them one large one at a time."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        service: FilesService,
        settings: WatchSettings,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self.settings = settings
        self._beat = beat
        self._db = db
        self._clock = clock
        self._service = service
        self._root = os.path.abspath(settings.path)  # noqa: PTH100  as the watch itself does
        self._reading: _Reading | None = None

    async def run(self) -> None:
        """Work off the queue for ever."""
        try:
            while True:
                some = await self._some() + await self._a_large_one()
                self._beat()
                if not some:
                    await self._clock.sleep(EVERY)
        finally:
            self._stop_reading()

    async def once(self) -> None:
        """One cycle: `drain`."""
        await self.drain()

    async def drain(self) -> int:
        """Work off what is due after letting the last changes settle; how many files that were."""
        await self._clock.sleep(SETTLED.total_seconds())
        done = 0
        try:
            while True:
                some = await self._some() + await self._a_large_one()
                done += some
                if self._reading is not None:
                    await asyncio.wait([self._reading.found])
                elif not some:
                    return done
        finally:
            self._stop_reading()

    async def _some(self) -> int:
        pending = await self._due(AT_ONCE, (0, LARGE))
        if not pending:
            return 0
        stop = threading.Event()
        try:
            found = await in_thread("checksums", lambda: self._read_all(pending, stop))
        except RootAway:
            return 0  # the watch says so; the queue waits
        finally:
            stop.set()
        await self._settle(pending, found)
        return len(pending)

    async def _a_large_one(self) -> int:
        """Begin to read a large file, while the small ones go on; how many have been read since."""
        reading = self._reading
        if reading is not None and reading.found.done():
            self._reading = None
            try:
                await self._settle(reading.pending, reading.found.result())
            except RootAway:
                return 0
            return 1
        if reading is None and (pending := await self._due(1, (LARGE, 1 << 62))):
            stop = threading.Event()
            found = begin_in_thread("checksums", lambda: self._read_all(pending, stop))
            self._reading = _Reading(pending, found, stop)
        return 0

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.stop.set()
            self._reading.found.cancel()
            self._reading = None

    async def _due(self, limit: int, sizes: tuple[int, int]) -> list[PendingChecksum]:
        async with self._db.reading() as connection:
            return await self._service.due_checksums(connection, self.settings.name, limit, sizes)

    async def _settle(self, pending: Sequence[PendingChecksum], found: Mapping[int, str | None]) -> None:
        now = self._clock.now()
        later = [each.event_id for each in pending if each.event_id not in found and not _hopeless(each, now)]
        settled = {each.event_id: found.get(each.event_id) for each in pending if each.event_id not in later}
        async with self._db.transaction() as tx:
            await self._service.settle_checksums(tx, settled)
            await self._service.postpone_checksums(tx, later, now + RETRY)

    def _read_all(self, pending: Sequence[PendingChecksum], stop: threading.Event) -> dict[int, str | None]:
        found: dict[int, str | None] = {}
        for each in pending:
            path = reachable(full_path(self._root, each.folder, each.name))
            try:
                found[each.event_id] = checksum(path, each, self.settings.checksum_algorithm, stop)
            except Unreadable as error:
                log.debug("watch %s: no checksum yet: %s", self.settings.name, error)
        identify(self._root)  # with the folder away, every file looks deleted
        return found


def checksum(path: str, expected: PendingChecksum, algorithm: str, stop: threading.Event) -> str | None:
    """The digest of a file that is still as expected when it has been read; None when it has changed or gone.

    Raises `Unreadable`, `Stopped`.
    """
    try:
        if not _is(path, expected):
            return None
        digest = hashlib.new(algorithm, usedforsecurity=False)
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  the name need not be text
            while piece := file.read(_PIECE):
                if stop.is_set():
                    raise Stopped
                digest.update(piece)
        return digest.hexdigest() if _is(path, expected) else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unreadable(str(error)) from error


def _is(path: str, expected: PendingChecksum) -> bool:
    found = os.stat(path)  # noqa: PTH116  the name need not be text
    return (found.st_size, found.st_mtime_ns) == (expected.size, expected.mtime_ns)


def _hopeless(pending: PendingChecksum, now: datetime) -> bool:
    return now - datetime.fromtimestamp(pending.mtime_ns / 1e9, UTC) > PATIENCE
