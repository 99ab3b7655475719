"""What the status page says, for the slim view beside the chat: it lets nobody frame it, but read its JSON."""

from collections.abc import AsyncIterator
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from core.text import LANGUAGES
from deploy.demo.telegram.model import Json

_MOST: Final = 12  # requests shown
_TIMEOUT: Final = ClientTimeout(total=3)


class StatusBoard:
    """Asks the assistant's status page, which only reads, on this machine."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def connection(self, _app: web.Application) -> AsyncIterator[None]:
        """Holds the connection while the chat page runs (an aiohttp `cleanup_ctx`)."""
        async with ClientSession(timeout=_TIMEOUT) as self._session:
            yield

    async def look(self, url: str, language: str) -> Json:
        """`{"up": True, "status": …, "requests": […]}` as the page's `/api/status` and `/api/requests` have it, or
        `{"up": False}` while it does not answer."""
        if not url or self._session is None or language not in LANGUAGES:
            return {"up": False}
        try:
            async with self._session.get(f"{url}api/status", params={"lang": language}) as answer:
                status = await answer.json()
            async with self._session.get(f"{url}api/requests", params={"limit": str(_MOST)}) as answer:
                return {"up": True, "status": status, "requests": await answer.json()}
        except (ClientError, TimeoutError, ValueError):
            return {"up": False}
