"""A company's own words, added to those built in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.errors import ConfigError
from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE, SENT
from core.letters.patterns import fold, whole_words
from core.letters.phrasebook import NOW, PAST, Stage
from core.letters.words import DEFAULT_WORDS, Words

STATUSES: Final = (SENT, ACCEPTED, EN_ROUTE, ON_SITE, LEFT, DECLINED, CANCELLED)
_LITERAL: Final = re.compile(r"[^\w\s()|?*'-]")
_TOLD_AS_PAST: Final = re.compile(r"\w+(?:[лв]|[лв][иаося]+|[нт][оаыиі]|ий|ed)(?!\w)")


def configured(words: Mapping[str, Mapping[str, Sequence[str]]], number_pattern: str = "") -> Words:
    """The built-in words with a company's own phrases, by status and language, and its pattern of request numbers.

    Phrases are written as in `core.letters.phrasebook`; one with a leading `!` is taken out of those built in.
    Raises `ConfigError` for an unknown status, and for a phrase or a pattern that cannot be searched for.
    """
    added: list[Stage] = []
    removed: list[str] = []
    for status, by_language in words.items():
        if status not in STATUSES:
            raise ConfigError(
                "letters.words: there is no status {status}; there are {known}.",
                status=status,
                known=", ".join(STATUSES),
            )
        for written in (phrase for spoken in by_language.values() for phrase in spoken):
            phrase = _checked(written.removeprefix("!"), f"letters.words.{status}")
            if written.startswith("!"):
                removed.append(phrase)
            else:
                added.append(Stage(status, PAST if _TOLD_AS_PAST.match(phrase) else NOW, (phrase,), own=True))
    silent = (Stage("", PAST, tuple(removed)),) if removed else ()
    pattern = number_pattern.strip().removeprefix("^").removesuffix("$")
    if pattern and _matches_nothing(pattern, number_pattern):
        raise ConfigError("letters.number_pattern: {pattern} also matches an empty text.", pattern=number_pattern)
    if not (added or silent or pattern):
        return DEFAULT_WORDS  # whose searches are compiled once
    return replace(DEFAULT_WORDS, stages=(*added, *silent, *DEFAULT_WORDS.stages), number_pattern=pattern)


def _checked(written: str, where: str) -> str:
    """The phrase as searches need it: folded, with signs that mean something in an expression taken literally."""
    phrase = _LITERAL.sub(lambda sign: "\\" + sign[0], " ".join(fold(written).split()))
    try:
        re.compile(phrase)
        empty = whole_words((phrase,)).search("") is not None or not re.search(r"\w", phrase) or "(?" in phrase
    except (re.error, IndexError) as error:
        raise ConfigError(
            "{where}: the phrase {phrase} cannot be read: {error}.", where=where, phrase=written, error=error
        ) from error
    if empty:
        raise ConfigError("{where}: the phrase {phrase} has no words.", where=where, phrase=written)
    return phrase


def _matches_nothing(pattern: str, written: str) -> bool:
    try:
        return re.compile(rf"(?:{pattern})\Z", re.IGNORECASE).match("") is not None
    except re.error as error:
        raise ConfigError(
            "letters.number_pattern: {pattern} cannot be read: {error}.", pattern=written, error=error
        ) from error
