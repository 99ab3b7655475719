"""A supervisor over a real database, work that fails as told, and what became of it."""

import asyncio
import time as machine_time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import select

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.clock import Clock, SystemClock
from core.db.engine import Database
from core.health.model import JobState
from core.health.service import HealthService
from jobs.supervisor import Supervisor
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
    def build(db: Database = sqlite_db, host: str = "here", by: Clock = clock) -> Supervisor:
        alerts = AlertsService(by, (Route(Destination(-1), ("files", "requests")),))
        supervisor = Supervisor(by, db, HealthService(by, alerts), host=host)
        made.append(supervisor)
        return supervisor

    return build


async def until(reached: Callable[[], bool | Awaitable[bool]], seconds: float = 5.0) -> None:
    """Wait for a condition, asked directly or of the database."""
    deadline = machine_time.monotonic() + seconds
    while True:
        found = reached()
        if found if isinstance(found, bool) else await found:
            return
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


async def well() -> None:
    """A cycle that goes well."""


def endless(ended: list[str], name: str) -> Callable[[], Coroutine[Any, Any, None]]:
    """Work that goes on until it is ended, and then writes its name into `ended`."""

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    return work
