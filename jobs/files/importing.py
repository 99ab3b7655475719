"""The history of an old service, brought over from its SQLite file."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.db.engine import Database
from core.errors import Rejected, UserError
from core.files.importing import NEEDED, PIECE, Folders, Importer, read_row
from core.files.service import FilesService
from jobs.threads import in_thread

TABLE: Final = "file_events"
_SHOWN: Final = 20
"""Rows that could not be read, listed one by one."""


@dataclass(slots=True)
class Imported:
    """How an import went; `skipped` are rows that say nothing, the first of them with the reason."""

    found: int = 0
    read: int = 0
    added: int = 0
    known: int = 0
    skipped: int = 0
    reasons: list[tuple[int, Rejected]] = field(default_factory=list)


class OldHistory:
    """The table `file_events` of another program's SQLite file, opened for reading. Blocking.

    Raises `UserError` when the file is none.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise UserError("There is no file {path}.", path=path)
        self._path = path
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        try:
            self.count = self._check()
        except sqlite3.Error as error:
            self._connection.close()
            raise UserError("{path} is no SQLite database: {reason}", path=path, reason=error) from error
        except UserError:
            self._connection.close()
            raise

    def _check(self) -> int:
        names = [
            row[0] for row in self._connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        ]
        if TABLE not in names:
            raise UserError(
                "{path} has no table file_events. Its tables are: {tables}.",
                path=self._path,
                tables=", ".join(sorted(names)) or "-",
            )
        columns = [row["name"] for row in self._connection.execute(f"PRAGMA table_info({TABLE})")]
        missing = [name for name in NEEDED if name not in columns]
        if missing:
            raise UserError(
                "The table file_events of {path} has no column {missing}.", path=self._path, missing=", ".join(missing)
            )
        self._order = "id" if "id" in columns else "rowid"
        return int(self._connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()[0])  # noqa: S608  ours

    def pieces(self) -> Iterator[list[dict[str, Any]]]:
        """The rows in the order of their ids, `old_id` being that."""
        statement = f"SELECT {self._order} AS old_id, * FROM {TABLE} ORDER BY {self._order}"  # noqa: S608  ours
        with closing(self._connection.execute(statement)) as cursor:
            while rows := cursor.fetchmany(PIECE):
                yield [dict(row) for row in rows]

    def close(self) -> None:
        """That was all."""
        self._connection.close()


async def import_history(
    db: Database,
    service: FilesService,
    old: OldHistory,
    folders: Folders,
    *,
    dry: bool = False,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Imported:
    """Bring every event over that is not there yet, in the order of the old ids. Raises `StorageUnavailable`."""
    result, importer = Imported(found=old.count), Importer()
    pieces = old.pieces()
    while piece := await in_thread("import", lambda: _next(pieces)):
        rows = []
        for row in piece:
            try:
                rows.append(read_row(row, folders))
            except Rejected as error:
                result.skipped += 1
                if len(result.reasons) < _SHOWN:
                    result.reasons.append((row["old_id"], error))
        if dry:
            async with db.reading() as connection:
                added = await importer.add(connection, rows, dry=True)
        else:
            async with db.transaction() as tx:
                added = await importer.add(tx, rows)
        result.read += len(piece)
        result.added += added
        result.known += len(rows) - added
        progress(result.read)
    if not dry:
        await _index(db, service)
    return result


def _next(pieces: Iterator[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    try:
        return next(pieces, [])
    except sqlite3.Error as error:
        raise UserError("The old history cannot be read to its end: {reason}", reason=error) from error


async def _index(db: Database, service: FilesService) -> None:
    while True:
        async with db.transaction() as tx:
            if await service.index(tx, PIECE) < PIECE:
                return
