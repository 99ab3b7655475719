"""Hints of the kernel that something changed, by watchfiles. They may be too many, too few or late: look yourself."""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

from jobs.files.comparison import paths_under

log = logging.getLogger(__name__)
logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it logs every change; the history has them

DEBOUNCE: Final = 100
STEP: Final = 10
TICK: Final = 250
"""Milliseconds: hints are gathered for `DEBOUNCE` at most, until nothing comes for `STEP`; a silence lasts `TICK`."""

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

    def __init__(self, root: str, stop: threading.Event, *, recursive: bool) -> None:
        self._root = root
        self._changes = watchfiles.awatch(
            root,
            watch_filter=None,
            debounce=DEBOUNCE,
            step=STEP,
            stop_event=stop,
            rust_timeout=TICK,
            yield_on_timeout=True,
            force_polling=False,  # it misses a second write in the same second
            recursive=recursive,
            ignore_permission_denied=True,
        )

    async def next(self) -> Batch:
        """What changed since, empty after a silence. Raises `LostHints`, `NoWatchesLeft`."""
        try:
            changes = await anext(self._changes)
        except StopAsyncIteration as error:
            raise LostHints from error
        except ExceptionGroup as group:  # awatch waits inside a task group
            failed, others = group.split(WatchfilesRustInternalError)
            if failed is None or others is not None:
                raise
            raise LostHints(str(failed.exceptions[0])) from failed  # such as a name that is not UTF-8
        except OSError as error:
            raise (NoWatchesLeft if "limit" in str(error) else LostHints)(str(error)) from error
        paths = paths_under(self._root, changes, watchfiles.Change.added)
        lost = bool(changes) and (not paths or "" in paths or len(changes) >= MANY)
        paths.pop("", None)
        return Batch(paths, lost)

    async def close(self) -> None:
        """Disarm."""
        await self._changes.aclose()


@asynccontextmanager
async def armed(root: str, *, recursive: bool) -> AsyncIterator[Hints]:
    """A backend that hints at changes below the root from its first `next` on, and is disarmed at the end."""
    stop = threading.Event()
    hints = Hints(root, stop, recursive=recursive)
    try:
        yield hints
    finally:
        stop.set()
        await hints.close()
