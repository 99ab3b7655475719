"""Keeping the history at its agreed length, in pieces that never hold up a writer for long."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Final

from core.clock import Clock
from core.db.engine import Database
from core.files.service import BATCH, FilesService
from jobs.threads import in_thread

log = logging.getLogger(__name__)

PAUSE: Final = 0.05
"""Seconds between pieces, in which others write."""


class Maintenance:
    """Deletes events older than `retention_days` (None: none) every `interval` seconds, `batch_size` at a time.

    A vacuum gives SQLite's free pages back; nobody writes while it lasts, so it is off unless asked for.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        service: FilesService,
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
        while True:
            self._beat()
            await self._clock.sleep(self._interval)
            await self.once()

    async def once(self) -> None:
        """One cycle: `prune`, and a vacuum if that is asked for."""
        await self.prune()
        if self._vacuum_on_maintenance:
            await self._vacuum()

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
        path = self._db.path
        if path is None:
            return  # PostgreSQL sees to it by itself

        def vacuum() -> None:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("VACUUM")

        try:
            await in_thread("maintenance", vacuum)
        except sqlite3.Error as error:
            log.warning("the database was not vacuumed: %s", error)
