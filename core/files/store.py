"""The history in SQL: events, the bursts they are told in, the questions asked. The snapshot's is `snapshots`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import like, upsert
from core.files.model import Burst, EventType, FileEvent, Query
from core.files.naming import fold, is_absolute, shown
from core.files.tables import file_bursts, file_checksums, file_events, file_queries

ANYTHING: Final = Query()


def _event(row: Row[Any]) -> FileEvent:
    return FileEvent(
        row.id,
        row.event_time,
        row.event_type,
        row.path,
        row.project,
        row.username,
        row.file_size,
        row.checksum,
        row.details,
        row.watch,
    )


async def add_events(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Append to the history; the new ids, in the order of the rows.

    Nobody else writes during a transaction, so the new ids are those above the last. (RETURNING would send the rows
    one by one: a tenth of the speed.)
    """
    if not rows:
        return []
    last = await last_event_id(tx)
    await tx.execute(insert(file_events), list(rows))
    new = select(file_events.c.id).where(file_events.c.id > last).order_by(file_events.c.id)
    return list((await tx.execute(new)).scalars())


async def find_events(
    connection: AsyncConnection,
    query: Query = ANYTHING,
    *,
    limit: int = 100,
    offset: int = 0,
    before: int | None = None,
    after: int | None = None,
) -> list[FileEvent]:
    """Events of the query, newest first; `before` and `after` are ids. With `after`: those next to it."""
    statement = select(file_events).where(*_conditions(query))
    if before is not None:
        statement = statement.where(file_events.c.id < before)
    if after is not None:
        statement = statement.where(file_events.c.id > after)
        rows = list(await connection.execute(statement.order_by(file_events.c.id).limit(limit)))
        return [_event(row) for row in reversed(rows)]
    statement = statement.order_by(file_events.c.id.desc()).limit(limit).offset(offset)
    return [_event(row) for row in await connection.execute(statement)]


async def events_after(connection: AsyncConnection, event_id: int, limit: int = 1000) -> list[FileEvent]:
    """What came after that id, in its order: the live feed."""
    statement = select(file_events).where(file_events.c.id > event_id).order_by(file_events.c.id).limit(limit)
    return [_event(row) for row in await connection.execute(statement)]


async def count_found(connection: AsyncConnection, query: Query, most: int) -> int:
    """How many events the query finds, counted up to `most`."""
    some = select(file_events.c.id).where(*_conditions(query)).limit(most).subquery()
    return int((await connection.execute(select(func.count()).select_from(some))).scalar_one())


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


async def count_by_watch(connection: AsyncConnection, since: datetime) -> list[tuple[str, str, EventType, int]]:
    """Watch, project, type and number of the events since then."""
    columns = (file_events.c.watch, file_events.c.project, file_events.c.event_type)
    statement = (
        select(*columns, func.count()).where(file_events.c.event_time >= since).group_by(*columns).order_by(*columns)
    )
    return [(row[0], row[1], row[2], row[3]) for row in await connection.execute(statement)]


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    column = file_events.c
    exact = {column.project: query.project, column.username: query.username, column.watch: query.watch}
    found = [each == value for each, value in exact.items() if value is not None]
    found.extend(column.folded_path.like(like(fold(word)), escape="\\") for word in query.words)
    found.extend(_matches(glob) for glob in query.globs)
    if query.event_type is not None:
        found.append(column.event_type == query.event_type)
    if query.path is not None:
        found.append(_below(query.path) if is_absolute(query.path) else _contains(query.path))
    if query.since is not None:
        found.append(column.event_time >= query.since)
    if query.until is not None:
        found.append(column.event_time < query.until)
    return found


def _contains(piece: str) -> ColumnElement[bool]:
    return file_events.c.folded_path.like(like(fold(piece.replace("\\", "/"))), escape="\\")


def _matches(glob: str) -> ColumnElement[bool]:
    escaped = fold(glob).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = escaped.replace("*", "%").replace("?", "_")
    if "/" not in glob:
        return file_events.c.folded_name.like(pattern, escape="\\")
    path = file_events.c.folded_path
    return or_(path.like(pattern, escape="\\"), path.like(pattern + "\n%", escape="\\"))


def _below(path: str) -> ColumnElement[bool]:
    separator = "\\" if "\\" in path and not path.startswith("/") else "/"
    exact = shown(path.rstrip(separator))
    column = file_events.c.path
    return or_(column == exact, and_(column >= exact + separator, column < exact + chr(ord(separator) + 1)))


def _burst(row: Row[Any]) -> Burst:
    counts: dict[EventType, int] = {
        "created": row.created,
        "modified": row.modified,
        "deleted": row.deleted,
        "moved": row.moved,
    }
    return Burst(
        row.id, row.watch, row.first_event_id, row.last_event_id, row.started_at, row.last_at, row.told_at, counts
    )


def _counted(burst: Burst) -> dict[str, int]:
    return {str(kind): n for kind, n in burst.counts.items()}


async def find_burst(connection: AsyncConnection, burst_id: int) -> Burst | None:
    """A burst by its id."""
    row = (await connection.execute(select(file_bursts).where(file_bursts.c.id == burst_id))).one_or_none()
    return _burst(row) if row else None


async def last_burst(connection: AsyncConnection, watch: str) -> Burst | None:
    """The latest burst of a watch."""
    statement = select(file_bursts).where(file_bursts.c.watch == watch).order_by(file_bursts.c.id.desc()).limit(1)
    row = (await connection.execute(statement)).one_or_none()
    return _burst(row) if row else None


async def add_burst(tx: AsyncConnection, burst: Burst) -> int:
    """Write down a new burst; its id (the burst's own is not used)."""
    values = {key: value for key, value in asdict(burst).items() if key not in ("id", "counts")}
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


async def burst_events(connection: AsyncConnection, burst: Burst, limit: int) -> list[FileEvent]:
    """The last events of a burst, newest first."""
    column = file_events.c
    statement = (
        select(file_events)
        .where(column.watch == burst.watch, column.id.between(burst.first_event_id, burst.last_event_id))
        .order_by(column.id.desc())
        .limit(limit)
    )
    return [_event(row) for row in await connection.execute(statement)]


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


async def known_names(connection: AsyncConnection, column: str) -> list[str]:
    """The different values of `project` or `watch` in the history, found by skipping along the index."""
    values = file_events.c[column]
    found = select(func.min(values).label("name")).where(values > "").cte("found", recursive=True)
    following = select(func.min(values)).where(values > found.c.name).scalar_subquery()
    found = found.union_all(select(following).where(found.c.name.is_not(None)))
    return list((await connection.execute(select(found.c.name).where(found.c.name.is_not(None)))).scalars())


async def prune(tx: AsyncConnection, before: datetime, limit: int) -> int:
    """Delete at most that many of the oldest events from before then; how many went.

    With the last of them go the bursts and questions that nobody touched since then.
    """
    column = file_events.c
    oldest = select(column.id).where(column.event_time < before).order_by(column.event_time).limit(limit)
    ids = list((await tx.execute(oldest)).scalars())
    if ids:
        await tx.execute(delete(file_checksums).where(file_checksums.c.event_id.in_(ids)))
        await tx.execute(delete(file_events).where(column.id.in_(ids)))
    if len(ids) < limit:
        await tx.execute(delete(file_bursts).where(file_bursts.c.last_at < before))
        await tx.execute(delete(file_queries).where(file_queries.c.asked_at < before))
    return len(ids)
