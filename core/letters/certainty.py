"""Whether the sentence around a status stands by it: who tells it, of whom, and as what.

A status below a `что`, `that` counts where somebody reports it, not where it is thought, feared or denied; what a
relative clause tells is background; a pronoun means whom the words before it named.
"""

import functools
import re
from typing import Final

from core.letters.hearsay import is_hearsay
from core.letters.looks import BUT, REASON, WORD, Look
from core.letters.model import CANCELLED, DECLINED, EN_ROUTE, ON_SITE
from core.text import N_

NOT_REPORTED: Final = N_("The sender is not sure.")
BACKGROUND: Final = N_("It is said of an earlier time.")
TO_COME: Final = N_("It is still to come.")
OTHERS: Final = N_("It is said of something else.")

_OPENS_WITH_THAT: Final = re.compile(
    r"\s*,?\s*(?:что|що|that(?! (?:crew|team|engineer|technician|job|one|man|guy|visit|part|work|repair) )|будто|"
    r"нібито)\s"
)
_CALLED_TO_SAY: Final = re.compile(r"(?<!\w)(?:phoned|called|rang|texted|e?-?mailed|wrote|messaged)(?!\w)")
_WHICH_WE: Final = re.compile(r"\s*,?\s*which (?:we|i)\s")
_REASON_THAT: Final = re.compile(
    r"(?:потому|тому|так|затем|через те|из-за того|учитывая|того|те|тем|тим|только|тільки|so|now)[\s,]*$"
)
_RELATIVE: Final = re.compile(r"\s*,?\s*(?:\w{1,3} )?(?:котор\w+|як(?:а|ий|е|і|у|ою|ої|ій|их|ими)|which|whose)\s")
_THAN: Final = re.compile(
    r"(?:ніж|чем|than)(?: \w+)? (?:думали|гадали|ожидали|очікували|рассчитывали|планировали|планували|"
    r"thought|expected|planned)"
)
"""`вийшло краще, ніж думали` doubts nothing."""
_DENIES: Final = re.compile(
    r"(?:n't|\bnot|\bcannot|\bне)\s(?:\w+\s)?(?:think|believe|confirm|know|see|say|expect|sure|думаю|думаємо|бачу|"
    r"бачимо|"
    r"вижу|видим|видел\w*|бачив|бачили|знаю|знаем|знаємо|(?:подтвер|підтвер)\w+(?<!сь)(?<!ся)|уверен\w*|"
    r"впевнен\w*)(?!\w)"
)
_TOO_EARLY: Final = re.compile(
    r"(?<!\w)(?:невозможно|неможливо|нельзя|рано|зарано|impossible to|too early to|unable to|cannot|can't)\s(?:\w+\s)?"
    r"(?:подтвер|підтвер|сказа|говор|утвержд|каза|стверд|стверж|confirm|say|tell)"
)
_YOU_ASKED: Final = re.compile(
    r"(?<!\w)(?:вы|ви|you|нас|у нас|от нас|від нас|нам)\s(?:\w+\s){0,2}?"
    r"(?:прос(?:или|ите|или бы)|просит|спрашива|спросил|пита|запиту|хотели|хотіли|ask|want|wish)[^;:!?]*$"
)
"""What we were asked to confirm is not confirmed by it."""
_EXPECTED: Final = re.compile(
    r"(?<!\w)(?:expect|intend|aim|hope|plan|want|need)\w* (?:[\w#'-]+ ){0,4}to (?:be|have)(?!\w)"
)
_WILL_BE_AND: Final = re.compile(
    r"(?:(?<!\w)(?:will|would|should|can|could|may|might|shall|must)|'ll) (?:be|have|get)(?!\w)[^;:.!?]*\s(?:and|or|"
    r"then)\s(?:\w+ly\s)?$"
)
"""`we will be there at 9 and finished by four`."""
_BY_YOU: Final = re.compile(r"(?<!\w)(?:you|вы|ви)(?:'ve|'d| have| had)?(?: already| уже| вже)?\s+$")
_ONCE: Final = re.compile(
    r"(?:once|as soon as|until|till|when|before)\s(?:[\w'-]+\s){0,5}?"
    r"(?:has|have|is|are|gets?|(?:we|they|he|she|i)'(?:re|s|m|ve))\s(?:\w+\s)?$"
)
_ALMOST: Final = re.compile(r"(?<!\w)(?:nearly|almost|почти|майже|чуть не|едва не|ледь не|мало не)\s+$")
_YOURS: Final = re.compile(r"(?<!\w)(?:ваш(?:а|е|и|і|у|его|ого|ему|ому|им|ей|ої|ею|их|ими)?|your(?: own)?) (\w+)")
_WITH_YOURS: Final = re.compile(
    r"^ (?:and|with|to|for) [^,;:.!?]{0,40}?(?:by|with|to|for|from) your \w+|^ (?:with|to|for) (?:\w+ ){0,3}?your \w+"
)
"""`complete and signed off by your caretaker`, `tested with your electrician`: who was there when we did it."""
_EARLIER_LETTER: Final = re.compile(
    r"(?<!\w)(?:попередн|вчорашн|ранков|предыдущ|прошл|вчерашн|утренн|previous|earlier|last|yesterday's|our)\w* "
    r"(?:лист|письм|повідомлен|сообщен|ответ|відповід|message|letter|e-?mail|mail|reply|note)"
)
_DISREGARD: Final = re.compile(
    r"(?<!\w)не (?:враховуй|враховувати|учитывай|учитывать|зважай|обращай|звертай)\w*|(?<!\w)(?:disregard|ignore)(?!\w)"
)
_IN_ANOTHER_LETTER: Final = re.compile(
    r"(?<!\w)(?:лист|письм|повідомлен|сообщен|ответ|відповід|message|letter|e-?mail|reply|(?:на)?писа[влн]|note|"
    r"text(?:ed)?|"
    r"typed|wrote|written)\w*[^.!?\"]{0,30}\"[^\"]{0,60}$"
)
"""The words stand in quotation marks, as those of an earlier letter."""
_OTHER_PARTY: Final = re.compile(
    r"(?<!\w)(?:(?:друг|інш|чуж)\w+ (?:подрядчик|підрядник|организац|організац|фирм|фірм|компани|компані)|"
    r"(?:another|different|other) (?:contractor|company|firm)|служб\w+ (?:города|міста)|"
    r"(?:раньше|раніше|вместо|замість|перед)(?: за)? на(?:с|ми)(?!\w)|(?:машина|авто|люди) п(?:од|ід)рядчика|"
    r"(?:комм?унальн|городск|міськ)\w+ служб|(?<!бригада )(?<!бригади )(?<!бригады )(?:аварийн|аварійн)\w+ служб)"
)
"""Somebody works there who is not the contractor that writes."""
_OPENS_QUOTE: Final = re.compile(r"\"[^\"]{0,30}$")
_CLOSES_QUOTE: Final = re.compile(r"[^\"]{0,30}\"")
_SETS: Final = re.compile(
    r"(?<!\w)(?:статус\w*|стан[іу]?|состояни\w+|status|state|отмет\w+|відміт\w+|помет\w+|постав\w+|перев[её]л\w+|"
    r"перев[её]д\w+|"
    r"зміни\w+|измен\w+|позначи\w+|mark\w*|set|moved?|changed?)(?!\w)[^.!?]{0,40}$"
)
"""A status is set to what is quoted."""
_MIXED_UP: Final = re.compile(r"mix(?:ed)? us up|confuse us|(?:пута\w+|спута\w+|плута\w+|сплута\w+) нас(?!\w)")
_NOT_OURS: Final = re.compile(
    r"(?<!\w)(?:это|це|то|they are|they're|those are|that's|that was|those were)\s"
    r"(?:были |були |був |была )?(?:не|not)\s(?:наши|наші|мы|ми|us|ours)(?=\s?(?:[.,;:!)]|$))"
)
"""`электрики закончили и уехали, это не наши`."""
_NOT_TAKEN: Final = re.compile(r"(?<!\w)(?:не|not)\s(?:\w+\s)?$")
_NOT_OURS_HERE: Final = re.compile(
    r"(?:(?:котор\w+|які|who|that) (?:был\w*|бул\w*|were|came) (?:до|перед|before) (?:нас|нами|us))[^.;:!?]*$|"
    r"(?:\(|(?:who|which) (?:are |is |were )?|(?:які|яка|котор\w+) )"
    r"(?:не (?:наш|ваш)\w*|not (?:ours|yours|us)|not (?:our|your) \w+)\)?,?[^,;:.!?]*$"
)
_NOT_YOURS: Final = re.compile(r"[^,;:.!?]{0,40}\((?:не ваш\w*|not yours?|not your \w+)\)")
_OWN_CONTRACT: Final = re.compile(
    r"(?<!\w)(?:по|за) (?:своему|своїм|своєму|собственному|власному|отдельному|окремому) договор"
)
_DO_NOT_MIX: Final = re.compile(r"(?<!\w)не (?:пере|с)?п[уyл]+та\w+|(?:don't|do not) (?:mix|confuse)")
_MOTTO: Final = re.compile(r"(?<!\w)(?:наш|our)\w* (?:девиз|слоган|принцип|гасло|motto|slogan|promise)")
_NOT_BY_US: Final = re.compile(r"\s(?:не|not)\s(?:нами|by us|нашими?|нашою|нашей)(?!\w)")
_PRONOUN: Final = re.compile(r"(?<!\w)(?P<many>они|вони|they)|(?<!\w)(?P<he>он|він|he)|(?<!\w)(?P<she>она|вона|she)")
_FORMS: Final = {
    "many": re.compile(r"(?:[иыії]|[а-яіїє]ья|[a-z]s)$"),
    "he": re.compile(
        r"(?:[бвгґджзклмнпрстфхцчшщй]|ель|арь)(?<![аеиоуыяію][лв])(?<!их)(?<!ый)(?<!ий)(?<!ой)(?<!ей)(?<!ов)$"
    ),
    "she": re.compile(r"(?:[ая]|ость|ість)$"),
}
"""The ending of a noun that a pronoun may stand for, in the nominative."""


def why_uncertain(look: Look) -> str:
    """Why the sentence does not stand by the status; empty when it does."""
    lead = BUT.split(look.earlier)[-1]
    if _ONCE.search(look.before) or _ALMOST.search(look.before):
        return TO_COME
    if _EXPECTED.search(lead) or (look.phrase.isascii() and _WILL_BE_AND.search(look.earlier)):
        return TO_COME
    if look.stage.status != CANCELLED and _BY_YOU.search(look.before):
        return OTHERS
    if _takes_back_a_letter(look.sentence.text):
        return BACKGROUND
    if _in_quotes(look) and not look.tells_state():
        return NOT_REPORTED
    if _IN_ANOTHER_LETTER.search(look.earlier):
        return BACKGROUND
    if (
        look.has("thought", _THAN.sub(" ", lead))
        or _DENIES.search(lead)
        or _TOO_EARLY.search(lead)
        or is_hearsay(look, lead)
    ):
        return NOT_REPORTED
    if _RELATIVE.match(look.clause) and not (look.stage.status == DECLINED and _WHICH_WE.match(look.clause)):
        return BACKGROUND
    if not _is_reported(look):
        return NOT_REPORTED
    yours = look.stage.status != CANCELLED and any(
        look.words["crew"].fullmatch(word) or look.words["outsider"].fullmatch(word)
        for word in _YOURS.findall(
            f"{look.before.rpartition(': ')[2]}{look.phrase}{_WITH_YOURS.sub(' ', REASON.split(look.after)[0])}"
        )
    )
    ends = look.stage.status in {DECLINED, CANCELLED} or _NOT_TAKEN.search(look.before)
    told = look.before if ends else look.sentence.text
    theirs = _is_disowned(look) or _OTHER_PARTY.search(told) or _NOT_BY_US.match(look.after)
    return OTHERS if yours or theirs or _means_another(look) else ""


@functools.lru_cache(maxsize=64)
def _takes_back_a_letter(sentence: str) -> bool:
    return _EARLIER_LETTER.search(sentence) is not None and _DISREGARD.search(sentence) is not None


@functools.lru_cache(maxsize=64)
def _boasts(sentence: str) -> bool:
    return _MOTTO.search(sentence) is not None


def _is_disowned(look: Look) -> bool:
    """The sentence says that those it speaks of are not of the writer's company."""
    if _boasts(look.sentence.text):
        return True
    after = _NOT_OURS.search(look.sentence.text, look.match.end()) or _OWN_CONTRACT.search(look.sentence.text)
    here = _NOT_OURS_HERE.search(look.earlier) or _NOT_YOURS.match(look.sentence.text, look.match.end())
    after = after or _DO_NOT_MIX.search(look.sentence.text, look.match.end())
    return bool(after or here or _MIXED_UP.search(look.earlier))


def _in_quotes(look: Look) -> bool:
    """The words are only cited: `вы просили написать "принято"`."""
    before, after = look.sentence.text[: look.match.start()], look.sentence.text[look.match.end() :]
    opened = _OPENS_QUOTE.search(before)
    if opened is None or before.count('"') % 2 == 0 or _CLOSES_QUOTE.match(after) is None:
        return False
    return _SETS.search(before[: opened.start()]) is None


def _is_reported(look: Look) -> bool:
    """Of a clause with `что`: whether the one above it reports, and does not deny."""
    opens = _OPENS_WITH_THAT.match(look.clause)
    above = look.sentence.text[: look.clause_start] if opens else ""
    if not opens:
        inside = re.search(
            r"(?:^|[\s,])(?:що|что|(?<!for )(?<!at )(?<!on )(?<!by )that(?! (?:crew|team|job|"
            r"one)\s))\s(?:[\w'-]+\s){0,4}$",
            look.before,
        )
        if inside is None:
            return True
        above = look.sentence.text[: look.clause_start + inside.start()]
    if _YOU_ASKED.search(above):
        return False
    if not above.strip(" ,") or _REASON_THAT.search(above.rstrip(" ,")):
        return True
    told = list(look.words["reports"].finditer(above))
    if not told:
        return look.stage.status == CANCELLED and _CALLED_TO_SAY.search(above) is not None
    return not any(look.words["negation"].fullmatch(word) for word in WORD.findall(above[: told[-1].start()])[-2:])


def _means_another(look: Look) -> bool:
    """`спасатели закончили, они уже уехали`: the pronoun stands for a noun that is no crew."""
    found = list(_PRONOUN.finditer(look.before))
    if not found or look.has_crew(strict=True):
        return False
    if look.stage.status not in {EN_ROUTE, ON_SITE} and look.has("request", f"{look.previous} {look.earlier}"):
        return False
    context = f"{look.previous} {look.earlier[: look.clause_start + found[-1].start()]}"
    if any(len(crew[0]) > 3 for crew in look.words["crew"].finditer(context)) or look.has("names", context):
        return False
    form = _FORMS[found[-1].lastgroup or "many"]
    return look.has("outsider", context) or any(
        form.search(word) and not word.isdigit() for word in look.strange(context)
    )
