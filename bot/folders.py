"""The jobs of the watched folders: they come and go with the configuration, and wait while people hold them."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.audits import open_audit
from bot.reload import Change, Difference
from bot.services import Services
from core.clock import Clock
from core.files.model import WatchSettings
from jobs.files.audit import AuditFollower
from jobs.files.checksum import Checksums
from jobs.files.following import Followers
from jobs.files.gate import Gate, Steering
from jobs.files.watcher import Back, FolderWatch
from jobs.supervisor import Supervisor

JOB: Final = "files"
"""The job that stands for all of them while there are none."""


class Folders:
    """Every watched folder of this process, each with its jobs."""

    def __init__(self, services: Services, supervisor: Supervisor, clock: Clock) -> None:
        self._services = services
        self._supervisor = supervisor
        self._clock = clock
        self._gates: dict[str, Gate] = {}
        self._steered = False

    def begin(self, watches: Sequence[WatchSettings]) -> None:
        """Watch these folders from the start, or be off."""
        for watch in watches:
            self._add(watch)
        if not watches:
            self._supervisor.off(JOB)

    def _add(self, watch: WatchSettings) -> None:
        db, clock, files = self._services.db, self._clock, self._services.files
        name = _job(watch.name)
        beat = partial(self._supervisor.beat, name)
        gate = Gate(db, clock, files, self._services.watches, watch, partial(self._supervisor.waits, name))
        remark, back = partial(self._supervisor.remark, name), self._back(name)
        job = FolderWatch(db, clock, files, watch, beat=beat, remark=remark, back=back)
        self._gates[watch.name] = gate

        async def run() -> None:
            await gate.wait()
            await job.run()

        async def once() -> None:
            if await gate.ask():
                await job.once()

        self._supervisor.loop(name, run, once=once, topic="files", beats=True)
        if watch.compute_checksum:
            self._add_checksums(watch, gate)
        if watch.audit is not None:
            self._add_audit(watch)
        if not self._steered:
            self._steered = True
            self._steer()

    def _back(self, name: str) -> Back:
        """Ends the outage of that job's folder, with what was found after it."""

        async def back(tx: AsyncConnection, found: int) -> None:
            await self._services.health.up(tx, name, found)

        return back

    def _steer(self) -> None:
        """What every folder shares: decisions carried out, followers told."""
        db, clock, supervisor = self._services.db, self._clock, self._supervisor
        beat = partial(supervisor.beat, "folders")
        steering = Steering(db, clock, self._services.watches, self._held, self.restart, beat)
        supervisor.loop("folders", steering.run, once=steering.once)
        followers = Followers(db, clock, self._services.following, partial(supervisor.beat, "followers"))
        supervisor.loop("followers", followers.run, once=followers.once)

    def _add_checksums(self, watch: WatchSettings, gate: Gate) -> None:
        name = _aside(watch.name)
        beat = partial(self._supervisor.beat, name)
        checksums = Checksums(self._services.db, self._clock, self._services.files, watch, beat=beat)

        async def run() -> None:
            await gate.wait_opened()
            await checksums.run()

        async def once() -> None:
            if gate.opened:
                await checksums.once()

        self._supervisor.loop(name, run, once=once)

    def _add_audit(self, watch: WatchSettings) -> None:
        name = _audit(watch.name)
        beat = partial(self._supervisor.beat, name)
        db, who = self._services.db, self._services.who
        follower = AuditFollower(db, self._clock, who, watch, open_audit(watch), beat=beat)
        self._supervisor.loop(name, follower.run, once=follower.once, topic="files")

    async def _remove(self, name: str) -> None:
        """Watch a folder no longer. Its history and snapshot stay."""
        self._gates.pop(name, None)
        await self._supervisor.remove(_audit(name))
        await self._supervisor.remove(_aside(name))
        await self._supervisor.remove(_job(name))

    async def restart(self, watch: str) -> None:
        """Begin anew with a folder: it is compared, unless people hold it."""
        gate = self._gates.get(watch)
        if gate is None:
            return
        gate.opened = False
        await self._supervisor.restart(_job(watch))
        if gate.settings.compute_checksum:
            await self._supervisor.restart(_aside(watch))

    async def apply(self, watches: Sequence[WatchSettings]) -> list[Change]:
        """Go on with these folders; what was started, stopped and changed. The others go on as they are."""
        wanted = {watch.name: watch for watch in watches}
        found = Difference.between({name: gate.settings for name, gate in self._gates.items()}, wanted)
        for name in (*found.stopped, *found.changed):
            await self._remove(name)
        if found.started:
            await self._supervisor.remove(JOB)  # it said that nothing is watched
        for name in (*found.started, *found.changed):
            self._add(wanted[name])
        return found.changes("watch")

    def _held(self) -> Sequence[Gate]:
        return tuple(self._gates.values())


def _job(watch: str) -> str:
    return f"watch.{watch}"


def _audit(watch: str) -> str:
    return f"audit.{watch}"


def _aside(watch: str) -> str:
    return f"checksums.{watch}"
