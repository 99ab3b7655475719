from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.health.model import JobState, Outage
from core.health.service import HealthService
from tests.conftest import ManualClock

MAILBOX = "mailbox.contractor"


@pytest.fixture
def health(clock: ManualClock) -> HealthService:
    return HealthService(clock, AlertsService(clock, (Route(Destination(-1), ("requests",)),)))


async def told(db: Database) -> list[str]:
    async with db.reading() as connection:
        rows = await connection.execute(select(notices.c.data).order_by(notices.c.id))
        return [data["state"] for data in rows.scalars()]


def job(clock: ManualClock, name: str = "chat", host: str = "here") -> JobState:
    return JobState(name, host, "running", clock.now(), error_values={"name": "x"})


async def test_a_jobs_state_is_kept_by_name_and_host(db: Database, health: HealthService, clock: ManualClock) -> None:
    first, second = job(clock), job(clock, host="there")
    async with db.transaction() as tx:
        await health.save_jobs(tx, [first, second])
        changed = replace(first, state="backoff", last_error="It broke.", next_run_at=clock.now())
        await health.save_jobs(tx, [changed])
    async with db.reading() as connection:
        assert await health.list_jobs(connection) == [changed, second]


async def test_when_a_job_did_well_last_outlives_the_next_start(
    db: Database, health: HealthService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await health.save_jobs(tx, [replace(job(clock), last_ok_at=clock.now())])
        await health.save_jobs(tx, [job(clock)])
        assert [found.last_ok_at for found in await health.list_jobs(tx)] == [clock.now()]
        clock.advance(minutes=1)
        await health.save_jobs(tx, [replace(job(clock), last_ok_at=clock.now())])
        assert [found.last_ok_at for found in await health.list_jobs(tx)] == [clock.now()]


async def test_saving_nothing_is_no_error(db: Database, health: HealthService) -> None:
    async with db.transaction() as tx:
        await health.save_jobs(tx, [])
        assert await health.list_jobs(tx) == []


async def test_jobs_no_longer_configured_are_forgotten_on_their_host_only(
    db: Database, health: HealthService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await health.save_jobs(tx, [job(clock, "old"), job(clock, "kept"), job(clock, "old", "there")])
        clock.advance(days=2)
        await health.forget_jobs(tx, "here", ["kept"], clock.now() - timedelta(days=1))
        assert [(j.name, j.host) for j in await health.list_jobs(tx)] == [("kept", "here"), ("old", "there")]


async def test_the_jobs_of_a_host_that_is_gone_are_forgotten(
    db: Database, health: HealthService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        lived = replace(job(clock, host="there"), heartbeat_at=clock.now() + timedelta(days=1))
        await health.save_jobs(tx, [job(clock, host="gone"), lived, job(clock)])
        clock.advance(days=7, seconds=1)
        await health.forget_jobs(tx, "here", ["chat"], clock.now() - timedelta(days=1))
        assert [found.host for found in await health.list_jobs(tx)] == ["here", "there"]


async def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(
    db: Database, health: HealthService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        assert await health.down(tx, MAILBOX, "no route", "requests")
        began = clock.now()
        clock.advance(minutes=14)
        assert not await health.down(tx, MAILBOX, "no route", "requests")
        ended = await health.up(tx, MAILBOX)
        assert await health.up(tx, MAILBOX) is None
        assert await health.open_outages(tx) == []
    assert ended == Outage(1, MAILBOX, "requests", "no route", began, clock.now())
    assert await told(db) == ["down", "up"]


async def test_the_next_outage_is_told_again(db: Database, health: HealthService) -> None:
    async with db.transaction() as tx:
        for _ in range(2):
            await health.down(tx, MAILBOX, "no route", "requests")
            await health.up(tx, MAILBOX)
    assert await told(db) == ["down", "up", "down", "up"]


async def test_an_outage_told_to_nobody_is_recorded(db: Database, health: HealthService) -> None:
    async with db.transaction() as tx:
        await health.down(tx, "telegram", "no route", None)
        assert [outage.source for outage in await health.open_outages(tx)] == ["telegram"]
        await health.up(tx, "telegram")
    assert await told(db) == []


async def test_refused_credentials_are_told_as_such(db: Database, health: HealthService) -> None:
    async with db.transaction() as tx:
        await health.down(tx, MAILBOX, "wrong password", "requests", refused=True)
    assert await told(db) == ["auth"]
