"""The server's own small SQLite file, and a folder of files: what has been acknowledged is there after kill -9."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

_TABLES: Final = """
create table if not exists doc (kind text, key text, body text not null, primary key (kind, key)) without rowid;
"""


class Store:
    """Documents by kind and key, files by id. Writes are kept in one transaction until `commit`.

    Without a path it lives in memory, its files in a folder that is gone when it is closed.
    """

    def __init__(self, path: Path | None) -> None:
        self._temporary = None
        if path is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="vakhta-telegram-")
            self._folder = Path(self._temporary.name)
        else:
            self._folder = path.with_suffix(".files")
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.executescript(_TABLES)

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("begin")

    def put(self, kind: str, key: str, body: Any) -> None:
        """Write a document, replacing the one of the same key."""
        self._begin()
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        self._db.execute("insert or replace into doc values (?, ?, ?)", (kind, key, text))

    def drop(self, kind: str, key: str) -> None:
        """Remove a document."""
        self._begin()
        self._db.execute("delete from doc where kind = ? and key = ?", (kind, key))

    def all(self, kind: str) -> Iterator[Any]:
        """Every document of a kind."""
        for (body,) in self._db.execute("select body from doc where kind = ?", (kind,)):
            yield json.loads(body)

    def get(self, kind: str, key: str) -> Any:
        """One document, or None."""
        row = self._db.execute("select body from doc where kind = ? and key = ?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else None

    def put_file(self, key: str, source: IO[bytes]) -> None:
        """Keep a file's bytes, read from where the source stands."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / key).open("wb") as target:
            shutil.copyfileobj(source, target)

    def file_path(self, key: str) -> Path:
        """Where a file's bytes lie; `KeyError` when there is none."""
        found = self._folder / key
        if not found.is_file():
            raise KeyError(key)
        return found

    def file(self, key: str) -> bytes:
        """A file's bytes; `KeyError` when there is none."""
        return self.file_path(key).read_bytes()

    def commit(self) -> None:
        """Make what was written last."""
        if self._db.in_transaction:
            self._db.execute("commit")

    def close(self) -> None:
        """Commit and close the file."""
        self.commit()
        self._db.close()
        if self._temporary:
            self._temporary.cleanup()
