"""The snapshot in SQL: where each watch stands, what each file was like, which files are to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import upsert
from core.files.model import FileState, PendingChecksum, Snapshot, WatchState
from core.files.naming import decode_name, encode_name
from core.files.tables import file_checksums, file_events, file_states, file_watches

PIECE: Final = 5000
"""Files read at a time."""


def _watch(row: Row[Any]) -> WatchState:
    return WatchState(**row._mapping)


async def find_watch(connection: AsyncConnection, name: str) -> WatchState | None:
    """Where that watch stands."""
    row = (await connection.execute(select(file_watches).where(file_watches.c.name == name))).one_or_none()
    return _watch(row) if row else None


async def list_watches(connection: AsyncConnection) -> list[WatchState]:
    """Where every watch stands, by name."""
    return [_watch(row) for row in await connection.execute(select(file_watches).order_by(file_watches.c.name))]


async def put_watch(tx: AsyncConnection, state: WatchState) -> None:
    """Insert or replace where a watch stands."""
    values = {each.name: getattr(state, each.name) for each in fields(state)}
    statement = upsert(tx, file_watches).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


async def touch_watch(tx: AsyncConnection, name: str, **values: object) -> None:
    """Set some columns of a watch."""
    await tx.execute(update(file_watches).where(file_watches.c.name == name).values(**values))


async def advance(tx: AsyncConnection, name: str, revision: int) -> bool:
    """Take the next revision of a snapshot; False when this one is not the present one."""
    watch = file_watches.c
    statement = update(file_watches).where(watch.name == name, watch.revision == revision).values(revision=revision + 1)
    return (await tx.execute(statement)).rowcount == 1


async def load_snapshot(connection: AsyncConnection, watch: str) -> Snapshot:
    """The whole snapshot of a watch, read in pieces. Who changes it meanwhile takes its next revision."""
    column = file_states.c
    key = tuple_(column.folder, column.name)
    statement = (
        select(column.folder, column.name, *(column[each] for each in FileState._fields))
        .where(column.watch == watch, key > tuple_(bindparam("last_folder"), bindparam("last_name")))
        .order_by(column.folder, column.name)
        .limit(PIECE)
    )
    snapshot: Snapshot = {}
    last = ("", "")
    while True:
        rows = (await connection.execute(statement, {"last_folder": last[0], "last_name": last[1]})).all()
        for folder, name, *state in rows:
            snapshot.setdefault(decode_name(folder), {})[decode_name(name)] = FileState(*state)
        if len(rows) < PIECE:
            return snapshot
        last = (rows[-1][0], rows[-1][1])


async def count_files(connection: AsyncConnection, watch: str) -> int:
    """How many files a watch knows."""
    statement = select(func.count()).select_from(file_states).where(file_states.c.watch == watch)
    return int((await connection.execute(statement)).scalar_one())


async def forget_snapshot(tx: AsyncConnection, watch: str) -> None:
    """Drop the snapshot of a watch."""
    await tx.execute(delete(file_states).where(file_states.c.watch == watch))


async def drop_states(tx: AsyncConnection, watch: str, keys: Sequence[tuple[str, str]]) -> None:
    """Drop files, by folder and name, from a snapshot."""
    column = file_states.c
    statement = delete(file_states).where(
        column.watch == watch, column.folder == bindparam("at"), column.name == bindparam("called")
    )
    if keys:
        await tx.execute(statement, [{"at": encode_name(folder), "called": encode_name(name)} for folder, name in keys])


async def put_states(tx: AsyncConnection, watch: str, states: Sequence[tuple[str, str, FileState]]) -> None:
    """Insert or replace files, by folder and name, in a snapshot."""
    statement = upsert(tx, file_states)
    replaced = {name: getattr(statement.excluded, name) for name in FileState._fields}
    statement = statement.on_conflict_do_update(index_elements=["watch", "folder", "name"], set_=replaced)
    rows = [
        {"watch": watch, "folder": encode_name(folder), "name": encode_name(name), **state._asdict()}
        for folder, name, state in states
    ]
    if rows:
        await tx.execute(statement, rows)


async def queue_checksums(tx: AsyncConnection, pending: Sequence[PendingChecksum]) -> None:
    """Remember files to be read once settled."""
    rows = [asdict(each) | {"folder": encode_name(each.folder), "name": encode_name(each.name)} for each in pending]
    if rows:
        await tx.execute(insert(file_checksums), rows)


async def due_checksums(connection: AsyncConnection, watch: str, now: datetime, limit: int) -> list[PendingChecksum]:
    """The files of a watch to be read now, those that waited longest first."""
    column = file_checksums.c
    statement = (
        select(file_checksums)
        .where(column.watch == watch, column.due_at <= now)
        .order_by(column.due_at, column.event_id)
        .limit(limit)
    )
    return [
        PendingChecksum(
            row.event_id, row.watch, decode_name(row.folder), decode_name(row.name), row.size, row.mtime_ns, row.due_at
        )
        for row in await connection.execute(statement)
    ]


async def settle_checksums(tx: AsyncConnection, found: Mapping[int, str | None]) -> None:
    """Fill in checksums by event id (None: not to be had) and take the events off the queue."""
    known = [{"event": event_id, "sum": checksum} for event_id, checksum in found.items() if checksum is not None]
    if known:
        statement = update(file_events).where(file_events.c.id == bindparam("event"))
        await tx.execute(statement.values(checksum=bindparam("sum")), known)
    if found:
        await tx.execute(delete(file_checksums).where(file_checksums.c.event_id.in_(found)))


async def postpone_checksums(tx: AsyncConnection, event_ids: Sequence[int], due_at: datetime) -> None:
    """Read these files later."""
    if event_ids:
        statement = update(file_checksums).where(file_checksums.c.event_id.in_(event_ids))
        await tx.execute(statement.values(due_at=due_at))
