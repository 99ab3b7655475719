"""The tables of requests and every SQL statement about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import Identifier, Moment, folded, like, metadata, upsert
from core.people.store import people
from core.requests.model import Filter, HistoryEntry, Request

requests = Table(
    "requests",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("request_number", String(32), nullable=False),
    Column("position_number", String(16), nullable=False, server_default=""),
    Column("title", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    Column("comment_author", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("status_updated_at", Moment, nullable=False),
    Column("author", Text, nullable=False),
    Column("moved_at", Moment),
    Column("reminded_at", Moment),
    Column("remind_at", Moment),
    Column("folded", Text, nullable=False),
    Column("commented_at", Moment),  # the moment of the comment that is shown
    Column("contractor_id", Identifier, ForeignKey("contractors.id")),
    Column("responsible_id", Identifier),
    UniqueConstraint("request_number", "position_number"),
    Index("ix_requests_status_status_updated_at", "status", "status_updated_at"),
    Index("ix_requests_status_updated_at", "status_updated_at"),
    Index("ix_requests_responsible_id", "responsible_id"),
)

history = Table(
    "request_history",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("request_id", Identifier, ForeignKey("requests.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_id", Identifier),
    Column("origin", Text, nullable=False),
    Column("old", String(32)),
    Column("new", String(32)),
    Column("text", Text, nullable=False, server_default=""),
    Column("ref", String(255), unique=True),
    Column("undone_at", Moment),
    Index("ix_request_history_request_id", "request_id", "id"),
)

contractors = Table(
    "contractors",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),  # the name as it is searched
    Column("working_hours", String(16), nullable=False, server_default=""),  # 09:00-18:00; '': not said
    Column("working_days", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("archived_at", Moment),
)

contractor_addresses = Table(
    "contractor_addresses",
    metadata,
    Column("pattern", String(320), primary_key=True),  # name@contractor.example, or @contractor.example for all of it
    Column("contractor_id", Identifier, ForeignKey("contractors.id"), nullable=False),
    Index("ix_contractor_addresses_contractor_id", "contractor_id"),
)

_CONTRACTOR = select(contractors.c.name).where(contractors.c.id == requests.c.contractor_id).scalar_subquery()
_RESPONSIBLE = select(people.c.name).where(people.c.id == requests.c.responsible_id).scalar_subquery()
_COLUMNS = [
    *(column for column in requests.columns if column.name != "folded"),
    _CONTRACTOR.label("contractor"),
    _RESPONSIBLE.label("responsible"),
]
_KEPT = history.c.undone_at.is_(None)


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        number=row.request_number,
        position=row.position_number,
        title=row.title,
        status=row.status,
        comment=row.comment,
        comment_author=row.comment_author,
        created_at=row.created_at,
        status_updated_at=row.status_updated_at,
        author=row.author,
        moved_at=row.moved_at,
        reminded_at=row.reminded_at,
        remind_at=row.remind_at,
        commented_at=row.commented_at,
        contractor_id=row.contractor_id,
        contractor=row.contractor or "",
        responsible_id=row.responsible_id,
        responsible=row.responsible or "",
    )


async def get(tx: AsyncConnection, request_id: int) -> Request | None:
    """A request by its id."""
    row = (await tx.execute(select(*_COLUMNS).where(requests.c.id == request_id))).one_or_none()
    return _request(row) if row else None


async def find(tx: AsyncConnection, number: str, position: str | None = None) -> list[Request]:
    """The requests with that number; with a position at most one, else all positions in their order."""
    query = select(*_COLUMNS).where(requests.c.request_number == number)
    if position is not None:
        query = query.where(requests.c.position_number == position)
    query = query.order_by(func.length(requests.c.position_number), requests.c.position_number)
    return [_request(row) for row in await tx.execute(query)]


async def add(tx: AsyncConnection, draft: dict[str, Any]) -> int | None:
    """Insert a request (column names as in the contract); its id, or None when the pair exists."""
    search = folded(f"{draft['request_number']}/{draft['position_number']} {draft['title']}")
    statement = upsert(tx, requests).values(folded=search, **draft)
    statement = statement.on_conflict_do_nothing(index_elements=["request_number", "position_number"])
    request_id: int | None = (await tx.execute(statement.returning(requests.c.id))).scalar_one_or_none()
    return request_id


async def change(tx: AsyncConnection, request_id: int, **values: Any) -> None:
    """Set columns of a request."""
    await tx.execute(update(requests).where(requests.c.id == request_id).values(**values))


def _conditions(wanted: Filter, finals: Sequence[str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.statuses:
        conditions.append(requests.c.status.in_(wanted.statuses))
    if wanted.late_since is not None:
        conditions.append(requests.c.status.not_in(finals))
        conditions.append(requests.c.status_updated_at <= wanted.late_since)
    conditions += [requests.c.folded.like(like(word), escape="\\") for word in wanted.text.split()]
    return conditions


async def list_requests(
    tx: AsyncConnection, wanted: Filter, *, finals: Sequence[str] = (), limit: int = 10, offset: int = 0
) -> list[Request]:
    """Requests that fit, the one with the latest news first; late ones with the longest silence first."""
    order = requests.c.status_updated_at
    query = select(*_COLUMNS).where(*_conditions(wanted, finals)).limit(limit).offset(offset)
    query = query.order_by(*([order, requests.c.id] if wanted.late_since else [order.desc(), requests.c.id.desc()]))
    return [_request(row) for row in await tx.execute(query)]


async def count(tx: AsyncConnection, wanted: Filter, *, finals: Sequence[str] = ()) -> int:
    """How many requests fit."""
    query = select(func.count()).select_from(requests).where(*_conditions(wanted, finals))
    return int((await tx.execute(query)).scalar_one())


async def count_by_status(tx: AsyncConnection) -> dict[str, int]:
    """How many requests are in each status."""
    rows = await tx.execute(select(requests.c.status, func.count()).group_by(requests.c.status))
    return {row[0]: row[1] for row in rows}


async def due(tx: AsyncConnection, *, finals: Sequence[str], now: datetime, silent_since: datetime) -> list[Request]:
    """Requests to remind of: snoozed until now, or silent since then and not yet reminded of this silence."""
    query = select(*_COLUMNS).where(
        requests.c.status.not_in(finals),
        or_(
            requests.c.remind_at <= now,
            and_(
                requests.c.remind_at.is_(None),
                requests.c.reminded_at.is_(None),
                requests.c.status_updated_at <= silent_since,
            ),
        ),
    )
    return [_request(row) for row in await tx.execute(query.order_by(requests.c.status_updated_at))]


async def add_history(tx: AsyncConnection, entry: HistoryEntry, *, actor_id: int | None, ref: str | None) -> int | None:
    """Append to a request's history; the row's id, or None when a row with that `ref` exists."""
    statement = upsert(tx, history).values(
        request_id=entry.request_id,
        at=entry.at,
        kind=entry.kind,
        actor=entry.actor,
        actor_id=actor_id,
        origin=entry.origin,
        old=entry.old,
        new=entry.new,
        text=entry.text,
        ref=ref,
    )
    statement = statement.on_conflict_do_nothing(index_elements=["ref"])
    entry_id: int | None = (await tx.execute(statement.returning(history.c.id))).scalar_one_or_none()
    return entry_id


def _entry(row: Row[Any]) -> HistoryEntry:
    return HistoryEntry(
        row.id,
        row.request_id,
        row.at,
        row.kind,
        row.actor,
        row.origin,
        row.old,
        row.new,
        row.text,
        undone_at=row.undone_at,
    )


async def list_history(tx: AsyncConnection, request_id: int, *, limit: int = 50) -> list[HistoryEntry]:
    """What happened to a request, newest first; what was taken back, too."""
    query = select(history).where(history.c.request_id == request_id).order_by(history.c.id.desc()).limit(limit)
    return [_entry(row) for row in await tx.execute(query)]


async def recorded(tx: AsyncConnection, request_id: int, refs: Sequence[str]) -> list[HistoryEntry]:
    """The moves and comments of a request that were recorded under these refs."""
    query = select(history).where(
        history.c.request_id == request_id, history.c.ref.in_(refs), history.c.kind.in_(("status", "comment"))
    )
    return [_entry(row) for row in await tx.execute(query.order_by(history.c.id))]


async def undo(tx: AsyncConnection, ids: Sequence[int], moment: datetime) -> None:
    """Mark these as taken back; their refs are free again."""
    await tx.execute(update(history).where(history.c.id.in_(ids)).values(undone_at=moment, ref=None))


async def last_move(tx: AsyncConnection, request_id: int) -> HistoryEntry | None:
    """The move that made the status what it is. Moves are recorded in the order of their moments."""
    query = select(history).where(history.c.request_id == request_id, history.c.kind == "status", _KEPT)
    row = (await tx.execute(query.order_by(history.c.id.desc()).limit(1))).one_or_none()
    return _entry(row) if row else None


async def last_press(tx: AsyncConnection, request_id: int) -> tuple[HistoryEntry, int | None, str | None] | None:
    """The last move, or the creation of one that never moved; who did it (Telegram id), under which ref.

    None when the creation was followed by anything else that still counts.
    """
    kinds = ("created", "status", "comment", "contractor")
    query = select(history).where(history.c.request_id == request_id, history.c.kind.in_(kinds), _KEPT)
    order = (history.c.kind == "status").desc(), history.c.id.desc()
    row = (await tx.execute(query.order_by(*order).limit(1))).one_or_none()
    if row is None or row.kind not in ("created", "status"):
        return None
    return _entry(row), row.actor_id, row.ref


async def presses(tx: AsyncConnection, after: int, until: datetime) -> list[HistoryEntry]:
    """The moves and creations by people up to `until`, of the history's rows after `after`."""
    query = select(history).where(
        history.c.id > after,
        history.c.kind.in_(("created", "status")),
        history.c.actor_id.is_not(None),
        history.c.at <= until,
    )
    return [_entry(row) for row in await tx.execute(query.order_by(history.c.id))]


async def last_entry_id(tx: AsyncConnection) -> int:
    """The id of the history's last row; 0 when it has none."""
    return int((await tx.execute(select(func.max(history.c.id)))).scalar() or 0)


async def remove(tx: AsyncConnection, request_id: int) -> None:
    """Delete a request with its history. Raises `IntegrityError` when a letter or a ticket speaks of it."""
    await tx.execute(delete(history).where(history.c.request_id == request_id))
    await tx.execute(delete(requests).where(requests.c.id == request_id))


async def renumber(tx: AsyncConnection, request_id: int) -> int:
    """Give the newest request, of which nothing is recorded yet, the next id; which one."""
    await tx.execute(update(requests).where(requests.c.id == request_id).values(id=request_id + 1))
    return request_id + 1


async def first_status(tx: AsyncConnection, request_id: int) -> str | None:
    """The status a request had before its first move; None when it never moved."""
    query = select(history.c.old).where(history.c.request_id == request_id, history.c.kind == "status")
    return (await tx.execute(query.order_by(history.c.id).limit(1))).scalar_one_or_none()


async def last_comment(tx: AsyncConnection, request_id: int) -> HistoryEntry | None:
    """The comment with the latest moment, of several the one recorded last."""
    query = select(history).where(history.c.request_id == request_id, history.c.kind == "comment", _KEPT)
    row = (await tx.execute(query.order_by(history.c.at.desc(), history.c.id.desc()).limit(1))).one_or_none()
    return _entry(row) if row else None


async def last_snooze(tx: AsyncConnection, request_id: int, *, after: int) -> datetime | None:
    """Until when reminders were put off last, since the history's row `after`."""
    query = select(history.c.text).where(
        history.c.request_id == request_id, history.c.kind == "snooze", history.c.id > after
    )
    until = (await tx.execute(query.order_by(history.c.id.desc()).limit(1))).scalar_one_or_none()
    return datetime.fromisoformat(until) if until else None


async def open_ids(tx: AsyncConnection, finals: Sequence[str]) -> Sequence[int]:
    """The requests that are not finished, by their ids."""
    query = select(requests.c.id).where(requests.c.status.not_in(finals))
    return (await tx.execute(query.order_by(requests.c.id))).scalars().all()


async def open_numbers(tx: AsyncConnection, finals: Sequence[str]) -> set[str]:
    """The numbers of requests that are not finished."""
    query = select(requests.c.request_number).where(requests.c.status.not_in(finals)).distinct()
    return set((await tx.execute(query)).scalars())


async def tally(tx: AsyncConnection, common: str) -> dict[str, int]:
    """As `count_by_status`, without reading the rows in the `common` status: they are what the others leave.

    The total is had from the index's pages, so a status that nearly all requests end in costs nothing.
    """
    status, n = requests.c.status, func.count()
    every = select(n).select_from(requests).scalar_subquery()  # on its own SQLite counts by pages, not by rows
    others = [select(status, n).where(side).group_by(status) for side in (status < common, status > common)]
    counts: dict[str, int] = {
        row[0]: row[1] for row in await tx.execute(union_all(select(literal(common), every), *others))
    }
    counts[common] = 2 * counts[common] - sum(counts.values())  # of the total, what the others leave
    return {code: count for code, count in counts.items() if count}
