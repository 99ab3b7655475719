"""The page put together: addresses, the guard before them, errors behind them, and the server that listens."""

import errno
from collections.abc import Collection
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.page import api, metrics, views
from bot.page.assets import Assets
from bot.page.context import PAGE, Page
from bot.page.faults import answer_faults
from bot.page.live import Feed
from bot.page.security import Gate, Handler, add_headers, host_name
from bot.page.shown import address, visible
from core.clock import Clock
from core.db.engine import Database
from core.errors import ConfigError
from core.requests.model import WORKFLOW, Workflow

TEMPLATES: Final = Path(__file__).parent / "templates"
STOP_WITHIN: Final = 0.3
"""Seconds the server gives open answers at a stop, twice: to end by themselves, then to be cancelled."""


def build(
    db: Database,
    *,
    clock: Clock,
    language: str,
    timezone: str,
    token: str = "",
    hosts: Collection[str] = (),
    late_after: timedelta = timedelta(minutes=60),
    mailboxes: tuple[str, ...] = (),
    workflow: Workflow = WORKFLOW,
) -> web.Application:
    """The page as an application. `db` is a read-only `Database`, closed by whoever made it.

    `language` and `timezone` are for visitors whose browser says nothing. With `token`, everything but `/healthz`
    asks for it. Without, the page answers only to loopback names and to `hosts`.
    """
    page = Page(
        db=db,
        clock=clock,
        language=language,
        timezone=timezone,
        version=_version(),
        late_after=late_after,
        mailboxes=mailboxes,
        workflow=workflow,
        templates=_templates(),
        assets=Assets(),
        feed=Feed(db),
    )
    gate = Gate(token, frozenset(host_name(host) for host in hosts))
    app = web.Application(middlewares=[answer_faults, _guard(gate)])
    app[PAGE] = page
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(_close_feed)
    app.add_routes(_routes(page))
    return app


class PageServer:
    """Serves the page on one address. `port` 0 takes a free one; `port` tells which once started."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        name = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104  only shown
        return f"http://[{name}]:{self.port}/" if ":" in name.strip("[]") else f"http://{name}:{self.port}/"

    async def start(self) -> None:
        """Listen. Raises `ConfigError` when the address cannot be had; nothing is left open then."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host or None, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            if error.errno == errno.EADDRINUSE or getattr(error, "winerror", None) == 10048:
                raise ConfigError(
                    "Another program already listens on {host}:{port}. Stop it, or choose another page.port.",
                    host=self.host,
                    port=self.port,
                ) from error
            raise ConfigError(
                "The page cannot listen on {host}:{port}: {reason}. Check page.host and page.port.",
                host=self.host,
                port=self.port,
                reason=error.strerror or error,
            ) from error
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Say goodbye to every listener and close, within a second."""
        await self._runner.cleanup()


def _routes(page: Page) -> list[web.RouteDef]:
    return [
        web.get("/", views.overview),
        web.get("/requests", views.requests),
        web.get(r"/requests/{id:\d{1,18}}", views.request),
        web.get("/files", views.files),
        web.get("/syncs", views.syncs),
        web.get("/healthz", api.healthz),
        web.get("/readyz", api.readyz),
        web.get("/metrics", metrics.metrics),
        web.get("/api/status", api.status),
        web.get("/api/requests", api.requests),
        web.get("/api/events", api.events),
        web.get("/events", api.events),
        web.get("/ws/events", api.ws_events, allow_head=False),
        web.get("/ws/live", api.ws_live, allow_head=False),
        web.get("/static/{name}", page.assets.serve),
    ]


def _guard(gate: Gate) -> Middleware:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await gate.check(request) or await handler(request)

    return guard


async def _close_feed(app: web.Application) -> None:
    app[PAGE].feed.close()


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=visible,
        auto_reload=False,
    )
    environment.globals["address"] = address
    return environment


def _version() -> str:
    try:
        return version("vakhta")
    except PackageNotFoundError:
        return "0"
