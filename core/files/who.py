"""Who changed a file, by what an audit log says; never by guess. Pure.

A log's entry names a person, an action and a path. It answers for a change that was noticed at the same path, after
the change before it and within the time in which it must have happened. What could be read in two ways is kept as an
entry without a name: where it counts, nobody is named.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from core.files.model import EventType
from core.files.naming import fold, lineage, split

Action: TypeAlias = Literal["wrote", "deleted", "came", "went", "gap"]
"""What was done to a path: written to or created, deleted, the new and the old end of a rename; `gap`: what was done
in that time is not in the log, or cannot be read."""

ELSEWHERE: Final = ""
"""The other end of a rename lies outside of the watched folder."""

MOST: Final = 5
"""More people than this in one change are not listed: it is not known whose it is."""

_FOLDED_WITHIN: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What a log says somebody did, from `at` until `until` (more than a moment when the log counts in seconds).

    `path` and `other` (of a rename; None: the log does not say it) are below the root, `/` between, written as in the
    history. `who` is empty when the entry can be read in more than one way.
    """

    at: datetime
    until: datetime
    who: str
    client: str
    action: Action
    path: str
    other: str | None = ELSEWHERE


@dataclass(frozen=True, slots=True)
class Noticed:
    """A change in the history whose author is looked for; paths below the root. `known_before`: until when the folder
    is known to have been without it."""

    id: int
    at: datetime
    kind: EventType
    path: str
    old_path: str | None
    known_before: datetime


@dataclass(frozen=True, slots=True)
class Parsed:
    """A piece of a log understood: its entries, how many bytes were whole records, how many of those made no sense."""

    entries: Sequence[AuditEntry]
    used: int
    senseless: int = 0


def gap(since: datetime, until: datetime) -> AuditEntry:
    """A time of which the log tells nothing."""
    return AuditEntry(since, until, "", "", "gap", "")


def path_key(path: str, *, ignore_case: bool = False) -> str:
    """A path of any length as 32 letters, to be looked up by."""
    text = fold(path) if ignore_case else path
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def entry_key(watch: str, host: str, entry: AuditEntry) -> str:
    """The same for an entry that is read twice."""
    parts = (watch, host, entry.at.isoformat(), entry.until.isoformat(), entry.who, entry.client, entry.action)
    text = "\0".join((*parts, entry.path, "?" if entry.other is None else f"={entry.other}"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def places(noticed: Noticed) -> Iterator[str]:
    """The paths whose entries may speak of this change: its own, the old one, and the folders they lie in."""
    for path in (noticed.path, noticed.old_path):
        if path is not None:
            yield path
            yield from lineage(split(path)[0])


def condense(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """The entries with what one person wrote to one file in the same second put together: a large file is written in
    thousands of pieces."""
    kept: dict[tuple[object, ...], AuditEntry] = {}
    for number, entry in enumerate(entries):
        key: tuple[object, ...] = (entry.who, entry.client, entry.path) if entry.action == "wrote" else (number,)
        first = kept.get(key)
        if first is not None and timedelta() <= entry.until - first.at < _FOLDED_WITHIN:
            kept[key] = replace(first, until=max(first.until, entry.until))
            continue
        if first is not None:
            kept[(*key, number)] = first
        kept[key] = entry
    return sorted(kept.values(), key=lambda each: each.at)


def who_changed(noticed: Noticed, entries: Iterable[AuditEntry], *, ignore_case: bool = False) -> tuple[str, ...]:
    """Who made this change, in order; empty when the log does not say it beyond doubt.

    Only entries between `known_before` and the notice count. Two people at the same time, an entry that can be read
    in two ways and a gap all mean: not known.
    """
    same: Callable[[str], str] = fold if ignore_case else str
    counting = sorted(
        (
            entry
            for entry in entries
            if entry.at <= noticed.at and entry.until > noticed.known_before and _speaks_of(entry, noticed, same)
        ),
        key=lambda entry: (entry.at, entry.until),
    )
    if any(not entry.who for entry in counting):
        return ()
    names: list[str] = []
    last_until = noticed.known_before
    for entry in counting:
        if not names or entry.who != names[-1]:
            if names and entry.at <= last_until:
                return ()
            names.append(entry.who)
            last_until = entry.until
        last_until = max(last_until, entry.until)
    return tuple(names) if len(names) <= MOST else ()


def _speaks_of(entry: AuditEntry, noticed: Noticed, same: Callable[[str], str]) -> bool:
    """Whether this is what the change looks like in a log."""
    if entry.action == "gap":
        return True
    path = same(noticed.path)
    old = None if noticed.old_path is None else same(noticed.old_path)
    at, other = same(entry.path), None if entry.other is None else same(entry.other)
    if noticed.kind == "moved":
        assert old is not None  # noqa: S101  a move has an old path
        if entry.action == "came":
            return other is not None and _carried(other, at, old, path)
        return entry.action == "went" and _left(at, other, old, path)
    if noticed.kind == "deleted":
        return (entry.action == "deleted" and at == path) or (entry.action == "went" and _holds(at, path))
    return (entry.action == "wrote" and at == path) or (entry.action == "came" and _holds(at, path))


def _left(origin: str, target: str | None, old: str, path: str) -> bool:
    """Whether renaming `origin` takes `old` to `path`, as far as the log says where to."""
    if target is None:
        return _holds(origin, old) and path.endswith(old[len(origin) :])
    return _carried(origin, target, old, path)


def _holds(folder: str, path: str) -> bool:
    """Whether the path is that one or lies below it."""
    return path == folder or path.startswith(folder + "/")


def _carried(origin: str, target: str, old: str, path: str) -> bool:
    """Whether renaming `origin` to `target` (both within the root) takes `old` to `path`."""
    if ELSEWHERE in (origin, target):
        return False
    return _holds(origin, old) and _holds(target, path) and old[len(origin) :] == path[len(target) :]


def names_text(names: Sequence[str]) -> str:
    """The names as one column keeps them."""
    return ", ".join(names)
