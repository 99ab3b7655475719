"""Before a watched folder is looked at: is it paused, and is it still the folder that is known by its name?"""

import os
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from core.clock import Clock
from core.db.engine import Database
from core.files.model import WatchSettings
from core.files.naming import full_path, shown, split
from core.files.orders import Orders, sample
from core.files.service import FilesService
from core.files.watches import WatchesService, known_paths
from core.text import N_
from jobs.files.scanner import RootAway, identify, reachable
from jobs.threads import in_thread

LOOK_EVERY: Final = 1.0
"""Seconds between looks for a decision."""

PAUSED: Final = N_("Paused by {who}.")
ASKED: Final = N_("Is {new} the same folder as {old}? An admin decides: /watch")


class Say(Protocol):
    """Shows what a job waits for; None: it goes on."""

    def __call__(self, message: str | None = None, /, **values: object) -> None:
        """Say it."""
        ...


class Restart(Protocol):
    """Ends the jobs of a watch where they are and starts them anew."""

    async def __call__(self, watch: str) -> None:
        """Do it."""
        ...


def _silently(_message: str | None = None, /, **_values: object) -> None:
    """Where nobody is shown what a job waits for."""


class Gate:
    """Lets the job of a folder through unless people hold it. `opened`: it went through; else `reason` is why not."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        files: FilesService,
        watches: WatchesService,
        settings: WatchSettings,
        say: Say = _silently,
    ) -> None:
        self.settings = settings
        self.opened = False
        self.reason: tuple[str, dict[str, object]] = ("", {})
        self._db = db
        self._clock = clock
        self._files = files
        self._watches = watches
        self._say = say
        self._root = os.path.abspath(settings.path)  # noqa: PTH100  as the watch itself does

    async def wait(self) -> None:
        """Return once the folder may be looked at. Raises `RootAway` when nothing can be said of it."""
        self.opened = False
        while not await self.ask():
            await self._clock.sleep(LOOK_EVERY)

    async def ask(self) -> bool:
        """Whether the folder may be looked at now; acts on an answer, asks when its path has changed."""
        held = await self._held()
        self.opened = held is None
        if held is None:
            self._say()
        else:
            self.reason = held
            message, values = held
            self._say(message, **values)
        return self.opened

    async def wait_opened(self) -> None:
        """Return once the folder is being looked at: for what works beside its watch."""
        while not self.opened:
            await self._clock.sleep(LOOK_EVERY)

    async def _held(self) -> tuple[str, dict[str, object]] | None:
        name, root = self.settings.name, shown(self._root)
        async with self._db.reading() as connection:
            orders = await self._watches.orders(connection, name)
            state = await self._files.find_watch(connection, name)
        if orders.paused:
            return PAUSED, {"who": orders.paused_by}
        if state is None or state.root == root or state.first_seen_at is None:
            if orders.asked_root and self._is_ours(orders):
                async with self._db.transaction() as tx:
                    await self._watches.drop_question(tx, name)
            return None
        if orders.waits and not self._is_ours(orders):
            return ASKED, {"new": orders.asked_root, "old": state.root}  # one question at a time
        if orders.asked_root != root:
            matched, sampled = await self._compare()
            async with self._db.transaction() as tx:
                orders = await self._watches.moved(tx, name, root, matched=matched, sampled=sampled)
        if orders.waits:
            return ASKED, {"new": root, "old": state.root}
        async with self._db.transaction() as tx:
            await self._watches.settle(tx, name)
        return None

    def _is_ours(self, orders: Orders) -> bool:
        return orders.asked_host in ("", self._watches.host)

    async def _compare(self) -> tuple[int, int]:
        """How many of the known files are at the new path, and how many were looked for. Raises `RootAway`."""
        try:
            await in_thread("watch", lambda: identify(self._root))
        except RootAway:
            async with self._db.transaction() as tx:
                await self._files.away(tx, self.settings.name)
            raise
        async with self._db.reading() as connection:
            known = sample(known_paths(await self._files.load_snapshot(connection, self.settings.name)))
        matched = await in_thread("watch", lambda: _found(self._root, known))
        await in_thread("watch", lambda: identify(self._root))  # gone meanwhile, every file looks missing
        return matched, len(known)


def _found(root: str, paths: Sequence[str]) -> int:
    return sum(1 for path in paths if os.path.lexists(reachable(full_path(root, *split(path)))))


class Steering:
    """Carries out, in this process, what people decide about the folders it watches: pause and rescan at once."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        watches: WatchesService,
        gates: Callable[[], Sequence[Gate]],
        restart: Restart,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._watches = watches
        self._gates = gates
        self._restart = restart
        self._beat = beat

    async def run(self) -> None:
        """Look for decisions for ever."""
        while True:
            await self.once()
            self._beat()
            await self._clock.sleep(LOOK_EVERY)

    async def once(self) -> None:
        """Act on what was decided since the last look. A watch compares everything when it starts."""
        async with self._db.reading() as connection:
            decided = await self._watches.every_order(connection)
        for gate in self._gates():
            orders = decided.get(gate.settings.name)
            if orders is None:
                continue
            if orders.rescan_at is not None:
                async with self._db.transaction() as tx:
                    await self._watches.rescan_begun(tx, orders.watch)
            if orders.rescan_at is not None or (orders.paused and gate.opened):
                await self._restart(orders.watch)
