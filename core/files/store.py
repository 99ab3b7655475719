"""The history in SQL: events, the bursts they are told in, the questions asked. How it is searched is `finding`,
its counts are `hours`, the snapshot is `snapshots`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Row, Select, delete, func, insert, outerjoin, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import iso
from core.db.metadata import ids_above, upsert, write_many
from core.files import hours, paths
from core.files.finding import ANYTHING, burst_events, count_found, event_of, find_events, known_names
from core.files.model import Burst, EventType, FileEvent
from core.files.tables import file_bursts, file_checksums, file_events, file_gaps, file_queries

__all__ = ["ANYTHING", "burst_events", "count_found", "find_events", "known_names"]


async def add_events(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Append to the history; the new ids, in the order of the rows.

    A row holds the columns and, for searching, `root` with `below`, the path under it, and `old_below`, that of a
    move. Nobody else writes during a transaction, so the new ids are those above the last.
    """
    if not rows:
        return []
    known: dict[tuple[str, str], dict[str, int]] = {}
    for place, below in _below_roots(rows).items():
        known[place] = await paths.ids_of(tx, await paths.root_of(tx, *place), below)
    last = await last_event_id(tx)
    values = (_values(row, known[row["watch"], row["root"]]) for row in rows)
    await write_many(tx, insert(file_events), _COLUMNS, values)
    ids = await ids_above(tx, file_events, last)
    await hours.add(tx, rows, ids)
    return ids


def _below_roots(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        below = found.setdefault((row["watch"], row["root"]), [])
        below += [row[key] for key in ("below", "old_below") if row.get(key) is not None]
    return found


_COLUMNS: Final = (
    "event_time",
    "event_type",
    "path",
    "project",
    "username",
    "file_size",
    "checksum",
    "details",
    "watch",
    "host",
    "path_id",
    "old_path_id",
)


_iso = lru_cache(maxsize=8)(iso)  # what is recorded at once has one moment


def _values(row: Mapping[str, Any], ids: Mapping[str, int]) -> tuple[Any, ...]:
    old = row.get("old_below")
    return (
        _iso(row["event_time"]),
        *map(row.get, _COLUMNS[1:9]),
        row.get("host", ""),
        ids[row["below"]],
        None if old is None else ids[old],
    )


async def events_after(connection: AsyncConnection, event_id: int, limit: int = 1000) -> list[FileEvent]:
    """What came after that id, in its order: the live feed."""
    statement = select(file_events).where(file_events.c.id > event_id).order_by(file_events.c.id).limit(limit)
    return [event_of(row) for row in await connection.execute(statement)]


async def get_event(connection: AsyncConnection, event_id: int) -> FileEvent | None:
    """An event by its id."""
    row = (await connection.execute(select(file_events).where(file_events.c.id == event_id))).one_or_none()
    return event_of(row) if row else None


async def last_event_id(connection: AsyncConnection) -> int:
    """The id of the newest event; 0 when there is none."""
    return int((await connection.execute(select(func.max(file_events.c.id)))).scalar() or 0)


async def estimate_total(connection: AsyncConnection) -> int:
    """How many events are kept, by their ids: at once at any size; too high by ids that were never used."""
    oldest = (await connection.execute(select(func.min(file_events.c.id)))).scalar()
    return 0 if oldest is None else await last_event_id(connection) - int(oldest) + 1


async def count_since(connection: AsyncConnection, since: datetime) -> int:
    """How many events were noticed since then."""
    statement = select(func.count()).select_from(file_events).where(file_events.c.event_time >= since)
    return int((await connection.execute(statement)).scalar_one())


async def oldest_event_time(connection: AsyncConnection) -> datetime | None:
    """When the first event still kept was noticed."""
    moment: datetime | None = (await connection.execute(select(func.min(file_events.c.event_time)))).scalar()
    return moment


def _burst(row: Row[Any]) -> Burst:
    counts: dict[EventType, int] = {
        "created": row.created,
        "modified": row.modified,
        "deleted": row.deleted,
        "moved": row.moved,
    }
    between = row.first_event_id, row.last_event_id
    return Burst(row.id, row.watch, *between, row.started_at, row.last_at, row.told_at, counts, row.host)


def _bursts() -> Select[Any]:
    """Bursts, each with the machine that noticed its first event."""
    first = file_events.c.id == file_bursts.c.first_event_id
    return select(file_bursts, file_events.c.host).select_from(outerjoin(file_bursts, file_events, first))


def _counted(burst: Burst) -> dict[str, int]:
    return {str(kind): n for kind, n in burst.counts.items()}


async def find_burst(connection: AsyncConnection, burst_id: int) -> Burst | None:
    """A burst by its id."""
    row = (await connection.execute(_bursts().where(file_bursts.c.id == burst_id))).one_or_none()
    return _burst(row) if row else None


async def last_burst(connection: AsyncConnection, watch: str, host: str) -> Burst | None:
    """The latest burst of a watch on that machine."""
    own = file_bursts.c.watch == watch, file_events.c.host == host
    row = (await connection.execute(_bursts().where(*own).order_by(file_bursts.c.id.desc()).limit(1))).one_or_none()
    return _burst(row) if row else None


async def count_bursts(connection: AsyncConnection, watch: str, since: datetime) -> int:
    """How many messages of a watch began since then."""
    column = file_bursts.c
    statement = select(func.count()).where(column.watch == watch, column.started_at >= since)
    return int((await connection.execute(statement)).scalar_one())


async def add_burst(tx: AsyncConnection, burst: Burst) -> int:
    """Write down a new burst; its id (the burst's own is not used)."""
    values = {key: value for key, value in asdict(burst).items() if key not in ("id", "counts", "host")}
    statement = insert(file_bursts).values(**values, **_counted(burst)).returning(file_bursts.c.id)
    return int((await tx.execute(statement)).scalar_one())


async def put_burst(tx: AsyncConnection, burst: Burst) -> None:
    """Bring a burst up to date."""
    statement = update(file_bursts).where(file_bursts.c.id == burst.id)
    await tx.execute(
        statement.values(
            last_event_id=burst.last_event_id, last_at=burst.last_at, told_at=burst.told_at, **_counted(burst)
        )
    )


async def save_query(tx: AsyncConnection, words: str, at: datetime) -> int:
    """Remember what somebody asked, for the buttons below the answer; its id."""
    statement = upsert(tx, file_queries).values(words=words, asked_at=at)
    statement = statement.on_conflict_do_update(index_elements=["words"], set_={"asked_at": at})
    return int((await tx.execute(statement.returning(file_queries.c.id))).scalar_one())


async def find_query(connection: AsyncConnection, query_id: int) -> str | None:
    """The words of a remembered question."""
    statement = select(file_queries.c.words).where(file_queries.c.id == query_id)
    words: str | None = (await connection.execute(statement)).scalar()
    return words


async def prune(tx: AsyncConnection, before: datetime, limit: int) -> int:
    """Delete at most that many of the oldest events from before then; how many went.

    With the last of them go the bursts and questions that nobody touched since then.
    """
    column = file_events.c
    oldest = (
        select(
            column.id,
            column.path_id,
            column.old_path_id,
            *(column[name] for name in hours.LABELS),
            column.event_time,
        )
        .where(column.event_time < before)
        .order_by(column.event_time)
        .limit(limit)
    )
    rows = [dict(row) for row in (await tx.execute(oldest)).mappings()]
    ids = [row["id"] for row in rows]
    if ids:
        await tx.execute(delete(file_checksums).where(paths.among(tx, file_checksums.c.event_id, ids)))
        await tx.execute(delete(file_events).where(paths.among(tx, column.id, ids)))
        await hours.take(tx, rows)
        used = {row[key] for row in rows for key in ("path_id", "old_path_id") if row[key] is not None}
        await paths.forget_unused(tx, used)
    if len(ids) < limit:
        await tx.execute(delete(file_bursts).where(file_bursts.c.last_at < before))
        await hours.forget_people(tx, before)
        await tx.execute(delete(file_gaps).where(file_gaps.c.ended_at < before))
        await tx.execute(delete(file_queries).where(file_queries.c.asked_at < before))
    return len(ids)
