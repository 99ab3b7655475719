"""A database is brought up to date, copied before, and never taken for what it is not."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from core.db.engine import Database
from core.db.migrations import HEAD, alembic_config, current, upgrade
from core.db.migrations.tables import metadata
from core.errors import ConfigError, StorageUnavailable


async def test_the_tables_are_what_the_stores_say(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.run_sync(lambda sync: command.check(alembic_config(sync)))


async def test_the_known_head_is_the_newest_revision(sqlite_db: Database) -> None:
    async with sqlite_db.transaction() as tx:
        script = await tx.run_sync(lambda sync: ScriptDirectory.from_config(alembic_config(sync)))
    assert script.get_current_head() == HEAD


async def test_everything_can_be_taken_down_and_built_again(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.run_sync(lambda sync: command.downgrade(alembic_config(sync), "base"))
        left = await tx.run_sync(lambda sync: inspect(sync).get_table_names())
        assert set(left) == {"alembic_version"}
    await upgrade(db)
    async with db.transaction() as tx:
        built = await tx.run_sync(lambda sync: inspect(sync).get_table_names())
    built = [name for name in built if not name.startswith("file_search")]  # the index of SQLite
    assert set(built) == {*metadata.tables, "alembic_version"}


async def test_a_database_that_is_up_to_date_is_left_alone(sqlite_db: Database) -> None:
    assert await upgrade(sqlite_db) is None
    assert sqlite_db.path is not None
    assert not (sqlite_db.path.parent / "backups").exists()


async def test_a_newer_database_is_refused_and_left_alone(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="newer version"):
        await upgrade(db)
    async with db.transaction() as tx:
        assert await current(tx) == "9999"
        await tx.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})


async def old_database(path: Path) -> Database:
    """A database of an earlier time: a revision before the first, with something in it."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('0000')")
        connection.execute("CREATE TABLE precious (x TEXT)")
        connection.execute("INSERT INTO precious VALUES ('kept')")
    connection.close()
    return Database(f"sqlite+aiosqlite:///{path}")


async def test_a_verified_copy_is_made_before_anything_is_changed(tmp_path: Path) -> None:
    db = await old_database(tmp_path / "vakhta.db")
    with pytest.raises(Exception, match="0000"):  # Alembic does not know where to begin: the copy stands
        await upgrade(db)
    copies = list(tmp_path.glob("backups/vakhta.before-*"))
    assert len(copies) == 1
    copied = sqlite3.connect(copies[0])
    assert copied.execute("SELECT x FROM precious").fetchall() == [("kept",)]
    copied.close()
    await db.close()


async def test_no_copy_no_migration(tmp_path: Path) -> None:
    db = await old_database(tmp_path / "vakhta.db")
    (tmp_path / "backups" / f"vakhta.before-{HEAD}-from-0000.db").mkdir(parents=True)
    with pytest.raises(StorageUnavailable, match="copied"):
        await upgrade(db)
    async with db.transaction() as tx:
        assert await current(tx) == "0000"
    await db.close()


async def test_what_an_older_version_wrote_is_kept(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0001"))
        moment = "2026-11-20T12:00:00.000000+00:00"
        await tx.execute(
            text(
                "INSERT INTO requests (request_number, position_number, title, status, created_at, status_updated_at,"
                " author, folded) VALUES ('101', '12', 'Leak', 'sent', :at, :at, 'Oksana', '101/12 leak')"
            ),
            {"at": moment},
        )
        await tx.execute(
            text(
                "INSERT INTO request_history (request_id, at, kind, actor, origin, text)"
                " SELECT id, :at, 'created', 'Oksana', 'chat', 'Leak' FROM requests"
            ),
            {"at": moment},
        )
    await upgrade(db)
    async with db.reading() as connection:
        kept = (await connection.execute(text("SELECT request_number, contractor_id FROM requests"))).all()
        entries = (await connection.execute(text("SELECT text, undone_at FROM request_history"))).all()
    assert ([tuple(row) for row in kept], [tuple(row) for row in entries]) == ([("101", None)], [("Leak", None)])


async def test_whoever_made_a_request_before_is_responsible_for_it(db: Database) -> None:
    moment = "2026-11-20T12:00:00.000000+00:00"
    async with db.transaction() as tx:
        await tx.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0005"))
        await tx.execute(
            text(
                "INSERT INTO requests (id, request_number, position_number, title, status, created_at,"
                " status_updated_at, author, folded)"
                " VALUES (:id, :number, '', 'Leak', 'sent', :at, :at, 'Oksana', 'leak')"
            ),
            [{"id": n, "number": str(n), "at": moment} for n in (101, 102)],
        )
        await tx.execute(
            text(
                "INSERT INTO request_history (request_id, at, kind, actor, actor_id, origin, text)"
                " VALUES (:id, :at, :kind, 'Oksana', :actor, 'chat', '')"
            ),
            [
                {"id": n, "at": moment, "kind": kind, "actor": actor}
                for n, kind, actor in ((101, "created", 7), (101, "comment", 9), (102, "created", None))
            ],
        )
    await upgrade(db)
    async with db.reading() as connection:
        rows = await connection.execute(text("SELECT responsible_id FROM requests ORDER BY id"))
        assert list(rows.scalars()) == [7, None]
