"""The database from the command line: made, copied, pruned, refused."""

import asyncio
import sqlite3
from contextlib import closing

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
    assert list(vakhta.folder.glob("vakhta.db.*.backup"))
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
