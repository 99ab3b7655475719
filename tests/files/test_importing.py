"""An old service's history comes over whole, in its order, and once."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.db.engine import Database
from core.errors import UserError
from core.files import store
from core.files.importing import Folders
from core.files.model import FileEvent
from core.files.service import FilesService
from jobs.files.importing import Imported, OldHistory, import_history

COLUMNS = "id, event_time, event_type, path, project, username, file_size, checksum, details"
ROOT = "watched_root=/srv/docs; department=sales; note=50%"
OLD: tuple[tuple[Any, ...], ...] = (
    (3, "2025-09-22T07:00:00.000001+00:00", "created", "/srv/docs/договір.docx", "CRM", "team-a", 10, "ab", ROOT),
    (5, "2025-09-22T10:00:00+03:00", "modified", "/srv/docs/договір.docx", "CRM", "team-a", 12, None, ROOT),
    (6, "2025-09-22 07:00:00", "deleted", "/srv/docs/a/b.txt", "CRM", "team-a", None, None, ""),
    (7, "2025-09-22T07:00:00Z", "deleted", "/srv/docs/a/b.txt", "CRM", "team-a", None, None, ""),
    (9, 1758524400, "created", "C:\\docs\\x.txt", "", "", 1, None, "watched_root=C:\\docs"),
)
FOLDERS = Folders({"/srv/docs": "documents"})


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return old_file(tmp_path / "file_events.db", OLD)


def old_file(path: Path, rows: Sequence[tuple[Any, ...]]) -> Path:
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS file_events (id INTEGER PRIMARY KEY, event_time TEXT, event_type TEXT, path TEXT,"
        " project TEXT, username TEXT, file_size INTEGER, checksum TEXT, details TEXT)"
    )
    connection.executemany(f"INSERT INTO file_events ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", rows)  # noqa: S608
    connection.commit()
    connection.close()
    return path


async def bring(db: Database, service: FilesService, path: Path, *, dry: bool = False) -> Imported:
    history = OldHistory(path)
    try:
        return await import_history(db, service, history, FOLDERS, dry=dry)
    finally:
        history.close()


async def events(db: Database) -> list[FileEvent]:
    async with db.reading() as connection:
        return (await store.find_events(connection))[::-1]


async def test_events_keep_their_order_and_their_times_become_utc(
    db: Database, service: FilesService, old: Path
) -> None:
    result = await bring(db, service, old)
    found = await events(db)
    assert (result.added, result.known, result.skipped) == (5, 0, 0)
    assert [event.id for event in found] == [1, 2, 3, 4, 5]
    assert [event.public()["event_time"] for event in found] == [
        "2025-09-22T07:00:00.000001+00:00",
        *["2025-09-22T07:00:00.000000+00:00"] * 4,
    ]
    assert [(event.watch, event.file_size) for event in found] == [
        ("documents", 10),
        ("documents", 12),
        ("documents", None),
        ("documents", None),
        ("docs", 1),
    ]
    assert found[0].details == "watched_root=/srv/docs; source=import; department=sales; note=50%25"


async def test_what_came_over_is_searched_and_counted(db: Database, service: FilesService, old: Path) -> None:
    await bring(db, service, old)
    async with db.reading() as connection:
        query = store.ANYTHING
        assert await service.count_found(connection, query, 100) == 5
        found = await service.life(connection, "documents", "договір.docx")
        assert found is not None
        assert [step.grown for step in found.steps] == [None, 2]


async def test_a_second_time_brings_only_what_is_new(db: Database, service: FilesService, old: Path) -> None:
    await bring(db, service, old)
    again = await bring(db, service, old)
    assert (again.added, again.known) == (0, 5)
    old_file(old, [(12, "2025-09-23T07:00:00+00:00", "created", "/srv/docs/new", "", "", 1, None, "")])
    assert (await bring(db, service, old)).added == 1
    assert len(await events(db)) == 6


async def test_a_dry_run_changes_nothing(sqlite_db: Database, service: FilesService, old: Path) -> None:
    assert (await bring(sqlite_db, service, old, dry=True)).added == 5
    assert await events(sqlite_db) == []


async def test_rows_that_say_nothing_are_left_out_and_named(
    sqlite_db: Database, service: FilesService, tmp_path: Path
) -> None:
    rows = [
        (1, "yesterday", "created", "/a/b", "", "", 1, None, ""),
        (2, "2025-01-01T00:00:00", "opened", "/a/b", "", "", 1, None, ""),
        (3, "2025-01-01T00:00:00", "created", None, "", "", 1, None, ""),
        (4, "2025-01-01T00:00:00", "Renamed", "/a/b", "", "", 1, None, "old_path=/a/c"),
    ]
    result = await bring(sqlite_db, service, old_file(tmp_path / "odd.db", rows))
    assert (result.added, result.skipped, [old_id for old_id, _ in result.reasons]) == (1, 3, [1, 2, 3])
    assert [(event.event_type, event.watch) for event in await events(sqlite_db)] == [("moved", "a")]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda _path: None, "no file"),
        (lambda path: path.write_bytes(b"no database at all" * 100), "no SQLite"),
        (lambda path: table(path, "CREATE TABLE other (x)"), "other"),
        (lambda path: table(path, "CREATE TABLE file_events (id, path)"), "event_time, event_type"),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(tmp_path: Path, make: Any, says: str) -> None:
    make(tmp_path / "wrong.db")
    with pytest.raises(UserError) as error:
        OldHistory(tmp_path / "wrong.db")
    assert says in str(error.value)


def table(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.close()
