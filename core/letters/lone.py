"""The only number of a letter that names no request with a word: `Приїхали на 101`, `Еду. 101`, `job 101 is done`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from core.letters.evidence import Heard
from core.letters.lexicon import Lexicon
from core.letters.numbers import Mention
from core.letters.places import YEAR, recent
from core.letters.quantities import DATE, PHONE, Quantities

_NUMBER: Final = re.compile(
    r"(?<![\w.,:/№#+$€₴₽*-])(?<![№#*хx] )(?P<number>\d{3,6})(?:/(?P<position>\d{1,3}))?"
    r"(?:-?(?:я|й|ю|ой|ая|ую|ей|му|та|ту|тій|ій|ої))?"
    r"(?![\w/])(?!-\d)(?!\s?[×*хx]\s?\d)(?![.:,]\d)(?! \d)"
)
_NOUN: Final = re.compile(
    r"(?<!\w)(?:jobs?|call-?outs?|application|task|задани[еяюи]|завданн[яю]|вызов[уа]?|виклик[уа]?)"
    r"(?: ?(?:№|#|no\.?))?$"
)
"""What a contractor may call the request."""
_TICKET: Final = re.compile(
    r"(?:(?:^|[.,;:!?(\[\"|]|\s-)\s*|(?<!\w)(?:по|щодо|стосовно|on|for|re|about|regarding|with|your|вашему|вашим?|"
    r"вашого|вашому|вашем) )(?:the |your )?"
    r"(?:(?:work |service )?orders?|wo|tickets?|cases?|incidents?|тик[еэ]т(?:а|у|ом|ы|ам)?|тікет(?:а|у|ом|и|ам)?|"
    r"наряд(?:а|у|ом|ы|и|ам)?|заказ(?:а|у|ом)?|замовленн(?:я|ю|ям)|звернення(?:м)?|обращени(?:е|я|ю|ем)|"
    r"инцидент(?:а|у|ом)?|інцидент(?:а|у|ом)?|задач(?:а|е|у|і))"
    r"(?: ?(?:№|#|no\.?|n|номер|number))?[\s:.№#-]{0,3}$"
)
"""What opens a sentence, or follows on `on`; elsewhere it is as likely a number of the contractor's own desk."""
_OWN_TICKET: Final = re.compile(
    r"(?<!\w)(?:regist|creat|assign|opened|logg|raised|issued|our |internal|внутр|присво|зарегистр|зареєстр|создан|"
    r"створ|завед|наш(?:ему?|им?|ого|ому) |order(?:ed|s? (?:from|to))|supplier|постав)"
)
"""The letter tells how it came to a number, or of an order of goods."""
_SIGNED: Final = re.compile(
    r"(?<=[№#])\s?(?P<number>\d{3,6})(?:/(?P<position>\d{1,3}))?(?![\w/])(?!-\d)(?![.:,]\d)(?! \d)"
)
_EITHER: Final = re.compile(r"\d{3,6}\s(?:или|либо|чи|або|or)\s(?:№\s?|#)?\d{3,6}")
_ABOUT: Final = re.compile(r"(?:^|(?<!\w))(?:по|щодо|стосовно|на счет|про|re|on|for|under|about|regarding|with|of|in)$")
_TOWARDS: Final = re.compile(r"(?<!\w)(?:на|к|до|за|от|від|с|з|із|to|at|by)$")
_POSSESSED: Final = re.compile(r"(?<!\w)(?:ваш\w*|your|эт\w+|ц[яюе]|the|this)$")
_GOES_ON: Final = re.compile(
    r"\s(?:наш[ау]?|за|никто|ніхто|никуда|нікуди|можна|можно|не|ще|ше|еще|now|is|was|has|been|as|stands|and|we|our|it|again|мы|ми|я|у|в|на|к|до|от|"
    r"до|from|off|to|at|by|о|об|одразу|сразу|here|are|were|already|today|yesterday|until|this|that|after|because|"
    r"[а-яіїє']{2,}(?:ли|ла|ло|лось|лися|лись|но|то|на|та|ем|єм|мо|им|ю|ет|ут|ют|ят|ат|ть|є|ує|иться|ится)|[a-z]+ed)(?!\w)"
)
_END: Final = re.compile(r"\s?(?:[.,;:!?)(\"'\]-]|$)|\s-\s")
_OPENS: Final = re.compile(r"(?:^|[.,;:!?(\[\"|]|\s-)\s*$")
_MOST: Final = 20
"""A sentence with more numbers than this is a list."""


def with_lone_number(found: Sequence[Heard], lex: Lexicon, units: Quantities) -> list[Heard]:
    """The sentences, with the letter's only number as that of the request where no request is named otherwise."""
    if any(mention.targets and not (mention.unsure or mention.reason) for item in found for mention in item.mentions):
        return list(found)
    if not any(hit.counts for item in found for hit in item.hits):
        return list(found)
    desk = any(_OWN_TICKET.search(item.sentence.text) or lex["request"].search(item.sentence.text) for item in found)
    named = [list(_candidates(item, lex, units, tickets=not desk)) for item in found]
    if any(mention.keyed for mentions in named for mention in mentions):
        named = [[mention for mention in mentions if mention.keyed] for mentions in named]
    if len({target for mentions in named for mention in mentions for target in mention.targets}) != 1:
        return list(found)
    if any(_EITHER.search(item.sentence.text) for item in found):
        return list(found)
    if any(len(mention.targets) > 1 for item in found for mention in item.mentions):
        return list(found)
    return [replace(item, mentions=mentions or item.mentions) for item, mentions in zip(found, named, strict=True)]


def _candidates(item: Heard, lex: Lexicon, units: Quantities, *, tickets: bool) -> Iterator[Mention]:
    text = item.sentence.text
    numbers = list(_NUMBER.finditer(text)) + (list(_SIGNED.finditer(text)) if tickets else [])
    if item.row or len(numbers) > _MOST:
        return
    phones = [phone.span() for phone in PHONE.finditer(text)] if numbers else []
    for found in numbers:
        number = found["number"]
        before = recent(text, found.start())
        called = _NOUN.search(before.rstrip()) or (tickets and _TICKET.search(before))
        if (
            DATE.match(number)
            or YEAR.match(number)
            or any(low <= found.start() < high for low, high in phones)
            or units.follows(text, found.end(), soft=True, number=number)
            or units.calls_or_drives(text, found.end(), before)
            or not (called or _stands_for_a_request(text, found, before, lex))
        ):
            continue
        yield Mention(found.start(), found.end(), ((number, found["position"]),), keyed=bool(called))


def _stands_for_a_request(text: str, found: re.Match[str], before: str, lex: Lexicon) -> bool:
    lead = before.rstrip()
    ends = _END.match(text, found.end()) is not None
    if _ABOUT.search(lead):
        return True
    if _OPENS.search(before):
        return ends or _goes_on(text, found.end(), lex)
    last = re.search(r"[\w']+$", lead)
    if last is None or lex["labels"].fullmatch(last[0]):
        return False
    told = lex.ends_stage(lead)
    if told or _TOWARDS.search(lead) or _POSSESSED.search(lead) or lex["before_number"].fullmatch(last[0]):
        return ends or _goes_on(text, found.end(), lex)
    return False


def _goes_on(text: str, at: int, lex: Lexicon) -> bool:
    """What follows the number is no thing that it counts or names."""
    follows = re.match(r"\s+([\w'-]+)", text[at : at + 40])
    if follows is None:
        return False
    word = follows[1]
    if _GOES_ON.match(text, at) or lex.begins_stage(text, at + follows.start(1)):
        return True
    return any(lex[kind].fullmatch(word) for kind in ("neutral", "negation", "crew", "names"))
