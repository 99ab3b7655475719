"""What every table shares: one metadata, names for constraints, and the column types both databases agree on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import BigInteger, Delete, Dialect, Insert, Integer, MetaData, String, Table, TypeDecorator
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


_AT_ONCE: Final = 1000
"""Rows handed to the driver at a time, so that others have their turn in between."""

_TOGETHER: Final = 200
"""Rows in one INSERT on SQLite: half the work, and other threads need not be waited for at each row."""


async def write_many(
    tx: AsyncConnection, statement: Insert | Delete, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Execute an INSERT of these columns, or a DELETE with these parameters, for many rows at once.

    The values are as the driver takes them.

    A thousand rows cost a few milliseconds; by `execute`, which prepares every value of every row, ten times that.
    """
    compiled = statement.compile(
        dialect=tx.dialect, column_keys=list(columns) if isinstance(statement, Insert) else None
    )
    order = compiled.positiontup
    assert order is not None  # noqa: S101  both drivers number their parameters
    in_order = itemgetter(*map(list(columns).index, order))
    every: Iterator[tuple[Any, ...]] = map(in_order, rows)
    if tx.dialect.name == "sqlite" and isinstance(statement, Insert):
        row = f"({', '.join('?' * len(order))})"
        together = compiled.string.replace(f"VALUES {row}", f"VALUES {', '.join([row] * _TOGETHER)}")
        while len(values := list(islice(every, _TOGETHER))) == _TOGETHER:
            await tx.exec_driver_sql(together, tuple(chain.from_iterable(values)))
        every = iter(values)
    while values := list(islice(every, _AT_ONCE)):
        await tx.exec_driver_sql(compiled.string, values)


def folded(text: str) -> str:
    """Text as it is searched: case folded here, because SQLite folds ASCII only."""
    return text.casefold()


def like(text: str) -> str:
    """A LIKE pattern (escape `\\`) that finds the text anywhere in a folded column."""
    escaped = folded(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


__all__ = ["Identifier", "Insert", "Moment", "folded", "like", "metadata", "upsert", "write_many"]
