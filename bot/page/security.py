"""Who may look, and what a browser may do with what it got."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from aiohttp import web
from yarl import URL

from core.errors import ConfigError, NotAllowed

COOKIE: Final = "vakhta_page"
REMEMBERED: Final = 30 * 24 * 3600
"""Seconds a browser is remembered after it has shown the token."""
OPEN: Final = ("/healthz", "/static/")
"""Addresses that tell nothing: for a probe, and for the look of the page that asks for the token."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def check_exposure(host: str, token: str) -> None:
    """Raises `ConfigError` when the page would be open to others than this machine without a token."""
    if not token and not is_loopback(host):
        raise ConfigError(
            "page.host is {host}, so others could read the page: set page.token, or listen on 127.0.0.1.",
            host=host or "*",
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that name or address. A name is not looked up: it may change."""
    name = host.strip("[]").rstrip(".").casefold()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def host_name(host: str) -> str:
    """The name or address in a Host header, without its port; `''` for what is none."""
    try:
        return (URL(f"http://{host}").host or "").casefold()
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets in who shows the token; without a token, who calls the page by one of its own names."""

    token: str
    hosts: frozenset[str]

    async def check(self, request: web.Request) -> web.Response | None:
        """None to go on, or a redirect that remembers the visitor.

        Raises 401 without the token, `NotAllowed` for a foreign name or a web page of another origin.
        """
        if request.path.startswith(OPEN) or isinstance(request.match_info.http_exception, web.HTTPMethodNotAllowed):
            return None
        self._check_name(request)
        is_socket = request.path.startswith("/ws/")
        if is_socket:
            _check_origin(request)
        if not self.token:
            return None
        shown = self._matches(request.query.get("token", ""))
        if shown and not is_socket and request.match_info.http_exception is None:
            return self._remember(request)
        if not shown and not self._is_known(request):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Bearer realm="Vakhta"'})
        return None

    def _check_name(self, request: web.Request) -> None:
        """A foreign name that leads here is how a web page elsewhere would read this one (DNS rebinding)."""
        name = host_name(request.host)
        if not self.token and not is_loopback(name) and name not in self.hosts:
            raise NotAllowed("This page does not answer to the name {name}.", name=name or "?")

    def _is_known(self, request: web.Request) -> bool:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.casefold() == "bearer" and self._matches(given.strip()):
            return True
        return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self._pass().encode())

    def _matches(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.token.encode())

    def _pass(self) -> str:
        """What the cookie holds: proves that the token was shown, without being it."""
        return hmac.new(self.token.encode(), b"vakhta page", hashlib.sha256).hexdigest()

    def _remember(self, request: web.Request) -> web.Response:
        query = [(name, value) for name, value in request.query.items() if name != "token"]
        location = URL.build(path="/" + request.path.lstrip("/"), query=query)
        response = web.Response(status=303, headers={"Location": str(location)})
        response.set_cookie(
            COOKIE, self._pass(), max_age=REMEMBERED, httponly=True, samesite="Strict", secure=request.secure
        )
        return response


def _check_origin(request: web.Request) -> None:
    origin = request.headers.get("Origin")
    # Not the scheme: behind a proxy that speaks TLS it is another. Both leave a default port out.
    if origin is not None and origin.partition("://")[2].casefold() != request.host.casefold():
        raise NotAllowed("Only the page itself may listen to it from a browser.")


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Tell browsers what this page never does. Connected to `on_response_prepare`, so no answer goes without."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Server"] = "vakhta"
