"""A folder of an Exchange mailbox: what changed, read these, send that (Exchange Web Services).

https://learn.microsoft.com/exchange/client-developer/web-service-reference/. exchangelib blocks and is heavy
(36 MB, 0.3 s): it is imported at the first call, in that call's thread, and never touched by the loop.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from core.clock import Clock, SystemClock
from core.errors import AuthFailed
from jobs.connectors.ews.options import Busy, Options
from jobs.letters.mailbox import Changes, RawLetter, Unreadable
from jobs.threads import in_thread

if TYPE_CHECKING:
    from jobs.connectors.ews.session import Session

T = TypeVar("T")
LONGEST_WAIT: Final = 600.0
"""Seconds for which a busy server is believed at most."""


class Exchange:
    """One folder to read, and its mailbox to send from. Reading and sending have a connection each."""

    has_history: Final = True

    def __init__(self, options: Options, *, clock: Clock | None = None) -> None:
        self.options = options
        self._clock = clock or SystemClock()
        self._reading = _Line(options)
        self._sending = _Line(options)
        self._one_at_a_time = asyncio.Lock()
        self._busy_until = float("-inf")

    @property
    def identity(self) -> str:
        """The folder, the mailbox, the server."""
        return self.options.identity

    async def changes(self, cursor: str | None, since: datetime) -> Changes:
        """Letters that came into the folder since `cursor` (a sync state of the server), oldest first.

        Without a cursor, or with one the server does not know any more, those received at `since` or later, the
        newest `max_messages`. Raises `Unavailable` or `AuthFailed`.
        """
        return await self._ask(self._reading, lambda session: session.changes(cursor, since))

    async def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        """The letters under these keys; raises `Unavailable` or `AuthFailed`."""
        return await self._ask(self._reading, lambda session: session.read(keys))

    async def wait(self, seconds: float) -> None:
        """That long: the server is asked, it does not tell."""
        await self._clock.sleep(seconds)

    async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
        """Send an RFC 5322 message as it is, with a copy among the sent letters.

        EWS has no envelope: `recipients` must be those of the message's To, Cc and Bcc, and the server decides whether
        the mailbox may write as its From. Raises `Unavailable`, `AuthFailed` or `Rejected` if it is surely not sent,
        `Uncertain` if it may have been.
        """
        async with self._one_at_a_time:
            try:
                await self._ask(self._sending, lambda session: session.send(message, recipients))
            finally:
                await self._sending.close()  # an idle connection that breaks would leave the next sending uncertain

    async def close(self) -> None:
        """Give the connections back; the next call opens new ones."""
        await self._reading.close()
        await self._sending.close()

    async def _ask(self, line: "_Line", work: Callable[["Session"], T]) -> T:
        left = self._busy_until - self._clock.monotonic()
        if left > 0:
            raise Busy(self.options.server, left)
        try:
            return await line.run(work)
        except Busy as error:
            self._busy_until = self._clock.monotonic() + min(error.seconds, LONGEST_WAIT)
            raise


class _Line:
    """One connection, used by one thread at a time. A call nobody waits for any more is left to itself."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._abandoned = threading.Event()
        self._session: Session | None = None

    async def run(self, work: Callable[["Session"], T]) -> T:
        try:
            return await in_thread("ews", partial(self._call, self._lock, self._abandoned, work))
        except asyncio.CancelledError:
            self._leave()
            raise
        except AuthFailed:
            await self.close()
            raise

    async def close(self) -> None:
        session = self._leave()
        if session is not None:
            await in_thread("ews", session.close)

    def _leave(self) -> "Session | None":
        self._abandoned.set()
        session, self._session = self._session, None
        self._lock, self._abandoned = threading.Lock(), threading.Event()
        return session

    def _call(self, lock: threading.Lock, abandoned: threading.Event, work: Callable[["Session"], T]) -> T:
        from jobs.connectors.ews.session import Session

        with lock:
            session = self._session
            if session is None or session.abandoned is not abandoned:
                session = Session(self._options, abandoned)
                if not abandoned.is_set():
                    self._session = session
            return session.run(work)
