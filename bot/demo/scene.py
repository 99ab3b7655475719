"""The evening before a visitor's own Telegram: its people are not there, so what they do is done in their name."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from core.people.model import Actor
from core.requests import rules, store
from core.requests.model import Filter, Request
from deploy.demo.evening import Scene
from deploy.demo.surroundings import NAMES, Surroundings


class Colleagues(Scene):
    """People of a duty shift who act through the assistant's services. What they say to each other is not heard."""

    def __init__(self, around: Surroundings, services: Services) -> None:
        super().__init__(around)
        names = NAMES[around.language]
        self._people = {who: Actor(name, None, "demo") for who, name in zip(("engineer", "lead"), names, strict=False)}
        self._services = services

    async def say(self, who: str, text: str) -> None:
        """`/new …` makes a request."""
        command, _, line = text.partition(" ")
        if command != "/new":
            return
        async with self._services.db.transaction() as tx:
            await self._services.requests.create(tx, rules.parse_draft(line), self._people[who])

    async def answer(self, who: str, words: str, text: str) -> None:
        """Comment on the request with these words."""
        async with self._services.db.transaction() as tx:
            request = await self._request(tx, words)
            await self._services.requests.comment(tx, request.id, text, self._people[who])

    async def press(self, who: str, words: str, status: str) -> None:
        """Move the request with these words."""
        async with self._services.db.transaction() as tx:
            request = await self._request(tx, words)
            await self._services.requests.set_status(tx, request.id, status, self._people[who])

    async def like(self, who: str, words: str) -> None:
        """There is nothing here to like."""

    async def _request(self, tx: AsyncConnection, words: str) -> Request:
        found = await store.list_requests(tx, Filter(text=words), limit=1)
        if not found:
            raise LookupError(words)
        return found[0]
