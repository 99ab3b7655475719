"""The overview at 100,000 requests and 1,000,000 file events, over real HTTP, against a bare aiohttp page."""

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.page.app import PageServer, build
from core.alerts import store as alerts
from core.clock import SystemClock, iso
from core.db.engine import Database
from core.db.migrations import upgrade
from core.health import store as health
from core.health.model import JobState

REQUESTS: Final = 100_000
EVENTS: Final = 1_000_000
NOTICES: Final = 100_000
READS: Final = 60
LIMIT: Final = 0.020
"""Seconds the overview may take."""

_SERIES: Final = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
_REQUESTS: Final = (  # years of work: 90 % left, 4 % cancelled, 6 % are open
    "INSERT INTO requests (request_number, position_number, title, status, created_at, status_updated_at, author,"
    " folded) SELECT i, i % 9, 'Leak in room ' || i, CASE i % 50 WHEN 0 THEN 'sent' WHEN 1 THEN 'en_route'"
    " WHEN 2 THEN 'declined' WHEN 3 THEN 'cancelled' WHEN 4 THEN 'cancelled' ELSE 'left' END, :then,"
    " printf('2026-%02d-%02dT%02d:00:00.000000+00:00', i % 9 + 1, i % 28 + 1, i % 24), 'Olena',"
    " i || '/' || (i % 9) || ' leak in room ' || i FROM n"
)
_EVENTS: Final = (
    "INSERT INTO file_events (event_time, event_type, path, project, username, file_size, details, watch)"
    " SELECT :then, 'modified', '/srv/share/' || (i % 5000) || '/file' || i || '.docx',"
    " 'P' || (i % 7), 'team', i, 'watched_root=/srv/share', 'documents' FROM n"
)


async def _fill(db: Database) -> None:
    now = datetime.now(UTC)
    jobs = [JobState(f"job.{number}", "duty-1", "running", now, now) for number in range(10)]
    async with db.transaction() as tx:
        await tx.execute(text(_SERIES + _REQUESTS), {"count": REQUESTS, "then": iso(now)})
        await tx.execute(text(_SERIES + _EVENTS), {"count": EVENTS, "then": iso(now)})
        await health.save_jobs(tx, jobs)
        await _fill_outbox(tx, now)


async def _fill_outbox(tx: AsyncConnection, now: datetime) -> None:
    row: dict[str, Any] = {
        "chat_id": -100,
        "thread_id": 0,
        "kind": "request",
        "subject": "request:1",
        "mode": "new",
        "data": {},
        "priority": 5,
        "state": "sent",
        "attempts": 1,
        "created_at": now,
        "not_before": now,
        "done_at": now,
        "expires_at": now + timedelta(days=1),
    }
    await tx.execute(alerts.notices.insert(), [{**row, "dedup_key": str(number)} for number in range(NOTICES)])


async def _median(address: str) -> float:
    """Seconds of one GET, the connection kept, after a few that warm up."""
    taken = []
    async with aiohttp.ClientSession() as http:
        for number in range(READS + 5):
            began = time.perf_counter()
            async with http.get(address) as answer:
                body = await answer.read()
            if answer.status != 200 or not body:
                raise RuntimeError(f"{address} answered {answer.status}")
            if number >= 5:
                taken.append(time.perf_counter() - began)
    return statistics.median(taken)


async def _bare(_request: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>bare</title>", content_type="text/html")


async def _serve(app: web.Application, path: str = "") -> float:
    server = PageServer(app, "127.0.0.1", 0)
    await server.start()
    try:
        return await _median(server.url + path)
    finally:
        await server.stop()


async def _sizes(db: Database) -> tuple[int, int]:
    async with db.reading() as connection:
        found = [
            int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())  # noqa: S608  ours
            for table in ("requests", "file_events")
        ]
    return found[0], found[1]


async def run() -> list[tuple[str, float, str]]:
    """Name, value and goal of each measure."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        db = Database(url)
        await upgrade(db)
        await _fill(db)
        sizes = await _sizes(db)
        reader = Database(url, read_only=True)
        bare = web.Application()
        bare.add_routes([web.get("/", _bare)])
        baseline = await _serve(bare)
        page = build(reader, clock=SystemClock(), language="uk", timezone="Europe/Kyiv")
        overview = await _serve(page)
        await reader.close()
        await db.close()
    size = f"{sizes[0]:,} requests, {sizes[1]:,} events"
    return [
        (f"page: overview at {size}, ms (median of {READS})", overview * 1000, f"≤ {LIMIT * 1000:.0f}"),
        (f"page: overview, of a bare aiohttp page ({baseline * 1000:.2f} ms)", overview / baseline, "shown"),
    ]


if __name__ == "__main__":
    for name, value, goal in asyncio.run(run()):
        print(f"{name}: {value:.2f} ({goal})")
