"""Whether a piece of the work that is told of is all of it: something shows it, or holds it back."""

import re
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.looks import WORD
from core.letters.sentences import Sentence

_HELD: Final = re.compile(
    r"(?<!\w)(?:ждем|жду|чекаємо|чекаю|временн\w+|тимчасов\w+|закаж\w+|замовим\w*|ordering|ordered|waiting|awaiting|but|но|але|"
    r"однако?|проте|пока|поки|for now|still|свое\w*|своем|своїм\w*|свого|причин\w+|назад|тому|last|ago|не)(?!\w)"
)
"""Something else is to come, or it was another time or place."""
_NO_LONGER: Final = re.compile(
    r"не (?:(?:работа|горе|запуска|включа|открыва|закрыва|гре|держа|крути|показыва|печата|света|холоди|морози|"
    r"кача)л\w*|"
    r"(?:працюва|горі|вмика|запуска|відкрива|закрива|грі|трима|крути|показува|друкува|світи|холоди|кача)(?:в|ла|ло|ли)\w*|"
    r"течет|капает|тече|капає|протекает|протікає|шум\w+|гуд\w+|искрит|іскрить)"
)
"""It was so, or is so no more."""


def holds_back(sentence: Sentence, words: Lexicon) -> bool:
    """The sentence leaves something open."""
    text = _NO_LONGER.sub(" ", sentence.text)
    return _HELD.search(text) is not None or any(words[kind].search(text) for kind in ("future", "pending", "question"))


def shows_all(sentence: Sentence, words: Lexicon) -> bool:
    """The sentence tells that it works, was tried or handed over: what was done is all of it."""
    for found in words["proof"].finditer(sentence.text, 0, sentence.question_from):
        before = WORD.findall(sentence.text[sentence.clause(found.start())[0] : found.start()])
        doubted = any(words["doubt"].search(word) or words["outsider"].fullmatch(word) for word in before)
        if not doubted and not any(
            words["negation"].fullmatch(word) or word.endswith("n't") or words["crew"].fullmatch(word)
            for word in before[-2:]
        ):
            return True
    return False
