"""The job of one watched folder.

The snapshot is the truth and a backend only a hint: whatever is hinted at is looked at, compared with the snapshot
and recorded. A backend is armed before the first look, so nothing falls between the two.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from core.clock import Clock
from core.db.engine import Database
from core.files.model import Change, Overtaken, Snapshot, WatchSettings, WatchState
from core.files.naming import shown
from core.files.rules import Comparing, Filters, Sieve, apply, forgotten
from core.files.service import BATCH, FilesService
from jobs.files.comparison import Difference, compare_all, compare_some, is_elsewhere
from jobs.files.hints import Hints, LostHints, NoWatchesLeft, armed
from jobs.files.mounts import is_foreign
from jobs.files.scanner import OTHER, REPLACED, Identity, RootAway, Scanner, identify
from jobs.threads import in_thread

log = logging.getLogger(__name__)

ROOT_EVERY: Final = 5.0
SECOND_LOOK: Final = 1.0
RECONCILE_EVERY: Final = 600.0
SAY_EVERY: Final = 60.0
FROZEN: Final = 2.0
"""Seconds: between looks at the root itself; until a new folder is looked into again (files made before its watch
was); between comparisons of everything; between signs of life in the table; a silence that means we stood still."""

_WINDOWS: Final = sys.platform == "win32"


class FolderWatch:
    """Watches one folder for as long as it runs; calls `beat` when all went well.

    Raises `Unavailable` when the folder or the database is away.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        service: FilesService,
        settings: WatchSettings,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self.settings = settings
        self._beat = beat
        self._db = db
        self._clock = clock
        self._service = service
        self._root = os.path.abspath(settings.path)  # noqa: PTH100  pathlib's resolve() would follow links
        self._sieve = Sieve(Filters.of(settings), ignore_case=_WINDOWS)
        self._snapshot: Snapshot | None = None
        self._revision = -1
        self._backend = ""
        self._stable_inodes = True
        self._no_watches_left = False
        self.scanned_at = 0.0
        self._said: tuple[object, ...] = ()
        self._said_at = 0.0

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            try:
                identity = await self._prepare()
                if self._backend == "polling":
                    await self._poll()
                else:
                    await self._follow(identity)
            except Overtaken:
                self._snapshot = None

    async def once(self) -> None:
        """One cycle: `scan`."""
        await self.scan()

    async def scan(self) -> int:
        """Compare the whole folder with its snapshot and record what changed; how many events that were."""
        while True:
            try:
                await self._prepare()
                return await self._scan()
            except Overtaken:
                self._snapshot = None

    async def _prepare(self) -> Identity:
        identity = await self._identify()
        foreign = await in_thread("watch", lambda: is_foreign(self._root))
        self._stable_inodes = not foreign
        wanted = self.settings.backend
        if wanted == "auto":
            wanted = "polling" if foreign else "watchfiles"
        self._backend = "polling" if self._no_watches_left else wanted
        return identity

    async def _poll(self) -> None:
        while True:
            await self._scan()
            await self._clock.sleep(self.settings.poll_interval)

    async def _follow(self, identity: Identity) -> None:
        """Follow the hints until the backend must be armed anew."""
        try:
            async with armed(self._root, recursive=self.settings.recursive) as hints:
                await hints.next()  # armed from here on; the scan sees what this batch hints at
                await self._scan()
                await self._look_where_hinted(hints, identity)
        except NoWatchesLeft as error:
            log.warning(
                "watch %s: polled from now on, the system grants no more watches: %s", self.settings.name, error
            )
            self._no_watches_left = True
        except LostHints as error:
            await self._identify()  # when the folder itself is gone, that is what to say
            log.warning("watch %s: the backend failed and is armed anew: %s", self.settings.name, error)
            await self._clock.sleep(SECOND_LOOK)

    async def _look_where_hinted(self, hints: Hints, identity: Identity) -> None:
        """Look at what changed, until another folder stands at the root's place."""
        again: dict[str, float] = {}
        doubtful = False
        root_at = now = self._clock.monotonic()
        while True:
            batch = await hints.next()
            waited, now = self._clock.monotonic() - now, self._clock.monotonic()
            doubtful = doubtful or batch.doubtful or waited > FROZEN
            due = [folder for folder, at in again.items() if at <= now]
            found = await self._compare_at({**batch.paths, **dict.fromkeys(due, True)})
            if found.changes or now - root_at > ROOT_EVERY:
                if await self._identify() != identity:
                    return
                root_at = now
            await self._record(found.changes)
            again = {folder: at for folder, at in again.items() if at > now}
            again.update((folder, now + SECOND_LOOK) for folder in found.entered if folder not in due)
            if now - self.scanned_at > RECONCILE_EVERY or (doubtful and not batch.paths):
                await self._scan()
                doubtful = False
            self._beat()
            now = self._clock.monotonic()

    async def _compare_at(self, paths: dict[str, bool]) -> Difference:
        if not paths:
            return Difference()
        if self._snapshot is None:
            raise Overtaken(self.settings.name)
        snapshot = self._snapshot
        return await self._look(lambda scanner: compare_some(scanner, self._comparing(), snapshot, paths))

    async def _identify(self) -> Identity:
        try:
            return await in_thread("watch", lambda: identify(self._root))
        except RootAway:
            async with self._db.transaction() as tx:
                await self._service.away(tx, self.settings.name)
            raise

    async def _scan(self) -> int:
        identity = await self._identify()
        state, snapshot = await self._open(identity)
        old_filters = Filters.from_dict(state.filters)
        changed = old_filters != Filters.of(self.settings)
        if changed:
            await self._record(forgotten(snapshot, self._sieve))
        comparing = self._comparing(
            unfamiliar=Sieve(old_filters, ignore_case=_WINDOWS) if changed else None,
            silent=state.first_seen_at is None and not self.settings.emit_on_start,
        )
        found = await self._look(lambda scanner: compare_all(scanner, comparing, snapshot))
        now = await self._identify()
        if now != identity:
            raise RootAway(REPLACED, path=shown(self._root))
        if identity.device != state.device and is_elsewhere(snapshot, found.changes):
            async with self._db.transaction() as tx:
                await self._service.away(tx, self.settings.name)
            raise RootAway(OTHER, path=shown(self._root))
        events = await self._record(found.changes, scan=True)
        self.scanned_at = self._clock.monotonic()
        await self._say(state, identity)
        self._beat()
        return events

    async def _open(self, identity: Identity) -> tuple[WatchState, Snapshot]:
        async with self._db.reading() as connection:
            state = await self._service.find_watch(connection, self.settings.name)
        if state is None or state.root != shown(self._root):
            async with self._db.transaction() as tx:
                state = await self._service.open_watch(tx, self.settings, self._root, identity.device)
        if self._snapshot is None or self._revision != state.revision:
            async with self._db.reading() as connection:
                self._snapshot = await self._service.load_snapshot(connection, self.settings.name)
            self._revision = state.revision
        return state, self._snapshot

    async def _say(self, state: WatchState, identity: Identity) -> None:
        said = (identity.device, self._backend)
        fresh = self._clock.monotonic() - self._said_at < SAY_EVERY
        if fresh and said == self._said and state.away_since is None and state.first_seen_at is not None:
            return
        async with self._db.transaction() as tx:
            await self._service.scanned(tx, self.settings, identity.device, self._backend)
        self._said, self._said_at = said, self._clock.monotonic()

    def _comparing(self, *, unfamiliar: Sieve | None = None, silent: bool = False) -> Comparing:
        watch = self.settings
        return Comparing(watch.min_file_size, watch.max_file_size, self._stable_inodes, unfamiliar, silent)

    async def _look(self, compare: Callable[[Scanner], Difference]) -> Difference:
        watch = self.settings
        scanner = Scanner(
            self._root, self._sieve, follow_symlinks=watch.follow_symlinks, ignore_hidden=watch.ignore_hidden
        )
        try:
            return await in_thread("watch", lambda: compare(scanner))
        except asyncio.CancelledError:
            scanner.stop.set()
            raise

    async def _record(self, changes: Sequence[Change], *, scan: bool = False) -> int:
        events = 0
        for batch in _batches(changes):
            async with self._db.transaction() as tx:
                revision = await self._service.record(
                    tx, self.settings, self._root, batch, revision=self._revision, scan=scan
                )
            assert self._snapshot is not None  # noqa: S101  whoever records has opened the snapshot
            self._revision = revision
            apply(self._snapshot, batch)
            events += sum(1 for change in batch if change.kind is not None)
        return events


def _batches(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    for start in range(0, len(changes), BATCH):
        yield changes[start : start + BATCH]
