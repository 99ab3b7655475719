"""The queue and its runs: real commands over a real folder, on both databases where rows matter."""

import asyncio
import os
from pathlib import Path

from sqlalchemy import text

from core.db.engine import Database
from core.files import processing_store as store
from core.files.processing_model import ProcessSettings
from jobs.files.processing import Processing
from tests.conftest import ManualClock
from tests.files.conftest import eventually
from tests.files.processing_plant import FINE, OKSANA, SHOW, Make, Plant, idle, script


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
    await eventually(lambda: idle(it))
    [run] = await it.runs()
    assert (run.state, run.attempts, round((run.due_at - clock.now()).total_seconds())) == ("queued", 0, 20)
    await it.job.once()
    assert await it.states() == ["done"]


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
    await eventually(lambda: idle(it))
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
