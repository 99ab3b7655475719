"""Client secrets that will expire: admins are told in good time, once at each threshold and once when it is over."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database

THRESHOLDS: Final = (1, 7, 30)
"""Days before the end at which it is told."""
EXPIRED: Final = -1
"""The threshold of what is over."""
SILENT_AFTER: Final = 14
"""Days after the end when nothing is said any more: that the mailbox does not work has been told long since."""
LOOK_EVERY: Final = 6 * 3600.0
"""Seconds between two looks."""
_WORTH_KNOWING: Final = timedelta(days=7)


class SecretsWatch:
    """Looks at the dates of the secrets, by mailbox."""

    def __init__(self, db: Database, clock: Clock, alerts: AlertsService, secrets: Mapping[str, date]) -> None:
        self._db = db
        self._clock = clock
        self._alerts = alerts
        self._secrets = dict(secrets)

    async def once(self) -> int:
        """Tell what is due and has not been told; how many notices that were."""
        told = 0
        for mailbox, expires in self._secrets.items():
            days = days_left(expires, self._clock.now())
            threshold = threshold_of(days)
            if threshold is None:
                continue
            telling = Telling(
                kind="secret",
                subject=f"secret:{mailbox}",
                dedup=f"secret:{mailbox}:{expires.isoformat()}:{threshold}",
                topic="admins",
                mode="new",
                data={"mailbox": mailbox, "expires": expires.isoformat(), "days": days},
                expires_after=_WORTH_KNOWING,
            )
            async with self._db.transaction() as tx:
                told += await self._alerts.tell(tx, telling)
        return told


def days_left(expires: date, now: datetime) -> int:
    """Whole days from today (UTC) until then; 0 on the day itself, negative when it is over."""
    return (expires - now.astimezone(UTC).date()).days


def threshold_of(days: int) -> int | None:
    """Which telling so many days belong to; None where there is nothing to tell."""
    if days < 0:
        return EXPIRED if days >= -SILENT_AFTER else None
    return next((each for each in THRESHOLDS if days <= each), None)
