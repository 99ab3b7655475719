import asyncio
import time as machine_time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import time

import pytest
from sqlalchemy import select

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.clock import SystemClock
from core.db.engine import Database
from core.errors import AuthFailed, StorageUnavailable, Unavailable
from core.health.model import JobState
from core.health.service import HealthService
from jobs.supervisor import Stage, Supervisor
from tests.conftest import ManualClock

Make = Callable[..., Supervisor]
AWAY = "The mailbox {name} does not answer."


@pytest.fixture
async def made() -> AsyncIterator[list[Supervisor]]:
    """Stops what a test has started."""
    supervisors: list[Supervisor] = []
    yield supervisors
    for supervisor in supervisors:
        await supervisor.stop(1.0)


@pytest.fixture
def make(sqlite_db: Database, clock: ManualClock, made: list[Supervisor]) -> Make:
    def build(db: Database = sqlite_db, host: str = "here") -> Supervisor:
        alerts = AlertsService(clock, (Route(Destination(-1), ("files", "requests")),))
        supervisor = Supervisor(clock, db, HealthService(clock, alerts), host=host)
        made.append(supervisor)
        return supervisor

    return build


async def until(reached: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = machine_time.monotonic() + seconds
    while not reached():
        assert machine_time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


async def told(db: Database) -> list[tuple[str, str]]:
    async with db.reading() as connection:
        rows = await connection.execute(select(notices.c.data).order_by(notices.c.id))
        return [(data["source"], data["state"]) for data in rows.scalars()]


async def jobs(db: Database) -> dict[str, JobState]:
    clock = SystemClock()
    async with db.reading() as connection:
        found = await HealthService(clock, AlertsService(clock, ())).list_jobs(connection)
    return {job.name: job for job in found}


def failing(*errors: Exception | None) -> tuple[Callable[[], Awaitable[None]], list[int]]:
    """Work that raises these errors one after another, then goes on for ever; and how often it was begun."""
    script, begun = iter(errors), [0]

    async def work() -> None:
        begun[0] += 1
        if (error := next(script, None)) is not None:
            raise error
        await asyncio.Event().wait()

    return work, begun


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


async def test_a_source_that_fails_is_told_once_and_once_when_it_is_back(make: Make, sqlite_db: Database) -> None:
    supervisor = make()
    errors = [Unavailable(AWAY, name="contractor")] * 3

    async def work() -> None:
        if errors:
            raise errors.pop()
        supervisor.beat("mailbox.contractor")
        await asyncio.Event().wait()

    supervisor.loop("mailbox.contractor", work, topic="requests")
    await supervisor.start()
    await until(lambda: supervisor.states()[0].last_ok_at is not None)
    await supervisor.stop()
    assert await told(sqlite_db) == [("mailbox.contractor", "down"), ("mailbox.contractor", "up")]
    job = (await jobs(sqlite_db))["mailbox.contractor"]
    assert (job.last_error, job.error_values) == (AWAY, {"name": "contractor"})


async def test_an_outage_goes_on_over_a_restart(make: Make, sqlite_db: Database) -> None:
    first = make()
    first.loop("mailbox.contractor", failing(*[Unavailable("x")] * 100000)[0], topic="requests")
    await first.start()
    await until(lambda: first.states()[0].state == "backoff")
    await first.stop()
    second = make()
    second.every("mailbox.contractor", 60, _well, topic="requests")
    await second.start()
    await until(lambda: second.states()[0].last_ok_at is not None)
    await second.stop()
    assert await told(sqlite_db) == [("mailbox.contractor", "down"), ("mailbox.contractor", "up")]


async def _well() -> None:
    """A cycle that goes well."""


async def test_a_loop_that_never_beats_is_back_when_it_runs_for_a_while(
    make: Make, sqlite_db: Database, clock: ManualClock
) -> None:
    supervisor = make()
    work, begun = failing(Unavailable("x"))
    supervisor.loop("watch.documents", work, topic="files")
    await supervisor.start()
    await until(lambda: begun[0] == 2)
    clock.advance(seconds=11)
    supervisor.wake("watch.documents")
    deadline = machine_time.monotonic() + 5
    while ("watch.documents", "up") not in await told(sqlite_db):
        assert machine_time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_who_waits_long_for_a_dead_server_is_not_back(
    make: Make, sqlite_db: Database, clock: ManualClock
) -> None:
    supervisor = make()
    waiting, begun = failing(Unavailable("x"))
    working, began = failing(Unavailable("x"))
    supervisor.loop("mailbox.contractor", waiting, topic="requests", beats=True)
    supervisor.loop("watch.documents", working, topic="files")
    await supervisor.start()
    await until(lambda: begun[0] == began[0] == 2)
    clock.advance(seconds=11)
    supervisor.beat("watch.documents")
    deadline = machine_time.monotonic() + 5
    while ("watch.documents", "up") not in await told(sqlite_db):
        assert machine_time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert ("mailbox.contractor", "up") not in await told(sqlite_db)


async def test_refused_credentials_stop_the_job_and_the_admins_are_told(make: Make, sqlite_db: Database) -> None:
    supervisor = make()
    work, begun = failing(AuthFailed("Wrong password."), None)
    supervisor.every("mailbox.contractor", 0.01, work, topic="requests")
    await supervisor.start()
    await until(lambda: supervisor.states()[0].state == "auth")
    await asyncio.sleep(0.1)
    assert begun[0] == 1
    await supervisor.stop()
    async with sqlite_db.reading() as connection:
        outages = await HealthService(ManualClock(), AlertsService(ManualClock(), ())).open_outages(connection)
    assert [(o.source, o.topic) for o in outages] == [("mailbox.contractor", "admins")]
    assert (await jobs(sqlite_db))["mailbox.contractor"].state == "auth"


async def test_a_refusing_database_ends_no_loop_and_is_told_to_nobody(make: Make, sqlite_db: Database) -> None:
    supervisor = make()
    work, begun = failing(StorageUnavailable("locked"))
    supervisor.loop("watch.documents", work)
    await supervisor.start()
    await until(lambda: begun[0] == 2)
    await supervisor.stop()
    assert await told(sqlite_db) == []


async def test_a_job_is_done_at_the_start_on_time_and_when_woken(make: Make) -> None:
    supervisor, done = make(), [0]

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
    supervisor.daily("digest", time(9, 30), "Europe/Kyiv", _well)
    await supervisor.start()
    await until(lambda: supervisor.states()[0].next_run_at is not None)
    due = supervisor.states()[0].next_run_at
    assert due is not None
    assert (due.minute, supervisor.states()[0].state) == (30, "idle")


async def test_what_is_not_configured_is_off_and_costs_nothing(make: Make, sqlite_db: Database) -> None:
    supervisor = make()
    supervisor.off("sync")
    await supervisor.start()
    await supervisor.stop()
    assert (await jobs(sqlite_db))["sync"].state == "off"


async def test_two_jobs_of_one_name_are_a_mistake(make: Make) -> None:
    supervisor = make()
    supervisor.off("sync")
    with pytest.raises(ValueError, match="sync"):
        supervisor.off("sync")


async def test_states_are_in_the_database(make: Make, db: Database) -> None:
    supervisor = make(db)
    supervisor.loop("watch.documents", failing()[0])
    supervisor.every("letters", 60, _well)
    await supervisor.start()
    deadline = machine_time.monotonic() + 5
    while {job.state for job in (await jobs(db)).values()} != {"running", "idle"}:
        assert machine_time.monotonic() < deadline
        await asyncio.sleep(0.02)
    await supervisor.stop()
    assert {name: job.state for name, job in (await jobs(db)).items()} == {
        "letters": "stopped",
        "watch.documents": "stopped",
    }


async def test_what_spawned_work_raises_is_logged(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise KeyError("details")

    make().spawn("a small thing", work())
    await until(lambda: "details" in caplog.text)
    assert "a small thing failed" in caplog.text


async def test_a_stop_ends_intake_then_work_then_delivery(make: Make) -> None:
    supervisor, ended = make(), list[str]()

    def named(name: str) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        return work

    async def small() -> None:
        await asyncio.sleep(0.1)
        ended.append("work")

    async def drain(_seconds: float) -> None:
        ended.append("drained")

    supervisor.loop("courier", named("courier"), stage=Stage.DELIVERY, drain=drain)
    supervisor.loop("chat", named("chat"))
    await supervisor.start()
    await until(lambda: all(job.state == "running" for job in supervisor.states()))
    supervisor.spawn("small", small())
    await supervisor.stop()
    assert ended == ["chat", "work", "drained", "courier"]


async def test_what_the_courier_starts_ends_with_the_courier(make: Make) -> None:
    supervisor, ended = make(), list[str]()

    async def delivery() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("delivery")

    async def courier() -> None:
        supervisor.spawn("delivery", delivery())
        await asyncio.Event().wait()

    async def drain(_seconds: float) -> None:
        ended.append("drained")

    supervisor.loop("courier", courier, stage=Stage.DELIVERY, drain=drain)
    await supervisor.start()
    await until(lambda: supervisor.states()[0].state == "running")
    await supervisor.stop()
    assert ended == ["drained", "delivery"]


async def test_a_stop_does_not_wait_for_what_will_not_end(make: Make) -> None:
    supervisor = make()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.8)

    async def bad_drain(_seconds: float) -> None:
        raise KeyError

    async def slow_drain(_seconds: float) -> None:
        await asyncio.Event().wait()

    supervisor.loop("stubborn", stubborn)
    supervisor.loop("bad", failing()[0], drain=bad_drain)
    supervisor.loop("slow", failing()[0], stage=Stage.DELIVERY, drain=slow_drain)
    await supervisor.start()
    await until(lambda: all(job.state == "running" for job in supervisor.states()))
    began = machine_time.monotonic()
    await supervisor.stop(0.6)
    assert machine_time.monotonic() - began < 0.9
    await until(lambda: not supervisor._tasks)


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


async def test_jobs_that_are_configured_no_more_are_forgotten_after_a_day(
    make: Make, sqlite_db: Database, clock: ManualClock
) -> None:
    first = make()
    first.every("watch.old", 60, _well)
    await first.run_once()
    clock.advance(days=2)
    second = make()
    second.every("watch.new", 60, _well)
    await second.run_once()
    assert list(await jobs(sqlite_db)) == ["watch.new"]


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

    def working(name: str) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        return work

    supervisor.loop("one", working("one"))
    supervisor.loop("two", working("two"))
    await supervisor.start()
    await until(lambda: all(state.state == "running" for state in supervisor.states()))
    await supervisor.remove("one")
    assert ended == ["one"]
    assert [state.name for state in supervisor.states()] == ["two"]
    async with asyncio.timeout(3):
        while "one" in await jobs(sqlite_db) or "two" not in await jobs(sqlite_db):  # noqa: ASYNC110  rows
            await asyncio.sleep(0.02)
    await supervisor.remove("nobody")


async def test_a_removed_source_is_not_away_any_longer_and_nobody_is_told(make: Make, sqlite_db: Database) -> None:
    supervisor = make()

    async def work() -> None:
        raise Unavailable(AWAY, name="x")

    supervisor.loop("watch.x", work, topic="files")
    await supervisor.start()
    async with asyncio.timeout(3):
        while not await told(sqlite_db):  # noqa: ASYNC110  rows
            await asyncio.sleep(0.02)
    await supervisor.remove("watch.x")
    async with asyncio.timeout(3):
        while "watch.x" in await jobs(sqlite_db):  # noqa: ASYNC110  rows
            await asyncio.sleep(0.02)
    async with sqlite_db.reading() as connection:
        assert await HealthService(SystemClock(), AlertsService(SystemClock(), ())).open_outages(connection) == []
    assert await told(sqlite_db) == [("watch.x", "down")]


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


async def test_a_job_that_waits_for_a_person_says_why_until_it_goes_on(make: Make) -> None:
    supervisor = make()

    async def work() -> None:
        supervisor.waits("one", "It is paused by {who}.", who="Olena")
        await asyncio.Event().wait()

    supervisor.loop("one", work)
    await supervisor.start()
    await until(lambda: supervisor.states()[0].state == "waiting")
    assert supervisor.states()[0].error_values == {"who": "Olena"}
    supervisor.waits("one")
    assert supervisor.states()[0].state == "running"
