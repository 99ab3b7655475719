"""Verified copies of the embedded database, made while everything runs (SQLite's online backup), and the way back."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.errors import StorageUnavailable, UserError

NIGHTS_KEPT: Final = 7
BEFORE_UPDATES_KEPT: Final = 3
_STAMP: Final = "%Y%m%d-%H%M%S"
"""A moment in a file's name, UTC."""
_ROOM: Final = 16 * 1024 * 1024
"""Bytes that stay free beside a copy."""
_PIECE: Final = 500
"""Pages at a time where a copy keeps writers out while it reads (without a write-ahead log)."""


def folder_of(database: Path) -> Path:
    """Where the copies of a database are kept: beside it."""
    return database.parent / "backups"


def nightly_path(database: Path, at: datetime) -> Path:
    """Where the copy of a night goes."""
    return folder_of(database) / f"{database.stem}.nightly-{at:{_STAMP}}.db"


def by_hand_path(database: Path, at: datetime) -> Path:
    """Where a copy goes that a person asks for; it is kept until a person removes it."""
    return folder_of(database) / f"{database.stem}.by-hand-{at:{_STAMP}}.db"


def before_update_path(database: Path, found: str, head: str) -> Path:
    """Where the copy goes that is made before a migration."""
    return folder_of(database) / f"{database.stem}.before-{head}-from-{found}.db"


def nights(database: Path) -> list[Path]:
    """The copies of the last nights, the newest first."""
    return sorted(folder_of(database).glob(f"{database.stem}.nightly-*.db"), reverse=True)


def night_of(copy: Path) -> datetime | None:
    """When the copy of a night was made, by its name: a file's time is that of whoever moved it last."""
    try:
        return datetime.strptime(copy.stem.rpartition(".nightly-")[2], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def keep_last(database: Path) -> None:
    """Remove the copies beyond the last nights and the last updates."""
    updates = list(folder_of(database).glob(f"{database.stem}.before-*.db"))
    updates.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in (*nights(database)[NIGHTS_KEPT:], *updates[BEFORE_UPDATES_KEPT:]):
        old.unlink(missing_ok=True)


def copy_database(source: Path, target: Path) -> None:
    """Copy `source` to `target`, checked before it counts; nothing is left behind by a failure.

    Writers go on meanwhile. Blocks for as long as the copy takes: call it in a thread. Raises `StorageUnavailable`.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        _need_room(source, target.parent)
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(partial)) as new:
            logged = old.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            old.backup(new, pages=-1 if logged else _PIECE)
            revision = _revision(old)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
        if verify(partial) != revision:
            raise StorageUnavailable("The copy of the database is not complete. Check the disk.")
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise StorageUnavailable("The database could not be copied: {reason}.", reason=error) from error
    finally:
        partial.unlink(missing_ok=True)


def verify(copy: Path) -> str | None:
    """The revision of a copy that is sound; None for a database that has none.

    Raises `StorageUnavailable` for a damaged one, or a file that is no database.
    """
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            verdict = connection.execute("PRAGMA quick_check").fetchone()[0]
            revision = _revision(connection) if verdict == "ok" else None
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict != "ok":
        raise StorageUnavailable("The copy of the database is damaged: {reason}. Check the disk.", reason=verdict)
    return revision


def put_back(copy: Path, database: Path, at: datetime) -> Path | None:
    """Put a verified copy in the place of a database nobody uses; where the one before is kept, None if there was none.

    Killed at any moment, the place holds the one or the other. Raises `StorageUnavailable`, `UserError`.
    """
    kept = database.with_name(f"{database.name}.before-restore-{at:{_STAMP}}")
    arriving = database.with_name(database.name + ".restoring")
    copy_database(copy, arriving)
    try:
        existed = database.exists()
        if existed:
            _keep(database, kept)
        arriving.replace(database)
        _sync(database.parent)
    except OSError as error:
        raise StorageUnavailable("The database could not be put back: {reason}.", reason=error) from error
    finally:
        arriving.unlink(missing_ok=True)
    return kept if existed else None


def _keep(database: Path, kept: Path) -> None:
    """Give a database a second name, its write-ahead log worked in: the log would be taken for that of the next."""
    logs = [Path(f"{database}{end}") for end in ("-wal", "-shm")]
    try:
        with closing(sqlite3.connect(database, timeout=2)) as connection:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise OSError(str(error)) from error
        busy = True
    except sqlite3.DatabaseError:  # damaged: kept as it is, with its log
        for log in logs:
            with suppress(FileNotFoundError):
                shutil.copy2(log, f"{kept}{log.name.removeprefix(database.name)}")
        busy = False
    if busy:
        raise UserError("Another program uses the database. Stop it first.")
    try:
        os.link(database, kept)
    except OSError:  # a file system without links
        shutil.copy2(database, kept)
    for log in logs:
        log.unlink(missing_ok=True)


def _revision(connection: sqlite3.Connection) -> str | None:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return str(found[0]) if found else None


def _need_room(source: Path, folder: Path) -> None:
    needed = source.stat().st_size + _ROOM
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageUnavailable(
            "There is no room for a copy of the database in {folder}: it needs {needed} MB, {free} MB are free.",
            folder=folder,
            needed=needed // (1024 * 1024) + 1,
            free=free // (1024 * 1024),
        )


def _sync(path: Path) -> None:
    """Onto the disk. Windows knows no such thing for folders, and needs no other for a file that was renamed."""
    if os.name == "nt" and path.is_dir():
        return
    number = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
