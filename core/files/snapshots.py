"""The snapshot in SQL: where each watch stands, what each file was like, which files are to be read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import upsert, write_many
from core.files.model import FileState, PendingChecksum, Snapshot, WatchState
from core.files.naming import decode_name, encode_name
from core.files.tables import file_checksums, file_events, file_states, file_watches

_LAST_SEEN: Final = file_watches.c.scanned_at.desc().nulls_last()
PIECE: Final = 5000
_TOGETHER: Final = 500
"""Files read at a time; dropped by one statement."""


def _watch(row: Row[Any]) -> WatchState:
    return WatchState(**row._mapping)


async def find_watch(connection: AsyncConnection, name: str, host: str | None = None) -> WatchState | None:
    """Where that watch of that machine stands; with None, of whichever machine compared it last."""
    statement = select(file_watches).where(_named(name, host)).order_by(_LAST_SEEN).limit(1)
    row = (await connection.execute(statement)).one_or_none()
    return _watch(row) if row else None


async def adopt_watch(tx: AsyncConnection, name: str, root: str, host: str, silent_since: datetime) -> None:
    """Take over the snapshot of a machine that is no more, so that nothing between is missed.

    Only one machine opens a SQLite database, so there it is ours under another name. On PostgreSQL it is that of the
    same root when nobody has compared it since then.
    """
    column = file_watches.c
    theirs = select(column.id).where(column.name == name, column.host != host).order_by(_LAST_SEEN).limit(1)
    if tx.dialect.name == "postgresql":
        idle = or_(column.scanned_at.is_(None), column.scanned_at < silent_since)
        theirs = theirs.where(or_(column.host == "", and_(column.root == root, idle)))
    await tx.execute(update(file_watches).where(column.id == theirs.scalar_subquery()).values(host=host))


async def list_watches(connection: AsyncConnection) -> list[WatchState]:
    """Where every watch stands, by name and machine."""
    statement = select(file_watches).order_by(file_watches.c.name, file_watches.c.host)
    return [_watch(row) for row in await connection.execute(statement)]


async def put_watch(tx: AsyncConnection, state: WatchState) -> None:
    """Insert or replace where a watch stands; its own id is not used."""
    values = {each.name: getattr(state, each.name) for each in fields(state) if each.name != "id"}
    statement = upsert(tx, file_watches).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name", "host"], set_=values))


async def touch_watch(tx: AsyncConnection, name: str, host: str | None = None, /, **values: object) -> None:
    """Set some columns of a watch."""
    await tx.execute(update(file_watches).where(file_watches.c.id == _id(name, host)).values(**values))


async def advance(tx: AsyncConnection, name: str, revision: int, host: str) -> int | None:
    """Take the next revision of a snapshot; the watch's id, None when this revision is not the present one."""
    statement = (
        update(file_watches)
        .where(_named(name, host), file_watches.c.revision == revision)
        .values(revision=revision + 1)
        .returning(file_watches.c.id)
    )
    watch_id: int | None = (await tx.execute(statement)).scalar()
    return watch_id


def _named(name: str, host: str | None) -> ColumnElement[bool]:
    return and_(file_watches.c.name == name, *([] if host is None else [file_watches.c.host == host]))


def _id(name: str, host: str | None) -> ScalarSelect[Any]:
    return select(file_watches.c.id).where(_named(name, host)).order_by(_LAST_SEEN).limit(1).scalar_subquery()


async def load_snapshot(connection: AsyncConnection, watch: str, host: str | None = None) -> Snapshot:
    """The whole snapshot of a watch, read in pieces. Who changes it meanwhile takes its next revision."""
    column = file_states.c
    key = tuple_(column.folder, column.name)
    statement = (
        select(column.folder, column.name, *(column[each] for each in FileState._fields))
        .where(column.watch_id == _id(watch, host), key > tuple_(bindparam("last_folder"), bindparam("last_name")))
        .order_by(column.folder, column.name)
        .limit(PIECE)
    )
    snapshot: Snapshot = {}
    last = ("", "")
    while True:
        rows = (await connection.execute(statement, {"last_folder": last[0], "last_name": last[1]})).all()
        for folder, name, *values, attributes in rows:
            state = FileState._make((*values, attributes or bytes(16)))  # an older version has not kept them
            snapshot.setdefault(decode_name(folder), {})[decode_name(name)] = state.pack()
        if len(rows) < PIECE:
            return snapshot
        last = (rows[-1][0], rows[-1][1])


async def count_files(connection: AsyncConnection, watch: str, host: str | None = None) -> int:
    """How many files a watch knows."""
    statement = select(func.count()).select_from(file_states).where(file_states.c.watch_id == _id(watch, host))
    return int((await connection.execute(statement)).scalar_one())


async def forget_snapshot(tx: AsyncConnection, watch: str, host: str | None = None) -> None:
    """Drop the snapshot of a watch."""
    await tx.execute(delete(file_states).where(file_states.c.watch_id == _id(watch, host)))


async def forget_places(tx: AsyncConnection, watch: str, host: str | None = None) -> None:
    """Forget which files these are for their file system, as after a move to another: names, sizes and times stay."""
    nowhere = {"device": 0, "inode": 0, "ctime_ns": 0}
    await tx.execute(update(file_states).where(file_states.c.watch_id == _id(watch, host)).values(nowhere))


async def drop_states(tx: AsyncConnection, watch_id: int, keys: Sequence[tuple[str, str]]) -> None:
    """Drop files, by folder and name, from a snapshot."""
    coded = [(encode_name(folder), encode_name(name)) for folder, name in keys]
    for start in range(0, len(coded), _TOGETHER):
        some = _among(tx, coded[start : start + _TOGETHER])
        await tx.execute(delete(file_states).where(file_states.c.watch_id == watch_id, some))


def _among(tx: AsyncConnection, keys: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    key = tuple_(file_states.c.folder, file_states.c.name)
    if tx.dialect.name == "postgresql":
        return key.in_(keys)
    given = func.json_each(json.dumps(keys)).table_valued("value").c.value  # plain values would take no index
    return key.in_(select(func.json_extract(given, "$[0]"), func.json_extract(given, "$[1]")))


async def put_states(tx: AsyncConnection, watch_id: int, states: Sequence[tuple[str, str, FileState]]) -> None:
    """Insert or replace files, by folder and name, in a snapshot."""
    statement = upsert(tx, file_states)
    replaced = {name: getattr(statement.excluded, name) for name in FileState._fields}
    statement = statement.on_conflict_do_update(index_elements=["watch_id", "folder", "name"], set_=replaced)
    columns = ("watch_id", "folder", "name", *FileState._fields)
    rows = ((watch_id, encode_name(folder), encode_name(name), *state) for folder, name, state in states)
    await write_many(tx, statement, columns, rows)


async def queue_checksums(tx: AsyncConnection, watch_id: int, pending: Sequence[PendingChecksum]) -> None:
    """Remember files to be read once settled."""
    rows = [
        {
            "event_id": each.event_id,
            "watch_id": watch_id,
            "folder": encode_name(each.folder),
            "name": encode_name(each.name),
            "size": each.size,
            "mtime_ns": each.mtime_ns,
            "due_at": each.due_at,
        }
        for each in pending
    ]
    if rows:
        await tx.execute(insert(file_checksums), rows)


async def due_checksums(
    connection: AsyncConnection,
    watch: str,
    now: datetime,
    limit: int,
    host: str | None = None,
    sizes: tuple[int, int] = (0, 1 << 62),
) -> list[PendingChecksum]:
    """The files of a watch, of a size between these (without the last), to be read now; who waited longest first."""
    column = file_checksums.c
    statement = (
        select(file_checksums)
        .where(column.watch_id == _id(watch, host), column.due_at <= now)
        .where(column.size >= sizes[0], column.size < sizes[1])
        .order_by(column.due_at, column.event_id)
        .limit(limit)
    )
    return [
        PendingChecksum(
            row.event_id, watch, decode_name(row.folder), decode_name(row.name), row.size, row.mtime_ns, row.due_at
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
