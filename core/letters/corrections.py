"""What the next sentence takes back: `Говорили, что приняли. Это не так.`"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from core.letters.evidence import Heard
from core.letters.lexicon import Lexicon
from core.letters.stages import UNDONE

_OPENS: Final = re.compile(r"\W*(?:но |але |but |а |и |однако |проте |вибачте |извините |sorry )?,?\s?")


def without_denied(heard: list[Heard], lex: Lexicon) -> Iterator[Heard]:
    """The sentences; the news of one that the next calls a mistake does not count."""
    for item, follows in zip_longest(heard, heard[1:]):
        hits = item.hits
        if hits and follows is not None and follows.section == item.section and _denies(follows, lex):
            hits = [replace(hit, reason=hit.reason or UNDONE) for hit in hits]
        yield replace(item, hits=hits)


def _denies(item: Heard, lex: Lexicon) -> bool:
    """`Это ошибка`, at the beginning of the sentence."""
    opens = _OPENS.match(item.sentence.text)
    found = lex["mistaken"].match(item.sentence.text, opens.end() if opens else 0)
    return found is not None and re.match(r"(?:это|то|це|that|it|this)", found[0]) is not None
