"""A server with three people, a group, a forum and a basic group, and a plain HTTP caller of its methods; and the
demo's whole world with its chat page.

On the server the bot is a member of the group "Duty" and of the basic group "Hall", and an administrator of the forum
"Office".
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page

from deploy.demo.clock import WorldClock
from deploy.demo.telegram import Person, TelegramServer
from deploy.demo.telegram.rights import ADMIN_RIGHTS
from deploy.demo.world import World
from tests.demo.browsing import chromium, visit

LEAD, ENGINEER, STRANGER, DUTY = 101, 102, 103, -1001000000001
OFFICE, HALL = -1001000000002, -4003
REPAIRS = 7
"""A topic of the forum that the lead made."""
PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x01\x08\x02\x00\x00\x00{@\xe8\xdd\x00\x00\x00\r"
    b"IDATx\x9cc\xf8\xcf\xc0\x00D\x00\x08\xfe\x01\xff\xc6\x9ey\xf7\x00\x00\x00\x00IEND\xaeB`\x82"
)
"""A PNG of 2 by 1 pixels."""


@dataclass
class Caller:
    """Calls methods as a bot does, by form fields."""

    session: aiohttp.ClientSession
    telegram: TelegramServer

    async def raw(self, method: str, **params: Any) -> dict[str, Any]:
        url = f"{self.telegram.base_url}/bot{self.telegram.token}/{method}"
        async with self.session.post(url, data={name: str(value) for name, value in params.items()}) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == body.get("error_code", 200)
            return body

    async def up(self, method: str, files: dict[str, tuple[str, bytes, str]], **params: Any) -> dict[str, Any]:
        """A call with files: part → its name, content and type."""
        form = aiohttp.FormData({name: str(value) for name, value in params.items()}, quote_fields=False)
        for part, (filename, content, mime) in files.items():
            form.add_field(part, content, filename=filename, content_type=mime)
        url = f"{self.telegram.base_url}/bot{self.telegram.token}/{method}"
        async with self.session.post(url, data=form) as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def updates(self, *kinds: str) -> list[dict[str, Any]]:
        """The updates that wait, acknowledged; with kinds, those from now on are asked for by name."""
        found = await self.ok("getUpdates", **({"allowed_updates": json.dumps(kinds)} if kinds else {}))
        if found:
            await self.ok("getUpdates", offset=found[-1]["update_id"] + 1)
        return list(found)

    async def ok(self, method: str, **params: Any) -> Any:
        body = await self.raw(method, **params)
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, **params: Any) -> str:
        body = await self.raw(method, **params)
        assert not body["ok"], body
        return str(body["description"])


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        server.add_user(LEAD, "Тарас", language_code="uk")
        server.add_user(ENGINEER, "Оксана", language_code="uk")
        server.add_user(STRANGER, "Іван", language_code="ru", started=False)
        server.add_group(DUTY, "Duty", [LEAD, ENGINEER], admins=[LEAD])
        server.add_group(OFFICE, "Office", [LEAD, ENGINEER], admins=[LEAD], threads=[REPAIRS], bot_rights=ADMIN_RIGHTS)
        server.add_group(HALL, "Hall", [LEAD, ENGINEER], admins=[LEAD], kind="group")
        yield server


@pytest.fixture
def lead(telegram: TelegramServer) -> Person:
    return telegram.person(LEAD)


@pytest.fixture
def stranger(telegram: TelegramServer) -> Person:
    return telegram.person(STRANGER)


@pytest.fixture
def engineer(telegram: TelegramServer) -> Person:
    return telegram.person(ENGINEER)


@pytest.fixture
async def call(telegram: TelegramServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, telegram)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The demo's world, without an assistant."""
    world = World(tmp_path / "demo", 0, WorldClock())
    await world.start()
    yield world
    await world.stop()


@pytest.fixture
async def bot(world: World) -> AsyncIterator[Caller]:
    """Whoever has the token of the world's bot."""
    async with aiohttp.ClientSession() as session:
        yield Caller(session, world.telegram)


@pytest.fixture
async def page(world: World) -> AsyncIterator[Page]:
    """The world's chat page in a browser."""
    async with chromium() as browser, visit(browser, world.chat_url) as page:
        yield page
