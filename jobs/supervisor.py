"""The only place that starts tasks: loops, scheduled jobs, one-off work; their restarts and their end."""

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
from core.errors import AuthFailed, Unavailable
from core.health.model import JobState
from core.health.service import HealthService
from jobs.schedule import Schedule, Timing
from jobs.states import HEALTHY, Job, Pulse, States

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]
Drain = Callable[[float], Awaitable[object]]
"""Take up nothing new and finish what is under way within so many seconds."""

LEFT_BEHIND: Final = 3.0
"""Seconds a removed job has to end."""


class Stage(IntEnum):
    """The order of a stop: first what brings new work, then work under way, last what tells of it."""

    INTAKE = 1
    WORK = 2
    DELIVERY = 3


_STAGE: Final = ContextVar("stage", default=Stage.INTAKE)
"""The stage of the job that runs; the tasks it starts inherit it."""
_SHARES: Final[Mapping[Stage, float]] = {Stage.INTAKE: 0.4, Stage.WORK: 0.55, Stage.DELIVERY: 0.9}
"""By which part of a stop's time each stage has ended; the rest is for the last states."""


@dataclass(slots=True, kw_only=True)
class _Job(Job):
    """A job and how it is run."""

    work: Work
    stage: Stage = Stage.INTAKE
    once: Work | None = None
    drain: Drain | None = None
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Supervisor:
    """Keeps the jobs of this process going. Register with `loop`, `every`, `daily`, `off`; then `start`; then `stop`.

    What is registered after `start` starts at once; `remove` and `restart` change a job while the others go on.
    What a job raises decides what follows: `Unavailable` a retry (told once, and once when it is back),
    `AuthFailed` the end of that job (an operator is told), anything else a trace in the log and a restart.
    """

    def __init__(
        self, clock: Clock, db: Database, health: HealthService, *, host: str, pulse: Pulse | None = None
    ) -> None:
        self._clock = clock
        self._jobs: dict[str, _Job] = {}
        self._states = States(clock, db, health, host, self._jobs, pulse)
        self._tasks: dict[asyncio.Task[None], Stage] = {}
        self._schedule = Schedule(self._due, clock)
        self._writer: asyncio.Task[None] | None = None
        self._ticker: asyncio.Task[None] | None = None
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
        now = self._clock.now()
        self._add(_Job(name, topic, now, beats=beats, work=work, stage=stage, once=once, drain=drain))

    def every(self, name: str, seconds: float, work: Work, *, topic: Topic | None = "admins") -> None:
        """Work that is done at the start, then every so many seconds, and when woken; never twice at a time."""
        self._schedule.add(Timing(name, seconds=seconds))
        self._add(_Job(name, topic, self._clock.now(), timed=True, work=work, once=work))
        self._jobs[name].bell.set()

    def daily(
        self,
        name: str,
        at: time,
        zone: str,
        work: Work,
        *,
        topic: Topic | None = "admins",
        last_ok_at: datetime | None = None,
    ) -> None:
        """Work that is done each day at that time of that zone, and when woken; `last_ok_at` of an earlier process."""
        self._schedule.add(Timing(name, at=at, zone=zone))
        self._add(_Job(name, topic, self._clock.now(), timed=True, work=work, once=work, last_ok_at=last_ok_at))

    def off(self, name: str) -> None:
        """A job that is not configured: it is shown as off and costs nothing."""
        self._add(_Job(name, None, self._clock.now(), state="off", work=_nothing))

    def _add(self, job: _Job) -> None:
        if job.name in self._jobs:
            raise ValueError(f"there is a job {job.name} already")
        self._jobs[job.name] = job
        self._states.add(job)
        if self._started:
            self._begin(job)

    async def remove(self, name: str) -> None:
        """End a job, if there is one of that name, and forget it with its states; others go on."""
        job = self._jobs.pop(name, None)
        if job is None:
            return
        self._schedule.remove(name)
        await self._cancel(job)
        self._states.forget(name)

    async def restart(self, name: str) -> None:
        """End a job where it is and start it anew, also when it was waiting after a failure."""
        job = self._jobs[name]
        await self._cancel(job)
        self._states.turn(job, "starting")
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
        self._states.beat(self._jobs[name])

    def alive(self, name: str) -> None:
        """A sign of life of that job between its cycles: it says nothing of whether they go well."""
        self._states.alive(self._jobs[name])

    def waits(self, name: str, message: str | None = None, **values: object) -> None:
        """That job waits for a person, and this (an English message id) is what it says meanwhile; None: no longer."""
        self._states.waits(self._jobs[name], message, values)

    def remark(self, name: str, message: str, **values: object) -> None:
        """That job runs, and this (an English message id) is to be known of how."""
        self._states.remark(self._jobs[name], message, values)

    def wake(self, name: str) -> None:
        """Let that job run now, also when it waits after a failure."""
        self._jobs[name].bell.set()

    def states(self) -> list[JobState]:
        """The jobs of this process as they are now."""
        return self._states.snapshots()

    # --- running

    async def start(self) -> None:
        """Start everything that is registered."""
        await self._states.recall()
        self._writer = asyncio.create_task(self._states.keep_written(), name="supervisor: states")
        self._ticker = self._start("schedule", self._schedule.run(), Stage.INTAKE)
        for job in self._jobs.values():
            self._begin(job)
        self._started = True

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
        await self._states.recall()
        chosen = [job for job in self._jobs.values() if job.state != "off" and (names is None or job.name in names)]
        result: dict[str, str | None] = {}
        for job in sorted(chosen, key=lambda job: job.stage):
            if job.once is not None:
                ended = await self._attempt(job, job.once)
                result[job.name] = None if ended == "well" else job.last_error
                self._states.turn(job, "stopped")
                await self._states.write()
        return result

    async def stop(self, timeout: float = 3.0) -> None:
        """End everything in order within so many seconds; what does not finish is cancelled."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if self._ticker is not None:
            self._ticker.cancel()
        for stage, share in _SHARES.items():
            await self._end(stage, max(0.05, began + timeout * share - loop.time()))
        for job in self._jobs.values():
            if job.state not in ("off", "auth"):
                self._states.turn(job, "stopped")
        self._stopping = True
        self._states.end()
        if self._writer is not None:
            await asyncio.wait({self._writer}, timeout=max(0.1, began + timeout - loop.time()))
            self._writer.cancel()

    async def _end(self, stage: Stage, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        drains = [job.drain(seconds * 0.8) for job in self._jobs.values() if job.stage == stage and job.drain]
        if drains:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds * 0.9):
                    for failed in await asyncio.gather(*drains, return_exceptions=True):
                        if isinstance(failed, BaseException):
                            log.error("a job did not end well", exc_info=failed)
        tasks = {task for task, at in self._tasks.items() if at == stage}
        if stage == Stage.WORK and tasks:
            await asyncio.wait(tasks, timeout=max(0.0, until - loop.time()) * 0.8)
        for task in tasks:
            task.cancel()
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=max(0.05, until - loop.time()))
            for task in pending:
                log.warning("%s did not end in time and is left behind", task.get_name())

    async def _keep(self, job: _Job) -> None:
        _STAGE.set(job.stage)
        while True:
            if job.timed:
                job.next_run_at = self._schedule.next_run(job.name)
                self._states.turn(job, "idle")
                await job.bell.wait()
                job.next_run_at = None
            job.bell.clear()
            ended = await self._attempt(job, job.work)
            if ended == "refused":
                return
            if ended == "badly":
                await self._wait_after_failure(job)
            elif not job.timed:
                self._states.turn(job, "stopped")
                return

    async def _attempt(self, job: _Job, work: Work) -> Literal["well", "badly", "refused"]:
        job.began = self._clock.monotonic()
        job.heartbeat_at = self._clock.now()
        self._states.turn(job, "running")
        try:
            await work()
        except AuthFailed as error:
            self._states.gone(job, error, "refused")
            self._states.turn(job, "auth")
            return "refused"
        except Unavailable as error:
            self._states.gone(job, error, "down")
            return "badly"
        except Exception as error:  # a restart is the answer to whatever it was
            if job.error_values.get("error") != type(error).__name__ or not job.failures:
                log.exception("%s failed unexpectedly and is started again", job.name)
            else:
                log.error("%s failed again: %s", job.name, type(error).__name__)  # noqa: TRY400  its trace is above
            self._states.failed(job, error)
            return "badly"
        job.failures = 0
        self.beat(job.name)
        return "well"

    async def _wait_after_failure(self, job: _Job) -> None:
        lasted = self._clock.monotonic() - job.began
        job.failures = 1 if lasted >= HEALTHY and not job.timed else job.failures + 1
        delay = backoff(job.failures, random.random())
        job.next_run_at = self._clock.now() + timedelta(seconds=delay)
        self._states.turn(job, "backoff")
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


async def _nothing() -> None:
    """What a job does that is off."""
