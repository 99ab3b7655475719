"""The job of processing: follows the history and the clock, and runs what they ask for, each process one at a time.

Everything it knows is in the database: what waits, what runs, how far the history was read. So a stop, a crash or a
second assistant on the same host loses no run and begins none twice.
"""

import logging
import math
import os
import sys
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from core.clock import Clock
from core.db.engine import Database
from core.errors import Unavailable
from core.files.naming import decode_name, shown
from core.files.processing import BATCH, ProcessingService
from core.files.processing_model import Ended, Process, ProcessSettings, Run
from core.files.processing_rules import Choice, arguments, marker, variables
from jobs.files.lookup import look_at
from jobs.files.owner import is_alive, new_owner
from jobs.files.runner import Command, entry_command, kill_marked
from jobs.schedule import next_cron
from jobs.threads import in_thread

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 2.0
TOGETHER: Final = 0.1
AWAY: Final = timedelta(seconds=5)
TIDY_EVERY: Final = 3600.0
PATIENCE: Final = 60.0
"""Seconds: between looks when nothing wakes it (buttons pressed on other hosts); until what comes together is looked
at; until a file is looked for again that the history still knows; between removals of old runs; in which `once` begins
runs."""

_WINDOWS: Final = sys.platform == "win32"

Spawn = Callable[[str, Coroutine[Any, Any, None]], object]


@dataclass(slots=True)
class _Active:
    """A run that is under way in this assistant."""

    run: Run
    command: Command | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is configured, by name."""

    settings: dict[str, ProcessSettings]
    choices: dict[str, Choice]


class Processing:
    """Runs the processes of one host. `spawn` starts a run beside the loop; `beat` is called at each look."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        service: ProcessingService,
        processes: Collection[ProcessSettings],
        *,
        host: str,
        spawn: Spawn,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._service = service
        self._host = host
        self._spawn = spawn
        self._beat = beat
        self._owner = new_owner()
        self._active: dict[int, _Active] = {}
        self._installed: _Plan | None = None
        self._position = -1
        self._ended = False
        self._closing = False
        self._tidied = -math.inf
        self.configure(processes)

    def configure(self, processes: Collection[ProcessSettings]) -> None:
        """From the next look on, these are the processes; what runs goes on."""
        self._plan = _Plan(
            {process.name: process for process in processes},
            {process.name: Choice(process, ignore_case=_WINDOWS) for process in processes if process.watch},
        )

    async def run(self) -> None:
        """Process for ever, until drained."""
        while not self._closing:
            pause = await self._cycle()
            self._beat()
            if pause > 0 and not self._closing and not self._ended:
                await self._db.wait_for_commit(pause)
                if not self._ended:
                    await self._clock.sleep(TOGETHER)

    async def once(self) -> None:
        """Everything that is due, or will be once its file has settled; what keeps coming is left to the next time."""
        settles = max((process.settle_seconds for process in self._plan.settings.values()), default=0.0)
        ends = self._clock.monotonic() + PATIENCE + 5 * settles
        while self._active or self._clock.monotonic() < ends:
            self._closing = self._closing or self._clock.monotonic() >= ends
            pause = await self._cycle()
            if self._ended:
                continue
            if self._active:
                await self._db.wait_for_commit(TOGETHER)
            elif pause > 0 and not await self._soon(settles + TOGETHER):
                return
            elif pause > 0:
                await self._clock.sleep(min(pause, LOOK_EVERY))

    async def forget(self) -> None:
        """Note that nothing is configured any more, where something was."""
        async with self._db.reading() as connection:
            known = await self._service.processes(connection, self._host)
        if known:
            await self._install(self._plan)

    async def drain(self, seconds: float) -> bool:
        """Begin nothing new, ask what runs to end, kill it before the time is over; whether all has ended."""
        self._closing = True
        for active in list(self._active.values()):
            active.stopped = True
            if active.command is not None:
                active.command.stop(seconds * 0.5)
        ends = self._clock.monotonic() + seconds
        while self._active and self._clock.monotonic() < ends:
            await self._db.wait_for_commit(0.05)
        return not self._active

    # --- one look

    async def _cycle(self) -> float:
        """Queue what is asked for and begin what is due; how many seconds may pass until the next look."""
        self._ended = False
        plan = self._plan
        if self._installed is not plan:
            await self._install(plan)
        more = await self._follow(plan)
        async with self._db.reading() as connection:
            processes = await self._service.processes(connection, self._host)
        mine = [process for name, process in processes.items() if name in plan.settings]
        by_clock = await self._schedule(plan, mine)
        by_queue = await self._begin(plan, mine)
        if self._clock.monotonic() - self._tidied > TIDY_EVERY:
            await self._tidy()
        return 0.0 if more else min(LOOK_EVERY, by_clock, by_queue)

    async def _install(self, plan: _Plan) -> None:
        async with self._db.transaction() as tx:
            await self._service.install(tx, self._host, list(plan.settings.values()))
        await self._recover(plan)
        self._installed, self._position = plan, -1

    async def _recover(self, plan: _Plan) -> None:
        """What another assistant of this host was running when it died; its commands may have outlived it."""
        async with self._db.reading() as connection:
            found = await self._service.abandoned(connection, self._host)
            names = {each.id: name for name, each in (await self._service.processes(connection, self._host)).items()}
        for run in found:
            ours = run.owner == self._owner
            if run.process_id in self._active if ours else is_alive(run.owner):
                continue
            await in_thread("processing", partial(kill_marked, marker(run)))
            name = names.get(run.process_id, "")
            log.warning("process %s: run %d was interrupted by a failure of the assistant", name, run.id)
            async with self._db.transaction() as tx:
                settings = plan.settings.get(name) or ProcessSettings(name)
                await self._service.finish(tx, settings, run, Ended("crash"))

    async def _follow(self, plan: _Plan) -> bool:
        if not plan.choices:
            return False
        async with self._db.reading() as connection:
            if not await self._service.behind(connection, self._position):
                return False
        async with self._db.transaction() as tx:
            self._position, more = await self._service.follow(tx, self._host, plan.choices)
        return more

    async def _schedule(self, plan: _Plan, processes: Collection[Process]) -> float:
        """Queue what the clock asks for; the seconds until it asks again."""
        now = self._clock.now()
        wait = math.inf
        for process in processes:
            settings = plan.settings[process.name]
            moment = _Moment() if process.paused_at is not None else _moment(settings, process, now)
            if moment.noted is not None or moment.following != process.next_at:
                async with self._db.transaction() as tx:
                    await self._service.schedule(tx, process.id, moment.noted, due=moment.due, next_at=moment.following)
            if moment.following is not None:
                wait = min(wait, max(TOGETHER, (moment.following - now).total_seconds()))
        return wait

    async def _begin(self, plan: _Plan, processes: Collection[Process]) -> float:
        """Start what is due; the seconds until something else is."""
        free = [process for process in processes if process.id not in self._active]
        now = self._clock.now()
        async with self._db.reading() as connection:
            due = await self._service.waiting(connection, free)
        ready = [process for process in free if process.id in due and due[process.id] <= now]
        if ready and not self._closing:
            names = {process.id: process.name for process in ready}
            async with self._db.transaction() as tx:
                claimed = await self._service.claim(tx, ready, self._owner)
            for run in claimed:
                self._start(run, plan.settings[names[run.process_id]])
        later = [moment for moment in due.values() if moment > now]
        return max(TOGETHER, (min(later) - now).total_seconds()) if later else math.inf

    async def _soon(self, seconds: float) -> bool:
        """Whether a run waits that is due within so many seconds."""
        async with self._db.reading() as connection:
            processes = await self._service.processes(connection, self._host)
            mine = [process for name, process in processes.items() if name in self._plan.settings]
            due = await self._service.waiting(connection, mine)
        until = self._clock.now() + timedelta(seconds=seconds)
        return any(moment <= until for moment in due.values())

    async def _tidy(self) -> None:
        await self._recover(self._plan)
        gone = BATCH
        while gone == BATCH:
            async with self._db.transaction() as tx:
                gone = await self._service.prune(tx, self._host)
        self._tidied = self._clock.monotonic()

    # --- one run

    def _start(self, run: Run, settings: ProcessSettings) -> None:
        self._active[run.process_id] = _Active(run)
        self._spawn(f"process {settings.name}", self._work(run, settings))

    async def _work(self, run: Run, settings: ProcessSettings) -> None:
        try:
            ended = await self._try(run, settings)
            while True:
                try:
                    async with self._db.transaction() as tx:
                        if isinstance(ended, Ended):
                            await self._service.finish(tx, settings, run, ended)
                        else:
                            await self._service.postpone(tx, run, ended)
                except Unavailable as error:  # what has been done is written down as soon as it can be
                    log.warning("process %s: the end of run %d waits to be written: %s", settings.name, run.id, error)
                    await self._clock.sleep(1.0)
                else:
                    return
        finally:
            del self._active[run.process_id]
            self._ended = True

    async def _try(self, run: Run, settings: ProcessSettings) -> Ended | datetime:
        try:
            return await self._perform(run, settings)
        except Unavailable as error:
            log.warning("process %s: run %d is put off: %s", settings.name, run.id, error)
            return self._clock.now() + AWAY
        except Exception as error:  # whatever it was, the run has ended, and somebody is told
            log.exception("process %s: run %d failed unexpectedly", settings.name, run.id)
            return Ended("start", output=f"{type(error).__name__}: {error}")

    async def _perform(self, run: Run, settings: ProcessSettings) -> Ended | datetime:
        """How it ended; or, when it is too early for it, when to look again."""
        active = self._active[run.process_id]
        path = ""
        if run.path:
            found = await self._look(run, settings)
            if not isinstance(found, str):
                return found
            path = found
        if active.stopped:
            return Ended("stop")
        old_path = decode_name(run.old_path)
        call = entry_command(settings.entry) if settings.entry else arguments(settings, run, path, old_path)
        environment = variables(settings, run, path, old_path, os.environ)
        active.command = Command(call, environment, marker(run), settings.working_directory, settings.timeout)
        ended = await active.command.run()
        log.info("process %s, run %d: %s, exit code %s", settings.name, run.id, ended.reason or "done", ended.exit_code)
        log.debug("process %s, run %d was for %s", settings.name, run.id, run.path or run.trigger)
        return ended

    async def _look(self, run: Run, settings: ProcessSettings) -> str | Ended | datetime:
        """The file of a run, if it is there, and settled. What is gone from a folder that is away is not gone."""
        seen = await in_thread("processing", lambda: look_at(run.path))
        if run.event == "deleted":
            return run.path if not seen.paths else seen.paths[0]
        if not seen.paths:
            async with self._db.reading() as connection:
                expected = await self._service.is_expected(connection, self._host, run)
            return self._clock.now() + AWAY if expected else Ended("gone")
        if len(seen.paths) > 1:
            return Ended("ambiguous", output="\n".join(shown(path) for path in seen.paths))
        age = self._clock.now().timestamp() - seen.changed_at
        if 0 <= age < settings.settle_seconds and not run.asked_by:
            return self._clock.now() + timedelta(seconds=settings.settle_seconds - age)
        return seen.paths[0]


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the schedule says now: the moment to be `noted` as the last one, whether it is `due`, the `following`."""

    noted: datetime | None = None
    due: bool = False
    following: datetime | None = None


def _moment(settings: ProcessSettings, process: Process, now: datetime) -> _Moment:
    """Moments that were missed count once. Something to be done every so often is done at once the first time."""
    last = process.scheduled_at
    if settings.every is not None:
        every = timedelta(seconds=settings.every)
        if last is None or last > now:
            return _Moment(now, due=True, following=now + every)
        missed = (now - last) // every
        latest = last + missed * every
        return _Moment(latest if missed else None, due=missed > 0, following=latest + every)
    if settings.cron:
        following = next_cron(settings.cron, settings.timezone, last or now)
        if following is not None and following <= now:
            return _Moment(now, due=True, following=next_cron(settings.cron, settings.timezone, now))
        return _Moment(now if last is None else None, following=following)
    return _Moment()
