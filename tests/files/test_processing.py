"""The queue and its runs: real commands over a real folder, on both databases where rows matter."""

import asyncio
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from core.clock import SystemClock
from core.db.engine import Database
from core.files import processing_store as store
from core.files.processing_model import OUTPUT_KEPT, ProcessSettings
from jobs.files.processing import Processing
from jobs.files.runner import Tail
from tests.conftest import ManualClock
from tests.files.conftest import eventually
from tests.files.processing_plant import OKSANA, Plant, script

Make = Callable[..., Plant]
SHOW = script("for path in (sys.argv[1], os.environ['VAKHTA_PATH']): print(os.fsencode(path).hex(), end=' ')\nprint()")
FINE = script("")


@pytest.fixture
def plant(sqlite_db: Database, folder: Path, clock: ManualClock) -> Make:
    def make(**chosen: object) -> Plant:
        values = {"name": "convert", "watch": ("documents",), "settle_seconds": 0.0, "command": FINE, **chosen}
        return Plant(sqlite_db, folder, clock, ProcessSettings(**values))  # type: ignore[arg-type]  # a test's own words

    return make


# --- from the history to the queue


async def test_each_changed_file_is_processed_once(db: Database, folder: Path, clock: ManualClock) -> None:
    process = ProcessSettings(
        "x", watch=("documents",), patterns=("*.txt",), settle_seconds=0, command=(*SHOW, "{path}")
    )
    plant = Plant(db, folder, clock, process)
    await plant.write("old.txt")
    await plant.begin()
    await plant.write("a.txt", "b.txt", "c.pdf")
    await plant.job.once()
    await plant.assistant(process).once()
    assert {(Path(run.path).name, run.state, run.output) for run in await plant.runs()} == {
        (name, "done", f"{os.fsencode(folder / name).hex()} " * 2 + "\n") for name in ("a.txt", "b.txt")
    }


async def test_changes_found_after_a_time_off_are_processed(plant: Make) -> None:
    it = plant()
    await it.begin()
    await it.write("a.txt")
    await it.assistant(ProcessSettings("convert", watch=("documents",), settle_seconds=0, command=FINE)).once()
    assert await it.states() == ["done"]


async def test_files_of_another_host_are_its_own_affair(plant: Make) -> None:
    it = plant()
    other = Processing(it.db, it.clock, it.service, list(it.job._plan.settings.values()), host="other", spawn=it.spawn)
    await it.begin()
    await other.once()
    await it.write("a.txt")
    await other.once()
    await it.job.once()
    async with it.db.reading() as connection:
        queued = {each.process.host: each.queued for each in await it.service.overview(connection)}
        ended = {each.process.host: each.last is not None for each in await it.service.overview(connection)}
    assert queued == {"": 0, "other": 0}
    assert ended == {"": True, "other": False}


async def test_more_events_than_fit_one_look_are_all_queued(plant: Make) -> None:
    it = plant(patterns=("*7.txt",))
    await it.begin()
    await it.write(*(f"{n}.txt" for n in range(1200)))
    while await it.job._follow(it.job._plan):
        pass
    assert len(await it.runs()) == 120


async def test_several_changes_within_the_pause_are_one_run_with_the_latest(plant: Make, clock: ManualClock) -> None:
    it = plant(settle_seconds=30.0)
    await it.begin()
    await it.write("a.txt")
    await it.job._cycle()
    clock.advance(seconds=20)
    await it.write("a.txt")
    await it.job._cycle()
    clock.advance(seconds=20)
    await it.job._cycle()
    assert await it.states() == ["queued"]
    await it.job.once()
    assert [(run.state, run.event) for run in await it.runs()] == [("done", "modified")]


async def test_a_file_still_being_written_is_waited_for(plant: Make, clock: ManualClock) -> None:
    it = plant(settle_seconds=30.0)
    await it.begin()
    await it.write("a.txt")
    clock.advance(seconds=40)
    changed = clock.now().timestamp() - 10  # and nobody has noticed yet
    os.utime(it.folder / "a.txt", (changed, changed))
    await it.job._cycle()
    await eventually(lambda: _idle(it))
    [run] = await it.runs()
    assert (run.state, run.attempts, round((run.due_at - clock.now()).total_seconds())) == ("queued", 0, 20)
    await it.job.once()
    assert await it.states() == ["done"]


async def _idle(it: Plant) -> bool:
    return not it.tasks


async def test_a_file_gone_meanwhile_is_skipped_and_said_so(plant: Make) -> None:
    it = plant()
    await it.begin()
    await it.write("a.txt")
    (it.folder / "a.txt").unlink()
    await it.watching.job.once()
    await it.job.once()
    assert [(run.state, run.reason) for run in await it.runs()] == [("skipped", "gone")]


async def test_a_file_in_a_folder_that_is_away_is_waited_for(plant: Make, tmp_path: Path) -> None:
    it = plant()
    await it.begin()
    await it.write("a.txt")
    it.folder.rename(tmp_path / "elsewhere")
    await it.job._cycle()
    await eventually(lambda: _idle(it))
    assert await it.states() == ["queued"]
    (tmp_path / "elsewhere").rename(it.folder)
    it.clock.advance(seconds=6)  # type: ignore[attr-defined]  # a ManualClock
    await it.job.once()
    assert await it.states() == ["done"]


async def test_a_deleted_file_is_processed_where_that_is_asked_for(plant: Make) -> None:
    it = plant(on=("deleted",), command=script("print(os.environ['VAKHTA_EVENT'])"))
    await it.write("a.txt")
    await it.begin()
    (it.folder / "a.txt").unlink()
    await it.watching.job.once()
    await it.job.once()
    assert [(run.state, run.output) for run in await it.runs()] == [("done", "deleted\n")]


async def test_a_waiting_run_follows_a_renamed_file(plant: Make) -> None:
    it = plant(on=("created",), settle_seconds=60.0)
    await it.begin()
    await it.write("a.txt")
    await it.job._cycle()
    (it.folder / "a.txt").rename(it.folder / "b.txt")
    await it.watching.job.once()
    await it.job.once()
    assert [(Path(run.path).name, run.state) for run in await it.runs()] == [("b.txt", "done")]


# --- what a command is given


@pytest.mark.parametrize(
    "name",
    [b"-rf", b"a b", b"'\"$(touch x);`", b"new\nline", b"\xff\xfe.txt", b"100%25\xff%FE", "Договір №7.docx".encode()],
)
async def test_any_name_arrives_byte_by_byte(name: bytes, plant: Make) -> None:
    it = plant(command=(*SHOW, "{path}"))
    await it.begin()
    path = it.folder / os.fsdecode(name)
    path.touch()
    await it.watching.job.once()
    await it.job.once()
    assert [run.output.split() for run in await it.runs()] == [[os.fsencode(path).hex()] * 2]


async def test_two_files_shown_by_one_name_are_not_guessed_between(plant: Make) -> None:
    it = plant(command=(*SHOW, "{path}"))
    await it.begin()
    for name in (b"a%FF", b"a\xff"):
        (it.folder / os.fsdecode(name)).touch()
    await it.watching.job.once()
    await it.job.once()
    assert {(run.state, run.reason) for run in await it.runs()} == {("failed", "ambiguous")}


async def test_a_function_is_called_with_the_file_or_none_and_why(plant: Make, tmp_path: Path) -> None:
    (tmp_path / "convert.py").write_text("class Tools:\n    @staticmethod\n    def go(*told): print(told)\n")
    it = plant(command=(), entry="convert:Tools.go", working_directory=tmp_path, every=3600.0)
    await it.begin()
    await it.write("a.txt")
    await it.job.once()
    assert [run.output for run in await it.runs()] == [
        "(None, 'scheduled')\n",
        f"('{it.folder}/a.txt', 'file_change')\n",
    ]


async def test_an_exception_of_a_function_is_a_failure_with_its_trace(plant: Make, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def go(path, trigger): raise KeyError('nothing there')\n")
    it = plant(command=(), entry="broken:go", working_directory=tmp_path, watch=(), every=3600.0)
    await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.exit_code) == ("failed", 1)
    assert "KeyError: 'nothing there'" in run.output


async def test_a_command_that_is_not_there_is_said_so(plant: Make) -> None:
    it = plant(command=("/nowhere/at/all",), watch=(), every=3600.0)
    await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.reason) == ("failed", "start")
    assert "/nowhere/at/all" in run.output


async def test_a_command_that_is_a_file_with_an_odd_name_fails_in_words(plant: Make) -> None:
    it = plant(command=("{path}",))
    await it.begin()
    (it.folder / os.fsdecode(b"\xff")).touch(mode=0o600)
    await it.watching.job.once()
    await it.job.once()
    assert [(run.state, run.reason, "Permission denied" in run.output) for run in await it.runs()] == [
        ("failed", "start", True)
    ]


# --- its end


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


def is_alive(pid: int) -> bool:
    """Whether it runs: one that is dead and not yet waited for by whoever adopts orphans does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


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


async def test_named_exit_codes_are_tried_again_later(plant: Make, clock: ManualClock, tmp_path: Path) -> None:
    tries = str(tmp_path / "tries")
    code = f"open({tries!r}, 'a').write('x')\nsys.exit(0 if os.path.getsize({tries!r}) > 2 else 75)"
    it = plant(command=script(code))
    await it.begin()
    await it.write("a.txt")
    await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.attempts, (run.due_at - clock.now()).total_seconds() > 9) == ("queued", 1, True)
    for _ in range(2):
        clock.advance(seconds=60)
        await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.attempts) == ("done", 3)


async def test_a_process_never_runs_twice_at_a_time_not_even_in_two_assistants(plant: Make, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    code = f"os.close(os.open({str(lock)!r}, os.O_CREAT | os.O_EXCL)); time.sleep(0.05); os.unlink({str(lock)!r})"
    settings = {"name": "convert", "watch": ("documents",), "settle_seconds": 0.0, "command": script(code)}
    it = plant(**settings)
    await it.begin()
    await it.write("a.txt", "b.txt", "c.txt", "d.txt")
    other = it.assistant(ProcessSettings(**settings))  # type: ignore[arg-type]  # as above
    await asyncio.gather(it.job.once(), other.once())
    await it.job.once()
    assert await it.states() == ["done"] * 4


async def test_a_change_while_its_file_is_processed_is_processed_afterwards(plant: Make) -> None:
    it = plant(command=script("time.sleep(0.2)"))
    await it.begin()
    await it.write("a.txt")
    await it.job._cycle()
    await it.write("a.txt")
    await it.job.once()
    assert [(run.state, run.event) for run in await it.runs()] == [("done", "created"), ("done", "modified")]


# --- the clock


async def test_every_so_often_is_at_once_and_then_each_time(plant: Make, clock: ManualClock) -> None:
    it = plant(watch=(), every=7200.0)
    await it.job.once()
    clock.advance(hours=1.9)
    await it.job.once()
    assert await it.states() == ["done"]
    clock.advance(hours=0.2)
    await it.job.once()
    assert await it.states() == ["done"] * 2


async def test_missed_moments_count_once_and_the_beat_is_kept(plant: Make, clock: ManualClock) -> None:
    it = plant(watch=(), every=7200.0)
    await it.job.once()
    clock.advance(hours=9)
    await it.assistant(ProcessSettings("convert", every=7200.0, command=FINE)).once()
    assert await it.states() == ["done"] * 2
    process = await it.process()
    assert process.next_at is not None
    assert round((process.next_at - clock.start).total_seconds() / 3600) == 10


async def test_a_cron_line_is_due_by_the_clock_of_its_zone(plant: Make, clock: ManualClock) -> None:
    it = plant(watch=(), cron="0 15 * * *", timezone="Europe/Kyiv")  # 13:00 UTC; it is noon now
    await it.job.once()
    assert await it.states() == []
    clock.advance(minutes=59)
    await it.job.once()
    assert await it.states() == []
    clock.advance(minutes=2)
    await it.job.once()
    assert await it.states() == ["done"]


async def test_a_paused_process_keeps_what_it_has_to_do(plant: Make, clock: ManualClock) -> None:
    it = plant(every=3600.0)
    await it.begin()
    process = await it.process()
    async with it.db.transaction() as tx:
        await it.service.pause(tx, process.id, OKSANA, paused=True)
    await it.write("a.txt")
    clock.advance(hours=5)
    await it.job.once()
    assert await it.states() == ["done", "queued"]
    async with it.db.transaction() as tx:
        await it.service.run_now(tx, process.id, OKSANA)
    await it.job.once()
    assert await it.states() == ["done", "queued", "done"]
    async with it.db.transaction() as tx:
        await it.service.pause(tx, process.id, OKSANA, paused=False)
    await it.job.once()
    assert await it.states() == ["done"] * 4


async def test_what_a_person_asks_for_comes_before_what_waits(plant: Make) -> None:
    it = plant()
    await it.begin()
    await it.write("a.txt")
    await it.job.once()
    [first] = await it.runs()
    await it.write("b.txt", "c.txt")
    await it.job._follow(it.job._plan)
    async with it.db.transaction() as tx:
        await it.service.run_again(tx, first.id, OKSANA)
        await it.service.run_again(tx, first.id, OKSANA)  # pressed twice
    await it.job._cycle()
    assert [active.run.asked_by for active in it.job._active.values()] == ["Oksana"]
    await it.job.once()
    assert await it.states() == ["done"] * 4


# --- restarts


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


# --- telling and keeping house


async def test_failures_in_a_row_are_one_message_and_the_end_of_them_another(plant: Make, clock: ManualClock) -> None:
    code = "sys.exit('bad' in sys.argv[1])"
    it = plant(command=(*script(code), "{path}"))
    await it.begin()
    for n in range(5):
        await it.write(f"bad {n}.txt")
        await it.job.once()
        clock.advance(seconds=10)
    await it.write("fine.txt")
    await it.job.once()
    async with it.db.reading() as connection:
        rows = (await connection.execute(text("SELECT kind, subject, mode FROM notices ORDER BY id"))).all()
    told = [tuple(row) for row in rows if row.kind.startswith("process")]
    assert len({subject for kind, subject, _ in told if kind == "process"}) == 1
    assert [mode for kind, _, mode in told if kind == "process_ok"] == ["new"]
    process = await it.process()
    assert (process.failures, process.failing_since) == (5, None)


async def test_old_runs_are_forgotten_and_waiting_ones_kept(plant: Make, clock: ManualClock) -> None:
    it = plant()
    await it.begin()
    await it.write("a.txt", "b.txt", "c.txt")
    await it.job.once()
    process, newest = await it.process(), (await it.runs())[-1]
    async with it.db.transaction() as tx:
        assert await store.prune(tx, process.id, 1, clock.start, 1000) == 2
    assert await it.runs() == [newest]
    await it.write("d.txt")
    await it.job._follow(it.job._plan)
    clock.advance(days=91)
    async with it.db.transaction() as tx:
        assert await it.service.prune(tx, "") == 1
    assert await it.states() == ["queued"]


async def test_one_that_is_configured_no_more_keeps_its_history_and_begins_anew(plant: Make) -> None:
    it = plant()
    await it.begin()
    await it.write("a.txt")
    await it.job.once()
    await it.assistant().forget()
    async with it.db.reading() as connection:
        assert await it.service.overview(connection) == []
    await it.write("b.txt")
    it.job.configure([ProcessSettings("convert", watch=("documents",), settle_seconds=0, command=FINE)])
    await it.job.once()
    assert [Path(run.path).name for run in await it.runs()] == ["a.txt"]
