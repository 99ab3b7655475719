"""What stands beside the news and is none of the request: who needs nobody any more, what else fell through, what is
asked besides.
"""

import re
from typing import Final

from core.letters.looks import BUT, WORD, Look
from core.letters.model import CANCELLED

_OWN_FORCES: Final = re.compile(
    r"(?<!\w)(?:(?:своими|собственными|власними|своїми) силами|самостоятельно|самостійно)(?!\w)"
)
_SOMEBODY_DID: Final = re.compile(r"[иа]л[иі]$")
_CALLED_OFF: Final = re.compile(r"[бвгґджзклмнпрстфхцчшщьую]$(?<!ов)(?<!ев)(?<!ин)(?<!ко)(?<![тс]ь)")
"""The ending of a noun that stands in the accusative, and of no family name."""
_WOULD: Final = re.compile(r"бы?|би|would")
_PREPOSITIONS: Final = frozenset({"по", "на", "в", "у", "из", "з", "за", "через", "с", "від", "от", "до", "к"})
_UNKNOWN: Final = re.compile(r"не знаю|не знаем|не знаємо|don't know")
_ASKS_HOW: Final = re.compile(
    r"(?<!\w)(?:ск[оі]л[ьк]\w*|скоко|скіки|скока|когда|коли|во сколько|о котрій|где|де|почему|чому|зачем|навіщо|"
    r"кто|хто|как[а-я]*|як\w*|what|when|how|who|why|where)(?!\w)"
)
"""What may be unknown of something that has happened; never whether it has."""


def by_themselves(look: Look) -> bool:
    """`отозвал заявку: больше не нужна, устранили своими силами`: those mended it who need nobody now."""
    if not look.is_done() or _OWN_FORCES.search(look.clause) is None:
        return False
    earlier = f"{look.previous} {look.earlier}"
    return any(look.words.stage_of(found[0]).status == CANCELLED for found in look.words.stages_in(earlier))


def calls_off_a_thing(look: Look) -> bool:
    """`наш поезд отменили`: nobody in particular did it, to what stands before the verb in the accusative."""
    if look.stage.status != CANCELLED or not _SOMEBODY_DID.search(look.phrase):
        return False
    before, word = ["", "", *WORD.findall(look.before)][-2:]
    return (
        before not in _PREPOSITIONS
        and bool(look.strange(word))
        and _CALLED_OFF.search(word) is not None
        and not look.has("outsider", word)
    )


def asks_something_else(look: Look, found: re.Match[str]) -> bool:
    """`выехали, сколько ехать, не знаю`: what is not known, as `found` says, is asked in the words beside it."""
    if _UNKNOWN.match(found[0]) is None:
        return False
    start, end = look.sentence.clause(found.start())
    return look.clause_start != start and _ASKS_HOW.search(look.sentence.text[start : end + 1]) is not None


def is_turned_from(look: Look, wish: re.Match[str]) -> bool:
    """`ми б з радістю, але не візьмемо`: what would be ends where a "but" tells what is."""
    return _WOULD.fullmatch(wish[0]) is not None and BUT.search(look.earlier, wish.end()) is not None
