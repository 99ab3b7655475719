"""What is new, as it comes: nothing lost, nothing twice, nobody held up; and a stop that does not wait."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from bot.page.app import PageServer, build
from core.clock import SystemClock
from core.db.engine import Database
from core.errors import ConfigError
from tests.page.conftest import add_events, add_request, event_row
from tests.page.test_api import EVENT_KEYS


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "clean_postgres_url")
    return url


async def hear(ws: aiohttp.ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    """That many events, from as many messages as it takes."""
    heard: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        while len(heard) < count:
            heard += await ws.receive_json()
    return heard


async def test_a_listener_hears_only_what_is_new(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_events(db, event_row(1), event_row(2))
    async with http.ws_connect(f"{url}/ws/events") as ws:
        await add_events(db, event_row(3))
        heard = await hear(ws, 1)

    assert [list(event) for event in heard] == [EVENT_KEYS]
    assert [event["id"] for event in heard] == [3]


async def test_a_listener_who_was_away_hears_what_it_missed(
    db: Database, url: str, http: aiohttp.ClientSession
) -> None:
    await add_events(db, *(event_row(number) for number in range(1, 1301)))
    async with http.ws_connect(f"{url}/ws/events?after=7") as ws:
        assert [event["id"] for event in await hear(ws, 1293)] == list(range(8, 1301))


async def test_nothing_is_lost_or_told_twice_across_reconnects_while_others_write(
    db: Database, url: str, http: aiohttp.ClientSession
) -> None:
    total, heard = 120, list[int]()

    async def write() -> None:
        for number in range(1, total + 1):
            await add_events(db, event_row(number))

    async def listen() -> None:
        while len(heard) < total:
            after = heard[-1] if heard else 0
            async with http.ws_connect(f"{url}/ws/events?after={after}") as ws:
                heard.extend(event["id"] for event in await hear(ws, 1))

    async with asyncio.timeout(9):
        await asyncio.gather(write(), listen())

    assert heard == list(range(1, total + 1))


async def test_two_listeners_each_hear_everything(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"{url}/ws/events") as one, http.ws_connect(f"{url}/ws/events") as other:
        await add_events(db, event_row(1), event_row(2))
        assert [event["id"] for event in await hear(one, 2)] == [1, 2]
        assert [event["id"] for event in await hear(other, 2)] == [1, 2]


async def test_what_a_listener_says_is_not_heeded(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"{url}/ws/events") as ws:
        await ws.send_str("DROP TABLE file_events")
        await ws.send_bytes(b"\x00" * 100)
        await add_events(db, event_row(1))
        assert [event["id"] for event in await hear(ws, 1)] == [1]


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30])
async def test_a_wrong_cursor_is_refused(url: str, http: aiohttp.ClientSession, after: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(f"{url}/ws/events?after={after}")
    assert refused.value.status == 400


async def test_the_pages_hear_of_any_change(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"{url}/ws/live") as ws, asyncio.timeout(5):
        first = await ws.receive_json()
        await add_request(db)
        second = await ws.receive_json()

    assert (first, second) == ({"change": 1}, {"change": 2})


async def test_a_stop_says_goodbye_within_a_second(db_url: str, http: aiohttp.ClientSession) -> None:
    db = Database(db_url, read_only=True)
    page = PageServer(build(db, clock=SystemClock(), language="en", timezone="UTC"), "127.0.0.1", 0)
    await page.start()
    polite = [await http.ws_connect(f"{page.url}ws/live") for _ in range(20)]
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)  # never reads, never says goodbye
    writer.write(
        b"GET /ws/events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 101")

    async def goodbye(ws: aiohttp.ClientWebSocketResponse) -> int | None:
        async for _ in ws:
            pass
        return ws.close_code

    began = time.monotonic()
    codes, _ = await asyncio.gather(asyncio.gather(*map(goodbye, polite)), page.stop())
    lasted = time.monotonic() - began
    writer.close()
    await db.close()

    assert set(codes) == {aiohttp.WSCloseCode.GOING_AWAY}
    assert lasted < 1


async def test_a_taken_port_is_said_in_words(sqlite_url: str) -> None:
    db = Database(sqlite_url, read_only=True)
    app = build(db, clock=SystemClock(), language="en", timezone="UTC")
    first = PageServer(app, "127.0.0.1", 0)
    await first.start()
    second = PageServer(build(db, clock=SystemClock(), language="en", timezone="UTC"), "127.0.0.1", first.port)

    with pytest.raises(ConfigError, match=rf"already listens on 127\.0\.0\.1:{first.port}"):
        await second.start()

    await first.stop()
    await db.close()


async def test_a_name_that_is_no_address_is_said_in_words(sqlite_url: str) -> None:
    db = Database(sqlite_url, read_only=True)
    page = PageServer(build(db, clock=SystemClock(), language="en", timezone="UTC"), "no-such-host.invalid", 0)
    with pytest.raises(ConfigError, match=r"cannot listen on no-such-host\.invalid"):
        await page.start()
    await db.close()
