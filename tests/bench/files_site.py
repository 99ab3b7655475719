"""A folder that is watched for a measure, here or by a process of its own, and the changes in it."""

import asyncio
import json
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.alerts.service import AlertsService
from core.clock import SystemClock
from core.db.engine import Database
from core.db.migrations import upgrade
from core.files.model import Backend, WatchSettings
from core.files.service import FilesService
from jobs.files.watcher import FolderWatch

MEMORY: Final = Path("/dev/shm")
REPOSITORY: Final = Path(__file__).resolve().parents[2]
QUIET: Final = 2.5
"""Seconds without a new row, after which nothing more is to come: drafts and new folders are looked at again sooner."""


@dataclass
class Site:
    """A folder to be watched and the database its history goes to."""

    folder: Path
    database: Path

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.database}"

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a bystander reads."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def present(self) -> dict[str, int]:
        """The files that are there, with their sizes."""
        return {str(path): path.stat().st_size for path in self.folder.rglob("*") if path.is_file()}

    def recorded(self) -> tuple[set[str], int]:
        """The files that are there by the history alone, and how many were created or moved in twice."""
        alive: set[str] = set()
        twice = 0
        for kind, path, details in self.rows("SELECT event_type, path, details FROM file_events ORDER BY id"):
            if kind == "deleted":
                alive.discard(path)
                continue
            if kind == "moved":
                alive.discard(details.partition("old_path=")[2].partition("; ")[0])
            twice += path in alive and kind == "created"
            alive.add(path)
        return alive, twice

    def lost(self) -> int:
        """Files whose last state, or whose being there at all, the snapshot or the history does not know."""
        present = self.present()
        alive, _ = self.recorded()
        folder = str(self.folder) + "/"
        known = {
            folder + (f"{at}/" if at else "") + name: size
            for at, name, size in self.rows("SELECT folder, name, size FROM file_states")
        }
        return len(present.items() ^ known.items()) + len(present.keys() ^ alive)


@contextmanager
def a_site(*, in_memory: bool = True) -> Iterator[Site]:
    """A new one, with its tables."""
    trees = MEMORY if in_memory and MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=trees) as tree, tempfile.TemporaryDirectory() as disk:
        yield Site(Path(tree), Path(disk) / "bench.db")


@asynccontextmanager
async def watched(site: Site, backend: Backend, **chosen: Any) -> AsyncIterator[FolderWatch]:
    """A watch over the site, opened for one pass or more."""
    db = Database(site.url)
    await upgrade(db)
    clock = SystemClock()
    settings = WatchSettings("documents", site.folder, backend=backend, emit_on_start=True, **chosen)
    try:
        yield FolderWatch(db, clock, FilesService(clock, AlertsService(clock, ())), settings)
    finally:
        await db.close()


@asynccontextmanager
async def running(job: FolderWatch) -> AsyncIterator[None]:
    """The watch at work, from its first complete look on."""
    job.scanned_at = 0.0
    task = asyncio.create_task(job.run())
    while not job.scanned_at:  # noqa: ASYNC110  only a number says it
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def make(kind: str, site: Site, *numbers: int) -> float:
    """Changes, made by another process; when they began (seconds since the epoch)."""
    arguments = ("-m", "tests.bench.storms", kind, str(site.folder), *map(str, numbers))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return float(json.loads(output)["began"])


async def quiet(site: Site) -> tuple[int, float]:
    """Wait until no more rows come; how many there are, and since when (seconds since the epoch)."""
    last, since = -1, time.time()
    while time.time() - since < QUIET:
        ((newest,),) = await asyncio.to_thread(site.rows, "SELECT max(id) FROM file_events")
        if newest != last:
            last, since = newest, time.time()
        await asyncio.sleep(0.02)
    ((n,),) = site.rows("SELECT count(*) FROM file_events")
    return n, since


@asynccontextmanager
async def a_process(site: Site, backend: Backend) -> AsyncIterator[asyncio.subprocess.Process]:
    """A watch in a process of its own, at work, killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.files.crashing", site.url, str(site.folder), backend),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        await process.wait()


async def armed(site: Site) -> None:
    """Wait until a change is seen."""
    (site.folder / "armed").touch()
    while not site.rows("SELECT 1 FROM file_events WHERE path LIKE '%/armed'"):  # noqa: ASYNC110  another process does it
        await asyncio.sleep(0.05)


async def first_look(site: Site) -> None:
    """One pass over the site, so that what comes then is a change."""
    async with watched(site, "watchfiles") as job:
        await job.once()
