"""This machine: folders and programs, room, the database, who else works on it, how old its last copy is."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bot.findings import Finding
from bot.presence import PARTS
from bot.services import build_services, storage_options
from core.clock import SystemClock
from core.db.backup import folder_of, verify
from core.db.engine import Database
from core.db.migrations import HEAD, current
from core.errors import StorageUnavailable, VakhtaError
from core.health.model import Run
from core.health.rules import is_backup_late
from core.health.store import list_jobs
from core.settings import ProcessSection, Settings
from core.text import Translator, duration
from jobs.files.mounts import refuse_unseen_drive
from jobs.files.scanner import RootAway
from jobs.health.backup import last_backup
from jobs.threads import in_thread

LOW_DISK: Final = 200 * 1024 * 1024
QUICK: Final = 20.0
"""Seconds for looking through the database; a large one is not looked through to its end."""
SAMPLE: Final = 200
"""Entries of a folder among which a file is looked for that can be read."""
WITH_RUNS: Final = "0004"
"""The revision from which on a database knows who is at work."""


async def database(settings: Settings, t: Translator) -> list[Finding]:
    """Whether it can be written and is sound, who works on it, how old its last copy is. Changes nothing."""
    db = Database(settings.database.url, storage_options(settings.database))
    check = t("database")
    try:
        if db.path is not None and not db.path.exists():
            return [_missing(db.path, t)]
        async with db.transaction() as tx:
            revision = await current(tx)
        findings = [await _sound(db, revision, t)]
        if (revision or "") >= WITH_RUNS:
            findings.append(await _others(settings, db, t))
    except VakhtaError as error:
        found = t(error.message, **error.values)
        remedy = t("Check database.url and the rights on its folder; a copy is put back by vakhta db restore.")
        return [Finding(check, ok=False, found=found, remedy=remedy)]
    finally:
        await db.close()
    return [*findings, _backup(db.path, t)]


def _missing(path: Path, t: Translator) -> Finding:
    if os.access(path.parent, os.W_OK | os.X_OK):
        return Finding(t("database"), ok=True, found=t("is made at the first start: {path}", path=path))
    found = t("{path} cannot be written", path=path.parent)
    return Finding(t("database"), ok=False, found=found, remedy=t("Give this account the right to write there."))


async def _sound(db: Database, revision: str | None, t: Translator) -> Finding:
    check = t("database")
    if revision is not None and revision > HEAD:
        found = t("made by a newer version (revision {found}, known {head})", found=revision, head=HEAD)
        return Finding(check, ok=False, found=found, remedy=t("Update the program, or name another file."))
    state = t("can be written, revision {revision}", revision=revision or "-")
    if revision != HEAD:
        state = t(
            "can be written; is brought from revision {found} to {head} at the next start", found=revision, head=HEAD
        )
    if db.path is None:
        return Finding(check, ok=True, found=state)
    try:
        async with asyncio.timeout(QUICK):
            await in_thread("quick check", partial(verify, db.path))
    except TimeoutError:
        return Finding(check, ok=True, found=t("{state}; too large to be looked through here", state=state))
    except StorageUnavailable as error:
        reason = error.values.get("reason", "")
        remedy = t("Put a copy in its place: vakhta db restore backups/….")
        return Finding(check, ok=False, found=t("damaged: {reason}", reason=reason), remedy=remedy)
    return Finding(check, ok=True, found=t("{state}, sound", state=state))


async def _others(settings: Settings, db: Database, t: Translator) -> Finding:
    """Who is at work on the database; two are one too many unless they are meant."""
    runs = await _at_work(settings, db)
    if not runs:
        return Finding(t("at work"), ok=True, found=t("no assistant runs on this database now"))
    found = ", ".join(t("process {pid} on {host}", pid=run.pid, host=run.host) for run in runs)
    parts = [part for run in runs for part in run.parts]
    if len(parts) == len(set(parts)):
        return Finding(t("at work"), ok=True, found=found)
    return Finding(
        t("at work"), ok=False, found=found, remedy=t("Stop all but one, or let each run other parts (--only).")
    )


async def _at_work(settings: Settings, db: Database) -> Sequence[Run]:
    services = build_services(settings, SystemClock(), db)
    async with db.reading() as connection:
        return await services.runs.at_work(connection, PARTS)


@dataclass(frozen=True, slots=True)
class RunningChat:
    """An assistant on this database that takes updates; `waits` says for what it waits for a person, '' for nothing."""

    waits: str


async def running_chat(settings: Settings, t: Translator) -> RunningChat | None:
    """Who takes updates now; None for nobody, and where the database does not say."""
    db = Database(settings.database.url, storage_options(settings.database))
    if db.path is not None and not db.path.exists():
        return None
    try:
        async with db.reading() as connection:
            if (await current(connection) or "") < WITH_RUNS:
                return None
            jobs = await list_jobs(connection)
        if not any("chat" in run.parts for run in await _at_work(settings, db)):
            return None
    except VakhtaError:
        return None
    finally:
        await db.close()
    waiting = (job for job in jobs if job.name == "chat" and job.state == "waiting")
    return RunningChat(next((t(job.last_error, **job.error_values) for job in waiting if job.last_error), ""))


def _backup(path: Path | None, t: Translator) -> Finding:
    check = t("copy of the database")
    if path is None:
        return Finding(check, ok=True, found=t("PostgreSQL is copied by its own tools: pg_dump."))
    last, now = last_backup(path), SystemClock().now()
    if last is None:
        return Finding(check, ok=True, found=t("none yet; made each night while the assistant runs"))
    found = t("the last one is {age} old", age=duration(t, (now - last).total_seconds()))
    if is_backup_late(last, now):
        remedy = t("Let the assistant run, look at /status, or copy now: vakhta db backup.")
        return Finding(check, ok=False, found=found, remedy=remedy)
    return Finding(check, ok=True, found=found)


def disk(settings: Settings, t: Translator) -> Finding:
    """The room where the database, its copies and the logs are."""
    path = Database(settings.database.url).path
    wanted = [path.parent, folder_of(path)] if path else [Path()]
    if settings.log.folder is not None:
        wanted.append(settings.log.folder)
    rooms = {folder: shutil.disk_usage(folder).free for folder in wanted if folder.exists()}
    folder, free = min(rooms.items(), key=lambda room: room[1], default=(Path(), shutil.disk_usage(Path()).free))
    found = t("{n} MB free", n=free // (1024 * 1024))
    if free < LOW_DISK:
        return Finding(t("disk"), ok=False, found=found, remedy=t("Free some space in {folder}.", folder=folder))
    return Finding(t("disk"), ok=True, found=found)


def folder(check: str, path: Path, t: Translator) -> Finding:
    """Whether this account may list the folder, and read a file in it: tried, not guessed."""
    remedy = t("Check the path and the share.")
    try:
        refuse_unseen_drive(str(path))
        with os.scandir(path) as entries:
            sample = next(
                (entry.path for _, entry in zip(range(SAMPLE), entries, strict=False) if entry.is_file()), None
            )
        if sample is not None:
            Path(sample).open("rb").close()
    except RootAway as error:
        return Finding(check, ok=False, found=t(error.message, **error.values), remedy=remedy)
    except PermissionError as error:
        remedy = t("Give this account the right to read it.")
        found = t("{path} cannot be read", path=error.filename or path)
        return Finding(check, ok=False, found=found, remedy=remedy)
    except (FileNotFoundError, NotADirectoryError):
        return Finding(check, ok=False, found=t("{path} is not there", path=path), remedy=remedy)
    except OSError as error:
        found = t("{path} cannot be read ({reason})", path=path, reason=error.strerror or type(error).__name__)
        return Finding(check, ok=False, found=found, remedy=remedy)
    return Finding(check, ok=True, found=str(path))


def command(check: str, section: ProcessSection, t: Translator) -> Finding:
    """Whether the program of a process can be run."""
    folder = section.working_directory or Path()
    if not folder.is_dir():
        remedy = t("Check its working_directory.")
        return Finding(check, ok=False, found=t("{path} is not there", path=folder), remedy=remedy)
    program = section.command[0]
    wanted = str(folder / program) if Path(program).name != program else program
    found = shutil.which(wanted, path=section.env["PATH"].get_secret_value() if "PATH" in section.env else None)
    if found is None:
        remedy = t("Check its command, and the rights of this account.")
        return Finding(check, ok=False, found=t("{program} cannot be run", program=program), remedy=remedy)
    return Finding(check, ok=True, found=found)
