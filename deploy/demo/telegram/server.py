"""The Bot API over real HTTP, and the Python side of it for tests and the chat page."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from aiohttp import web

from core.clock import Clock, SystemClock
from deploy.demo.telegram.client import Person
from deploy.demo.telegram.errors import ApiError
from deploy.demo.telegram.faults import Fault, Faults
from deploy.demo.telegram.methods import METHODS, Api
from deploy.demo.telegram.model import Chat, InlineQuery, Json, Message, Press, Topic, User
from deploy.demo.telegram.pace import Pace
from deploy.demo.telegram.schema import Upload, check_call, method_name
from deploy.demo.telegram.state import State
from deploy.demo.telegram.store import Store
from deploy.demo.telegram.topics import make_forum
from deploy.demo.telegram.webhook import WebhookCaller
from deploy.demo.telegram.wire import BODY_LIMIT, gateway_error, hang_up, ok, read_call, refusal

TOKEN: Final = "700000001:AAG-vakhta-demo-token-0123456789abcdef"  # noqa: S105  opens nothing but this server
BOT: Final = User(700000001, "Вахта", username="vakhta_demo_bot", is_bot=True)

T = TypeVar("T")


class TelegramServer:
    """A Bot API server on a port of the loopback interface, its people and chats, its faults.

    `async with TelegramServer() as telegram:` starts it; `telegram.base_url` and `telegram.token` go to the bot.
    With a `state_path` everything is kept there, and is there again after kill -9.
    """

    def __init__(
        self,
        state_path: Path | None = None,
        *,
        clock: Clock | None = None,
        port: int = 0,
        token: str = TOKEN,
        bot: User = BOT,
    ) -> None:
        self.clock = clock or SystemClock()
        self.token = token
        self.state = State(Store(state_path), self.clock, bot)
        self.faults = Faults(self.clock.monotonic)
        self.pace = Pace(self.clock.monotonic)
        self.api = Api(self.state, self.pace)
        self._webhook = WebhookCaller(self.state)
        self.fronts = self._webhook.fronts
        """What stands behind the TLS of a webhook's host: host name → `http://127.0.0.1:port`."""
        self._port = port
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    # Running

    async def start(self) -> None:
        """Listen. `OSError` when the port is taken."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await self._listen()
        self.state.watchers.append(self._webhook.look)
        self._webhook.look()

    async def _listen(self) -> None:
        if self._runner is None:
            raise RuntimeError("the server is not started")
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Answer those who wait, stop listening, close the file."""
        self.state.close_down()
        self._webhook.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.state.store.close()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    @property
    def base_url(self) -> str:
        """Where the API answers, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def down(self) -> bool:
        """Whether an outage is on."""
        return self._site is None

    async def outage(self, on: bool) -> None:  # noqa: FBT001  reads as said: outage(True)
        """Telegram cannot be reached: connections are refused and open ones dropped, until it is switched off."""
        if on and self._site is not None:
            site, self._site = self._site, None
            await site.stop()
            for connection in self._open_connections():
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(0.01)  # a client in this loop sees its idle connections closed before its next call
        elif not on and self._site is None:
            await self._listen()
        self.state.tell("outage", on=self.down)

    def _open_connections(self) -> list[Any]:
        server = self._runner.server if self._runner else None
        return server.connections if server else []

    # HTTP

    async def _call(self, request: web.Request) -> web.StreamResponse:
        token, called = request.match_info["token"], request.match_info["method"]
        method = method_name(called) or called
        try:
            self._check(token, method)
            params, uploads = await read_call(request)
            fault = self.faults.take(method, params.get("chat_id"))
            if fault and not fault.performed:
                return self._fail(request, fault)
            answer = ok(await self._run(method, params, uploads))
            self.state.store.commit()
            return await self._spoil(request, fault, answer) if fault else answer
        except ApiError as error:
            return refusal(error)
        finally:
            self.state.store.commit()

    def _check(self, token: str, method: str) -> None:
        if token != self.token:
            number, colon, secret = token.partition(":")
            well_formed = number.isdigit() and colon and len(secret) >= 30
            raise ApiError(401, "Unauthorized") if well_formed else ApiError(404, "Not Found")
        if method_name(method) is None:
            raise ApiError(404, "Not Found")

    async def _run(self, method: str, params: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Any:
        args = check_call(method, params, uploads)
        function = METHODS.get(method)
        if function is None:
            raise ApiError(501, f"Not Implemented: {method} is real, but not part of this server")
        result = await function(self.api, args)
        if method != "getUpdates":
            self.api.calls.append((method, args))
        return result

    def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """The end of a call that is not performed."""
        if fault.kind == "reset":
            return hang_up(request)
        return gateway_error(fault.status) if fault.kind == "http" else refusal(fault.error())

    async def _spoil(self, request: web.Request, fault: Fault, answer: web.Response) -> web.StreamResponse:
        """The end of a call that was performed: late, or never."""
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay)
            return answer
        while fault.kind == "timeout" and request.transport is not None and not self.state.closing:
            await self.state.changed(0.1)  # until the caller gives up
        return hang_up(request)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        file = next((found for found in self.state.files.values() if found.path == path), None)
        if request.match_info["token"] != self.token or file is None:
            return refusal(ApiError(404, "Not Found"))
        return web.FileResponse(self.state.store.file_path(file.id), headers={"Content-Type": file.mime})

    async def _unknown(self, _request: web.Request) -> web.StreamResponse:
        return refusal(ApiError(404, "Not Found"))

    # People

    def add_user(
        self,
        user_id: int,
        first_name: str,
        *,
        last_name: str = "",
        username: str = "",
        language_code: str = "",
        started: bool = True,
    ) -> Person:
        """A person with a private chat with the bot; known ones are brought up to date, their chat is kept."""
        user = User(user_id, first_name, last_name, username, language_code)
        self.state.users[user_id] = user
        chat = self.state.chats.setdefault(user_id, Chat(user_id, "private", username=username, members=[user_id]))
        chat.started = chat.started or started
        self.state.save(user, chat)
        self.state.store.commit()
        return Person(self.state, user)

    def add_group(
        self,
        chat_id: int,
        title: str,
        members: list[int],
        *,
        admins: list[int] | None = None,
        threads: list[int] | None = None,
        bot_rights: Collection[str] | None = None,
        kind: str = "supergroup",
        bot_inside: bool = True,
    ) -> Chat:
        """A group with the bot in it, a supergroup unless `kind` is "group". The first of the admins is its owner.

        `threads` makes it a forum with topics of these identifiers. `bot_rights` makes the bot an administrator with
        these rights; without them it is a member, in privacy mode. What the group has become since is kept.
        """
        known = self.state.chats.get(chat_id)
        if known is not None:
            return known
        chat = Chat(chat_id, kind, title, members=members, admins=list(admins or []), bot_inside=bot_inside)
        self.state.chats[chat_id] = chat
        if bot_rights is not None:
            chat.admins.append(self.state.bot.id)
            chat.rights[str(self.state.bot.id)] = list(bot_rights)
        if threads:
            make_forum(chat)
            creator = (chat.admins or members)[0]
            for thread in sorted(threads):
                chat.topics.append(Topic(thread, f"Topic {thread}", creator))
                chat.last_message = max(chat.last_message, thread)
        self.state.save(chat)
        self.state.store.commit()
        return chat

    def person(self, user_id: int) -> Person:
        """The client of a known person; `KeyError` for an unknown one."""
        return Person(self.state, self.state.users[user_id])

    # What a test looks at

    def messages(self, chat_id: int) -> list[Message]:
        """The messages of a chat, oldest first, as they stand now."""
        return list(self.state.messages.get(chat_id, {}).values())

    def last(self, chat_id: int) -> Message:
        """The last message of a chat; `LookupError` when it is empty."""
        return self.messages(chat_id)[-1]

    def texts(self, chat_id: int) -> list[str]:
        """The texts of what the bot said in a chat."""
        return [found.text for found in self.messages(chat_id) if found.sender == self.state.bot.id]

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 5.0) -> T:
        """Wait until the predicate, asked after every change, gives something true; return it. `TimeoutError`."""
        deadline = time.monotonic() + timeout
        while not (found := predicate()):
            left = deadline - time.monotonic()
            if left <= 0:
                seen = {chat: [m.text for m in found.values()] for chat, found in self.state.messages.items()}
                raise TimeoutError(f"waited {timeout} s in vain; the chats hold {seen}")
            await self.state.changed(min(left, 0.25))
        return found

    async def answer(self, press: Press | InlineQuery, timeout: float = 5.0) -> Json:
        """The bot's answer to a press (`text`, `show_alert`, `url`) or an inline query (`results`, `button`)."""
        await self.wait_for(lambda: press.answer is not None, timeout)
        return press.answer or {}
