"""Decisions about files: which are seen, what changed between two looks, when a new message begins. Pure."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.files.model import Change, EventType, FileState, Listing, Snapshot, WatchSettings
from core.files.naming import join, lineage

QUIET: Final = timedelta(minutes=30)
"""After so long without a change, the next one begins a new message."""

PACE: Final = timedelta(seconds=3)
"""A burst's message is brought up to date at most this often: a group takes 20 messages a minute
(Bot API FAQ, "My bot is hitting limits")."""

SETTLED: Final = timedelta(seconds=1.5)
"""A file that has not changed for so long is read for its checksum."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which names a watch sees. An include never hides a folder; an exclude hides it with everything below."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    recursive: bool = True
    ignore_hidden: bool = False

    @classmethod
    def of(cls, watch: WatchSettings) -> "Filters":
        """The filters a watch is configured with."""
        return cls(watch.include, watch.exclude, watch.recursive, watch.ignore_hidden)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Filters":
        """What `as_dict` made, after its way through JSON."""
        return cls(
            tuple(values["include"]), tuple(values["exclude"]), bool(values["recursive"]), bool(values["ignore_hidden"])
        )

    def as_dict(self) -> dict[str, object]:
        """Plain values, to be kept beside the snapshot."""
        return asdict(self)


class Sieve:
    """`Filters` made ready to be asked a million times. `ignore_case` on Windows, as its fnmatch does."""

    def __init__(self, filters: Filters, *, ignore_case: bool = False) -> None:
        self._filters = filters
        self._included = _matcher(filters.include, ignore_case=ignore_case) if filters.include else None
        self._excluded = _matcher(filters.exclude, ignore_case=ignore_case)

    def enters(self, folder: str) -> bool:
        """Whether this folder, whose parents are entered, is looked into."""
        return not folder or (self._filters.recursive and not self._hides(folder))

    def accepts(self, folder: str, name: str) -> bool:
        """Whether this file of an entered folder is seen."""
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
    """

    min_size: int | None = None
    max_size: int | None = None
    stable_inodes: bool = True
    unfamiliar: Sieve | None = None
    silent: bool = False

    def fits(self, size: int) -> bool:
        """Whether a size is within the bounds."""
        return (self.min_size is None or size >= self.min_size) and (self.max_size is None or size <= self.max_size)

    def folder(self, folder: str, old: Listing, new: Listing) -> list[Change]:
        """What changed in one folder. Moves show as gone and come: `pair_moves` joins them."""
        if old == new:
            return []
        changes = [self._gone(folder, name, old[name]) for name in old.keys() - new.keys()]
        for name, after in new.items():
            before = old.get(name)
            if before is None:
                changes.append(self._come(folder, name, after))
            elif before[:4] != after[:4]:
                changes.append(self._changed(folder, name, before, after))
        return changes

    def _gone(self, folder: str, name: str, before: FileState) -> Change:
        return Change("deleted" if before.told else None, folder, name, before, None)

    def _come(self, folder: str, name: str, after: FileState) -> Change:
        told = self.fits(after.size)
        quiet = self.silent or (self.unfamiliar is not None and not self.unfamiliar.sees(folder, name))
        return Change("created" if told and not quiet else None, folder, name, None, after._replace(told=told))

    def _changed(self, folder: str, name: str, before: FileState, after: FileState) -> Change:
        fits = self.fits(after.size)
        same = before[:2] == after[:2] and not (self.stable_inodes and before.inode != after.inode)
        kind: EventType | None = None
        if fits and not same:
            kind = "modified" if before.told else "created"
        return Change(kind, folder, name, before, after._replace(told=before.told or fits))


def pair_moves(changes: Iterable[Change], *, stable_inodes: bool = True) -> list[Change]:
    """Join what went and what came into moves: same device and inode, size and time equal, in one comparison.

    Without stable inodes nothing is joined: a move stays deleted and created.
    """
    every = list(changes)
    if not stable_inodes:
        return every
    gone: dict[tuple[int, ...], list[int]] = {}
    for index, change in enumerate(every):
        if change.after is None and change.before is not None and change.before.inode:
            gone.setdefault(change.before[:4], []).append(index)
    joined: set[int] = set()
    for index, change in enumerate(every):
        if change.before is None and change.after is not None and (old := gone.get(change.after[:4])):
            at = old.pop()
            joined.add(at)
            every[index] = _move(every[at], change)
    return [change for index, change in enumerate(every) if index not in joined]


def _move(gone: Change, come: Change) -> Change:
    assert gone.before is not None and come.after is not None  # noqa: S101, PT018  pair_moves joins only such
    kind: EventType | None = "moved" if gone.before.told else come.kind
    after = come.after._replace(told=gone.before.told or come.after.told)
    return Change(kind, come.folder, come.name, gone.before, after, (gone.folder, gone.name))


def forgotten(snapshot: Snapshot, sieve: Sieve) -> list[Change]:
    """What a snapshot holds and the filters no longer see: dropped without a word, it was not deleted."""
    return [
        Change(None, folder, name, before, None)
        for folder, files in snapshot.items()
        for name, before in files.items()
        if not sieve.sees(folder, name)
    ]


def apply(snapshot: Snapshot, changes: Iterable[Change]) -> None:
    """Bring a snapshot up to date with what was found (and recorded)."""
    every = list(changes)
    for change in every:
        if change.came_from is not None:
            _drop(snapshot, *change.came_from)
        if change.after is None:
            _drop(snapshot, change.folder, change.name)
    for change in every:
        if change.after is not None:
            snapshot.setdefault(change.folder, {})[change.name] = change.after


def _drop(snapshot: Snapshot, folder: str, name: str) -> None:
    files = snapshot.get(folder, {})
    files.pop(name, None)
    if not files:
        snapshot.pop(folder, None)


def continues(last_at: datetime, now: datetime) -> bool:
    """Whether a change now belongs to the message of the changes before it."""
    return now - last_at < QUIET


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
