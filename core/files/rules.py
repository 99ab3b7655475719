"""Decisions about files: which are seen, what changed between two looks, when a new message begins. Pure."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.files.model import Change, EventType, FileState, Listing, Packed, Snapshot, WatchSettings
from core.files.naming import join, lineage
from core.files.saves import is_draft, is_lock

QUIET: Final = timedelta(minutes=30)
"""After so long without a change, the next one begins a new message."""

PACE: Final = timedelta(seconds=3)
"""A burst's message is brought up to date at most this often: a group takes 20 messages a minute
(Bot API FAQ, "My bot is hitting limits")."""

FLOOD: Final = 10
FLOOD_WITHIN: Final = timedelta(minutes=1)
"""More changes than that within that time are told by one message, also where each is wanted by itself."""

SETTLED: Final = timedelta(seconds=1.5)
"""A file that has not changed for so long is read for its checksum."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which names a watch sees. An include never hides a folder; an exclude hides it with everything below.

    `ignore_locks` leaves out the files by which editors say that a document is open.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    recursive: bool = True
    ignore_hidden: bool = False
    ignore_locks: bool = False

    @classmethod
    def of(cls, watch: WatchSettings) -> "Filters":
        """The filters a watch is configured with."""
        return cls(watch.include, watch.exclude, watch.recursive, watch.ignore_hidden, watch.recognise_saves)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Filters":
        """What `as_dict` made, after its way through JSON."""
        return cls(
            tuple(values["include"]),
            tuple(values["exclude"]),
            bool(values["recursive"]),
            bool(values["ignore_hidden"]),
            bool(values.get("ignore_locks", False)),
        )

    def as_dict(self) -> dict[str, object]:
        """Plain values, to be kept beside the snapshot."""
        return asdict(self)


class Sieve:
    """`Filters` made ready to be asked a million times. `ignore_case` on Windows, as its fnmatch does.

    `plain`: every file is seen, but for locks, whose names begin with one of `core.files.saves.SUSPECT`.
    """

    def __init__(self, filters: Filters, *, ignore_case: bool = False) -> None:
        self._filters = filters
        self._included = _matcher(filters.include, ignore_case=ignore_case) if filters.include else None
        self._excluded = _matcher(filters.exclude, ignore_case=ignore_case)
        self.plain = not (filters.include or filters.exclude or filters.ignore_hidden)

    def enters(self, folder: str) -> bool:
        """Whether this folder, whose parents are entered, is looked into."""
        return not folder or (self._filters.recursive and not self._hides(folder))

    def accepts(self, folder: str, name: str) -> bool:
        """Whether this file of an entered folder is seen."""
        if self._filters.ignore_locks and is_lock(name):
            return False
        if self.plain:
            return True
        path = join(folder, name)
        return not self._hides(path) and (self._included is None or self._included(name) or self._included(path))

    def sees(self, folder: str, name: str) -> bool:
        """Whether this file is seen, its folders considered too."""
        return all(self.enters(each) for each in lineage(folder)) and self.accepts(folder, name)

    def _hides(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        return (self._filters.ignore_hidden and name.startswith(".")) or self._excluded(name) or self._excluded(path)


def _matcher(patterns: Iterable[str], *, ignore_case: bool) -> Callable[[str], bool]:
    parts = [fnmatch.translate(pattern.replace("\\", "/") if ignore_case else pattern) for pattern in patterns]
    if not parts:
        return lambda _: False
    match = re.compile("|".join(parts), re.IGNORECASE if ignore_case else 0).match
    return lambda text: match(text) is not None


@dataclass(frozen=True, slots=True)
class Comparing:
    """How two looks at a folder are compared.

    `stable_inodes` is false on shares that number their files anew. Files that `unfamiliar` did not see before
    (the filters were changed) are taken into the snapshot without a word; `silent` says nothing of new files at all.
    `recognise_saves`: what editors write besides a document belongs to its save.
    """

    min_size: int | None = None
    max_size: int | None = None
    stable_inodes: bool = True
    unfamiliar: Sieve | None = None
    silent: bool = False
    recognise_saves: bool = False

    def fits(self, size: int) -> bool:
        """Whether a size is within the bounds."""
        return (self.min_size is None or size >= self.min_size) and (self.max_size is None or size <= self.max_size)

    def folder(self, folder: str, old: Listing, new: Listing) -> list[Change]:
        """What changed in one folder. Moves show as gone and come: `pair_moves` joins them."""
        if len(new) < _AT_ONCE and old == new:
            return []
        changes = [self._gone(folder, name, FileState.unpack(old[name])) for name in old.keys() - new.keys()]
        for name, packed in new.items():
            if change := self.file(folder, name, old.get(name), packed):
                changes.append(change)
        return changes

    def file(self, folder: str, name: str, old: Packed | None, new: Packed | None) -> Change | None:
        """What became of one file; None when nothing did."""
        if old == new:
            return None
        if old is None:
            return self._come(folder, name, FileState.unpack(new)) if new is not None else None
        if new is None:
            return self._gone(folder, name, FileState.unpack(old))
        return self._changed(folder, name, FileState.unpack(old), FileState.unpack(new))

    def _gone(self, folder: str, name: str, before: FileState) -> Change:
        return Change("deleted" if before.told else None, folder, name, before, None)

    def _come(self, folder: str, name: str, after: FileState) -> Change:
        told = self.fits(after.size)
        quiet = self.silent or (self.unfamiliar is not None and not self.unfamiliar.sees(folder, name))
        return Change("created" if told and not quiet else None, folder, name, None, after.as_told(told=told))

    def _changed(self, folder: str, name: str, before: FileState, after: FileState) -> Change | None:
        if before == after.as_told(told=before.told):
            return None
        fits = self.fits(after.size)
        kind: EventType | None = None
        if fits and self._rewritten(before, after):
            kind = "modified" if before.told else "created"
        return Change(kind, folder, name, before, after.as_told(told=before.told or fits))

    def _rewritten(self, before: FileState, after: FileState) -> bool:
        if before[:2] != after[:2]:
            return True
        if not self.stable_inodes:
            return False
        # with its time set back, only ctime shows that a file was written to; it also moves with rights and links
        untouched = before.ctime_ns == after.ctime_ns or 0 in (before.ctime_ns, after.ctime_ns)
        moved = before.inode != after.inode and 0 not in (before.inode, after.inode)
        return moved or not (untouched or before.attributes != after.attributes)


_AT_ONCE: Final = 20_000
"""So many files are compared in one go: a millisecond in which nothing else runs."""


def pair_moves(changes: Iterable[Change], *, stable_inodes: bool = True, recognise_saves: bool = False) -> list[Change]:
    """Join what went and what came into moves: same device and inode, size and time equal, in one comparison.

    A file may have gone from a place that another one has taken since, as in a swap. Without stable inodes nothing is
    joined: a move stays deleted and created. With `recognise_saves`, neither a draft that became a known document nor
    the backup of one that was written anew is a move.
    """
    every = list(changes)
    if not stable_inodes:
        return every
    left: dict[tuple[int, ...], list[int]] = {}
    for index, change in enumerate(every):
        if change.before is not None and change.before.inode and _inode(change.after) != change.before.inode:
            left.setdefault(change.before[:4], []).append(index)
    moves: dict[int, int] = {}
    for index, change in enumerate(every):
        if change.after is None or _inode(change.before) == change.after.inode:
            continue
        for at in reversed(left.get(change.after[:4], ())):
            if at != index and not _stay_apart(every[at], change, recognise_saves=recognise_saves):
                left[change.after[:4]].remove(at)
                moves[index] = at
                break
    sources = set(moves.values())
    return [
        _move(every[moves[index]], change) if index in moves else _refilled(change) if index in sources else change
        for index, change in enumerate(every)
        if index in moves or index not in sources or change.after is not None
    ]


def _inode(state: FileState | None) -> int | None:
    return None if state is None else state.inode


def _stay_apart(left: Change, come: Change, *, recognise_saves: bool) -> bool:
    """Whether what went and came is told better as a change of a known file: its save, or one never told of before."""
    if come.before is not None and left.before is not None and not left.before.told:
        return True
    draft_became_it = come.before is not None and is_draft(left.name)
    backup_of_it = left.after is not None and is_draft(come.name)
    return recognise_saves and (draft_became_it or backup_of_it)


def _refilled(change: Change) -> Change:
    """What was there has moved away, and another file has come."""
    return change._replace(kind="created", before=None) if change.kind == "modified" else change


def _move(left: Change, come: Change) -> Change:
    assert left.before is not None and come.after is not None  # noqa: S101, PT018  pair_moves joins only such
    kind: EventType | None = "moved" if left.before.told else come.kind
    after = come.after.as_told(told=left.before.told or come.after.told)
    came_from = left.folder, left.name
    return Change(kind, come.folder, come.name, left.before, after, came_from, vacated=left.after is None)


def forgotten(snapshot: Snapshot, sieve: Sieve) -> list[Change]:
    """What a snapshot holds and the filters no longer see: dropped without a word, it was not deleted."""
    return [
        Change(None, folder, name, FileState.unpack(before), None)
        for folder, files in snapshot.items()
        for name, before in files.items()
        if not sieve.sees(folder, name)
    ]


def apply(snapshot: Snapshot, changes: Iterable[Change]) -> None:
    """Bring a snapshot up to date with what was found (and recorded)."""
    every = list(changes)
    for change in every:
        if change.came_from is not None and change.vacated:
            _drop(snapshot, *change.came_from)
        if change.after is None:
            _drop(snapshot, change.folder, change.name)
    for change in every:
        if change.after is not None:
            snapshot.setdefault(change.folder, {})[change.name] = change.after.pack()


def _drop(snapshot: Snapshot, folder: str, name: str) -> None:
    files = snapshot.get(folder, {})
    files.pop(name, None)
    if not files:
        snapshot.pop(folder, None)


def continues(last_at: datetime, now: datetime) -> bool:
    """Whether a change now belongs to the message of the changes before it."""
    return now - last_at < QUIET


def is_few(lately: int, more: int) -> bool:
    """Whether so many more messages may follow those that began within `FLOOD_WITHIN`."""
    return lately + more <= FLOOD


def next_telling(told_at: datetime, now: datetime) -> datetime | None:
    """When a burst's message is brought up to date; None when that is already to come."""
    return None if told_at > now else max(now, told_at + PACE)


def count(kinds: Iterable[EventType | None]) -> dict[EventType, int]:
    """How many of each type of event; none of the silent changes."""
    counts: dict[EventType, int] = {"created": 0, "modified": 0, "deleted": 0, "moved": 0}
    for kind in kinds:
        if kind is not None:
            counts[kind] += 1
    return counts
