"""What every table shares: one metadata, names for constraints, and the column types both databases agree on."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, Insert, Integer, MetaData, String, Table, TypeDecorator, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import iso

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Identifier = BigInteger().with_variant(Integer, "sqlite")
"""A row's id, or Telegram's: 64 bits; on SQLite the INTEGER that is the row id."""


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as the contract's text (`core.clock.iso`), so that it reads and sorts everywhere."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To text. `ValueError` when the moment does not know its zone."""
        return None if value is None else iso(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From text, in UTC."""
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


def upsert(tx: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing` on the database at hand."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


_AT_ONCE: Final = 1024
_TOGETHER: Final = 512
"""Rows handed to the driver at a time, so that others have their turn in between; rows in one statement on SQLite,
whose driver would wait at each row until no other thread runs Python."""


async def write_many(
    tx: AsyncConnection, statement: Insert, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Execute an INSERT of these columns for many rows at once. The values are as the driver takes them.

    A thousand rows cost a few milliseconds; by `execute`, which prepares every value of every row, ten times that.
    """
    compiled = statement.compile(dialect=tx.dialect, column_keys=list(columns))
    order = compiled.positiontup
    assert order is not None  # noqa: S101  both drivers number their parameters
    every = map(itemgetter(*map(list(columns).index, order)), rows)
    while values := list(islice(every, _AT_ONCE)):
        if tx.dialect.name == "sqlite":
            await _write_together(tx, compiled.string, values)
        else:
            await tx.exec_driver_sql(compiled.string, values)


async def _write_together(tx: AsyncConnection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """By statements of few different sizes, which the driver keeps prepared."""
    row = f"({', '.join('?' * len(rows[0]))})"
    at, size = 0, _TOGETHER
    while at < len(rows):
        while size > len(rows) - at:
            size //= 2
        together = statement.replace(f"VALUES {row}", f"VALUES {', '.join([row] * size)}")
        await tx.exec_driver_sql(together, tuple(chain.from_iterable(rows[at : at + size])))
        at += size


async def ids_above(tx: AsyncConnection, table: Table, last: int) -> Sequence[int]:
    """The ids of a table's rows beyond that one, ascending: after `write_many`, those of the new rows, in their order.

    (RETURNING would send the rows one by one: a tenth of the speed.)
    """
    column = table.c.id
    counted = select(func.min(column), func.max(column), func.count()).where(column > last)
    first, newest, n = (await tx.execute(counted)).one()
    if n and newest - first + 1 == n:
        return range(first, newest + 1)
    return list((await tx.execute(select(column).where(column > last).order_by(column))).scalars())


def folded(text: str) -> str:
    """Text as it is searched: case folded here, because SQLite folds ASCII only."""
    return text.casefold()


def like(text: str) -> str:
    """A LIKE pattern (escape `\\`) that finds the text anywhere in a folded column."""
    escaped = folded(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


__all__ = ["Identifier", "Insert", "Moment", "folded", "ids_above", "like", "metadata", "upsert", "write_many"]
