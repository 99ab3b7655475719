"""Events that another program recorded, made into rows of ours; each only once, however often it is brought."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import iso
from core.errors import Rejected
from core.files import paths, store
from core.files.model import EVENT_TYPES, EventType
from core.files.naming import below_root, details, parse_details, shown
from core.files.tables import file_events

PIECE: Final = 1000
"""Events in one transaction."""
NEEDED: Final = ("event_time", "event_type", "path")
"""Columns that a table must have; the contract's others are taken when they are there."""

_TYPES: Final[Mapping[str, EventType]] = {
    **{kind: kind for kind in EVENT_TYPES},
    "added": "created",
    "changed": "modified",
    "removed": "deleted",
    "renamed": "moved",
}
_SOURCE: Final = "import"
_SECONDS: Final = re.compile(r"\d{9,10}(?:\.\d+)?")
_NAME: Final = 64

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Folders:
    """The watched folders of the configuration: name by root."""

    names: Mapping[str, str]

    def root_of(self, path: str) -> str | None:
        """The innermost root that holds this path."""
        holding = [root for root in self.names if below_root(root, path) is not None]
        return max(holding, key=len, default=None)


def read_row(row: Mapping[str, Any], folders: Folders) -> dict[str, Any]:
    """A row of an old table as one of ours. Raises `Rejected` when its time, type or path says nothing."""
    path = row["path"]
    if not isinstance(path, str) or not path or "\x00" in path:
        raise Rejected("its path is {path}", path=repr(path))
    kind = _TYPES.get(str(row["event_type"]).strip().casefold())
    if kind is None:
        raise Rejected("its type is {type}", type=repr(row["event_type"]))
    known = _details(str(row.get("details") or ""), ours=row.get("watch") is not None)
    root = known.pop("watched_root", "") or folders.root_of(path) or _parent(path)
    below = below_root(root, path)
    if below is None:
        root = _parent(path)
        below = below_root(root, path) or path
    old_path = known.pop("old_path", None)
    old_below = None if old_path is None else below_root(root, old_path)
    watch = row.get("watch") or folders.names.get(root.rstrip("/\\")) or row.get("project") or _last(root)
    return {
        "event_time": read_time(row["event_time"]),
        "event_type": kind,
        "path": shown(path),
        "project": str(row.get("project") or ""),
        "username": str(row.get("username") or ""),
        "file_size": _size(row.get("file_size")),
        "checksum": None if not row.get("checksum") else str(row["checksum"]),
        "details": details(root, {"source": _SOURCE, **known}, old_path=old_path),
        "watch": str(watch)[:_NAME],
        "host": str(row.get("host") or ""),
        "root": shown(root),
        "below": shown(below),
        "old_below": None if old_below is None else shown(old_below),
    }


def read_time(value: Any) -> datetime:
    """A moment as old programs wrote it: ISO 8601 (UTC when it names no zone) or seconds since 1970.

    Raises `Rejected`.
    """
    try:
        if isinstance(value, int | float) or _SECONDS.fullmatch(str(value)):
            return datetime.fromtimestamp(float(value), UTC)
        moment = datetime.fromisoformat(str(value).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Rejected("its time is {time}", time=repr(value)) from error


def _details(text: str, *, ours: bool) -> dict[str, str]:
    """The old programs wrote `key=value; …` without any coding."""
    if ours:
        found = parse_details(text)
        return {key: value for key, value in found.items() if (key, value) != ("source", _SOURCE)}
    pairs = (part.partition("=") for part in text.split("; "))
    return {key.strip(): value for key, equals, value in pairs if equals and key.strip()}


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**63 else None


def _separator(path: str) -> str:
    return "\\" if "\\" in path and not path.startswith("/") else "/"


def _parent(path: str) -> str:
    separator = _separator(path)
    return path.rstrip(separator).rpartition(separator)[0] or separator


def _last(root: str) -> str:
    return root.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or "imported"


class Importer:
    """Takes rows over, in the order of their old ids, and leaves out those that the history has already.

    Two rows that are alike in time, type and path are two events, as they were.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._taken: Counter[Key] = Counter()

    async def add(self, tx: AsyncConnection, rows: Sequence[Mapping[str, Any]], *, dry: bool = False) -> int:
        """Write those of these rows that are new; how many those were. With `dry` they are only counted."""
        if self._last is None:
            self._last = await store.last_event_id(tx)
        known = await self._known(tx, {iso(row["event_time"]) for row in rows})
        new: list[Mapping[str, Any]] = []
        for row in rows:
            key = (iso(row["event_time"]), row["event_type"], row["path"])
            if self._taken[key] < known[key]:
                self._taken[key] += 1
            else:
                new.append(row)
        if not dry:
            await store.add_events(tx, new)
        return len(new)

    async def _known(self, connection: AsyncConnection, times: set[str]) -> Counter[Key]:
        """The events before the import began, at these times."""
        column = file_events.c
        statement = select(column.event_time, column.event_type, column.path).where(
            paths.among(connection, type_coerce(column.event_time, Text), times, Text), column.id <= self._last
        )
        return Counter((iso(row[0]), row[1], row[2]) for row in await connection.execute(statement))
