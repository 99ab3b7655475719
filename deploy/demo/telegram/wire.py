"""A call as it comes over HTTP: its parameters in whichever form, its files; and how an answer is written."""

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from aiohttp.web_request import FileField

from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.model import Json
from deploy.demo.telegram.schema import Upload

BODY_LIMIT: Final = 51 * 1024 * 1024
"""The largest body of a call, bytes: a file of 50 MB and its frame."""


async def read_call(request: web.Request) -> tuple[Mapping[str, Any], Mapping[str, Upload]]:
    """Parameters of a call from its query and its body, whichever of the three forms the body has; and its files."""
    if (request.content_length or 0) > BODY_LIMIT:
        raise ApiError(413, "Request Entity Too Large")
    params: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            params |= await _json_body(request)
        elif request.body_exists:
            for name, value in (await request.post()).items():
                if isinstance(value, FileField):
                    uploads[name] = _upload(value)
                else:
                    params[name] = value
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None
    return {name: value for name, value in params.items() if name not in uploads}, uploads


def _upload(part: FileField) -> Upload:
    size = part.file.seek(0, 2)
    part.file.seek(0)
    return Upload(part.filename, part.content_type, part.file, size)


async def _json_body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        raise bad_request("can't parse JSON-encoded parameters") from None
    if not isinstance(body, dict):
        raise bad_request("JSON-encoded parameters must be an Object")
    return body


def ok(result: Any) -> web.Response:
    """The answer to a call that was done."""
    return json_response({"ok": True, "result": result}, 200)


def refusal(error: ApiError) -> web.Response:
    """The answer to a refused call."""
    return json_response(error.body(), error.code)


def gateway_error(status: int) -> web.Response:
    """What a gateway in front of Telegram answers: a page, no JSON."""
    html = f"<html><head><title>{status}</title></head><body>nginx</body></html>"
    return web.Response(status=status, text=html, content_type="text/html")


def json_response(body: Any, status: int) -> web.Response:
    """JSON with letters as they are."""
    return web.json_response(body, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))


def hang_up(request: web.Request) -> web.Response:
    """Drop the connection unanswered."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
