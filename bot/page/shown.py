"""How values look to one reader: moments in their zone, sizes, labels, outside text made safe to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote, urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from core.clock import iso
from core.files.model import FileEvent
from core.health.model import JobState
from core.letters.mailboxes import Unread, unread_text
from core.requests.model import HistoryEntry, Request, Workflow
from core.requests.rules import author_name, is_late
from core.text import N_, Translator, local_time

_KEPT: Final = frozenset("\n\t\u00a0\u200d\u200e\u200f")
"""Not printable by Unicode, yet part of honest text: line breaks, joined emoji, marks of direction."""


_JOB_STATES: Final = {
    "starting": N_("starting"),
    "running": N_("running"),
    "idle": N_("waiting"),
    "backoff": N_("trying again"),
    "waiting": N_("waits for a person"),
    "stopped": N_("stopped"),
    "off": N_("off"),
    "auth": N_("access refused"),
}
_EVENT_TYPES: Final = {
    "created": N_("created"),
    "modified": N_("modified"),
    "deleted": N_("deleted"),
    "moved": N_("moved"),
}
_NOTICE_STATES: Final = {
    "new": N_("Waiting"),
    "sending": N_("On the way"),
    "unknown": N_("Uncertain"),
    "dead": N_("Refused"),
}


def visible(value: object) -> object:
    """Outside text with every character that hides or turns its neighbours shown as `�`; the rest as it is.

    The templates' `finalize`: each value a template prints goes through here, and is then escaped.
    """
    if type(value) is not str or value.isprintable():
        return value
    return "".join(c if c.isprintable() or c in _KEPT else "\ufffd" for c in value)


@dataclass(frozen=True, slots=True)
class Shown:
    """Shows values to one reader at one moment."""

    t: Translator
    zone: str
    now: datetime
    workflow: Workflow
    late_after: timedelta

    @property
    def zone_name(self) -> str:
        """The reader's zone and its present distance from UTC: `Europe/Kyiv, UTC+02:00`."""
        offset = self.now.astimezone(ZoneInfo(self.zone)).strftime("%z")
        return f"{self.zone}, UTC{offset[:3]}:{offset[3:5]}"

    def when(self, moment: datetime | None) -> Markup:
        """A moment, short; all of it to the pointer and to programs."""
        if moment is None:
            return Markup("—")
        there = moment.astimezone(ZoneInfo(self.zone))
        return Markup('<time datetime="{iso}" title="{full}">{short}</time>').format(
            iso=iso(moment),
            full=f"{there:%d.%m.%Y %H:%M:%S} {self.zone}",
            short=local_time(moment, self.zone, self.now),
        )

    def size(self, size: int | None) -> str:
        """A file's size: bytes, or binary kilobytes, megabytes, gigabytes with one decimal."""
        if size is None:
            return "—"
        t = self.t
        if size < 2**10:
            return t("{size} B", size=size)
        if size < 2**20:
            return t("{size} KB", size=_short(size / 2**10))
        if size < 2**30:
            return t("{size} MB", size=_short(size / 2**20))
        return t("{size} GB", size=_short(size / 2**30))

    def status(self, code: str) -> str:
        """A request's status in the reader's language; a code that the workflow no longer knows as it is."""
        try:
            return self.workflow.status(code).labels[self.t.language]
        except KeyError:
            return code

    def icon(self, code: str) -> str:
        """A status's icon; none for a code that the workflow no longer knows."""
        return self.workflow.status(code).icon if code in self.workflow.codes else ""

    def author(self, author: str) -> str:
        """Who did something to a request."""
        return author_name(self.t, author)

    def is_late(self, request: Request) -> bool:
        """Whether news of this request are overdue."""
        known = request.status in self.workflow.codes
        return known and is_late(self.workflow, request, self.now, self.late_after)

    def unread(self, mailboxes: Sequence[Unread]) -> str:
        """That these mailboxes were not read for too long."""
        return unread_text(self.t, mailboxes, self.zone, self.now)

    def job_state(self, state: str) -> str:
        """What a job does, in a word."""
        return self.t(_JOB_STATES.get(state, state))

    def event_type(self, kind: str) -> str:
        """What happened to a file, in a word."""
        return self.t(_EVENT_TYPES.get(kind, kind))

    def old_path(self, event: FileEvent) -> str:
        """Where a moved file was before; `''` for other events."""
        parts = event.details.split("; ") if event.event_type == "moved" else []
        return next((unquote(part[9:]) for part in parts if part.startswith("old_path=")), "")

    def file_name(self, path: str) -> str:
        """The last part of a path, on whatever system it was noticed."""
        return path[_cut(path) :]

    def folder(self, path: str) -> str:
        """A path without its last part."""
        return path[: _cut(path)]

    def notice_state(self, state: str) -> str:
        """Where a message stands, in a word."""
        return self.t(_NOTICE_STATES.get(state, state))

    def fault(self, job: JobState) -> str:
        """A job's last error, unless it has done its work since."""
        recovered = job.last_ok_at is not None and job.last_ok_at >= job.since and job.state in ("running", "idle")
        if job.last_error is None or recovered:
            return ""
        return self.t(job.last_error, **job.error_values)

    def happened(self, entry: HistoryEntry) -> str:
        """A line of a request's history."""
        t = self.t
        if entry.kind == "status" and entry.new:
            if not entry.old:
                return t("Status: {new}", new=self.status(entry.new))
            return t("Status: {old} → {new}", old=self.status(entry.old), new=self.status(entry.new))
        kinds = {
            "created": t("Created"),
            "comment": t("Comment"),
            "reminded": t("Reminded"),
            "contractor": t("Contractor"),
            "responsible": t("Responsible"),
            "snooze": t("Remind again later"),
            "undone": t("Taken back"),
        }
        return kinds.get(entry.kind, entry.kind)

    def words(self, entry: HistoryEntry) -> Markup | str:
        """What a line of a request's history says besides."""
        if entry.kind == "snooze":
            return self.when(datetime.fromisoformat(entry.text))
        if entry.kind == "contractor":
            return entry.text or self.t("no contractor")
        if entry.kind == "responsible":
            return entry.text or self.t("nobody")
        if entry.kind == "undone" and entry.old:
            return " · ".join(part for part in (self.status(entry.old), entry.text) if part)
        return entry.text


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _cut(path: str) -> int:
    return max(path.rfind("/"), path.rfind("\\")) + 1


def address(path: str, /, **query: object) -> str:
    """An address with the query values that are there."""
    kept = {name: value for name, value in query.items() if value not in (None, "", 0)}
    return f"{path}?{urlencode(kept)}" if kept else path
