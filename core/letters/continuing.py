"""Who is still spoken of in the next clause: `плата виїхала з Варшави, в дорозі`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.model import EN_ROUTE, LEFT, ON_SITE
from core.letters.sentences import Sentence
from core.letters.stages import Hit
from core.letters.subjects import OTHER_THING

_NEW_SUBJECT: Final = re.compile(r"[;:]|\s-\s|(?<!\w)(?:а|но|але|but|и|і|and|по|щодо)(?!\w)")
_WE: Final = re.compile(r"(?:[еєи]мо?|[ую])$")


def of_one_subject(sentence: Sentence, hits: list[Hit], words: Lexicon) -> Iterator[Hit]:
    """The stages of a sentence; who moves apart from the request goes on doing so until somebody else is named."""
    before: Hit | None = None
    for hit in hits:
        goes_on = before is not None and hit.counts and _moves_apart(before, sentence)
        if goes_on and before is not None and hit.status in {EN_ROUTE, ON_SITE, LEFT}:
            between = sentence.text[before.end : hit.start]
            own = between.rpartition(",")[2]
            named = _NEW_SUBJECT.search(between) or words["crew"].search(own) or words["names"].search(own)
            if "," in between and not named:
                hit = replace(hit, reason=OTHER_THING)
        yield hit
        before = hit


def _moves_apart(hit: Hit, sentence: Sentence) -> bool:
    """Something or somebody else than the crew is on the way or there."""
    verb = sentence.text[hit.start : hit.end].split(" ")[0]
    return hit.reason == OTHER_THING and hit.status in {EN_ROUTE, ON_SITE} and _WE.search(verb) is None
