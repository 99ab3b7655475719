"""Hints of the kernel that something changed, by watchfiles. They may be too many, too few or late: look yourself."""

import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Final

import watchfiles
from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from jobs.files.comparison import paths_under
from jobs.threads import in_thread

DEBOUNCE: Final = 50
STEP: Final = 10
IDLE_STEP: Final = 25
TICK: Final = 250
"""Milliseconds: hints are gathered until nothing comes for a step, for about `DEBOUNCE` at most; a silence lasts
`TICK`. The backend wakes up at each step, so they are longer while nothing happens."""

MANY: Final = 4000
"""Hints at once: an inotify queue holds 16,384 events, three a file, and watchfiles does not say when it overflows."""


class LostHints(Exception):
    """The backend has failed: arm it anew and compare everything."""


class NoWatchesLeft(Exception):
    """The system grants no more watches (fs.inotify.max_user_watches)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Paths under the root to look at, each with whether something was added there.

    `doubtful`: there may be more than these, so everything is to be compared once it is quiet.
    """

    paths: dict[str, bool] = field(default_factory=dict)
    doubtful: bool = False


class Hints:
    """An armed backend."""

    def __init__(self, root: str, notify: RustNotify) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self._notify = notify
        self._stop = threading.Event()
        self._last = 0

    async def next(self, patience: int = TICK) -> Batch:
        """What changed since; empty after so many milliseconds of silence. Raises `LostHints`."""
        try:
            return await in_thread("hints", lambda: self._gather(patience))
        except WatchfilesRustInternalError as error:
            raise LostHints(str(error)) from error  # such as a name that is not UTF-8

    def _gather(self, patience: int) -> Batch:
        found = self._notify.watch(DEBOUNCE, STEP if self._last else IDLE_STEP, patience, self._stop)
        changes = set() if isinstance(found, str) else found | self._behind_links(found)
        paths = paths_under(self._root, changes, watchfiles.Change.added)
        # what overflowed may come in two pieces
        lost = bool(changes) and (not paths or "" in paths or self._last + len(changes) >= MANY)
        self._last = len(changes)
        paths.pop("", None)
        return Batch(paths, lost)

    def _behind_links(self, found: set[tuple[int, str]]) -> set[tuple[int, str]]:
        """The same changes by the paths they really have under the root.

        inotify knows a folder by its inode, once: watchfiles, which follows every link, names a change in `2026` by
        `current` where that links to it.
        """
        real: set[tuple[int, str]] = set()
        folders: dict[str, str | None] = {}
        for kind, path in found:
            folder, separator, name = path.rpartition(os.sep)
            if folder not in folders:
                folders[folder] = self._behind(folder)
            if (behind := folders[folder]) is not None:
                real.add((kind, behind + separator + name))
        return real

    def _behind(self, folder: str) -> str | None:
        """The folder under the root that a link on the way leads to; None when there is none, or it leads elsewhere."""
        real = os.path.realpath(folder or os.sep)
        if real != self._real_root and not real.startswith(self._real_root + os.sep):
            return None
        behind = self._root + real[len(self._real_root) :]
        return behind if behind != folder else None

    def close(self) -> None:
        """Disarm."""
        self._stop.set()
        self._notify.close()


@asynccontextmanager
async def armed(root: str, *, recursive: bool) -> AsyncIterator[Hints]:
    """A backend that hints at changes below the root from now on, and is disarmed at the end.

    Raises `LostHints`, `NoWatchesLeft`.
    """
    try:
        notify = await in_thread("hints", lambda: _arm(root, recursive=recursive))
    except WatchfilesRustInternalError as error:
        raise LostHints(str(error)) from error
    except OSError as error:
        raise (NoWatchesLeft if "limit" in str(error) else LostHints)(str(error)) from error
    with closing(Hints(root, notify)) as hints:
        yield hints


def _arm(root: str, *, recursive: bool) -> RustNotify:
    return RustNotify(
        [root],
        debug=False,
        force_polling=False,  # it misses a second write in the same second
        poll_delay_ms=0,
        recursive=recursive,
        ignore_permission_denied=True,
    )
