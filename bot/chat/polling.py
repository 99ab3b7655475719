"""Taking updates from Telegram, each acknowledged only after it is handled.

aiogram's own polling acknowledges an update before its handler ran, drops running handlers at a stop, and ends when
Telegram cannot be reached at the start. Here the next offset is asked for once everything below it is done, so a
crash loses nothing: what was being handled comes again, and every handler is written to bear that.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any, Final

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.types import Update

from bot.chat.intake import ALLOWED, CONFLICT, QUIET, SURE, Conflict, Spawn, Tell, TellHost, ask, host_of
from core.alerts.rules import backoff
from core.errors import AuthFailed, Unavailable

log = logging.getLogger(__name__)

LONG_POLL: Final = 25
"""Seconds a request for updates stays open (Bot API, getUpdates: timeout)."""
BATCH: Final = 100
"""Updates in one answer at most (Bot API, getUpdates: limit)."""
PATIENCE: Final = 0.5
"""Seconds to let the handlers finish before asking again; a slower one is asked around, not waited for."""


class Polling:
    """The loop that fetches updates. `spawn` starts a supervised task for each.

    When another program takes updates of the same token, too, `on_conflict` tells of it once, `waits` says so until it
    is gone, and between two questions passes more and more time.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        spawn: Spawn,
        *,
        on_contact: Tell,
        beat: Callable[[], None] = lambda: None,
        on_conflict: Tell | None = None,
        on_webhook: TellHost | None = None,
        own_url: str = "",
        waits: Callable[[str | None], None] = lambda _message: None,
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._spawn = spawn
        self._on_contact = on_contact
        self._beat = beat
        self._on_conflict = on_conflict
        self._on_webhook = on_webhook
        self._own_url = own_url
        self._waits = waits
        self._sleep = sleep
        self._conflicts = 0
        self._quiet = 0
        self._offset: int | None = None
        self._handling: dict[int, bool] = {}
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Fetch and hand on updates for ever. Raises `Unavailable` or `AuthFailed` for the supervisor to act on."""
        await self._drop_webhook()
        self._spawn("command menus", self._on_contact())
        while not self._stopping:
            try:
                await self.once(LONG_POLL)
            except Conflict:
                if not self._stopping:  # else the last question of `drain` ended this one, as Telegram does it
                    await self._bear_conflict()
            except Unavailable:
                if not self._stopping:
                    raise
            else:
                self._note_quiet()

    async def _bear_conflict(self) -> None:
        self._conflicts, self._quiet = self._conflicts + 1, 0
        if self._conflicts == SURE:
            log.warning(CONFLICT)
            self._waits(CONFLICT)
            if self._on_conflict is not None:
                self._spawn("second copy", self._on_conflict())
        await self._drop_webhook()  # the other program may have set one
        await self._sleep(backoff(self._conflicts, random.random()))

    def _note_quiet(self) -> None:
        self._quiet += 1
        if self._conflicts and self._quiet >= QUIET:
            if self._conflicts >= SURE:
                log.warning("the other program on the same token is gone")
                self._waits(None)
            self._conflicts = 0

    async def _drop_webhook(self) -> None:
        """A webhook set by another program, or by us before, would keep updates from us (Bot API, getUpdates: 409)."""
        try:
            info = await ask(self._bot, self._bot.get_webhook_info())
            if not info.url:
                return
            await ask(self._bot, self._bot.delete_webhook())
        except Unavailable as error:
            if isinstance(error.__cause__, TelegramNetworkError | TelegramServerError):
                raise
            log.info("the webhook was not deleted: %s", type(error.__cause__).__name__)
            return
        log.warning("the webhook to %s is removed", host_of(info))
        if info.url != self._own_url and self._on_webhook is not None and self._conflicts <= 1:
            self._spawn("webhook", self._on_webhook(host_of(info)))

    async def once(self, wait: int = 0) -> int:
        """Ask once, wait at most that many seconds for news; how many updates came."""
        await self._settle(PATIENCE)
        self._advance()
        busy = bool(self._handling)
        if self._stopping:
            return 0
        updates = await ask(
            self._bot,
            self._bot.get_updates(
                offset=self._offset,
                limit=BATCH,
                timeout=0 if busy else wait,
                allowed_updates=ALLOWED,
                request_timeout=wait + 10,
            ),
        )
        self._beat()
        fresh = [update for update in updates if update.update_id not in self._handling]
        for update in [] if self._stopping else fresh:
            self._handling[update.update_id] = False
            self._idle.clear()
            self._spawn("update", self._handle(update))
        return len(fresh)

    async def cycle(self) -> None:
        """Take and handle everything that waits, then acknowledge it: `run --once`."""
        await self._drop_webhook()
        while await self.once():
            await self._settle(LONG_POLL)

    async def drain(self, seconds: float) -> None:
        """Before a stop: take up nothing new, let the handlers finish, tell Telegram what is done."""
        self._stopping = True
        await self._settle(seconds * 0.7)
        self._advance()
        if self._offset is not None:
            with contextlib.suppress(Unavailable, AuthFailed):
                wait = max(1, round(seconds * 0.3))
                await ask(
                    self._bot, self._bot.get_updates(offset=self._offset, limit=1, timeout=0, request_timeout=wait)
                )

    async def _handle(self, update: Update) -> None:
        try:
            await self._dispatcher.feed_update(self._bot, update)
        finally:
            self._handling[update.update_id] = True
            if all(self._handling.values()):
                self._idle.set()

    async def _settle(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    def _advance(self) -> None:
        """Move the offset past everything that is done, up to the first that is not."""
        for update_id in sorted(self._handling):
            if not self._handling[update_id]:
                break
            del self._handling[update_id]
            self._offset = update_id + 1
