"""What a person means by the words after `/files`. Pure.

In any order: a project, folder or person by name, what happened, a period in one of the three languages, a glob, a
whole path, and words that occur in the path. Quotes keep a name with spaces together, and mean only what they say.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.files.model import EventType, Query
from core.files.naming import is_absolute
from core.files.periods import read_period

_TOKEN: Final = re.compile(r'"([^"]+)"|«([^»]+)»|“([^”]+)”|(\S+)')
_TYPES: Final[Mapping[EventType, re.Pattern[str]]] = {
    "created": re.compile(
        r"created|added|створен\w{1,4}|додан\w{1,4}|созда(?:н|на|но|ны|нные|нный|ли)|добавлен\w{0,4}"
    ),
    "modified": re.compile(r"modified|changed|edited|змін(?:и|ен\w{1,4})|измен(?:ения|[её]н\w{0,5}|или)|правки"),
    "deleted": re.compile(r"deleted|removed|видален\w{1,4}|видалили|удал(?:[её]н\w{0,5}|или)"),
    "moved": re.compile(
        r"moved|renamed|переміщен\w{1,4}|перейменован\w{1,4}|перенесен\w{1,4}"
        r"|перемещ[её]н\w{0,5}|переименован\w{0,5}|перенес[её]н\w{0,5}"
    ),
}
_MOST_WORDS: Final = 5
"""Of a name that is written without quotes."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    quoted: bool


@dataclass(slots=True)
class _Reading:
    """What has been understood so far, and of what kinds each name is."""

    names: Mapping[str, Mapping[str, Any]]
    now: datetime
    words: list[str] = field(default_factory=list)
    globs: list[str] = field(default_factory=list)
    query: Query = field(default_factory=Query)


def parse_query(
    text: str,
    *,
    projects: Iterable[str],
    watches: Iterable[str],
    people: Iterable[str] = (),
    now: datetime,
    timezone: str,
) -> Query:
    """The query in a person's words. `timezone` is the reader's, where their days begin; a week is seven days.

    What is said twice (another project, a second period) is a word like any other.
    """
    names: dict[str, Mapping[str, Any]] = {
        "project": _by_folded(projects),
        "watch": _by_folded(watches),
        "people": people_by_name(people),
    }
    reading = _Reading(names, now.astimezone(ZoneInfo(timezone)))
    words = [_word(match) for match in _TOKEN.finditer(text)]
    at = 0
    while at < len(words):
        used = next((used for read in _READINGS if (used := read(reading, words[at:]))), 0)
        if not used:
            reading.words.append(words[at].text)
        at += used or 1
    return replace(reading.query, words=tuple(reading.words), globs=tuple(reading.globs))


def without_period(text: str, *, now: datetime, timezone: str) -> str:
    """The words without the periods among them: what is followed has no end."""
    matches = list(_TOKEN.finditer(text))
    words = [_word(match) for match in matches]
    kept: list[str] = []
    at = 0
    while at < len(words):
        used = _period(_Reading({}, now.astimezone(ZoneInfo(timezone))), words[at:])
        if not used:
            kept.append(matches[at].group())
        at += used or 1
    return " ".join(kept)


def _word(match: re.Match[str]) -> _Word:
    quoted = match.group(1) or match.group(2) or match.group(3)
    return _Word(quoted or match.group(4), bool(quoted))


def _by_folded(names: Iterable[str]) -> dict[str, str]:
    return {name.casefold(): name for name in names if name}


def people_by_name(people: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Who is meant by a name, small letters: `anna`, `corp\\anna` and `anna@corp.example` are all called anna."""
    found: dict[str, set[str]] = {}
    for person in filter(None, people):
        folded = person.casefold()
        for name in (folded, folded.rpartition("\\")[2], folded.partition("@")[0]):
            found.setdefault(name, set()).add(person)
    return {name: tuple(sorted(persons)) for name, persons in found.items() if name}


def _name(reading: _Reading, words: Sequence[_Word]) -> int:
    """A project, a folder or a person; of several words, the longest name."""
    for length in range(min(_MOST_WORDS, len(words)), 0, -1):
        if length > 1 and any(word.quoted for word in words[:length]):
            continue
        folded = " ".join(word.text for word in words[:length]).casefold()
        for kind, known in reading.names.items():
            if kind == "people" and words[0].quoted:
                continue  # a login may be any word
            if folded in known and not getattr(reading.query, kind):
                named: dict[str, Any] = {kind: known[folded]}
                reading.query = replace(reading.query, **named)
                return length
    return 0


def _period(reading: _Reading, words: Sequence[_Word]) -> int:
    if reading.query.since is not None or reading.query.until is not None:
        return 0
    plain = [word.text for word in words]
    quoted = next((at for at, word in enumerate(words) if word.quoted), len(words))
    found = read_period(plain[:quoted], reading.now)
    if found is None:
        return 0
    period, used = found
    reading.query = replace(reading.query, since=period.since, until=period.until)
    return used


def _type(reading: _Reading, words: Sequence[_Word]) -> int:
    if words[0].quoted or reading.query.event_type is not None:
        return 0
    folded = words[0].text.casefold().strip(",")
    for kind, pattern in _TYPES.items():
        if pattern.fullmatch(folded):
            reading.query = replace(reading.query, event_type=kind)
            return 1
    return 0


def _glob(reading: _Reading, words: Sequence[_Word]) -> int:
    text = words[0].text
    if "*" not in text and "?" not in text:
        return 0
    if is_absolute(text) and not words[0].quoted and text.rstrip("*").endswith(("/", "\\")):
        return _path(reading, [replace(words[0], text=text.rstrip("*"))])
    reading.globs.append(text.replace("\\", "/"))
    return 1


def _path(reading: _Reading, words: Sequence[_Word]) -> int:
    if not is_absolute(words[0].text) or reading.query.path is not None:
        return 0
    reading.query = replace(reading.query, path=words[0].text)
    return 1


_READINGS: Final[tuple[Callable[[_Reading, Sequence[_Word]], int], ...]] = (_name, _period, _type, _glob, _path)
