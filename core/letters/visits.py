"""A visit that is over, and was not the end of the work: `attended, quote to follow`, `attended 10:00-12:30`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from core.letters.evidence import Heard
from core.letters.stages import Hit
from core.letters.subjects import NOT_ALL

_FROM_TO: Final = re.compile(r"[^.;!?]{0,30}?\d{1,2}[:.]\d\d\s?(?:-|to|till|until)\s?\d{1,2}[:.]\d\d")
_MORE_TO_COME: Final = re.compile(
    r"(?<!\w)(?:(?:quote|quotation|estimate|proposal)s? (?:will |to |shall )?(?:be sent|follow)|"
    r"(?:re-?|return |second |further |follow-?up )visit|(?:on|to) order|(?:parts?|spares?|unit|motor|pump) "
    r"(?:is |are )?(?:required|needed|ordered)|no access|to return|will return|will be back|isolated|made safe)(?!\w)"
)


def without_past_visits(found: list[Heard]) -> Iterator[Heard]:
    """The sentences; in one that tells of such a visit nobody is there any more."""
    for place, item in enumerate(found):
        over = [hit for hit in item.hits if hit.counts and _is_visit(item, hit) and _is_over(found, place, hit)]
        hits = [replace(hit, reason=NOT_ALL) if hit in over else hit for hit in item.hits]
        yield replace(item, hits=hits) if over else item


def _is_visit(item: Heard, hit: Hit) -> bool:
    return item.sentence.text.startswith("attended", hit.start)


def _is_over(found: list[Heard], place: int, hit: Hit) -> bool:
    """It says until when, or what follows; up to where another request is spoken of."""
    item = found[place]
    if _FROM_TO.match(item.sentence.text, hit.end) or _MORE_TO_COME.search(item.sentence.text, hit.end):
        return True
    for each in found[place + 1 :]:
        if each.section != item.section or any(mention.targets and not mention.reason for mention in each.mentions):
            return False
        if _MORE_TO_COME.search(each.sentence.text):
            return True
    return False
