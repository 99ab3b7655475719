"""The runs of the assistant: one at a time on a database, and what is known of those that ended without a word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock, iso
from core.errors import ConfigError, VakhtaError
from core.health import runs_store as store
from core.health.model import Gap, Run
from core.health.rules import gap_before, may_be_at_work

AWAY: Final = "away"
"""The kind of the notice about an unplanned stop; its data: `since`, `until`, `began`, `stops`, `letters`, `changes`,
`late` (the sources that were not reached yet)."""
SECOND: Final = "second"
"""The kind of the notice about a second copy; its data: `on` (database, token, webhook), of a database `host` and
`pid`, of a webhook `host`."""
NO_BACKUP: Final = "backup"
"""The kind of the notice that no copy of the database could be made; its data: `message`, `values`."""
KEPT: Final = 200
"""Runs that are remembered."""

IsAlive = Callable[[int, datetime], bool]
"""Whether the process of that number on this machine is the one that was at work at that moment."""


class SecondCopy(ConfigError):
    """Another process of the assistant works on the same database."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has begun: its id, the unplanned stop before it, and other hosts that do the same."""

    id: int
    gap: Gap | None
    others: tuple[Run, ...]


class RunsService:
    """Runs as rows, as the process `pid` on `host` sees them.

    `shared`: other hosts may work on the same database at the same time; on one machine nobody may.
    """

    def __init__(
        self, clock: Clock, alerts: AlertsService, host: str, pid: int, is_alive: IsAlive, *, shared: bool
    ) -> None:
        self._clock = clock
        self._alerts = alerts
        self._host = host
        self._pid = pid
        self._is_alive = is_alive
        self._shared = shared

    async def at_work(self, connection: AsyncConnection, parts: Sequence[str]) -> list[Run]:
        """The runs of other processes that do one of these parts now, the newest first."""
        return self._at_work(await store.list_runs(connection, KEPT), parts)

    async def refuse_second(self, connection: AsyncConnection, parts: Sequence[str]) -> list[Run]:
        """The runs elsewhere that may do the same parts. Raises `SecondCopy` for one that may not."""
        found = await self.at_work(connection, parts)
        for run in found:
            if not self._shared or run.host == self._host:
                raise SecondCopy(
                    "The assistant runs on this database already: process {pid} on {host}. "
                    "Stop that one, or name another database in database.url.",
                    pid=run.pid,
                    host=run.host,
                )
        return found

    async def begin(self, tx: AsyncConnection, parts: Sequence[str]) -> Begun:
        """Write down that this process runs these parts from now on. Raises `SecondCopy`."""
        others = await self.refuse_second(tx, parts)
        now = self._clock.now()
        mine = [
            run
            for run in await store.list_runs(tx, KEPT)
            if not set(parts).isdisjoint(run.parts) and (run.host == self._host or not self._shared)
        ]
        run_id = await store.add_run(tx, self._host, self._pid, parts, now)
        await store.drop_runs(tx, run_id - KEPT)
        for run in others:
            data = {"on": "database", "host": run.host, "pid": run.pid}
            await self._alerts.tell(
                tx, Telling(SECOND, "second:database", f"second:{run.id}:{run_id}", "admins", "new", data)
            )
        return Begun(run_id, gap_before(mine, now), tuple(others))

    async def seen(self, tx: AsyncConnection, run_id: int) -> None:
        """A sign of life."""
        await store.save_seen(tx, run_id, self._clock.now())

    async def end(self, tx: AsyncConnection, run_id: int) -> None:
        """The orderly end of a run."""
        await store.end_run(tx, run_id, self._clock.now())

    async def tell_gap(
        self, tx: AsyncConnection, gap: Gap, *, letters: int, changes: int, late: Sequence[str] = ()
    ) -> None:
        """Tell how long nobody was at work and what was caught up: once for ends shortly after one another."""
        data = {
            "since": iso(gap.since),
            "until": iso(gap.until),
            "began": iso(gap.began_at),
            "stops": gap.stops,
            "letters": letters,
            "changes": changes,
            "late": list(late),
        }
        telling = Telling(AWAY, f"{AWAY}:{gap.first}", f"{AWAY}:{gap.last}", "requests", "card", data)
        await self._alerts.tell(tx, telling)

    async def tell_second_poller(self, tx: AsyncConnection) -> None:
        """Tell the admins that another program takes the updates of the same token."""
        now = self._clock.now()
        await self._alerts.tell(
            tx, Telling(SECOND, "second:token", f"second:token:{iso(now)}", "admins", "new", {"on": "token"})
        )

    async def tell_webhook(self, tx: AsyncConnection, host: str) -> None:
        """Tell the admins that updates were posted to this host until now, and are not any more."""
        dedup = f"second:webhook:{iso(self._clock.now())}"
        await self._alerts.tell(
            tx, Telling(SECOND, "second:webhook", dedup, "admins", "new", {"on": "webhook", "host": host})
        )

    async def tell_no_backup(self, tx: AsyncConnection, error: VakhtaError, last: datetime | None) -> None:
        """Tell the admins that no copy of the database could be made: once since the `last` one."""
        data = {"message": error.message, "values": {name: str(value) for name, value in error.values.items()}}
        dedup = f"{NO_BACKUP}:{iso(last) if last else 'never'}"
        await self._alerts.tell(tx, Telling(NO_BACKUP, NO_BACKUP, dedup, "admins", "new", data))

    def _at_work(self, found: Sequence[Run], parts: Sequence[str]) -> list[Run]:
        now = self._clock.now()
        return [run for run in found if may_be_at_work(run, parts, now) and self._is_another(run)]

    def _is_another(self, run: Run) -> bool:
        if run.host != self._host:
            return True
        return run.pid != self._pid and self._is_alive(run.pid, run.seen_at)  # by then the clock may have been set
