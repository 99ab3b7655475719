"""Whether those who move come to this request, or to another before it."""

import re
from typing import Final

from core.letters.epithets import is_epithet
from core.letters.looks import Look
from core.letters.model import LEFT

_YOURS_NEXT: Final = re.compile(
    r"(?<!\w)(?:yours?|you|your (?:site|job|request|call|building))(?: is| are|'re| will be|'ll be) (?:next|after that|"
    r"afterwards)(?!\w)"
)
_LEFT_TOWN: Final = re.compile(
    r"left (?!the |our |at |\d|for |ours)(\S+) (?:at \d\S+ )?(?:for|in|towards|bound|heading)(?!\w)"
)
"""A town has a capital, `left spares for you` has none."""
_NOUN_AFTER: Final = re.compile(r"\s[a-z]")


def is_not_yours(look: Look, status: str) -> bool:
    """`en route to the airport, yours is next`; `arrived parcel contains the wrong part`: a participle before its noun,
    which is no place with a capital."""
    if status != LEFT and _YOURS_NEXT.search(look.sentence.text):
        return True
    if town := _LEFT_TOWN.search(look.phrase):
        at = look.match.start() + town.start(1)
        return not look.sentence.written[at : at + 1].isupper()
    follows = _NOUN_AFTER.match(look.sentence.written, look.match.end())
    opens = not re.split(r":|\s-\s", look.before)[-1].strip()
    return look.phrase == "arrived" and follows is not None and opens and is_epithet(look)
