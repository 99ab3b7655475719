"""The job of one watched folder.

The snapshot is the truth and a backend only a hint: whatever is hinted at is looked at, compared with the snapshot
and recorded. A backend is armed before the first look, so nothing falls between the two.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.db.engine import Database
from core.files.model import NO_WATCHES, Change, Overtaken, Snapshot, WatchSettings, WatchState
from core.files.naming import shown
from core.files.rules import Comparing, Filters, Sieve, apply, forgotten
from core.files.saves import GRACE, Saves
from core.files.service import RECORDED, FilesService
from core.text import N_
from jobs.files.comparison import (
    Difference,
    compare_all,
    compare_some,
    first_look,
    is_elsewhere,
    until_the_other_half,
)
from jobs.files.gap import Gap
from jobs.files.hints import TICK, Batch, Hints, LostHints, NoWatchesLeft, armed
from jobs.files.mounts import is_foreign, refuse_unseen_drive
from jobs.files.scanner import OTHER, REPLACED, Identity, RootAway, Scanner, identify
from jobs.threads import in_thread

log = logging.getLogger(__name__)

ROOT_EVERY: Final = 5.0
SECOND_LOOK: Final = 1.0
RECONCILE_EVERY: Final = 600.0
SAY_EVERY: Final = 60.0
FROZEN: Final = 1.0
BUSY: Final = 3.0
DOUBT: Final = 5.0
"""Seconds: between looks at the root itself; until a new folder is looked into again (files made before its watch
was); between comparisons of everything; between signs of life in the table; a silence, and a round of work, that
mean we stood still; for how long a comparison waits for quiet when hints may have been lost."""

OTHER_HALF: Final = 50
"""Milliseconds: the hint at where a file went to comes right behind the one at where it was."""

POLLED: Final = N_("Looked at every {seconds} s: the system grants no more watches (fs.inotify.max_user_watches).")

T = TypeVar("T")

_WINDOWS: Final = sys.platform == "win32"


class Arm(Protocol):
    """Arms a backend, as `jobs.files.hints.armed` does."""

    def __call__(self, root: str, /, *, recursive: bool) -> AbstractAsyncContextManager[Hints]:
        """Until the end of the block."""
        ...


class Remark(Protocol):
    """Takes what is to be known of how a job runs: an English message id and its values."""

    def __call__(self, message: str, /, **values: object) -> None:
        """Note it."""
        ...


Back = Callable[[AsyncConnection, int], Awaitable[object]]
"""Told that everything is compared after a time unseen, and how many events that gave; in the gap's transaction."""


async def _untold(_tx: AsyncConnection, _found: int) -> None:
    """Where nobody is told."""


def _silently(_message: str, /, **_values: object) -> None:
    """Where nobody is told."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """A look at what a batch hinted at. `waited`: seconds until the batch came; `due`: what was looked at again."""

    batch: Batch
    waited: float
    due: set[str]
    paths: dict[str, bool]
    found: Difference


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
        *,
        remark: Remark = _silently,
        back: Back = _untold,
        arm: Arm = armed,
    ) -> None:
        self.settings = settings
        self._beat = beat
        self._remark = remark
        self._back = back
        self._arm = arm
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
        self._saves = Saves()
        self._gap = Gap(clock)
        self._scans: Scanner | None = None
        self.scanned_at = 0.0
        self._said: tuple[object, ...] = ()
        self._said_at = 0.0

    async def run(self) -> None:
        """Watch for ever."""
        self._gap.begin_off()
        self._said = ()  # the first comparison is written down in any case: somebody may wait for it
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
        events = 0
        while True:
            try:
                await self._prepare()
                return events + await self._scan() + await self._end_saves()
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
        if self._no_watches_left:
            self._remark(POLLED, seconds=self.settings.poll_interval)
        return identity

    async def _poll(self) -> None:
        while True:
            await self._scan()
            await self._end_saves()
            await self._clock.sleep(self.settings.poll_interval)

    async def _end_saves(self) -> int:
        """Look again, once they have lasted, at the changes that may have been half a save."""
        if not self._saves.paths:
            return 0
        await self._clock.sleep(GRACE)
        found = await self._compare_at(dict.fromkeys(self._saves.paths, False))
        await self._identify()
        return await self._record(found.changes, scan=True)

    async def _follow(self, identity: Identity) -> None:
        """Follow the hints until the backend must be armed anew."""
        try:
            async with self._arm(self._root, recursive=self.settings.recursive) as hints:
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
            self._gap.open("backend")
            await self._clock.sleep(SECOND_LOOK)

    async def _look_where_hinted(self, hints: Hints, identity: Identity) -> None:
        """Look at what changed, until another folder stands at the root's place.

        What one look found is recorded while the next one is taken.
        """
        again: dict[str, float] = {}
        gone: set[str] = set()
        ready: Sequence[Change] = ()
        root_at = now = self._clock.monotonic()
        doubted_at: float | None = None
        while True:
            looking = self._look_at_next(hints, again, gone)
            look, recorded = await asyncio.gather(looking, self._record(ready), return_exceptions=True)
            ready = ()
            for failed in (recorded, look):
                if isinstance(failed, BaseException):
                    raise failed
            assert isinstance(look, _Looked)  # noqa: S101  it is no exception
            took, now = self._clock.monotonic() - now, self._clock.monotonic()
            if look.batch.doubtful or look.waited > FROZEN or took > BUSY:
                self._gap.open("overflow" if look.batch.doubtful else "frozen", took)
                doubted_at = now if doubted_at is None else doubted_at
            if look.found.changes or now - root_at > ROOT_EVERY:
                if await self._identify() != identity:
                    return
                root_at = now
            if self._stable_inodes:
                ready, gone = until_the_other_half(look.found.changes, look.paths, gone)
            else:
                ready = look.found.changes
            again = {path: at for path, at in again.items() if path not in look.due}
            again.update((folder, now + SECOND_LOOK) for folder in look.found.entered if folder not in look.due)
            again.update((path, now + GRACE) for path in self._saves.paths if path not in again)
            silent = not look.batch.paths and look.waited * 1000 >= TICK
            quiet = silent or (doubted_at is not None and now - doubted_at > DOUBT)
            if now - self.scanned_at > RECONCILE_EVERY or (doubted_at is not None and quiet):
                await self._record(ready)
                ready, doubted_at = (), None
                await self._scan()
            await self._say_alive()
            self._beat()

    async def _look_at_next(self, hints: Hints, again: Mapping[str, float], gone: Collection[str]) -> "_Looked":
        """Look at what the next batch hints at, what is due again, and what went a moment ago."""
        began = self._clock.monotonic()
        batch = await hints.next(OTHER_HALF if gone else TICK)
        now = self._clock.monotonic()
        due = {path for path, at in again.items() if at <= now}
        paths = {**batch.paths, **dict.fromkeys(due, True), **dict.fromkeys(gone, False)}
        return _Looked(batch, now - began, due, paths, await self._compare_at(paths))

    async def _compare_at(self, paths: dict[str, bool]) -> Difference:
        if not paths:
            return Difference()
        if self._snapshot is None:
            raise Overtaken(self.settings.name)
        snapshot = self._snapshot
        comparing, hold = self._comparing(), self._hold
        return await self._look(lambda scanner: compare_some(scanner, comparing, snapshot, paths, hold))

    def _hold(self, changes: Iterable[Change]) -> list[Change]:
        if not self.settings.recognise_saves:
            return list(changes)
        now = self._clock.monotonic()
        self._saves.forget(2 * GRACE, now)
        return self._saves.hold_back(changes, now)

    async def _identify(self) -> Identity:
        try:
            return await in_thread("watch", self._identify_now)
        except RootAway:
            async with self._db.transaction() as tx:
                await self._service.away(tx, self.settings.name)
            raise

    def _identify_now(self) -> Identity:
        try:
            return identify(self._root)
        except RootAway:
            refuse_unseen_drive(self._root)
            raise

    async def _scan(self) -> int:
        identity = await self._identify()
        state, snapshot = await self._open(identity)
        self._gap.note(state)
        old_filters = Filters.from_dict(state.filters)
        changed = old_filters != Filters.of(self.settings)
        if changed:
            await self._record(await in_thread("watch", lambda: forgotten(snapshot, self._sieve)))
        comparing = self._comparing(
            unfamiliar=Sieve(old_filters, ignore_case=_WINDOWS) if changed else None,
            silent=state.first_seen_at is None and not self.settings.emit_on_start,
        )
        events = 0
        if state.first_seen_at is None and not snapshot:
            events = await self._look_first(comparing)
            found = Difference()
        else:
            found = await self._look(lambda scanner: compare_all(scanner, comparing, snapshot, self._hold))
        now = await self._identify()
        if now != identity:
            raise RootAway(REPLACED, path=shown(self._root))
        if identity.device != state.device and is_elsewhere(snapshot, found.changes):
            async with self._db.transaction() as tx:
                await self._service.away(tx, self.settings.name)
            raise RootAway(OTHER, path=shown(self._root))
        events += await self._record(found.changes, scan=True)
        self.scanned_at = self._clock.monotonic()
        await self._say(state, identity, events)
        self._beat()
        return events

    async def _look_first(self, comparing: Comparing) -> int:
        """Take in a folder of which nothing is known, piece by piece; how many events that were."""
        events = 0
        scanner = self._scanner()
        folders = first_look(scanner, comparing)
        while changes := await self._running(scanner, lambda: _some(folders)):
            events += await self._record(changes, scan=True)
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

    async def _say(self, state: WatchState, identity: Identity, events: int) -> None:
        """Write down that everything was compared, and what that made up for."""
        said = (identity.device, self._backend)
        fresh = self._clock.monotonic() - self._said_at < SAY_EVERY
        gap = self._gap.close(events)
        if (
            fresh
            and said == self._said
            and gap is None
            and state.away_since is None
            and state.first_seen_at is not None
        ):
            return
        async with self._db.transaction() as tx:
            reason = NO_WATCHES if self._no_watches_left else ""
            await self._service.scanned(tx, self.settings, identity.device, self._backend, reason)
            if gap is not None:
                await self._service.add_gap(tx, self.settings.name, *gap, events)
                await self._back(tx, events)
        self._said, self._said_at = said, self._clock.monotonic()

    async def _say_alive(self) -> None:
        if self._clock.monotonic() - self._said_at > SAY_EVERY:
            async with self._db.transaction() as tx:
                await self._service.alive(tx, self.settings.name)
            self._said_at = self._clock.monotonic()

    def _comparing(self, *, unfamiliar: Sieve | None = None, silent: bool = False) -> Comparing:
        watch = self.settings
        return Comparing(
            watch.min_file_size, watch.max_file_size, self._stable_inodes, unfamiliar, silent, watch.recognise_saves
        )

    @property
    def seen(self) -> int:
        """Files seen by the present look, or the last; to be read from any thread."""
        return self._scans.seen if self._scans else 0

    def _scanner(self) -> Scanner:
        self._scans = Scanner(
            self._root,
            self._sieve,
            follow_symlinks=self.settings.follow_symlinks,
            ignore_hidden=self.settings.ignore_hidden,
            stable_inodes=self._stable_inodes,
        )
        return self._scans

    async def _look(self, compare: Callable[[Scanner], Difference]) -> Difference:
        scanner = self._scanner()
        return await self._running(scanner, lambda: compare(scanner))

    async def _running(self, scanner: Scanner, work: Callable[[], T]) -> T:
        try:
            return await in_thread("watch", work)
        except asyncio.CancelledError:
            scanner.stop.set()
            raise

    async def _record(self, changes: Sequence[Change], *, scan: bool = False) -> int:
        events = 0
        if not changes:
            return events
        assert self._snapshot is not None  # noqa: S101  whoever records has opened the snapshot
        apply(self._snapshot, changes)  # the next look is compared with what is being recorded
        try:
            for batch in _batches(changes):
                async with self._db.transaction() as tx:
                    self._revision = await self._service.record(
                        tx, self.settings, self._root, batch, revision=self._revision, scan=scan
                    )
                events += sum(1 for change in batch if change.kind is not None)
        except BaseException:
            self._snapshot = None  # it says more than was recorded
            raise
        return events


def _some(folders: Iterator[list[Change]]) -> list[Change]:
    """The next of them, a batch at a time; empty at the end."""
    some: list[Change] = []
    for changes in folders:
        some += changes
        if len(some) >= RECORDED:
            break
    return some


def _batches(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    for start in range(0, len(changes), RECORDED):
        yield changes[start : start + RECORDED]
