"""The tables of letters and every SQL statement about them: what came, and which files of a mailbox were seen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import Identifier, Moment, metadata, upsert
from core.letters import rows
from core.letters.record import WAITING, Record
from core.letters.rows import MESSAGE_ID_LIMIT, fitted, storable

KEYS_AT_ONCE: Final = 500
"""Keys asked for in one statement: SQLite takes 32766 parameters, but a plan for fewer is made faster."""

letters = Table(
    "letters",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("message_id", String(MESSAGE_ID_LIMIT), nullable=False, unique=True),
    Column("source", String(64), nullable=False),
    Column("sender", Text, nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", JSON, nullable=False),
    Column("updates", JSON, nullable=False),
    Column("status", String(32)),
    Column("number", Text),
    Column("position", Text, nullable=False),
    Column("candidates", JSON, nullable=False),
    Column("effects", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("request_id", Identifier, ForeignKey("requests.id")),
    Column("decided_by", Text),
    Column("decided_at", Moment),
    Column("thread", JSON, nullable=False),
    Column("root", String(MESSAGE_ID_LIMIT), nullable=False),  # the message id the thread began with
    Index("ix_letters_root", "root"),
    Index("ix_letters_sender", "sender", "id"),
    Column("contractor_id", Identifier, ForeignKey("contractors.id")),
    Column("reminded_at", Moment),
    Column("waiting_since", Moment),
    Column("trace", JSON),  # standing, offer, reply_to, steps: what deciding anew and taking back needs
    Index("ix_letters_state", "state", "id"),
    Index("ix_letters_request_id", "request_id", "id"),
)

letter_keys = Table(
    "letter_keys",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("letter_id", Identifier, ForeignKey("letters.id"), nullable=False),
    Column("seen_at", Moment, nullable=False),
)

letter_requests = Table(
    "letter_requests",
    metadata,
    Column("request_id", Identifier, ForeignKey("requests.id"), primary_key=True, autoincrement=False),
    Column("letter_id", Identifier, ForeignKey("letters.id"), primary_key=True, autoincrement=False),
)  # what a letter is about beside `letters.request_id`

letter_contents = Table(
    "letter_contents",
    metadata,
    Column("letter_id", Identifier, ForeignKey("letters.id"), primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),  # the decoded letter and what was read in it, compressed
)

letter_attachments = Table(
    "letter_attachments",
    metadata,
    Column("letter_id", Identifier, ForeignKey("letters.id"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", String(64), ForeignKey("attachments.digest")),  # NULL: not kept, `refused` says why
    Column("refused", JSON),
)

attachments = Table(
    "attachments",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 in hex
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("owner", String(320), primary_key=True),  # `contractor:3`, or the domain of who uses that number
    Column("ticket", String(64), primary_key=True),
    Column("request_id", Identifier, ForeignKey("requests.id"), nullable=False),
    Column("learned_at", Moment, nullable=False),
)

ignored_senders = Table(
    "ignored_senders",
    metadata,
    Column("sender", String(320), primary_key=True),
    Column("ignored_by", Text, nullable=False),
    Column("ignored_at", Moment, nullable=False),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("identity", Text, nullable=False),  # which mailbox of which server
    Column("cursor", Text),
    Column("started_at", Moment, nullable=False),
    Column("synced_at", Moment),
    Column("history", String(16), nullable=False),  # core.letters.mailboxes.History
    Column("trusted_at", Moment),
    Column("confirmed", Integer, nullable=False, server_default="0"),
    Column("corrected", Integer, nullable=False, server_default="0"),
    Column("summary", JSON),  # what was found in its history, or what applying that changed
    Column("late_since", Moment),  # NULL while it is read in time
)

outgoing_letters = Table(
    "outgoing_letters",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("message_id", String(MESSAGE_ID_LIMIT), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),  # nudge, answer
    Column("source", String(64), nullable=False),  # the mailbox that sends it
    Column("request_id", Identifier, ForeignKey("requests.id")),  # NULL: an answer to a letter about none
    Column("letter_id", Identifier, ForeignKey("letters.id")),  # what it answers
    Column("recipients", JSON, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("thread", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # draft, queued, sending, sent, unknown, refused, discarded
    Column("author", Text, nullable=False),
    Column("author_id", Identifier),
    Column("origin", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("queued_at", Moment),
    Column("claimed_at", Moment),
    Column("sent_at", Moment),
    Column("reason", JSON(none_as_null=True)),
    Index("ix_outgoing_letters_state", "state", "source", "id"),
    Index("ix_outgoing_letters_request_id", "request_id", "id"),
)


async def seen(connection: AsyncConnection, source: str, keys: Sequence[str]) -> set[str]:
    """Those of the keys that this mailbox showed before."""
    found: set[str] = set()
    for start in range(0, len(keys), KEYS_AT_ONCE):
        chunk = keys[start : start + KEYS_AT_ONCE]
        query = select(letter_keys.c.key).where(letter_keys.c.source == source, letter_keys.c.key.in_(chunk))
        found.update((await connection.execute(query)).scalars())
    return found


async def mark_seen(tx: AsyncConnection, source: str, key: str, letter_id: int, now: datetime) -> None:
    """Remember which letter a file of a mailbox holds."""
    statement = upsert(tx, letter_keys).values(source=source, key=key, letter_id=letter_id, seen_at=now)
    await tx.execute(statement.on_conflict_do_nothing(index_elements=["source", "key"]))


async def find_id(tx: AsyncConnection, message_id: str) -> int | None:
    """The id under which a letter is remembered, by its message id."""
    query = select(letters.c.id).where(letters.c.message_id == fitted(message_id))
    found: int | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def add(tx: AsyncConnection, record: Record) -> int:
    """Remember a letter; its id."""
    result = await tx.execute(letters.insert().values(rows.values(record)).returning(letters.c.id))
    return int(result.scalar_one())


async def add_new(tx: AsyncConnection, record: Record) -> int | None:
    """Remember a letter; its id, or None when a letter is remembered under its message id."""
    statement = upsert(tx, letters).values(rows.values(record)).on_conflict_do_nothing(index_elements=["message_id"])
    added: int | None = (await tx.execute(statement.returning(letters.c.id))).scalar_one_or_none()
    return added


async def save_verdict(tx: AsyncConnection, record: Record) -> None:
    """Write what became of a letter: the columns that say what it said and came in with stay."""
    await tx.execute(update(letters).where(letters.c.id == record.id).values(rows.verdict(record)))


async def save_reading(tx: AsyncConnection, record: Record) -> None:
    """Write what a letter was read to say, when it was read again."""
    values = {"outcome": record.outcome, "note": storable(record.note)}
    await tx.execute(update(letters).where(letters.c.id == record.id).values(values))


async def get(connection: AsyncConnection, letter_id: int) -> Record | None:
    """A letter by its id."""
    row = (await connection.execute(select(letters).where(letters.c.id == letter_id))).one_or_none()
    return rows.record_of(row) if row else None


async def list_letters(connection: AsyncConnection, *, limit: int, offset: int = 0) -> list[Record]:
    """The letters that came, the latest first."""
    query = select(letters).order_by(letters.c.id.desc()).limit(limit).offset(offset)
    return [rows.record_of(row) for row in await connection.execute(query)]


async def count_by_state(connection: AsyncConnection) -> dict[str, int]:
    """How many letters are in each state."""
    rows = await connection.execute(select(letters.c.state, func.count()).group_by(letters.c.state))
    return {row[0]: row[1] for row in rows}


async def waiting(connection: AsyncConnection, since: datetime, but: str) -> list[Record]:
    """The letters that wait for a person since then or longer and were not told again; none of the source `but`."""
    asked = func.coalesce(letters.c.waiting_since, letters.c.recorded_at)
    query = select(letters).where(
        letters.c.state.in_(WAITING), letters.c.reminded_at.is_(None), letters.c.source != but, asked <= since
    )
    return [rows.record_of(row) for row in await connection.execute(query.order_by(letters.c.id))]


async def set_reminded(tx: AsyncConnection, ids: Sequence[int], moment: datetime | None) -> None:
    """Remember when these letters were told again; None: they may be told again."""
    await tx.execute(update(letters).where(letters.c.id.in_(ids)).values(reminded_at=moment))


async def waiting_of_sender(tx: AsyncConnection, sender: str) -> list[Record]:
    """The letters of that address that wait for a person, oldest first."""
    query = select(letters).where(letters.c.sender == storable(sender), letters.c.state.in_(WAITING))
    return [rows.record_of(row) for row in await tx.execute(query.order_by(letters.c.id))]


async def ignored_of_sender(connection: AsyncConnection, sender: str) -> list[Record]:
    """Letters of people at that address that changed nothing because it is ignored, oldest first by their own time."""
    query = select(letters).where(
        letters.c.sender == storable(sender), letters.c.state == "ignored", letters.c.outcome != "ignore"
    )
    return [rows.record_of(row) for row in await connection.execute(query.order_by(letters.c.moment, letters.c.id))]


async def history(connection: AsyncConnection, source: str, since: datetime, limit: int | None = None) -> list[Record]:
    """The letters of a mailbox's history that changed nothing yet, recorded since then, oldest first by own time."""
    query = select(letters).where(
        letters.c.state == "history", letters.c.source == source, letters.c.recorded_at >= since
    )
    query = query.order_by(letters.c.moment, letters.c.id).limit(limit)
    return [rows.record_of(row) for row in await connection.execute(query)]


async def latest_about(connection: AsyncConnection, request_id: int) -> int | None:
    """The letter that spoke of a request last, by its own time; None when none did."""
    moment = letters.c.moment.label("moment")
    also = letter_requests.join(letters, letters.c.id == letter_requests.c.letter_id)
    found = union_all(
        select(letters.c.id, moment).where(letters.c.request_id == request_id),
        select(letters.c.id, moment).select_from(also).where(letter_requests.c.request_id == request_id),
    ).subquery()
    query = select(found.c.id).order_by(found.c.moment.desc(), found.c.id.desc()).limit(1)
    latest: int | None = (await connection.execute(query)).scalar_one_or_none()
    return latest
