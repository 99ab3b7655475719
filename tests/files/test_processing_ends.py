"""How a command ends: in time, with everything it has started, at a stop and after a crash.

A command that sleeps here only waits to be ended.
"""

import asyncio
import resource
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from core.clock import SystemClock
from core.db.engine import Database
from core.files.processing_model import OUTPUT_KEPT, ProcessSettings
from jobs.files.runner import Tail
from tests.files.conftest import eventually
from tests.files.processing_plant import FINE, Make, Plant, is_alive, script


async def test_time_over_ends_the_whole_tree_and_what_has_left_it(plant: Make, tmp_path: Path) -> None:
    said = tmp_path / "pids"
    code = f"""
import subprocess
said = {str(said)!r}
open(said, "w").close()
child = "import os, sys, time; open(sys.argv[1], 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
subprocess.Popen([sys.executable, "-I", "-S", "-c", child, said])
subprocess.Popen([sys.executable, "-I", "-S", "-c", child, said], start_new_session=True, stdout=subprocess.DEVNULL)
while open(said).read().count(" ") < 2:
    time.sleep(0.01)
print("both are there", flush=True)
time.sleep(60)
"""
    it = plant(command=script(code), watch=(), every=3600.0, timeout=1.5)
    await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.reason, run.output) == ("failed", "timeout", "both are there\n")
    assert not [pid for pid in said.read_text().split() if is_alive(int(pid))]


async def test_what_a_command_leaves_behind_ends_with_it(plant: Make) -> None:
    code = "import subprocess\nprint(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    it = plant(command=script(code), watch=(), every=3600.0)
    await it.job.once()
    [run] = await it.runs()
    assert run.state == "done"
    await eventually(lambda: _dead(int(run.output)))


async def _dead(pid: int) -> bool:
    return not is_alive(pid)


async def test_a_flood_of_output_is_bounded_and_its_end_kept(plant: Make) -> None:
    code = "for n in range(100): sys.stdout.buffer.write(b'x' * 2**20)\nprint('the end')"
    it = plant(command=script(code), watch=(), every=3600.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await it.job.once()
    [run] = await it.runs()
    assert run.output_size == 100 * 2**20 + len("the end\n")
    assert len(run.output) == OUTPUT_KEPT
    assert run.output.endswith("x" + "the end\n")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000  # kB


def test_output_is_read_whatever_it_holds() -> None:
    tail = Tail(limit=8)
    tail.add("ж".encode() * 100 + b"\xff\0ok")
    assert tail.text() == "жж\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}ok"


async def test_a_stop_ends_what_runs_in_time_and_queues_it_again(plant: Make) -> None:
    stubborn = script("import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)")
    it = plant(command=stubborn, watch=(), every=3600.0)
    await it.job._cycle()
    await eventually(lambda: _begun(it))
    began = asyncio.get_running_loop().time()
    assert await it.job.drain(1.0)
    assert asyncio.get_running_loop().time() - began < 1.5
    assert [(run.state, run.reason) for run in await it.runs()] == [("interrupted", "stop"), ("queued", "")]


async def _begun(it: Plant) -> bool:
    active = next(iter(it.job._active.values()), None)
    return active is not None and active.command is not None and active.command._transport is not None


@pytest.mark.crash
@pytest.mark.timeout(60)
async def test_killed_in_the_middle_it_is_ended_and_run_again_once(
    sqlite_url: str, folder: Path, tmp_path: Path
) -> None:
    said = tmp_path / "pids"
    db = Database(sqlite_url)
    process = ProcessSettings("slow", watch=("documents",), settle_seconds=0.0, command=FINE)
    it = Plant(db, folder, SystemClock(), process)
    await it.begin()
    await it.write("a.txt")
    for crash in range(2):
        assistant = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.files.processing_plant", sqlite_url, str(folder), str(said)
        )
        await eventually(lambda n=crash: _said(said, n + 1), seconds=20)  # type: ignore[misc]
        assistant.kill()
        await assistant.wait()
        assert is_alive(int(said.read_text().split()[crash]))
    await it.assistant(process).once()
    assert not [pid for pid in said.read_text().split() if is_alive(int(pid))]
    assert [(run.state, run.reason, run.crashes) for run in await it.runs()] == [
        ("interrupted", "crash", 0),
        ("interrupted", "crash", 1),
    ]
    async with db.reading() as connection:
        told = (await connection.execute(text("SELECT kind FROM notices WHERE kind = 'process'"))).all()
    await db.close()
    assert len(told) == 1


async def _said(path: Path, n: int) -> bool:
    return path.exists() and len(path.read_text().split()) >= n
