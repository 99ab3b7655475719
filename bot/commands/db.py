"""`vakhta db`: upgrade, backup, restore, prune."""

import argparse
import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from bot.commands.common import say, settings_of
from bot.presence import PARTS
from bot.services import build_services, open_database
from core.clock import SystemClock
from core.db.backup import by_hand_path, copy_database, put_back, verify
from core.db.engine import Database
from core.db.migrations import HEAD, current
from core.errors import ConfigError, StorageUnavailable, UserError
from core.files import store as files
from core.settings import Settings
from core.text import Translator

PIECE = 1000
WITH_RUNS = "0004"
"""The revision from which on a database knows who is at work."""


def call(options: argparse.Namespace, t: Translator) -> int:
    """Upgrade, backup, restore, prune."""
    settings = settings_of(options)
    if options.action == "backup":
        say(t("A verified copy is at {path}.", path=backup(Database(settings.database.url).path, options.path)))
        return 0
    if options.action == "restore":
        return _restore(settings, Path(options.path), t, asks=not options.yes)
    return asyncio.run(_upgrade(settings, t) if options.action == "upgrade" else _prune(settings, options.days, t))


async def _upgrade(settings: Settings, t: Translator) -> int:
    db = await open_database(settings)
    await db.close()
    say(t("The database is up to date."))
    return 0


def backup(source: Path | None, target: str | None) -> Path:
    """Copy a SQLite database that may be in use, and check the copy. Raises `UserError` or `StorageUnavailable`."""
    if source is None:
        raise UserError("PostgreSQL is copied by its own tools: pg_dump.")
    if not source.exists():
        raise UserError("There is no database at {path} yet.", path=source)
    path = Path(target) if target else by_hand_path(source, SystemClock().now())
    if not target:
        path.parent.mkdir(exist_ok=True)
    if path.exists() and path.samefile(source):
        raise UserError("{path} is the database itself. Name another file for the copy.", path=path)
    copy_database(source, path)
    return path


def _restore(settings: Settings, copy: Path, t: Translator, *, asks: bool) -> int:
    """Put a copy in the place of the database, which is kept beside it, and bring it up to date."""
    path = Database(settings.database.url).path
    if path is None:
        raise UserError("PostgreSQL is restored by its own tools: pg_restore.")
    _check_copy(copy, path)
    if path.exists():
        asyncio.run(_refuse_while_at_work(settings))
    if asks and not _confirms(
        t("Put {copy} in the place of {path}? The present one is kept. [y/N] ", copy=copy, path=path)
    ):
        say(t("Nothing was changed."))
        return 1
    kept = put_back(copy, path, SystemClock().now())
    asyncio.run(_upgrade(settings, t))
    if kept is not None:
        say(t("The database before is kept at {path}.", path=kept))
    say(t("{path} is restored. Start the assistant.", path=copy))
    return 0


def _check_copy(copy: Path, database: Path) -> None:
    if not copy.is_file():
        raise UserError("There is no copy at {path}.", path=copy)
    if database.exists() and copy.samefile(database):
        raise UserError("{path} is the database itself. Name the copy to restore.", path=copy)
    revision = verify(copy)
    if revision is None:
        raise UserError("{path} is no database of this assistant.", path=copy)
    if revision > HEAD:
        raise ConfigError("{path} was made by a newer version. Update the program first.", path=copy)


async def _refuse_while_at_work(settings: Settings) -> None:
    """Raises `UserError` when an assistant runs on the database. A damaged one cannot tell of any."""
    db = Database(settings.database.url)
    try:
        async with db.reading() as connection:
            if (await current(connection) or "") < WITH_RUNS:
                return
            services = build_services(settings, SystemClock(), db)
            for run in await services.runs.at_work(connection, PARTS):
                raise UserError(
                    "The assistant runs on this database: process {pid} on {host}. Stop it first.",
                    pid=run.pid,
                    host=run.host,
                )
    except StorageUnavailable:
        return
    finally:
        await db.close()


def _confirms(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UserError("Nobody is there to be asked: say --yes.")
    return input(question).strip().casefold() in ("y", "yes", "т", "так", "д", "да")


async def _prune(settings: Settings, days: int | None, t: Translator) -> int:
    days = days or settings.database.retention_days
    if days is None:
        raise UserError("Say how old is too old: --days N, or set database.retention_days.")
    db = await open_database(settings)
    before = SystemClock().now() - timedelta(days=days)
    total = 0
    try:
        while True:
            async with db.transaction() as tx:
                removed = await files.prune(tx, before, PIECE)
            total += removed
            if removed < PIECE:
                break
    finally:
        await db.close()
    say(t.many("{n} file event removed.", "{n} file events removed.", total))
    return 0
