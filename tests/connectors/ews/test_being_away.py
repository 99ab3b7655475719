"""A server that fails, hangs, is busy, or is not the one it should be."""

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import web

from core.errors import Unavailable
from jobs.connectors.ews.client import Exchange
from jobs.connectors.ews.options import Busy, Options
from tests.conftest import ManualClock
from tests.connectors.ews.conftest import error_of, keys, mailbox
from tests.connectors.exchange import ExchangeServer, busy, cut, fault, hang, status


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (status(500), "HTTP 500"),
        (status(502), "HTTP 502"),
        (status(404), "HTTP 404"),
        (status(302, location="https://elsewhere.example/"), "HTTP 302"),
        (status(200), "not an answer of Exchange"),
        (fault("ErrorMailboxStoreUnavailable"), "ErrorMailboxStoreUnavailable"),
        (cut, "reset by peer|ConnectionError|closed"),
    ],
)
async def test_a_server_that_fails_is_away_for_a_reason(server: ExchangeServer, trouble: Any, words: str) -> None:
    server.fail("SyncFolderItems", trouble)
    error = await error_of(mailbox(server))
    sentence = "cannot be reached: " if trouble is cut else "does not answer as it should: "
    assert error.startswith("Unavailable: 127.0.0.1")
    assert sentence in error
    assert any(word in error for word in words.split("|")), error
    assert "secret page" not in error


async def test_a_server_that_hangs_is_away(server: ExchangeServer) -> None:
    server.fail("SyncFolderItems", hang)
    assert (await error_of(mailbox(server, timeout=0.3))).endswith("cannot be reached: timed out.")


async def test_a_server_that_is_down_is_away() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{closed.getsockname()[1]}"
        error = await error_of(Exchange(Options("ops@b.example", url=f"http://{host}/EWS/Exchange.asmx")))
    assert error == f"Unavailable: {host} cannot be reached: Connection refused."


async def test_a_certificate_nobody_vouches_for_is_not_trusted(online: Any) -> None:
    error = await error_of(online(ca_file=None, auth="basic"))
    assert error.startswith("Untrusted: The certificate of 127.0.0.1:")
    assert "unable to get local issuer certificate" in error


@pytest.mark.parametrize("trouble", [busy(120_000), status(503, Retry_After="120"), status(429, Retry_After="120")])
async def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(
    server: ExchangeServer, clock: ManualClock, trouble: Any
) -> None:
    box = mailbox(server, clock=clock)
    server.fail("SyncFolderItems", trouble)
    with pytest.raises(Busy, match="asks to wait 120 s") as caught:
        await keys(box)
    assert caught.value.seconds == 120
    asked = len(server.asked)
    clock.advance(seconds=119)
    with pytest.raises(Unavailable):
        await keys(box)
    assert len(server.asked) == asked
    clock.advance(seconds=1)
    assert await keys(box) == []
    await box.close()


async def test_waiting_is_waiting(server: ExchangeServer, clock: ManualClock) -> None:
    await mailbox(server, clock=clock).wait(60)
    assert clock.elapsed == 60


async def test_a_call_nobody_waits_for_does_not_hold_up_the_next(server: ExchangeServer) -> None:
    reached = asyncio.Event()

    async def stuck(request: web.Request) -> None:
        reached.set()
        await hang(request)

    server.fail("SyncFolderItems", stuck)
    box = mailbox(server, timeout=3)
    first = asyncio.ensure_future(keys(box))
    await reached.wait()
    first.cancel()
    await asyncio.wait([first])
    async with asyncio.timeout(2):
        assert await keys(box) == []
    await box.close()
