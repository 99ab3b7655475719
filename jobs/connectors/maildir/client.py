"""A maildir (https://cr.yp.to/proto/maildir.html) or a folder of `.eml` and `.msg` files, read only.

Nothing is moved or marked: which letters are known is remembered in our database, so that the folder may belong
to another program, be restored from a copy, or lie on a share that can only be read.
"""

import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from core.errors import Unavailable
from jobs.letters.mailbox import Changes, Entry, RawLetter, Unreadable
from jobs.letters.thinning import thinned
from jobs.threads import in_thread

LARGEST: Final = 25 * 1024 * 1024
"""Bytes of the largest letter that is kept in memory whole; of a larger one the long files are left out."""
PIECE: Final = 1024 * 1024
LOOK_EVERY: Final = 0.5
"""Seconds between two looks at the folder's time, and at a file that may still be growing."""
FRESH: Final = 1.0
"""Seconds since its last change within which a file of a plain folder may still be growing."""
HOLLOW: Final = 60.0
"""Seconds for which an empty file of a plain folder is taken for one whose writer is slow to begin."""
LOOKS: Final = 20
"""So often a growing file is looked at before it is left for the next pass."""
TICK: Final = 0.1
"""Seconds within which two changes of a folder may leave the same time on it."""
_INFO: Final = re.compile(r"[:;!]2,[A-Za-z]*$")
"""What a maildir appends to a name as flags: `:2,S`; `;2,S` or `!2,S` where a colon cannot stand in a name."""
_SUFFIXES: Final = (".eml", ".msg")


class Maildir:
    """One folder of letters. Its keys are file names without the flags, so reading a letter elsewhere keeps its key."""

    has_history: Final = False

    def __init__(self, path: Path, *, largest: int = LARGEST, look_every: float = LOOK_EVERY) -> None:
        self.path = path
        self._largest = largest
        self._look_every = look_every
        self._files: dict[str, Path] = {}
        self._listed = False
        self._appeared: set[str] = set()
        self._times: tuple[int, ...] = ()

    @property
    def identity(self) -> str:
        """The folder."""
        return f"maildir:{self.path}"

    async def changes(self, cursor: str | None, since: datetime) -> Changes:
        """All letters, oldest file first; there is no cursor. `Unavailable` if the folder cannot be listed."""
        await in_thread("maildir", self._list)
        return Changes(tuple(Entry(key) for key in self._files))

    async def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        """The letters; `Rejected` for one that is far too large, `Unavailable` for one that cannot be read now.

        Of a plain folder, one that is still being written is left out as if it were not there yet.
        """
        return await in_thread("maildir", partial(self._read, keys))

    async def wait(self, seconds: float) -> None:
        """Return soon after a file came, went or was renamed."""
        stop = threading.Event()
        try:
            await in_thread("maildir", partial(self._watch, seconds, stop))
        finally:
            stop.set()

    async def close(self) -> None:
        """Nothing is held open."""

    # --- in a thread

    def _list(self) -> None:
        try:
            self._times = self._settled_times()
            found = sorted((entry.stat().st_mtime_ns, entry.name, Path(entry.path)) for entry in self._entries())
        except OSError as error:
            raise Unavailable(
                "The mail folder {path} cannot be read: {reason}.", path=self.path, reason=_reason(error)
            ) from error
        files = {key_of(name): path for _, name, path in found}
        self._appeared = set(files).difference(self._files) if self._listed else set()
        self._files, self._listed = files, True

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        """Files that may be letters. Another program may move or delete any of them meanwhile."""
        for folder in self._folders():
            with os.scandir(folder) as entries:
                for entry in entries:
                    if is_letter(entry.name, plain=folder == self.path) and _is_there(entry):
                        yield entry

    def _folders(self) -> list[Path]:
        """`new` before `cur`: a letter moved on meanwhile is seen twice rather than never."""
        maildir = [self.path / name for name in ("new", "cur") if (self.path / name).is_dir()]
        return maildir or [self.path]

    def _read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        growing = self._growing(keys)
        wanted = [key for key in keys if key not in growing]
        found: dict[str, RawLetter | Unreadable] = {}
        for again in (False, True):
            missing = [key for key in wanted if key not in found]
            if again and missing:  # a maildir's letter is renamed when it is read elsewhere
                self._list()
            for key in missing:
                letter = self._letter(key)
                if letter is not None:
                    found[key] = letter
        return [found[key] for key in wanted if key in found]

    def _letter(self, key: str) -> RawLetter | Unreadable | None:
        path = self._files.get(key)
        try:
            return self._bytes(key, path) if path else None
        except FileNotFoundError:
            return None
        except OSError as error:
            away = Unavailable("The letter {name} cannot be read: {reason}.", name=key, reason=_reason(error))
            away.__cause__ = error
            return Unreadable(key, away)

    def _bytes(self, key: str, path: Path) -> RawLetter | Unreadable:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            moment = datetime.fromtimestamp(status.st_mtime, UTC)
            if status.st_size > self._largest:
                pieces = iter(partial(file.read, PIECE), b"")
                return thinned(key, pieces, moment, size=status.st_size, most=self._largest)
            return RawLetter(key, file.read(self._largest), moment)

    def _growing(self, keys: Sequence[str]) -> set[str]:
        """Which of these files do not stop growing; a maildir's never grow, they are moved there when complete."""
        suspects = {key: path for key in keys if (path := self._files.get(key)) and self._may_grow(key, path)}
        before = {key: _size(path) for key, path in suspects.items()}
        for _ in range(LOOKS):
            if not before:
                break
            time.sleep(self._look_every)  # in the thread of `in_thread`, not on the loop
            now = {key: _size(suspects[key]) for key in before}
            before = {key: size for key, size in now.items() if size != before[key]}
        growing = set(before) | {key for key, path in suspects.items() if _is_hollow(_size(path))}
        if growing:
            self._times = ()  # nothing will change in the folder when the file is complete
        return growing

    def _may_grow(self, key: str, path: Path) -> bool:
        """Whether it changed a moment ago, by its own time or (a share has another clock) by what was there before."""
        if path.parent != self.path:
            return False
        size = _size(path)
        return key in self._appeared or size[1] > (time.time() - FRESH) * 1e9 or _is_hollow(size)

    def _watch(self, seconds: float, stop: threading.Event) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not stop.wait(min(self._look_every, left)):
            try:
                if self._folder_times() != self._times:
                    return
            except OSError:
                return  # the next listing says what is the matter

    def _settled_times(self) -> tuple[int, ...]:
        """The times to compare with later; none if a change just now might hide one that comes a moment later."""
        times = self._folder_times()
        return () if max(times) > (time.time() - TICK) * 1e9 else times

    def _folder_times(self) -> tuple[int, ...]:
        return tuple(folder.stat().st_mtime_ns for folder in self._folders())


def key_of(name: str) -> str:
    """A file name without its maildir flags."""
    return _INFO.sub("", name)


def is_letter(name: str, *, plain: bool) -> bool:
    """Whether a file may be a letter: any visible one in a maildir, `.eml` and `.msg` in a plain folder."""
    return not name.startswith(".") and (not plain or name.lower().endswith(_SUFFIXES))


def _is_there(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file() and entry.stat() is not None
    except FileNotFoundError:
        return False


def _size(path: Path) -> tuple[int, int]:
    """Size and time; nothing for a file that is gone, or locked by who writes it."""
    try:
        found = path.stat()
    except OSError:
        return (-1, -1)
    return found.st_size, found.st_mtime_ns


def _is_hollow(size: tuple[int, int]) -> bool:
    return size[0] == 0 and size[1] > (time.time() - HOLLOW) * 1e9


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
