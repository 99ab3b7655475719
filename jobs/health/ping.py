"""A sign of life to a monitoring service: an address that is called each minute, but only while all is well.

Silence is the alarm, as with a dead man's switch: the service tells people when the calls stop.
"""

import logging
from typing import Final

import aiohttp

from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database
from core.errors import Unavailable
from core.health.rules import delivery_fault
from core.health.service import HealthService

log = logging.getLogger(__name__)

EVERY: Final = 60.0
"""Seconds between two calls."""
TIMEOUT: Final = 10.0
"""Seconds for one call."""


class Ping:
    """Calls `url` when database and delivery work; that it runs at all says that the loop turns.

    The address is a secret: it stands in no log and no error. The machine's own proxy settings count (HTTPS_PROXY).
    """

    def __init__(self, db: Database, clock: Clock, health: HealthService, alerts: AlertsService, url: str) -> None:
        self._db = db
        self._clock = clock
        self._health = health
        self._alerts = alerts
        self._url = url
        self._fault: str | None = None

    async def once(self) -> bool:
        """Look, and call when all is well; whether it was called. Raises `Unavailable`, `StorageUnavailable`."""
        fault = await self._look()
        if fault != self._fault:
            log.warning("no sign of life is given: %s", fault) if fault else log.info("a sign of life is given again")
        self._fault = fault
        if fault is None:
            await self._call()
        return fault is None

    async def _look(self) -> str | None:
        async with self._db.reading() as connection:
            return delivery_fault(
                await self._health.list_jobs(connection),
                await self._health.open_outages(connection),
                await self._alerts.waiting_since(connection),
                await self._alerts.last_sent(connection),
                self._clock.now(),
            )

    async def _call(self) -> None:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT), trust_env=True) as session,
                session.get(self._url) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # its text may hold the address
            raise Unavailable("health.ping_url cannot be reached ({kind}).", kind=type(error).__name__) from None
        if status >= 400:
            raise Unavailable("health.ping_url answers with HTTP status {status}.", status=status)
