"""Who is responsible for unfinished requests, in SQL."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.requests.store import requests


class Held(NamedTuple):
    """A request somebody answers for, as a list names it."""

    id: int
    number: str
    position: str
    title: str


async def count_open(connection: AsyncConnection, person_id: int, finals: Sequence[str]) -> tuple[int, int]:
    """How many unfinished requests a person answers for, and how many of them somebody put a reminder on."""
    column = requests.c
    query = select(func.count(), func.count(column.remind_at))
    found = await connection.execute(query.where(column.responsible_id == person_id, column.status.not_in(finals)))
    every, reminders = found.one()
    return every, reminders


async def take_over(tx: AsyncConnection, person_id: int, heir_id: int | None, finals: Sequence[str]) -> list[Held]:
    """Let the heir (None: nobody) answer for a person's unfinished requests; which they are, the oldest first."""
    column = requests.c
    statement = update(requests).where(column.responsible_id == person_id, column.status.not_in(finals))
    columns = column.id, column.request_number, column.position_number, column.title
    rows = await tx.execute(statement.values(responsible_id=heir_id).returning(*columns))
    return sorted(Held(*row) for row in rows)


async def give_back(tx: AsyncConnection, ids: Collection[int], heir_id: int | None, person_id: int) -> list[int]:
    """Let the person answer for these requests again, where the heir still does; the ids of those."""
    column = requests.c
    statement = update(requests).where(column.id.in_(ids), column.responsible_id.is_not_distinct_from(heir_id))
    rows = await tx.execute(statement.values(responsible_id=person_id).returning(column.id))
    return sorted(rows.scalars())
