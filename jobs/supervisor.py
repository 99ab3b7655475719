"""The only place that starts tasks: loops, scheduled jobs, one-off work; their restarts, states and end."""

# ruff: noqa: TID251  this is the one place where tasks are created
import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import IntEnum
from typing import Any, Final, Literal

from core.alerts.model import Topic
from core.alerts.rules import backoff
from core.clock import Clock
from core.db.engine import Database
from core.errors import AuthFailed, StorageUnavailable, Unavailable, VakhtaError
from core.health.model import REMARK, JobState, State
from core.health.service import HealthService
from core.text import N_
from jobs.schedule import Schedule, Timing

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]
Drain = Callable[[float], Awaitable[object]]
"""Take up nothing new and finish what is under way within so many seconds."""

HEALTHY: Final = 10.0
"""Seconds after which a loop counts as working, so that its next failure is a first one."""
WRITE_EVERY: Final = 3.0
"""Seconds between two writes of heartbeats; a change of state is written at once."""
WAITING_BEAT: Final = timedelta(seconds=30)
"""How often a job that waits for its moment is said to be alive."""
LEFT_BEHIND: Final = 3.0
"""Seconds a removed job has to end."""
FORGET_AFTER: Final = timedelta(days=1)
"""After that a job which is not configured any more disappears from the list."""

UNEXPECTED: Final = N_("Something unexpected happened ({error}). The log has the details.")


class Stage(IntEnum):
    """The order of a stop: first what brings new work, then work under way, last what tells of it."""

    INTAKE = 1
    WORK = 2
    DELIVERY = 3


_STAGE: Final = ContextVar("stage", default=Stage.INTAKE)
"""The stage of the job that runs; the tasks it starts inherit it."""
_SHARES: Final[Mapping[Stage, float]] = {Stage.INTAKE: 0.4, Stage.WORK: 0.55, Stage.DELIVERY: 0.9}
"""By which part of a stop's time each stage has ended; the rest is for the last states."""


@dataclass(slots=True)
class _Job:
    """A job and what is known of it. `timed`: it waits for its moment; else it is a loop. `beats`: see `loop`."""

    name: str
    work: Work
    topic: Topic | None
    since: datetime
    stage: Stage = Stage.INTAKE
    timed: bool = False
    beats: bool = False
    once: Work | None = None
    drain: Drain | None = None
    state: State = "starting"
    heartbeat_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str | None = None
    error_values: dict[str, str] = field(default_factory=dict)
    next_run_at: datetime | None = None
    failures: int = 0
    began: float = 0.0
    away_since: datetime | None = None
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def snapshot(self, host: str) -> JobState:
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


class Supervisor:
    """Keeps the jobs of this process going. Register with `loop`, `every`, `daily`, `off`; then `start`; then `stop`.

    What is registered after `start` starts at once; `remove` and `restart` change a job while the others go on.
    What a job raises decides what follows: `Unavailable` a retry (told once, and once when it is back),
    `AuthFailed` the end of that job (an operator is told), anything else a trace in the log and a restart.
    """

    def __init__(self, clock: Clock, db: Database, health: HealthService, *, host: str) -> None:
        self._clock = clock
        self._db = db
        self._health = health
        self._host = host
        self._jobs: dict[str, _Job] = {}
        self._tasks: dict[asyncio.Task[None], Stage] = {}
        self._schedule = Schedule(self._due)
        self._dirty: set[str] = set()
        self._removed: set[str] = set()
        self._news: list[_News] = []
        self._changed = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._refused = False
        self._started = False
        self._stopping = False

    # --- registering

    def loop(
        self,
        name: str,
        work: Work,
        *,
        topic: Topic | None = "admins",
        stage: Stage = Stage.INTAKE,
        drain: Drain | None = None,
        once: Work | None = None,
        beats: bool = False,
    ) -> None:
        """Work that goes on until the stop. It should call `beat` when a cycle went well.

        `once` is one cycle of it, for `run_once`; `drain` ends it gently at a stop. `beats`: after an outage only a
        beat says that it is back; else running for a while does, which somebody waiting for a dead server does, too.
        """
        self._add(_Job(name, work, topic, self._clock.now(), stage, once=once, drain=drain, beats=beats))

    def every(self, name: str, seconds: float, work: Work, *, topic: Topic | None = "admins") -> None:
        """Work that is done at the start, then every so many seconds, and when woken; never twice at a time."""
        self._schedule.add(Timing(name, seconds=seconds))
        self._add(_Job(name, work, topic, self._clock.now(), timed=True, once=work))
        self._jobs[name].bell.set()

    def daily(self, name: str, at: time, zone: str, work: Work, *, topic: Topic | None = "admins") -> None:
        """Work that is done each day at that time of that zone, and when woken."""
        self._schedule.add(Timing(name, at=at, zone=zone))
        self._add(_Job(name, work, topic, self._clock.now(), timed=True, once=work))

    def off(self, name: str) -> None:
        """A job that is not configured: it is shown as off and costs nothing."""
        self._add(_Job(name, _nothing, None, self._clock.now(), state="off"))

    def _add(self, job: _Job) -> None:
        if job.name in self._jobs:
            raise ValueError(f"there is a job {job.name} already")
        self._jobs[job.name] = job
        self._removed.discard(job.name)
        self._mark(job)
        if self._started:
            self._begin(job)

    async def remove(self, name: str) -> None:
        """End a job, if there is one of that name, and forget it with its states; others go on."""
        job = self._jobs.pop(name, None)
        if job is None:
            return
        self._schedule.remove(name)
        await self._cancel(job)
        self._dirty.discard(name)
        self._removed.add(name)
        self._changed.set()

    async def restart(self, name: str) -> None:
        """End a job where it is and start it anew, also when it was waiting after a failure."""
        job = self._jobs[name]
        await self._cancel(job)
        self._set(job, "starting")
        if self._started and not self._stopping:
            self._begin(job)

    # --- what jobs and others may call

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start one-off work; what it raises is logged with its trace.

        A stop waits for it after the intake has ended; what a job of a later stage starts ends with that job.
        """
        return self._start(name, work, max(Stage.WORK, _STAGE.get()))

    def _start(self, name: str, work: Coroutine[Any, Any, None], stage: Stage) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks[task] = stage
        task.add_done_callback(self._done)
        return task

    def beat(self, name: str) -> None:
        """A sign of life of that job: a cycle went well."""
        job = self._jobs[name]
        job.heartbeat_at = job.last_ok_at = self._clock.now()
        self._back(job)
        self._dirty.add(name)

    def waits(self, name: str, message: str | None = None, **values: object) -> None:
        """That job waits for a person, and this (an English message id) is what it says meanwhile; None: no longer."""
        job = self._jobs[name]
        if message is None:
            if job.state == "waiting":
                job.last_ok_at = self._clock.now()
                self._set(job, "running")
            return
        job.last_error, job.error_values = message, {key: str(value) for key, value in values.items()}
        job.heartbeat_at = self._clock.now()
        self._back(job)
        self._set(job, "waiting")

    def remark(self, name: str, message: str, **values: object) -> None:
        """That job runs, and this (an English message id) is to be known of how."""
        job = self._jobs[name]
        job.last_error, job.error_values = message, {key: str(value) for key, value in values.items()} | {REMARK: "1"}
        self._dirty.add(name)

    def wake(self, name: str) -> None:
        """Let that job run now, also when it waits after a failure."""
        self._jobs[name].bell.set()

    def states(self) -> list[JobState]:
        """The jobs of this process as they are now."""
        return [job.snapshot(self._host) for job in self._jobs.values()]

    # --- running

    async def start(self) -> None:
        """Start everything that is registered."""
        await self._recall()
        self._writer = asyncio.create_task(self._write_states(), name="supervisor: states")
        for job in self._jobs.values():
            self._begin(job)
        self._started = True
        self._schedule.start()

    def _begin(self, job: _Job) -> None:
        if job.state != "off":
            job.task = self._start(f"job {job.name}", self._keep(job), job.stage)

    async def _cancel(self, job: _Job) -> None:
        if job.task is None or job.task is asyncio.current_task():
            return
        job.task.cancel()
        _, pending = await asyncio.wait({job.task}, timeout=LEFT_BEHIND)
        for task in pending:
            log.warning("%s did not end in time and is left behind", task.get_name())

    async def run_once(self, names: Collection[str] | None = None) -> dict[str, str | None]:
        """One cycle of every job (or of those named), one after another; what went wrong with each, None if nothing."""
        await self._recall()
        chosen = [job for job in self._jobs.values() if job.state != "off" and (names is None or job.name in names)]
        result: dict[str, str | None] = {}
        for job in sorted(chosen, key=lambda job: job.stage):
            if job.once is not None:
                ended = await self._attempt(job, job.once)
                result[job.name] = None if ended == "well" else job.last_error
                self._set(job, "stopped")
                await self._flush()
        return result

    async def stop(self, timeout: float = 3.0) -> None:
        """End everything in order within so many seconds; what does not finish is cancelled."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._schedule.stop()
        for stage, share in _SHARES.items():
            await self._end(stage, max(0.05, began + timeout * share - loop.time()))
        for job in self._jobs.values():
            if job.state not in ("off", "auth"):
                self._set(job, "stopped")
        self._stopping = True
        self._changed.set()
        if self._writer is not None:
            await asyncio.wait({self._writer}, timeout=max(0.1, began + timeout - loop.time()))
            self._writer.cancel()

    async def _end(self, stage: Stage, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        drains = [job.drain(seconds * 0.8) for job in self._jobs.values() if job.stage == stage and job.drain]
        if drains:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds * 0.9):
                    for failed in await asyncio.gather(*drains, return_exceptions=True):
                        if isinstance(failed, BaseException):
                            log.error("a job did not end well", exc_info=failed)
        tasks = {task for task, at in self._tasks.items() if at == stage}
        if stage == Stage.WORK and tasks:
            await asyncio.wait(tasks, timeout=seconds * 0.8)
        for task in tasks:
            task.cancel()
        if tasks:
            left = max(0.05, until - asyncio.get_running_loop().time())
            _, pending = await asyncio.wait(tasks, timeout=left)
            for task in pending:
                log.warning("%s did not end in time and is left behind", task.get_name())

    async def _keep(self, job: _Job) -> None:
        _STAGE.set(job.stage)
        while True:
            if job.timed:
                job.next_run_at = self._schedule.next_run(job.name)
                self._set(job, "idle")
                await job.bell.wait()
                job.next_run_at = None
            job.bell.clear()
            ended = await self._attempt(job, job.work)
            if ended == "refused":
                return
            if ended == "badly":
                await self._wait_after_failure(job)
            elif not job.timed:
                self._set(job, "stopped")
                return

    async def _attempt(self, job: _Job, work: Work) -> Literal["well", "badly", "refused"]:
        job.began = self._clock.monotonic()
        job.heartbeat_at = self._clock.now()
        self._set(job, "running")
        try:
            await work()
        except AuthFailed as error:
            self._note_failure(job, error)
            self._set(job, "auth")
            self._gone(job, error, "refused")
            return "refused"
        except Unavailable as error:
            self._note_failure(job, error)
            self._gone(job, error, "down")
            return "badly"
        except Exception as error:  # a restart is the answer to whatever it was
            if job.error_values.get("error") != type(error).__name__ or not job.failures:
                log.exception("%s failed unexpectedly and is started again", job.name)
            else:
                log.error("%s failed again: %s", job.name, type(error).__name__)  # noqa: TRY400  its trace is above
            self._note_failure(job, error)
            return "badly"
        job.failures = 0
        self.beat(job.name)
        return "well"

    async def _wait_after_failure(self, job: _Job) -> None:
        lasted = self._clock.monotonic() - job.began
        job.failures = 1 if lasted >= HEALTHY and not job.timed else job.failures + 1
        delay = backoff(job.failures, random.random())
        job.next_run_at = self._clock.now() + timedelta(seconds=delay)
        self._set(job, "backoff")
        sleeper = asyncio.create_task(self._clock.sleep(delay))
        ringer = asyncio.create_task(job.bell.wait())
        try:
            await asyncio.wait({sleeper, ringer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
            ringer.cancel()
        job.next_run_at = None
        job.bell.set()

    def _due(self, name: str) -> None:
        job = self._jobs[name]
        if job.state != "backoff":  # after a failure the job's own patience counts
            job.bell.set()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=error)

    # --- states

    def _set(self, job: _Job, state: State) -> None:
        if job.state != state:
            job.state, job.since = state, self._clock.now()
        self._mark(job)

    def _mark(self, job: _Job) -> None:
        self._dirty.add(job.name)
        self._changed.set()

    def _note_failure(self, job: _Job, error: Exception) -> None:
        if isinstance(error, VakhtaError):
            job.last_error = error.message
            job.error_values = {name: str(value) for name, value in error.values.items()}
        else:
            job.last_error, job.error_values = UNEXPECTED, {"error": type(error).__name__}

    def _gone(self, job: _Job, error: VakhtaError, what: Literal["down", "refused"]) -> None:
        """Say once that a source is away. Of the database nobody can be told: that would be a row."""
        if job.away_since is not None:
            return
        job.away_since = self._clock.now()
        log.warning("%s: %s", job.name, error)
        if not isinstance(error, StorageUnavailable):
            self._news.append(_News(job.name, what, str(error), "admins" if what == "refused" else job.topic))

    def _back(self, job: _Job) -> None:
        if job.away_since is None:
            return
        away = (self._clock.now() - job.away_since).total_seconds()
        log.warning("%s is back after %.0f s", job.name, away)
        job.away_since = None
        self._news.append(_News(job.name, "up"))
        self._changed.set()

    async def _recall(self) -> None:
        """Learn from the database which sources were away when the process ended."""
        try:
            async with self._db.reading() as connection:
                for outage in await self._health.open_outages(connection):
                    if outage.source in self._jobs:
                        self._jobs[outage.source].away_since = outage.began_at
            async with self._db.transaction() as tx:
                before = self._clock.now() - FORGET_AFTER
                await self._health.forget_jobs(tx, self._host, list(self._jobs), before)
        except StorageUnavailable as error:
            log.warning("the jobs' states are not known: %s", error)

    async def _write_states(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(WRITE_EVERY):
                    await self._changed.wait()
                if not self._stopping:
                    await asyncio.sleep(0.05)  # changes come in twos and threes: one write for them
            self._changed.clear()
            self._notice_recoveries()
            self._beat_for_the_waiting()
            await self._flush()
            if self._stopping and not self._changed.is_set():
                return

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

    async def _flush(self) -> None:
        """Write what has changed; what the database refuses is kept for the next time."""
        dirty, news, removed = self._dirty, tuple(self._news), tuple(self._removed)
        if not dirty and not news and not removed:
            return
        self._dirty = set()
        try:
            async with self._db.transaction() as tx:
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


async def _nothing() -> None:
    """What a job does that is off."""
