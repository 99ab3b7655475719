"""Periods in a person's words, in English, Ukrainian and Russian: "yesterday", "за неделю", "01.11-15.11". Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

Unit = Literal["hour", "day", "week", "month", "year"]

_DAYS_AGO: Final = {
    **dict.fromkeys(("today", "сьогодні", "сегодня"), 0),
    **dict.fromkeys(("yesterday", "вчора", "учора", "вчера"), 1),
    **dict.fromkeys(("позавчора", "позавчера"), 2),
}
_UNITS: Final[dict[Unit, re.Pattern[str]]] = {
    "hour": re.compile("hours?|годин[аиу]?|час(?:а|ов)?"),
    "day": re.compile("days?|день|дн[яі]|днів|добу|дней|сутки"),
    "week": re.compile("weeks?|тиждень|тижн[яію]|тижнів|недел[яюиеь]"),
    "month": re.compile("months?|місяц[ьяію]|місяців|месяц[аые]?|месяцев"),
    "year": re.compile("years?|рік|рок[уи]|років|році|год[ау]?|лет"),
}
_LONE: Final = ("week", "month")
"""Units that are a period without anything before them; the others are also words of names."""

_LEADING: Final = re.compile("for|in|on|at|the|during|за|на|у|в|во|протягом|впродовж")
_WHICH: Final = {
    "this": re.compile("this|цей|ц[яю]|цього|цьому|цієї|эт(?:от|а|у|ого|ом|ой)"),
    "previous": re.compile("last|previous|минул(?:ий|а|у|ого|ому|ої)|прошл(?:ый|ая|ую|ого|ом|ой)"),
    "rolling": re.compile("past|recent|останн(?:ій|ю|і|іх|ього)|последн(?:ий|юю|ие|их|его)"),
}
_FROM: Final = re.compile("from|since|з|із|від|с|со|от")
_TO: Final = re.compile("to|till|until|по|до")

_DATE: Final = r"(?:\d{4}-\d\d?-\d\d?|\d\d?\.\d\d(?:\.(?:\d{4}|\d\d))?\.?)"
_ONE: Final = re.compile(_DATE)
_RANGE: Final = re.compile(rf"({_DATE})\s*(?:-|–|—|\.\.|…)\s*({_DATE})")
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)|(\d\d)\.(\d{4})")
_LONGEST: Final = 9999


@dataclass(frozen=True, slots=True)
class Period:
    """`since` is included, `until` is not; None where it has no end."""

    since: datetime | None
    until: datetime | None


def read_period(words: Sequence[str], now: datetime) -> tuple[Period, int] | None:
    """The period that these words begin with, and how many of them say it; None when they begin otherwise.

    `now` is in the reader's zone, where days begin. Without a year, the latest such day that is not to come.
    """
    small = [word.casefold().strip(",") for word in words[:8]]
    at = 0
    while at < min(len(small), 2) and _LEADING.fullmatch(small[at]):
        at += 1
    for read in (_day, _span, _dates):
        if found := read(small, at, now):
            return found
    return None


def _day(words: Sequence[str], at: int, now: datetime) -> tuple[Period, int] | None:
    if at >= len(words) or words[at] not in _DAYS_AGO:
        return None
    day = now.date() - timedelta(days=_DAYS_AGO[words[at]])
    end = None if day == now.date() else day + timedelta(days=1)
    return _between(day, end, now.tzinfo), at + 1


def _span(words: Sequence[str], at: int, now: datetime) -> tuple[Period, int] | None:
    start, which = at, ""
    for name, known in _WHICH.items():
        if at < len(words) and known.fullmatch(words[at]):
            which, at = name, at + 1
            break
    number = int(words[at]) if at < len(words) and words[at].isdecimal() and len(words[at]) <= 4 else None
    at += number is not None
    unit = _unit(words[at]) if at < len(words) else None
    if unit is None or (number is None and not which and start == 0 and unit not in _LONE):
        return None
    if which == "previous" and number is None and unit != "hour":
        return _between(*_previous(unit, now.date()), now.tzinfo), at + 1
    if which == "this" and unit in ("month", "year"):
        first = now.date().replace(day=1) if unit == "month" else now.date().replace(month=1, day=1)
        return _between(first, None, now.tzinfo), at + 1
    return _rolling(unit, max(number or 1, 1), now), at + 1


def _unit(word: str) -> Unit | None:
    return next((unit for unit, words in _UNITS.items() if words.fullmatch(word)), None)


def _previous(unit: Unit, today: date) -> tuple[date, date]:
    if unit == "year":
        return date(max(today.year - 1, 1), 1, 1), date(today.year, 1, 1)
    if unit == "month":
        first = today.replace(day=1)
        return (first - timedelta(days=1)).replace(day=1), first
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday
    return today - timedelta(days=1), today


def _rolling(unit: Unit, number: int, now: datetime) -> Period:
    if unit == "hour":
        return Period(now - timedelta(hours=number), None)
    days = number * {"day": 1, "week": 7, "month": 30, "year": 365}[unit]
    return _between(now.date() - timedelta(days=min(days, 366 * 100) - 1), None, now.tzinfo)


def _dates(words: Sequence[str], at: int, now: datetime) -> tuple[Period, int] | None:
    today, zone = now.date(), now.tzinfo
    if at >= len(words):
        return None
    if _FROM.fullmatch(words[at]) or _TO.fullmatch(words[at]):
        return _from_to(words, at, now)
    if found := _RANGE.fullmatch(words[at]):
        return _range(found[1], found[2], now, at + 1)
    if at + 2 < len(words) and words[at + 1] in ("-", "–", "—") and _ONE.fullmatch(words[at + 2]):
        return _range(words[at], words[at + 2], now, at + 3)
    if found := _MONTH.fullmatch(words[at]):
        first = _date(int(found[1] or found[4]), int(found[2] or found[3]), 1)
        if first is not None:
            return _between(first, (first + timedelta(days=31)).replace(day=1), zone), at + 1
    day = _read(words[at], today)
    return None if day is None else (_between(day, day + timedelta(days=1), zone), at + 1)


def _from_to(words: Sequence[str], at: int, now: datetime) -> tuple[Period, int] | None:
    """`from 01.11 to 15.11`, `since yesterday`, `until 15.11`; the last day is part of it."""
    words = [_as_date(word, now.date()) for word in words]
    first = last = ""
    if _FROM.fullmatch(words[at]) and at + 1 < len(words):
        first, at = words[at + 1], at + 2
    if at + 1 < len(words) and _TO.fullmatch(words[at]) and _ONE.fullmatch(words[at + 1]):
        last, at = words[at + 1], at + 2
    if first and last:
        return _range(first, last, now, at)
    day = _read(first or last, now.date())
    if day is None:
        return None
    since, until = (day, None) if first else (None, day + timedelta(days=1))
    return _between(since, until, now.tzinfo), at


def _as_date(word: str, today: date) -> str:
    return (today - timedelta(days=_DAYS_AGO[word])).isoformat() if word in _DAYS_AGO else word


def _range(first: str, last: str, now: datetime, used: int) -> tuple[Period, int] | None:
    """Both days are part of it. Without a year, the first is the latest before the last."""
    end = _read(last, now.date())
    start = None if end is None else _read(first, end)
    if start is None or end is None or start > end:
        return None
    return _between(start, end + timedelta(days=1), now.tzinfo), used


def _read(word: str, latest: date) -> date | None:
    if not _ONE.fullmatch(word):
        return None
    if "-" in word:
        year, month, day = (int(part) for part in word.split("-"))
        return _date(year, month, day)
    parts = [int(part) for part in word.rstrip(".").split(".")]
    if len(parts) == 3:
        return _date(parts[2] if parts[2] > 99 else 2000 + parts[2], parts[1], parts[0])
    for year in range(latest.year, latest.year - 9, -1):  # the 29th of February comes every eight years at the worst
        found = _date(year, parts[1], parts[0])
        if found is not None and found <= latest:
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1970 <= year < _LONGEST else None
    except ValueError:
        return None


def _between(first: date | None, end: date | None, zone: tzinfo | None) -> Period:
    since = None if first is None else datetime.combine(first, time.min, zone)
    return Period(since, None if end is None else datetime.combine(end, time.min, zone))
