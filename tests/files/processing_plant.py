"""What the suites of processing share: a folder, its watch, and processes over it. Run, it processes until killed."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.clock import Clock, SystemClock
from core.db.engine import Database
from core.files import processing_store as store
from core.files.model import WatchSettings
from core.files.processing import ProcessingService
from core.files.processing_model import Process, ProcessSettings, Run
from core.people.model import Actor, Reader
from core.people.service import PeopleService
from jobs.files.processing import Processing
from tests.files.conftest import DUTY, Watching

OKSANA = Actor("Oksana", 102, "test")


def script(code: str) -> tuple[str, ...]:
    """A command that runs this Python code; what follows are its arguments."""
    return (sys.executable, "-I", "-S", "-c", "import os, sys, time\n" + code)


SHOW = script("for path in (sys.argv[1], os.environ['VAKHTA_PATH']): print(os.fsencode(path).hex(), end=' ')\nprint()")
FINE = script("")


class Plant:
    """Processes over one folder, driven by hand."""

    def __init__(
        self, db: Database, folder: Path, clock: Clock, *processes: ProcessSettings, routes: bool = True
    ) -> None:
        self.db = db
        self.folder = folder
        self.clock = clock
        self.watching = Watching(db, WatchSettings("documents", folder, backend="polling"), clock)
        alerts = AlertsService(clock, (Route(Destination(DUTY.chat_id), ("files",)),) if routes else ())
        self.service = ProcessingService(clock, PeopleService(clock, (), Reader("en", "UTC")), alerts)
        self.tasks: set[asyncio.Task[None]] = set()
        self.job = self.assistant(*processes)

    def assistant(self, *processes: ProcessSettings) -> Processing:
        """Another assistant over the same database."""
        return Processing(self.db, self.clock, self.service, processes, host="", spawn=self.spawn)

    def spawn(self, _name: str, work: Coroutine[Any, Any, None]) -> None:
        """As the supervisor does."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def begin(self) -> None:
        """The folder is seen for the first time, the processes are known: what comes now is news."""
        await self.watching.job.once()
        await self.job.once()

    async def write(self, *names: str) -> None:
        """Files appear and are noticed."""
        for name in names:
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(f"{name} at {self.clock.now()}")
        await self.watching.job.once()

    async def process(self) -> Process:
        """The first process, as it stands."""
        async with self.db.reading() as connection:
            return (await store.list_processes(connection, ""))[0]

    async def runs(self) -> list[Run]:
        """Every run of every process, oldest first."""
        found: list[Run] = []
        async with self.db.reading() as connection:
            for process in await store.list_processes(connection, ""):
                ended = await store.list_runs(connection, process.id, limit=10_000, offset=0)
                queued = (await store.queued_at(connection, process.id, {""} | await self._paths())).values()
                found += [*ended, *queued]
        return sorted(found, key=lambda run: run.id)

    async def _paths(self) -> set[str]:
        return {event.path for event in await self.watching.events()}

    async def states(self) -> list[str]:
        """The states of all runs, oldest first."""
        return [run.state for run in await self.runs()]


Make = Callable[..., Plant]


async def idle(it: Plant) -> bool:
    return not it.tasks


def is_alive(pid: int) -> bool:
    """Whether it runs: one that is dead and not yet waited for by whoever adopts orphans does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def main(url: str, folder: str, said: str) -> None:
    clock = SystemClock()
    slow = script("open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(60)")
    process = ProcessSettings("slow", watch=("documents",), settle_seconds=0.0, command=(*slow, said))
    plant = Plant(Database(url), Path(folder), clock, process)
    await plant.job.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
