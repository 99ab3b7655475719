"""Authorised requests to one mailbox at Microsoft Graph: four at a time, patient when told to, signed in anew once."""

from asyncio import Semaphore
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from core.clock import Clock
from core.errors import ConfigError, Unavailable, Uncertain, VakhtaError
from jobs.connectors.graph.mapping import pause
from jobs.letters.oauth import ClientCredentials, in_words, trust, unreachable
from jobs.threads import in_thread

AT_ONCE: Final = 4
"""Requests at a time per application and mailbox (https://learn.microsoft.com/graph/throttling-limits, Outlook)."""
PATIENCE: Final = 120.0
"""Seconds that one request waits in all when told to wait; then the mailbox counts as away."""
HURRY: Final = 20.0
"""The same for a letter on its way out: its sender watches, and gives it a minute in all."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_BEFORE_LEAVING: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
"""Failures before any of the request has left."""


class Wire:
    """Requests under `base`, such as `https://graph.microsoft.com/v1.0`. `timeout`: seconds of silence endured."""

    def __init__(
        self, base: str, credentials: ClientCredentials, clock: Clock, *, ca_file: Path | None, timeout: float
    ) -> None:
        self._base = URL(base.rstrip("/"), encoded=True)
        if self._base.scheme != "https" and self._base.host not in _LOOPBACK:  # the token goes there
            raise ConfigError("The address {url} must begin with https://.", url=base)
        self._credentials = credentials
        self._clock = clock
        self._ca_file = ca_file
        self._timeout = aiohttp.ClientTimeout(total=timeout * 10, sock_connect=timeout, sock_read=timeout)
        self._slots = Semaphore(AT_ONCE)
        self._kept: aiohttp.ClientSession | None = None
        self._refused = ""

    @property
    def host(self) -> str:
        """Whom the sentences name."""
        return self._base.host or ""

    def url(self, path: str, query: str = "") -> str:
        """An address under the base; both parts are already encoded."""
        return f"{self._base}{path}{'?' if query else ''}{query}"

    def is_ours(self, link: str) -> bool:
        """Whether a link stays under the base: the token goes with the request, and is for nobody else."""
        if not link.isascii() or not link.isprintable() or " " in link:
            return False
        try:
            url = URL(link, encoded=True)
            ours = url.origin() == self._base.origin()
        except ValueError:
            return False
        return ours and url.user is None and url.path.startswith(f"{self._base.path}/")

    @asynccontextmanager
    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, whatever its status, still to be read.

        Raises `AuthFailed`, `Unavailable`; for what is not a GET `Uncertain` when the connection broke after the
        request had begun to leave.
        """
        patience, renewed = (PATIENCE if method == "GET" else HURRY), False
        while True:
            token = await in_thread("graph sign-in", partial(self._credentials.token, refused=self._refused))
            request = self._request(method, url, {**headers, "Authorization": f"Bearer {token}"}, body)
            async with self._slots, request as response:  # a pause holds no slot: another may be luckier
                if response.status in (401, 403):  # a token knows of no permission that was given after it was made
                    self._refused = token
                again = response.status == 401 and not renewed
                seconds = pause(response.status, response.headers, self._clock.now())
                if not again and seconds is None:
                    yield response
                    return
            renewed = renewed or again
            if seconds is not None:
                patience -= seconds
                if patience < 0:
                    raise Unavailable(
                        "{host} asks for a longer pause: {seconds} s.", host=self.host, seconds=int(seconds)
                    )
                await self._clock.sleep(seconds)

    @asynccontextmanager
    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._session(once=method != "GET") as session:
            try:
                async with session.request(
                    method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
                ) as response:
                    yield response
            except (aiohttp.ClientError, OSError) as error:
                raise self._broken(error, method) from error

    @asynccontextmanager
    async def _session(self, *, once: bool) -> AsyncIterator[aiohttp.ClientSession]:
        """The kept connections; for what must not be repeated a new one, which nobody can have closed meanwhile."""
        if once:
            async with self._open() as session:
                yield session
            return
        if self._kept is None or self._kept.closed:
            self._kept = self._open()
        yield self._kept

    def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust(self._ca_file), limit=AT_ONCE),
            timeout=self._timeout,
            proxy=None if proxy_bypass(self.host) else getproxies().get("https"),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    def _broken(self, error: Exception, method: str) -> VakhtaError:
        if method != "GET" and not isinstance(error, _BEFORE_LEAVING):
            reason = in_words(error)
            return Uncertain("{host} may have taken the letter, or not: {reason}.", host=self.host, reason=reason)
        return unreachable(error, host=self.host)

    async def close(self) -> None:
        """Give the connections back."""
        if self._kept is not None:
            await self._kept.close()
            self._kept = None
