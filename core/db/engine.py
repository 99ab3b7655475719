"""Connections and transactions.

One writer at a time, on both databases: a write transaction begins IMMEDIATE on SQLite and takes an advisory lock
on PostgreSQL. So a service may read, decide and write without another's change coming between, and ids ascend in
the order of commit. Reads use connections of their own, in autocommit, which cannot write.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiosqlite
from sqlalchemy import URL, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import ConfigError, StorageUnavailable
from core.text import N_

DIALECTS: Final = ("sqlite+aiosqlite", "postgresql+asyncpg")
WRITER_LOCK: Final = 0x76616B68  # any number, the same everywhere: "vakh"
READERS: Final = 4
CACHE: Final = -16_000
"""KiB (SQLite counts them below zero) of pages kept by the writer: what thousands of files at once touch."""

CHECKPOINT: Final = 16_000
"""Pages in the write-ahead log (64 MB) from which on a commit waits until they are in the database file.

Often it waits for the disk longer than for all else; meanwhile `jobs.files.maintenance` sees to it.
"""
_AFTER_COMMIT: Final = "vakhta_after_commit"


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """How SQLite is opened. `busy_timeout` in seconds; `pragmas` are applied last and may override the others."""

    busy_timeout: float = 5.0
    journal_mode: str = "WAL"
    synchronous: str = "NORMAL"
    pragmas: Mapping[str, str | int] = field(default_factory=dict)


class Database:
    """The one database of a process. `transaction()` writes, `reading()` reads.

    Raises `ConfigError` for a URL of another kind. Use `await db.close()` at the end.
    """

    def __init__(self, url: str, options: StorageOptions | None = None, *, read_only: bool = False) -> None:
        self.url = _parse(url)
        self.path = _path(self.url)
        self._options = options or StorageOptions()
        self._read_only = read_only
        self._committed = asyncio.Event()
        self._reader = self._engine(read_only=True)
        self._writer = None if read_only else self._engine(read_only=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.path is not None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One write transaction: committed at the end, rolled back by an exception, alone while it lasts.

        Raises `StorageUnavailable` when the database refuses (full, locked, gone); nothing is written then.
        """
        if self._writer is None:
            raise RuntimeError("this connection is read-only")
        with _refusals():
            async with self._writer.connect() as tx:
                tx.info.pop(_AFTER_COMMIT, None)
                async with tx.begin():
                    if not self.is_sqlite:
                        await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
                    yield tx
                callbacks: list[Callable[[], None]] = tx.info.pop(_AFTER_COMMIT, [])
        for callback in callbacks:
            callback()
        self._wake()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees what is committed and cannot write. Raises `StorageUnavailable`."""
        with _refusals():
            async with self._reader.connect() as connection:
                yield connection

    async def wait_for_commit(self, seconds: float) -> bool:
        """Sleep until this process commits a change, at most that long; whether one came."""
        try:
            async with asyncio.timeout(seconds):
                await self._committed.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Close every connection."""
        for engine in (self._writer, self._reader):
            if engine is not None:
                await engine.dispose()

    def _wake(self) -> None:
        self._committed.set()
        self._committed = asyncio.Event()

    def _engine(self, *, read_only: bool) -> AsyncEngine:
        if self.path is None:
            # a search is planned for what it looks for: a plan made for any word takes no index
            guard = {"default_transaction_read_only": "on", "plan_cache_mode": "force_custom_plan"} if read_only else {}
            return create_async_engine(
                self.url,
                pool_size=READERS if read_only else 2,
                pool_pre_ping=True,
                isolation_level="AUTOCOMMIT" if read_only else "READ COMMITTED",
                connect_args={"server_settings": {"timezone": "UTC", **guard}, "timeout": 5},
            )
        mode = "?mode=ro" if self._read_only else ""
        engine = create_async_engine(
            self.url,
            async_creator=partial(_open_file, self.path.absolute().as_uri() + mode, self._options.busy_timeout),
            pool_size=READERS if read_only else 1,
            max_overflow=0,
            isolation_level="AUTOCOMMIT" if read_only else None,
            skip_autocommit_rollback=read_only,  # each needless call to the driver's thread costs 0.1 ms
            pool_timeout=max(1.0, self._options.busy_timeout * 2),
        )
        event.listen(engine.sync_engine, "connect", self._configure(read_only=read_only))
        if not read_only:
            event.listen(engine.sync_engine, "begin", _begin_immediate)
        return engine

    def _configure(self, *, read_only: bool) -> Callable[[Any, Any], None]:
        options = self._options

        def configure(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            if not self._read_only:
                cursor.execute(f"PRAGMA journal_mode={_word(options.journal_mode)}")
            cursor.execute(f"PRAGMA synchronous={_word(options.synchronous)}")
            cursor.execute("PRAGMA foreign_keys=ON")
            if not read_only:
                cursor.execute(f"PRAGMA cache_size={CACHE}")
                cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT}")
            for name, value in options.pragmas.items():
                cursor.execute(f"PRAGMA {_word(name)}={_word(value)}")
            if read_only:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        return configure


def after_commit(tx: AsyncConnection, callback: Callable[[], None]) -> None:
    """Call a plain function once this transaction is committed; never when it is rolled back."""
    tx.info.setdefault(_AFTER_COMMIT, []).append(callback)


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError("database.url is not an address of a database.") from error
    if parsed.drivername not in DIALECTS:
        raise ConfigError(
            "database.url begins with {found}; known are {known}.",
            found=parsed.drivername,
            known=", ".join(DIALECTS),
        )
    return parsed


def file_of(url: str) -> Path | None:
    """The file of a SQLite database by its address; None for another kind. Raises `ConfigError`."""
    return _path(_parse(url))


def _path(url: URL) -> Path | None:
    if not url.drivername.startswith("sqlite"):
        return None
    if not url.database or url.database == ":memory:":
        raise ConfigError("database.url must name a file: what is said to be done survives a restart.")
    return Path(url.database)


class SqliteConnection(aiosqlite.Connection):
    """A connection that can be stopped twice, and lets go of the database when it ends.

    When a task is cancelled again while SQLAlchemy closes its connection, the connection is stopped by force as well;
    aiosqlite's second `stop` would ask a thread that has ended, and whoever closes would wait for ever.
    SQLite keeps the lock of a closed connection while an answer lives that was not read to its end
    (sqlite.org/c3ref/close.html), as it does in a cancelled task's trace: so what is open is taken back first.
    """

    _ending: asyncio.Future[None] | None = None
    _stopped = False

    async def close(self) -> None:
        """Take back what is open, and end."""
        self._tx.put_nowait((None, self._take_back))
        await super().close()

    def stop(self) -> asyncio.Future[None] | None:
        """End the thread; what to wait for, the same whoever asks. None where no loop is left to wait in."""
        if not self._stopped:
            self._stopped = True
            self._tx.put_nowait((None, self._take_back))
            self._ending = super().stop()
        return self._ending

    def _take_back(self) -> None:
        if self._connection is not None:
            self._connection.rollback()  # what it raises, the thread passes over: nobody asked


async def _open_file(uri: str, busy_timeout: float) -> aiosqlite.Connection:
    """Open SQLite in a thread that does not keep the process alive.

    A thread that could not open the file is waited for: it still has to answer the loop, which may end at once.
    """
    begin_ourselves = partial(sqlite3.connect, uri, uri=True, timeout=busy_timeout, isolation_level=None)
    opening = SqliteConnection(begin_ourselves, iter_chunk_size=64)
    thread = opening._thread
    thread.daemon = True
    try:
        return await opening
    except sqlite3.Error:
        while thread.is_alive():  # noqa: ASYNC110  a thread sets no asyncio.Event; it ends within milliseconds
            await asyncio.sleep(0.001)
        raise


def _word(value: str | int) -> str:
    word = str(value)
    if not word.replace("_", "").replace("-", "").isalnum():
        raise ConfigError("database.pragmas: {value} is not a word or a number.", value=word)
    return word


class _refusals:  # noqa: N801  reads as a statement: `with _refusals():`
    """Turns what the drivers say of a database that refuses into `StorageUnavailable`."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PoolTimeoutError):
            raise StorageUnavailable(BUSY) from error
        if isinstance(error, OSError) and not isinstance(error, TimeoutError):
            raise StorageUnavailable(GONE) from error
        if isinstance(error, DBAPIError) and (message := _refusal(error)):
            raise StorageUnavailable(message) from error


BUSY: Final = N_("The change was not saved: another program holds the database. Please try again in a minute.")
FULL: Final = N_("The change was not saved: the disk is full. Free some space and try again.")
DAMAGED: Final = N_("The database file is damaged, or it is no database. Put a copy in its place.")
GONE: Final = N_("The database does not answer. Nothing is lost; please try again in a minute.")


def _refusal(error: DBAPIError) -> str | None:
    code = getattr(error.orig.__cause__ or error.orig, "sqlite_errorcode", None) if error.orig else None
    words = str(error.orig).lower()
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or "database is locked" in words:
        return BUSY
    if code == sqlite3.SQLITE_FULL or "disk is full" in words or "no space left" in words:
        return FULL
    primary = code & 0xFF if code is not None else None
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DAMAGED
    if error.connection_invalidated or primary in (
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
    ):
        return GONE
    return None
