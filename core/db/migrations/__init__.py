"""Migrations (Alembic): brought up to date at every start, after a verified copy when there is anything to do."""

import asyncio
import logging
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.backup import before_update_path, copy_database, keep_last
from core.db.engine import Database
from core.errors import ConfigError, StorageUnavailable

log = logging.getLogger(__name__)

HEAD: Final = "0006"
"""The newest revision; a test holds it to the files in `versions/`."""


async def current(connection: AsyncConnection) -> str | None:
    """The revision a database is at; None for one that has never been migrated."""
    if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
        return None
    revision: str | None = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return revision


async def upgrade(db: Database) -> Path | None:
    """Bring the database to `HEAD`; the path of the copy made before, when there was something to copy.

    Raises `ConfigError` for a database made by a newer version, `StorageUnavailable` when the copy or the
    migration fails; nothing has changed then.
    """
    async with db.transaction() as tx:
        found = await current(tx)
    if found == HEAD:
        return None
    if found is not None and found > HEAD:
        raise ConfigError(
            "The database was made by a newer version (its revision is {found}, this program knows {head}). "
            "Update the program, or name another file in database.url.",
            found=found,
            head=HEAD,
        )
    copy = await asyncio.to_thread(_copy, db.path, found) if db.path and found else None
    async with db.transaction() as tx:
        if await current(tx) != HEAD:
            await tx.run_sync(_migrate)
    log.info("database migrated from %s to %s", found or "nothing", HEAD)
    return copy


def alembic_config(connection: Connection) -> Any:
    """Alembic's configuration for a connection that is already in a transaction."""
    from alembic.config import Config  # costs 0.3 s: only a database that must change pays

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _copy(path: Path, revision: str) -> Path:
    target = before_update_path(path, revision, HEAD)
    try:
        target.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise StorageUnavailable("The database could not be copied: {reason}.", reason=error) from error
    copy_database(path, target)
    keep_last(path)
    log.info("copied the database to %s before its update", target.name)
    return target
