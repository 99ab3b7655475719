"""`vakhta db`: upgrade, backup, prune."""

import argparse
import asyncio
from datetime import timedelta
from pathlib import Path

from bot.commands.common import say, settings_of
from bot.services import open_database
from core.clock import SystemClock
from core.db.backup import copy_database
from core.db.engine import Database
from core.errors import UserError
from core.files import store as files
from core.settings import Settings
from core.text import Translator

PIECE = 1000


def call(options: argparse.Namespace, t: Translator) -> int:
    """Upgrade, backup, prune."""
    settings = settings_of(options)
    if options.action == "backup":
        say(t("A verified copy is at {path}.", path=backup(Database(settings.database.url).path, options.path)))
        return 0
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
    stamp = f"{SystemClock().now():%Y%m%d-%H%M%S}"
    path = Path(target) if target else source.with_name(f"{source.name}.{stamp}.backup")
    if path.exists() and path.samefile(source):
        raise UserError("{path} is the database itself. Name another file for the copy.", path=path)
    copy_database(source, path)
    return path


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
