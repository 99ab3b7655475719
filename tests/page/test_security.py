"""Who may look and what may be done: the token, names, origins, methods, headers."""

import asyncio
import logging
import threading
from datetime import datetime

import aiohttp
import pytest
from yarl import URL

from bot.page.app import PageServer, build
from bot.page.security import check_exposure
from core.clock import SystemClock
from core.db.engine import Database
from core.errors import ConfigError
from tests.page.conftest import Serve

TOKEN = "correct horse & battery+staple"
PRIVATE = ["/", "/requests", "/files", "/syncs", "/readyz", "/metrics", "/api/status", "/api/events", "/nowhere"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST.", "a.localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    check_exposure(host, "")


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "", "::", "192.168.1.5", "duty.example", "127.0.0.1.example", "localhosts"],  # noqa: S104  refused
)
def test_beyond_loopback_a_token_is_required(host: str) -> None:
    with pytest.raises(ConfigError, match=r"page\.token"):
        check_exposure(host, "")
    check_exposure(host, TOKEN)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
async def test_nothing_but_reading_is_answered(url: str, http: aiohttp.ClientSession, method: str) -> None:
    for path in ("/", "/api/events", "/healthz", "/ws/events", "/static/style.css"):
        async with http.request(method, url + path) as answer:
            assert answer.status == 405
            assert set(answer.headers["Allow"].split(",")) <= {"GET", "HEAD"}


async def test_head_is_get_without_a_body(url: str, http: aiohttp.ClientSession) -> None:
    for path in ("/", "/files", "/healthz", "/metrics", "/api/events"):
        async with http.head(url + path) as answer:
            assert answer.status == 200
            assert await answer.read() == b""


async def test_every_answer_forbids_what_the_page_never_does(url: str, http: aiohttp.ClientSession) -> None:
    for path in ("/", "/nowhere", "/api/events", "/api/events?limit=x", "/static/live.js", "/healthz"):
        async with http.get(url + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_pages_hold_no_inline_script_or_style_and_nothing_from_outside(
    url: str, http: aiohttp.ClientSession
) -> None:
    for path in ("/", "/requests", "/files", "/syncs", "/nowhere"):
        async with http.get(url + path) as answer:
            text = await answer.text()
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "://" not in text.replace("http://www.w3.org", "")
        assert text.count("<script") == text.count('<script type="module" src="/static/')


async def test_files_of_the_page_are_kept_by_browsers(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/static/style.css") as answer:
        tag = answer.headers["ETag"]
        assert answer.content_type == "text/css"
        assert answer.headers["Cache-Control"] == "no-cache"
    async with http.get(f"{url}/static/style.css", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
    async with http.get(f"{url}/static/style.css?v={tag.strip(chr(34))}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", PRIVATE)
async def test_without_the_token_nothing_is_shown(serve: Serve, http: aiohttp.ClientSession, path: str) -> None:
    url = await serve(token=TOKEN)
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Cookie": "vakhta_page=x"},
    ):
        async with http.get(url + path, headers=headers) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert TOKEN not in await answer.text()


async def test_a_bearer_gets_in(serve: Serve, http: aiohttp.ClientSession) -> None:
    url = await serve(token=TOKEN)
    async with http.get(f"{url}/api/events", headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers


async def test_the_token_in_the_address_is_traded_for_a_cookie(serve: Serve, http: aiohttp.ClientSession) -> None:
    url = await serve(token=TOKEN)
    address = URL(f"{url}/requests").with_query({"token": TOKEN, "status": "sent"})

    async with http.get(address, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/requests?status=sent")
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "horse" not in cookie
    async with http.get(f"{url}/files") as answer:
        assert answer.status == 200
        assert "horse" not in await answer.text()


async def test_a_wrong_token_in_the_address_sets_nothing(serve: Serve, http: aiohttp.ClientSession) -> None:
    url = await serve(token=TOKEN)
    async with http.get(f"{url}/?token=wrong", allow_redirects=False) as answer:
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers
        assert "wrong" not in await answer.text()


async def test_a_redirect_never_leads_away(serve: Serve, http: aiohttp.ClientSession) -> None:
    url = await serve(token=TOKEN)
    address = URL(url + "//evil.example/").with_query({"token": TOKEN})
    async with http.get(address, allow_redirects=False) as answer:
        assert answer.status == 404
        assert "Location" not in answer.headers


async def test_a_probe_needs_no_token(serve: Serve, http: aiohttp.ClientSession) -> None:
    url = await serve(token=TOKEN)
    async with http.get(f"{url}/healthz") as answer:
        assert (answer.status, await answer.text()) == (200, "ok")


async def test_without_a_token_a_foreign_name_is_refused(serve: Serve, http: aiohttp.ClientSession) -> None:
    url = await serve(hosts=["Duty.Example:8080"])
    for name in ("localhost:1", "127.0.0.1", "[::1]:8080", "duty.example"):
        async with http.get(f"{url}/", headers={"Host": name}) as answer:
            assert answer.status == 200, name
    for name in ("evil.example", "127.0.0.1.evil.example", "evil.example:99999", "x y"):
        async with http.get(f"{url}/api/events", headers={"Host": name}) as answer:
            assert answer.status == 403, name


@pytest.mark.parametrize("path", ["/ws/events", "/ws/live"])
async def test_a_web_page_of_another_origin_may_not_listen(url: str, http: aiohttp.ClientSession, path: str) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(url + path, headers={"Origin": origin})
        assert refused.value.status == 403
    async with http.ws_connect(url + path, headers={"Origin": url}) as ws:
        assert not ws.closed


async def test_listening_needs_the_token_too(serve: Serve, http: aiohttp.ClientSession) -> None:
    url = await serve(token=TOKEN)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(f"{url}/ws/events")
    assert refused.value.status == 401
    async with http.ws_connect(URL(f"{url}/ws/events").with_query({"token": TOKEN})) as ws:
        assert not ws.closed


async def test_an_unexpected_fault_is_a_sentence_with_an_id_and_a_trace_in_the_log(
    sqlite_url: str, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(SystemClock):
        def now(self) -> datetime:
            raise ZeroDivisionError

    db = Database(sqlite_url, read_only=True)
    page = PageServer(build(db, clock=Broken(), language="en", timezone="UTC", token=TOKEN), "127.0.0.1", 0)
    await page.start()
    with caplog.at_level(logging.ERROR):
        async with http.get(f"{page.url}api/status", headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            fault = await answer.json()
    await page.stop()
    await db.close()

    assert answer.status == 500
    assert fault["error"].startswith("Something went wrong here, not with you. The log has it as ")
    assert fault["error"][-7:-1] in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "horse" not in caplog.text


async def test_a_database_that_does_not_answer_is_said_in_words(sqlite_url: str, http: aiohttp.ClientSession) -> None:
    db = Database(sqlite_url + ".gone", read_only=True)
    page = PageServer(build(db, clock=SystemClock(), language="uk", timezone="UTC"), "127.0.0.1", 0)
    await page.start()
    async with http.get(page.url) as answer:
        assert answer.status == 503
    async with http.get(f"{page.url}readyz") as answer:
        assert (answer.status, (await answer.json())["ready"]) == (503, False)
    async with http.get(f"{page.url}healthz") as answer:
        assert answer.status == 200
    await page.stop()
    await db.close()
    async with asyncio.timeout(5):  # the driver's threads say goodbye to this loop
        while any("_connection_worker" in t.name for t in threading.enumerate()):  # noqa: ASYNC110  a thread has no event
            await asyncio.sleep(0.01)
