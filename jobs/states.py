"""What is known of the jobs of this process, kept as rows: their states, and the outages of their sources."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Topic
from core.clock import Clock
from core.db.engine import Database
from core.errors import StorageUnavailable, VakhtaError
from core.health.model import REMARK, JobState, State
from core.health.service import HealthService
from core.text import N_

log = logging.getLogger(__name__)

Pulse = Callable[[AsyncConnection], Awaitable[None]]
"""Writes that the process lives, in a transaction of whoever writes anyway."""

HEALTHY: Final = 10.0
"""Seconds after which a loop counts as working, so that its next failure is a first one."""
WRITE_EVERY: Final = 3.0
"""Seconds between two writes of heartbeats; a change of state is written at once."""
WAITING_BEAT: Final = timedelta(seconds=30)
"""How often a job that waits for its moment is said to be alive."""
FORGET_AFTER: Final = timedelta(days=1)
"""After that a job which is not configured any more disappears from the list."""

UNEXPECTED: Final = N_("Something unexpected happened ({error}). The log has the details.")


@dataclass(slots=True)
class Job:
    """What is known of a job. `timed`: it waits for its moment; else it is a loop. `beats`: see `Supervisor.loop`."""

    name: str
    topic: Topic | None
    since: datetime
    timed: bool = False
    beats: bool = False
    state: State = "starting"
    heartbeat_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str | None = None
    error_values: dict[str, str] = field(default_factory=dict)
    next_run_at: datetime | None = None
    failures: int = 0
    began: float = 0.0
    away_since: datetime | None = None

    def snapshot(self, host: str) -> JobState:
        """As its row says it."""
        return JobState(
            self.name,
            host,
            self.state,
            self.since,
            self.heartbeat_at,
            self.last_ok_at,
            self.last_error,
            dict(self.error_values),
            self.next_run_at,
        )


@dataclass(frozen=True, slots=True)
class _News:
    """A source went away, or refused us, or is back: to be written with the next states."""

    source: str
    what: Literal["down", "refused", "up"]
    reason: str = ""
    topic: Topic | None = None


class States:
    """Changes what is known of `jobs` and writes it soon after, and once more at the end."""

    def __init__(
        self,
        clock: Clock,
        db: Database,
        health: HealthService,
        host: str,
        jobs: Mapping[str, Job],
        pulse: Pulse | None = None,
    ) -> None:
        self._clock = clock
        self._pulse = pulse
        self._db = db
        self._health = health
        self._host = host
        self._jobs = jobs
        self._dirty: set[str] = set()
        self._removed: set[str] = set()
        self._news: list[_News] = []
        self._were_away: dict[str, datetime] = {}
        self._changed = asyncio.Event()
        self._refused = False
        self._ending = False

    def snapshots(self) -> list[JobState]:
        """The jobs as they are now."""
        return [job.snapshot(self._host) for job in self._jobs.values()]

    # --- changing

    def add(self, job: Job) -> None:
        """A job that is new among them."""
        self._removed.discard(job.name)
        job.away_since = self._were_away.pop(job.name, None)
        self._mark(job)

    def forget(self, name: str) -> None:
        """A job that is not among them any more."""
        self._dirty.discard(name)
        self._removed.add(name)
        self._changed.set()

    def turn(self, job: Job, state: State) -> None:
        """The job is in that state from now on."""
        if job.state != state:
            job.state, job.since = state, self._clock.now()
        self._mark(job)

    def beat(self, job: Job) -> None:
        """A cycle of the job went well."""
        job.heartbeat_at = job.last_ok_at = self._clock.now()
        self._back(job)
        self._dirty.add(job.name)

    def alive(self, job: Job) -> None:
        """The job lives; no cycle of it has ended."""
        job.heartbeat_at = self._clock.now()
        self._dirty.add(job.name)

    def waits(self, job: Job, message: str | None, values: Mapping[str, object]) -> None:
        """The job waits for a person and says so; no longer when `message` is None."""
        if message is None:
            if job.state == "waiting":
                job.last_ok_at = self._clock.now()
                self.turn(job, "running")
            return
        job.last_error, job.error_values = message, {key: str(value) for key, value in values.items()}
        job.heartbeat_at = self._clock.now()
        self._back(job)
        self.turn(job, "waiting")

    def remark(self, job: Job, message: str, values: Mapping[str, object]) -> None:
        """The job runs, and this is to be known of how."""
        job.last_error, job.error_values = message, {key: str(value) for key, value in values.items()} | {REMARK: "1"}
        self._dirty.add(job.name)

    def failed(self, job: Job, error: Exception) -> None:
        """What the job raised."""
        if isinstance(error, VakhtaError):
            job.last_error = error.message
            job.error_values = {name: str(value) for name, value in error.values.items()}
        else:
            job.last_error, job.error_values = UNEXPECTED, {"error": type(error).__name__}

    def gone(self, job: Job, error: VakhtaError, what: Literal["down", "refused"]) -> None:
        """The job's source is away, which is told once. Of the database nobody can be told: that would be a row."""
        self.failed(job, error)
        if job.away_since is not None:
            return
        job.away_since = self._clock.now()
        log.warning("%s: %s", job.name, error)
        if not isinstance(error, StorageUnavailable):
            self._news.append(_News(job.name, what, str(error), "admins" if what == "refused" else job.topic))

    def _back(self, job: Job) -> None:
        if job.away_since is None:
            return
        away = (self._clock.now() - job.away_since).total_seconds()
        log.warning("%s is back after %.0f s", job.name, away)
        job.away_since = None
        self._news.append(_News(job.name, "up"))
        self._changed.set()

    def _mark(self, job: Job) -> None:
        self._dirty.add(job.name)
        self._changed.set()

    # --- keeping

    async def recall(self) -> None:
        """Learn from the database which sources were away when the process ended, also those whose job comes later."""
        try:
            async with self._db.reading() as connection:
                for outage in await self._health.open_outages(connection):
                    if outage.source in self._jobs:
                        self._jobs[outage.source].away_since = outage.began_at
                    else:
                        self._were_away[outage.source] = outage.began_at
            async with self._db.transaction() as tx:
                before = self._clock.now() - FORGET_AFTER
                await self._health.forget_jobs(tx, self._host, list(self._jobs), before)
        except StorageUnavailable as error:
            log.warning("the jobs' states are not known: %s", error)

    async def keep_written(self) -> None:
        """Write changes at once and heartbeats now and then, until `end`."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(WRITE_EVERY):
                    await self._changed.wait()
                if not self._ending:
                    await asyncio.sleep(0.05)  # changes come in twos and threes: one write for them
            self._changed.clear()
            self._notice_recoveries()
            self._beat_for_the_waiting()
            await self.write()
            if self._ending and not self._changed.is_set():
                return

    def end(self) -> None:
        """Nothing changes any more: `keep_written` writes once more and ends."""
        self._ending = True
        self._changed.set()

    async def write(self) -> None:
        """Write what has changed; what the database refuses is kept for the next time."""
        dirty, news, removed = self._dirty, tuple(self._news), tuple(self._removed)
        if not dirty and not news and not removed and self._pulse is None:
            return
        self._dirty = set()
        try:
            async with self._db.transaction() as tx:
                if self._pulse is not None:
                    await self._pulse(tx)
                await self._health.save_jobs(
                    tx, [self._jobs[name].snapshot(self._host) for name in sorted(dirty & self._jobs.keys())]
                )
                for name in removed:
                    await self._health.forget(tx, self._host, name)
                for item in news:
                    if item.what == "up":
                        await self._health.up(tx, item.source)
                    else:
                        refused = item.what == "refused"
                        await self._health.down(tx, item.source, item.reason, item.topic, refused=refused)
        except Exception:  # a database that refuses, in whatever way, never ends the writing
            self._dirty |= dirty
            if not self._refused:
                log.exception("the jobs' states were not written; they will be")
            self._refused = True
        else:
            self._refused = False
            del self._news[: len(news)]
            self._removed.difference_update(removed)

    def _notice_recoveries(self) -> None:
        """A loop that has been running for a while without complaint is back, even if it never beats."""
        now = self._clock.monotonic()
        for job in self._jobs.values():
            silent = not (job.timed or job.beats)
            if job.away_since and job.state == "running" and silent and now - job.began >= HEALTHY:
                self._back(job)

    def _beat_for_the_waiting(self) -> None:
        """A job that waits for its moment cannot give a sign of life; that it is waited for is one."""
        now = self._clock.now()
        for job in self._jobs.values():
            if job.state in ("idle", "waiting") and (
                job.heartbeat_at is None or now - job.heartbeat_at >= WAITING_BEAT
            ):
                job.heartbeat_at = now
                self._dirty.add(job.name)
