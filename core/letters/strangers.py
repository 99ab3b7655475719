"""Whether a noun that the reader does not know is the subject of a verb: then the status is somebody else's.

Grammar is only touched: the noun stands beside the verb and has an ending that agrees with it.
"""

import re
from typing import Final

from core.letters.looks import WORD, Look
from core.letters.model import EN_ROUTE, LEFT, ON_SITE
from core.letters.verdicts import CANCELLATIONS, REFUSALS

_IMPERSONAL: Final = re.compile(r"[аеєяиу][нт]о$")
_SHORT: Final = 5
"""No longer word in `-ed` is a noun, as `feed` is."""
_FRAME: Final = re.compile(
    r"(?<!\w)(?:note|advised?|know|confirm(?:ed|ing)?|inform(?:ed|ing)?(?: you)?|report|say|tell you|aware|update you|"
    r"notify you|glad|pleased|happy|sorry|afraid|regret|advising)(?: you)? (?:now )?that\s|"
    r"(?<!\w)(?:phoned|called|rang|texted|e?-?mailed|wrote|messaged)(?: us| me)? (?:to say )?that\s|"
    r"(?<!\w)(?:kindly|please|pls) (?:note|be (?:informed|advised))\s"
)
"""`please note that |`: what leads to the news."""
_EVERY: Final = frozenset({"все", "всі", "усі", "all"})
_NUMERALS: Final = frozenset({"два", "две", "дві", "три", "четыре", "чотири", "пять", "п'ять", "three", "four", "five"})
_ARTICLES: Final = frozenset({"the", "a", "an", "our", "your", "my", "his", "her", "their", "this"})
_VERB: Final = re.compile(r"[аеиоуыяіїє](?:л[аои]?|в)(?:сь|ся)?$|[a-z]ed$")
_AND: Final = frozenset({"и", "і", "й", "та", "and", "также", "також"})
_NOUN: Final = re.compile(r"[а-яіїє']{3,}(?<![оеийх])(?<!ом|ем|єм|ою|ею|єю|им)(?<!ами|ями)$")
_PREPOSITION: Final = re.compile(
    r"(?:в|во|у|на|по|к|с|со|з|із|от|від|до|для|за|из|о|об|про|при|без|через|после|після|перед|in|on|at|by|for|to|from|of|with|since)$"
)
_GOVERNS: Final = re.compile(
    rf"^{_PREPOSITION.pattern}|(?:ння|ттям?|нням|нию|нии|нием|ния|ції|цією|ции|цией|"
    r"^(?:відбою|отбоя|початку|начала|кінця|конца|дозволу|разрешения|ремонту|ремонта|сигналу|сигнала))$"
)
"""What follows such a word is no subject: `після уточнення адреси прийняли`."""
_ENDINGS: Final = (
    (re.compile(r"(?:ли|ны|ты|ні|ті|лись|лися)$"), re.compile(r"(?:[иыії]|[иы]е|ия|ья|ння)$")),
    (re.compile(r"(?:ла|на|та|лась|лася|готова)$"), re.compile(r"[аяь]$")),
    (re.compile(r"(?:ло|но|то|лось|лося)$"), re.compile(r"(?:ие|ье|ство|ння|ття)$")),
    (re.compile(r"(?:л|в|н|т|лся|вся|ий|готов|готовий)$"), re.compile(r"[бвгґджзклнпрстфхцчшщь]$")),
    (re.compile(r"[a-z]$"), re.compile(r"[a-z]$")),
)
"""Which ending of a verb goes with which ending of its subject: plural, feminine, neuter, masculine; English."""
ORDINAL: Final = re.compile(r"(?:перв|втор|трет|четверт|перш|друг|четвёрт)(?:ая|ый|ой|ий|ья|а|я|ые|і)")
_WHILE: Final = re.compile(r"\s(?:when|while|as|because|когда|пока|коли|поки|бо)\s")
_SUBJECT_FOR: Final = re.compile(
    r"\W*(?:the|a|an|our|your|this)\s(?:[a-z'-]+\s){0,2}?([a-z'-]+)\s(?:for|under|on|of)\s(?:the |your )?(?:request|"
    r"req)(?!\w)"
)
NO_SUBJECT: Final = re.compile(
    r"^(?:в|во|на|по|к|со|з|із|от|від|до|для|за|из|об|про|при|без|через|после|після|перед|та|но|але|что|що|как|як|так|by|in|on|at|"
    r"for|to|from|of|with|since|and|but|или|либо|або|чи|or)$|(?:ов|ев|єв|їв|ин|ін|енко|чук|юк|ук|ский|ський|цький|цкий|ян|дзе|швили)$|"
    r"[а-яіїє]{2}(?:ах|ях|ами|ями)$|(?:ть|ти|ться|тись|чь|ил|ыл|ял|ly|ing|юсь|юся|емся|ємось|ємося|имся|имось|имося|ємо|емо)$"
)
"""Prepositions, family names, plurals that are no subject, infinitives, adverbs."""


def stranger_acts(look: Look, *, after: bool = True) -> bool:
    """An unknown noun beside the verb agrees with it: `претензия принята`, `прибыл двигатель`. after: or behind it."""
    around = f"{look.before.rsplit(':', 1)[-1]}{look.phrase}{_WHILE.split(look.after)[0]}"
    if look.has_crew(strict=False, text=around) and not look.after.startswith(" by "):
        return False
    told = look.lead if look.stage.status in {EN_ROUTE, ON_SITE, LEFT} else look.before
    told = _FRAME.split(told.rsplit(":", 1)[-1])[-1]
    before = ["", *WORD.findall(told)[-5:], ""]
    for lead, word, follows in zip(before, before[1:], before[2:], strict=False):
        if lead in _EVERY and word in _NUMERALS:
            continue  # `все три приняли`
        joined = _VERB.search(word) and (
            follows in _AND or (len(word) > _SHORT and word.isascii())
        )  # `получили и приняли`, `logged and accepted`
        if agrees(look, word) and not joined and not _GOVERNS.search(lead) and not _governed(before, word):
            return True
    follows = WORD.findall(look.after)[:2] if after and look.after[:1] not in ":(" and look.after[:2] != " -" else []
    follows = follows[1:] if follows and ORDINAL.fullmatch(follows[0]) else follows
    return bool(follows) and follows[0].isalpha() and not follows[0].isascii() and agrees(look, follows[0])


def _governed(words: list[str], word: str) -> bool:
    """`in our system`: a preposition stands before the article."""
    at = words.index(word)
    return at > 1 and words[at - 1] in _ARTICLES and _PREPOSITION.match(words[at - 2]) is not None


def agrees(look: Look, word: str) -> bool:
    """The word may be the verb's subject: a noun unknown to us, of the verb's number and gender."""
    if (
        (not look.strange(word) and word not in (*REFUSALS, *CANCELLATIONS))
        or any(look.has(kind, word) for kind in ("work", "negation", "filler"))
        or NO_SUBJECT.search(word)
        or any(map(str.isdigit, word))
        or word in {"вы", "ви"}
    ):
        return False
    verb = look.phrase.split(" ")[0]
    if _IMPERSONAL.search(verb) and _NOUN.match(word):
        return True  # `доставку скасовано`: what was cancelled stands in the accusative
    return next((ends.search(word) is not None for form, ends in _ENDINGS if form.search(verb)), False)


def is_thing_for(look: Look) -> bool:
    """`the pump for request 12 has been accepted`."""
    found = _SUBJECT_FOR.match(look.before)
    if found is None:
        return False
    noun = found[1]
    known = any(look.has(kind, noun) for kind in ("crew", "names", "work", "filler", "negation"))
    return bool(look.strange(noun)) and not known
