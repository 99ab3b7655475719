"""Every SQL statement about contractors; their tables stand with those of requests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import folded, upsert
from core.requests.model import Contractor
from core.requests.store import contractor_addresses as addresses
from core.requests.store import contractors, requests


def _contractor(row: Row[Any], patterns: Sequence[str]) -> Contractor:
    return Contractor(
        row.id, row.name, tuple(patterns), row.working_hours, tuple(row.working_days), archived_at=row.archived_at
    )


async def get(tx: AsyncConnection, contractor_id: int) -> Contractor | None:
    """A contractor by its id, archived or not."""
    row = (await tx.execute(select(contractors).where(contractors.c.id == contractor_id))).one_or_none()
    return _contractor(row, (await _patterns(tx, [row.id])).get(row.id, ())) if row else None


async def find(tx: AsyncConnection, name: str) -> Contractor | None:
    """The contractor of that name, whatever its case, archived or not."""
    row = (await tx.execute(select(contractors.c.id).where(contractors.c.folded == folded(name)))).one_or_none()
    return await get(tx, row.id) if row else None


async def list_contractors(tx: AsyncConnection) -> list[Contractor]:
    """The contractors that are not archived, by name."""
    query = select(contractors).where(contractors.c.archived_at.is_(None)).order_by(contractors.c.folded)
    rows = (await tx.execute(query)).all()
    patterns = await _patterns(tx, [row.id for row in rows])
    return [_contractor(row, patterns.get(row.id, ())) for row in rows]


async def any_contractor(tx: AsyncConnection) -> bool:
    """Whether there is a contractor that is not archived."""
    query = select(contractors.c.id).where(contractors.c.archived_at.is_(None)).limit(1)
    return (await tx.execute(query)).one_or_none() is not None


async def _patterns(tx: AsyncConnection, ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(addresses).where(addresses.c.contractor_id.in_(ids)).order_by(addresses.c.pattern)
    found: dict[int, list[str]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.contractor_id, []).append(row.pattern)
    return found


async def add(tx: AsyncConnection, name: str, now: datetime) -> int:
    """Insert a contractor; its id."""
    statement = upsert(tx, contractors).values(name=name, folded=folded(name), working_days=[], created_at=now)
    contractor_id: int = (await tx.execute(statement.returning(contractors.c.id))).scalar_one()
    return contractor_id


async def change(tx: AsyncConnection, contractor_id: int, **values: Any) -> None:
    """Set columns of a contractor; a new name is searched for, too."""
    if "name" in values:
        values["folded"] = folded(values["name"])
    await tx.execute(update(contractors).where(contractors.c.id == contractor_id).values(**values))


async def owners(tx: AsyncConnection, patterns: Sequence[str]) -> dict[str, int]:
    """Of these patterns those that a contractor has, each with the contractor's id."""
    rows = await tx.execute(select(addresses).where(addresses.c.pattern.in_(patterns)))
    return {row.pattern: row.contractor_id for row in rows}


async def add_pattern(tx: AsyncConnection, contractor_id: int, pattern: str) -> None:
    """Give a contractor a pattern that nobody has."""
    await tx.execute(upsert(tx, addresses).values(pattern=pattern, contractor_id=contractor_id))


async def remove_patterns(tx: AsyncConnection, contractor_id: int, pattern: str | None = None) -> int:
    """Take a pattern, or all of them, away from a contractor; how many it had."""
    statement = delete(addresses).where(addresses.c.contractor_id == contractor_id)
    if pattern is not None:
        statement = statement.where(addresses.c.pattern == pattern)
    return (await tx.execute(statement)).rowcount


async def open_requests(tx: AsyncConnection, contractor_id: int, finals: Sequence[str]) -> list[int]:
    """The ids of a contractor's unfinished requests."""
    query = select(requests.c.id).where(requests.c.contractor_id == contractor_id, requests.c.status.not_in(finals))
    return list((await tx.execute(query.order_by(requests.c.id))).scalars())
