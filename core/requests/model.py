"""The words of requests. A status is a code, because users configure them; its labels belong to the workflow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

ROBOT: Final = "Робот"
"""Who comments on behalf of a letter; kept as the old system wrote it, because reports select by it."""

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The codes of the days of a week, in its order."""


@dataclass(frozen=True, slots=True)
class Status:
    """A step of the workflow. `final`: nothing more is expected, so nobody is reminded."""

    code: str
    icon: str
    labels: Mapping[str, str]
    final: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """The statuses in their order; the first one is where a request begins."""

    statuses: tuple[Status, ...]

    def status(self, code: str) -> Status:
        """The status with that code. `KeyError` for an unknown one."""
        for status in self.statuses:
            if status.code == code:
                return status
        raise KeyError(code)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in order."""
        return tuple(status.code for status in self.statuses)

    @property
    def finals(self) -> tuple[str, ...]:
        """The codes after which nothing more is expected."""
        return tuple(status.code for status in self.statuses if status.final)


WORKFLOW: Final = Workflow(
    (
        Status("sent", "📤", {"en": "Sent", "uk": "Надіслано", "ru": "Отправлена"}),
        Status("accepted", "👍", {"en": "Accepted", "uk": "Прийнято", "ru": "Принята"}),
        Status("en_route", "🚗", {"en": "En route", "uk": "У дорозі", "ru": "В пути"}),
        Status("on_site", "📍", {"en": "On site", "uk": "На місці", "ru": "На месте"}),
        Status("left", "🏁", {"en": "Left", "uk": "Вибув", "ru": "Убыл"}, final=True),
        Status("declined", "✋", {"en": "Declined", "uk": "Відхилено", "ru": "Отклонена"}),
        Status("cancelled", "✖️", {"en": "Cancelled", "uk": "Скасовано", "ru": "Отменена"}, final=True),
    )
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a contractor: a number and a position ('' for none), where it stands and since when.

    `moved_at` is the moment of the last move from one status to another, None before the first; `commented_at` that
    of the comment shown. `contractor` is the contractor's present name, '' without one. `responsible` is the present
    name of whoever answers for it here: at first its author, '' for one who is no person in the chat.
    """

    id: int
    number: str
    position: str
    title: str
    status: str
    comment: str
    comment_author: str
    created_at: datetime
    status_updated_at: datetime
    author: str
    moved_at: datetime | None = None
    reminded_at: datetime | None = None
    remind_at: datetime | None = None
    commented_at: datetime | None = None
    contractor_id: int | None = None
    contractor: str = ""
    responsible_id: int | None = None
    responsible: str = ""

    @property
    def taken_over_by(self) -> str:
        """Who is responsible, where that is not the author; else ''."""
        return self.responsible if self.responsible != self.author else ""

    @property
    def name(self) -> str:
        """How people call it: `101/12`, or `101` without a position."""
        return f"{self.number}/{self.position}" if self.position else self.number


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened to a request.

    `created`; `status` (from `old` to `new`); `comment`; `contractor` and `responsible` (`text`: the name, '' for
    none); `snooze` (`text`: until when, `core.clock.iso`); `undone` (`old`: the status taken back, if any, `new`: the
    one that is back, None when it stayed, `text`: the comment taken back). What was taken back has `undone_at` and
    counts no more.
    """

    id: int
    request_id: int
    at: datetime
    kind: str
    actor: str
    origin: str
    old: str | None
    new: str | None
    text: str
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """What a person did to a request with a button or a command, and may undo `until` then: `created` or `status`.

    `id` is its row in the history.
    """

    id: int
    kind: str
    author_id: int
    author: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Contractor:
    """A company that answers requests. A pattern is an address, `name@contractor.example`, or a domain with what is
    below it, `@contractor.example`; lower case, no two contractors have the same.

    `working_hours` is `09:00-18:00`, '' when not said; `working_days` are codes (`DAYS`), () when not said.
    """

    id: int
    name: str
    patterns: tuple[str, ...] = ()
    working_hours: str = ""
    working_days: tuple[str, ...] = ()
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed to make a request, split but not yet checked."""

    number: str
    position: str
    title: str


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When people are to be disturbed: from `start` to `end` of each of `days` (Monday is 0) in a zone.

    The default is every hour: a watch on duty never sleeps. An `end` not after `start` runs past midnight.
    """

    start: time = time(0, 0)
    end: time = time(0, 0)
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests: by status codes, by words in number and title, only late ones (no news since `late_since`)."""

    statuses: tuple[str, ...] = ()
    text: str = ""
    late_since: datetime | None = None
