"""The chat page's addresses. It is bound to the loopback interface, and no other site's page can drive it:
the Host must be ours, an Origin must be ours, and a POST must carry JSON (which a foreign form cannot send).
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from core.errors import UserError, VakhtaError
from core.text import LANGUAGES, translator
from deploy.demo.chat.status import StatusBoard
from deploy.demo.chat.texts import strings
from deploy.demo.telegram.client import Person, Sent
from deploy.demo.telegram.model import Chat, Json
from deploy.demo.telegram.server import TelegramServer

_SHOWN: Final = 300  # messages of a chat the page starts with
_BODY_LIMIT: Final = 30 * 1024 * 1024
_POLL: Final = 10.0  # seconds after which a quiet live connection says that it lives
_GUIDE: Final = ("world", "guide")
_GUIDE_PLACES: Final = ("new", "asked", "letter", "why", "file", "unplug", "plug", "done", "closed")
_HOSTS: Final = {"127.0.0.1", "localhost", "[::1]"}
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PICTURES: Final = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg", b"GIF8": "image/gif"}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Outside(Protocol):
    """What the page's buttons do to the world beyond Telegram."""

    def visited(self) -> None:
        """A visitor's page is there, in its language, or has done something."""
        ...

    def facts(self) -> Json:
        """What the world's panel shows: personas, letters, files, how far the clock is ahead, the status page."""
        ...

    def speak(self, language: str) -> None:
        """The whole demo speaks a language. `UserError` for one it does not know."""
        ...

    def deliver_letter(self, name: str) -> Json:
        """One of the prepared letters arrives; how it looks. `UserError` for an unknown name."""
        ...

    def write_letter(self, sender: str, subject: str, text: str) -> Json:
        """A letter written on the page arrives; how it looks. `UserError` for an address that is none."""
        ...

    async def touch_file(self, name: str, action: str) -> str:
        """Somebody saves, renames, deletes or edits a file; returns its name then. `UserError` if it cannot be."""
        ...

    def plug(self, *, in_: bool) -> None:
        """The shared folder's cable is pulled, or put in again."""
        ...

    def go_ahead(self, hours: int) -> None:
        """The clock jumps ahead."""
        ...


class ChatPage:
    """The messenger in the browser: pages and the calls they make."""

    def __init__(self, telegram: TelegramServer, outside: Outside) -> None:
        self._telegram = telegram
        self._state = telegram.state
        self._outside = outside
        self._sockets: set[web.WebSocketResponse] = set()
        self._board = StatusBoard()

    def app(self) -> web.Application:
        """The aiohttp application with every address."""
        app = web.Application(client_max_size=_BODY_LIMIT, middlewares=[_guarded, self._noticed])
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self._hang_up)
        app.cleanup_ctx.append(self._board.connection)
        app.add_routes(
            [
                web.get("/", _file_of("index.html")),
                web.get("/favicon.ico", _file_of("icon.svg")),
                web.get("/static/{name}", self._static),
                web.get("/world/texts", self._texts),
                web.get("/world/state", self._world),
                web.get("/world/menu", self._menu),
                web.get("/world/status", self._status),
                web.get("/world/ws", self._live),
                web.get("/world/file/{id}", self._download),
                web.post("/world/send", self._send),
                web.post("/world/press", self._press),
                web.post("/world/edit", self._edit),
                web.post("/world/react", self._react),
                web.post("/world/upload", self._upload),
                web.post("/world/language", self._language),
                web.post("/world/guide", self._guide),
                web.post("/world/letter", self._letter),
                web.post("/world/file", self._touch_file),
                web.post("/world/share", self._share),
                web.post("/world/clock", self._clock),
                web.post("/world/outage", self._outage),
                web.post("/world/fault", self._fault),
            ]
        )
        return app

    @web.middleware
    async def _noticed(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if request.method == "POST":
            self._outside.visited()
        return answer

    # Reading

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return await _file_of(request.match_info["name"])(request)

    async def _texts(self, request: web.Request) -> web.StreamResponse:
        language = request.query.get("lang", "")
        if language not in LANGUAGES:
            raise web.HTTPNotFound
        return _json(strings(language))

    async def _world(self, _request: web.Request) -> web.StreamResponse:
        state = self._state
        return _json(
            {
                "epoch": state.epoch,
                "sequence": state.sequence,
                "bot": state.bot.api(),
                "chats": [self._chat(chat) for chat in state.chats.values()],
                "outage": self._telegram.down,
                "guide": state.store.get(*_GUIDE) or _GUIDE_PLACES[0],
            }
            | self._outside.facts()
        )

    def _chat(self, chat: Chat) -> Json:
        lasting = list(self._state.messages.get(chat.id, {}).values())[-_SHOWN:]
        messages = [*lasting, *self._state.ephemeral.get(chat.id, {}).values()]
        return self._state.client_chat(chat) | {"messages": [self._state.client_message(one) for one in messages]}

    async def _menu(self, request: web.Request) -> web.StreamResponse:
        try:
            user, chat = int(request.query["as"]), int(request.query["chat"])
            return _json(self._telegram.person(user).menu(chat))
        except (KeyError, ValueError):
            raise web.HTTPBadRequest from None

    async def _status(self, request: web.Request) -> web.StreamResponse:
        facts = self._outside.facts()
        return _json(await self._board.look(facts["status_url"], request.query.get("lang", "en"), facts["ahead"]))

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Events over a WebSocket: the page says what it has (`{"after": N}`), and gets what came since."""
        socket = web.WebSocketResponse(timeout=0.3)
        await socket.prepare(request)
        self._sockets.add(socket)
        self._outside.visited()  # a page chooses its language before it listens
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT or self._state.closing:
                    break
                news = await self._news(int(json.loads(message.data)["after"]))
                if self._state.closing or socket.closed:
                    break
                await socket.send_json(news)
        except (ConnectionError, ValueError, KeyError):
            await socket.close()  # the page is gone, or is not ours
        finally:
            self._sockets.discard(socket)
        return socket

    async def _news(self, after: int) -> Json:
        if after == self._state.sequence:
            await self._state.changed(_POLL)
        return {
            "epoch": self._state.epoch,
            "sequence": self._state.sequence,
            "events": self._state.events_after(after),
            "outage": self._telegram.down,
        } | self._outside.facts()

    async def _hang_up(self, _app: web.Application) -> None:
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file = self._state.files.get(request.match_info["id"])
        if file is None:
            raise web.HTTPNotFound
        content = self._state.store.file(file.id)
        kind = _picture_type(content) if file.kind == "photo" else None
        how = "inline" if kind else "attachment"
        return web.Response(
            body=content,
            content_type=kind or "application/octet-stream",
            headers={"Content-Disposition": f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"},
        )

    # Acting

    def _person(self, body: Json) -> Person:
        return self._telegram.person(_integer(body, "as"))

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        message = await self._person(body).send(
            _string(body, "text"), _integer(body, "chat"), reply_to=int(body.get("reply_to", 0)), **_thread(body)
        )
        return _json({"id": message.id})

    async def _press(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        press = await self._person(body).press(_integer(body, "message"), _string(body, "data"), _integer(body, "chat"))
        return _json({"query": press.id})

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        await self._person(body).edit(_integer(body, "message"), _string(body, "text"), _integer(body, "chat"))
        return _json({})

    async def _react(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        await self._person(body).react(_integer(body, "message"), _string(body, "emoji"), _integer(body, "chat"))
        return _json({})

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """One file, or several as an album: `files` of `name`, `mime` and `content`; `kind` is photo or document."""
        body = await _body(request)
        person, chat, files = self._person(body), _integer(body, "chat"), _files(body)
        caption, reply_to = str(body.get("caption", ""))[:1024], int(body.get("reply_to", 0))
        place = _thread(body)
        kind = "photo" if body.get("kind") == "photo" else "document"
        if len(files) == 1:
            [(name, content, mime)] = files
            await person.upload(name, content, chat, caption=caption, mime=mime, reply_to=reply_to, kind=kind, **place)
        else:
            await person.album(files, chat, caption=caption, kind=kind, reply_to=reply_to, **place)
        return _json({})

    async def _language(self, request: web.Request) -> web.StreamResponse:
        self._outside.speak(_string(await _body(request), "language"))
        return _json({})

    async def _guide(self, request: web.Request) -> web.StreamResponse:
        """How far the reader has come in the guide, or that it was closed."""
        at = _string(await _body(request), "at")
        if at not in _GUIDE_PLACES:
            raise web.HTTPBadRequest(text='"at" must be a place of the guide')
        self._state.store.put(*_GUIDE, at)
        self._state.store.commit()
        return _json({})

    async def _letter(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        if "name" in body:
            return _json(self._outside.deliver_letter(_string(body, "name")))
        return _json(self._outside.write_letter(*(_string(body, part) for part in ("from", "subject", "text"))))

    async def _touch_file(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        name = await self._outside.touch_file(_string(body, "name"), _string(body, "action"))
        self._state.tell("world")
        return _json({"name": name})

    async def _share(self, request: web.Request) -> web.StreamResponse:
        self._outside.plug(in_=bool((await _body(request)).get("on")))
        self._state.tell("world")
        return _json({})

    async def _clock(self, request: web.Request) -> web.StreamResponse:
        self._outside.go_ahead(_integer(await _body(request), "hours"))
        self._state.tell("world")
        return _json(self._outside.facts())

    async def _outage(self, request: web.Request) -> web.StreamResponse:
        await self._telegram.outage(bool((await _body(request)).get("on")))
        return _json({"on": self._telegram.down})

    async def _fault(self, request: web.Request) -> web.StreamResponse:
        """Script a fault (`Faults.script` says how), or with `{"clear": true}` end them all."""
        body = await _body(request)
        if body.get("clear"):
            self._telegram.faults.clear()
        else:
            self._telegram.faults.script(body)
        return _json({"waiting": len(self._telegram.faults.waiting)})


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only a page of this very address may speak to us; its mistakes are answered in its reader's language."""
    if urlsplit(f"//{request.host}").hostname not in {host.strip("[]") for host in _HOSTS}:
        raise web.HTTPForbidden(text="This address is not the demo's.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="Another site may not drive the demo.")
    if request.method == "POST" and request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="JSON is expected.")
    try:
        return await handler(request)
    except UserError as error:
        language = request.headers.get("X-Language", "en")
        t = translator(language if language in LANGUAGES else "en")
        return _json({"error": t(error.message, **error.values)}, 409)
    except VakhtaError as error:
        return _json({"error": str(error)}, 500)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


def _file_of(name: str) -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        suffix = name[name.rfind(".") :]
        source = resources.files(__package__).joinpath("static", name)
        if suffix not in _TYPES or "/" in name or not source.is_file():
            raise web.HTTPNotFound
        return web.Response(text=source.read_text("utf-8"), content_type=_TYPES[suffix], charset="utf-8")

    return handler


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise web.HTTPBadRequest from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest
    return body


def _files(body: Json) -> list[Sent]:
    found = body.get("files")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise web.HTTPBadRequest(text='"files" must be a list')
    try:
        return [
            (
                _string(one, "name"),
                base64.b64decode(_string(one, "content"), validate=True),
                str(one.get("mime") or "application/octet-stream"),
            )
            for one in found
        ]
    except binascii.Error:
        raise web.HTTPBadRequest from None


def _thread(body: Json) -> dict[str, int]:
    return {"thread": _integer(body, "thread")} if body.get("thread") else {}


def _picture_type(content: bytes) -> str | None:
    """The type by the first bytes, whatever the sender called it: nothing else is shown in the page."""
    return next((kind for start, kind in _PICTURES.items() if content.startswith(start)), None)


def _integer(body: Json, name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int):
        raise web.HTTPBadRequest(text=f'"{name}" must be a number')
    return value


def _string(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise web.HTTPBadRequest(text=f'"{name}" must be a text')
    return value


def _json(body: Any, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))
