"""When jobs are due: one readable table over APScheduler, which only wakes the supervisor.

APScheduler never runs the work itself: it would cancel it at its shutdown and skip it when late.
"""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from core.files.timing import parse_crontab


@dataclass(frozen=True, slots=True)
class Timing:
    """When a job is due: every so many seconds (`seconds`), or daily at a time (`at`) in a zone (IANA name)."""

    name: str
    seconds: float | None = None
    at: time | None = None
    zone: str = "UTC"

    @property
    def trigger(self) -> dict[str, Any]:
        """As APScheduler's `add_job` wants it."""
        if self.at is not None:
            return {"trigger": "cron", "hour": self.at.hour, "minute": self.at.minute, "timezone": self.zone}
        return {"trigger": "interval", "seconds": self.seconds}


class Schedule:
    """The timings of all jobs. `wake` is called with a job's name when it is due; missed moments count once."""

    def __init__(self, wake: Callable[[str], None]) -> None:
        self._wake = wake
        self._timings: dict[str, Timing] = {}
        self._scheduler: Any = None

    def add(self, timing: Timing) -> None:
        """Put a job into the table."""
        self._timings[timing.name] = timing
        if self._scheduler is not None:
            self._scheduler.add_job(self._due, id=timing.name, args=[timing.name], **timing.trigger)

    def remove(self, name: str) -> None:
        """Take a job out of the table, if it is there."""
        if self._timings.pop(name, None) is not None and self._scheduler is not None:
            self._scheduler.remove_job(name)

    def rows(self) -> list[Timing]:
        """The table, by name."""
        return [self._timings[name] for name in sorted(self._timings)]

    def start(self) -> None:
        """Begin to wake."""
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it would log each wake
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for timing in self._timings.values():
            self._scheduler.add_job(self._due, id=timing.name, args=[timing.name], **timing.trigger)
        self._scheduler.start()

    def stop(self) -> None:
        """Wake nobody any more."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    def next_run(self, name: str) -> datetime | None:
        """When a job is due next; None when it has no timing or nothing runs."""
        job = self._scheduler.get_job(name) if self._scheduler is not None else None
        moment: datetime | None = job.next_run_time if job is not None else None
        return moment

    async def _due(self, name: str) -> None:
        """A coroutine, so that APScheduler calls it on the loop and not in a thread."""
        self._wake(name)


@functools.lru_cache(maxsize=256)  # asked at each look, and 29 February takes a thousand days to be found
def next_cron(line: str, zone: str, after: datetime) -> datetime | None:
    """When a cron line is due next after that moment (UTC), on the clock of a zone; None when it never is.

    As crontab(5) has it: where both days are named, either counts. A named hour that comes twice (summer time ends)
    counts once; one that does not come (it begins) counts an hour later. Raises `ValueError` for no cron line.
    """
    fields = parse_crontab(line)
    days, weekdays = _listed(fields.days), ",".join(fields.weekday_names) or "*"
    either = fields.days is not None and fields.weekdays is not None
    triggers = [
        CronTrigger(
            minute=_listed(fields.minutes),
            hour=_listed(fields.hours),
            day=day,
            month=_listed(fields.months),
            day_of_week=weekday,
            timezone=zone,
        )
        for day, weekday in ([(days, "*"), ("*", weekdays)] if either else [(days, weekdays)])
    ]
    found = [moment for trigger in triggers if (moment := _next(trigger, after, once=fields.hours is not None))]
    return min(found, default=None)


def _listed(numbers: frozenset[int] | None) -> str:
    return "*" if numbers is None else ",".join(str(number) for number in sorted(numbers))


def _next(trigger: CronTrigger, after: datetime, *, once: bool) -> datetime | None:
    """Moments are handed to the trigger in UTC: it compares those of one zone by their wall clock, which repeats."""
    moment: datetime | None = after.astimezone(UTC)
    while moment is not None:
        found = trigger.get_next_fire_time(None, moment + timedelta(microseconds=1))
        if found is None or not (once and found.fold):
            return None if found is None else found.astimezone(UTC)
        moment = found.astimezone(UTC)
    return None
