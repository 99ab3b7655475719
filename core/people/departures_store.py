"""The table of departures and every SQL statement about it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Row, String, Table, Text, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import Identifier, Moment, metadata
from core.people.model import Departure

departures = Table(
    "departures",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("person_id", Identifier, ForeignKey("people.id"), nullable=False),
    Column("heir_id", Identifier, ForeignKey("people.id")),
    Column("role", String(16)),
    Column("by_id", Identifier),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("handed", JSON, nullable=False),
    Column("undone_at", Moment),
    Index("ix_departures_person_id", "person_id"),
)


def _departure(row: Row[Any]) -> Departure:
    return Departure(**row._mapping)


async def add(tx: AsyncConnection, departure: Departure) -> Departure:
    """Write down a new one; it with its id."""
    names = (column.name for column in departures.columns if column.name != "id")
    statement = insert(departures).values({name: getattr(departure, name) for name in names})
    made = (await tx.execute(statement.returning(departures.c.id))).scalar_one()
    return replace(departure, id=int(made))


async def find(connection: AsyncConnection, departure_id: int) -> Departure | None:
    """A departure by its id."""
    row = (await connection.execute(select(departures).where(departures.c.id == departure_id))).one_or_none()
    return _departure(row) if row else None


async def latest(connection: AsyncConnection, person_id: int) -> Departure | None:
    """A person's last departure."""
    query = select(departures).where(departures.c.person_id == person_id).order_by(departures.c.id.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return _departure(row) if row else None


async def mark_undone(tx: AsyncConnection, departure_id: int, at: datetime) -> None:
    """It was taken back."""
    await tx.execute(update(departures).where(departures.c.id == departure_id).values(undone_at=at))
