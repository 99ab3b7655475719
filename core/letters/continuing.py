"""Who is still spoken of in the next clause: `плата виїхала з Варшави, в дорозі`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.model import ACCEPTED, EN_ROUTE, LEFT, ON_SITE
from core.letters.sentences import Sentence
from core.letters.stages import Hit
from core.letters.subjects import OTHER_THING

_NEW_SUBJECT: Final = re.compile(r"[;:]|\s-\s|(?<!\w)(?:а|но|але|but|и|і|and|по|щодо)(?!\w)")
_AND: Final = re.compile(r"(?: [\w-]+){0,3} and (?:has |is |was |have )?(?:now |just )?")
_WENT: Final = re.compile(r"(?<!\w)(?:left|gone|departed|arrived|set off|shipped|sent)(?!\w)")
_ALONE: Final = re.compile(r"[аеиоуыяіїє](?:ла|в)(?:ся|сь)?$")
"""A verb of one who is spoken of, not of us."""
_STATE: Final = re.compile(r"(?:на|в|у|on|at|en)\s")
"""No verb, so that nobody acts."""
_WE: Final = re.compile(r"(?:[еєи]мо?|[ую])$")


def of_one_subject(sentence: Sentence, hits: list[Hit], words: Lexicon) -> Iterator[Hit]:
    """The stages of a sentence; who moves apart from the request goes on doing so until somebody else is named."""
    before: Hit | None = None
    for hit in hits:
        if before is not None and hit.counts and hit.status in {ACCEPTED, EN_ROUTE, ON_SITE, LEFT}:
            between = sentence.text[before.end : hit.start]
            own = between.rpartition(",")[2]
            named = words["crew"].search(own) or words["names"].search(own)
            if not named and _moves_apart(before, hit, between, sentence):
                hit = replace(hit, reason=OTHER_THING)
        yield hit
        before = hit


def _moves_apart(before: Hit, hit: Hit, between: str, sentence: Sentence) -> bool:
    """What is told of something or somebody else than the crew goes on in the next clause."""
    said, says = sentence.text[before.start : before.end], sentence.text[hit.start : hit.end]
    if before.reason != OTHER_THING or _STATE.match(said):
        return False
    if _AND.fullmatch(between):
        return said.isascii() and _WENT.search(said) is not None
    if "," not in between or _NEW_SUBJECT.search(between):
        return False
    moves = (
        ACCEPTED not in {before.status, hit.status}
        and before.status in {EN_ROUTE, ON_SITE}
        and _WE.search(said.split(" ")[0]) is None
    )
    return moves or _ALONE.search(says.split(" ")[0]) is not None
