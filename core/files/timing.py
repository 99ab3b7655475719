"""When something is due, as people write it: `2h`, or a cron line. Pure; core.settings_values checks with it, too."""

import re
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_EVERY: Final = re.compile(r"(?:\d+(?:\.\d+)?[smhd])+")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def parse_every(text: str) -> float:
    """`2h`, `90s`, `1h30m`, `1d` → seconds. Raises `ValueError` for anything else, and for less than a second."""
    if not _EVERY.fullmatch(text.replace(" ", "")):
        raise ValueError(f"{text!r} is no length of time; write it like 90s, 15m, 2h, 1d or 1h30m")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if seconds < 1:
        raise ValueError(f"{text!r} is too short; the least is 1s")
    return seconds


@dataclass(frozen=True, slots=True)
class Crontab:
    """The five fields of a cron line as sets of numbers; None where it says `*`. Weekdays count from 0, Sunday."""

    minutes: frozenset[int] | None
    hours: frozenset[int] | None
    days: frozenset[int] | None
    months: frozenset[int] | None
    weekdays: frozenset[int] | None

    @property
    def weekday_names(self) -> list[str]:
        """The weekdays by name: 1 is Monday to cron (crontab(5)) and Tuesday to others."""
        return [_DAYS[day] for day in sorted(self.weekdays or ())]


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()


_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, ("", *_MONTHS)),
    _Field("weekday", 0, 7, _DAYS),
)


def parse_crontab(line: str) -> Crontab:
    """`0 7 * * 1-5` → its fields, with the meaning of crontab(5): 0 and 7 are Sunday. Raises `ValueError`."""
    texts = line.lower().split()
    if len(texts) != len(_FIELDS):
        raise ValueError(f"{line!r} is no cron line; it needs five fields: minute hour day month weekday")
    minutes, hours, days, months, weekdays = (_numbers(text, field) for text, field in zip(texts, _FIELDS, strict=True))
    if weekdays is not None:
        weekdays = frozenset(day % 7 for day in weekdays)
    elif days is not None and months is not None and min(days) > max(_LONGEST[month - 1] for month in months):
        raise ValueError(f"the cron line {line!r} names a day that never comes")
    return Crontab(minutes, hours, days, months, weekdays)


def _numbers(text: str, field: _Field) -> frozenset[int] | None:
    if text == "*":
        return None
    return frozenset(number for part in text.split(",") for number in _range(part, field))


def _range(part: str, field: _Field) -> range:
    span, slash, step = part.partition("/")
    first, dash, last = span.partition("-")
    if slash and not (step.isdecimal() and int(step) > 0):
        raise ValueError(f"{part!r} is no {field.name} of a cron line")
    if span == "*":
        start, end = field.least, field.most - (field.name == "weekday")
    else:
        start = _number(first, field)
        end = _number(last, field) if dash else (field.most if slash else start)
    if start > end:
        raise ValueError(f"{part!r} ends before it begins")
    return range(start, end + 1, int(step) if slash else 1)


def _number(text: str, field: _Field) -> int:
    if text and text in field.words:
        return field.words.index(text)
    if text.isdecimal() and field.least <= int(text) <= field.most:
        return int(text)
    raise ValueError(f"{text!r} is no {field.name} of a cron line ({field.least} to {field.most})")
