"""This process among the runs of the assistant: it begins alone, gives signs of life, and says when it ends."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from core.errors import StorageUnavailable
from core.health.model import JobState
from core.health.runs import Begun
from jobs.health.away import tell_caught_up

log = logging.getLogger(__name__)

PARTS: Final = ("chat", "courier", "page", "files", "letters", "reminders")
"""What a run may do, and `run --only` may name."""


class Presence:
    """The run of this process, which does these parts."""

    def __init__(self, services: Services, parts: Sequence[str]) -> None:
        self._services = services
        self._parts = parts
        self._run: Begun | None = None

    @property
    def is_first(self) -> bool:
        """Whether nobody was at work on this database before."""
        return self._run is not None and self._run.id == 1

    async def refuse_second(self) -> None:
        """Raises `SecondCopy` when another process is at work."""
        async with self._services.db.reading() as connection:
            await self._services.runs.refuse_second(connection, self._parts)

    async def begin(self) -> None:
        """Write down that this process is at work. Raises `SecondCopy` when another one is."""
        async with self._services.db.transaction() as tx:
            self._run = await self._services.runs.begin(tx, self._parts)
        for run in self._run.others:
            log.warning("process %d on %s does the same on this database", run.pid, run.host)
        if gap := self._run.gap:
            log.warning("nobody was at work for %.0f s", (gap.until - gap.since).total_seconds())

    async def pulse(self, tx: AsyncConnection) -> None:
        """A sign of life, in a transaction of somebody who writes anyway."""
        if self._run is not None:
            await self._services.runs.seen(tx, self._run.id)

    async def end(self) -> None:
        """The orderly end; when it cannot be written, the next start takes it for an unplanned one."""
        run, self._run = self._run, None
        if run is None:
            return
        try:
            async with self._services.db.transaction() as tx:
                await self._services.runs.end(tx, run.id)
        except (StorageUnavailable, asyncio.CancelledError) as error:
            log.warning("the end was not written down: %s", error or "there was no time")
            if isinstance(error, asyncio.CancelledError):
                raise

    async def tell_of_gap(self, states: Callable[[], Sequence[JobState]]) -> None:
        """After an unplanned stop: tell how long it was, once it is caught up."""
        if self._run is not None and self._run.gap is not None:
            services = self._services
            await tell_caught_up(services.db, services.clock, services.runs, self._run.gap, states)
