"""Requests that are named in passing, and not as those that something is told of."""

import re
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.model import DECLINED, LEFT
from core.letters.patterns import expression
from core.letters.places import recent

_OFF_SITE: Final = re.compile(r"(?<!\w)(?:off ?site|packed up|gone|away|finished) from (?:the |your )?$")
_BEGIN: Final = re.compile(r"(?<!\w)(?:почн|поч[аи]н|нач[ниа]|start|begin)\w* (?:с|со|з|із|from|with) $")
"""`почнуть з 411`."""
_SAME: Final = (
    r"(?<!\w)(?:т(?:от|а|о|е|ой|ою|ого|им|ую|у|і|ій|ої|ий) (?:же|ж|сам\w+)|так\w{1,3} (?:же|ж|сам\w+)|сам\w+ так\w+|"
    r"похож\w*|схож\w*|the same|similar|just like|exactly like)(?!\w)"
)
_AS: Final = r"(?:как|як|что|що|шо|котор\w+|як\w{1,2}|as|that|who|which|to)(?!\w)"
_COMPARED: Final = re.compile(rf"{_SAME}[^.;!?]{{0,40}}{_AS}[^.,;!?:]{{0,40}}$")
"""`така сама халепа, як на заявці 101`."""
_NEAR: Final = 40

_FAULT_FROM: Final = re.compile(
    r"(?<!\w)(?:back|(?:breakdown|fault|failure|defect|issue|problem|leak|work|job|task|repair|damage)s?) from\s+$"
)
"""`the fault from request 101`: the one that it tells of."""


class Passing:
    """Knows "after request 100", "not request 100, but …", "from request 100 to …", "the same as at request 100"."""

    def __init__(self, words: Lexicon) -> None:
        vocabulary = words.words
        self._words = words
        self._not_this = re.compile(
            rf"(?<!\w)(?:{expression(vocabulary.not_this)})\s+(?:(?:по|за|до|на|к|в|о|про|щодо|for|on|the|of|to|закрытия|завершения|"
            r"выполнения|закриття|виконання)\s+){0,2}$"
        )
        self._from_this = re.compile(rf"(?<!\w)(?:{expression(vocabulary.from_this)})\s+$")

    def names(self, text: str, start: int, end: int, *, left: bool) -> bool:
        """Whether the request named between these offsets is none that something is told of. left: a "from" before it
        may mean that it is left."""
        before = recent(text, start)
        if self._not_this.search(before) or _COMPARED.search(before):
            return True
        if not left or not self._from_this.search(before) or _FAULT_FROM.search(before) or _BEGIN.search(before):
            return False
        return not (_OFF_SITE.search(before) or self._leaves(text, end))

    def _leaves(self, text: str, at: int) -> bool:
        """`с 101 уже уехали`: there the request is left, not passed over on the way to another."""
        stage = next(iter(self._words.stages_in(text[: at + _NEAR], at)), None)
        return (
            stage is not None
            and self._words.stage_of(stage[0]).status in {DECLINED, LEFT}
            and "," not in text[at : stage.start()]
        )
