"""Whether what is known of the jobs means that messages get delivered. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from core.health.model import JobState, Outage

COURIER: Final = "courier"
TELEGRAM: Final = "telegram"
FRESH: Final = timedelta(seconds=60)
"""How old the courier's written sign of life may be: it beats each second and is written every few."""
STUCK: Final = timedelta(minutes=5)
"""A message that waits so long, while none has left for so long, is not merely in a queue."""


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
