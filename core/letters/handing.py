"""What is sent or handed on: the request itself, a crew, or something else."""

import re
from typing import Final

from core.letters.looks import Look
from core.letters.model import EN_ROUTE, SENT
from core.letters.subjects import OTHER_THING, names_request

_TO_CONTRACTOR: Final = re.compile(
    r"\s(?:уже |вже |на |to |у |в |до )?(?:the |our |your )?"
    r"(?:(?:суб)?п(?:од|ід)ряд(?:чику|чика|нику|ника|никові|ной|ній|ную|ну)|"
    r"исполнителю|виконавцю|субп(?:ідряд|одряд)|(?:[\w-]+ )?(?:(?:sub-?)?contractors?|subbies?|subby|vendors?|"
    r"partner (?:company|firm)|service (?:partner|company)|"
    r"с[еє]рв[іи]сн(?:ій|ой|ую|у|ої|ый|ого) (?:компан|служб|фірм|фирм|центр)\w*))(?!\w)"
)
_SUBBED: Final = re.compile(
    r"(?:(?:is|are|was|were|has been|have been) )?(?:now |already )?(?:subcontracted|subbed|outsourced|farmed)(?!\w)"
)
_HER: Final = re.compile(r"(?<!\w)(?:it|її|ее|его|його)(?!\w)")
_IT: Final = re.compile(r"[\s,]*(?:it|она|її|вона|ее)\s")
_MACHINE: Final = re.compile(
    r"(?<!\w)(?:машину|автомобіль|автомобиль|бус|фургон|авто)\s(?:уже |вже |щойно |только что |до вас |к вам )?"
    r"(?:відправ|отправ|направ|скер)"
)
_AWAY: Final = re.compile(r"\s(?:в|у|на|за|с|з|із|со|до|по) (?!(?:вас|вам|об['ъ]|адрес|місц|мест|заяв|виклик|вызов))")
"""`машину отправили в ремонт`, `за деталью`."""
_TO_CREW: Final = re.compile(
    r"(?:мастер|майстр|инженер|інженер|техник|технік|электрик|електрик|специалист|спеціаліст|бригадир)"
    r"(?:у|ам|ові) [а-яіїє]{4}|"
    r"(?:engineer|technician|crew|team|plumber|electrician|fitter|m[ae]n)s?'s? \w|"
    r"(?:отправ|направ|надісла|відправ|скеру)\w+ (?:ему|им|ей|йому|їм|їй|вам)(?!\w)"
)
"""`отправили мастеру контакты`: something was sent, not he."""


def sent(look: Look) -> tuple[str, str]:
    """`отправлена`: a crew, so it is on its way; or the request itself, and nothing else. The status, why not."""
    if any(look.has(kind, look.clause) for kind in ("other_object", "thing", "elsewhere")):
        return SENT, OTHER_THING
    on = _SUBBED.match(look.phrase) is not None or _TO_CONTRACTOR.search(look.phrase + look.after) is not None
    named = (
        names_request(look)
        or (
            on
            and (
                _HER.search(look.phrase) is not None
                or "|" in look.sentence.text
                or not look.before.strip(" \t0123456789№/-,")
            )
        )
        or ((on or _IT.match(look.clause) is not None) and look.has("request", look.earlier))
    )
    if named and (on or not look.strange_words()):
        return SENT, ""
    if on:
        return SENT, OTHER_THING
    if _TO_CREW.search(look.clause):
        return SENT, OTHER_THING
    if _MACHINE.search(look.clause) and _AWAY.match(look.after) is None:
        return EN_ROUTE, ""
    if look.has_crew(strict=True) and not (named and look.has("crew", look.after)):
        return EN_ROUTE, ""
    return SENT, OTHER_THING
