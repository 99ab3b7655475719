"""Participles that go with a noun, `the accepted quote`, and those that tell what was done: `replaced fan motor`."""

import re
from typing import Final

from core.letters.looks import WORD, Look
from core.letters.refusals import NO_NOUN

_ELLIPTIC: Final = re.compile(r"\W*[a-z]+ed(?!\w)")
_NOUN_LAST: Final = re.compile(
    r"(?<!\w)(?!(?:is|are|was|were|been|be|has|have|had|now|all|just|already|fully|and|we|they|he|she|i|you|who|not)\s)[a-z]{3,}\s$"
)
_THEN_VERB: Final = re.compile(
    r"(?:\s(?!and |so |but |or )[\w:'-]+){1,4}?\s(?:has|have|is|are|was|were)\s(?:failed|tripped|stopped|broken|gone|"
    r"leaking|down|out|faulty|not|now|still|again|back|wrong)(?!\w)"
)
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
    opens = not before or before[0] in {"the", "a", "an", "all", "any", "some", "your", "our", "this", "these", "those"}
    return bool(
        look.phrase.endswith("ed")
        and opens
        and follows
        and look.strange(follows[1])
        and not NO_NOUN.fullmatch(follows[1])
    )


def is_reduced(look: Look) -> bool:
    """`boiler fixed on Monday has failed again`: a clause cut short, before the verb of its noun."""
    before = look.before.rsplit(": ", 1)[-1]
    if not look.phrase.endswith("ed") or not _NOUN_LAST.search(before):
        return False
    return _THEN_VERB.match(look.after) is not None


def mends(look: Look) -> bool:
    """The verb itself says that it was work."""
    return look.stage.proven or look.has("mends", look.phrase)
