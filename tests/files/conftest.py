"""What the suites of files share: a service that tells one chat, and a watch over a real folder."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.clock import Clock, SystemClock
from core.db.engine import Database
from core.files import store
from core.files.model import FileEvent, Query, WatchSettings
from core.files.processing_model import ProcessSettings
from core.files.service import FilesService
from jobs.files.watcher import FolderWatch
from tests.conftest import ManualClock
from tests.files.recording import Recorder

if TYPE_CHECKING:
    from tests.files.processing_plant import Make

DUTY = Destination(-1001)


def files_service(clock: Clock) -> FilesService:
    return FilesService(clock, AlertsService(clock, (Route(DUTY, ("files",)),)))


@pytest.fixture
def service(clock: Clock) -> FilesService:
    return files_service(clock)


@pytest.fixture
def record(db: Database, service: FilesService) -> Recorder:
    return Recorder(db, service)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    return folder


class Watching:
    """A watch over a real folder that a test drives by hand or lets run."""

    def __init__(self, db: Database, watch: WatchSettings, clock: Clock | None = None) -> None:
        self.db = db
        self.settings = watch
        clock = clock or SystemClock()
        self.service = files_service(clock)
        self.job = FolderWatch(db, clock, self.service, watch)

    async def history(self) -> list[tuple[str, str]]:
        """Type and path under the root of every event, oldest first."""
        return [(event.event_type, below(event, self.settings)) for event in await self.events()]

    async def events(self) -> list[FileEvent]:
        async with self.db.reading() as connection:
            found = await store.find_events(connection, Query(watch=self.settings.name), limit=100_000)
        return found[::-1]


def below(event: FileEvent, watch: WatchSettings) -> str:
    return Path(event.path).relative_to(watch.path).as_posix()


Watch = Callable[..., Watching]


@pytest.fixture
def watch(sqlite_db: Database, folder: Path) -> Watch:
    def make(*, clock: Clock | None = None, **chosen: object) -> Watching:
        values = {"name": "documents", "path": folder, "backend": "polling", "poll_interval": 0.05, **chosen}
        return Watching(sqlite_db, WatchSettings(**values), clock)  # type: ignore[arg-type]  # a test's own words

    return make


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float = 8.0) -> None:
    """Wait until the condition holds; fail after that many seconds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  what is waited for is in files and rows
            await asyncio.sleep(0.02)


class running:  # noqa: N801  reads as a statement: `async with running(job):`
    """A job's `run()` while the block lasts, stopped and awaited afterwards."""

    def __init__(self, job: FolderWatch) -> None:
        self._job = job

    async def __aenter__(self) -> "asyncio.Task[None]":
        self._job.scanned_at = 0.0
        self.task = asyncio.create_task(self._job.run())
        return self.task

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task], timeout=1)
        assert self.task.done()


@pytest.fixture
def plant(sqlite_db: Database, folder: Path, clock: ManualClock) -> "Make":
    """Makes a process over the folder, with what the test chooses."""
    from tests.files.processing_plant import FINE, Plant

    def make(**chosen: object) -> Plant:
        values = {"name": "convert", "watch": ("documents",), "settle_seconds": 0.0, "command": FINE, **chosen}
        return Plant(sqlite_db, folder, clock, ProcessSettings(**values))  # type: ignore[arg-type]  # a test's own words

    return make
