"""Who is told that a process fails, and that it works again: one card for a row of failures."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.files import processing_rules as rules
from core.files import processing_store as store
from core.files.processing_model import KIND, RECOVERED, Process, Run
from core.files.rules import next_telling


class ProcessNotices:
    """Tells of failures and of their end. Its methods join the transaction they are given."""

    def __init__(self, clock: Clock, alerts: AlertsService) -> None:
        self._clock = clock
        self._alerts = alerts

    async def failed(self, tx: AsyncConnection, run: Run) -> None:
        """A run failed: a card, or a later edit of the card that tells of its failures."""
        process = await store.find_process(tx, run.process_id)
        if process is None:
            return
        now = self._clock.now()
        after, fresh = rules.failed(process, run.id, now)
        at = now if fresh else next_telling(process.edited_at or now, now)
        if at is not None:
            after = replace(after, edited_at=at)
        await store.put_process(tx, after)
        if at is not None:
            await self._tell(tx, after, at)

    async def recovered(self, tx: AsyncConnection, run: Run) -> None:
        """A run succeeded: says so where failures were told of."""
        process = await store.find_process(tx, run.process_id)
        if process is None or process.failing_since is None:
            return
        now = self._clock.now()
        after = replace(process, failing_since=None)
        await store.put_process(tx, after)
        await self._tell(tx, after, now, refresh=True)
        subject = f"{RECOVERED}:{process.id}:{process.told_run_id}"
        data = {
            "name": process.name,
            "host": process.host,
            "since": process.failing_since.isoformat(),
            "until": now.isoformat(),
        }
        await self._alerts.tell(tx, Telling(RECOVERED, subject, subject, "files", "new", data))

    async def _tell(self, tx: AsyncConnection, process: Process, at: datetime, *, refresh: bool = False) -> None:
        subject = f"{KIND}:{process.id}:{process.told_run_id}"
        telling = Telling(
            kind=KIND,
            subject=subject,
            dedup=f"{subject}:{at.isoformat()}:{'ok' if refresh else process.failures}",
            topic="files",
            mode="refresh" if refresh else "card",
            not_before=at,
        )
        await self._alerts.tell(tx, telling)
