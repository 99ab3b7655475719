"""Whether a "not" reaches a phrase: `have not even set off`, `не приняли или отклонили`."""

import re
from typing import Final

from core.letters.looks import WORD, Look
from core.letters.phrasebook import WEAK

_ONLY: Final = re.compile(r"(?:не только|не лише|не тільки|not only|not just|not merely)\s+(?:\w+\s+)?$")
_OR: Final = frozenset({"or", "nor", "или", "либо", "або", "чи", "ни", "ні", "ані"})
_NOBODY: Final = re.compile(
    r"(?<!\w)(?:neither|nor|ни|ні|ані|никто|ніхто|никак\w+|жодн\w+|nobody|no one|none|так и не|так і не)(?!\w)"
)
_PERFECT: Final = re.compile(r"(?:(?<!\w)(?:have|has|had|haven't|hasn't|hadn't)|'ve)(?!\w)(?!.*\bbeen\b)")
_IN_BETWEEN: Final = re.compile(r"(?<!\w)(?:not|не)\s?(?:yet|ще|еще)?,(?:\s[\w'-]+){1,4},?\s*$")
"""`have not, so far,`"""
_NO_CREW: Final = re.compile(
    r"(?<!\w)(?:(?:none|neither|not one) of (?:the|our|your)|no|neither|not (?:one|a single)|жодн\w+(?: з(?: наших)?)?|"
    r"ни одн\w+(?: из(?: наших)?)?|(?:никто|ніхто) (?:из|з)(?: наших)?|никак\w+|ніяк\w+)\s(\w+)\s(?:\w+\s){0,3}$"
)
_FAR: Final = 9
_JOINED: Final = 3
"""So many words may stand between a "not" and the "or" behind it."""


def is_negated(look: Look) -> bool:
    """A "not" stands before the phrase, with only small words, adverbs and what an "or" joins between."""
    if (nobody := _NO_CREW.search(look.before)) and look.words["crew"].fullmatch(nobody[1]):
        return True
    before = look.before.rsplit(":", 1)[-1]
    joined = 0
    words = WORD.findall(before)[-_FAR:]
    for word in reversed(words):
        if look.words["negation"].fullmatch(word) or word.endswith("n't"):
            return _ONLY.search(before) is None
        if word in _OR:
            joined = _JOINED
        elif joined:
            joined -= 1
        elif not (look.words["filler"].fullmatch(word) or _is_passed(look, word)):
            return False
    return _IN_BETWEEN.search(look.earlier[: look.clause_start + 1]) is not None


def _is_passed(look: Look, word: str) -> bool:
    """An adverb; or the verb that a place belongs to: `not arrived on site`."""
    return (word.isascii() and word.endswith("ly")) or (look.stage.tense == WEAK and bool(look.words.stages_in(word)))


def leaves_open(look: Look) -> bool:
    """What is not accepted is not refused by it: `neither accepted nor declined`, `have not accepted`."""
    aside = _IN_BETWEEN.search(look.earlier[: look.clause_start + 1]) is not None
    before = look.earlier if aside else look.before
    return _NOBODY.search(before) is not None or _PERFECT.search(before) is not None
