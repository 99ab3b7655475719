"""The webhook: each update is posted in order, with the secret, until it is taken; nothing is lost on the way."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from deploy.demo.telegram import Person
from tests.demo.conftest import Caller

URL = "https://bot.example/hook?x=1"


@dataclass
class Front:
    """A bot behind the proxy that ends its TLS: what it was posted, and what it answers next."""

    posted: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event | None = None
    base: str = ""

    async def take(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        self.posted.append((request.path_qs, secret, await request.json()))
        self.arrived.set()
        if self.held:
            await self.held.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, _, update in self.posted]


@pytest.fixture
async def front(call: Caller) -> AsyncIterator[Front]:
    front = Front()
    app = web.Application()
    app.router.add_post("/hook", front.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    front.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    call.telegram.fronts["bot.example"] = front.base
    yield front
    await runner.cleanup()


async def until(call: Caller, predicate: Callable[[], bool]) -> None:
    await call.telegram.wait_for(predicate)


async def test_updates_are_posted_in_order_with_the_secret(call: Caller, front: Front, engineer: Person) -> None:
    await engineer.send("before")
    await call.ok("setWebhook", url=URL, secret_token="s3cret_-")
    await engineer.send("after")
    await until(call, lambda: not call.telegram.state.updates)
    assert front.texts == ["before", "after"]
    assert {(path, secret) for path, secret, _ in front.posted} == {("/hook?x=1", "s3cret_-")}
    info = await call.ok("getWebhookInfo")
    assert (info["url"], info["pending_update_count"], "last_error_message" in info) == (URL, 0, False)


async def test_what_is_not_taken_is_posted_again_and_said(call: Caller, front: Front, engineer: Person) -> None:
    front.statuses = [500]
    await call.ok("setWebhook", url=URL, allowed_updates=json.dumps(["message"]))
    await engineer.send("twice")
    await until(call, lambda: not call.telegram.state.updates)
    assert front.texts == ["twice", "twice"]
    assert front.posted[0][2]["update_id"] == front.posted[1][2]["update_id"]
    info = await call.ok("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    assert info["allowed_updates"] == ["message"]


async def test_where_nobody_listens_updates_wait_for_getupdates(call: Caller, engineer: Person) -> None:
    await call.ok("setWebhook", url="https://nowhere.example/")
    await engineer.send("waits")
    await until(call, lambda: bool(call.telegram.state.webhook.last_error))
    assert (await call.ok("getWebhookInfo"))["last_error_message"] == "Connection refused"
    await call.ok("deleteWebhook")
    assert [update["message"]["text"] for update in await call.updates()] == ["waits"]


async def test_an_update_on_its_way_when_the_webhook_goes_is_not_lost(
    call: Caller, front: Front, engineer: Person
) -> None:
    front.held = asyncio.Event()
    await call.ok("setWebhook", url=URL)
    await engineer.send("on its way")
    await asyncio.wait_for(front.arrived.wait(), 5)
    await call.ok("deleteWebhook")
    front.held.set()
    assert [update["message"]["text"] for update in await call.updates()] == ["on its way"]


async def test_setting_a_webhook_ends_a_waiting_poll(call: Caller) -> None:
    waiting = asyncio.create_task(call.raw("getUpdates", timeout=8))
    await until(call, lambda: call.telegram.api.poller == 1)
    await call.ok("setWebhook", url=URL)
    refusal = await asyncio.wait_for(waiting, 2)
    assert refusal["description"] == "Conflict: terminated by setWebhook request"
