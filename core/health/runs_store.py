"""Every SQL statement about the runs of the assistant; the table is among those of health."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.health.model import Run
from core.health.store import runs


async def add_run(tx: AsyncConnection, host: str, pid: int, parts: Sequence[str], at: datetime) -> int:
    """Write down that a run began; its id."""
    query = insert(runs).values(host=host, pid=pid, parts=list(parts), started_at=at, seen_at=at)
    return int((await tx.execute(query.returning(runs.c.id))).scalar_one())


async def save_seen(tx: AsyncConnection, run_id: int, at: datetime) -> None:
    """A run gave a sign of life."""
    await tx.execute(update(runs).where(runs.c.id == run_id).values(seen_at=at))


async def end_run(tx: AsyncConnection, run_id: int, at: datetime) -> None:
    """A run came to an orderly end."""
    await tx.execute(update(runs).where(runs.c.id == run_id).values(seen_at=at, ended_at=at))


async def list_runs(connection: AsyncConnection, limit: int) -> list[Run]:
    """The newest runs, the newest first."""
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    return [Run(**{**row._mapping, "parts": tuple(row.parts)}) for row in await connection.execute(query)]


async def drop_runs(tx: AsyncConnection, below: int) -> None:
    """Forget the runs before that one."""
    await tx.execute(delete(runs).where(runs.c.id < below))
