"""Decisions about requests: pure."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import UserError
from core.requests.model import ROBOT, Draft, Request, Status, Workflow, WorkingHours
from core.text import Translator

MAX_TITLE = 300
MAX_COMMENT = 2000

_NUMBER = re.compile(r"[\w](?:[\w.\-]{0,30}[\w])?", re.UNICODE)
_POSITION = re.compile(r"\d{1,6}(?:[.\-]?\w{1,6})?", re.UNICODE)
_LEAD = "№#Nn"
NO_POSITION = ("-", "—", "0")
"""What people write where a position is asked for and there is none."""


def author_name(t: Translator, author: str) -> str:
    """Who did something to a request, as people are shown it: a person's name as it is, the robot's in their language.

    What is stored stays `ROBOT`.
    """
    return t("Robot") if author == ROBOT else author


def parse_draft(line: str) -> Draft:
    """`101 12 Leak in the room`, `101/12 Leak`, `№101 Leak` → number, position, title.

    A second word that looks like a position (digits, perhaps a letter) is one. Raises `UserError`.
    """
    words = line.split(maxsplit=1)
    if not words:
        raise UserError("Write the number, the position and what is wrong: /new 101 12 Leak in the server room")
    number, _, position = words[0].lstrip(_LEAD).partition("/")
    rest = words[1] if len(words) > 1 else ""
    if not position:
        head, _, tail = rest.partition(" ")
        if _POSITION.fullmatch(head) or head in NO_POSITION:
            position, rest = head, tail
    return Draft(check_number(number), check_position(position), check_title(rest))


def parse_name(text: str) -> tuple[str, str | None]:
    """How people call a request: `101/12`, `101 12`, `№101` → number and position (None: not said)."""
    number, _, position = text.strip().lstrip(_LEAD).replace(" ", "/", 1).partition("/")
    return check_number(number), check_position(position) or None


def check_number(number: str) -> str:
    """The request number without blanks around. Raises `UserError` unless it holds a digit and is at most 32 long."""
    number = number.strip().lstrip(_LEAD)
    if not _NUMBER.fullmatch(number) or not any(c.isdigit() for c in number):
        raise UserError("A request number has digits in it and at most 32 characters, like 101 or 12-345.")
    return number


def check_position(position: str) -> str:
    """The position without blanks around, or '' for none. Raises `UserError`."""
    position = position.strip()
    if not position or position in NO_POSITION:
        return ""
    if not _POSITION.fullmatch(position):
        raise UserError("A position is a short number, like 12 or 3a; send - when there is none.")
    return position


def check_title(title: str) -> str:
    """The title on one line. Raises `UserError` when it is empty or too long."""
    title = " ".join(title.split())
    if not title:
        raise UserError("Please say in a few words what is wrong.")
    if len(title) > MAX_TITLE:
        raise UserError(
            "The title has {n} characters; {limit} are enough. The rest fits in a comment.",
            n=len(title),
            limit=MAX_TITLE,
        )
    return title


def check_comment(text: str) -> str:
    """A comment without blanks around. Raises `UserError` when it is empty or too long."""
    text = text.strip()
    if not text:
        raise UserError("The comment is empty. Write it as text, please.")
    if len(text) > MAX_COMMENT:
        raise UserError(
            "The comment has {n} characters; {limit} fit. Please shorten it.", n=len(text), limit=MAX_COMMENT
        )
    return text


def check_status(workflow: Workflow, code: str) -> Status:
    """The status with that code. Raises `UserError` naming the known ones."""
    try:
        return workflow.status(code)
    except KeyError as error:
        raise UserError(
            "There is no status {status}. Statuses are: {known}.", status=code, known=", ".join(workflow.codes)
        ) from error


def next_statuses(workflow: Workflow, code: str) -> tuple[Status, ...]:
    """Where a request may go from here: anywhere else; from a final status only back to an open one."""
    final = workflow.status(code).final
    return tuple(status for status in workflow.statuses if status.code != code and not (final and status.final))


def find_status(workflow: Workflow, word: str) -> str | None:
    """The code that a word means: a code itself or its label in any language, whatever the case."""
    wanted = word.strip().casefold().replace("-", "_")
    for status in workflow.statuses:
        names = {status.code, *(label.casefold() for label in status.labels.values())}
        if wanted in names or wanted.replace("_", " ") in names:
            return status.code
    return None


def is_late(workflow: Workflow, request: Request, now: datetime, limit: timedelta) -> bool:
    """Whether news are overdue: the status is not final and older than the limit."""
    return not workflow.status(request.status).final and now - request.status_updated_at >= limit


def is_working(hours: WorkingHours, moment: datetime) -> bool:
    """Whether people may be disturbed at that moment."""
    there = moment.astimezone(ZoneInfo(hours.timezone))
    clock = there.time()
    if hours.start < hours.end:
        return there.weekday() in hours.days and hours.start <= clock < hours.end
    if hours.start == hours.end:
        return there.weekday() in hours.days
    if clock >= hours.start:
        return there.weekday() in hours.days
    return clock < hours.end and (there.weekday() - 1) % 7 in hours.days


def working_time(hours: WorkingHours, since: datetime, until: datetime) -> timedelta:
    """How much of the time between two moments is working time; nothing when `until` is not after `since`."""
    if until <= since:
        return timedelta()
    zone, day = ZoneInfo(hours.timezone), timedelta(days=1)
    first, last = since.astimezone(zone).date() - day, until.astimezone(zone).date() + day
    total, counted_to = timedelta(), since.astimezone(UTC)
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        start, end = _shift(hours, date.fromordinal(ordinal), zone)
        if start.weekday() in hours.days:
            # Where the clock jumps ahead over midnight's shift two shifts may overlap: no moment counts twice.
            begin, stop = max(start.astimezone(UTC), counted_to), min(end.astimezone(UTC), until.astimezone(UTC))
            if begin < stop:
                total, counted_to = total + (stop - begin), stop
    return total


def _shift(hours: WorkingHours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When work that begins on that day begins and ends there."""
    if hours.start == hours.end:
        start, end, ends_on = time(), time(), day + timedelta(days=1)
    else:
        start, end = hours.start, hours.end
        ends_on = day if start < end else day + timedelta(days=1)
    return datetime.combine(day, start, zone), datetime.combine(ends_on, end, zone)
