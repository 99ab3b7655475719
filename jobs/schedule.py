"""When jobs are due: one readable table, on the clock that is handed in. It only wakes; the supervisor runs the work.

What is measured in seconds goes by the monotonic clock, what has its time of the day by the clock on the wall: neither
a clock that is set, back or ahead, nor a machine that slept keeps a job from its next turn.
"""

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from apscheduler.triggers.cron import CronTrigger

from core.clock import Clock
from core.files.timing import parse_crontab

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the clock at most: a sleep does not notice that the clock was set."""
_FAR: Final = timedelta(hours=26)
"""A day has 25 hours at most: what is daily and due later than that was reckoned from a clock that was ahead."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When a job is due: every so many seconds (`seconds`), or daily at a time (`at`) in a zone (IANA name)."""

    name: str
    seconds: float | None = None
    at: time | None = None
    zone: str = "UTC"


class Schedule:
    """The timings of all jobs. `wake` is called with a job's name when it is due; missed moments count once."""

    def __init__(self, wake: Callable[[str], None], clock: Clock) -> None:
        self._wake = wake
        self._clock = clock
        self._timings: dict[str, Timing] = {}
        self._turns: dict[str, _Turn] | None = None  # while it runs
        self._filled = asyncio.Event()

    def add(self, timing: Timing) -> None:
        """Put a job into the table."""
        self._timings[timing.name] = timing
        self._filled.set()
        if self._turns is not None:
            self._turns[timing.name] = _turn(timing, self._clock)

    def remove(self, name: str) -> None:
        """Take a job out of the table, if it is there."""
        self._timings.pop(name, None)
        if self._turns is not None:
            self._turns.pop(name, None)

    def rows(self) -> list[Timing]:
        """The table, by name."""
        return [self._timings[name] for name in sorted(self._timings)]

    async def run(self) -> None:
        """Wake whoever is due, for ever."""
        self._turns = {name: _turn(timing, self._clock) for name, timing in self._timings.items()}
        try:
            while True:
                await self._filled.wait()
                await self._clock.sleep(min([LOOK_EVERY, *(turn.left() for turn in self._turns.values())]))
                for name, turn in list(self._turns.items()):
                    if turn.left() <= 0:
                        turn.take()
                        self._wake(name)
        finally:
            self._turns = None

    def next_run(self, name: str) -> datetime | None:
        """When a job is due next; None when it has no timing or nothing runs."""
        turn = (self._turns or {}).get(name)
        return turn.moment() if turn is not None else None


class _EverySoOften:
    """The next turn of what is done every so many seconds."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._due = clock.monotonic() + seconds

    def left(self) -> float:
        """Seconds until it is due."""
        return self._due - self._clock.monotonic()

    def take(self) -> None:
        """It is done now: when next."""
        now = self._clock.monotonic()
        self._due = self._due + self._seconds if self._due + self._seconds > now else now + self._seconds

    def moment(self) -> datetime:
        """When it is due, as the clock is set now."""
        return self._clock.now() + timedelta(seconds=self.left())


class _Daily:
    """The next turn of what is done each day."""

    def __init__(self, at: time, zone: str, clock: Clock) -> None:
        self._line = f"{at.minute} {at.hour} * * *"
        self._zone = zone
        self._clock = clock
        self._due = self._next()

    def _next(self) -> datetime:
        now = self._clock.now()
        return next_cron(self._line, self._zone, now) or now  # each day has one

    def left(self) -> float:
        """Seconds until it is due."""
        if self._due - self._clock.now() > _FAR:
            self._due = self._next()
        return (self._due - self._clock.now()).total_seconds()

    def take(self) -> None:
        """It is done now: when next."""
        self._due = self._next()

    def moment(self) -> datetime:
        """When it is due."""
        return self._due


_Turn = _EverySoOften | _Daily


def _turn(timing: Timing, clock: Clock) -> _Turn:
    if timing.seconds is not None:
        return _EverySoOften(timing.seconds, clock)
    return _Daily(timing.at or time(), timing.zone, clock)


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
