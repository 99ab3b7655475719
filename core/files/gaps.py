"""The gaps in SQL: the times in which a watch could follow nothing, each with what the comparison after it found."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.files.model import Gap, Query
from core.files.naming import below_root, is_absolute, shown
from core.files.orders_store import file_orders
from core.files.tables import file_gaps, file_hours, file_roots, file_watches

MOST: Final = 1000
"""Gaps of one answer, the newest: who has more of them reads the table."""


async def add(tx: AsyncConnection, gap: Gap) -> None:
    """Write down a gap that is over."""
    await tx.execute(
        insert(file_gaps).values(
            watch=gap.watch,
            host=gap.host,
            reason=gap.reason,
            began_at=gap.began_at,
            ended_at=gap.ended_at,
            found=gap.found,
        )
    )


def _told() -> ColumnElement[bool]:
    """Not a stall after which nothing was found: what it had missed waited in the system's queue."""
    column = file_gaps.c
    return (column.found > 0) | column.reason.not_in(("frozen", "overflow"))


def _gap(row: Row[Any]) -> Gap:
    return Gap(row.watch, row.reason, row.began_at, row.ended_at, row.found, row.host)


async def last(connection: AsyncConnection, watch: str, limit: int, host: str | None = None) -> list[Gap]:
    """The last gaps of a watch that are over, newest first; of one machine, or (None) of every one."""
    column = file_gaps.c
    statement = select(file_gaps).where(column.watch == watch, _told()).order_by(column.id.desc()).limit(limit)
    if host is not None:
        statement = statement.where(column.host == host)
    return [_gap(row) for row in await connection.execute(statement)]


async def overlapping(
    connection: AsyncConnection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    watch: str | None = None,
    host: str | None = None,
) -> list[Gap]:
    """The gaps that overlap a period, newest first, those that still last among them."""
    named = {"watch": watch, "host": host}
    column = file_gaps.c
    of = [column[name] == value for name, value in named.items() if value is not None]
    statement = select(file_gaps).where(_told(), *of)
    if since is not None:
        statement = statement.where(column.ended_at > since)
    if until is not None:
        statement = statement.where(column.began_at < until)
    over = [_gap(row) for row in await connection.execute(statement.order_by(column.began_at.desc()).limit(MOST))]
    lasting = [
        gap
        for gap in await _lasting(connection)
        if (until is None or gap.began_at < until)
        and all(getattr(gap, name) == value for name, value in named.items() if value is not None)
    ]
    return sorted(lasting + over, key=lambda gap: gap.began_at, reverse=True)


async def _lasting(connection: AsyncConnection) -> list[Gap]:
    """The folders that are away or paused now: what they miss is no row yet."""
    column, order = file_watches.c, file_orders.c
    statement = select(column.name, column.host, column.away_since, order.paused_at).outerjoin(
        file_orders, order.watch == column.name
    )
    since: ColumnElement[bool] = column.away_since.is_not(None) | order.paused_at.is_not(None)
    return [
        Gap(row.name, "paused", row.paused_at, None, 0, row.host)
        if row.away_since is None
        else Gap(row.name, "away", row.away_since, None, 0, row.host)
        for row in await connection.execute(statement.where(since))
    ]


async def unseen(connection: AsyncConnection, query: Query) -> list[Gap]:
    """The gaps that a question's answer may lack something for, newest first; without a period, those that last."""
    if query.since is None and query.until is None:
        lasting = (gap for gap in await _lasting(connection) if query.watch in (None, gap.watch))
        found = sorted(lasting, key=lambda gap: gap.began_at, reverse=True)
    else:
        found = await overlapping(connection, since=query.since, until=query.until, watch=query.watch)
    concerned = await _concerned(connection, query, {gap.watch for gap in found})
    return [gap for gap in found if gap.watch in concerned]


async def _concerned(connection: AsyncConnection, query: Query, watches: Collection[str]) -> set[str]:
    """Those of the watches that the question's project and path lie in."""
    concerned = set(watches)
    if query.project is not None:
        hour = file_hours.c
        for watch in watches:
            known = select(hour.n).where(hour.watch == watch, hour.project == query.project).limit(1)
            if (await connection.execute(known)).first() is None:
                concerned.discard(watch)
    if query.path is not None and is_absolute(query.path) and concerned:
        path = shown(query.path)
        roots = select(file_roots).where(file_roots.c.watch.in_(concerned))
        concerned = {
            row.watch
            for row in await connection.execute(roots)
            if below_root(path, row.root) is not None or below_root(row.root, path) is not None
        }
    return concerned
