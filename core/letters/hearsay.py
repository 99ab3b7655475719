"""Whether the writer stands by a status, or passes on what somebody says who is none of the crew."""

import re
from typing import Final

from core.letters.looks import WORD, Look
from core.letters.model import CANCELLED

_SAYING: Final = (
    r"говор(?:ит|ят)|каже|кажуть|сказал[аи]?|сказав|сказали|утвержда\w+|стверджу\w+|уверя\w+|запевня\w+|пиш(?:ет|ут|е|уть)|"
    r"написал[аи]?|написав|написали|сообща(?:ет|ют)|сообщил[аи]?|повідомля(?:є|ють)|повідомил[аи]|повідомив|"
    r"доложил[аи]?|доповів|доповіли|says?|said|claims?|claimed|reckons?|shows?|showed|показыва(?:ет|ют)|показал[аи]?|показує|показують|відобража\w+|отобража\w+|"
    r"tells?|told|reports?|informed|writes?|wrote"
)
_SOMEBODY_SAYS: Final = re.compile(
    r"(?<!\w)(?!(?:will|to|please|can|could|not|must|be|been|was|were|is|are|the|a|your|our|this|let|never|also|just|and)"
    rf"\s)([\w']+) (?:{_SAYING})(?!\w)"
)
"""Not `will write`, `the report`, `has been informed`."""
_TO_US: Final = re.compile(
    rf"(?<!\w)(?:нам|мне|мені|меня|мене|нас)\s(?:\w+\s)?(?:{_SAYING}|передал[аи]?|передав|передают|передають|проинформировали|уведомили|поінформували|сповістили|звонили|дзвонили|позвонили|"
    r"подзвонили|телефонували)(?!\w)|"
    r"(?<!\w)(?:(?:was|were|been|am|are|i'm|we're) (?:just )?(?:told|informed|advised|assured|given to understand)|"
    r"(?:i|we|i've|we've) (?:just |have )?(?:hear|heard|gather|understand|learn(?:ed|t)?)(?! you))(?!\w)"
)
_PEOPLE_SAY: Final = re.compile(
    r"(?:^|[,;:(-]\s*|(?<!\w)(?:но|але|but|как|як|тут|там) )(?:говорят|пишут|кажуть|пишуть|слыш(?:ал[аи]?|но|у)|"
    r"слыхал\w*|чув|чула|чули|чутно|подейкують|they say|people say|word is|word has it|rumou?r (?:has|is)|"
    r"it is said|по слухам|за чутками|ходят слухи|ходять чутки|передали|передают|передають)(?!\w)"
)
_WORDS_OF: Final = re.compile(
    r"(?<!\w)(?:(?:по|со|исходя из|судя по|за|зі|із|з|судячи з) (?:\w+ )?(?:словам|слов|информации|данным|сообщени\w+|"
    r"сведениям|мнению|показани\w+|отметк\w+|запис\w+|слів|словами|інформаці\w+|даними|повідомлен\w+|відомостями|показ\w+)|"
    r"according to|judging by|going by)(?!\w)(?: (?:от|від|with|the|our|my))?(?: ([\w']+))?(?: ([\w']+))?"
)
_OURS: Final = re.compile(r"наш\w*|our|мо(?:ему|им|ими|їми)|my|мы|ми|we|я|i")
_AFTERWARDS: Final = re.compile(
    rf"[,(-]\s*(?:(?:как|як|so|or so|as)\s)?(?:(?:нам|мне|мені|me|us|they|people|the)\s)?"
    rf"(?:(?:{_SAYING})|слыш\w+|чули|чув|i hear|we hear|i'm told|we're told|{_WORDS_OF.pattern})"
    r"(?:\s([\w']+))?[).!]*\s*$"
)
"""A few words that close the sentence: `бригада на месте, говорят`."""

_CONTRADICTED: Final = re.compile(
    r"(?<!\w)(?:contrary to|despite|unlike|whatever|вопреки|хотя|несмотря на|всупереч|попри|незважаючи на|хоч|хоча)\s"
    r"[^,;:]*[,;:]"
)
"""What somebody says that the writer knows better."""


_AS_INSTRUCTED: Final = re.compile(
    r"(?<!\w)as (?:already |just |previously )?(?:per|informed|instructed|advised|agreed|requested|"
    r"discussed|notified)\s[^,;:]*,"
)
_SO: Final = re.compile(r"\s*(?:and )?(?:so|therefore|hence|thus)\s")
"""Whoever withdraws a request is none of the crew."""


def is_hearsay(look: Look, lead: str) -> bool:
    """Somebody else's word: in `lead`, the words before the status, or in a few that close the sentence."""
    lead = _CONTRADICTED.sub(" ", lead)
    if look.stage.status == CANCELLED:
        lead = _AS_INSTRUCTED.sub(" ", lead)
        if _SO.match(look.clause):
            return False  # `the tenant said no, so it was cancelled`
    if after := _AFTERWARDS.search(look.sentence.text, look.match.end()):
        return not any(_is_ours(look, word) for word in after.groups() if word)
    return _somebody_says(look, lead) or _we_are_told(look, lead) or _by_somebodys_words(look, lead)


def _somebody_says(look: Look, lead: str) -> bool:
    """`начальник говорит, сделано`; not whoever writes, and none of the crew."""
    return any(not _is_ours(look, found[1]) and not _TO_US.search(found[0]) for found in _SOMEBODY_SAYS.finditer(lead))


def _we_are_told(look: Look, lead: str) -> bool:
    """`мне передали`, `говорят`: nobody is named who knows."""
    if _PEOPLE_SAY.search(lead):
        return True
    told = _TO_US.search(lead)
    if told is None:
        return False
    around = f"{lead[: told.start()]} . {lead[told.end() :].split(',')[0]}"
    return not any(_is_ours(look, word) for word in WORD.findall(around))


def _by_somebodys_words(look: Look, lead: str) -> bool:
    """`по словам охраны`; but `по словам мастера`."""
    return any(not any(_is_ours(look, word) for word in found.groups() if word) for found in _WORDS_OF.finditer(lead))


def _is_ours(look: Look, word: str) -> bool:
    """Who knows what he tells: the writer, one of the crew, somebody called by his first name."""
    return any(look.words[kind].fullmatch(word) for kind in ("crew", "names")) or _OURS.fullmatch(word) is not None
