"""The copy of each night: made in a thread, verified, the last seven kept; a failure is told once."""

import logging
from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import Final

from core.clock import Clock
from core.db import backup
from core.db.engine import Database
from core.errors import StorageUnavailable
from core.health.runs import RunsService
from jobs.threads import in_thread

log = logging.getLogger(__name__)

AT: Final = time(3, 30)
"""When, on the clock of the configured zone."""
AGAIN_AFTER: Final = 3600.0
"""Seconds after a failure until the next try."""


class NightlyBackup:
    """Copies the database at `path`. `waits` says in the job's state what a person has to do."""

    def __init__(self, db: Database, path: Path, clock: Clock, runs: RunsService, waits: Callable[..., None]) -> None:
        self._db = db
        self._path = path
        self._clock = clock
        self._runs = runs
        self._waits = waits

    async def once(self) -> None:
        """Copy now. Raises `StorageUnavailable`, an hour after it was told."""
        try:
            target = backup.nightly_path(self._path, self._clock.now())
            await in_thread("backup", partial(self._copy, target))
        except StorageUnavailable as error:
            log.warning("no copy of the database was made: %s", error)
            self._waits(error.message, **error.values)
            async with self._db.transaction() as tx:
                await self._runs.tell_no_backup(tx, error, last_backup(self._path))
            await self._clock.sleep(AGAIN_AFTER)
            raise
        log.info("a verified copy of the database is at %s", target)

    def _copy(self, target: Path) -> None:
        try:
            target.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise StorageUnavailable("The database could not be copied: {reason}.", reason=error) from error
        backup.copy_database(self._path, target)
        backup.keep_last(self._path)


def last_backup(database: Path) -> datetime | None:
    """When the newest copy of a night was made, as its name says; None when there is none."""
    return next((at for path in backup.nights(database) if (at := backup.night_of(path)) is not None), None)
