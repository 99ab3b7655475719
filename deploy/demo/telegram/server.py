"""The Bot API over real HTTP, and the Python side of it for tests and the chat page."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from aiohttp import web
from aiohttp.web_request import FileField

from core.clock import Clock, SystemClock
from deploy.demo.telegram.client import Person
from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.faults import Fault, Faults, Pace
from deploy.demo.telegram.methods import METHODS
from deploy.demo.telegram.model import Chat, Json, Message, Press, User
from deploy.demo.telegram.schema import Upload, check_call, method_name
from deploy.demo.telegram.state import State
from deploy.demo.telegram.store import Store
from deploy.demo.telegram.updates import Api

TOKEN: Final = "700000001:AAG-vakhta-demo-token-0123456789abcdef"  # noqa: S105  opens nothing but this server
BOT: Final = User(700000001, "Вахта", username="vakhta_demo_bot", is_bot=True)
_BODY_LIMIT: Final = 51 * 1024 * 1024

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
        self._port = port
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    # Running

    async def start(self) -> None:
        """Listen. `OSError` when the port is taken."""
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await self._listen()

    async def _listen(self) -> None:
        if self._runner is None:
            raise RuntimeError("the server is not started")
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Answer those who wait, stop listening, close the file."""
        self.state.close_down()
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
            fault = self.faults.take(method)
            if fault and fault.kind != "lost_answer":
                return self._fail(request, fault)
            answer = _ok(await self._run(request, method))
            return self._hang_up(request) if fault else answer
        except ApiError as error:
            return _json(error.body(), error.code)
        finally:
            self.state.store.commit()

    def _check(self, token: str, method: str) -> None:
        if token != self.token:
            number, colon, secret = token.partition(":")
            well_formed = number.isdigit() and colon and len(secret) >= 30
            raise ApiError(401, "Unauthorized") if well_formed else ApiError(404, "Not Found")
        if method_name(method) is None:
            raise ApiError(404, "Not Found")

    async def _run(self, request: web.Request, method: str) -> Any:
        params, uploads = await _parameters(request)
        args = check_call(method, params, uploads)
        function = METHODS.get(method)
        if function is None:
            raise ApiError(501, f"Not Implemented: {method} is real, but not part of this server")
        result = await function(self.api, args)
        if method != "getUpdates":
            self.api.calls.append((method, args))
        return result

    def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.kind == "flood":
            after = fault.retry_after
            body = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {after}"}
            return _json(body | {"parameters": {"retry_after": after}}, 429)
        if fault.kind == "http":
            html = f"<html><head><title>{fault.status}</title></head><body>nginx</body></html>"
            return web.Response(status=fault.status, text=html, content_type="text/html")
        return self._hang_up(request)

    def _hang_up(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        file = next((found for found in self.state.files.values() if found.path == path), None)
        if request.match_info["token"] != self.token or file is None:
            return _json(ApiError(404, "Not Found").body(), 404)
        return web.Response(body=self.state.store.file(file.id), content_type=file.mime)

    async def _unknown(self, _request: web.Request) -> web.StreamResponse:
        return _json(ApiError(404, "Not Found").body(), 404)

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
    ) -> Chat:
        """A supergroup with the bot in it, in privacy mode unless the bot is among the admins."""
        chat = self.state.chats.setdefault(chat_id, Chat(chat_id, "supergroup"))
        chat.title, chat.members = title, members
        chat.admins, chat.threads = admins or [], threads or []
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

    async def answer(self, press: Press, timeout: float = 5.0) -> Json:
        """The bot's answer to a press: `text`, `show_alert`, `url`, whichever were given."""
        await self.wait_for(lambda: press.answer is not None, timeout)
        return press.answer or {}


async def _parameters(request: web.Request) -> tuple[Mapping[str, Any], Mapping[str, Upload]]:
    """Parameters of a call from its query and its body, whichever of the three forms the body has; and its files."""
    params: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        params |= await _json_body(request)
    elif request.body_exists:
        for name, value in (await request.post()).items():
            if isinstance(value, FileField):
                uploads[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                params[name] = value
    return {name: value for name, value in params.items() if name not in uploads}, uploads


async def _json_body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        raise bad_request("can't parse JSON-encoded parameters") from None
    if not isinstance(body, dict):
        raise bad_request("JSON-encoded parameters must be an Object")
    return body


def _ok(result: Any) -> web.Response:
    return _json({"ok": True, "result": result}, 200)


def _json(body: Any, status: int) -> web.Response:
    return web.json_response(body, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))
