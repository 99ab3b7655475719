"""Taking updates that Telegram posts: a small server behind the proxy that ends TLS.

A post is answered with 200 only after its update is handled, as polling acknowledges it; whatever else happens,
Telegram posts it again. It posts the next update of a chat when the one before is taken, so their order stays.
Source: Bot API, setWebhook.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Update, WebhookInfo
from aiohttp import web
from pydantic import ValidationError

from bot.chat.intake import ALLOWED, CONFLICT, QUIET, SURE, Spawn, Tell, TellHost, ask, host_of
from bot.chat.line import redact
from core.errors import Unavailable
from core.text import N_

log = logging.getLogger(__name__)

HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
AT_ONCE: Final = 40
"""Updates in work at most; more are refused, and posted again (Bot API, setWebhook: max_connections, default 40)."""
BODY_LIMIT: Final = 1024 * 1024
"""Bytes of a post; the longest message with the one it replies to is far below."""
REMEMBERED: Final = 1000
"""Handled updates whose repeat is answered without being handled again."""
LOOK_EVERY: Final = 25.0
"""Seconds between two questions whether Telegram still posts to us."""
CATCH_UP: Final = 25.0
"""Seconds `run --once` waits for what Telegram has to post."""
STOP_WITHIN: Final = 0.3
"""Seconds the server gives open connections at a stop."""
UNDELIVERED: Final = N_("Telegram cannot post to the webhook: {reason}. See docs/connect.md.")


@dataclass(frozen=True, slots=True)
class Address:
    """Where Telegram posts (`url`, as the world sees it) and where we listen behind it."""

    url: str
    host: str
    port: int
    secret: str


def secret_of(token: str, url: str) -> str:
    """The secret when none is configured: the same in every process, and nobody learns the token from it."""
    return hmac.new(token.encode(), f"webhook {url}".encode(), hashlib.sha256).hexdigest()


class Waits(Protocol):
    """Says what is waited for, an English message id and its values; None: nothing any more."""

    def __call__(self, message: str | None = None, **values: object) -> None:
        """Say it."""
        ...


class Webhook:
    """Listens, tells Telegram where, and looks now and then whether it still posts here.

    `on_taken` tells the admins whose webhook was replaced by ours, `on_conflict` that somebody removes ours again and
    again.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        spawn: Spawn,
        address: Address,
        *,
        on_contact: Tell,
        beat: Callable[[], None],
        on_taken: TellHost,
        on_conflict: Tell,
        waits: Waits,
        sleep: Callable[[float], Coroutine[Any, Any, None]],
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._spawn = spawn
        self._address = address
        self._on_contact = on_contact
        self._beat = beat
        self._on_taken = on_taken
        self._on_conflict = on_conflict
        self._waits = waits
        self._sleep = sleep
        self._runner: web.AppRunner | None = None
        self._updates: dict[int, asyncio.Event] = {}
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        self._posts = 0
        self._lost = 0
        self._quiet = 0

    # --- the job

    async def run(self) -> None:
        """Listen for ever, also while Telegram is away. Raises `Unavailable` or `AuthFailed` for the supervisor."""
        await self._listen()
        await self._claim()
        self._spawn("command menus", self._on_contact())
        while not self._stopping:
            before = self._posts
            await self._sleep(LOOK_EVERY)
            await self._look(posted=self._posts > before)

    async def cycle(self) -> None:
        """Let Telegram post everything that waits: `run --once`. Raises `Unavailable` when it cannot."""
        await self._listen()
        await self._claim()
        waited = 0.0
        while (info := await ask(self._bot, self._bot.get_webhook_info())).pending_update_count and waited < CATCH_UP:
            waited += 0.5
            await self._sleep(0.5)
        await self.drain(CATCH_UP)
        if info.pending_update_count:
            raise Unavailable(UNDELIVERED, reason=self._reason(info))

    async def drain(self, seconds: float) -> None:
        """Before a stop: take up nothing new, let the handlers finish and be answered."""
        self._stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds * 0.7):
                await self._idle.wait()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _listen(self) -> None:
        if self._runner is not None:
            return
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_post(urlsplit(self._address.url).path or "/", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._address.host or None, self._address.port).start()
        except OSError as error:
            await runner.cleanup()
            raise Unavailable(
                "The webhook cannot listen on {host}:{port}: {reason}. Check telegram.webhook.host and port.",
                host=self._address.host,
                port=self._address.port,
                reason=error.strerror or error,
            ) from error
        self._runner = runner

    # --- Telegram's side

    async def _claim(self) -> None:
        """Tell Telegram to post here; when it posted elsewhere, say where."""
        before = await ask(self._bot, self._bot.get_webhook_info())
        await self._set()
        if before.url and before.url != self._address.url:
            log.warning("the webhook to %s is replaced by ours", host_of(before))
            self._spawn("webhook", self._on_taken(host_of(before)))

    async def _set(self) -> None:
        try:
            await ask(
                self._bot,
                self._bot.set_webhook(
                    self._address.url,
                    secret_token=self._address.secret,
                    allowed_updates=ALLOWED,
                    max_connections=AT_ONCE,
                ),
            )
        except Unavailable as error:
            if isinstance(error.__cause__, TelegramBadRequest):
                reason = redact(error.__cause__.message, self._bot.token)
                raise Unavailable("Telegram does not take the webhook: {reason}.", reason=reason) from error
            raise
        self._beat()

    async def _look(self, *, posted: bool) -> None:
        """Whether Telegram still posts here, and whether it gets through."""
        info = await ask(self._bot, self._bot.get_webhook_info())
        self._beat()
        self._quiet += 1
        if self._quiet >= QUIET:
            self._lost = 0
        if info.url != self._address.url:
            await self._bear_loss()
        elif info.pending_update_count and info.last_error_message and not posted:
            self._waits(UNDELIVERED, reason=self._reason(info))
        else:
            self._waits(None)

    async def _bear_loss(self) -> None:
        """Another program removed our webhook or set its own: take it back, and from the second time on say so."""
        self._lost, self._quiet = self._lost + 1, 0
        log.warning("the webhook was changed by another program; it is set again")
        await self._set()
        if self._lost >= SURE:
            self._waits(CONFLICT)
        if self._lost == SURE:
            self._spawn("second copy", self._on_conflict())

    def _reason(self, info: WebhookInfo) -> str:
        return redact(info.last_error_message or "?", self._bot.token)

    # --- a post

    async def _take(self, request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._address.secret.encode()):
            return web.Response(status=403)
        if self._stopping or self._at_work >= AT_ONCE:
            return web.Response(status=503, headers={"Retry-After": "1"})
        self._at_work += 1
        self._idle.clear()
        try:
            return await self._handle(await request.read())
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._idle.set()

    async def _handle(self, body: bytes) -> web.Response:
        try:
            found = json.loads(body)
            update_id = int(found["update_id"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return web.Response(status=400)
        if (known := self._updates.get(update_id)) is not None:  # posted again, because the first took too long
            await known.wait()
            return web.Response(status=200 if update_id in self._updates else 503)
        try:
            update = Update.model_validate(found, context={"bot": self._bot})
        except ValidationError:
            log.warning("update %d is not understood and passed over", update_id)
            return web.Response()
        done = self._updates[update_id] = asyncio.Event()
        try:
            await self._dispatcher.feed_update(self._bot, update)
        except BaseException as error:
            self._updates.pop(update_id, None)
            if not isinstance(error, Exception):
                raise
            log.exception("update %d was not handled; Telegram will post it again", update_id)
            return web.Response(status=500)
        finally:
            done.set()
        self._note_post()
        return web.Response()

    def _note_post(self) -> None:
        self._posts += 1
        self._beat()
        while len(self._updates) > REMEMBERED:
            del self._updates[next(iter(self._updates))]
