"""Time that the test steers: in its own process, where Telegram is, and in the assistant's."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class SteeredClock:
    """The machine's clock, put ahead. Whoever sleeps on it wakes when the moment has come, by whatever step."""

    def __init__(self, shift: float = 0.0, passed: float = 0.0) -> None:
        self.shift = shift
        self.passed = passed
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.shift)

    def monotonic(self) -> float:
        return time.monotonic() + self.passed

    async def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._moved.wait()
            except TimeoutError:
                continue
        await asyncio.sleep(0)

    def put(self, shift: float, passed: float) -> None:
        """Stand so far ahead: the clock on the wall, and what only ever grows."""
        self.shift, self.passed = shift, passed
        self._moved.set()
        self._moved = asyncio.Event()
