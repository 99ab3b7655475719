"""Copies of the database: those of the nights and before updates are kept in number, and a way back survives a kill."""

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db import backup
from core.db.engine import Database
from core.db.migrations import HEAD
from core.errors import StorageUnavailable
from core.health.runs import RunsService
from jobs.health.backup import NightlyBackup, last_backup
from tests.conftest import NOON, ManualClock


@pytest.fixture
def nightly(sqlite_db: Database, clock: ManualClock) -> NightlyBackup:
    alerts = AlertsService(clock, (Route(Destination(-1), ("admins",)),))
    runs = RunsService(clock, alerts, "here", 7, lambda _pid, _since: False, shared=False)
    assert sqlite_db.path
    return NightlyBackup(sqlite_db, sqlite_db.path, clock, runs, lambda *_, **__: None)


async def test_the_last_seven_nights_are_kept_and_each_is_sound(
    sqlite_db: Database, nightly: NightlyBackup, clock: ManualClock
) -> None:
    assert sqlite_db.path
    assert last_backup(sqlite_db.path) is None
    for _ in range(9):
        await nightly.once()
        clock.advance(days=1)
    kept = backup.nights(sqlite_db.path)
    assert [path.name for path in kept[-1:]] == ["vakhta.nightly-20261122-120000.db"]
    assert len(kept) == backup.NIGHTS_KEPT
    assert backup.verify(kept[0]) == HEAD
    os.utime(kept[0], (0, 0))  # brought back from elsewhere, say
    assert last_backup(sqlite_db.path) == clock.now() - timedelta(days=1)
    assert {path.suffix for path in kept[0].parent.iterdir()} == {".db"}


async def test_writers_go_on_while_a_copy_is_made(sqlite_db: Database, nightly: NightlyBackup) -> None:
    copying = asyncio.gather(nightly.once())
    async with sqlite_db.transaction():
        await copying


async def test_a_failure_is_told_once_until_a_copy_succeeds(
    sqlite_db: Database, nightly: NightlyBackup, clock: ManualClock
) -> None:
    assert sqlite_db.path
    folder = backup.folder_of(sqlite_db.path)
    folder.write_text("in the way")
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            await nightly.once()
    async with sqlite_db.reading() as connection:
        assert (await connection.execute(select(notices.c.kind))).scalars().all() == ["backup"]
    assert clock.now() - NOON == timedelta(hours=2)


def test_the_copies_before_the_last_three_updates_are_kept(sqlite_url: str) -> None:
    database = Path(sqlite_url.partition(":///")[2])
    backup.folder_of(database).mkdir()
    for number in range(5):
        path = backup.before_update_path(database, f"000{number}", HEAD)
        backup.copy_database(database, path)
        os.utime(path, (number, number))
    backup.keep_last(database)
    found = sorted(path.name for path in backup.folder_of(database).iterdir())
    assert found == [f"vakhta.before-{HEAD}-from-000{number}.db" for number in (2, 3, 4)]


def test_killed_before_the_swap_the_present_database_stands(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kill leaves right before the one rename: the present database with all that was written to its log."""
    database, copy = Path(sqlite_url.partition(":///")[2]), tmp_path / "copy.db"
    backup.copy_database(database, copy)
    with closing(sqlite3.connect(database)) as writing, writing:
        writing.execute("CREATE TABLE late (x)")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(backup, "_keep", keep_and_be_killed)
        backup.put_back(copy, database, NOON)
    with closing(sqlite3.connect(database)) as present:
        assert present.execute("SELECT count(*) FROM late").fetchone() == (0,)
    kept = backup.put_back(copy, database, NOON + timedelta(seconds=1))
    assert kept is not None
    assert not Path(f"{database}-wal").exists()
    with closing(sqlite3.connect(database)) as restored, pytest.raises(sqlite3.OperationalError, match="no such table"):
        restored.execute("SELECT * FROM late")


keep = backup._keep


def keep_and_be_killed(database: Path, kept: Path) -> None:
    keep(database, kept)
    raise KeyboardInterrupt
