"""What is known of jobs and sources; an outage is told once when it begins and once when it ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling, Topic
from core.alerts.service import AlertsService
from core.clock import Clock
from core.health import store
from core.health.model import JobState, Outage

KIND: Final = "source"
"""The kind of a notice about a source; its data: `source`, `state` (down, up, auth), `since`, `until`, and `found`."""
GONE: Final = timedelta(days=7)
"""A host that gave no sign of life for that long is gone."""


class HealthService:
    """Job states as rows, and the outages of sources."""

    def __init__(self, clock: Clock, alerts: AlertsService) -> None:
        self._clock = clock
        self._alerts = alerts

    async def list_jobs(self, connection: AsyncConnection) -> list[JobState]:
        """Every job of every host, by name."""
        return await store.list_jobs(connection)

    async def open_outages(self, connection: AsyncConnection) -> list[Outage]:
        """The sources that cannot be reached now, longest first."""
        return await store.open_outages(connection)

    async def save_jobs(self, tx: AsyncConnection, jobs: list[JobState]) -> None:
        """Write the states of jobs, each under its name and host; without a `last_ok_at` the known one stays."""
        await store.save_jobs(tx, jobs)

    async def forget_jobs(self, tx: AsyncConnection, host: str, keep: list[str], before: datetime) -> None:
        """Drop a host's jobs that are not configured any more: not among `keep`, unchanged since `before`.

        And those of hosts that are gone: a container comes back under another name, a machine is called otherwise.
        """
        await store.drop_jobs(tx, host, keep, before)
        await store.drop_hosts(tx, host, self._clock.now() - GONE)

    async def forget(self, tx: AsyncConnection, host: str, name: str) -> None:
        """A job is not configured any more: its row goes, and its source is not away any longer; nobody is told."""
        await store.drop_job(tx, host, name)
        if outage := await store.open_outage(tx, name):
            await store.end_outage(tx, outage.id, self._clock.now())

    async def down(
        self,
        tx: AsyncConnection,
        source: str,
        reason: str,
        topic: Topic | None,
        *,
        refused: bool = False,
    ) -> bool:
        """A source cannot be reached (or, `refused`, does not accept our credentials); whether that is news.

        Told once for each outage, to the chats of `topic`; to nobody when that is None.
        """
        if await store.open_outage(tx, source):
            return False
        now = self._clock.now()
        outage_id = await store.add_outage(tx, source, topic, reason, now)
        await self._tell(
            tx, topic, source, outage_id, {"state": "auth" if refused else "down", "since": now.isoformat()}
        )
        return True

    async def up(self, tx: AsyncConnection, source: str, found: int | None = None) -> Outage | None:
        """A source answers; the outage that ended with it, if there was one.

        `found`: how many changes there were in it meanwhile, where that is known.
        """
        outage = await store.open_outage(tx, source)
        if outage is None:
            return None
        now = self._clock.now()
        await store.end_outage(tx, outage.id, now)
        data: dict[str, Any] = {"state": "up", "since": outage.began_at.isoformat(), "until": now.isoformat()}
        if found is not None:
            data["found"] = found
        await self._tell(tx, outage.topic, source, outage.id, data)
        return Outage(outage.id, source, outage.topic, outage.reason, outage.began_at, now)

    async def _tell(
        self, tx: AsyncConnection, topic: str | None, source: str, outage_id: int, data: Mapping[str, Any]
    ) -> None:
        known = next((each for each in get_args(Topic) if each == topic), None)
        if known is None:
            return
        telling = Telling(
            kind=KIND,
            subject=f"source:{source}",
            dedup=f"source:{outage_id}:{data['state']}",
            topic=known,
            mode="new",
            data={"source": source, **data},
        )
        await self._alerts.tell(tx, telling)
