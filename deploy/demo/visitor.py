"""The outside world in miniature around a visitor's own Telegram."""

from pathlib import Path

from deploy.demo.clock import WorldClock
from deploy.demo.evening import Cycle, Evening, Scene
from deploy.demo.surroundings import Surroundings
from deploy.demo.telegram.store import Store


class VisitorWorld(Surroundings):
    """The surroundings in a visitor's own Telegram. A new one has an evening behind it once `play_evening` is done."""

    def __init__(self, folder: Path, clock: WorldClock, language: str) -> None:
        super().__init__(folder, clock, language)
        path = folder / "world.db"
        is_new = not path.exists()
        store = Store(path)
        self.furnish(store)
        self._evening = Evening(clock, store)
        if is_new:
            self._evening.plan()
        elif self._evening.is_to_come:
            self._evening.begin()

    @property
    def evening_is_to_come(self) -> bool:
        """Whether it is to be played, or played on."""
        return self._evening.is_to_come

    async def play_evening(self, scene: Scene, cycle: Cycle) -> None:
        """Live through it: after each thing `cycle` lets the assistant work."""
        await self._evening.play(lambda: scene, cycle)

    def close(self) -> None:
        """End."""
        self._store.close()
