"""Files: the words of watched folders and of their history."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple, Self, TypeAlias

from core.clock import iso

EventType: TypeAlias = Literal["created", "modified", "deleted", "moved"]
EVENT_TYPES: Final[tuple[EventType, ...]] = ("created", "modified", "deleted", "moved")

Backend = Literal["auto", "watchfiles", "polling"]
Notify = Literal["burst", "each", "none"]
"""What is told of a watch's changes: one message that grows, a message for every one (while they are few), nothing."""

KIND: Final = "files"
"""The kind of the notice about a burst; its data: `watch`, `burst` (the id of a `Burst`)."""


AuditKind = Literal["samba", "windows"]
AuditForm = Literal["file", "syslog"]


NO_WATCHES: Final = "no_watches"
"""Why a folder is polled that need not be: the system grants no more watches (fs.inotify.max_user_watches)."""


class Overtaken(Exception):
    """The snapshot was changed by somebody else since it was read: read it again and compare anew."""


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Which log says who changes the files of a watch (`[watch.NAME.audit]`). `window` in seconds.

    `log` None: this machine's own event log. `root` is where the watched folder is in the log's paths, empty: where it
    is here. `form`, `prefix`, `share` and `timezone` (empty: the machine's) are of Samba's logs.
    """

    kind: AuditKind
    log: Path | None = None
    root: str = ""
    share: str = ""
    form: AuditForm = "file"
    prefix: str = "%u|%I|%m|%S"
    timezone: str = ""
    window: float = 30.0
    keep_days: float = 7.0


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """A watched folder as configured (`[watch.NAME]`). Sizes in bytes, `poll_interval` in seconds.

    `include` and `exclude` are fnmatch patterns for a file's name or its path under the root. `username` is a label,
    not who did it. `metadata` goes into the details of each event. `recognise_saves`: what an editor writes besides
    a document while saving it is taken for that save.
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
    recognise_saves: bool = True
    notify: Notify = "burst"
    audit: AuditSettings | None = None


PACKED: Final = struct.Struct("<qqqqqIIII")
"""A file's state as bytes: size, mtime_ns, device, inode, ctime_ns, mode, links, owner, group."""

_PARTS: Final = struct.Struct("<qqqqq16s")
_UNTOLD: Final = b"-"

Packed: TypeAlias = bytes
"""A `FileState` packed: half a million are kept in memory (200 bytes each with their names), and two are compared in
the tenth part of a microsecond."""


class FileState(NamedTuple):
    """A file as it was last seen. `told`: it has been within the size bounds, so the history speaks of it.

    `inode` is 0 where the file system has none; `ctime_ns` is 0 where it says nothing of changes. `attributes` are
    mode, number of links, owner and group, 16 bytes: a change of one of them moves ctime, and is none of the content.
    """

    size: int
    mtime_ns: int
    device: int
    inode: int
    told: bool = True
    ctime_ns: int = 0
    attributes: bytes = bytes(16)

    def as_told(self, *, told: bool) -> Self:
        """The same, spoken of or not."""
        return self if self.told == told else self._replace(told=told)

    def pack(self) -> Packed:
        """As bytes; `unpack` gives back the same."""
        packed = _PARTS.pack(self.size, self.mtime_ns, self.device, self.inode, self.ctime_ns, self.attributes)
        return packed if self.told else packed + _UNTOLD

    @classmethod
    def unpack(cls, packed: Packed) -> Self:
        """What `pack`, or a scanner with `PACKED`, put together."""
        size, mtime_ns, device, inode, ctime_ns, attributes = _PARTS.unpack_from(packed)
        return cls(size, mtime_ns, device, inode, len(packed) == _PARTS.size, ctime_ns, attributes)


Listing: TypeAlias = Mapping[str, Packed]
"""The files of one folder, by name."""

Snapshot: TypeAlias = dict[str, dict[str, Packed]]
"""The files of a watch: by folder under the root (`/` between, `''` for the root itself), then by name."""


class Change(NamedTuple):
    """What one comparison found of one file. `kind` None: the snapshot changes, the history does not.

    `before` and `after` are None when the file was not there or is not there now; `came_from` is the old folder and
    name of a move. `vacated`: nothing has taken the old place.
    """

    kind: EventType | None
    folder: str
    name: str
    before: FileState | None
    after: FileState | None
    came_from: tuple[str, str] | None = None
    vacated: bool = True


@dataclass(frozen=True, slots=True)
class WatchState:
    """Where a watch stands. `revision` grows with every change of its snapshot.

    `first_seen_at` is None until the first snapshot is complete; `filters` are those it was taken with. `reason` is
    why the backend is not the one that was wanted: `NO_WATCHES`, or nothing.
    `alive_at` is the last sign that changes are followed.
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
    reason: str = ""
    alive_at: datetime | None = None
    host: str = ""
    id: int = 0


GapReason = Literal["off", "frozen", "overflow", "backend", "away", "paused"]
"""Why changes were not followed: the assistant was off, stood still, the hints were too many, their backend failed,
the folder was away, or is paused (once resumed, that is `off`)."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a watch followed nothing, and how many events the comparison after it found. `ended_at` None: it
    still lasts.

    What was created and deleted again meanwhile, and all but the last change of a file, is in no history.
    """

    watch: str
    reason: GapReason
    began_at: datetime
    ended_at: datetime | None
    found: int
    host: str = ""


@dataclass(frozen=True, slots=True)
class FileEvent:
    """A row of the history. `event_time` is when the change was noticed; `details` as in the contract; `host`
    is the machine that noticed it."""

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
    host: str = ""
    who: str | None = None

    @property
    def imported(self) -> bool:
        """Whether it was brought over from another program's history: it is no news to anybody."""
        return "; source=import;" in f"{self.details};"

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
    """Changes of one folder on one machine told by one message: which events, and how many of each type. `host` None:
    they are so old that their first is forgotten."""

    id: int
    watch: str
    first_event_id: int
    last_event_id: int
    started_at: datetime
    last_at: datetime
    told_at: datetime
    counts: Mapping[EventType, int]
    host: str | None = ""


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
    whole path with everything below it, or a piece of a path. `since` is included, `until` is not. `username` is the
    label; `people` are names of which one is the label, or changed it by the audit log.
    """

    words: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    project: str | None = None
    username: str | None = None
    people: tuple[str, ...] = ()
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
