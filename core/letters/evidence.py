"""What is read of a letter, piece by piece, and the words of it that made the reading or did not count. Pure."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from core.letters.attribution import Target
from core.letters.lexicon import Lexicon
from core.letters.model import Evidence, Kind, Outcome
from core.letters.numbers import Mention, NumberReader
from core.letters.patterns import fold
from core.letters.sections import Section
from core.letters.sentences import Sentence, sentences
from core.letters.stages import Hit, find_stages
from core.letters.struck import Kept
from core.text import N_

UNCLEAR_REQUEST: Final = N_("The letter leaves open which request it speaks of.")
QUOTED: Final = N_("It stands in a quoted letter.")
STRUCK: Final = N_("It is struck through.")

_QUOTED_SAMPLE: Final = 3000
_MOST_STRUCK: Final = 20


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence with what was found in it."""

    section: int
    sentence: Sentence
    mentions: list[Mention]
    hits: list[Hit]
    row: bool = False
    """It is a row of a table, where only the cells under the right heads name requests."""


@functools.lru_cache(maxsize=4)
def reader_of(lex: Lexicon) -> NumberReader:
    """The number reader of a vocabulary; made once."""
    return NumberReader(lex)


def of_heard(sections: list[Section], heard: list[Heard]) -> Iterator[Evidence]:
    """What was found in the sentences."""
    for item in heard:
        yield from _of_sentence(sections[item.section], item.sentence.start, item.mentions, item.hits)


def _of_sentence(
    section: Section, base: int, mentions: Iterable[Mention], hits: Iterable[Hit], because: str = ""
) -> Iterator[Evidence]:
    """`because`: why nothing of it counts."""
    for mention in mentions:
        reason = because or mention.reason or (UNCLEAR_REQUEST if mention.unsure else "")
        numbers = ", ".join(map(_spoken, mention.targets))
        kind: Kind = "position" if mention.is_position else "request"
        yield _piece(section, base + mention.start, base + mention.end, kind, numbers, reason)
    for hit in hits:
        yield _piece(section, base + hit.start, base + hit.end, "status", hit.status, because or hit.reason)


def _spoken(target: Target) -> str:
    request, position = target
    return request if position is None else f"{request}/{position}" if request else position


def _piece(section: Section, start: int, end: int, kind: Kind, value: str, reason: str) -> Evidence:
    start, end = section.kept.origin(start), section.kept.origin(end - 1) + 1
    at = section.offset + start
    return Evidence(kind, section.where, at, section.offset + end, section.whole[start:end], value, not reason, reason)


def of_struck(sections: list[Section], lex: Lexicon) -> Iterator[Evidence]:
    """What was said and struck through."""
    for section in sections:
        whole = replace(section, kept=Kept(section.whole))
        for start, end in section.kept.struck[:_MOST_STRUCK]:
            for sentence in islice(sentences(fold(section.whole[start:end])), 1):
                mentions = reader_of(lex).keyed(sentence.text, ())
                hits = find_stages(sentence, lex)
                yield from _of_sentence(whole, start + sentence.start, mentions, hits, STRUCK)


def of_quoted(text: str, lex: Lexicon, outcome: Outcome) -> Iterator[Evidence]:
    """Numbers in quoted text: for the person who decides, never news."""
    if outcome != "triage":
        return
    quoted = text[:_QUOTED_SAMPLE]
    section = Section("quoted", 0, quoted, Kept(quoted))
    for sentence in sentences(fold(quoted)):
        found = reader_of(lex).keyed(sentence.text, ())
        named = [mention for mention in found if mention.targets and not mention.reason]
        yield from _of_sentence(section, sentence.start, named, (), QUOTED)
