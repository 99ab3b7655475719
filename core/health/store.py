"""The tables of health and every SQL statement about them: what each job does, and when a source was away."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Integer, Row, String, Table, Text, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import Identifier, Moment, metadata, upsert
from core.health.model import JobState, Outage

jobs = Table(
    "jobs",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("host", String(128), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("since", Moment, nullable=False),
    Column("heartbeat_at", Moment),
    Column("last_ok_at", Moment),
    Column("last_error", Text),
    Column("error_values", JSON, nullable=False),
    Column("next_run_at", Moment),
)

outages = Table(
    "outages",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("source", String(128), nullable=False),
    Column("topic", String(32)),
    Column("reason", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_outages_source", "source", "ended_at"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("host", String(128), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
)

bots = Table(
    "bots",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=False),
    Column("username", String(64), nullable=False),
    Column("since", Moment, nullable=False),
)


async def list_jobs(connection: AsyncConnection) -> list[JobState]:
    """Every job's state, by name and host."""
    rows = await connection.execute(select(jobs).order_by(jobs.c.name, jobs.c.host))
    return [JobState(**row._mapping) for row in rows]


async def save_jobs(tx: AsyncConnection, states: Collection[JobState]) -> None:
    """Insert or replace these states; when a job did well last is kept until it does so again."""
    if not states:
        return
    statement = upsert(tx, jobs)
    changed = {column.name: statement.excluded[column.name] for column in jobs.columns if not column.primary_key}
    last_ok_at = func.coalesce(statement.excluded.last_ok_at, jobs.c.last_ok_at)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["name", "host"],
            set_={**changed, "last_ok_at": last_ok_at},
        ),
        [
            {
                **{column.name: getattr(state, column.name) for column in jobs.columns},
                "error_values": dict(state.error_values),
            }
            for state in states
        ],
    )


async def drop_jobs(tx: AsyncConnection, host: str, keep: Iterable[str], before: datetime) -> None:
    """Forget a host's jobs that are not configured any more: not among `keep`, without change since `before`."""
    await tx.execute(delete(jobs).where(jobs.c.host == host, jobs.c.name.not_in(keep), jobs.c.since < before))


async def drop_hosts(tx: AsyncConnection, but: str, before: datetime) -> None:
    """Forget the jobs of the hosts, `but` for one, that gave no sign of life since then."""
    seen_at = func.coalesce(jobs.c.heartbeat_at, jobs.c.since)
    await tx.execute(delete(jobs).where(jobs.c.host != but, seen_at < before))


async def drop_job(tx: AsyncConnection, host: str, name: str) -> None:
    """Forget one job of a host."""
    await tx.execute(delete(jobs).where(jobs.c.host == host, jobs.c.name == name))


def _outage(row: Row[Any]) -> Outage:
    return Outage(row.id, row.source, row.topic, row.reason, row.began_at, row.ended_at)


async def open_outage(connection: AsyncConnection, source: str) -> Outage | None:
    """The outage of a source that has not ended."""
    query = select(outages).where(outages.c.source == source, outages.c.ended_at.is_(None))
    row = (await connection.execute(query)).first()
    return _outage(row) if row else None


async def open_outages(connection: AsyncConnection) -> list[Outage]:
    """Every outage that has not ended, oldest first."""
    query = select(outages).where(outages.c.ended_at.is_(None)).order_by(outages.c.id)
    return [_outage(row) for row in await connection.execute(query)]


async def add_outage(tx: AsyncConnection, source: str, topic: str | None, reason: str, at: datetime) -> int:
    """Write down that an outage began; its id."""
    query = insert(outages).values(source=source, topic=topic, reason=reason, began_at=at)
    return int((await tx.execute(query.returning(outages.c.id))).scalar_one())


async def end_outage(tx: AsyncConnection, outage_id: int, at: datetime) -> None:
    """Write down that an outage ended."""
    await tx.execute(update(outages).where(outages.c.id == outage_id).values(ended_at=at))
