"""The free room on the database's disk: admins are told once when it gets short, and once when it is back."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock, iso
from core.files.tables import file_marks

DISK: Final = "disk"
"""The kind of the notice; its data: `state` (low, back), `free` and `total` in bytes, `since`."""

SHARE: Final = 0.05
LEAST: Final = 500 * 1024 * 1024
"""Room is short below this share of the disk or this many bytes."""
MARGIN: Final = 1.2
"""It is back when there is so much more than that: a disk at the edge is not told again and again."""

_MARK: Final = "disk-low"


def is_low(free: int, total: int, *, was_low: bool = False) -> bool:
    """Whether so many free bytes are too few."""
    return free < max(SHARE * total, LEAST) * (MARGIN if was_low else 1)


class DiskService:
    """What is known of the room left."""

    def __init__(self, clock: Clock, alerts: AlertsService) -> None:
        self._clock = clock
        self._alerts = alerts

    async def low_since(self, connection: AsyncConnection) -> datetime | None:
        """Since when room is short; None when there is enough."""
        moment: datetime | None = (
            await connection.execute(select(file_marks.c.at).where(file_marks.c.name == _MARK))
        ).scalar()
        return moment

    async def seen(self, tx: AsyncConnection, free: int, total: int) -> bool:
        """So many bytes are free of so many; whether that was news, and is told."""
        since = await self.low_since(tx)
        low = is_low(free, total, was_low=since is not None)
        if low == (since is not None):
            return False
        if since is None:
            since = self._clock.now()
            await tx.execute(insert(file_marks).values(name=_MARK, at=since))
        else:
            await tx.execute(delete(file_marks).where(file_marks.c.name == _MARK))
        state = "low" if low else "back"
        data = {"state": state, "free": free, "total": total, "since": iso(since)}
        dedup = f"{DISK}:{state}:{iso(since)}"
        await self._alerts.tell(
            tx, Telling(DISK, DISK, dedup, "admins", "new", data, expires_after=timedelta(days=7), priority=2)
        )
        return True
