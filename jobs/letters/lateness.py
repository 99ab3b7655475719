"""Mailboxes that are not read in time: requests may have moved since, and their cards say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.clock import Clock
from core.db.engine import Database
from core.health.service import HealthService
from core.letters.service import LettersService

LOOK_EVERY: Final = 15.0
"""Seconds between two looks."""
MISSED: Final = 4
"""So many looks into a mailbox may be missed before it is late."""
SOON: Final = 300.0
"""Seconds within which no mailbox is late, however often it is looked into."""


def late_after(check_every: float) -> float:
    """In how many seconds a mailbox is late that is looked into every so many."""
    return max(MISSED * check_every, SOON)


@dataclass(frozen=True, slots=True)
class _Heard:
    """When a mailbox was read last, by what each host says, and since when this is known (monotonic seconds)."""

    read_at: frozenset[datetime]
    since: float


class Lateness:
    """Looks when each mailbox was read last, by whichever process. `limits`: seconds to being late, by mailbox.

    Time counts while somebody looks: neither a start after a night, nor a clock that was set, nor a machine that slept
    makes a mailbox late that is about to be read.
    """

    def __init__(
        self, db: Database, clock: Clock, health: HealthService, letters: LettersService, limits: Mapping[str, float]
    ) -> None:
        self._db = db
        self._clock = clock
        self._health = health
        self._letters = letters
        self._limits = limits
        self._heard: dict[str, _Heard] = {}
        self._began = clock.now()

    async def once(self) -> None:
        """One look: what has become late, or was read again, is written down."""
        async with self._db.reading() as connection:
            jobs = await self._health.list_jobs(connection)
            late = await self._letters.late_mailboxes(connection)
        news: dict[str, datetime | None] = {}
        for name in self._limits:
            read_at = frozenset(job.last_ok_at for job in jobs if job.name == f"mailbox.{name}" and job.last_ok_at)
            read_again = self._listen(name, read_at)
            if name in late:
                if read_again or (read_at and max(read_at) > late[name]):
                    news[name] = None
            elif self._clock.monotonic() - self._heard[name].since >= self._limits[name]:
                news[name] = max(read_at, default=self._began)
        if news:
            async with self._db.transaction() as tx:
                await self._letters.note_late(tx, news)

    def _listen(self, name: str, read_at: frozenset[datetime]) -> bool:
        """Whether a mailbox was read since the look before."""
        before = self._heard.get(name)
        if before is None or before.read_at != read_at:
            self._heard[name] = _Heard(read_at, self._clock.monotonic())
        return before is not None and before.read_at != read_at
