"""Lists below a heading that tells the status of what is listed: `Выполнено:`, then a line for each request."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from core.letters.evidence import Heard
from core.letters.stages import FUTURE, Hit

_MOST_WORDS: Final = 4
"""Of a heading without a colon."""
_AT_TIME: Final = re.compile(r"[\s*•·-]*(?:о|в|об|at)?\s?\d{1,2}[:.]\d\d(?!\d)")
_PLAN: Final = re.compile(
    r"(?<!\w)(?:план\w*|plan\w*|schedule\w*|график\w*|графік\w*|завтра|tomorrow|порядок|агенда|agenda|programme)(?!\w)"
)
_ENUMERATES: Final = re.compile(r"\W*\d{1,2}[.)]\s*")
_WORD: Final = re.compile(r"\w+")


def told_below(heard: list[Heard]) -> Iterator[Heard]:
    """The sentences, for binding: what a heading tells stands in the lines below it that tell nothing themselves."""
    said = [item for item in heard if not _ENUMERATES.fullmatch(item.sentence.text)]
    lines = Counter((item.section, item.sentence.line) for item in said)
    below: list[Hit] | None = None
    for item, follows in zip_longest(said, said[1:]):
        alone = lines[item.section, item.sentence.line] == 1
        if alone and follows is not None and _is_heading(item) and _is_listed(follows):
            below = [hit for hit in item.hits if hit.counts]
            yield replace(item, hits=[])
        elif below and _is_listed(item) and not item.hits:
            yield replace(item, hits=[replace(hit, start=0, end=0) for hit in below])
        else:
            below = None if any(hit.counts for hit in item.hits) and not item.mentions else below
            yield item


def planned_below(heard: list[Heard]) -> Iterator[Heard]:
    """The sentences; lines that begin with a time below `План на завтра:` tell what is to come."""
    planned = False
    for item in heard:
        text = item.sentence.text
        if _AT_TIME.match(text):
            hits = [replace(hit, reason=hit.reason or FUTURE) for hit in item.hits] if planned else item.hits
            yield replace(item, hits=hits)
            continue
        if text.strip():
            planned = text.rstrip().endswith(":") and _PLAN.search(text) is not None
        yield item


def _is_heading(item: Heard) -> bool:
    text = item.sentence.text.strip()
    if any(not mention.reason for mention in item.mentions) or item.row or "|" in text:
        return False
    return text.endswith(":") or (text[-1:].isalpha() and len(_WORD.findall(text)) <= _MOST_WORDS)


def _is_listed(item: Heard) -> bool:
    """The line begins with a request or a position."""
    first = next((mention for mention in item.mentions if not mention.reason), None)
    if first is None or item.row:
        return False
    before = item.sentence.text[: first.start]
    return not _WORD.search(before) or _ENUMERATES.fullmatch(before) is not None
