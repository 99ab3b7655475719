"""The real page over real HTTP, on a migrated database that the test writes to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.page.app import PageServer, build
from core.clock import Clock
from core.db.engine import Database
from core.files import store as files
from core.health import store as health
from core.health.model import JobState
from core.requests import store as requests
from tests.conftest import NOON, ManualClock

Serve = Callable[..., Awaitable[str]]


@pytest.fixture
async def serve(db_url: str, clock: ManualClock) -> AsyncIterator[Serve]:
    """Start a page on the test's database; its address without the slash at the end."""
    async with AsyncExitStack() as stack:

        async def start(*, on: Clock = clock, **options: Any) -> str:
            db = Database(db_url, read_only=True)
            stack.push_async_callback(db.close)
            app = build(db, clock=on, language="en", timezone="Europe/Kyiv", **options)
            server = PageServer(app, "127.0.0.1", 0)
            await server.start()
            stack.push_async_callback(server.stop)
            return server.url.rstrip("/")

        yield start


@pytest.fixture
def db_url(sqlite_url: str) -> str:
    """SQLite, unless a test asks for both databases."""
    return sqlite_url


@pytest.fixture
async def url(serve: Serve) -> str:
    """A page without a token."""
    return await serve()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A visitor who keeps cookies."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def add_request(db: Database, number: str = "101", position: str = "12", **values: Any) -> int:
    """A request that got its status at noon."""
    draft = {
        "request_number": number,
        "position_number": position,
        "title": "Leak in the server room",
        "status": "sent",
        "created_at": NOON,
        "status_updated_at": NOON,
        "author": "Olena",
        **values,
    }
    async with db.transaction() as tx:
        request_id = await requests.add(tx, draft)
    assert request_id is not None
    return request_id


def event_row(number: int = 1, **values: Any) -> dict[str, Any]:
    """An event as the files' service writes it."""
    path = values.pop("path", f"/srv/share/CRM/Invoice {number}.xlsx")
    return {
        "event_time": NOON + timedelta(minutes=number),
        "event_type": "created",
        "path": path,
        "project": "CRM",
        "username": "team-a",
        "file_size": 2048,
        "checksum": "ab" * 32,
        "details": "watched_root=/srv/share",
        "watch": "documents",
        "root": "/srv",
        "below": path.removeprefix("/srv/"),
        **values,
    }


async def add_events(db: Database, *rows: dict[str, Any]) -> list[int]:
    """These events, committed."""
    async with db.transaction() as tx:
        return list(await files.add_events(tx, rows))


async def add_jobs(db: Database, *jobs: JobState) -> None:
    """These states of jobs, committed."""
    async with db.transaction() as tx:
        await health.save_jobs(tx, jobs)


def job(name: str = "courier", state: Any = "running", **values: Any) -> JobState:
    """A job that gave a sign of life at noon."""
    return JobState(**{"name": name, "host": "duty-1", "state": state, "since": NOON, "heartbeat_at": NOON, **values})
