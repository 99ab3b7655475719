"""What is new, at once: one look at the database serves every listener, and nobody looks when nobody listens.

Any process may write. SQLite counts commits of others for a connection that stays open (`PRAGMA data_version`);
PostgreSQL's snapshot (`pg_current_snapshot()`) differs after each change. Both cost a fraction of a millisecond.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from aiohttp import ClientConnectionResetError, WSCloseCode, WSMsgType, web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.engine import Database
from core.errors import StorageUnavailable

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 0.25
"""Seconds between two looks at the database while somebody listens."""
HEARTBEAT: Final = 20.0
"""Seconds between pings: a listener that is gone is noticed within half as much again."""
PATIENCE: Final = 30.0
"""Seconds a listener may take to read one message before it is let go: its backlog stays in the database."""
FAREWELL: Final = 0.3
"""Seconds to wait for a listener's goodbye."""
LISTENERS: Final = 256
_GONE: Final = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})

Step = Callable[[web.WebSocketResponse], Awaitable[None]]


class Feed:
    """Knows whether the database has changed. Listeners come and go; the connection is held while there is one."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._question = text("PRAGMA data_version" if db.is_sqlite else "SELECT pg_current_snapshot()::text")
        self._held = AsyncExitStack()
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._looked = 0.0
        self._answer: object = None
        self._version = 0
        self._naps: set[asyncio.Timeout] = set()
        self.listeners = 0
        self.closing = False

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Count one more listener while it is there."""
        self.listeners += 1
        try:
            yield
        finally:
            self.listeners -= 1
            if not self.listeners:
                await self._release()

    async def version(self) -> int:
        """A number that grows with each change seen; what was committed before it grew is there to be read."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if now - self._looked >= LOOK_EVERY * 0.9:
                answer = await self._look()
                if answer != self._answer:
                    self._answer = answer
                    self._version += 1
                self._looked = now
            return self._version

    async def rest(self, ws: web.WebSocketResponse, seconds: float) -> None:
        """Wait that long, or until the listener goes or the page closes; what a listener says is not heeded."""
        try:
            async with asyncio.timeout(seconds) as nap:
                self._naps.add(nap)
                try:
                    while not self.closing and (await ws.receive()).type not in _GONE:
                        pass
                finally:
                    self._naps.discard(nap)
        except TimeoutError:
            return

    def close(self) -> None:
        """Ask every listener's loop to end now."""
        self.closing = True
        now = asyncio.get_running_loop().time()
        for nap in self._naps:
            if not nap.expired():
                nap.reschedule(now)

    async def _look(self) -> object:
        try:
            if self._connection is None:
                self._connection = await self._held.enter_async_context(self._db.reading())
            return (await self._connection.execute(self._question)).scalar_one()
        except (StorageUnavailable, SQLAlchemyError):
            await self._release()
            return object()  # not known: the listeners see for themselves

    async def _release(self) -> None:
        held, self._held = self._held, AsyncExitStack()
        self._connection = None
        self._answer = None  # another connection counts differently
        await held.aclose()


async def attend(request: web.Request, feed: Feed, step: Step, *, every: float) -> web.WebSocketResponse:
    """Serve one listener: `step` at once and after each change, at most once in `every` seconds, until it goes."""
    if feed.closing or feed.listeners >= LISTENERS:
        raise web.HTTPServiceUnavailable
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT, timeout=FAREWELL, max_msg_size=4096, compress=False)
    await ws.prepare(request)
    try:
        async with feed.listening():
            await _listen(ws, feed, step, every)
        await ws.close(code=WSCloseCode.GOING_AWAY)
    except (TimeoutError, ClientConnectionResetError):
        if request.transport is not None:
            request.transport.abort()  # it does not read, so a goodbye would not reach it either
    return ws


async def _listen(ws: web.WebSocketResponse, feed: Feed, step: Step, every: float) -> None:
    seen = 0
    while not ws.closed and not feed.closing:
        version = await feed.version()
        if version != seen:
            try:
                await step(ws)
                seen = version
            except StorageUnavailable as error:
                log.debug("the database does not answer a listener: %s", error)
        await feed.rest(ws, every)


async def send(ws: web.WebSocketResponse, message: object) -> None:
    """Send one JSON message and wait until it has left. Raises `TimeoutError` when the listener does not read."""
    async with asyncio.timeout(PATIENCE):
        await ws.send_str(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
