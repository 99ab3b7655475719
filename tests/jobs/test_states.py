"""What is known of jobs is in the database; an outage is told once, and once when it is over."""

import asyncio

import pytest

from core.alerts.service import AlertsService
from core.clock import SystemClock
from core.db.engine import Database
from core.errors import AuthFailed, StorageUnavailable, Unavailable
from core.health.service import HealthService
from tests.conftest import ManualClock
from tests.jobs.conftest import AWAY, Make, failing, jobs, told, until, well


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


@pytest.mark.parametrize("joins_later", [False, True])
async def test_an_outage_goes_on_over_a_restart(make: Make, sqlite_db: Database, joins_later: bool) -> None:
    first = make()
    first.loop("mailbox.contractor", failing(*[Unavailable("x")] * 100000)[0], topic="requests")
    await first.start()
    await until(lambda: first.states()[0].state == "backoff")
    await first.stop()
    second = make()
    if joins_later:
        await second.start()
    second.every("mailbox.contractor", 60, well, topic="requests")
    if not joins_later:
        await second.start()
    await until(lambda: second.states()[0].last_ok_at is not None)
    await second.stop()
    assert await told(sqlite_db) == [("mailbox.contractor", "down"), ("mailbox.contractor", "up")]


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

    async def back() -> bool:
        return ("watch.documents", "up") in await told(sqlite_db)

    await until(back)


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

    async def back() -> bool:
        return ("watch.documents", "up") in await told(sqlite_db)

    await until(back)
    assert ("mailbox.contractor", "up") not in await told(sqlite_db)


async def test_a_sign_of_life_does_not_say_that_the_work_goes_well(
    make: Make, sqlite_db: Database, clock: ManualClock
) -> None:
    supervisor = make()
    supervisor.loop("mailbox.contractor", failing()[0])
    await supervisor.start()
    await until(lambda: supervisor.states()[0].state == "running")
    clock.advance(minutes=1)
    supervisor.alive("mailbox.contractor")
    await supervisor.stop()
    job = (await jobs(sqlite_db))["mailbox.contractor"]
    assert (job.heartbeat_at, job.last_ok_at) == (clock.now(), None)


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


async def test_what_is_not_configured_is_off_and_costs_nothing(make: Make, sqlite_db: Database) -> None:
    supervisor = make()
    supervisor.off("sync")
    await supervisor.start()
    await supervisor.stop()
    assert (await jobs(sqlite_db))["sync"].state == "off"


async def test_states_are_in_the_database(make: Make, db: Database) -> None:
    supervisor = make(db)
    supervisor.loop("watch.documents", failing()[0])
    supervisor.every("letters", 60, well)
    await supervisor.start()

    async def written() -> bool:
        return {job.state for job in (await jobs(db)).values()} == {"running", "idle"}

    await until(written)
    await supervisor.stop()
    assert {name: job.state for name, job in (await jobs(db)).items()} == {
        "letters": "stopped",
        "watch.documents": "stopped",
    }


async def test_jobs_that_are_configured_no_more_are_forgotten_after_a_day(
    make: Make, sqlite_db: Database, clock: ManualClock
) -> None:
    first = make()
    first.every("watch.old", 60, well)
    await first.run_once()
    clock.advance(days=2)
    second = make()
    second.every("watch.new", 60, well)
    await second.run_once()
    assert list(await jobs(sqlite_db)) == ["watch.new"]


async def test_a_removed_source_is_not_away_any_longer_and_nobody_is_told(make: Make, sqlite_db: Database) -> None:
    supervisor = make()

    async def work() -> None:
        raise Unavailable(AWAY, name="x")

    supervisor.loop("watch.x", work, topic="files")
    await supervisor.start()

    async def away() -> bool:
        return bool(await told(sqlite_db))

    async def forgotten() -> bool:
        return "watch.x" not in await jobs(sqlite_db)

    await until(away)
    await supervisor.remove("watch.x")
    await until(forgotten)
    async with sqlite_db.reading() as connection:
        assert await HealthService(SystemClock(), AlertsService(SystemClock(), ())).open_outages(connection) == []
    assert await told(sqlite_db) == [("watch.x", "down")]


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
