"""Whether a status is said of the request, or of an invoice, a part, the customer, a meeting.

Grammar is only touched: an unknown noun that agrees with the verb beside it is taken for its subject, and then the
status is somebody else's. In doubt it does not count.
"""

import re
from typing import Final

from core.letters.asides import by_themselves, calls_off_a_thing
from core.letters.ellipsis import belongs_to_another, has_own_subject
from core.letters.elsewhere import is_elsewhere
from core.letters.epithets import is_epithet, is_reduced, mends
from core.letters.labour import is_work_elsewhere
from core.letters.looks import REASON, WORD, Look
from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE
from core.letters.phrasebook import NOW, PAST, WEAK
from core.letters.progressive import starts_no_work
from core.letters.refusals import NO_NOUN, refuses_for_now, refuses_other
from core.letters.several import is_of_several, is_of_the_rest
from core.letters.strangers import NO_SUBJECT, ORDINAL, agrees, is_thing_for, stranger_acts
from core.letters.turns import is_not_yours
from core.letters.verdicts import REFUSALS
from core.text import N_

OTHER_THING: Final = N_("It is said of something else.")
UNKNOWN_OBJECT: Final = "unknown object"
"""`сделали замок`: it was the work where something beside shows that this was all. Never shown."""
NOT_ALL: Final = N_("The work is not all done.")
ALMOST: Final = N_("It is still to come.")

_NEAR: Final = 5
_FAR: Final = 9
"""So many words from a status its object may stand; further where the request is mentioned between: `рахунок за заявкою
101 анульовано`."""
_MENTIONED: Final = re.compile(r"(?:^|\s)(?:по|за|к|для|щодо|до|for|under|per|on|of|в|во|у|из|з)(?: \w+)?$")
_PERCENT: Final = re.compile(r"\s*[:=-]?\s*\d{1,2}\s?(?:%|процент|відсот|percent)")
_STORE: Final = re.compile(
    r"\b(?:на|до|в|у|to|at|in) (?:наш\w* |our |the |свой |свій )?"
    r"(?:склад\w*|базу|мастерск\w+|майстерн\w+|гараж|warehouse|stock|depot|workshop|garage|yard|base|hq)\b|"
    r"^\s(?:back|home)(?!\s(?:(?:at|on|to|in) (?:the |your )?(?:site|request|job|you|plant|building)|"
    r"here|again|and))(?!\w)"
)
_FETCHES: Final = re.compile(
    r"\s(?:\S+\s){0,3}за\s(?:(?:ваш|наш|ці|ц[иі]м|дан)\w* )?+"
    r"(?!заявк|запит|запрос|виклик|вызов|адрес|маршрут|№|номер|завдан|задан|сигнал|тривог|тревог|зверненн|обращени|"
    r"т[іи]кет|наряд|направлен|графік|план|розклад|договор|к[еє]рм|рул)"
    r"[а-яіїє']+(?:ами|ями|ом|ем|ою|ею|ой|ей|ью|лю)(?!\w)|"
    r"\s(?:\S+\s){0,3}за (?:(?:нов|друг|інш|запасн)\w+|ним|ней|нею|ними|ней)(?!\w)|"
    r"\s(?:\S+\s){0,2}(?:to (?:pick up|collect|fetch)|for parts)"
)
"""`выехала за материалами`."""
_ACTS: Final = re.compile(r"[аеиыіоуяї](?:л|ла|ли|в)(?:ся|сь|ась|ись)?$")
"""An active verb: its subject is not the request."""
_DELIVERS: Final = re.compile(r"достав|прив[еоі]з|вывез|вивез|разгруз|выгруз|розвант|deliver|collect")
_GOODS: Final = re.compile(
    r"(?<!\w)(?:товар|груз|посыл|заказ|вантаж|замовлен|мусор|смітт|снег|сніг|отход|відход|ветк|гілк|меб|"
    r"вод[аиуы](?!\w)|goods|parcel|package|order|shipment)"
)
_ACTS_ITSELF: Final = re.compile(r"(?:л[аи]?|в)(?:ся|сь|ась|ись)?$|declined|refused|rejected")
_ONE_ACTS: Final = re.compile(r"[аеиыіоуяї](?:л|в)(а?)(?:ся|сь)?$")
"""The verb of one who acts, and whether she is a woman."""
_NUMBER: Final = re.compile(r"(?<![\d:.])\d{2,}(?![:.]\d)")
_ENGLISH_OBJECT: Final = re.compile(r"\s(?:the|a|an|your|our|this|that|his|her|their|my)\s([a-z'-]+)")
_CONFIRMED_THAT: Final = re.compile(
    r"(?:\s(?:with|by|to) [^,;:.!?]{1,40}?)?\sthat (?!(?:we|i|our|the (?:request|job)|request|it|this)(?!\w))"
)
_TAKEN: Final = re.compile(
    r"execution|reali[sz]ation|performance|acceptance|undertaking|morning|afternoon|evening|week|time|jobs?|works?|"
    r"tasks?|repairs?|one|calls?|callout|call-out|visit|assignment|"
    r"orders?|tickets?|above|following|next|same|first|second|"
    r"site|crew|team|end|side|installation|replacement|maintenance|service|servicing|cleaning|inspection|issue|"
    r"problem|leak"
)
_PAST_VERB: Final = re.compile(
    r"[а-яіїє']{2,}(?:[аеиоуыяіїє]л[аои]?|[аиуя]в)(?:ся|сь)?|[a-z]{3,}ed|left|told|said|asked|gave|took|lost|found|"
    r"forgot|saw|met|"
    r"heard|put|kept|says|wants|tells|asks"
)
_ITS_WAY: Final = re.compile(r"(?<!\w)its way(?!\w)")
_ON_HIS_WAY: Final = re.compile(r"(?<!\w)(?:his|her|their) way(?!\w)")
_IT_CAME: Final = re.compile(r"(?:^|[\s,])it(?:'s| has| had| was)?(?: just| already| finally)?\s$")
"""`the part arrived`, and not the crew."""
_BETWEEN: Final = re.compile(
    r"^(?:\s(?:(?:у|в|от|від) (?:нас|вас)|сегодня|сьогодні|вчера|вчора|утром|вранці|уже|вже))+"
)
"""What may stand before the object: `принял у нас ключи`."""
_CARRIES: Final = re.compile(r"\s(?:with|carrying|з|із|зі|с|со)\s")
"""`en route with 12 cylinders`: whoever carries them."""
_SINCE: Final = re.compile(
    r"\s(?:from|since)\s(?=(?:about |around )?\d)|\s(?:this|since) (?:early )?(?:morning|afternoon|evening)(?!\w)|"
    r"\s(?:again )?to (?:finish|complete|continue|carry on|fit|install|replace|repair|do|sort|fix|swap)\s.*"
)
_BACK: Final = re.compile(r"(?<!\w)(?:now )?back\s$")
_WITH: Final = re.compile(r"(?<!\w)(?:(?:с|со|з|із|with|за|for) [^\W\d]{3,}|курьером|кур'єром|by courier)(?!\w)")
_OURSELVES: Final = re.compile(r"\s(?:our|my|his|her|their) (?!work|part|job|repair|side|end|task|visit|inspection)")
_SOLVES: Final = re.compile(r"\s(?:it|this|that|the)(?!\w)")
_BE: Final = re.compile(r"is|are|was|were|been|be|has|have|had|now|all|just|already|fully")
_ANEW: Final = re.compile(r":|\s(?:и|і|й|та|and)\s")
_ACTIVE: Final = re.compile(r"(?:[аеиыіоуяї](?:л|ла|ли|в)|ем|им|ємо|имо|емо|аю|яю|ую)$")
_PLURAL: Final = re.compile(r"(?:ли|ем|им|ємо|имо|емо|аю|яю|ую)$")
_CONFIRMS: Final = re.compile(r"подтвер|підтвер")
"""What is confirmed stands next to it: `подтверждаем перенос заявки`."""
_STAYS: Final = re.compile(r"наход|знаход|перебува")
"""Said of things, too."""
_WE_ARE: Final = re.compile(r"(?:i'm|i am|we're|we are|мы|ми|я)\s")
_QUALITY: Final = re.compile(r"[оі]сть$")
_ONE: Final = re.compile(r"одну|перв|втор|перш|друг|трет|обе|обидв|все|всі|ту|эту|цю")
_ACCUSATIVE: Final = re.compile(r"[^аеоу][ую]$")
_OBJECT: Final = re.compile(r"\w*[а-яіїє](?<![оемюй])$")
_NEUTER: Final = re.compile(r"\w*(?:[иь]е|ство)$")


def said_of_another(look: Look, status: str) -> str:
    """Why the phrase is not said of the request; empty when it is."""
    if look.stage.own:
        return OTHER_THING if _of_an_outsider(look) else ""
    if is_of_several(look) or _qualifies(look) or is_of_the_rest(look):
        return OTHER_THING
    if (
        _unfit(look)
        or _brings(look)
        or _hands_over(look)
        or _goes_on_about_another(look)
        or by_themselves(look)
        or (calls_off_a_thing(look) and not names_request(look))
        or (status != CANCELLED and _of_an_outsider(look))
    ):
        return OTHER_THING
    if look.is_done():
        return _of_unfinished_work(look)
    if status in {ON_SITE, EN_ROUTE, LEFT}:
        return _of_no_traveller(look, status)
    if _object_is_other(look, status):
        return OTHER_THING
    if look.stage.tense == WEAK:  # a noun: `заявка 12 - отказ`, but not `отказ насоса`
        told = look.before.rsplit(": ", 1)[-1]
        before = look.strange(told if _NUMBER.search(told) else look.before)
        before = [word for word in before if not look.words["negation"].fullmatch(word)]
        after = [word for word in look.strange(REASON.split(look.after)[0]) if not look.words["names"].fullmatch(word)]
        return OTHER_THING if before or after else ""
    refuses = status == DECLINED and look.stage.tense in {PAST, NOW} and refuses_other(look)
    if refuses or _takes_object(look, status) or is_epithet(look):
        return OTHER_THING
    if status == look.stage.status and _another_decides(look):
        return OTHER_THING
    return ""


def _another_decides(look: Look) -> bool:
    """`претензия принята`, `вахтёр принял заявку`: a stranger is what is accepted, or who accepts."""
    if look.stage.tense != PAST or look.has("outsider", look.before):
        return False
    if names_request(look):
        acts = _ACTS.search(look.phrase.split(" ")[0])
        return has_own_subject(look) or (acts is not None and stranger_acts(look, after=False))
    return stranger_acts(look)


def _takes_object(look: Look, status: str) -> bool:
    """`accepted the risk`, `подтвердили неисправность`: what is accepted or cancelled is named, and is no request."""
    if look.phrase.endswith("confirmed") and _CONFIRMED_THAT.match(look.after):
        return True
    last = "".join(WORD.findall(look.before)[-1:])
    if (
        status == ACCEPTED
        and _PLURAL.search(look.phrase)
        and _ACCUSATIVE.search(last)
        and look.strange(last)
        and not _ONE.match(last)
    ):
        return not names_request(look) and not any(look.has(kind, last) for kind in ("crew", "names", "work"))
    if english := _ENGLISH_OBJECT.match(look.after):
        return bool(look.strange(english[1])) and not _TAKEN.fullmatch(english[1])
    verb = look.phrase.split(" ")[0]
    if (
        status == ACCEPTED
        and _CONFIRMS.match(verb)
        and (
            any(_ACCUSATIVE.search(word) for word in look.strange(look.before))
            or any(word in REFUSALS for word in WORD.findall(look.before))
        )
    ):
        return True  # `поломку насоса подтверждаем`
    follows = re.match(r"\s(?:[а-яіїє']+(?:ую|юю|ый|ий) )?([а-яіїє']+)", _BETWEEN.sub("", look.after))
    if " " in look.phrase or follows is None or not _ACTIVE.search(verb):
        return False
    heading = ":" in look.before  # `заявка 12: приняли участие`
    if names_request(look) and not (heading or _CONFIRMS.match(verb)):
        return False
    word = follows[1]
    named_so = NO_SUBJECT.search(word) and not _QUALITY.search(word)
    if not look.strange(word) or named_so or any(look.has(kind, word) for kind in ("crew", "names")):
        return False
    return (
        _ACCUSATIVE.search(word) is not None
        or (word[-1] == "ь" and len(word) > 3)
        or (_PLURAL.search(verb) is not None and _OBJECT.fullmatch(word) is not None)
        or (_PLURAL.search(verb) is None and word[-1] in "ыи")
    )


def _names_nothing_else(look: Look) -> bool:
    """`703 - отказ`, `Отказ.`; the cell of a table that has a row for each request."""
    if look.strange(look.before) or look.strange(REASON.split(look.after)[0]):
        return False
    alone = look.stage.status == DECLINED and not WORD.findall(f"{look.before}{look.after}")
    return alone or _NUMBER.search(look.clause) is not None or "|" in look.sentence.text


def _unfit(look: Look) -> bool:
    named = look.has("request", look.clause) or look.has("position", look.clause) or _names_nothing_else(look)
    if look.stage.needs_request and (not named or stranger_acts(look)):
        return True
    if look.stage.status == ON_SITE and starts_no_work(look):
        return True
    if not look.stage.own and is_thing_for(look):
        return True
    if look.stage.status in {ACCEPTED, DECLINED} and (_of_others_crew(look) or _is_running(look)):
        return True
    return look.stage.tense == NOW and look.stage.status == DECLINED and refuses_for_now(look)


def _of_others_crew(look: Look) -> bool:
    """`бригада водоканала отказалась`."""
    return any(look.has("crew", other[0]) for other in look.words["elsewhere"].finditer(look.before))


def _is_running(look: Look) -> bool:
    """`лифт в работе`: it works."""
    last = "".join(WORD.findall(look.before)[-1:])
    return look.phrase in {"в работе", "в роботі", "у роботі"} and bool(look.strange(last)) and not names_request(look)


def _brings(look: Look) -> bool:
    """`курьер с документами выехал`, `едет курьером`: the thing is told of, not the work."""
    told = look.clause
    if look.stage.status == EN_ROUTE and not look.has("courier", told):
        told = f"{look.earlier[: look.clause_start]} . {told}"  # `запчасть у курьера, он выехал`
    return look.has("courier", told) and (
        _WITH.search(told) is not None or any(look.has(kind, told) for kind in ("thing", "other_object"))
    )


def _of_an_outsider(look: Look) -> bool:
    """`клиент уехал`: the customer, a guard or a courier, and none of the crew."""
    if not look.has_outsider(look.before) or _WE_ARE.match(look.phrase):
        return False
    return not any(len(crew[0]) > 3 for crew in look.words["crew"].finditer(look.before))


def _hands_over(look: Look) -> bool:
    """`ключи передали администратору`: a thing was handed over, not the request."""
    return look.phrase.startswith("перед") and bool(look.strange(look.before)) and not names_request(look)


def _goes_on_about_another(look: Look) -> bool:
    """`клиент сам починил, отказался`: the verb has no subject of its own but the stranger before it."""
    lead = re.split(r"[;:]|\s-\s", look.earlier[: look.clause_start])[-1]
    if not lead or look.has_crew(strict=False) or not look.has("outsider", lead):
        return False
    if any(look.has(kind, lead) for kind in ("crew", "names")):
        return False
    verb = look.phrase.split(" ")[0]
    if look.stage.status == DECLINED and _ACTS_ITSELF.search(verb):
        return True
    ending = _ONE_ACTS.search(verb)
    return ending is not None and any(
        (other := _ONE_ACTS.search(word)) is not None and other[0][0] == ending[0][0] and other[1] == ending[1]
        for word in WORD.findall(lead)
    )


def _of_no_traveller(look: Look, status: str) -> str:
    if status == ON_SITE and look.has("almost", look.before):
        return ALMOST
    if belongs_to_another(look) or _IT_CAME.search(look.before) or is_not_yours(look, status):
        return OTHER_THING
    if is_elsewhere(look) or (status in {EN_ROUTE, LEFT} and _FETCHES.match(look.after)):
        return OTHER_THING
    if look.stage.tense == WEAK and _did_else(look):
        return OTHER_THING if not look.tells_state() else ""
    if look.stage.labour:
        return OTHER_THING if is_work_elsewhere(look) else ""
    if status != LEFT and _STORE.search(look.after) and (status == ON_SITE or not look.has_crew(strict=True)):
        return OTHER_THING
    if _thing_moves(look) or (_ITS_WAY.search(look.phrase) and not look.has_crew(strict=False, text=look.before)):
        return OTHER_THING
    if look.has_crew(strict=True) or (_ON_HIS_WAY.search(look.phrase) and not look.has("thing", look.before)):
        return ""
    if look.stage.tense == WEAK:
        return OTHER_THING if _is_a_thing(look) else ""
    near = " ".join([*WORD.findall(look.lead)[-3:], ".", *WORD.findall(REASON.split(look.after)[0])[:1]])
    return OTHER_THING if look.has("thing", near) or stranger_acts(look) else ""


def _thing_moves(look: Look) -> bool:
    """`запчасть по заявке 12 выехала`, `датчик отгружен и находится в пути`."""
    crew = [found[0] for kind in ("crew", "names") for found in look.words[kind].finditer(look.clause)]
    if not crew:
        return any(look.words["thing"].fullmatch(word) for word in WORD.findall(look.lead)[:2])
    unknown = [word for word in look.strange(look.before) if not (_STAYS.match(word) or NO_SUBJECT.search(word))]
    return bool(unknown) and all(map(_STAYS.match, crew))


def _is_a_thing(look: Look) -> bool:
    """`в пути`, `on site` with nobody of the crew beside it, but a part, or something unknown."""
    if _CARRIES.match(look.after) and not look.strange(look.before):
        return False
    if look.is_of_somebody():
        return False
    if look.has("thing", look.clause):
        return True
    known = look.tells_state() or look.has_crew(strict=False) or look.has("working", look.clause)
    strange = look.strange(_BACK.sub(" ", look.before)) + look.strange(_SINCE.sub(" ", look.after))
    return not known and not all(map(ORDINAL.fullmatch, strange))


def _qualifies(look: Look) -> bool:
    """English nouns side by side: `job sheet completed`, `crew availability confirmed`, `on site contact`."""
    if not look.phrase.isascii():
        return False
    if look.stage.tense == WEAK and look.stage.status == ON_SITE:
        follows = re.match(r"\s([a-z]{3,})(?<!ing)(?!\w)", look.after)
        return follows is not None and bool(look.strange(follows[1])) and not NO_NOUN.fullmatch(follows[1])
    if look.stage.tense != PAST or look.stage.status in {EN_ROUTE, ON_SITE} or mends(look):
        return False
    words = [word for word in WORD.findall(look.before)[-4:] if not _BE.fullmatch(word)][-2:]
    if len(words) < 2 or not words[-1].isascii() or not look.strange(words[-1]) or words[-1].endswith("ly"):
        return False
    known = any(look.has(kind, words[-1]) for kind in ("work", "crew", "names", "negation", "filler", "remains"))
    return not known and (look.has("crew", words[0]) or look.has("work", words[0]))


def _did_else(look: Look) -> bool:
    """A verb of the past besides the phrase: `the lads left their ladder on site`, `мастер забыл ключ на объекте`."""
    before = _ANEW.split(look.before)[-1]
    words = [*look.strange(before), *look.strange("".join(WORD.findall(look.after)[:1]))]
    words = [word for word in words if not look.words["crew"].fullmatch(word)]
    return any(map(_PAST_VERB.fullmatch, words)) or re.search(r"(?<!\w)left(?!\w)", before) is not None


def _of_unfinished_work(look: Look) -> str:
    if look.has("elsewhere", look.clause) or is_epithet(look) or is_reduced(look) or _delivers_a_part(look):
        return OTHER_THING
    if look.has("partial", look.clause) or "%" in look.clause or _PERCENT.match(look.after):
        return NOT_ALL
    if _object_is_other(look, LEFT):
        return OTHER_THING
    last = "".join([word for word in WORD.findall(look.before) if not _BE.fullmatch(word)][-1:])
    if look.has("outsider", " ".join(WORD.findall(REASON.split(look.tail)[0])[:2])) or _OURSELVES.match(look.after):
        return OTHER_THING  # `аварию устранил водоканал`, `finished our coffee`
    if _SOLVES.match(look.after) and agrees(look, last) and not look.has_crew(strict=False):
        return OTHER_THING  # `his brother fixed it`
    told = ":" in look.before and not (mends(look) or look.has("work", look.clause))
    if told and stranger_acts(look, after=False):
        return OTHER_THING  # `заявка 12: делегация закончила`
    if look.has("work", look.clause) or mends(look) or names_request(look):
        return ""
    if look.has_crew(strict=True, text=f"{look.before}{REASON.split(look.after)[0]}"):
        return ""
    follows = "".join(WORD.findall(look.after)[:1])
    has_object = bool(look.strange(follows)) and (_OBJECT.match(follows) or _NEUTER.match(follows)) is not None
    if stranger_acts(look):
        return OTHER_THING
    return UNKNOWN_OBJECT if has_object else ""


def _delivers_a_part(look: Look) -> bool:
    """`Доставлен насос`: only where goods or a courier are spoken of, bringing them is the whole work."""
    if not look.stage.proven or _DELIVERS.match(look.phrase) is None:
        return False
    return _GOODS.search(look.sentence.text) is None and not look.has("courier", look.sentence.text)


def names_request(look: Look) -> bool:
    """The clause has the request for its object or subject, and does not just mention it: `по заявке`."""
    return look.distance("request", mentioned=_MENTIONED) is not None


def _object_is_other(look: Look, status: str) -> bool:
    """Something other than the request stands nearer to the phrase than the request does."""
    kinds = ["other_object"]
    kinds += ["not_accepted"] if status in {ACCEPTED, DECLINED} else []
    kinds += ["not_cancelled"] if status == CANCELLED else []
    others = [distance for kind in kinds if (distance := look.distance(kind)) is not None]
    own = look.distance("request", mentioned=_MENTIONED)
    only_mentioned = own is None and look.has("request", look.clause)
    if not others or min(others) > (_FAR if only_mentioned else _NEAR):
        return False
    return own is None or own > min(others)
