"""The state of everything at one moment, read with a handful of queries, and what in it needs a person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.page.context import Page
from core.alerts import store as alerts
from core.files import store as files
from core.files.model import FileEvent, Query
from core.health import store as health
from core.health.model import JobState, Outage
from core.health.rules import BACKUP, is_backup_late
from core.letters import store as letters
from core.requests import store as requests
from core.requests.model import Filter, Request
from core.text import Translator, duration

SILENT_AFTER: Final = timedelta(minutes=3)
"""A job without a sign of life for that long, or that late for its next run, does not work."""
STUCK_AFTER: Final = timedelta(minutes=5)
"""A message that waits that long beyond its time is worth a look."""
ROWS: Final = 6
"""Requests and file changes shown on the overview."""

Level = Literal["good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the overview shows. `latest` are the late requests when there are any, `letters` wait for a person."""

    at: datetime
    jobs: Sequence[JobState]
    outages: Sequence[Outage]
    outbox: Mapping[str, int]
    waiting_since: datetime | None
    last_sent: datetime | None
    requests: Mapping[str, int]
    late: int
    latest: Sequence[Request]
    letters: int
    events: Sequence[FileEvent]

    @property
    def last_event_id(self) -> int:
        """How far the history has come: ids count the changes ever noticed."""
        return self.events[0].id if self.events else 0


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that needs a person, in words, and where to read more."""

    level: Level
    text: str
    link: str = ""


async def look(page: Page, *, finished: bool = False) -> Overview:
    """Read everything on one connection; the messages that need nothing more are counted only when `finished`.

    Raises `StorageUnavailable`.
    """
    now = page.clock.now()
    finals = page.workflow.finals
    silent = Filter(statuses=page.open_codes, late_since=now - page.late_after)
    count_messages = alerts.count_by_state if finished else alerts.count_unfinished
    async with page.db.reading() as connection:
        late = await requests.count(connection, silent, finals=finals)
        shown = silent if late else Filter()
        return Overview(
            at=now,
            jobs=current(await health.list_jobs(connection), now),
            outages=await health.open_outages(connection),
            outbox=await count_messages(connection),
            waiting_since=await alerts.waiting_since(connection, now),
            last_sent=await alerts.last_sent(connection),
            requests=await requests.tally(connection, (*finals, *page.open_codes)[0]),
            late=late,
            latest=await requests.list_requests(connection, shown, finals=finals, limit=ROWS),
            letters=(await letters.count_by_state(connection)).get("triage", 0),
            events=await files.find_events(connection, Query(), limit=ROWS),
        )


def is_silent(job: JobState, now: datetime) -> bool:
    """Whether a job that should be at work gives no sign of life. One that waits for its next run may be quiet."""
    if job.state in ("stopped", "off", "auth"):
        return False
    awaited = max(moment for moment in (job.since, job.heartbeat_at, job.next_run_at) if moment is not None)
    return now - awaited > SILENT_AFTER


def is_up(job: JobState, now: datetime) -> bool:
    """Whether a job does its work, or waits for its next run as it should."""
    return job.state in ("starting", "running", "idle", "waiting") and not is_silent(job, now)


def current(jobs: Sequence[JobState], now: datetime) -> list[JobState]:
    """The jobs without those that work on another host now: a container comes back under another name."""
    up = {job.name for job in jobs if is_up(job, now)}
    return [job for job in jobs if job.name not in up or is_up(job, now)]


def silent_jobs(jobs: Sequence[JobState], now: datetime) -> list[JobState]:
    """The jobs that give no sign of life."""
    return [job for job in jobs if is_silent(job, now)]


def concerns(t: Translator, seen: Overview) -> list[Concern]:
    """What needs a person, the most urgent first."""
    found = [*_job_concerns(t, seen), *_outage_concerns(t, seen), *_message_concerns(t, seen)]
    if seen.late:
        text = t.many("{n} request is late", "{n} requests are late", seen.late)
        found.append(Concern("warn", text, "/requests?late=1"))
    if seen.letters:
        text = t.many("{n} letter waits for a person", "{n} letters wait for a person", seen.letters)
        found.append(Concern("warn", text))
    return sorted(found, key=lambda concern: concern.level != "bad")


def level_of(found: Sequence[Concern]) -> Level:
    """The worst level among them; `good` when there is none."""
    if not found:
        return "good"
    return "bad" if any(concern.level == "bad" for concern in found) else "warn"


def _job_concerns(t: Translator, seen: Overview) -> Iterator[Concern]:
    expected = [job for job in seen.jobs if job.state not in ("stopped", "off")]
    if not seen.jobs:
        yield Concern("bad", t("No job has reported yet: is the assistant running?"))
    elif not expected:
        yield Concern("bad", t("The assistant is stopped."), "#jobs")
    elif all(is_silent(job, seen.at) for job in expected):
        since = _since(t, seen.at, max(job.heartbeat_at or job.since for job in expected))
        yield Concern("bad", t("The assistant gives no sign of life ({duration})", duration=since), "#jobs")
    else:
        for job in seen.jobs:
            yield from _one_job(t, job, seen)


def _one_job(t: Translator, job: JobState, seen: Overview) -> Iterator[Concern]:
    away = any(outage.source == job.name for outage in seen.outages)
    if is_silent(job, seen.at):
        since = _since(t, seen.at, job.heartbeat_at or job.since)
        yield Concern("bad", t("{job} gives no sign of life ({duration})", job=job.name, duration=since), "#jobs")
    elif job.state == "auth":
        yield Concern("bad", t("{job} stopped: its credentials are refused", job=job.name), "#jobs")
    elif job.state == "backoff" and not away:
        yield Concern("warn", t("{job} failed and tries again", job=job.name), "#jobs")
    elif job.state == "waiting" and job.last_error:
        yield Concern("warn", f"{job.name}: {t(job.last_error, **job.error_values)}", "#jobs")
    elif job.state == "stopped":
        yield Concern("warn", t("{job} is stopped", job=job.name), "#jobs")
    elif job.name == BACKUP and job.last_ok_at is not None and is_backup_late(job.last_ok_at, seen.at):
        since = _since(t, seen.at, job.last_ok_at)
        yield Concern("warn", t("The last copy of the database is {duration} old", duration=since), "#jobs")


def _since(t: Translator, now: datetime, moment: datetime) -> str:
    return duration(t, (now - moment).total_seconds())


def _outage_concerns(t: Translator, seen: Overview) -> Iterator[Concern]:
    refused = {job.name for job in seen.jobs if job.state == "auth"}  # said already
    for outage in seen.outages:
        if outage.source in refused:
            continue
        since = _since(t, seen.at, outage.began_at)
        yield Concern("bad", t("{source} cannot be reached ({duration})", source=outage.source, duration=since))


def _message_concerns(t: Translator, seen: Overview) -> Iterator[Concern]:
    if seen.waiting_since and seen.at - seen.waiting_since > STUCK_AFTER:
        since = _since(t, seen.at, seen.waiting_since)
        yield Concern("warn", t("Messages wait to be delivered ({duration})", duration=since), "#messages")
