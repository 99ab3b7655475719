"""After an unplanned stop: wait until what happened meanwhile is caught up, then tell how long nobody was at work."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from core.clock import Clock
from core.db.engine import Database
from core.errors import StorageUnavailable
from core.files import store as files
from core.health.model import Gap, JobState
from core.health.runs import RunsService
from core.letters import mailbox_store as letters

log = logging.getLogger(__name__)

PATIENCE: Final = 60.0
"""Seconds that the sources have; then it is told that one of them is late."""
GLANCE: Final = 0.25
"""Seconds between two looks at the jobs."""
SOURCES: Final = ("mailbox.", "watch.")


async def tell_caught_up(
    db: Database, clock: Clock, runs: RunsService, gap: Gap, states: Callable[[], Sequence[JobState]]
) -> None:
    """Tell of the gap once each mailbox was listed and each folder compared, or after `PATIENCE` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while late_sources(states()):
                await clock.sleep(GLANCE)
    try:
        async with db.transaction() as tx:
            read, changes = await letters.count_letters(tx, gap.since), await files.count_since(tx, gap.since)
            await runs.tell_gap(tx, gap, letters=read, changes=changes, late=late_sources(states()))
    except StorageUnavailable as error:
        log.warning("the unplanned stop was not told: %s", error)


def late_sources(states: Sequence[JobState]) -> list[str]:
    """The mailboxes and folders of which nothing was heard since the start; what waits for a person is not awaited."""
    awaited = (job for job in states if job.name.startswith(SOURCES) and job.state not in ("off", "waiting"))
    return [job.name for job in awaited if job.last_ok_at is None]
