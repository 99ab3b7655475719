"""What the status page says, for the slim view beside the chat: it lets nobody frame it, but read its JSON."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from core.text import LANGUAGES
from deploy.demo.telegram.model import Json

_MOST: Final = 12  # requests shown
_TIMEOUT: Final = ClientTimeout(total=3)
SETTLED: Final = 10.0
"""Seconds after the world's clock was moved in which everybody at work gives a sign of life by the new time."""


class StatusBoard:
    """Asks the assistant's status page, which only reads, on this machine."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._session: ClientSession | None = None
        self._ahead = 0.0
        self._moved_at = monotonic() - SETTLED
        self._before: Json = {}

    async def connection(self, _app: web.Application) -> AsyncIterator[None]:
        """Holds the connection while the chat page runs (an aiohttp `cleanup_ctx`)."""
        async with ClientSession(timeout=_TIMEOUT) as self._session:
            yield

    async def look(self, url: str, language: str, ahead: float) -> Json:
        """`{"up": True, "status": …, "requests": […]}` as the page's `/api/status` and `/api/requests` have it, or
        `{"up": False}` while it does not answer. Right after the clock went `ahead` (seconds), as it was before: for
        the status page everybody has been silent for an hour then.
        """
        if ahead != self._ahead:
            self._ahead, self._moved_at = ahead, self._monotonic()
        found = await self._ask(url, language)
        settled = self._monotonic() - self._moved_at > SETTLED
        if found["up"] and (settled or found["status"]["level"] != "bad"):
            self._before = found
        return found if settled or not found["up"] else self._before or found

    async def _ask(self, url: str, language: str) -> Json:
        if not url or self._session is None or language not in LANGUAGES:
            return {"up": False}
        try:
            async with self._session.get(f"{url}api/status", params={"lang": language}) as answer:
                status = await answer.json()
            async with self._session.get(f"{url}api/requests", params={"limit": str(_MOST)}) as answer:
                return {"up": True, "status": status, "requests": await answer.json()}
        except (ClientError, TimeoutError, ValueError):
            return {"up": False}
