"""A maildir (https://cr.yp.to/proto/maildir.html) or a folder of `.eml` files, read only.

Nothing is moved or marked: which letters are known is remembered in our database, so that the folder may belong
to another program, be restored from a copy, or lie on a share that can only be read.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.errors import Rejected, Unavailable
from jobs.threads import in_thread

LARGEST: Final = 25 * 1024 * 1024
"""Bytes of the largest letter that is read."""
_INFO: Final = re.compile(r"[:;!]2,[A-Za-z]*$")
"""What a maildir appends to a name as flags: `:2,S`; `;2,S` or `!2,S` where a colon cannot stand in a name."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A letter as it lies in the mailbox: its bytes, and when it came (aware, UTC)."""

    data: bytes
    received_at: datetime


class Maildir:
    """One folder of letters. Its keys are file names without the flags, so reading a letter elsewhere keeps its key."""

    def __init__(self, path: Path, *, largest: int = LARGEST) -> None:
        self.path = path
        self._largest = largest
        self._files: dict[str, Path] = {}

    async def keys(self) -> list[str]:
        """The keys of all letters, oldest file first. `Unavailable` if the folder cannot be listed."""
        return await in_thread("maildir", self._list)

    async def read(self, key: str) -> Raw:
        """One letter. `Rejected` if it is too large or no longer there, `Unavailable` if it cannot be read now."""
        return await in_thread("maildir", lambda: self._read(key))

    def _list(self) -> list[str]:
        try:
            found = sorted((entry.stat().st_mtime_ns, entry.name, Path(entry.path)) for entry in self._entries())
        except OSError as error:
            raise Unavailable(
                "The mail folder {path} cannot be read: {reason}.",
                path=self.path,
                reason=error.strerror or type(error).__name__,
            ) from error
        self._files = {key_of(name): path for _, name, path in found}
        return list(self._files)

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

    def _read(self, key: str) -> Raw:
        for _ in range(2):
            path = self._files.get(key)
            if path is None:
                break
            try:
                return self._bytes(path)
            except FileNotFoundError:
                self._list()
            except OSError as error:
                raise Unavailable(
                    "The letter {name} cannot be read: {reason}.",
                    name=path.name,
                    reason=error.strerror or type(error).__name__,
                ) from error
        raise Rejected("The letter {name} is no longer in the mailbox.", name=key)

    def _bytes(self, path: Path) -> Raw:
        with path.open("rb") as file:
            data = file.read(self._largest + 1)
            moment = os.fstat(file.fileno()).st_mtime
        if len(data) > self._largest:
            raise Rejected(
                "The letter {name} is larger than {limit} MB.", name=path.name, limit=self._largest // 1024 // 1024
            )
        return Raw(data, datetime.fromtimestamp(moment, UTC))


def key_of(name: str) -> str:
    """A file name without its maildir flags."""
    return _INFO.sub("", name)


def is_letter(name: str, *, plain: bool) -> bool:
    """Whether a file may be a letter: any visible one in a maildir, `.eml` in a plain folder."""
    return not name.startswith(".") and (not plain or name.lower().endswith(".eml"))


def _is_there(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file() and entry.stat() is not None
    except FileNotFoundError:
        return False
