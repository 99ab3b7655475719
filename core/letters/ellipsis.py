"""Whose a status is that has no subject of its own: that of the words before it.

`Насос заказан, в пути` is said of the pump; after `поменяли кран` a bare `едем` is the way home.
"""

import re
from typing import Final

from core.letters.looks import BUT, WORD, Look
from core.letters.model import EN_ROUTE, ON_SITE
from core.letters.phrasebook import NOW, WEAK

_PAST: Final = re.compile(
    r"(?!\w*(?:сь|ся)$)(?:[а-яіїє']{2,}[аеиоуыяіїє](?:л[аи]?|в)|[а-яіїє']{3,}(?:[аея]н|[ыия]т)[аоиыі]?|"
    r"[a-z]{2,}ed|done|put|built|cut)$"
)
"""A finite past or a short participle; no reflexive one: `собрались`, `загрузились` come before the way."""
_TOWARDS: Final = re.compile(
    r"(?<!\w)(?:к|до|на|в|у|по|to|for) (?:the |your |эту |цю |ваш\w* |заявк\w* )?"
    r"(?:вам|вас|объект|об'єкт|место|місце|адрес|заявк|позиц|№|\d{2,}|you|site|address|location|job|request)|"
    r"(?<!\w)(?:сюда|туда|сюди|туди|there|будем|будемо|буду|прибудем\w*|приедем|приїдемо|eta)(?!\w)"
)
_PREPOSITION: Final = re.compile(
    r"(?:в|во|у|на|по|к|с|со|з|із|от|від|до|для|за|из|о|об|про|при|без|через|после|після|in|on|at|by|for|to|from|of|with)"
)


_HEAD: Final = re.compile(r":|\s-\s")
_BE: Final = re.compile(r"is|are|was|were|been|be|has|have|had|now|all|just|already|fully|got|getting")
_OF_REQUEST: Final = re.compile(
    r"jobs?|works?|calls?|call-?out|orders?|tickets?|bookings?|attendance|instruction|it|this|that"
)
_FAULT: Final = re.compile(r"faults?|defects?|problems?|leaks?|issues?")


def has_own_subject(look: Look) -> bool:
    """`Request 101: card declined`: below what the line is about, an unknown English noun stands before its verb."""
    if not look.phrase.isascii():
        return False
    _, *below = _HEAD.split(look.before)
    words = [word for word in WORD.findall(below[-1]) if not _BE.fullmatch(word)] if below else []
    if words and _FAULT.fullmatch(words[-1]):
        return look.phrase == "confirmed"
    if not words or not words[-1].isascii() or not look.strange(words[-1]) or words[-1].endswith("ly"):
        return False
    known = any(look.has(kind, words[-1]) for kind in ("crew", "names", "outsider", "work", "negation", "filler"))
    return not known and not _OF_REQUEST.fullmatch(words[-1]) and not any(map(str.isdigit, words[-1]))


def belongs_to_another(look: Look) -> bool:
    """The subject or the occasion of the words before makes it no way to the request."""
    if look.stage.status not in {EN_ROUTE, ON_SITE} or look.tells_state():
        return False
    lead = look.earlier[: look.clause_start]
    if look.stage.tense == WEAK and not look.has_crew(strict=False):
        return not (look.has("crew", lead) or look.has("names", lead)) and _acted_on_a_thing(look, lead)
    if look.stage.status != EN_ROUTE or look.stage.tense != NOW or look.has_crew(strict=True, text=look.before):
        return False
    if _TOWARDS.search(look.sentence.text, look.clause_start):
        return False
    return any(_acted_on_a_thing(look, text) for text in (BUT.split(look.earlier)[-1], look.previous))


def _acted_on_a_thing(look: Look, text: str) -> bool:
    """Something was done to something: a verb of the past that is no preparation, and a noun beside it."""
    if not text or look.has("preparation", text) or look.has("thought", text):
        return False
    if look.has("sends", text):
        return True
    strange, words = set(look.strange(text)), WORD.findall(text)
    verbs = {word for word in words if (word in strange and _PAST.match(word)) or look.has("mends", word)}
    return bool(verbs) and any(
        (word in strange or look.has("work", word)) and word not in verbs and not _PREPOSITION.fullmatch(before)
        for before, word in zip(["", *words], words, strict=False)
    )
