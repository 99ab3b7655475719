"""What the slim status page beside the chat says when the world's clock is moved."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.demo.chat.status import SETTLED, StatusBoard


class Assistant:
    """Its status page, as far as the board asks it."""

    def __init__(self) -> None:
        self.level = "good"

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/api/status", self._status), web.get("/api/requests", self._requests)])
        return app

    async def _status(self, _request: web.Request) -> web.Response:
        return web.json_response({"level": self.level})

    async def _requests(self, _request: web.Request) -> web.Response:
        return web.json_response([])


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture
async def url(assistant: Assistant) -> AsyncIterator[str]:
    async with TestServer(assistant.app()) as server:
        yield str(server.make_url("/"))


async def test_nobody_seems_silent_right_after_the_clock_was_moved(assistant: Assistant, url: str) -> None:
    now = 1000.0
    board = StatusBoard(lambda: now)

    async def level(ahead: float) -> str:
        return str((await board.look(url, "en", ahead))["status"]["level"])

    async for _ in board.connection(web.Application()):
        assert await level(0) == "good"
        assistant.level = "bad"
        assert await level(3600) == "good"
        now += SETTLED + 1
        assert await level(3600) == "bad"
