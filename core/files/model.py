"""Files: the words of watched folders and of their history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

from core.clock import iso

EventType: TypeAlias = Literal["created", "modified", "deleted", "moved"]
EVENT_TYPES: Final[tuple[EventType, ...]] = ("created", "modified", "deleted", "moved")

Backend = Literal["auto", "watchfiles", "polling"]

KIND: Final = "files"
"""The kind of the notice about a burst; its data: `watch`, `burst` (the id of a `Burst`)."""


class Overtaken(Exception):
    """The snapshot was changed by somebody else since it was read: read it again and compare anew."""


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """A watched folder as configured (`[watch.NAME]`). Sizes in bytes, `poll_interval` in seconds.

    `include` and `exclude` are fnmatch patterns for a file's name or its path under the root. `username` is a label,
    not who did it. `metadata` goes into the details of each event.
    """

    name: str
    path: Path
    project: str = ""
    username: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    backend: Backend = "auto"
    poll_interval: float = 5.0
    recursive: bool = True
    follow_symlinks: bool = False
    ignore_hidden: bool = False
    compute_checksum: bool = False
    checksum_algorithm: str = "sha256"
    min_file_size: int | None = None
    max_file_size: int | None = None
    emit_on_start: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)


class FileState(NamedTuple):
    """A file as it was last seen. `told`: it has been within the size bounds, so the history speaks of it.

    `inode` is 0 where the file system has none. A tuple, because half a million are kept in memory.
    """

    size: int
    mtime_ns: int
    device: int
    inode: int
    told: bool = True


Listing: TypeAlias = Mapping[str, FileState]
"""The files of one folder, by name."""

Snapshot: TypeAlias = dict[str, dict[str, FileState]]
"""The files of a watch: by folder under the root (`/` between, `''` for the root itself), then by name."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one comparison found of one file. `kind` None: the snapshot changes, the history does not.

    `before` and `after` are None when the file was not there or is not there now; `came_from` is the old folder and
    name of a move.
    """

    kind: EventType | None
    folder: str
    name: str
    before: FileState | None
    after: FileState | None
    came_from: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class WatchState:
    """Where a watch stands. `revision` grows with every change of its snapshot.

    `first_seen_at` is None until the first snapshot is complete; `filters` are those it was taken with.
    """

    name: str
    root: str
    device: int
    revision: int
    filters: Mapping[str, object]
    first_seen_at: datetime | None = None
    scanned_at: datetime | None = None
    away_since: datetime | None = None
    backend: str = ""


@dataclass(frozen=True, slots=True)
class FileEvent:
    """A row of the history. `event_time` is when the change was noticed; `details` as in the contract."""

    id: int
    event_time: datetime
    event_type: EventType
    path: str
    project: str
    username: str
    file_size: int | None
    checksum: str | None
    details: str
    watch: str

    def public(self) -> dict[str, object]:
        """The contract's columns, in its order, ready for JSON."""
        return {
            "id": self.id,
            "event_time": iso(self.event_time),
            "event_type": self.event_type,
            "path": self.path,
            "project": self.project,
            "username": self.username,
            "file_size": self.file_size,
            "checksum": self.checksum,
            "details": self.details,
        }


@dataclass(frozen=True, slots=True)
class Burst:
    """Changes of one folder told by one message: which events, and how many of each type."""

    id: int
    watch: str
    first_event_id: int
    last_event_id: int
    started_at: datetime
    last_at: datetime
    told_at: datetime
    counts: Mapping[EventType, int]


@dataclass(frozen=True, slots=True)
class PendingChecksum:
    """A file to be read for the checksum of its event, once it has kept this size and time until `due_at`."""

    event_id: int
    watch: str
    folder: str
    name: str
    size: int
    mtime_ns: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for in the history; every part narrows it.

    `words` occur in the path under the root, `globs` (`*`, `?`) match the name, or with `/` that path. `path` is a
    whole path with everything below it, or a piece of a path. `since` is included, `until` is not.
    """

    words: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    project: str | None = None
    username: str | None = None
    watch: str | None = None
    event_type: EventType | None = None
    path: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FolderStats:
    """What happened in one watch in a period."""

    watch: str
    project: str
    counts: Mapping[EventType, int]


@dataclass(frozen=True, slots=True)
class Stats:
    """The history in figures: `total` events kept (an estimate, exact on SQLite), the first's time, and a period."""

    total: int
    oldest: datetime | None
    since: datetime
    folders: tuple[FolderStats, ...]
