"""Keeping the history at its agreed length and searchable, in pieces that never hold up a writer for long; watching
the room on its disk."""

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Final

from core.clock import Clock
from core.db.engine import Database
from core.files.disk import DiskService, is_low
from core.files.service import BATCH, FilesService
from jobs.threads import in_thread

log = logging.getLogger(__name__)

PAUSE: Final = 0.05
"""Seconds between pieces, in which others write."""

TEND_EVERY: Final = 5.0
DISK_EVERY: Final = 60.0
"""Seconds between looks at what is new to the search index, and at the disk."""

PIECE: Final = 250
"""Paths brought into the search index in one transaction: 10 ms of the writer."""


class Maintenance:
    """Deletes events older than `retention_days` (None: none) every `interval` seconds, `batch_size` at a time; brings
    new paths into the search index within seconds, and tells of a disk that gets full.

    A vacuum gives SQLite's free pages back; nobody writes while it lasts, so it is off unless asked for.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        service: FilesService,
        disk: DiskService | None = None,
        *,
        retention_days: float | None = 365,
        interval: float = 3600.0,
        batch_size: int = 500,
        on_start: bool = False,
        vacuum_on_start: bool = False,
        vacuum_on_maintenance: bool = False,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._service = service
        self._disk = disk
        self._looked_at = float("-inf")
        self._beat = beat
        self._keep = None if retention_days is None else timedelta(days=retention_days)
        self._interval = interval
        self._batch_size = min(batch_size, BATCH) or BATCH
        self._on_start = on_start
        self._vacuum_on_start = vacuum_on_start
        self._vacuum_on_maintenance = vacuum_on_maintenance

    async def run(self) -> None:
        """Maintain for ever, first after one interval unless asked to at the start."""
        if self._vacuum_on_start:
            await self._vacuum()
        if self._on_start:
            await self.once()
        due = self._clock.monotonic() + self._interval
        while True:
            self._beat()
            await self.tend()
            await self._clock.sleep(min(TEND_EVERY, self._interval))
            if self._clock.monotonic() >= due:
                await self.once()
                due = self._clock.monotonic() + self._interval

    async def once(self) -> None:
        """One cycle: `prune`, `tend`, and a vacuum if that is asked for."""
        await self.prune()
        await self.tend()
        if self._vacuum_on_maintenance:
            await self._vacuum()

    async def tend(self) -> None:
        """Bring what is new into the search index and the database file; look at the disk when it is time."""
        async with self._db.reading() as connection:
            behind = await self._service.is_index_behind(connection)
        while behind:
            async with self._db.transaction() as tx:
                behind = await self._service.index(tx, PIECE) == PIECE
            self._beat()
            await self._clock.sleep(PAUSE)
        await self._on_the_file("PRAGMA wal_checkpoint(PASSIVE)")
        if self._clock.monotonic() - self._looked_at >= DISK_EVERY:
            self._looked_at = self._clock.monotonic()
            await self._look_at_disk()

    async def _look_at_disk(self) -> None:
        """SQLite's disk; a PostgreSQL server's is not ours to see."""
        path = self._db.path
        if path is None or self._disk is None:
            return
        try:
            usage = await in_thread("maintenance", lambda: shutil.disk_usage(path.absolute().parent))
        except OSError as error:
            log.warning("the room on the disk of the database is not known: %s", error)
            return
        async with self._db.reading() as connection:
            since = await self._disk.low_since(connection)
        if is_low(usage.free, usage.total, was_low=since is not None) != (since is not None):
            async with self._db.transaction() as tx:
                await self._disk.seen(tx, usage.free, usage.total)

    async def prune(self) -> int:
        """Delete what is too old; how many events that were."""
        gone = 0
        if self._keep is not None:
            before = self._clock.now() - self._keep
            some = self._batch_size
            while some == self._batch_size:
                async with self._db.transaction() as tx:
                    some = await self._service.prune(tx, before, self._batch_size)
                gone += some
                await self._clock.sleep(PAUSE)
        if gone:
            log.info("deleted %d file events that were older than agreed", gone)
        return gone

    async def _vacuum(self) -> None:
        await self._on_the_file("VACUUM")

    async def _on_the_file(self, statement: str) -> None:
        """What SQLite needs now and then; PostgreSQL sees to it by itself."""
        path = self._db.path
        if path is None:
            return

        def execute() -> None:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute(statement)

        try:
            await in_thread("maintenance", execute)
        except sqlite3.Error as error:
            log.warning("the database refused %s: %s", statement, error)
