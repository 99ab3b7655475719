"""The history counted: how many events of each kind every hour brought, and between which ids they lie.

A row whose `n` is 0 counts nothing: it says between which ids the changes lie that somebody made by the audit log.
Written in the transaction that records or prunes, so it is always exact; a month is some hundred rows.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, bindparam, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import iso
from core.db.metadata import upsert
from core.files.model import EVENT_TYPES, EventType, Query
from core.files.tables import file_events, file_hours

LABELS: Final = ("watch", "project", "username", "event_type")
_KEY: Final = ("watch", "hour", "project", "username", "event_type")
_HOUR: Final = timedelta(hours=1)


@lru_cache(maxsize=8)
def hour_of(moment: datetime) -> str:
    """The hour of a moment as the table names it."""
    return iso(moment)[:13]


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["watch"], hour_of(row["event_time"]), row["project"], row["username"], row["event_type"])


async def add(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]], ids: Sequence[int]) -> None:
    """Count new events; their ids ascend."""
    found: dict[tuple[str, ...], list[int]] = {}
    for row, event_id in zip(rows, ids, strict=True):
        found.setdefault(_key(row), []).append(event_id)
    statement = upsert(tx, file_hours)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=list(_KEY), set_={"n": file_hours.c.n + new.n, "last_id": new.last_id}
    )
    values = [
        {**dict(zip(_KEY, key, strict=True)), "n": len(some), "first_id": some[0], "last_id": some[-1]}
        for key, some in found.items()
    ]
    if values:
        await tx.execute(statement, values)


async def add_people(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note where the changes are that somebody made: rows as of `add`, with their `id` and that `username`."""
    found: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(row["id"])
    statement = upsert(tx, file_hours)
    new, old = statement.excluded, file_hours.c
    statement = statement.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={
            "first_id": case((new.first_id < old.first_id, new.first_id), else_=old.first_id),
            "last_id": case((new.last_id > old.last_id, new.last_id), else_=old.last_id),
        },
    )
    values = [
        {**dict(zip(_KEY, key, strict=True)), "n": 0, "first_id": min(some), "last_id": max(some)}
        for key, some in found.items()
    ]
    if values:
        await tx.execute(statement, values)


async def forget_people(tx: AsyncConnection, before: datetime) -> None:
    """Drop what was noted of hours that are over, with all their events gone."""
    await tx.execute(delete(file_hours).where(file_hours.c.n == 0, file_hours.c.hour < hour_of(before)))


async def take(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Count events that go no more."""
    gone = Counter(_key(row) for row in rows)
    at = [file_hours.c[name] == bindparam(f"of_{name}") for name in _KEY]
    values = [
        {**{f"of_{name}": part for name, part in zip(_KEY, key, strict=True)}, "gone": n} for key, n in gone.items()
    ]
    if values:
        await tx.execute(update(file_hours).where(*at).values(n=file_hours.c.n - bindparam("gone")), values)
        emptied = [{name: value for name, value in each.items() if name != "gone"} for each in values]
        await tx.execute(delete(file_hours).where(*at, file_hours.c.n <= 0), emptied)


async def bounds(connection: AsyncConnection, query: Query) -> tuple[int, int] | None:
    """Ids between which every event of the query's period and labels lies; None when there is none."""
    column = file_hours.c
    statement = select(func.min(column.first_id), func.max(column.last_id)).where(*await _labelled(connection, query))
    if query.since is not None:
        statement = statement.where(column.hour >= hour_of(query.since))
    if query.until is not None:
        statement = statement.where(column.hour <= hour_of(query.until))
    first, last = (await connection.execute(statement)).one()
    return None if first is None else (first, last)


async def _labelled(connection: AsyncConnection, query: Query) -> list[ColumnElement[bool]]:
    """The query's labels; always by watch, which the key begins with."""
    column = file_hours.c
    watches = [query.watch] if query.watch is not None else await watch_names(connection)
    found: list[ColumnElement[bool]] = [column.watch.in_(watches)]
    exact = {column.project: query.project, column.username: query.username, column.event_type: query.event_type}
    if query.people:
        found.append(column.username.in_(query.people))
    return found + [each == value for each, value in exact.items() if value is not None]


async def watch_names(connection: AsyncConnection) -> list[str]:
    """The watches that were counted."""
    return await _different(connection, file_hours.c.watch)


async def people(connection: AsyncConnection) -> list[str]:
    """The persons that the history knows, by their labels and by the audit logs."""
    return await _different(connection, file_hours.c.username)


async def labels(connection: AsyncConnection) -> list[str]:
    """The labels of persons alone."""
    column = file_hours.c
    counted = select(column.username).where(column.n > 0, column.username > "").distinct()
    return list((await connection.execute(counted)).scalars())


async def _different(connection: AsyncConnection, values: Column[str]) -> list[str]:
    """The different values of a column, found by skipping along its index."""
    found = select(func.min(values).label("name")).where(values > "").cte("found", recursive=True)
    following = select(func.min(values)).where(values > found.c.name).scalar_subquery()
    found = found.union_all(select(following).where(found.c.name.is_not(None)))
    return list((await connection.execute(select(found.c.name).where(found.c.name.is_not(None)))).scalars())


async def count_by_day(
    connection: AsyncConnection, query: Query, *, since: datetime, until: datetime, timezone: str
) -> list[tuple[date, dict[EventType, int]]]:
    """How many events of the query's labels (its words are not looked at) each day of a zone had; quiet days too.

    `since` and `until` are the first moments of the first day and of the one after the last.
    """
    zone = ZoneInfo(timezone)
    first, end = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = {first + timedelta(days=n): dict.fromkeys(EVENT_TYPES, 0) for n in range((end - first).days)}
    counted = _by_hour if _on_the_hour(zone, since, until) else _by_event
    day_of: dict[datetime, date] = {}
    async for moment, kind, n in counted(connection, query, since, until):
        if moment not in day_of:
            day_of[moment] = moment.astimezone(zone).date()
        if (day := day_of[moment]) in days:
            days[day][kind] += n
    return list(days.items())


def _on_the_hour(zone: ZoneInfo, since: datetime, until: datetime) -> bool:
    """Whether this zone's days begin where an hour of UTC begins."""
    offsets = {moment.astimezone(zone).utcoffset() or timedelta() for moment in (since, until)}
    return all(offset % _HOUR == timedelta() for offset in offsets)


async def _by_hour(connection: AsyncConnection, query: Query, since: datetime, until: datetime) -> Any:
    column = file_hours.c
    statement = (
        select(column.hour, column.event_type, func.sum(column.n))
        .where(*await _labelled(connection, query), column.hour >= hour_of(since), column.hour < hour_of(until))
        .group_by(column.hour, column.event_type)
    )
    for hour, kind, n in await connection.execute(statement):
        yield datetime.fromisoformat(f"{hour}:00+00:00"), kind, int(n)


async def _by_event(connection: AsyncConnection, query: Query, since: datetime, until: datetime) -> Any:
    """Where days begin on the half hour (India, Nepal), events themselves are counted."""
    column = file_events.c
    labels = {each: getattr(query, each) for each in LABELS}
    exact = [column[name] == value for name, value in labels.items() if value is not None]
    quarter = func.substr(column.event_time, 1, 16)
    statement = (
        select(quarter, column.event_type, func.count())
        .where(*exact, column.event_time >= since, column.event_time < until)
        .group_by(quarter, column.event_type)
    )
    for minute, kind, n in await connection.execute(statement):
        yield datetime.fromisoformat(minute).replace(tzinfo=UTC), kind, n


async def count_by_watch(connection: AsyncConnection, since: datetime) -> list[tuple[str, str, EventType, int]]:
    """Watch, project, type and number of the events since then: of its own hour counted, of the others known."""
    found: Counter[tuple[str, str, EventType]] = Counter()
    following = since.replace(minute=0, second=0, microsecond=0) + _HOUR
    event, hour = file_events.c, file_hours.c
    first = (
        select(event.watch, event.project, event.event_type, func.count())
        .where(event.event_time >= since, event.event_time < following)
        .group_by(event.watch, event.project, event.event_type)
    )
    rest = (
        select(hour.watch, hour.project, hour.event_type, func.sum(hour.n))
        .where(hour.watch.in_(await watch_names(connection)), hour.hour >= hour_of(following))
        .group_by(hour.watch, hour.project, hour.event_type)
    )
    for statement in (first, rest):
        for watch, project, kind, n in await connection.execute(statement):
            found[watch, project, kind] += int(n)
    return list(_sorted(found))


def _sorted(found: Mapping[tuple[str, str, EventType], int]) -> Iterator[tuple[str, str, EventType, int]]:
    for (watch, project, kind), n in sorted(found.items()):
        yield watch, project, kind, n
