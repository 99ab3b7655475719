"""Subscriptions to the history of files, in SQL."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import JSON, Column, Index, Row, String, Table, Text, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Destination
from core.clock import iso
from core.db.metadata import Identifier, Moment, metadata, upsert
from core.files.follows import NOTHING, Follow

file_follows = Table(
    "file_follows",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("chat_id", Identifier, nullable=False),
    Column("thread_id", Identifier, nullable=False),
    Column("person_id", Identifier, nullable=False),  # who wished it
    Column("words", Text, nullable=False),
    Column("digest_at", String(5)),  # HH:MM in the zone of the chat; none: at once
    Column("due_at", Moment),
    Column("position", Identifier, nullable=False),  # the last event considered
    Column("message", Identifier, nullable=False),
    Column("first_event_id", Identifier, nullable=False),
    Column("last_event_id", Identifier, nullable=False),
    Column("last_at", Moment),
    Column("told_at", Moment),
    Column("counts", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("uq_file_follows_chat_id", "chat_id", "thread_id", "words", unique=True),
    sqlite_autoincrement=True,  # a message about one that ended is not edited by a later one
)


def _follow(row: Row[Any]) -> Follow:
    return _of_values(dict(row._mapping))


def _of_values(values: dict[str, Any]) -> Follow:
    to = Destination(values.pop("chat_id"), values.pop("thread_id"))
    at = values.pop("digest_at")
    return Follow(to=to, digest_at=time.fromisoformat(at) if at else None, **values)


def _values(follow: Follow) -> dict[str, Any]:
    special = {
        "chat_id": follow.to.chat_id,
        "thread_id": follow.to.thread_id,
        "digest_at": follow.digest_at.strftime("%H:%M") if follow.digest_at else None,
        "counts": {**NOTHING, **follow.counts},
    }
    names = (column.name for column in file_follows.columns if column.name != "id")
    return {name: special[name] if name in special else getattr(follow, name) for name in names}


def as_data(follow: Follow) -> dict[str, Any]:
    """A subscription as plain data, which JSON keeps."""
    values = {"id": follow.id} | _values(follow)
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in values.items()}


def of_data(data: Mapping[str, Any]) -> Follow:
    """The subscription again."""
    moments = {column.name for column in file_follows.columns if isinstance(column.type, Moment)}
    values = {
        name: datetime.fromisoformat(value) if name in moments and value else value for name, value in data.items()
    }
    return _of_values(values)


async def find(connection: AsyncConnection, follow_id: int) -> Follow | None:
    """A subscription by its id."""
    row = (await connection.execute(select(file_follows).where(file_follows.c.id == follow_id))).one_or_none()
    return _follow(row) if row else None


async def find_words(connection: AsyncConnection, to: Destination, words: str) -> Follow | None:
    """A chat's subscription with these very words."""
    column = file_follows.c
    statement = select(file_follows).where(
        column.chat_id == to.chat_id, column.thread_id == to.thread_id, column.words == words
    )
    row = (await connection.execute(statement)).one_or_none()
    return _follow(row) if row else None


async def list_of(connection: AsyncConnection, to: Destination) -> list[Follow]:
    """What a chat follows, the oldest first."""
    column = file_follows.c
    statement = select(file_follows).where(column.chat_id == to.chat_id, column.thread_id == to.thread_id)
    return [_follow(row) for row in await connection.execute(statement.order_by(column.id))]


async def every(connection: AsyncConnection) -> list[Follow]:
    """Every subscription."""
    return [_follow(row) for row in await connection.execute(select(file_follows).order_by(file_follows.c.id))]


async def count_of(connection: AsyncConnection, to: Destination) -> int:
    """How many a chat has."""
    column = file_follows.c
    statement = select(func.count()).where(column.chat_id == to.chat_id, column.thread_id == to.thread_id)
    return int((await connection.execute(statement)).scalar_one())


async def add(tx: AsyncConnection, follow: Follow) -> Follow:
    """Write down a new one; it with its id."""
    statement = insert(file_follows).values(_values(follow)).returning(file_follows.c.id)
    return replace(follow, id=int((await tx.execute(statement)).scalar_one()))


async def put(tx: AsyncConnection, follow: Follow, *, seen: int) -> bool:
    """Bring one up to date unless another process considered events meanwhile (its position is not `seen`), or it is
    another chat's or person's by now.
    """
    column = file_follows.c
    statement = update(file_follows).where(
        column.id == follow.id,
        column.position == seen,
        column.chat_id == follow.to.chat_id,
        column.person_id == follow.person_id,
    )
    return (await tx.execute(statement.values(_values(follow)))).rowcount == 1


async def move_chat(tx: AsyncConnection, old: int, new: int) -> None:
    """A group became a supergroup; what is followed there with the same words already stays."""
    there = file_follows.alias()
    known = select(there.c.id).where(
        there.c.chat_id == new,
        there.c.thread_id == file_follows.c.thread_id,
        there.c.words == file_follows.c.words,
    )
    moves = update(file_follows).where(file_follows.c.chat_id == old, ~known.exists())
    await tx.execute(moves.values(chat_id=new))
    await tx.execute(delete(file_follows).where(file_follows.c.chat_id == old))


async def place(tx: AsyncConnection, follow: Follow) -> bool:
    """Let one be as it is said, whoever's it was, or be again; False where its chat follows the same words already."""
    if await find(tx, follow.id) is None:
        statement = upsert(tx, file_follows).values({"id": follow.id} | _values(follow)).on_conflict_do_nothing()
        return (await tx.execute(statement)).rowcount == 1
    known = await find_words(tx, follow.to, follow.words)
    if known is not None and known.id != follow.id:
        return False
    await tx.execute(update(file_follows).where(file_follows.c.id == follow.id).values(_values(follow)))
    return True


async def drop(tx: AsyncConnection, follow_id: int) -> None:
    """End one."""
    await tx.execute(delete(file_follows).where(file_follows.c.id == follow_id))
