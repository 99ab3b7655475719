"""Searching the history in SQL, at any size.

What names a path is looked up among the paths; when few of them pass, their events are fetched, and when many do,
the newest events are looked through, which soon finds enough. A period is a range of ids, known from the counts.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, literal, literal_column, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from core.files import hours, paths
from core.files.model import Burst, FileEvent, Query
from core.files.tables import file_events, file_paths

ANYTHING: Final = Query()
LAST: Final = 2**63 - 1
PIECE: Final = 1000
"""Events read at a time for an export."""


def event_of(row: Row[Any]) -> FileEvent:
    """A row of the history."""
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
        row.host,
        row.changed_by,
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a search looks before it goes another way; what it finds is the same.

    Events of up to `few` paths are looked up by path. For more, the `recent` newest events are looked through before
    the paths lead to older ones.
    """

    few: int = 5000
    recent: int = 100_000


USUAL: Final = Reach()


@dataclass(frozen=True, slots=True)
class _Plan:
    """Conditions on events; `tests` on one of an event's paths, `few` those paths when they are few.

    No event of the plan has a higher id than `last`. `within`: it begins somewhere, and can be looked through.
    """

    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    tests: list[ColumnElement[bool]] = field(default_factory=list)
    few: list[int] | None = None
    last: int | None = None
    within: bool = False


async def find_events(
    connection: AsyncConnection,
    query: Query = ANYTHING,
    *,
    limit: int = 100,
    offset: int = 0,
    before: int | None = None,
    after: int | None = None,
    reach: Reach = USUAL,
) -> list[FileEvent]:
    """Events of the query, newest first; `before` and `after` are ids. With `after`: those next to it."""
    plan = await _plan(connection, query, reach)
    if plan is None:
        return []
    column = file_events.c
    if after is not None:
        statement = _walk(connection, plan).where(column.id > after).order_by(column.id).limit(limit)
        return [event_of(row) for row in reversed((await connection.execute(statement)).all())]
    return await _newest(connection, plan, limit, offset, before, reach.recent)


async def stream(connection: AsyncConnection, query: Query) -> AsyncIterator[FileEvent]:
    """Every event of the query, newest first, read in pieces: for an export."""
    plan = await _plan(connection, query, USUAL)
    before: int | None = None
    while plan is not None:
        some = await _newest(connection, plan, PIECE, 0, before, USUAL.recent)
        for event in some:
            yield event
        if len(some) < PIECE:
            return
        before = some[-1].id


async def count_found(connection: AsyncConnection, query: Query, most: int, reach: Reach = USUAL) -> int:
    """How many events the query finds, counted up to `most`."""
    plan = await _plan(connection, query, reach)
    if plan is None:
        return 0
    walk = _walk(connection, plan)
    if plan.within or plan.few is not None or not plan.tests:
        return await _count(connection, walk, most)
    newest = plan.last or await _last_id(connection)
    found = await _count(connection, walk.where(file_events.c.id > newest - reach.recent), most)
    return found if found == most else await _count(connection, _along_paths(plan), most)


async def _count(connection: AsyncConnection, found: Select[Any], most: int) -> int:
    some = found.with_only_columns(file_events.c.id).limit(most).subquery()
    return int((await connection.execute(select(func.count()).select_from(some))).scalar_one())


async def _plan(connection: AsyncConnection, query: Query, reach: Reach) -> _Plan | None:
    """How to find it; None when there is nothing to be found."""
    tests = await paths.tests_of(connection, query)
    few = await paths.find_few(connection, query, tests, reach.few) if tests else None
    if few == []:
        return None
    conditions = _labels(connection, query, indexed=few is None)
    if (query.since, query.until, query.username, query.people, query.event_type) == (None, None, None, (), None):
        return _Plan(conditions, tests, few)
    between = await hours.bounds(connection, query)
    if between is None:
        return None
    conditions.append(file_events.c.id.between(*between))
    return _Plan(conditions, tests, few, between[1], within=query.since is not None or not tests)


def _labels(connection: AsyncConnection, query: Query, *, indexed: bool) -> list[ColumnElement[bool]]:
    """Project, watch, … and time. SQLite keeps no statistics here: it is told which index not to take."""

    def column(name: str, *, indexed: bool = indexed) -> ColumnElement[Any]:
        plain = file_events.c[name]
        if indexed or connection.dialect.name != "sqlite":
            return plain
        return literal_column(f"+file_events.{name}", plain.type)

    labels = {name: getattr(query, name) for name in hours.LABELS}
    found = [column(name) == value for name, value in labels.items() if value is not None]
    if query.people:
        found.append(_changed_by(query.people))
    if query.since is not None:
        found.append(column("event_time", indexed=False) >= query.since)
    if query.until is not None:
        found.append(column("event_time", indexed=False) < query.until)
    return found


def _changed_by(people: Sequence[str]) -> ColumnElement[bool]:
    """Whether one of them is the label, or among those whom the audit log names."""
    named = literal(", ") + file_events.c.changed_by + ", "
    listed = (named.contains(f", {person}, ", autoescape=True) for person in people)
    return or_(file_events.c.username.in_(people), *listed)


async def _newest(
    connection: AsyncConnection, plan: _Plan, limit: int, offset: int, before: int | None, recent: int
) -> list[FileEvent]:
    column = file_events.c
    page = _walk(connection, plan)
    if before is not None:
        page = page.where(column.id < before)
    page = page.order_by(column.id.desc()).limit(limit).offset(offset)
    if plan.within or plan.few is not None or not plan.tests:
        return [event_of(row) for row in await connection.execute(page)]
    newest = min(before or LAST, plan.last or await _last_id(connection))
    latest = (await connection.execute(page.where(column.id > newest - recent))).all()
    if len(latest) == limit:
        return [event_of(row) for row in latest]
    everything = _along_paths(plan)
    if before is not None:
        everything = everything.where(column.id < before)
    everything = everything.order_by(column.id.desc()).limit(limit).offset(offset)
    return [event_of(row) for row in await connection.execute(everything)]


async def _last_id(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.max(file_events.c.id)))).scalar() or 0


def _walk(connection: AsyncConnection, plan: _Plan) -> Select[Any]:
    """Events one after another, or those of few paths."""
    column = file_events.c
    statement = select(file_events).where(*plan.conditions)
    if plan.few is not None:
        of_new = select(column.id).where(paths.among(connection, column.path_id, plan.few))
        of_old = select(column.id).where(paths.among(connection, column.old_path_id, plan.few))
        return statement.where(column.id.in_(union(of_new, of_old).subquery().select()))
    if plan.tests:
        path = file_paths.c
        either = or_(path.id == column.path_id, path.id == column.old_path_id)
        return statement.where(select(path.id).where(either, *plan.tests).exists())
    return statement


def _along_paths(plan: _Plan) -> Select[Any]:
    """Events reached from their paths, however many those are."""
    column, path = file_events.c, file_paths.c
    passing = select(path.id).where(*plan.tests)
    of_new = select(column.id).where(column.path_id.in_(passing))
    of_old = select(column.id).where(column.old_path_id.in_(passing))
    return select(file_events).where(*plan.conditions, column.id.in_(union(of_new, of_old).subquery().select()))


async def burst_events(connection: AsyncConnection, burst: Burst, limit: int) -> list[FileEvent]:
    """The last events of a burst, newest first."""
    column = file_events.c
    own = [column.watch == burst.watch, column.id.between(burst.first_event_id, burst.last_event_id)]
    if burst.host is not None:
        own.append(column.host == burst.host)
    statement = select(file_events).where(*own).order_by(column.id.desc()).limit(limit)
    return [event_of(row) for row in await connection.execute(statement)]


async def known_names(connection: AsyncConnection, column: str) -> list[str]:
    """The different values of `project` or `watch` in the history, found by skipping along the index."""
    values = file_events.c[column]
    found = select(func.min(values).label("name")).where(values > "").cte("found", recursive=True)
    following = select(func.min(values)).where(values > found.c.name).scalar_subquery()
    found = found.union_all(select(following).where(found.c.name.is_not(None)))
    return list((await connection.execute(select(found.c.name).where(found.c.name.is_not(None)))).scalars())
