"""A look compared with the snapshot. Blocking and without side effects; meant for a thread of its own."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.files.model import Change, Listing, Snapshot
from core.files.naming import is_below, join, lineage, split
from core.files.rules import Comparing, pair_moves
from jobs.files.scanner import Found, Scanner

_NOTHING: Final[Listing] = {}


@dataclass(slots=True)
class Difference:
    """What a comparison found; `entered` are folders that were not known before, to be looked into once more."""

    changes: list[Change] = field(default_factory=list)
    entered: list[str] = field(default_factory=list)


Hold = Callable[[Iterable[Change]], list[Change]]
"""Keeps back changes that may be half of something (`core.files.saves`)."""


def compare_all(scanner: Scanner, comparing: Comparing, snapshot: Snapshot, hold: Hold = list) -> Difference:
    """Everything below the root."""
    return _finish(comparing, _Trees(scanner, comparing, snapshot, [""]), hold)


def first_look(scanner: Scanner, comparing: Comparing) -> Iterator[list[Change]]:
    """Everything below the root where nothing is known yet, folder by folder: half a million files at once are much."""
    for folder, look in scanner.tree():
        if look is not None and look.files:
            yield comparing.folder(folder, _NOTHING, look.files)


def compare_some(
    scanner: Scanner, comparing: Comparing, snapshot: Snapshot, paths: Mapping[str, bool], hold: Hold = list
) -> Difference:
    """The paths under the root that a hint named; the value says whether a folder there must be looked into.

    A path that turns out to be a folder seen for the first time is looked into with all below.
    """
    reached: dict[str, Found] = {}
    trees: list[str] = []
    lost: set[str] = set()
    changes: list[Change] = []
    for path, into in paths.items():
        folder, name = split(path)
        if folder not in reached:
            reached[folder] = scanner.reaches(folder)
        found = scanner.look_at(folder, name) if reached[folder] == "folder" else reached[folder]
        known = snapshot.get(folder, _NOTHING)
        if found == "folder":
            if scanner.sieve.enters(path) and (into or path not in snapshot):
                trees.append(path)
        elif found == "nothing" and name not in known:
            lost.add(path)
        if found != "unsure":
            seen = found if isinstance(found, bytes) and scanner.sieve.accepts(folder, name) else None
            if change := comparing.file(folder, name, known.get(name), seen):
                changes.append(change)
    difference = _Trees(scanner, comparing, snapshot, _outermost(trees), lost)
    difference.changes = changes + difference.changes  # where both looked, the later look counts
    return _finish(comparing, difference, hold)


class _Trees:
    """Whole folders compared: those looked into and those lost."""

    def __init__(
        self,
        scanner: Scanner,
        comparing: Comparing,
        snapshot: Snapshot,
        starts: Collection[str],
        lost: Collection[str] = (),
    ) -> None:
        self.changes: list[Change] = []
        self.entered: list[str] = []
        visited: set[str] = set()
        unreadable: set[str] = set()
        for start in starts:
            for folder, look in scanner.tree(start):
                visited.add(folder)
                if look is None:
                    unreadable.add(folder)
                    continue
                old = snapshot.get(folder)
                if old is None:
                    self.entered.append(folder)
                self.changes += comparing.folder(folder, old or _NOTHING, look.after(old or _NOTHING))
        if not starts and not lost:
            return
        ended = {*starts, *lost}
        for folder, files in snapshot.items():
            if folder not in visited and _within(folder, ended) and not _within(folder, unreadable):
                self.changes += comparing.folder(folder, files, _NOTHING)


def _finish(comparing: Comparing, found: _Trees, hold: Hold) -> Difference:
    once = {(change.folder, change.name): change for change in found.changes}  # a hint inside a folder looked into
    changes = pair_moves(
        hold(once.values()), stable_inodes=comparing.stable_inodes, recognise_saves=comparing.recognise_saves
    )
    return Difference(changes, found.entered)


def _within(folder: str, ancestors: Collection[str]) -> bool:
    return bool(ancestors) and ("" in ancestors or any(each in ancestors for each in lineage(folder)))


def _outermost(folders: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for folder in sorted(folders, key=len):
        if not any(is_below(folder, each) for each in kept):
            kept.append(folder)
    return kept


def is_elsewhere(snapshot: Snapshot, changes: Iterable[Change]) -> bool:
    """Whether not one known file is where it was: the sign of another folder mounted in its place."""
    gone = sum(1 for change in changes if change.after is None or change.came_from is not None)
    return bool(snapshot) and gone == sum(len(files) for files in snapshot.values())


def paths_under(root: str, hints: Iterable[tuple[object, str]], added: object) -> dict[str, bool]:
    """A backend's hints as paths under the root, each with whether something was added there. The root is ''."""
    paths: dict[str, bool] = {}
    prefix = root if root.endswith(("/", "\\")) else root + root_separator(root)
    for kind, path in hints:
        if path.startswith(prefix):
            below = path[len(prefix) :]
            below = below.replace("\\", "/") if root_separator(root) == "\\" else below
            paths[below] = paths.get(below, False) or kind == added
        elif path == root:
            paths[""] = True
    return paths


def root_separator(root: str) -> str:
    """What stands between the names of a path below this root."""
    return "\\" if "\\" in root and not root.startswith("/") else "/"


def until_the_other_half(
    changes: Sequence[Change], paths: Collection[str], waited: Collection[str]
) -> tuple[Sequence[Change], set[str]]:
    """Keep back what went, once: the hint at the place it went to may come with the next batch.

    `paths` were hinted at now, `waited` were kept back before. What is left, and the paths to look at again then.
    """
    late: set[str] = set()
    ready: list[Change] = []
    for change in changes:
        above = set(lineage(join(change.folder, change.name))) if change.after is None else set()
        if above and not above.intersection(waited) and (hinted := above.intersection(paths)):
            late |= hinted
        else:
            ready.append(change)
    return ready, late
