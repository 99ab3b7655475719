"""One writer at a time, readers that cannot write, refusals that are told."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db.backup import copy_database
from core.db.engine import Database, SqliteConnection, StorageOptions, after_commit
from core.errors import ConfigError, StorageUnavailable


@pytest.fixture
async def counter(db: Database) -> AsyncIterator[Database]:
    """A table with one row that counts."""
    async with db.transaction() as tx:
        await tx.execute(text("CREATE TABLE IF NOT EXISTS counter (n INTEGER)"))
        await tx.execute(text("DELETE FROM counter"))
        await tx.execute(text("INSERT INTO counter VALUES (0)"))
    yield db
    async with db.transaction() as tx:
        await tx.execute(text("DROP TABLE counter"))


async def count(db: Database) -> int:
    async with db.reading() as connection:
        return int((await connection.execute(text("SELECT n FROM counter"))).scalar_one())


async def test_what_is_read_in_a_transaction_stays_true_until_its_end(counter: Database) -> None:
    async def add_one() -> None:
        async with counter.transaction() as tx:
            n = (await tx.execute(text("SELECT n FROM counter"))).scalar_one()
            await asyncio.sleep(0)
            await tx.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    await asyncio.gather(*(add_one() for _ in range(20)))
    assert await count(counter) == 20


async def test_a_failed_transaction_leaves_nothing(counter: Database) -> None:
    called: list[str] = []
    with pytest.raises(RuntimeError):
        async with counter.transaction() as tx:
            await tx.execute(text("UPDATE counter SET n = 7"))
            after_commit(tx, lambda: called.append("never"))
            raise RuntimeError
    async with counter.transaction():
        pass
    assert await count(counter) == 0
    assert called == []


async def test_after_commit_runs_once_and_waiters_wake(counter: Database) -> None:
    called: list[str] = []
    waiting = asyncio.create_task(counter.wait_for_commit(5))
    await asyncio.sleep(0)
    async with counter.transaction() as tx:
        after_commit(tx, lambda: called.append("once"))
        assert called == []
    assert called == ["once"]
    assert await waiting
    assert not await counter.wait_for_commit(0.01)


async def test_a_reader_cannot_write(counter: Database) -> None:
    async with counter.reading() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text("UPDATE counter SET n = 7"))
    assert await count(counter) == 0


async def test_a_read_only_database_has_no_transactions(db_url: str) -> None:
    pages = Database(db_url, read_only=True)
    async with pages.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM requests"))).scalar_one() == 0
    with pytest.raises(RuntimeError, match="read-only"):
        async with pages.transaction():
            pass
    await pages.close()


async def test_a_database_held_by_another_program_is_told_and_works_again(sqlite_url: str) -> None:
    db = Database(sqlite_url, StorageOptions(busy_timeout=0.05))
    other = sqlite3.connect(sqlite_url.partition(":///")[2], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="another program"):
        async with db.transaction():
            pass
    other.execute("ROLLBACK")
    other.close()
    async with db.transaction():
        pass
    await db.close()


async def test_a_full_disk_is_told_nothing_is_half_written_and_service_resumes(sqlite_url: str) -> None:
    full = Database(sqlite_url, StorageOptions(pragmas={"max_page_count": 1}))
    with pytest.raises(StorageUnavailable, match="disk is full"):
        async with full.transaction() as tx:
            await tx.execute(text("CREATE TABLE big (x TEXT)"))
            for _ in range(2000):
                await tx.execute(text("INSERT INTO big VALUES (:x)"), {"x": "x" * 5000})
    await full.close()
    db = Database(sqlite_url)
    async with db.transaction() as tx:
        await tx.execute(text("CREATE TABLE big (x TEXT)"))
    await db.close()


async def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'missing' / 'vakhta.db'}")
    with pytest.raises(StorageUnavailable):
        async with db.transaction():
            pass
    await db.close()


async def test_a_server_that_is_away_is_unavailable() -> None:
    db = Database("postgresql+asyncpg://postgres@127.0.0.1:1/test")
    with pytest.raises(StorageUnavailable):
        async with db.transaction():
            pass
    await db.close()


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://x/y", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "sqlite:///x.db"]
)
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        Database(url)


async def test_a_pragma_that_is_no_word_is_refused(sqlite_url: str) -> None:
    db = Database(sqlite_url, StorageOptions(pragmas={"cache_size": "1; DROP TABLE requests"}))
    with pytest.raises(ConfigError):
        async with db.transaction():
            pass
    await db.close()


def test_a_copy_is_made_while_the_database_is_in_use(sqlite_url: str, tmp_path: Path) -> None:
    source = Path(sqlite_url.partition(":///")[2])
    writer = sqlite3.connect(source, isolation_level=None)
    writer.execute("CREATE TABLE t (x)")
    writer.execute("INSERT INTO t VALUES (1)")
    copy_database(source, tmp_path / "copy.db")
    writer.close()
    copied = sqlite3.connect(tmp_path / "copy.db")
    assert copied.execute("SELECT x FROM t").fetchall() == [(1,)]
    copied.close()


def test_a_copy_that_cannot_be_written_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        copy_database(Path(sqlite_url.partition(":///")[2]), tmp_path / "missing" / "copy.db")
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StorageUnavailable):
        copy_database(broken, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


async def test_a_connection_stopped_by_force_while_it_is_being_closed_is_waited_for_by_nobody(tmp_path: Path) -> None:
    connection = SqliteConnection(partial(sqlite3.connect, tmp_path / "x.db"), iter_chunk_size=64)
    connection._thread.daemon = True
    await connection
    connection.stop()
    async with asyncio.timeout(2):
        with suppress(ValueError):  # it is closed already, which is all that was asked for
            await connection.close()


async def test_a_transaction_that_is_cancelled_while_it_reads_lets_the_next_one_in_at_once(sqlite_db: Database) -> None:
    loop, began = asyncio.get_running_loop(), asyncio.Event()
    slow = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 300000) "
        "SELECT begin() + (SELECT count(*) FROM n) UNION ALL SELECT x FROM n LIMIT 100"
    )

    def begin() -> int:
        loop.call_soon_threadsafe(began.set)
        return 0

    async def read() -> None:
        async with sqlite_db.transaction() as tx:
            driver = (await tx.get_raw_connection()).driver_connection
            assert isinstance(driver, SqliteConnection)
            await driver.create_function("begin", 0, begin)
            await tx.execute(text(slow))

    reading = asyncio.create_task(read())
    await began.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await reading
    async with asyncio.timeout(2), sqlite_db.transaction():
        assert cancelled  # a trace keeps the half-read answer alive
