"""Subscriptions to the history of files: who follows what, and how they are told. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.alerts.model import Destination
from core.errors import UserError
from core.files.model import EventType, FileEvent, Query
from core.files.naming import below_root, fold, is_absolute, parse_details, shown

FOLLOW: Final = "follow"
"""The kind of a notice to a follower; its data: `follow` (its id), `message` (of its messages), `words`, the
ids of the `first` and `last` event, `counts` by type, whether it is a `digest`."""

MOST: Final = 50
"""Subscriptions of one chat."""

DEFAULT_TIME: Final = time(9, 0)

_DAILY: Final = frozenset({"daily", "digest", "щодня", "щоденно", "дайджест", "ежедневно", "каждый день"})
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")

NOTHING: Final[Mapping[EventType, int]] = {"created": 0, "modified": 0, "deleted": 0, "moved": 0}


@dataclass(frozen=True, slots=True)
class Follow:
    """Somebody follows what a question finds. `digest_at` None: told at once, in one message edited in place.

    `position` is the last event considered. What is being gathered for the present message are the events from
    `first_event_id` to `last_event_id`, `counts` of each type; `message` numbers the messages. `due_at` is when the
    next digest goes out.
    """

    id: int
    to: Destination
    person_id: int
    words: str
    position: int
    created_at: datetime
    digest_at: time | None = None
    due_at: datetime | None = None
    message: int = 0
    first_event_id: int = 0
    last_event_id: int = 0
    last_at: datetime | None = None
    told_at: datetime | None = None
    counts: Mapping[EventType, int] = field(default_factory=lambda: dict(NOTHING))

    @property
    def total(self) -> int:
        """How many changes the present message is about."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """An event made ready to be asked whether it matches, by many subscriptions.

    `absolute`, `folded` and `names` are of its path and of the one it had before.
    """

    event: FileEvent
    absolute: tuple[str, ...]
    folded: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, event: FileEvent) -> "Seen":
        """The event, made ready."""
        said = parse_details(event.details)
        root, old = said.get("watched_root", ""), said.get("old_path")
        absolute = (event.path,) if old is None else (event.path, shown(old))
        folded = tuple(fold(below_root(shown(root), path) or path) for path in absolute)
        return cls(event, absolute, folded, tuple(path.rpartition("/")[2] for path in folded))


def matcher(query: Query) -> Callable[[Seen], bool]:
    """Whether an event is one that the query finds: as `finding`, without asking the database.

    Of people, by the label alone: what an audit log says is known only later.
    """
    words = [fold(word) for word in query.words]
    piece = query.path
    if piece is not None and not is_absolute(piece):
        words.append(fold(piece.replace("\\", "/")))
    globs = [("/" in glob, _pattern(glob)) for glob in query.globs]
    place = shown(piece) if piece is not None and is_absolute(piece) else None
    labels = [
        (name, value) for name in ("project", "watch", "event_type") if (value := getattr(query, name)) is not None
    ]

    def matches(seen: Seen) -> bool:
        if any(getattr(seen.event, name) != value for name, value in labels):
            return False
        if query.people and seen.event.username not in query.people:
            return False
        return any(
            all(word in folded for word in words)
            and all(pattern.fullmatch(folded if whole else name) for whole, pattern in globs)
            and (place is None or below_root(place, absolute) is not None)
            for absolute, folded, name in zip(seen.absolute, seen.folded, seen.names, strict=True)
        )

    return matches


def _pattern(glob: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in fold(glob)), re.DOTALL)


def read_wish(text: str) -> tuple[str, time | None]:
    """What to follow, and when to be told daily: `daily 18:30 *.docx CRM` → (`*.docx CRM`, 18:30); None: at once.

    Raises `UserError` when nothing is left to follow.
    """
    words = text.split()
    daily = [word for word in words if word.casefold() in _DAILY]
    times = [found for word in words if (found := _TIME.fullmatch(word))]
    at = time(int(times[0][1]), int(times[0][2])) if times else DEFAULT_TIME if daily else None
    taken = {*daily, *(found.string for found in times)}
    rest = " ".join(word for word in words if word not in taken) if taken else text.strip()
    if not rest:
        raise UserError("Say what to follow: a project, a folder or a pattern, such as /follow *.docx CRM")
    return rest, at


def next_digest(at: time, zone: str, now: datetime) -> datetime:
    """The next moment when it is that time in that zone, after now."""
    there = now.astimezone(ZoneInfo(zone))
    today = there.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return (today if today > there else today + timedelta(days=1)).astimezone(now.tzinfo)
