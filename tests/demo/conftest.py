"""A server with three people and a group, and a plain HTTP caller of its methods."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from deploy.demo.telegram import Person, TelegramServer

LEAD, ENGINEER, STRANGER, DUTY = 101, 102, 103, -1001000000001


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
        yield server


@pytest.fixture
def engineer(telegram: TelegramServer) -> Person:
    return telegram.person(ENGINEER)


@pytest.fixture
async def call(telegram: TelegramServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, telegram)
