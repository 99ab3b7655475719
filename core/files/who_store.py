"""What audit logs say, in SQL: the entries not yet too old, how far each log is read, and the answers."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Index,
    Row,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import Identifier, Moment, metadata, upsert
from core.files.tables import file_events
from core.files.who import AuditEntry, entry_key, path_key

AT_ONCE: Final = 300
"""Values in one list of a statement: SQLite takes 32,766, and reads short ones faster."""

file_audit_entries = Table(
    "file_audit_entries",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("entry_key", String(32), nullable=False, unique=True),  # the same for an entry that is read twice
    Column("watch", String(64), nullable=False),
    Column("host", Text, nullable=False),  # the machine that reads it: several may have a watch of that name
    Column("path_key", String(32), nullable=False),  # '' of a gap, which speaks of every path
    Column("at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("who", Text, nullable=False),  # '': it can be read in more than one way
    Column("client", Text, nullable=False),
    Column("action", String(8), nullable=False),
    Column("path", Text, nullable=False),
    Column("other", Text),
    Index("ix_file_audit_entries_watch_path_key", "watch", "path_key"),
    Index("ix_file_audit_entries_at", "at"),
)

file_audits = Table(
    "file_audits",
    metadata,
    Column("watch", String(64), primary_key=True),
    Column("host", Text, primary_key=True),
    Column("source", Text, nullable=False),  # of which log this is the position
    Column("position", JSON, nullable=False),
    Column("read_at", Moment, nullable=False),  # until when its log was read, or a little later
    Column("event_id", Identifier, nullable=False),  # up to here the events have their answer
    Column("scanned_at", Moment),  # the last comparison of the folder, and the one before
    Column("scanned_before", Moment),
)


async def find_audit(connection: AsyncConnection, watch: str, host: str) -> Row[Any] | None:
    """How far the log of a watch is read on that machine."""
    statement = select(file_audits).where(file_audits.c.watch == watch, file_audits.c.host == host)
    return (await connection.execute(statement)).one_or_none()


async def put_audit(tx: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Insert or replace how far a log is read."""
    statement = upsert(tx, file_audits).values(dict(values))
    await tx.execute(statement.on_conflict_do_update(index_elements=["watch", "host"], set_=dict(values)))


async def add_entries(
    tx: AsyncConnection, watch: str, host: str, entries: Iterable[AuditEntry], *, ignore_case: bool
) -> None:
    """Keep entries; one that is kept already stays as it is."""
    rows = [
        {
            "entry_key": entry_key(watch, host, entry),
            "watch": watch,
            "host": host,
            "path_key": "" if entry.action == "gap" else path_key(entry.path, ignore_case=ignore_case),
            "at": entry.at,
            "until": entry.until,
            "who": entry.who,
            "client": entry.client,
            "action": entry.action,
            "path": entry.path,
            "other": entry.other,
        }
        for entry in entries
    ]
    if rows:
        await tx.execute(upsert(tx, file_audit_entries).on_conflict_do_nothing(), rows)


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(row.at, row.until, row.who, row.client, row.action, row.path, row.other)


async def find_entries(
    connection: AsyncConnection, watch: str, host: str, keys: Collection[str], since: datetime
) -> dict[str, list[AuditEntry]]:
    """The entries of these paths (`path_key`) that end after then, by path; those of every path by ''."""
    column = file_audit_entries.c
    found: dict[str, list[AuditEntry]] = {}
    wanted = ["", *keys]
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        statement = select(file_audit_entries).where(
            column.watch == watch, column.host == host, column.path_key.in_(some), column.until > since
        )
        for row in await connection.execute(statement):
            found.setdefault(row.path_key, []).append(_entry(row))
    return found


async def any_waiting(connection: AsyncConnection, watch: str, host: str, until: datetime) -> bool:
    """Whether events of a watch, noticed until then on that machine, have no answer yet."""
    own = file_audits.c.watch == watch, file_audits.c.host == host
    last = select(file_audits.c.event_id).where(*own).scalar_subquery()
    statement = select(file_events.c.id).where(_noticed(watch, host, until), file_events.c.id > last).limit(1)
    return (await connection.execute(statement)).first() is not None


def _noticed(watch: str, host: str, until: datetime) -> ColumnElement[bool]:
    column = file_events.c
    return and_(column.watch == watch, column.host == host, column.event_time <= until)


async def waiting_events(
    connection: AsyncConnection, watch: str, host: str, after: int, until: datetime, limit: int
) -> list[Row[Any]]:
    """The next events of a watch after that id, noticed until then: what is needed to find who made them."""
    column = file_events.c
    statement = (
        select(
            column.id,
            column.event_time,
            column.event_type,
            column.path,
            column.path_id,
            column.project,
            column.details,
        )
        .where(_noticed(watch, host, until), column.id > after)
        .order_by(column.id)
        .limit(limit)
    )
    return list(await connection.execute(statement))


async def noticed_before(connection: AsyncConnection, event: Row[Any]) -> datetime | None:
    """When the change before that one was noticed at the same path."""
    column = file_events.c
    same = column.path == event.path if event.path_id is None else column.path_id == event.path_id
    statement = select(column.event_time).where(same, column.id < event.id).order_by(column.id.desc()).limit(1)
    moment: datetime | None = (await connection.execute(statement)).scalar()
    return moment


async def last_event_id(connection: AsyncConnection, watch: str) -> int:
    """The newest event of a watch; 0 when there is none."""
    statement = select(func.max(file_events.c.id)).where(file_events.c.watch == watch)
    return int((await connection.execute(statement)).scalar() or 0)


async def save_names(tx: AsyncConnection, names: Mapping[int, str]) -> None:
    """Write down who made these changes, by event id."""
    if names:
        statement = update(file_events).where(file_events.c.id == bindparam("event"))
        rows = [{"event": event, "changed_by": text} for event, text in names.items()]
        await tx.execute(statement.values(changed_by=bindparam("changed_by")), rows)


async def prune(tx: AsyncConnection, watch: str, host: str, before: datetime, limit: int) -> int:
    """Delete at most that many entries of a watch from before then, the oldest first; how many went."""
    column = file_audit_entries.c
    own = column.watch == watch, column.host == host
    oldest = select(column.id).where(*own, column.until < before).order_by(column.at).limit(limit)
    return (await tx.execute(delete(file_audit_entries).where(column.id.in_(oldest)))).rowcount
