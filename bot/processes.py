"""The job of processing: it comes and goes, and changes, with the configuration."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from bot.reload import Change, Difference
from bot.services import Services
from core.clock import Clock
from core.files.processing_model import ProcessSettings
from jobs.files.processing import Processing
from jobs.supervisor import Supervisor

JOB: Final = "processing"


class Processes:
    """What is done with changed files, and on a schedule, on this host."""

    def __init__(self, services: Services, supervisor: Supervisor, clock: Clock, host: str) -> None:
        self._supervisor = supervisor
        self._configured: dict[str, ProcessSettings] = {}
        self._job = Processing(
            services.db,
            clock,
            services.processing,
            (),
            host=host,
            spawn=supervisor.spawn,
            beat=partial(supervisor.beat, JOB),
        )

    def begin(self, processes: Sequence[ProcessSettings]) -> None:
        """Process from the start, or be off."""
        self._configured = {process.name: process for process in processes}
        self._job.configure(processes)
        if processes:
            self._loop()
        else:
            self._supervisor.off(JOB)
            self._supervisor.spawn("processing: nothing", self._job.forget())

    async def apply(self, processes: Sequence[ProcessSettings]) -> list[Change]:
        """Go on with these processes; what was started, stopped and changed. What runs goes on to its end."""
        wanted = {process.name: process for process in processes}
        found = Difference.between(self._configured, wanted)
        if not self._configured and wanted:
            await self._supervisor.remove(JOB)  # it said that there is nothing to do
            self._loop()
        self._configured = wanted
        self._job.configure(processes)
        return found.changes("process")

    def _loop(self) -> None:
        """It begins to end with the intake: what it runs may take its time to end."""
        self._supervisor.loop(JOB, self._job.run, once=self._job.once, drain=self._job.drain, topic="files")
