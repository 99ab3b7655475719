"""The database from the command line: made, copied, pruned, refused."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from core.db.engine import Database
from tests.cli.conftest import Shell, write


def test_the_database_is_upgraded_copied_and_pruned(vakhta: Shell) -> None:
    (vakhta.folder / "vakhta.db").unlink()
    vakhta("db", "backup", status=1)
    assert "There is no database" in vakhta.err
    assert vakhta("db", "upgrade") == "The database is up to date.\n"
    vakhta("requests", "add", "101", "Leak")
    assert "A verified copy is at" in vakhta("db", "backup", "copy.db")
    with closing(sqlite3.connect("copy.db")) as copy:
        assert copy.execute("SELECT request_number FROM requests").fetchone() == ("101",)
    vakhta("db", "backup")
    assert list(vakhta.folder.glob("backups/vakhta.by-hand-*.db"))
    vakhta("db", "prune", status=1)
    assert "Say how old is too old" in vakhta.err
    assert vakhta("db", "prune", "--days", "30") == "0 file events removed.\n"


def test_a_copy_goes_nowhere_it_cannot_and_over_nothing(vakhta: Shell) -> None:
    vakhta("db", "backup", "nowhere/copy.db", status=1)
    assert "could not be copied" in vakhta.err
    vakhta("db", "backup", "vakhta.db", status=1)
    vakhta("requests", "list")


@pytest.mark.parametrize("command", [("db", "upgrade"), ("requests", "list"), ("run",), ("people", "list")])
def test_a_database_of_a_newer_version_is_refused(vakhta: Shell, command: tuple[str, ...]) -> None:
    with closing(sqlite3.connect("vakhta.db")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    vakhta(*command, status=2)
    assert "made by a newer version" in vakhta.err
    assert len(vakhta.err.splitlines()) == 1


def test_a_file_that_is_no_database_is_a_sentence(vakhta: Shell) -> None:
    (vakhta.folder / "vakhta.db").write_bytes(b"this is no database at all" * 100)
    vakhta("requests", "list", status=1)
    assert "Traceback" not in vakhta.err
    vakhta("db", "backup", status=1)


def test_a_database_that_cannot_be_opened_is_a_sentence(vakhta: Shell) -> None:
    write(vakhta.folder, '[database]\nurl = "sqlite+aiosqlite:///nowhere/at/all/vakhta.db"\n')
    vakhta("status", status=1)
    assert "Traceback" not in vakhta.err
    write(vakhta.folder, '[database]\nurl = "mysql://x"\n')
    vakhta("status", status=2)


def test_commands_close_what_they_open(vakhta: Shell) -> None:
    """Another program can take the database right after."""
    vakhta("requests", "add", "101", "Leak")

    async def take() -> None:
        db = Database(f"sqlite+aiosqlite:///{vakhta.folder / 'vakhta.db'}")
        async with db.transaction():
            pass
        await db.close()

    asyncio.run(take())


def test_a_copy_is_put_back_and_the_present_database_kept(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "Leak")
    vakhta("db", "backup", "copy.db")
    vakhta("requests", "add", "102", "Noise")
    said = vakhta("db", "restore", "copy.db", "--yes")
    assert "copy.db is restored" in said
    assert [request["request_number"] for request in vakhta.json("requests", "list")] == ["101"]
    kept = list(vakhta.folder.glob("vakhta.db.before-restore-*"))
    with closing(sqlite3.connect(kept[0])) as before:
        assert before.execute("SELECT count(*) FROM requests").fetchone() == (2,)


def test_a_damaged_database_is_replaced_by_its_copy(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "Leak")
    vakhta("db", "backup", "copy.db")
    (vakhta.folder / "vakhta.db").write_bytes(b"this is no database at all" * 100)
    vakhta("db", "restore", "copy.db", "--yes")
    assert vakhta.json("requests", "list")


def test_what_is_no_good_copy_is_not_put_back(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "Leak")
    vakhta("db", "restore", "nowhere.db", "--yes", status=1)
    assert "There is no copy" in vakhta.err
    (vakhta.folder / "damaged.db").write_bytes(b"this is no database at all" * 100)
    vakhta("db", "restore", "damaged.db", "--yes", status=1)
    vakhta("db", "backup", "newer.db")
    with closing(sqlite3.connect("newer.db")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    vakhta("db", "restore", "newer.db", "--yes", status=2)
    assert "made by a newer version" in vakhta.err
    vakhta("db", "backup", "copy.db")
    vakhta("db", "restore", "copy.db", status=1)
    assert "say --yes" in vakhta.err
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    with closing(sqlite3.connect("vakhta.db")) as present, present:
        present.execute(
            "INSERT INTO runs (host, pid, parts, started_at, seen_at) VALUES ('elsewhere', 7, '[\"chat\"]', ?, ?)",
            (now, now),
        )
    vakhta("db", "restore", "copy.db", "--yes", status=1)
    assert "process 7 on elsewhere" in vakhta.err
    assert vakhta.json("requests", "list")
