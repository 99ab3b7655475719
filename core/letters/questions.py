"""Whether the sender asks us which request is meant, or cannot tell himself: then a person answers."""

import re
from collections.abc import Collection
from typing import Final

from core.letters.evidence import Heard
from core.letters.lexicon import Lexicon

_OF_THEM: Final = re.compile(r"\s(?:из|з|із)\s")
_WHICH_IS: Final = re.compile(r"which is ")
_SLIP: Final = re.compile(
    r"(?<!\w)(?:опечат\w+|описк\w+|одрук\w*|помилив\w+|помилил\w+|ошиб(?:ся|лась|ка)|перепута\w+|переплута\w+|typo|oops|тьфу)"
    r"[^.!?\d]{0,40}?(?<![\d.:])(\d{2,8})(?![\d.:]\d|\d)"
)
_NOT_IT: Final = re.compile(r"(?<!\w)(?:не|not)\s")
_NOT_SAID: Final = re.compile(
    r"не (?:указ|вказ|поня|зрозум|вид|бач|зна|сказ|уточн)|(?:can't|cannot|couldn't) tell|didn't say|don't know|"
    r"not sure|"
    r"no idea"
)


def corrects_number(item: Heard, named: Collection[str]) -> bool:
    """`Заявка 318... тьфу, опечатался, 381!`: which of the two is meant is for a person to say."""
    found = _SLIP.search(item.sentence.text)
    return found is not None and found[1] not in named and _NOT_IT.search(found[0]) is None


def asks_which(item: Heard, lex: Lexicon, *, several: bool) -> bool:
    """`По какой заявке?`: a question about the request itself; `по какой из них?` where several are named."""
    text = item.sentence.text
    found = lex["which_request"].search(text)
    if found is None or (_OF_THEM.search(found[0]) and not several):
        return False
    named = any(not mention.reason for mention in item.mentions if mention.keyed and not mention.is_position)
    if named and not _WHICH_IS.match(found[0]):
        return False
    return "?" in text or lex["ask"].search(text) is not None or _NOT_SAID.search(text) is not None
