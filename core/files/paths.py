"""The paths of the history in SQL: each different one stands once, and is found by any piece of it.

On SQLite the index of pieces (`file_search`, three letters each) is brought up to date after the recording, because
it costs as much as everything else; what it does not know yet is read through, so nothing is missed. PostgreSQL
keeps its index itself, where the extension pg_trgm could be created.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy import column as sql_column
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import ids_above, like, write_many
from core.files.model import Query
from core.files.naming import below_root, fold, is_absolute, shown
from core.files.tables import file_events, file_paths, file_roots

_PIECE: Final = 3
_PIECES: Final = 40
"""Letters of a piece; pieces of a word that are asked for."""

_SEARCH: Final = table("file_search", sql_column("rowid"))
_INDEXED: Final = "(SELECT coalesce(max(id), 0) FROM file_search_docsize)"
_INDEX: Final = (
    "INSERT INTO file_search (rowid, folded) SELECT id, folded FROM file_paths"
    " WHERE id > (SELECT coalesce(max(id), 0) FROM file_search_docsize) ORDER BY id LIMIT :limit"
)
_UNINDEX: Final = (
    "INSERT INTO file_search (file_search, rowid, folded) SELECT 'delete', id, folded FROM file_paths"
    " WHERE id IN (SELECT value FROM json_each(:ids))"
    " AND id <= (SELECT coalesce(max(id), 0) FROM file_search_docsize)"
)


def among(
    connection: AsyncConnection, column: ColumnElement[Any], values: Collection[Any], kind: type[Any] = BigInteger
) -> ColumnElement[bool]:
    """Whether a column is one of many values: they travel as one, however many they are."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=ARRAY(kind), unique=True))
    given = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(given.c.value))


async def root_of(tx: AsyncConnection, watch: str, root: str) -> int:
    """The id of a watch's root, a new one if need be."""
    column = file_roots.c
    known = (await tx.execute(select(column.id).where(column.watch == watch, column.root == root))).scalar()
    if known is None:
        statement = insert(file_roots).values(watch=watch, root=root).returning(column.id)
        known = (await tx.execute(statement)).scalar_one()
    return int(known)


async def ids_of(tx: AsyncConnection, root_id: int, paths: Iterable[str]) -> dict[str, int]:
    """The ids of paths below a root, new ones if need be."""
    wanted = dict.fromkeys(paths)
    column = file_paths.c
    here = column.root_id == root_id, among(tx, column.path, wanted, Text)
    collect = func.json_object_agg if tx.dialect.name == "postgresql" else func.json_group_object
    known = (await tx.execute(select(cast(collect(column.path, column.id), Text)).where(*here))).scalar()
    ids: dict[str, int] = json.loads(known) if known else {}
    new = [path for path in wanted if path not in ids]
    if new:
        last = (await tx.execute(select(func.max(column.id)))).scalar() or 0
        await write_many(tx, insert(file_paths), _COLUMNS, (_row(root_id, path) for path in new))
        ids.update(zip(new, await ids_above(tx, file_paths, last), strict=True))
    return ids


_COLUMNS: Final = ("root_id", "path", "folded", "name_at")


def _row(root_id: int, path: str) -> tuple[Any, ...]:
    folded = fold(path)
    return root_id, path, folded, folded.rfind("/") + 2


async def index_some(tx: AsyncConnection, limit: int) -> int:
    """Bring at most that many paths into SQLite's index of pieces; how many those were. Nothing on PostgreSQL."""
    if tx.dialect.name != "sqlite":
        return 0
    return (await tx.execute(text(_INDEX), {"limit": limit})).rowcount


async def is_index_behind(connection: AsyncConnection) -> bool:
    """Whether there are paths that SQLite's index of pieces does not know yet."""
    if connection.dialect.name != "sqlite":
        return False
    column = file_paths.c
    return (await connection.execute(select(column.id).where(column.id > text(_INDEXED)).limit(1))).first() is not None


async def forget_unused(tx: AsyncConnection, path_ids: Collection[int]) -> None:
    """Drop those of these paths that no event speaks of any more."""
    event, column = file_events.c, file_paths.c
    unused = select(column.id).where(
        among(tx, column.id, path_ids),
        ~select(event.id).where(event.path_id == column.id).exists(),
        ~select(event.id).where(event.old_path_id == column.id).exists(),
    )
    ids = list((await tx.execute(unused)).scalars())
    if not ids:
        return
    if tx.dialect.name == "sqlite":
        await tx.execute(text(_UNINDEX), {"ids": json.dumps(ids)})
    await tx.execute(delete(file_paths).where(among(tx, column.id, ids)))


async def tests_of(connection: AsyncConnection, query: Query) -> list[ColumnElement[bool]]:
    """What a query says of a path, as conditions on `file_paths`; none when it says nothing."""
    column = file_paths.c
    tests: list[ColumnElement[bool]] = [_contains(word) for word in query.words]
    tests.extend(_matches(glob) for glob in query.globs)
    if query.path is not None and not is_absolute(query.path):
        tests.append(_contains(query.path.replace("\\", "/")))
    if query.path is not None and is_absolute(query.path):
        tests.append(await _below(connection, query.path, query.watch))
    elif tests and query.watch is not None:
        ids = select(file_roots.c.id).where(file_roots.c.watch == query.watch)
        tests.append(column.root_id.in_(ids))
    return tests


def _contains(word: str) -> ColumnElement[bool]:
    return file_paths.c.folded.like(like(fold(word)), escape="\\")


def _matches(glob: str) -> ColumnElement[bool]:
    escaped = fold(glob).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = escaped.replace("*", "%").replace("?", "_")
    column = file_paths.c
    name = func.substr(column.folded, column.name_at)
    return (column.folded if "/" in glob else name).like(pattern, escape="\\")


async def _below(connection: AsyncConnection, path: str, watch: str | None) -> ColumnElement[bool]:
    """A whole path, or one below it: of the roots that have been watched, what lies there."""
    column = file_paths.c
    statement = select(file_roots) if watch is None else select(file_roots).where(file_roots.c.watch == watch)
    found: list[ColumnElement[bool]] = []
    for row in await connection.execute(statement):
        if below_root(path, row.root) is not None:
            found.append(column.root_id == row.id)
        elif (below := below_root(row.root, shown(path))) is not None:
            here = column.root_id == row.id  # in each branch, so that SQLite takes the index for both
            found.append(and_(here, column.path == below))
            found.append(and_(here, column.path >= below + "/", column.path < below + "0"))
    return or_(*found) if found else false()


async def find_few(
    connection: AsyncConnection, query: Query, tests: Sequence[ColumnElement[bool]], few: int
) -> list[int] | None:
    """The ids of the paths that pass; None when there are more than so few."""
    column = file_paths.c
    pieces = _pieces(query) if connection.dialect.name == "sqlite" else []
    if pieces:
        match = " AND ".join('"{}"'.format(piece.replace('"', '""')) for piece in pieces)
        indexed = (
            select(column.id)
            .join_from(_SEARCH, file_paths, column.id == _SEARCH.c.rowid)
            .where(text("file_search MATCH :match").bindparams(match=match), *tests)
        )
        fresh = select(column.id).where(column.id > text(_INDEXED), *tests)
        found = await connection.execute(union_all(indexed, fresh).limit(few + 1))
    else:
        found = await connection.execute(select(column.id).where(*tests).limit(few + 1))
    ids = list(found.scalars())
    return None if len(ids) > few else ids


def _pieces(query: Query) -> list[str]:
    """Three-letter pieces that every path of the query has."""
    texts = [fold(word) for word in query.words]
    texts.extend(text for glob in query.globs for text in re.split(r"[*?]", fold(glob)))
    if query.path is not None and not is_absolute(query.path):
        texts.append(fold(query.path.replace("\\", "/")))
    return list(dict.fromkeys(piece for text in texts for piece in _cut(text)))[:_PIECES]


def _cut(text: str) -> Iterator[str]:
    return (text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1))
