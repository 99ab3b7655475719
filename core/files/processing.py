"""The use cases of processing: from the history and the clock to a queue of runs, their ends, and who is told.

The queue is rows, so it outlives the assistant. A run is marked as running before its command starts, so a crash at
any point loses none and starts none twice without saying so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.service import AlertsService
from core.clock import Clock
from core.errors import UserError
from core.files import processing_rules as rules
from core.files import processing_store as store
from core.files import snapshots
from core.files import store as history
from core.files.naming import shown
from core.files.processing_model import (
    KEPT_FOR,
    KEPT_RUNS,
    Ended,
    Overview,
    Process,
    ProcessSettings,
    Run,
)
from core.files.processing_notices import ProcessNotices
from core.files.processing_rules import Asked, Choice, Digest
from core.people.model import Actor
from core.people.service import PeopleService

BATCH: Final = 1000
"""Events considered, and old runs forgotten, in one transaction."""


class ProcessingService:
    """What is done with changed files, and on a schedule. Its methods join the transaction they are given."""

    def __init__(self, clock: Clock, people: PeopleService, alerts: AlertsService) -> None:
        self._clock = clock
        self._people = people
        self._notices = ProcessNotices(clock, alerts)

    # --- the queue

    async def install(
        self, tx: AsyncConnection, host: str, configured: Collection[ProcessSettings]
    ) -> dict[str, Process]:
        """The processes of a host as they are configured now, by name.

        A new one begins with what happens from now on; one that is configured no more keeps its history.
        """
        now = self._clock.now()
        known = {process.name: process for process in await store.list_processes(tx, host)}
        last = await history.last_event_id(tx)
        found: dict[str, Process] = {}
        for settings in configured:
            process = known.get(settings.name)
            if process is None:
                process = await store.add_process(tx, Process(0, host, settings.name, settings.about(), last))
            elif process.removed_at is not None or dict(process.about) != settings.about():
                position = last if process.removed_at else process.position
                again = None if process.removed_at else process.scheduled_at
                process = replace(
                    process, about=settings.about(), position=position, scheduled_at=again, removed_at=None
                )
                await store.put_process(tx, process)
            found[settings.name] = process
        for name, process in known.items():
            if name not in found and process.removed_at is None:
                await store.put_process(tx, replace(process, removed_at=now, next_at=None))
        return found

    async def behind(self, connection: AsyncConnection, position: int) -> bool:
        """Whether something has happened since that event."""
        return await history.last_event_id(connection) > position

    async def follow(self, tx: AsyncConnection, host: str, choices: Mapping[str, Choice]) -> tuple[int, bool]:
        """Queue what the next events ask for; the last one considered, and whether more follow."""
        processes = [each for each in await store.list_processes(tx, host) if each.name in choices]
        if not processes:
            return 0, False
        start = min(process.position for process in processes)
        events = await history.events_after(tx, start, BATCH)
        for process in processes:
            new = (event for event in events if event.id > process.position and not event.imported)
            mine = [event for event in new if event.host == host]
            await self._queue(tx, process, rules.digest(choices[process.name], mine))
        last = events[-1].id if events else start
        await store.move_position(tx, [process.id for process in processes], last)
        return last, len(events) == BATCH

    async def schedule(
        self, tx: AsyncConnection, process_id: int, noted: datetime | None, *, due: bool, next_at: datetime | None
    ) -> None:
        """What the clock says: the last moment of the schedule, whether to run for it, and the next one.

        A scheduled run that still waits is enough.
        """
        process = await store.find_process(tx, process_id)
        if process is None:
            return
        if due and "" not in await store.queued_at(tx, process.id, ("",)):
            await store.add_run(tx, self._new(process, "scheduled", self._clock.now()))
        await store.put_process(tx, replace(process, scheduled_at=noted or process.scheduled_at, next_at=next_at))

    async def processes(self, connection: AsyncConnection, host: str) -> dict[str, Process]:
        """The configured processes of a host, by name."""
        found = await store.list_processes(connection, host)
        return {process.name: process for process in found if process.removed_at is None}

    async def waiting(self, connection: AsyncConnection, processes: Collection[Process]) -> dict[int, datetime]:
        """When the next run of each process is due, of those that have one. See `claim` for those that rest."""
        at_work = [process.id for process in processes if process.paused_at is None]
        resting = [process.id for process in processes if process.paused_at is not None]
        due = await store.earliest_due(connection, at_work) if at_work else {}
        return due | (await store.earliest_due(connection, resting, asked_only=True) if resting else {})

    async def claim(self, tx: AsyncConnection, processes: Collection[Process], owner: str) -> list[Run]:
        """The runs that begin now, at most one a process: no process runs twice at a time.

        A paused process does only what a person asks of it.
        """
        now = self._clock.now()
        busy = await store.running(tx, [process.id for process in processes])
        claimed = []
        for process in processes:
            if process.id in busy:
                continue
            run = await store.next_due(tx, process.id, now, asked_only=process.paused_at is not None)
            if run is not None:
                run = replace(run, state="running", owner=owner, started_at=now, attempts=run.attempts + 1)
                await store.put_run(tx, run)
                claimed.append(run)
        return claimed

    async def postpone(self, tx: AsyncConnection, run: Run, due_at: datetime) -> None:
        """The file is not settled yet: back into the queue, as if the run had not begun."""
        if await self._replaced(tx, run):
            await store.drop_run(tx, run.id)
            return
        attempts = run.attempts - 1
        await store.put_run(
            tx, replace(run, state="queued", owner="", started_at=None, due_at=due_at, attempts=attempts)
        )

    async def abandoned(self, connection: AsyncConnection, host: str) -> list[Run]:
        """The runs of a host that are marked as running."""
        found = await store.list_processes(connection, host)
        return list((await store.running(connection, [process.id for process in found])).values())

    async def is_expected(self, connection: AsyncConnection, host: str, run: Run) -> bool:
        """Whether the history still knows the file of a run: its folder is away, or what became of it is to come."""
        state = await snapshots.find_watch(connection, run.watch, host)
        if state is None or not run.path.startswith(state.root):
            return False
        folder, name = rules.below(state.root, run.path)
        return state.away_since is not None or await store.knows_file(connection, host, run.watch, folder, name)

    # --- the end of a run

    async def finish(self, tx: AsyncConnection, settings: ProcessSettings, run: Run, ended: Ended) -> Run:
        """Write down how a run ended, queue it again where that helps, tell of a failure and of its end."""
        now = self._clock.now()
        if rules.is_retried(settings, run, ended) and not await self._replaced(tx, run):
            again = replace(
                self._ended(run, ended, "queued"), ended_at=None, due_at=now + rules.retry_after(run.attempts)
            )
            await store.put_run(tx, again)
            return again
        if ended.reason in ("stop", "crash"):
            return await self._interrupted(tx, run, ended)
        if ended.reason == "gone":
            state = self._ended(run, ended, "skipped")
        elif ended.reason == "" and ended.exit_code == 0:
            state = self._ended(run, ended, "done")
        else:
            state = self._ended(run, ended, "failed")
        await store.put_run(tx, state)
        if state.state == "failed":
            await self._notices.failed(tx, state)
        elif state.state == "done":
            await self._notices.recovered(tx, state)
        return state

    async def _interrupted(self, tx: AsyncConnection, run: Run, ended: Ended) -> Run:
        """After a stop a run is queued again; after a crash once, for its command may be what crashes us."""
        state = self._ended(run, ended, "interrupted")
        await store.put_run(tx, state)
        crashes = run.crashes + (ended.reason == "crash")
        if crashes <= 1:
            if not await self._replaced(tx, run):
                now = self._clock.now()
                fresh = replace(run, state="queued", queued_at=now, due_at=now, started_at=None, attempts=0, owner="")
                await store.add_run(tx, replace(fresh, crashes=crashes))
        else:
            await self._notices.failed(tx, state)
        return state

    def _ended(self, run: Run, ended: Ended, state: str) -> Run:
        return replace(
            run,
            state=state,  # type: ignore[arg-type]  # the callers' words are states
            ended_at=self._clock.now(),
            reason=ended.reason,
            exit_code=ended.exit_code,
            output=shown(ended.output),
            output_size=ended.output_size,
        )

    async def _queue(self, tx: AsyncConnection, process: Process, found: Digest) -> None:
        waiting = await store.queued_at(tx, process.id, {*found.asked, *found.moved})
        for old, new in found.moved.items():
            run = waiting.pop(old, None)
            if run is not None and new and new not in found.asked:
                await store.put_run(tx, replace(run, path=new))
            elif run is not None:
                await store.drop_run(tx, run.id)
        fresh = []
        for path, asked in found.asked.items():
            run = waiting.get(path)
            if run is None:
                fresh.append(self._for_file(process, asked))
            else:
                await store.put_run(tx, _overtaken(run, asked))
        await store.add_runs(tx, fresh)

    async def _replaced(self, tx: AsyncConnection, run: Run) -> bool:
        """Whether a newer run for the same file waits already."""
        return run.path in await store.queued_at(tx, run.process_id, (run.path,))

    def _new(self, process: Process, trigger: str, due_at: datetime) -> Run:
        return Run(
            id=0,
            process_id=process.id,
            state="queued",
            trigger=trigger,  # type: ignore[arg-type]  # the callers' words are triggers
            event="",
            event_id=None,
            watch="",
            path="",
            old_path="",
            queued_at=self._clock.now(),
            due_at=due_at,
        )

    def _for_file(self, process: Process, asked: Asked) -> Run:
        run = self._new(process, "file_change", asked.due_at)
        return _overtaken(run, asked)

    # --- people

    async def overview(self, connection: AsyncConnection) -> list[Overview]:
        """Every configured process of every host, by name."""
        return [await self._overview(connection, process) for process in await store.list_processes(connection)]

    async def find(self, connection: AsyncConnection, process_id: int) -> Overview | None:
        """One process; None when it is not known (any more)."""
        process = await store.find_process(connection, process_id)
        return await self._overview(connection, process) if process else None

    async def _overview(self, connection: AsyncConnection, process: Process) -> Overview:
        last = await store.latest(connection, process.id, *store.ENDED)
        busy = await store.running(connection, [process.id])
        queued = await store.count_queued(connection, [process.id])
        return Overview(process, last, busy.get(process.id), queued.get(process.id, 0))

    async def last_failure(self, connection: AsyncConnection, process_id: int) -> Run | None:
        """The newest failed run of a process."""
        return await store.latest(connection, process_id, "failed", "interrupted")

    async def runs(
        self, connection: AsyncConnection, process_id: int, *, limit: int, offset: int
    ) -> tuple[Sequence[Run], int]:
        """A page of a process' runs, newest first, and how many there are."""
        found = await store.list_runs(connection, process_id, limit=limit, offset=offset)
        return found, await store.count_runs(connection, process_id)

    async def find_run(self, connection: AsyncConnection, run_id: int) -> Run | None:
        """A run by its id; None when it was forgotten."""
        return await store.find_run(connection, run_id)

    async def run_again(self, tx: AsyncConnection, run_id: int, actor: Actor) -> Run:
        """Queue a run like that one, at once; the one that is queued. Raises `UserError`."""
        run = await store.find_run(tx, run_id)
        process = await store.find_process(tx, run.process_id) if run else None
        if run is None or process is None or process.removed_at is not None:
            raise UserError("This run is not known any more. /jobs shows what is.")
        fresh = self._new(process, run.trigger, rules.AT_ONCE)
        fresh = replace(
            fresh, event=run.event, event_id=run.event_id, watch=run.watch, path=run.path, old_path=run.old_path
        )
        return await self._ask(tx, process, fresh, actor)

    async def run_now(self, tx: AsyncConnection, process_id: int, actor: Actor) -> Run:
        """Run a process now: as its schedule does, or, without one, for the last file again. Raises `UserError`."""
        process = await self._known(tx, process_id)
        if process.by_clock:
            return await self._ask(tx, process, self._new(process, "scheduled", rules.AT_ONCE), actor)
        waiting = await store.latest(tx, process.id, "queued")
        last = waiting or await store.latest(tx, process.id, *store.ENDED, "running")
        if last is None:
            raise UserError("It runs when a file changes, and none has changed yet.")
        return await self.run_again(tx, last.id, actor)

    async def pause(self, tx: AsyncConnection, process_id: int, actor: Actor, *, paused: bool) -> None:
        """Let a process rest, or go on. What it has to do is kept meanwhile."""
        process = await self._known(tx, process_id)
        if (process.paused_at is not None) == paused:
            return
        at = self._clock.now() if paused else None
        await store.put_process(tx, replace(process, paused_at=at, paused_by=actor.name if paused else ""))
        await self._people.audit(tx, actor, "pause" if paused else "resume", f"process:{process.name}", process.host)

    async def _known(self, tx: AsyncConnection, process_id: int) -> Process:
        process = await store.find_process(tx, process_id)
        if process is None or process.removed_at is not None:
            raise UserError("This process is not configured any more.")
        return process

    async def _ask(self, tx: AsyncConnection, process: Process, fresh: Run, actor: Actor) -> Run:
        """Queue what a person asks for; what waits for the same file is brought forward instead."""
        waiting = (await store.queued_at(tx, process.id, (fresh.path,))).get(fresh.path)
        fresh = replace(fresh, asked_by=actor.name)
        if waiting is not None:
            fresh = replace(waiting, due_at=fresh.due_at, asked_by=actor.name)
            await store.put_run(tx, fresh)
        else:
            fresh = replace(fresh, id=await store.add_run(tx, fresh))
        await self._people.audit(tx, actor, "run", f"process:{process.name}", fresh.path)
        return fresh

    # --- keeping house

    async def prune(self, tx: AsyncConnection, host: str) -> int:
        """Forget runs beyond what is kept, at most `BATCH`; how many."""
        gone = 0
        before = self._clock.now() - KEPT_FOR
        for process in await store.list_processes(tx, host):
            gone += await store.prune(tx, process.id, KEPT_RUNS, before, BATCH - gone)
            if gone >= BATCH:
                break
        return gone


def _overtaken(run: Run, asked: Asked) -> Run:
    """A waiting run, brought up to date with a later change of its file: as new."""
    return replace(
        run,
        event=asked.event,
        event_id=asked.event_id,
        watch=asked.watch,
        path=asked.path,
        old_path=asked.old_path,
        due_at=asked.due_at,
        attempts=0,
        crashes=0,
    )
