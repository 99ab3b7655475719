"""Looking into folders: what is there now. Blocking; meant for a thread of its own."""

import os
import stat
import struct
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from core.errors import Unavailable
from core.files.model import PACKED, Listing, Packed
from core.files.naming import full_path, join, lineage, shown, split
from core.files.rules import Sieve
from core.files.saves import SUSPECT
from core.text import N_

_WINDOWS: Final = sys.platform == "win32"
_63_BITS: Final = (1 << 63) - 1
_32_BITS: Final = (1 << 32) - 1
_TYPE: Final = 0o170000
"""The bits of a mode that say what it is: S_IFMT (inode(7))."""

_MOUNT_POINT: Final = 0xA0000003
"""IO_REPARSE_TAG_MOUNT_POINT (winnt.h): a junction, which Python 3.11 takes for a folder."""
_GONE: Final = (FileNotFoundError, NotADirectoryError)


class RootAway(Unavailable):
    """The watched folder is not there, or is not the one that was watched: nothing can be said of its files."""


class Stopped(Exception):
    """Nobody waits for this look any more."""


AWAY: Final = N_("The watched folder {path} cannot be reached: {reason}.")
OTHER: Final = N_("At {path} there is something else than the watched folder: none of its files is there.")
REPLACED: Final = N_("The watched folder {path} was replaced while it was read.")


class Identity(NamedTuple):
    """Which folder this is, as long as it stays mounted."""

    device: int
    inode: int


Found = Packed | Literal["folder", "nothing", "unsure"]
"""What a look at one path sees: a file, or none; `unsure` when it cannot be told now: what was known stays."""


@dataclass(slots=True)
class Look:
    """What one folder holds: files, folders to look into, and names that could not be looked at now."""

    files: dict[str, Packed] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)

    def after(self, old: Listing) -> Listing:
        """The files, with what was known before of those that could not be looked at."""
        for name in self.unsure:
            if name in old:
                self.files[name] = old[name]
        return self.files


def identify(root: str) -> Identity:
    """Which folder the root is now. Raises `RootAway` when it is not a folder that can be read."""
    try:
        with os.scandir(root):
            found = os.stat(root)  # noqa: PTH116  here and below: names need not be text, paths stay plain strings
    except OSError as error:
        raise RootAway(AWAY, path=shown(root), reason=error.strerror or error) from error
    return Identity(found.st_dev & _63_BITS, found.st_ino & _63_BITS)


class Scanner:
    """Looks at the files below a root. `stop` ends a long look early."""

    def __init__(
        self, root: str, sieve: Sieve, *, follow_symlinks: bool, ignore_hidden: bool, stable_inodes: bool = True
    ) -> None:
        self.root = root
        self.sieve = sieve
        self.stop = threading.Event()
        self.seen = 0
        """Files seen so far, to be read by others while a look lasts."""
        self._follow = follow_symlinks
        self._hide = _WINDOWS and ignore_hidden
        self._ctime = stable_inodes and not _WINDOWS  # there it is when a file was made; a share's own is not ours

    def tree(self, start: str = "") -> Iterator[tuple[str, Look | None]]:
        """Each folder at and below `start` with what it holds; None when it cannot be read now, so all below stays.

        A link to a folder that contains it is not entered. Raises `Stopped`.
        """
        waiting: list[tuple[str, frozenset[Identity]]] = [(start, frozenset())]
        while waiting:
            if self.stop.is_set():
                raise Stopped
            folder, parents = waiting.pop()
            if self._follow:
                here = self._identity(folder)
                if here in parents:
                    continue
                parents = parents | {here} if here else parents
            look = self._look_into(folder)
            yield folder, look
            if look is not None:
                waiting.extend((each, parents) for each in look.folders)

    def look_at(self, folder: str, name: str) -> Found:
        """What one path is now."""
        path = reachable(full_path(self.root, folder, name))
        try:
            found = os.stat(path, follow_symlinks=self._follow)  # noqa: PTH116  the paths here are plain strings, half a million of them
        except _GONE:
            return "nothing"
        except OSError:
            return "unsure"
        if self._hide and _is_hidden(found):
            return "nothing"
        if stat.S_ISDIR(found.st_mode) and not _is_junction(found):
            return "folder"
        return self._pack(found) if stat.S_ISREG(found.st_mode) else "nothing"

    def reaches(self, folder: str) -> Literal["folder", "nothing", "unsure"]:
        """Whether a folder is looked into: neither hidden by the filters nor behind a link that is not followed."""
        for each in lineage(folder):
            found = self.look_at(*split(each)) if self.sieve.enters(each) else "nothing"
            if found != "folder":
                return "unsure" if found == "unsure" else "nothing"
        return "folder"

    def _look_into(self, folder: str) -> Look | None:
        look = Look()
        path = self._path(folder)
        try:
            if _WINDOWS:
                with os.scandir(path) as entries:
                    self._sort(folder, entries, look)
            else:
                self._list(folder, path, look)
        except _GONE:
            return Look()
        except OSError:
            return None
        self.seen += len(look.files)
        return look

    def _list(self, folder: str, path: str, look: Look) -> None:
        # by the folder's descriptor, so that the system does not walk the whole path again for each file
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        descriptor = os.open(path, flags if self._follow or not folder else flags | os.O_NOFOLLOW)
        try:
            with os.scandir(descriptor) as entries:
                self._sort(folder, entries, look)
        finally:
            os.close(descriptor)

    def _sort(  # noqa: C901  taken apart, it would take half as long again
        self, folder: str, entries: Iterable[os.DirEntry[str]], look: Look
    ) -> None:
        """Put what a folder holds where it belongs. Half a million files pass here: every call counts."""
        files, follow, sieve = look.files, self._follow, self.sieve
        pack, plain, hide = PACKED.pack, sieve.plain and self._ctime, self._hide
        suspect, bits, regular = SUSPECT, _TYPE, stat.S_IFREG
        for entry in entries:
            name = entry.name
            try:
                found = entry.stat(follow_symlinks=follow)
                mode = found.st_mode
                if mode & bits == regular:
                    if plain:
                        if name[0] in suspect and not sieve.accepts(folder, name):
                            continue
                    elif not sieve.accepts(folder, name) or (hide and _is_hidden(found)):
                        continue
                    if plain:
                        files[name] = pack(
                            found.st_size,
                            found.st_mtime_ns,
                            found.st_dev,
                            found.st_ino,
                            found.st_ctime_ns,
                            mode,
                            found.st_nlink,
                            found.st_uid,
                            found.st_gid,
                        )
                    else:
                        files[name] = self._pack(self._stat(entry))
                elif mode & _TYPE == stat.S_IFDIR and not (hide and _is_hidden(found)):
                    self._enter(join(folder, name), entry, look)
            except _GONE:
                continue
            except struct.error:
                files[name] = self._pack(found)
            except OSError:
                self._doubt(folder, entry, look)

    def _doubt(self, folder: str, entry: os.DirEntry[str], look: Look) -> None:
        """What cannot be looked at now; a folder among it is one that cannot be read."""
        try:
            if entry.is_dir(follow_symlinks=self._follow):
                self._enter(join(folder, entry.name), entry, look)
                return
        except OSError:
            pass
        look.unsure.append(entry.name)

    def _enter(self, folder: str, entry: os.DirEntry[str], look: Look) -> None:
        if self.sieve.enters(folder) and not (_WINDOWS and _is_junction(entry.stat(follow_symlinks=False))):
            look.folders.append(folder)

    def _stat(self, entry: os.DirEntry[str]) -> os.stat_result:
        if _WINDOWS:  # what a folder there says of its files lacks their identity, and may lag behind
            return os.stat(entry.path, follow_symlinks=self._follow)  # noqa: PTH116  the paths here are plain strings, half a million of them
        return entry.stat(follow_symlinks=self._follow)

    def _pack(self, found: os.stat_result) -> Packed:
        """As `PACKED`, of numbers of any size."""
        return PACKED.pack(
            found.st_size & _63_BITS,
            max(-_63_BITS, min(found.st_mtime_ns, _63_BITS)),
            found.st_dev & _63_BITS,
            found.st_ino & _63_BITS,
            max(-_63_BITS, min(found.st_ctime_ns, _63_BITS)) if self._ctime else 0,
            *(
                (each & _32_BITS for each in (found.st_mode, found.st_nlink, found.st_uid, found.st_gid))
                if self._ctime
                else (0, 0, 0, 0)
            ),
        )

    def _identity(self, folder: str) -> Identity | None:
        try:
            found = os.stat(self._path(folder))  # noqa: PTH116  the paths here are plain strings, half a million of them
        except OSError:
            return None
        return Identity(found.st_dev, found.st_ino)

    def _path(self, path: str) -> str:
        return reachable(full_path(self.root, *split(path)) if path else self.root)


def reachable(path: str) -> str:
    """A path the system takes at any length: Windows wants a prefix beyond 260 characters ("\\\\?\\", MAX_PATH)."""
    if not _WINDOWS or len(path) < 240 or path.startswith("\\\\?\\"):
        return path
    return "\\\\?\\UNC" + path[1:] if path.startswith("\\\\") else "\\\\?\\" + path


def _is_hidden(found: os.stat_result) -> bool:
    return bool(getattr(found, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN)


def _is_junction(found: os.stat_result) -> bool:
    return bool(getattr(found, "st_reparse_tag", 0) == _MOUNT_POINT)
