"""Searching a long history, beside plain SQL over the same rows in the same run.

1,000,000 rows, or as many as VAKHTA_BENCH_ROWS says (the goals are for 5,000,000); on SQLite, or on the empty
database that VAKHTA_BENCH_URL names.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.service import AlertsService
from core.clock import SystemClock
from core.db.engine import Database
from core.db.migrations import upgrade
from core.files.model import Query
from core.files.service import FilesService

ROWS: Final = int(os.environ.get("VAKHTA_BENCH_ROWS", "1000000"))
PER_PATH: Final = 10
READS: Final = 9
END: Final = datetime(2026, 11, 20, tzinfo=UTC)
YEAR: Final = timedelta(days=365)

_SERIES: Final = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})",
    "postgresql": "WITH n(i) AS (SELECT generate_series(1::bigint, {rows}))",
}
_TIME: Final = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', {start} + CAST(i * {step} AS INTEGER), 'unixepoch')",
    "postgresql": "to_char(to_timestamp({start} + trunc(i * {step})) AT TIME ZONE 'UTC',"
    " 'YYYY-MM-DD\"T\"HH24:MI:SS.000000+00:00')",
}
_ROOTS: Final = (
    "INSERT INTO file_roots (id, watch, root) SELECT i, 'folder' || i, '/srv/share/folder' || i FROM n WHERE i <= 7"
)
_PATHS: Final = (
    "INSERT INTO file_paths (id, root_id, path, folded, name_at) SELECT i, 1 + i % 7, p, p, 2 + length(d) FROM"
    " (SELECT i, d, d || '/' || CASE WHEN i % 99991 = 5 THEN 'зозуля' ELSE 'договір' END || ' ' || i ||"
    " CASE i % 3 WHEN 0 THEN '.docx' WHEN 1 THEN '.xlsx' ELSE '.pdf' END AS p"
    " FROM (SELECT i, 'clients/' || (i % 5003) || '/рік ' || (2015 + i % 12) AS d FROM n) AS folders) AS files"
)
_EVENTS: Final = (
    "INSERT INTO file_events"
    " (event_time, event_type, path, project, username, file_size, details, watch, host, path_id)"
    " SELECT {time}, CASE i % 10 WHEN 0 THEN 'created' WHEN 1 THEN 'deleted' ELSE 'modified' END,"
    " r.root || '/' || p.path, 'P' || r.id, 'team', i, 'watched_root=' || r.root, r.watch, 'bench', p.id"
    " FROM n JOIN file_paths p ON p.id = 1 + (i * 7919) % {paths} JOIN file_roots r ON r.id = p.root_id ORDER BY i"
)
_HOURS: Final = (
    "INSERT INTO file_hours SELECT watch, substr(event_time, 1, 13), project, username, event_type, count(*), min(id),"
    " max(id) FROM file_events GROUP BY 1, 2, 3, 4, 5"
)

Measure = Callable[[AsyncConnection], Awaitable[Sequence[Any]]]


async def _fill(db: Database, service: FilesService) -> None:
    kind = "sqlite" if db.is_sqlite else "postgresql"
    paths = max(ROWS // PER_PATH, 10)
    when = _TIME[kind].format(start=int((END - YEAR).timestamp()), step=YEAR.total_seconds() / ROWS)
    async with db.transaction() as tx:
        for series, statement in (
            (7, _ROOTS),
            (paths, _PATHS),
            (ROWS, _EVENTS.format(time=when, paths=paths)),
        ):
            into, _, what = statement.partition(" SELECT ")
            await tx.exec_driver_sql(f"{into} {_SERIES[kind].format(rows=series)} SELECT {what}")
        await tx.execute(text(_HOURS))
    indexed = 10_000
    while indexed == 10_000:
        async with db.transaction() as tx:
            indexed = await service.index(tx, 10_000)
    if not db.is_sqlite:
        async with db.transaction() as tx:
            await tx.execute(text("ANALYZE"))


async def _median(db: Database, measure: Measure, reads: int = READS) -> tuple[float, int]:
    """Milliseconds, and how many rows came."""
    taken = []
    rows: Sequence[Any] = ()
    async with db.reading() as connection:
        for number in range(reads + 1):
            began = time.perf_counter()
            rows = await measure(connection)
            if number:  # the first warms up
                taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), len(rows)


def _plain(statement: str, **values: object) -> Measure:
    async def measure(connection: AsyncConnection) -> Sequence[Any]:
        return (await connection.execute(text(statement), values)).all()

    return measure


async def _measure(db: Database, files: FilesService) -> list[tuple[str, float, str]]:
    month = (END - timedelta(days=40), END - timedelta(days=10))

    def found(query: Query) -> Measure:
        return lambda connection: files.search(connection, query, limit=50)

    def days(connection: AsyncConnection) -> Awaitable[Sequence[Any]]:
        return files.days(connection, Query(watch="folder3"), since=month[0], until=month[1], timezone="Europe/Kyiv")

    async def counted(connection: AsyncConnection) -> Sequence[Any]:
        return range(await files.count_found(connection, Query(words=("договір",)), 1000))

    like = "SELECT * FROM file_events WHERE path LIKE '%зозуля%' ORDER BY id DESC LIMIT 50"
    group = (
        "SELECT substr(event_time, 1, 10), event_type, count(*) FROM file_events"
        " WHERE watch = 'folder3' AND event_time >= :since AND event_time < :until GROUP BY 1, 2"
    )
    size = f"files: {ROWS:,} rows on {'SQLite' if db.is_sqlite else 'PostgreSQL'}"
    rows: list[tuple[str, float, str]] = []
    for what, measure, goal, reads in (
        ("last 50 of a project, ms", found(Query(project="P3")), "≤ 2", READS),
        ("a rare piece of a name, ms", found(Query(words=("зозуля",))), "≤ 50", READS),
        ("… by plain LIKE, ms", _plain(like), "shown", 1),
        ("a folder's month by day, ms", days, "≤ 30", READS),
        ("… by plain GROUP BY, ms", _plain(group, since=month[0].isoformat(), until=month[1].isoformat()), "shown", 3),
        ("a word that is everywhere, ms", found(Query(words=("договір",))), "shown", READS),
        ("… counted up to 1,000, ms", counted, "shown", READS),
        ("two letters, ms", found(Query(words=("ул",))), "shown", READS),
        ("a glob in a month, ms", found(Query(globs=("*.pdf",), since=month[0], until=month[1])), "shown", READS),
        ("everything below a folder, ms", found(Query(path="/srv/share/folder3/clients/42")), "shown", READS),
        ("a person's label nobody has, ms", found(Query(username="nobody")), "shown", READS),
        ("no filter at all, ms", found(Query()), "shown", READS),
    ):
        taken, count = await _median(db, measure, reads)
        rows.append((f"{size}: {what} ({count} found)", taken, goal))
    return rows


async def run() -> list[tuple[str, float, str]]:
    """Name, value and goal of each measure."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        db = Database(os.environ.get("VAKHTA_BENCH_URL") or f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        try:
            await upgrade(db)
            files = FilesService(SystemClock(), AlertsService(SystemClock(), ()))
            began = time.perf_counter()
            await _fill(db, files)
            filled = time.perf_counter() - began
            rows = await _measure(db, files)
            size = db.path.stat().st_size / ROWS if db.path else 0.0
        finally:
            await db.close()
    rows.append((f"files: filling {ROWS:,} rows, s", filled, "shown"))
    if size:
        rows.append(("files: bytes of the database for each event, with its indexes", size, "shown"))
    return rows


if __name__ == "__main__":
    for name, value, goal in asyncio.run(run()):
        sys.stdout.write(f"{name}: {value:.2f} ({goal})\n")
