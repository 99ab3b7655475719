"""A watch that is killed in the middle of a storm of writes, again and again."""

import asyncio
import random
import sys
import threading
from pathlib import Path

import pytest

from core.db.engine import Database
from core.files import store
from core.files.model import WatchSettings
from tests.files.conftest import Watching, below, eventually

ROUNDS = 4
MOST = 4000
AFTERWARDS = 100
REPOSITORY = Path(__file__).resolve().parents[2]


def storm(folder: Path, round_: int, present: set[str], killed: threading.Event) -> None:
    """Create and delete until a little after the watch is killed. A name is used once: `created` twice is a fault."""
    rng = random.Random(round_)
    names: list[str] = []
    left = AFTERWARDS
    for n in range(MOST):
        left -= killed.is_set()
        if left < 0:
            break
        name = f"d{n % 7}/{round_}-{n}"
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x" * rng.randrange(1, 50))
        names.append(name)
        if n % 5 == 0:
            (folder / names.pop(rng.randrange(len(names)))).unlink()
    present.update(names)


@pytest.mark.crash
@pytest.mark.timeout(60)
@pytest.mark.parametrize("backend", ["polling", "watchfiles"])
async def test_killed_in_a_storm_nothing_is_lost_and_nothing_recorded_twice(
    sqlite_url: str, folder: Path, backend: str
) -> None:
    rng = random.Random(7)
    present: set[str] = set()
    db = Database(sqlite_url)
    it = Watching(db, WatchSettings("documents", folder, backend="polling"))
    await it.job.once()
    for round_ in range(ROUNDS):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.files.crashing",
            sqlite_url,
            str(folder),
            backend,
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        killed = threading.Event()
        writing = asyncio.to_thread(storm, folder, round_, present, killed)
        killing = kill_while_recording(process, it, killed, rng.uniform(0, 0.3))
        await asyncio.gather(writing, killing)
    await Watching(db, it.settings).job.once()
    created: list[str] = []
    alive: set[str] = set()
    for event in await it.events():
        name = below(event, it.settings)
        if event.event_type == "created":
            created.append(name)
            alive.add(name)
        elif event.event_type == "deleted":
            alive.remove(name)
    await db.close()
    assert len(created) == len(set(created))
    assert alive == present


async def kill_while_recording(
    process: asyncio.subprocess.Process, it: Watching, killed: threading.Event, seconds: float
) -> None:
    """Kill the watch so long after it began to record this round's files."""
    before = await last_id(it)

    async def records() -> bool:
        return await last_id(it) > before

    try:
        await eventually(records, seconds=20)
        await asyncio.sleep(seconds)
    finally:
        process.kill()
        await process.wait()
        killed.set()


async def last_id(it: Watching) -> int:
    async with it.db.reading() as connection:
        return await store.last_event_id(connection)
