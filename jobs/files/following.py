"""The job that tells followers of the history what is new for them."""

from collections.abc import Callable
from typing import Final

from core.clock import Clock
from core.db.engine import Database
from core.files.following import FollowingService

LOOK_EVERY: Final = 1.0
"""Seconds between looks at what is new."""


class Followers:
    """Tells followers; several processes may, each notice is written by one of them."""

    def __init__(
        self, db: Database, clock: Clock, following: FollowingService, beat: Callable[[], None] = lambda: None
    ) -> None:
        self._db = db
        self._clock = clock
        self._following = following
        self._beat = beat
        self._reached: dict[int, int] = {}

    async def run(self) -> None:
        """Look for ever."""
        while True:
            more = await self.look()
            self._beat()
            if not more:
                await self._clock.sleep(LOOK_EVERY)

    async def once(self) -> None:
        """Tell everything that is new now."""
        while await self.look():
            pass

    async def look(self) -> bool:
        """Tell what is new, a piece for each subscription; whether there is more.

        Where nothing was found is remembered here only: a position is written with what was found.
        """
        async with self._db.reading() as connection:
            pending = await self._following.pending(connection, self._reached)
        written = [news for news in pending if news.worth_writing]
        if written:
            async with self._db.transaction() as tx:
                for news in written:
                    await self._following.record(tx, news)
        self._reached.update((news.follow.id, news.position) for news in pending)
        return any(news.more for news in pending)
