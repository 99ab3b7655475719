"""A verified copy of the embedded database, made while everything runs (SQLite's online backup)."""

import sqlite3
from contextlib import closing
from pathlib import Path

from core.errors import StorageUnavailable


def copy_database(source: Path, target: Path) -> None:
    """Copy `source` to `target`, checked before it counts; nothing is left behind by a failure.

    Blocks for as long as the copy takes: call it in a thread. Raises `StorageUnavailable`.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(partial)) as new:
            old.backup(new)
            verdict = new.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise StorageUnavailable("The copy of the database is damaged: {reason}. Check the disk.", reason=verdict)
        partial.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise StorageUnavailable("The database could not be copied: {reason}.", reason=error) from error
    finally:
        partial.unlink(missing_ok=True)
