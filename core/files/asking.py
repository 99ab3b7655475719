"""What a person means by the words after `/files`. Pure.

In any order: a project or folder by its name, a period in one of the three languages, a glob, a whole path,
and words that occur in the path. Quotes keep a name with spaces together.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.files.model import Query
from core.files.naming import is_absolute

_TOKEN: Final = re.compile(r'"([^"]+)"|«([^»]+)»|(\S+)')
_TODAY: Final = frozenset({"today", "сьогодні", "сегодня"})
_YESTERDAY: Final = frozenset({"yesterday", "вчора", "учора", "вчера"})
_WEEK: Final = frozenset({"week", "тиждень", "тижня", "тижні", "неделя", "неделю", "недели", "неделе"})
_LEADING: Final = frozenset({"for", "this", "the", "за", "цей", "цього", "на", "эту", "этой", "протягом"})


@dataclass(slots=True)
class _Reading:
    """What has been understood so far."""

    projects: dict[str, str]
    watches: dict[str, str]
    today: datetime
    words: list[str] = field(default_factory=list)
    globs: list[str] = field(default_factory=list)
    query: Query = field(default_factory=Query)


def parse_query(text: str, *, projects: Iterable[str], watches: Iterable[str], now: datetime, timezone: str) -> Query:
    """The query in a person's words. `timezone` is the reader's, where their days begin; a week is seven days."""
    reading = _Reading(_by_folded(projects), _by_folded(watches), _midnight(now.astimezone(ZoneInfo(timezone))))
    for match in _TOKEN.finditer(text):
        quoted = match.group(1) or match.group(2)
        token = quoted or match.group(3)
        if not any(read(reading, token) for read in _READINGS):
            reading.words.append(token)
    return replace(reading.query, words=tuple(reading.words), globs=tuple(reading.globs))


def _by_folded(names: Iterable[str]) -> dict[str, str]:
    return {name.casefold(): name for name in names if name}


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _name(reading: _Reading, token: str) -> bool:
    folded = token.casefold()
    if reading.query.project is None and folded in reading.projects:
        reading.query = replace(reading.query, project=reading.projects[folded])
    elif reading.query.watch is None and folded in reading.watches:
        reading.query = replace(reading.query, watch=reading.watches[folded])
    else:
        return False
    return True


def _period(reading: _Reading, token: str) -> bool:
    folded = token.casefold()
    today = reading.today
    if folded in _TODAY:
        since, until = today, None
    elif folded in _YESTERDAY:
        since, until = today - timedelta(days=1), today
    elif folded in _WEEK:
        since, until = today - timedelta(days=6), None
    else:
        return False
    if reading.words and reading.words[-1].casefold() in _LEADING:
        reading.words.pop()
    reading.query = replace(reading.query, since=since, until=until)
    return True


def _glob(reading: _Reading, token: str) -> bool:
    if "*" not in token and "?" not in token:
        return False
    reading.globs.append(token.replace("\\", "/"))
    return True


def _path(reading: _Reading, token: str) -> bool:
    if not is_absolute(token):
        return False
    reading.query = replace(reading.query, path=token)
    return True


_READINGS: Final[tuple[Callable[[_Reading, str], bool], ...]] = (_name, _period, _glob, _path)
