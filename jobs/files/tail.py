"""A log file read to its end and no further, whatever rotates it: renamed and begun anew, or copied and truncated.

Where reading stands is a `Place` a file: which file it is (device, inode), how far it is read, and a mark of what
stands before that point, by which a file is known again after it was copied, and not mistaken for another that got
its inode.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol, Self

from core.errors import Unavailable

PIECE: Final = 1 << 18
"""Bytes read for one transaction."""

RESTING: Final = 600.0
"""Seconds without a change after which a file that was rotated away is finished: its writers may hold it open."""

_MARKED: Final = 64
_PACKED: Final = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip", ".Z")


@dataclass(frozen=True, slots=True)
class Place:
    """How far one file is read."""

    device: int
    inode: int
    offset: int = 0
    mark: str = ""

    @classmethod
    def of(cls, values: Sequence[Any]) -> Self:
        """What `plain` made, after its way through JSON."""
        return cls(*values)

    def plain(self) -> list[int | str]:
        """For JSON."""
        return [self.device, self.inode, self.offset, self.mark]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a log brought: pieces to be understood, in the order of their writing."""

    places: Sequence[Place]
    lost: bool
    more: bool


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    device: int
    inode: int
    size: int
    mtime: float


class Understand(Protocol):
    """What takes the pieces of a log."""

    def __call__(self, data: bytes, *, quiet: bool) -> int:
        """How many bytes of it were whole records. `quiet`: nothing was added lately, so its end is an end."""
        ...


class LogTail:
    """The log at a path, with the files it is rotated into beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes: dict[tuple[int, int], int] = {}

    def read(self, places: Iterable[Place] | None, understand: Understand, now: float) -> Look:
        """Hand what is new to `understand`, at most `PIECE` bytes of each file; `places` None: read for the first time.

        `now` in seconds since 1970. Raises `Unavailable` when the log cannot be read.
        """
        try:
            return self._read(None if places is None else list(places), understand, now)
        except OSError as error:
            raise Unavailable(
                "The audit log {path} cannot be read: {reason}", path=self._path, reason=error.strerror or error
            ) from error

    def _read(self, places: list[Place] | None, understand: Understand, now: float) -> Look:
        files = self._files()
        current = next((file for file in files if file.path == self._path), None)
        known = {(place.device, place.inode): place for place in places or ()}
        found: list[tuple[_File, Place]] = []
        lost = False
        for place in known.values():
            file = _find(files, place, {(each.device, each.inode) for each, _ in found})
            if file is None:
                lost = True
            else:
                found.append((file, replace(place, device=file.device, inode=file.inode)))
        if current is None and not found:
            self._path.stat()  # says why
        held = {(file.device, file.inode) for file, _ in found}
        renamed_at = max((file.mtime for file, _ in found if file.path != self._path), default=None)
        for file in files:
            between = renamed_at is not None and file.mtime > renamed_at and places is not None
            if (file.device, file.inode) not in held and (file is current or between):
                found.append((file, Place(file.device, file.inode)))
        found.sort(key=lambda each: (each[0].path == self._path, each[0].mtime))
        after: list[Place] = []
        more = False
        for file, place in found:
            ahead, rest, skipped = self._read_file(file, place, understand)
            more, lost = more or rest, lost or skipped
            if file is current or rest or now - file.mtime < RESTING:
                after.append(ahead)
        self._sizes = {(file.device, file.inode): file.size for file in files}
        return Look(after, lost, more)

    def _read_file(self, file: _File, place: Place, understand: Understand) -> tuple[Place, bool, bool]:
        """The place afterwards, whether there is more to read at once, and whether something was passed over."""
        with file.path.open("rb") as log:
            status = os.fstat(log.fileno())
            if (status.st_dev, status.st_ino) != (file.device, file.inode):
                return place, True, False  # rotated this moment
            log.seek(place.offset)
            data = log.read(PIECE)
            quiet = self._sizes.get((file.device, file.inode)) == place.offset + len(data)
            used = understand(data, quiet=quiet)
            skipped = used == 0 and len(data) == PIECE
            if skipped:
                used = len(data)  # no record is so long
            if used == 0:
                return place, False, False
            offset = place.offset + used
            return Place(file.device, file.inode, offset, _mark(log, offset)), len(data) == PIECE, skipped

    def _files(self) -> list[_File]:
        """The log and what it may have been rotated into: `audit.log.1`, `audit.log.old`, `audit-20261121.log`."""
        beginnings = tuple(self._path.stem + sign for sign in ".-_")
        files: list[_File] = []
        with os.scandir(self._path.parent) as entries:
            for entry in entries:
                name = entry.name
                if name != self._path.name and (not name.startswith(beginnings) or name.endswith(_PACKED)):
                    continue
                with suppress(FileNotFoundError):  # rotated this moment; the next look sees where it is
                    status = Path(entry.path).stat()
                    files.append(_File(Path(entry.path), status.st_dev, status.st_ino, status.st_size, status.st_mtime))
        return files


def _find(files: Iterable[_File], place: Place, taken: set[tuple[int, int]]) -> _File | None:
    """The file of that place: the same one, unless it was truncated; then the copy of it."""
    free = [file for file in files if (file.device, file.inode) not in taken and file.size >= place.offset]
    free.sort(key=lambda file: (file.device, file.inode) != (place.device, place.inode))
    for file in free:
        same = (file.device, file.inode) == (place.device, place.inode)
        if place.offset == 0 and not same:
            continue
        try:
            with file.path.open("rb") as log:
                if _mark(log, place.offset) == place.mark:
                    return file
        except OSError:
            if same:
                raise  # the others are only looked at, this one is to be read
    return None


def _mark(log: Any, offset: int) -> str:
    """What stands before that point, in 32 letters; nothing at the beginning."""
    if offset == 0:
        return ""
    start = max(0, offset - _MARKED)
    log.seek(start)
    return hashlib.blake2b(log.read(offset - start), digest_size=16).hexdigest()
