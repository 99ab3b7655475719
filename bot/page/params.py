"""What a visitor may ask for in an address, checked. Every fault is a `UserError`: one sentence, status 400."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.errors import UserError
from core.files.model import EVENT_TYPES, EventType

BIGGEST: Final = 2**63 - 1
"""The largest id a database can hold."""
LONGEST: Final = 1000
"""Characters of a text to look for."""


def only(query: Mapping[str, str], known: Collection[str]) -> None:
    """Refuse parameters nobody knows, so that a misspelt filter does not look like an answer."""
    for name in query:
        if name not in known:
            raise UserError("There is no parameter {name}. Known are: {known}.", name=name, known=", ".join(known))


def number(query: Mapping[str, str], name: str, *, default: int, least: int = 0, most: int = BIGGEST) -> int:
    """A whole number within bounds."""
    given = query.get(name, "").strip()
    if not given:
        return default
    digits = given.removeprefix("-")
    value = int(given) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    if value is None or not least <= value <= most:
        raise UserError(
            "{name} is {given}; it must be a whole number from {least} to {most}.",
            name=name,
            given=given,
            least=least,
            most=most,
        )
    return value


def words(query: Mapping[str, str], name: str) -> str | None:
    """A text to look for; None when it is empty."""
    given = query.get(name, "").strip()
    if len(given) > LONGEST or "\x00" in given:
        raise UserError("{name} is not a text to look for: at most {n} characters fit.", name=name, n=LONGEST)
    return given or None


def one_of(query: Mapping[str, str], name: str, known: Collection[str]) -> str | None:
    """One of the known words; None when it is empty."""
    given = query.get(name, "").strip()
    if given and given not in known:
        raise UserError("{name} is {given}; known are: {known}.", name=name, given=given, known=", ".join(known))
    return given or None


def event_type(query: Mapping[str, str]) -> EventType | None:
    """`type`: what happened to a file."""
    found = one_of(query, "type", EVENT_TYPES)
    return next((kind for kind in EVENT_TYPES if kind == found), None)


def moment(query: Mapping[str, str], name: str) -> datetime | None:
    """An ISO 8601 moment with its offset, in UTC. A `+` that arrived as a blank is understood."""
    given = query.get(name, "").strip()
    if not given:
        return None
    try:
        found = _from_iso(given)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UserError(
        "{name} is {given}; it must be a moment with its offset from UTC, like 2026-11-20T14:00:00+02:00.",
        name=name,
        given=given,
    )


def _from_iso(given: str) -> datetime:
    head, blank, tail = given.rpartition(" ")
    if blank and ":" in head and tail.replace(":", "").isdigit():
        try:
            return datetime.fromisoformat(f"{head}+{tail}")
        except ValueError:
            pass
    return datetime.fromisoformat(given)


def day(query: Mapping[str, str], name: str, zone: str, *, end: bool = False) -> datetime | None:
    """A day (`2026-11-20`) in a zone, in UTC: its first moment, or with `end` the first of the next day."""
    given = query.get(name, "").strip()
    if not given:
        return None
    try:
        date = datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=ZoneInfo(zone)).date()
        there = datetime.combine(date + timedelta(days=1 if end else 0), time.min, ZoneInfo(zone))
        return there.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UserError("{name} is {given}; it must be a day, like 2026-11-20.", name=name, given=given) from error
