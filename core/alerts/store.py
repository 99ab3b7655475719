"""The outbox in SQL: notices, and who may send them (leases); and what counting them says."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Claim, Destination, Head, Notice, Settlement
from core.db.metadata import Identifier, Moment, metadata, upsert
from core.people.store import chats

_WAITS: Final = "state IN ('new', 'unknown')"

notices = Table(
    "notices",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("dedup_key", String(255), nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("data", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("message_id", BigInteger),
    Column("error", Text),
    UniqueConstraint("dedup_key", "chat_id", "thread_id"),
    # what waits is a handful, what is done grows: the courier reads only the first
    Index(
        "ix_notices_waiting",
        "chat_id",
        "id",
        "not_before",
        "expires_at",
        "priority",
        sqlite_where=text(_WAITS),
        postgresql_where=text(_WAITS),
    ),
    Index("ix_notices_state", "state"),
    Index("ix_notices_subject_created_at", "subject", "created_at"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(128), nullable=False),
    Column("until", Moment, nullable=False),
)


# --- notices


async def add_notices(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write these rows; those whose dedup key the chat knows already are left out. How many were written."""
    query = upsert(tx, notices).values(list(rows)).on_conflict_do_nothing().returning(notices.c.id)
    return len((await tx.execute(query)).all())


def _waiting(now: datetime, tries: int) -> ColumnElement[bool]:
    """Rows to be delivered now. The text of the state condition matches the partial index."""
    return and_(
        text(_WAITS),
        or_(notices.c.state == "new", notices.c.attempts < tries),
        notices.c.not_before <= now,
        notices.c.expires_at > now,
    )


def heads_query(now: datetime, tries: int) -> Select[int, int]:
    """The oldest waiting row of each chat, the most urgent first."""
    oldest = select(func.min(notices.c.id)).where(_waiting(now, tries)).group_by(notices.c.chat_id)
    return (
        select(notices.c.id, notices.c.chat_id)
        .where(notices.c.id.in_(oldest))
        .order_by(notices.c.priority, notices.c.id)
    )


async def heads(connection: AsyncConnection, now: datetime, tries: int) -> list[Head]:
    """The row that is next in each chat. `tries`: how often a row whose arrival is unknown may leave."""
    return [Head(*row) for row in await connection.execute(heads_query(now, tries))]


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        to=Destination(row.chat_id, row.thread_id),
        kind=row.kind,
        subject=row.subject,
        mode=row.mode,
        data=row.data,
        priority=row.priority,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        not_before=row.not_before,
        expires_at=row.expires_at,
        message_id=row.message_id,
        error=row.error,
    )


async def told_since(
    connection: AsyncConnection, subjects: Collection[str], moment: datetime
) -> dict[str, dict[str, Mapping[str, Any]]]:
    """The subjects of which something was told from that moment on: of each kind of notice the data of the newest."""
    query = select(notices.c.subject, notices.c.kind, notices.c.data).where(
        notices.c.subject.in_(subjects), notices.c.created_at >= moment
    )
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for subject, kind, data in await connection.execute(query.order_by(notices.c.id)):
        found.setdefault(subject, {})[kind] = data
    return found


async def told_of(connection: AsyncConnection, subject: str) -> bool:
    """Whether a notice about the subject is remembered."""
    found = await connection.execute(select(notices.c.id).where(notices.c.subject == subject).limit(1))
    return found.first() is not None


async def on_their_way(connection: AsyncConnection, subject: str) -> set[Destination]:
    """Where a message about the subject goes at this moment, which will be its card."""
    query = select(notices.c.chat_id, notices.c.thread_id).where(
        notices.c.subject == subject, notices.c.state == "sending", notices.c.mode == "card"
    )
    return {Destination(*row) for row in await connection.execute(query.distinct())}


async def load_notices(connection: AsyncConnection, ids: Collection[int]) -> list[Notice]:
    """These rows, by id."""
    query = select(notices).where(notices.c.id.in_(ids)).order_by(notices.c.id)
    return [_notice(row) for row in await connection.execute(query)]


async def mates(connection: AsyncConnection, of: Sequence[Notice], now: datetime, tries: int) -> list[Notice]:
    """The waiting cards and refreshes of the same chats and subjects, the given rows left out, by id."""
    keys = {(notice.to.chat_id, notice.to.thread_id, notice.subject) for notice in of}
    if not keys:
        return []
    query = (
        select(notices)
        .where(
            _waiting(now, tries),
            tuple_(notices.c.chat_id, notices.c.thread_id, notices.c.subject).in_(keys),
            notices.c.mode.in_(("card", "refresh")),
            notices.c.id.not_in([notice.id for notice in of]),
        )
        .order_by(notices.c.id)
    )
    return [_notice(row) for row in await connection.execute(query)]


async def claim(tx: AsyncConnection, claims: Iterable[Claim]) -> None:
    """Mark rows as leaving; `message_id` is the message to be edited, None for a new one."""
    values = [{"row": claim.id, "target": claim.message_id} for claim in claims]
    query = (
        update(notices)
        .where(notices.c.id == bindparam("row"))
        .values(state="sending", attempts=notices.c.attempts + 1, message_id=bindparam("target"))
    )
    await tx.execute(query, values)


async def settle(tx: AsyncConnection, settlements: Iterable[Settlement]) -> None:
    """Write what became of rows that were leaving; rows that another courier took over meanwhile are left alone."""
    values = [
        {
            "row": s.id,
            "tries": s.claimed_attempts,
            "to_state": s.state,
            "to_attempts": s.attempts,
            "to_not_before": s.not_before,
            "to_message": s.message_id,
            "to_error": s.error,
            "to_done": s.done_at,
        }
        for s in settlements
    ]
    query = (
        update(notices)
        .where(
            notices.c.id == bindparam("row"),
            notices.c.state == "sending",
            notices.c.attempts == bindparam("tries"),
        )
        .values(
            state=bindparam("to_state"),
            attempts=bindparam("to_attempts"),
            not_before=bindparam("to_not_before"),
            message_id=bindparam("to_message"),
            error=bindparam("to_error"),
            done_at=bindparam("to_done"),
        )
    )
    await tx.execute(query, values)


async def expire(tx: AsyncConnection, now: datetime, tries: int) -> int:
    """Close the waiting rows nobody needs any more; how many."""
    query = (
        update(notices)
        .where(text(_WAITS), or_(notices.c.state == "new", notices.c.attempts < tries), notices.c.expires_at <= now)
        .values(state="expired", done_at=now)
    )
    return (await tx.execute(query)).rowcount


async def recover(tx: AsyncConnection, mine: Collection[int], now: datetime, retry_at: datetime, tries: int) -> int:
    """Rows left in `sending` by a courier that is no more: edits wait again, new messages may have arrived.

    `mine` are rows on their way right now. How many were found.
    """
    sent = notices.c.message_id.is_(None)
    query = (
        update(notices)
        .where(notices.c.state == "sending", notices.c.id.not_in(mine))
        .values(
            state=case((sent, "unknown"), else_="new"),
            attempts=case((sent, notices.c.attempts), else_=notices.c.attempts - 1),
            not_before=case((sent, literal(retry_at, Moment)), else_=notices.c.not_before),
            done_at=case((and_(sent, notices.c.attempts >= tries), literal(now, Moment))),
        )
    )
    return (await tx.execute(query)).rowcount


async def refused(connection: AsyncConnection, chat_id: int, mark: str) -> list[Notice]:
    """What a chat refused for good, of the rows whose dedup key begins with `mark`, by id."""
    query = select(notices).where(
        notices.c.state == "dead", notices.c.chat_id == chat_id, notices.c.dedup_key.startswith(mark)
    )
    return [_notice(row) for row in await connection.execute(query.order_by(notices.c.id))]


async def renew(tx: AsyncConnection, row: int, not_before: datetime, expires_at: datetime) -> None:
    """Let a row wait as if it had never been tried."""
    values = {"state": "new", "attempts": 0, "error": None, "done_at": None, "message_id": None}
    await tx.execute(
        update(notices).where(notices.c.id == row).values(**values, not_before=not_before, expires_at=expires_at)
    )


async def count_by_state(connection: AsyncConnection) -> dict[str, int]:
    """How many notices stand in each state."""
    query = select(notices.c.state, func.count()).group_by(notices.c.state)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def move_chat(tx: AsyncConnection, old: int, new: int) -> None:
    """What waits for a chat goes to the chat it became."""
    taken = notices.alias()
    known = select(taken.c.id).where(
        taken.c.chat_id == new,
        taken.c.dedup_key == notices.c.dedup_key,
        taken.c.thread_id == notices.c.thread_id,
    )
    waiting = and_(notices.c.chat_id == old, notices.c.state.in_(("new", "unknown", "sending")))
    await tx.execute(update(notices).where(waiting, ~known.exists()).values(chat_id=new))


async def waits(connection: AsyncConnection, subject: str) -> bool:
    """Whether a row of that subject has not left yet."""
    query = select(notices.c.id).where(notices.c.subject == subject, notices.c.state.in_(("new", "unknown")))
    return (await connection.execute(query.limit(1))).first() is not None


async def drop_waiting(tx: AsyncConnection, chat_id: int, now: datetime) -> None:
    """Nobody in that chat needs what waits for it any more."""
    waiting = and_(notices.c.chat_id == chat_id, notices.c.state.in_(("new", "unknown")))
    await tx.execute(update(notices).where(waiting).values(state="expired", done_at=now))


async def moved_chats(connection: AsyncConnection, chat_ids: Collection[int]) -> dict[int, int]:
    """Of these chats, those that became a supergroup: old id → new id."""
    query = select(chats.c.id, chats.c.moved_to).where(chats.c.id.in_(chat_ids), chats.c.moved_to.is_not(None))
    return {row[0]: row[1] for row in await connection.execute(query)}


async def prune(tx: AsyncConnection, before: datetime, limit: int) -> int:
    """Delete what was done before then, at most `limit` rows; how many."""
    old = select(notices.c.id).where(notices.c.done_at < before).limit(limit)
    return (await tx.execute(delete(notices).where(notices.c.id.in_(old)))).rowcount


# --- leases


async def lease(tx: AsyncConnection, name: str) -> tuple[str, datetime] | None:
    """Who holds a lease and until when."""
    row = (await tx.execute(select(leases.c.holder, leases.c.until).where(leases.c.name == name))).one_or_none()
    return (row[0], row[1]) if row else None


async def save_lease(tx: AsyncConnection, name: str, holder: str, until: datetime) -> None:
    """Write down who holds a lease."""
    statement = upsert(tx, leases).values(name=name, holder=holder, until=until)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"holder": holder, "until": until}))


async def renew_lease(tx: AsyncConnection, name: str, holder: str, until: datetime) -> bool:
    """Extend a lease; whether it was still this holder's."""
    query = update(leases).where(leases.c.name == name, leases.c.holder == holder).values(until=until)
    return (await tx.execute(query)).rowcount == 1


async def drop_lease(tx: AsyncConnection, name: str, holder: str) -> None:
    """Give a lease back."""
    await tx.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


# --- what the page shows


async def count_unfinished(connection: AsyncConnection) -> dict[str, int]:
    """How many notices still need something, by state: at once, however many were sent."""
    states = ("new", "sending", "unknown", "dead")
    query = select(notices.c.state, func.count()).where(notices.c.state.in_(states)).group_by(notices.c.state)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def last_sent(connection: AsyncConnection) -> datetime | None:
    """When the newest notice that was delivered left."""
    query = select(notices.c.done_at).where(notices.c.state == "sent").order_by(notices.c.id.desc()).limit(1)
    moment: datetime | None = (await connection.execute(query)).scalar_one_or_none()
    return moment


async def waiting_since(connection: AsyncConnection, now: datetime) -> datetime | None:
    """For when the most overdue of the notices that never left was meant; None when none is due."""
    query = select(func.min(notices.c.not_before)).where(
        text(_WAITS), notices.c.state == "new", notices.c.not_before <= now, notices.c.expires_at > now
    )
    moment: datetime | None = (await connection.execute(query)).scalar()
    return moment
