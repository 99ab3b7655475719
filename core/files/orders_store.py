"""What people have decided about watched folders, in SQL."""

from typing import Any

from sqlalchemy import Column, Integer, Row, String, Table, Text, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import Moment, metadata, upsert
from core.files.orders import Orders

file_orders = Table(
    "file_orders",
    metadata,
    Column("watch", String(64), primary_key=True),
    Column("paused_at", Moment),
    Column("paused_by", Text, nullable=False),
    Column("rescan_at", Moment),
    Column("asked_root", Text, nullable=False),
    Column("asked_host", Text, nullable=False),
    Column("asked_at", Moment),
    Column("matched", Integer, nullable=False),
    Column("sampled", Integer, nullable=False),
    Column("answer", String(8)),
    Column("answered_by", Text, nullable=False),
)


def _orders(row: Row[Any]) -> Orders:
    return Orders(**row._mapping)


async def find(connection: AsyncConnection, watch: str) -> Orders:
    """What was decided about a watch; nothing yet is an empty one."""
    row = (await connection.execute(select(file_orders).where(file_orders.c.watch == watch))).one_or_none()
    return _orders(row) if row else Orders(watch)


async def every(connection: AsyncConnection) -> dict[str, Orders]:
    """What was decided, by watch."""
    return {row.watch: _orders(row) for row in await connection.execute(select(file_orders))}


async def put(tx: AsyncConnection, orders: Orders) -> None:
    """Insert or replace what was decided about a watch."""
    values = {column.name: getattr(orders, column.name) for column in file_orders.columns}
    if orders == Orders(orders.watch):
        await tx.execute(delete(file_orders).where(file_orders.c.watch == orders.watch))
        return
    statement = upsert(tx, file_orders).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["watch"], set_=values))
