"""Jobs run, fail, are started again, added and taken away."""

import asyncio
from datetime import time

import pytest

from core.clock import SystemClock
from core.db.engine import Database
from core.errors import Unavailable
from jobs.supervisor import Stage
from tests.conftest import ManualClock
from tests.jobs.conftest import AWAY, Make, endless, failing, jobs, told, until, well


async def test_a_loop_that_fails_is_started_again_and_the_trace_is_logged(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor = make()
    work, begun = failing(KeyError("x"), KeyError("x"))
    supervisor.loop("watch.documents", work)
    await supervisor.start()
    await until(lambda: begun[0] == 3)
    (job,) = supervisor.states()
    assert (job.state, job.error_values) == ("running", {"error": "KeyError"})
    assert caplog.text.count("Traceback") == 1


async def test_the_waits_after_failures_grow_to_a_minute(make: Make, clock: ManualClock) -> None:
    supervisor = make()
    work, begun = failing(*[Unavailable("x")] * 12)
    supervisor.loop("watch.documents", work)
    await supervisor.start()
    await until(lambda: begun[0] == 13)
    least = (1 + 2 + 4 + 8 + 16 + 32 + 60 * 6) / 2
    assert least <= clock.elapsed <= 2 * least


async def test_a_job_is_done_at_the_start_on_time_and_when_woken(make: Make) -> None:
    supervisor, done = make(by=SystemClock()), [0]

    async def work() -> None:
        done[0] += 1

    supervisor.every("letters", 0.2, work)
    await supervisor.start()
    await until(lambda: done[0] == 2)
    supervisor.wake("letters")
    await until(lambda: done[0] == 3, 0.15)


async def test_a_job_never_runs_twice_at_a_time(make: Make) -> None:
    supervisor, running, most = make(), [0], [0]

    async def work() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.05)
        running[0] -= 1

    supervisor.every("letters", 0.01, work)
    await supervisor.start()
    await asyncio.sleep(0.3)
    assert most[0] == 1


async def test_a_daily_job_says_when_it_is_due(make: Make) -> None:
    supervisor = make()
    supervisor.daily("digest", time(9, 30), "Europe/Kyiv", well)
    await supervisor.start()
    await until(lambda: supervisor.states()[0].next_run_at is not None)
    due = supervisor.states()[0].next_run_at
    assert due is not None
    assert (due.minute, supervisor.states()[0].state) == (30, "idle")


async def test_two_jobs_of_one_name_are_a_mistake(make: Make) -> None:
    supervisor = make()
    supervisor.off("sync")
    with pytest.raises(ValueError, match="sync"):
        supervisor.off("sync")


async def test_what_spawned_work_raises_is_logged(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise KeyError("details")

    make().spawn("a small thing", work())
    await until(lambda: "details" in caplog.text)
    assert "a small thing failed" in caplog.text


async def test_once_does_one_cycle_of_every_job_and_says_how_it_went(make: Make, sqlite_db: Database) -> None:
    supervisor, done = make(), list[str]()

    async def scan() -> None:
        done.append("scan")

    async def broken() -> None:
        raise Unavailable(AWAY, name="x")

    async def deliver() -> None:
        done.append("deliver")

    supervisor.loop("courier", failing()[0], stage=Stage.DELIVERY, once=deliver)
    supervisor.loop("watch.documents", failing()[0], once=scan)
    supervisor.loop("chat", failing()[0])
    supervisor.every("mailbox.contractor", 60, broken, topic="requests")
    supervisor.off("sync")
    assert await supervisor.run_once() == {"watch.documents": None, "mailbox.contractor": AWAY, "courier": None}
    assert done == ["scan", "deliver"]
    assert await told(sqlite_db) == [("mailbox.contractor", "down")]
    assert await supervisor.run_once(["watch.documents"]) == {"watch.documents": None}


async def test_a_job_added_to_a_running_supervisor_begins(make: Make) -> None:
    supervisor = make()
    await supervisor.start()
    began = asyncio.Event()

    async def work() -> None:
        began.set()
        await asyncio.Event().wait()

    supervisor.loop("late", work)
    await asyncio.wait_for(began.wait(), 2)


async def test_a_scheduled_job_added_to_a_running_supervisor_runs_and_is_due_again(make: Make) -> None:
    supervisor = make()
    await supervisor.start()
    ran = asyncio.Event()

    async def work() -> None:
        ran.set()

    supervisor.every("late", 60, work)
    await asyncio.wait_for(ran.wait(), 2)
    await until(lambda: supervisor.states()[0].next_run_at is not None)


async def test_a_removed_job_ends_and_is_forgotten_while_others_go_on(make: Make, sqlite_db: Database) -> None:
    supervisor = make()
    ended: list[str] = []
    supervisor.loop("one", endless(ended, "one"))
    supervisor.loop("two", endless(ended, "two"))
    await supervisor.start()
    await until(lambda: all(state.state == "running" for state in supervisor.states()))
    await supervisor.remove("one")
    assert ended == ["one"]
    assert [state.name for state in supervisor.states()] == ["two"]

    async def only_two() -> bool:
        return list(await jobs(sqlite_db)) == ["two"]

    await until(only_two)
    await supervisor.remove("nobody")


async def test_a_restarted_job_begins_anew_also_after_a_failure(make: Make) -> None:
    supervisor = make()
    began: list[int] = []

    async def work() -> None:
        began.append(len(began))
        if len(began) == 1:
            await asyncio.Event().wait()

    supervisor.loop("one", work)
    await supervisor.start()
    await until(lambda: len(began) == 1)
    await supervisor.restart("one")
    await until(lambda: len(began) == 2)
