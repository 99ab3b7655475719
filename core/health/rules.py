"""What jobs and runs mean: whether messages get delivered, who else is at work, how long nobody was. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from core.health.model import Gap, JobState, Outage, Run

COURIER: Final = "courier"
TELEGRAM: Final = "telegram"
FRESH: Final = timedelta(seconds=60)
"""How old the courier's written sign of life may be: it beats each second and is written every few."""
STUCK: Final = timedelta(minutes=5)
"""A message that waits so long, while none has left for so long, is not merely in a queue."""
SEEN: Final = timedelta(seconds=20)
"""How old the sign of life of a run at work may be; it is written every few seconds."""
BACKUP: Final = "backup"
"""The job that copies the database each night."""
BACKUP_LATE: Final = timedelta(hours=26)
"""How old the last copy of a night may get."""
TOGETHER: Final = timedelta(minutes=10)
"""Ends without a word so shortly after one another are told in one message."""


def delivery_fault(
    jobs: Iterable[JobState],
    outages: Iterable[Outage],
    waiting_since: datetime | None,
    last_sent: datetime | None,
    now: datetime,
) -> str | None:
    """Why messages do not get delivered, in English for the log; None when they do.

    A fresh sign of life of the courier among the written states says that its loop turns and rows are written.
    """
    couriers = [job for job in jobs if job.name == COURIER]
    if not any(_is_at_work(job, now) for job in couriers):
        return "the courier gives no sign of life"
    if any(outage.source in (COURIER, TELEGRAM) for outage in outages):
        return "Telegram cannot be reached"
    if waiting_since is not None and now - max(waiting_since, last_sent or waiting_since) > STUCK:
        return "messages wait and none is delivered"
    return None


def _is_at_work(job: JobState, now: datetime) -> bool:
    return job.state == "running" and job.heartbeat_at is not None and now - job.heartbeat_at <= FRESH


def may_be_at_work(run: Run, parts: Iterable[str], now: datetime) -> bool:
    """Whether a run that shares a part with these may still go on, as far as its row says."""
    return run.ended_at is None and abs(now - run.seen_at) <= SEEN and not set(parts).isdisjoint(run.parts)


def gap_before(runs: Sequence[Run], started_at: datetime) -> Gap | None:
    """The unplanned stop before a start; None when the run before ended in order, or there was none.

    `runs` are those before that shared its parts, the newest first.
    """
    crashed: list[Run] = []
    for run in runs:
        if run.ended_at is not None or (crashed and crashed[-1].seen_at - run.seen_at > TOGETHER):
            break
        crashed.append(run)
    if not crashed:
        return None
    last, first = crashed[0], crashed[-1]
    return Gap(first.id, last.id, len(crashed), first.seen_at, min(last.seen_at, started_at), started_at)


def is_backup_late(last: datetime | None, now: datetime) -> bool:
    """Whether a copy of the database is missing: none was made for more than a night."""
    return last is None or now - last > BACKUP_LATE
