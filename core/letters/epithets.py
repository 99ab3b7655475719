"""Participles that go with a noun, `the accepted quote`, and those that tell what was done: `replaced fan motor`."""

import re
from typing import Final

from core.letters.looks import WORD, Look
from core.letters.refusals import NO_NOUN

_ELLIPTIC: Final = re.compile(r"\W*[a-z]+ed(?!\w)")
_HAS_VERB: Final = re.compile(
    r"(?<!\w)(?:is|are|was|were|has|have|had|will|would|can|cannot|does|did|needs?|failed|broke|arrived|came|went|"
    r"leaks?|trips?|shows?|works?|\w+n't)(?!\w)"
)


def is_epithet(look: Look) -> bool:
    """`completed form`, `the accepted quote`: a participle before its noun."""
    follows = re.match(r"\s([a-z]+)", look.after)
    if look.stage.proven and _ELLIPTIC.match(look.clause) and not _HAS_VERB.search(look.after):
        return False  # `Replaced fan motor.`
    before = WORD.findall(look.before if mends(look) else re.split(r":|\s-\s", look.before)[-1])[-1:]
    opens = not before or before[0] in {"the", "a", "your", "our", "this"}
    return bool(
        look.phrase.endswith("ed")
        and opens
        and follows
        and look.strange(follows[1])
        and not NO_NOUN.fullmatch(follows[1])
    )


def mends(look: Look) -> bool:
    """The verb itself says that it was work."""
    return look.stage.proven or look.has("mends", look.phrase)
