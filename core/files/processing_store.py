"""Processing in SQL: where each process stands, and the queue and history of its runs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.files.processing_model import Process, Run
from core.files.tables import file_states, file_watches, process_runs, processes

ENDED: Final = ("done", "failed", "skipped", "interrupted")


def _process(row: Row[Any]) -> Process:
    return Process(**row._mapping)


def _run(row: Row[Any]) -> Run:
    return Run(**row._mapping)


async def add_process(tx: AsyncConnection, process: Process) -> Process:
    """Write down a new process; with its id (its own is not used)."""
    values = {key: value for key, value in asdict(process).items() if key != "id"}
    statement = insert(processes).values(**values).returning(processes.c.id)
    return replace(process, id=(await tx.execute(statement)).scalar_one())


async def put_process(tx: AsyncConnection, process: Process) -> None:
    """Bring a process up to date."""
    values = {key: value for key, value in asdict(process).items() if key != "id"}
    await tx.execute(update(processes).where(processes.c.id == process.id).values(**values))


async def find_process(connection: AsyncConnection, process_id: int) -> Process | None:
    """A process by its id."""
    row = (await connection.execute(select(processes).where(processes.c.id == process_id))).one_or_none()
    return _process(row) if row else None


async def list_processes(connection: AsyncConnection, host: str | None = None) -> list[Process]:
    """The processes of a host, or of every host those that are configured; by name."""
    statement = select(processes).order_by(processes.c.name, processes.c.host)
    if host is None:
        statement = statement.where(processes.c.removed_at.is_(None))
    else:
        statement = statement.where(processes.c.host == host)
    return [_process(row) for row in await connection.execute(statement)]


async def move_position(tx: AsyncConnection, process_ids: Collection[int], position: int) -> None:
    """These processes have considered every event up to that one."""
    statement = update(processes).where(processes.c.id.in_(process_ids), processes.c.position < position)
    await tx.execute(statement.values(position=position))


async def add_runs(tx: AsyncConnection, runs: Sequence[Run]) -> None:
    """Put runs into the queue (their ids are not used)."""
    if runs:
        rows = [{key: value for key, value in asdict(run).items() if key != "id"} for run in runs]
        await tx.execute(insert(process_runs), rows)


async def add_run(tx: AsyncConnection, run: Run) -> int:
    """Put a run into the queue; its id."""
    values = {key: value for key, value in asdict(run).items() if key != "id"}
    return int((await tx.execute(insert(process_runs).values(**values).returning(process_runs.c.id))).scalar_one())


async def put_run(tx: AsyncConnection, run: Run) -> None:
    """Bring a run up to date."""
    values = {key: value for key, value in asdict(run).items() if key != "id"}
    await tx.execute(update(process_runs).where(process_runs.c.id == run.id).values(**values))


async def drop_run(tx: AsyncConnection, run_id: int) -> None:
    """Take a run off the queue."""
    await tx.execute(delete(process_runs).where(process_runs.c.id == run_id))


async def find_run(connection: AsyncConnection, run_id: int) -> Run | None:
    """A run by its id."""
    row = (await connection.execute(select(process_runs).where(process_runs.c.id == run_id))).one_or_none()
    return _run(row) if row else None


async def queued_at(connection: AsyncConnection, process_id: int, paths: Collection[str]) -> dict[str, Run]:
    """The queued runs of a process for these files, by path."""
    column = process_runs.c
    statement = select(process_runs).where(
        column.process_id == process_id, column.state == "queued", column.path.in_(paths)
    )
    return {row.path: _run(row) for row in await connection.execute(statement)} if paths else {}


async def next_due(
    connection: AsyncConnection, process_id: int, now: datetime, *, asked_only: bool = False
) -> Run | None:
    """The queued run that has been due longest; with `asked_only` among those that a person asked for."""
    column = process_runs.c
    statement = select(process_runs).where(
        column.process_id == process_id, column.state == "queued", column.due_at <= now
    )
    if asked_only:
        statement = statement.where(column.asked_by != "")
    row = (await connection.execute(statement.order_by(column.due_at, column.id).limit(1))).one_or_none()
    return _run(row) if row else None


async def running(connection: AsyncConnection, process_ids: Collection[int]) -> dict[int, Run]:
    """The runs that are under way, by process."""
    column = process_runs.c
    statement = select(process_runs).where(column.process_id.in_(process_ids), column.state == "running")
    return {row.process_id: _run(row) for row in await connection.execute(statement)}


async def earliest_due(
    connection: AsyncConnection, process_ids: Collection[int], *, asked_only: bool = False
) -> dict[int, datetime]:
    """When the next queued run of each process is due; with `asked_only` of those that a person asked for."""
    column = process_runs.c
    statement = select(column.process_id, func.min(column.due_at).label("due")).where(
        column.process_id.in_(process_ids), column.state == "queued"
    )
    if asked_only:
        statement = statement.where(column.asked_by != "")
    statement = statement.group_by(column.process_id)
    return {row.process_id: row.due for row in await connection.execute(statement)}


async def count_queued(connection: AsyncConnection, process_ids: Collection[int]) -> Mapping[int, int]:
    """How many runs of each process wait."""
    column = process_runs.c
    statement = (
        select(column.process_id, func.count().label("n"))
        .where(column.process_id.in_(process_ids), column.state == "queued")
        .group_by(column.process_id)
    )
    return {row.process_id: row.n for row in await connection.execute(statement)}


async def latest(connection: AsyncConnection, process_id: int, *states: str) -> Run | None:
    """The newest run of a process in one of these states."""
    column = process_runs.c
    statement = select(process_runs).where(column.process_id == process_id, column.state.in_(states))
    row = (await connection.execute(statement.order_by(column.id.desc()).limit(1))).one_or_none()
    return _run(row) if row else None


async def list_runs(connection: AsyncConnection, process_id: int, *, limit: int, offset: int) -> list[Run]:
    """Runs of a process that have begun, newest first."""
    column = process_runs.c
    statement = select(process_runs).where(column.process_id == process_id, column.state != "queued")
    statement = statement.order_by(column.id.desc()).limit(limit).offset(offset)
    return [_run(row) for row in await connection.execute(statement)]


async def count_runs(connection: AsyncConnection, process_id: int) -> int:
    """How many runs of a process have begun."""
    column = process_runs.c
    statement = select(func.count()).where(column.process_id == process_id, column.state != "queued")
    return int((await connection.execute(statement)).scalar_one())


async def knows_file(connection: AsyncConnection, host: str, watch: str, folder: str, name: str) -> bool:
    """Whether the snapshot of a host's watch has a file that is shown as this one."""
    column = file_states.c
    ours = select(file_watches.c.id).where(file_watches.c.name == watch, file_watches.c.host == host)
    statement = select(column.name).where(
        column.watch_id.in_(ours),
        column.folder.in_({folder, folder.replace("%", "%25")}),
        column.name.in_({name, name.replace("%", "%25")}),
    )
    return (await connection.execute(statement.limit(1))).first() is not None


async def prune(tx: AsyncConnection, process_id: int, keep: int, before: datetime, limit: int) -> int:
    """Delete at most that many ended runs: those beyond the newest `keep`, and those queued before then; how many."""
    column = process_runs.c
    ended = (column.process_id == process_id, column.state.in_(ENDED))
    newest = select(column.id).where(*ended).order_by(column.id.desc()).offset(keep).limit(1)
    last = (await tx.execute(newest)).scalar()
    old = column.queued_at < before
    statement = select(column.id).where(*ended, old if last is None else (old | (column.id <= last)))
    ids = list((await tx.execute(statement.order_by(column.id).limit(limit))).scalars())
    if ids:
        await tx.execute(delete(process_runs).where(column.id.in_(ids)))
    return len(ids)
