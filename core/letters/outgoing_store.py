"""Every SQL statement about letters of ours."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Text, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.letters.outgoing import OutgoingLetter
from core.letters.record import Reason
from core.letters.rows import storable
from core.letters.store import ignored_senders, letters, outgoing_letters

LETTERS_LOOKED_AT: Final = 2000
"""Of letters about several requests, the latest are looked through for one that is not the first named."""

_o = outgoing_letters.c


@dataclass(frozen=True, slots=True)
class Came:
    """What an answer needs to know of a letter that came."""

    id: int
    message_id: str
    source: str
    sender: str
    subject: str
    thread: tuple[str, ...]
    outcome: str
    state: str
    request_id: int | None
    contractor_id: int | None
    reply_to: str
    """Where the sender wants an answer, if elsewhere."""


def _came(row: Row[Any]) -> Came:
    return Came(
        row.id,
        row.message_id,
        row.source,
        row.sender,
        row.subject,
        tuple(row.thread),
        row.outcome,
        row.state,
        row.request_id,
        row.contractor_id,
        (row.trace or {}).get("reply_to", ""),
    )


def _letter(row: Row[Any]) -> OutgoingLetter:
    values = dict(row._mapping)
    return OutgoingLetter(
        **values
        | {
            "recipients": tuple(row.recipients),
            "thread": tuple(row.thread),
            "reason": Reason(**row.reason) if row.reason else None,
        }
    )


def _values(changes: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(changes)
    for name in ("subject", "text", "author"):
        if name in values:
            values[name] = storable(values[name])
    if isinstance(values.get("reason"), Reason):
        values["reason"] = asdict(values["reason"])
    return values


async def add(tx: AsyncConnection, letter: OutgoingLetter) -> OutgoingLetter:
    """Write a draft down; the letter with its id."""
    values = _values({name: value for name, value in asdict(letter).items() if name != "id"})
    values |= {"recipients": list(letter.recipients), "thread": list(letter.thread)}
    return _letter((await tx.execute(outgoing_letters.insert().values(values).returning(outgoing_letters))).one())


async def get(connection: AsyncConnection, outgoing_id: int) -> OutgoingLetter | None:
    """A letter of ours by its id."""
    row = (await connection.execute(select(outgoing_letters).where(_o.id == outgoing_id))).one_or_none()
    return _letter(row) if row else None


async def change(tx: AsyncConnection, seen: OutgoingLetter, **changes: Any) -> OutgoingLetter | None:
    """Set columns of a letter that still stands where it was seen; None when it does not any more.

    `changes` may hold a `Reason`.
    """
    statement = (
        update(outgoing_letters)
        .where(_o.id == seen.id, _o.state == seen.state, _same(_o.claimed_at, seen.claimed_at))
        .values(_values(changes))
    )
    row = (await tx.execute(statement.returning(outgoing_letters))).one_or_none()
    return _letter(row) if row else None


def _same(column: Any, value: datetime | None) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return found


async def draft_of(
    tx: AsyncConnection, kind: str, *, request_id: int | None, letter_id: int | None, since: datetime
) -> OutgoingLetter | None:
    """The latest draft of that kind about a request, or of an answer to a letter, made since then."""
    about = _o.letter_id == letter_id if letter_id is not None else _o.request_id == request_id
    query = select(outgoing_letters).where(_o.state == "draft", _o.kind == kind, about, _o.created_at >= since)
    row = (await tx.execute(query.order_by(_o.id.desc()).limit(1))).one_or_none()
    return _letter(row) if row else None


async def count_leaving(tx: AsyncConnection, letter: OutgoingLetter, since: datetime) -> int:
    """How many others were pressed to be sent since then, about the same request; about none: to the same letter."""
    about = _o.request_id == letter.request_id if letter.request_id is not None else _o.letter_id == letter.letter_id
    query = select(func.count()).where(
        about, _o.id != letter.id, _o.queued_at >= since, _o.state.in_(("queued", "sending", "sent", "unknown"))
    )
    return int((await tx.execute(query)).scalar_one())


async def next_queued(tx: AsyncConnection, source: str) -> OutgoingLetter | None:
    """The letter that has waited longest for its turn at that mailbox; one that was tried goes behind the others."""
    query = select(outgoing_letters).where(_o.state == "queued", _o.source == source)
    turn = func.coalesce(_o.claimed_at, _o.queued_at)
    row = (await tx.execute(query.order_by(turn, _o.id).limit(1))).one_or_none()
    return _letter(row) if row else None


async def anything(connection: AsyncConnection, source: str) -> bool:
    """Whether a letter of that mailbox waits to be sent, or is on its way."""
    query = select(_o.id).where(_o.state.in_(("queued", "sending")), _o.source == source).limit(1)
    return (await connection.execute(query)).scalar_one_or_none() is not None


async def left_behind(
    tx: AsyncConnection, source: str, *, claimed_before: datetime, queued_before: datetime
) -> list[OutgoingLetter]:
    """Letters whose sender never said what became of them, and those that have waited too long."""
    query = select(outgoing_letters).where(
        _o.source == source,
        or_(
            (_o.state == "sending") & (_o.claimed_at < claimed_before),
            (_o.state == "queued") & (_o.queued_at < queued_before),
        ),
    )
    return [_letter(row) for row in await tx.execute(query.order_by(_o.id))]


async def came(connection: AsyncConnection, letter_id: int) -> Came | None:
    """A letter that came, by its id."""
    row = (await connection.execute(select(letters).where(letters.c.id == letter_id))).one_or_none()
    return _came(row) if row else None


async def came_about(connection: AsyncConnection, request_id: int, limit: int = 20) -> list[Came]:
    """The letters that came about a request, the latest first."""
    newest = select(func.coalesce(func.max(letters.c.id), 0)).scalar_subquery()
    among = cast(letters.c.effects, Text).like(f'%"request_id": {int(request_id)},%')
    first = select(letters).where(letters.c.request_id == request_id)
    other = select(letters).where(letters.c.id > newest - LETTERS_LOOKED_AT, among)
    found: dict[int, Came] = {}
    for query in (first, other):
        rows = await connection.execute(query.order_by(letters.c.id.desc()).limit(limit))
        found |= {row.id: _came(row) for row in rows}
    return [found[each] for each in sorted(found, reverse=True)]


async def is_ignored(connection: AsyncConnection, sender: str) -> bool:
    """Whether a person said that this sender's letters are never about a request."""
    query = select(ignored_senders.c.sender).where(ignored_senders.c.sender == sender.lower())
    return (await connection.execute(query)).scalar_one_or_none() is not None
