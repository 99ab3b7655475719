"""An Exchange server in miniature, and a mailbox of it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import AuthFailed, Unavailable
from jobs.connectors.ews.client import Exchange
from jobs.connectors.ews.options import Options
from tests.connectors.certificates import authority
from tests.connectors.exchange import ExchangeServer

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LETTER = b"From: ops@b.example\r\nTo: c@d.example\r\nMessage-ID: <1@b>\r\nIn-Reply-To: <0@d>\r\n\r\n\xd0\xaf\r\n"
SEND = (LETTER, "ops@b.example", ["c@d.example"])


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
async def server() -> AsyncIterator[ExchangeServer]:
    server = ExchangeServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def box(server: ExchangeServer) -> AsyncIterator[Exchange]:
    box = mailbox(server)
    yield box
    await box.close()


def mailbox(server: ExchangeServer, **more: Any) -> Exchange:
    clock = more.pop("clock", None)
    defaults: dict[str, Any] = {
        "address": server.address,
        "url": server.url,
        "password": server.password,
        "timeout": 5.0,
    }
    return Exchange(Options(**defaults | more), clock=clock)


async def keys(box: Exchange, cursor: str | None = None, since: datetime = NOON - DAY) -> list[str]:
    return [entry.key for entry in (await box.changes(cursor, since)).entries]


async def works(box: Exchange) -> bool:
    """Whether it lists; closes it."""
    try:
        return bool(await keys(box)) or True
    finally:
        await box.close()


async def error_of(box: Exchange) -> str:
    """What an operator is told when the mailbox cannot be listed."""
    with pytest.raises((Unavailable, AuthFailed)) as caught:
        await works(box)
    return f"{type(caught.value).__name__}: {caught.value}"


@pytest.fixture
async def online(tmp_path: Path) -> AsyncIterator[Callable[..., Exchange]]:
    ca_file, tls = authority(tmp_path)
    server = ExchangeServer()
    await server.start(tls)
    server.schemes = ("Bearer",)

    def make(**more: Any) -> Exchange:
        defaults = {
            "auth": "oauth",
            "tenant_id": "t",
            "client_id": "app",
            "client_secret": server.client_secret,
            "authority": server.base,
            "ca_file": ca_file,
        }
        return mailbox(server, **defaults | more)

    make.server = server  # type: ignore[attr-defined]  # both are needed together
    yield make
    await server.stop()
