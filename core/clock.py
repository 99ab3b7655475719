"""Time, handed in.

Inside the program time is an aware `datetime` in UTC; a reader's zone is applied only where a text is made.
Everything that asks for the time or waits gets a `Clock`, so that tests and the demo own it.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What a part of the program may know about time."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, for measuring and pacing; the origin means nothing."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment of this process."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that many real seconds."""
        await asyncio.sleep(seconds)


class ShiftedClock(SystemClock):
    """The machine's clock, moved ahead: the demo's "one hour later". Waiting is not shortened by a shift."""

    def __init__(self, shift: timedelta = timedelta()) -> None:
        self.shift = shift

    def now(self) -> datetime:
        """The present moment plus the shift, aware, UTC."""
        return super().now() + self.shift


def iso(moment: datetime) -> str:
    """The contract's text form of a moment: UTC, microseconds, `+00:00`; sorts as the moments do."""
    if moment.tzinfo is None:
        raise ValueError("a moment must know its zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
