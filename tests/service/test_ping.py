"""The sign of life to a monitoring service: only while all is well, and its address is told to nobody else."""

import logging
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import bot.telegram  # noqa: F401  aiogram takes seconds to load: not within a test's time
from bot.app import App
from core.alerts.service import AlertsService
from core.clock import SystemClock
from core.db.engine import Database
from core.errors import ConfigError, Unavailable
from core.health.model import JobState, Outage, State
from core.health.rules import delivery_fault
from core.health.service import HealthService
from core.settings import make
from jobs.health.ping import Ping
from tests.conftest import NOON, ManualClock


def courier(age: float = 1, state: State = "running") -> JobState:
    return JobState("courier", "host", state, NOON, NOON - timedelta(seconds=age))


@pytest.mark.parametrize(
    ("jobs", "outages", "waiting", "sent", "well"),
    [
        ([courier()], [], None, None, True),
        ([courier(), courier(3600, "stopped")], [], None, None, True),
        ([], [], None, None, False),
        ([courier(61)], [], None, None, False),
        ([courier(state="backoff")], [], None, None, False),
        ([courier(state="auth")], [], None, None, False),
        ([courier()], [Outage(1, "telegram", None, "", NOON)], None, None, False),
        ([courier()], [Outage(1, "watch.documents", None, "", NOON)], None, None, True),
        ([courier()], [], 4, None, True),
        ([courier()], [], 6, None, False),
        ([courier()], [], 60, 1, True),
        ([courier()], [], 60, 6, False),
    ],
)
def test_delivery_works_while_a_courier_lives_telegram_answers_and_messages_leave(
    jobs: list[JobState], outages: list[Outage], waiting: float | None, sent: float | None, well: bool
) -> None:
    moments = [None if minutes is None else NOON - timedelta(minutes=minutes) for minutes in (waiting, sent)]
    assert (delivery_fault(jobs, outages, moments[0], moments[1], NOON) is None) == well


class Monitor:
    """A monitoring service that counts calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.status = 200
        app = web.Application()
        app.router.add_get("/secret-uuid", self._answer)
        self.server = TestServer(app)

    async def _answer(self, _request: web.Request) -> web.Response:
        self.calls += 1
        return web.Response(status=self.status, text="OK")

    @property
    def url(self) -> str:
        return str(self.server.make_url("/secret-uuid"))


@pytest.fixture
async def monitor() -> AsyncIterator[Monitor]:
    found = Monitor()
    await found.server.start_server()
    yield found
    await found.server.close()


def ping_of(db: Database, clock: ManualClock, url: str) -> Ping:
    alerts = AlertsService(clock, ())
    return Ping(db, clock, HealthService(clock, alerts), alerts, url)


async def beat(db: Database, clock: ManualClock) -> None:
    async with db.transaction() as tx:
        state = JobState("courier", "host", "running", clock.now(), clock.now())
        await HealthService(clock, AlertsService(clock, ())).save_jobs(tx, [state])


async def test_it_is_given_while_the_courier_lives(sqlite_db: Database, clock: ManualClock, monitor: Monitor) -> None:
    ping = ping_of(sqlite_db, clock, monitor.url)
    assert not await ping.once()
    await beat(sqlite_db, clock)
    assert await ping.once()
    clock.advance(seconds=61)
    assert not await ping.once()
    assert monitor.calls == 1


async def test_why_it_is_not_given_is_logged_once(
    sqlite_db: Database, clock: ManualClock, monitor: Monitor, caplog: pytest.LogCaptureFixture
) -> None:
    ping = ping_of(sqlite_db, clock, monitor.url)
    for _ in range(3):
        await ping.once()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "no sign of life is given: the courier gives no sign of life"
    ]


async def test_a_monitor_that_is_away_or_refuses_is_tried_again_and_its_address_is_told_to_nobody(
    sqlite_db: Database, clock: ManualClock, monitor: Monitor
) -> None:
    await beat(sqlite_db, clock)
    monitor.status = 404
    ping = ping_of(sqlite_db, clock, monitor.url)
    with pytest.raises(Unavailable, match="HTTP status 404"):
        await ping.once()
    await monitor.server.close()
    with pytest.raises(Unavailable) as raised:
        await ping.once()
    assert "secret-uuid" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("url", ["ftp://x/", "hc-ping.com/uuid", "https://"])
def test_an_address_that_is_none_is_a_fault_that_does_not_repeat_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        make({"health": {"ping_url": url}}, tmp_path)
    assert [str(fault) for fault in raised.value.faults] == [  # type: ignore[attr-defined]  # it is `InvalidConfig`
        "health.ping_url: an address begins with https:// and a host."
    ]


async def test_the_assistant_gives_it_until_delivery_fails(
    tmp_path: Path, sqlite_template: Path, monitor: Monitor
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "vakhta.db")
    app = App(make({"page": {"port": 0}, "health": {"ping_url": monitor.url}}, tmp_path), SystemClock())
    await app.open()
    await app.start()
    db = app.services.db
    while not monitor.calls:  # the courier's first sign of life is written a moment after the start
        await db.wait_for_commit(1)
        app.supervisor.wake("health")
    async with db.transaction() as tx:
        await app.services.health.down(tx, "telegram", "", None)
    calls, before = monitor.calls, health_of(app).last_ok_at
    while health_of(app).last_ok_at == before:
        app.supervisor.wake("health")
        await db.wait_for_commit(1)
    assert monitor.calls <= calls + 1  # one may have been on its way
    calls, before = monitor.calls, health_of(app).last_ok_at
    while health_of(app).last_ok_at == before:
        app.supervisor.wake("health")
        await db.wait_for_commit(1)
    await app.stop()
    assert monitor.calls == calls


def health_of(app: App) -> JobState:
    return next(job for job in app.supervisor.states() if job.name == "health")
