"""What editors write besides a document while they save it, by its names; and waiting for a save to end. Pure.

Word saves in five steps: it writes `~WRD0001.tmp`, renames the document to `~WRL0002.tmp`, the new file to the
document, and deletes the old one. Others write a file beside it and rename that over the document, or rename the
document to a backup and write it anew. Each is one change of the document.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from core.files.model import Change, FileState
from core.files.naming import join

GRACE: Final = 2.0
LONGEST: Final = 60.0
"""Seconds: a draft that was not written to for so long is a file of its own; however busily it is written to."""

_LOCK: Final = re.compile(
    r"~\$.*"  # Microsoft Office: who has the document open
    r"|\.~lock\..*#"  # LibreOffice: the same
    r"|\..*\.sw[a-p]",  # vim: the text being edited
    re.DOTALL,
)
_DRAFT: Final = re.compile(
    r".*\.tmp"  # Word's ~WRD0001.tmp and ~WRL0002.tmp, LibreOffice's lu1234.tmp, and many others
    r"|[0-9A-F]{8}"  # Excel
    r"|.*~"  # backups of vim, Emacs, gedit, Kate
    r"|4913"  # vim: may a file be made here?
    r"|\.goutputstream-.{6}"  # GLib: gedit, and whatever else saves by it
    r"|sed.{6}"  # sed -i
    r"|.*___jb_(?:tmp|old)___"  # JetBrains
    r"|#.*#",  # Emacs
    re.DOTALL | re.IGNORECASE,
)


SUSPECT: Final = "~."
"""With one of these the name of every lock begins: a quick look before a slow one."""


def is_lock(name: str) -> bool:
    """Whether a file of this name says that a document is open, and is no document."""
    return name[0] in SUSPECT and _LOCK.fullmatch(name) is not None


def is_draft(name: str) -> bool:
    """Whether a file of this name is likely to become another one, or to go, within moments."""
    return _DRAFT.fullmatch(name) is not None


@dataclass(slots=True)
class _Held:
    since: float
    changed_at: float
    state: FileState | None


@dataclass(slots=True)
class Saves:
    """The saves of a watch that may be going on. Times are monotonic seconds."""

    _held: dict[tuple[str, str], _Held] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        """What is to be looked at again, under the root."""
        return [join(folder, name) for folder, name in self._held]

    def hold_back(self, changes: Iterable[Change], now: float) -> list[Change]:
        """The changes but for those that may be half a save: new drafts, and what went from beside them.

        A change that was held back is given out by a later look, once it has lasted.
        """
        every = list(changes)
        new = {(each.folder, each.name): each for each in every if each.before is None and is_draft(each.name)}
        young = {place for place, each in new.items() if self._waits(place, each.after, now)}
        folders = {folder for folder, _ in young}
        kept = []
        for each in every:
            place = each.folder, each.name
            if place in young:
                continue
            if each.after is None and each.folder in folders and self._waits(place, None, now):
                continue
            self._held.pop(place, None)
            kept.append(each)
        return kept

    def forget(self, seconds: float, now: float) -> None:
        """Drop what was held back for longer than that: it went without a trace, or came back as it was."""
        self._held = {place: held for place, held in self._held.items() if now - held.changed_at < seconds}

    def _waits(self, place: tuple[str, str], state: FileState | None, now: float) -> bool:
        held = self._held.get(place)
        if held is None:
            self._held[place] = _Held(now, now, state)
            return True
        if held.state != state:
            held.state, held.changed_at = state, now
        return now - held.changed_at < GRACE and now - held.since < LONGEST
