"""What a refusal refuses: the request, or only this day, these terms, another thing."""

import re
from typing import Final

from core.letters.looks import REASON, WORD, Look

_CANNOT: Final = re.compile(r"\b(?:не(?:можлив|возможн)?[ео]?|нет|немає|cannot|not|unable)\b|n't")
_CANNOT_YET: Final = re.compile(
    r"(?<!\w)(?:сегодня|завтра|сьогодні|раньше|раніше|вовремя|вчасно|в срок|сейчас|зараз|today|tomorrow|now|before|"
    r"for the moment|"
    r"until|till|on time|yet|пока|поки|еще|ще|(?:до|к|by) \d|"
    r"(?:на|в|у|во|до|к|on|for|by|this|next) (?:the )?(?:\d{1,2}"
    r"(?:-?(?:е|го|те|ое|ого|th|st|nd|rd)(?!\w)|[./]\d\d(?!\d)| "
    r"(?:январ|феврал|март|апрел|ма[яй](?!\w)|июн|июл|август|сентябр|октябр|ноябр|декабр|січн|лют|берез|квіт|трав|"
    r"черв|лип|"
    r"серп|верес|жовт|листопад|груд|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))|"
    r"понедельник|вторник|сред[уы]|четверг|пятниц|суббот|воскресен|понеділ|вівтор|серед[уи]|четвер|п'ятниц|субот|неділ|"
    r"(?:эт(?:ой|у)|цьому|цей) (?:недел|тиж)|"
    r"week|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"выходн|вихідн))"
)
_WITHOUT_IT: Final = re.compile(r"(?:\s[\w№#'-]+){0,4}\s(?:без|without|unless)\s(?!объясн|поясн|сомнен|сумнів|doubt)")
"""It is refused as long as something is missing."""
_AS_LONG_AS: Final = re.compile(r"\s(?:until|till|unless)\s")
_UNTIL: Final = re.compile(r"[^,.;:!?]{0,30},\s(?:пока|поки|доки|покуда|until|till|unless)\s")
_COULD_NOT_DO: Final = re.compile(
    r"could(?: not|n't) (?:do|perform|execute|carry out|handle|attend)|"
    r"\S+(?: not)?(?: able to)? do\s+(?:anything|much|more)(?!\w)"
)
"""They were there, and it was not possible."""
_FROM: Final = re.compile(r"(?:^|\s)(?:от|від) (?!эт|ц[ієиь]|нее|неї|него|нього|них)([\w'-]+)\s(?:мы |ми |я )?$")
"""`от контейнера мы отказались`."""
_FROM_WHAT: Final = re.compile(
    r"\s(?:мы |ми )?(?:от|від) (?:(?:эт|дан|ц|ваш|так|указан|вказан|зазначен|подобн|подібн|всяк|любы|любо|будь)\w+ )*+"
    r"(?!эт|ц[ієиь]|нее|неї|него|нього|них|тако|данн|заяв|запит|запрос|работ|робіт|робот|выполн|викон|исполн|вызов|"
    r"виклик|ремонт|монтаж|услуг|послуг|обслуж|"
    r"задач|завдан|объект|об'єкт|принят|прийнят|взят|участ|участі|выезд|виїзд|поезд|поїзд|дальнейш|"
    r"подальш)([а-яіїєґ']+)"
)
"""`отказались от подъёмника`: a thing, and not the work."""
AFTER_A_LOOK: Final = re.compile(
    r"(?<!\w)(?:после|після|за результатами|по результатам) (?:осмотра|огляду|диагностики|діагностики|обследования|"
    r"обстеження|проверки|перевірки|консультации|консультації|вашего звонка|вашого дзвінка|разговора|розмови)(?!\w)"
)
"""What went before a refusal; no time to come."""
_INFINITIVE: Final = re.compile(r"[аеиоуыяіїєстз](?:ть|ти)(?:ся|сь)?$|чь$")
NO_NOUN: Final = re.compile(
    r"eta|visit|till|tonight|today|again|already|right|here|there|straight|before|between|over|will|up|off|about|"
    r"around|all|just|ok|fine|now|earlier|at|thanks|thank|regards|due|because|as|since|by|per|with|without|after|"
    r"for|waiting|please|owing|from|until|and|but|so|within|in|\w+ly|this|our|your|the|my|their|yesterday|early|"
    r"late|last|once|these|those|both"
)
"""What follows an English participle and is no noun of its."""


def refuses_for_now(look: Look) -> bool:
    """`на 15 июня взять не можем`, `cannot accept it without the act`: another day, or with it, they would."""
    told = f"{look.before}{REASON.split(look.after)[0]}"
    if _COULD_NOT_DO.match(f"{look.phrase}{look.after}"):
        return True
    if _AS_LONG_AS.search(REASON.split(look.after)[0]):
        return True
    return _CANNOT.search(look.phrase) is not None and (
        _CANNOT_YET.search(told) is not None
        or _WITHOUT_IT.match(look.after) is not None
        or _UNTIL.match(look.sentence.text, look.match.end()) is not None
    )


def refuses_other(look: Look) -> bool:
    """`отказались пускать`, `refused us entry`: something else than the work is refused."""
    if (thing := _FROM.search(look.before)) and look.strange(thing[1]):
        return True
    if (thing := _FROM_WHAT.match(look.after)) and look.strange(thing[1]):
        return True
    follows = WORD.findall(REASON.split(look.after)[0])
    if not follows:
        return False
    if follows[0] == "to":
        follows = follows[1:] or [""]
        return not look.has("taking", follows[0])
    if follows[0].isascii():
        return look.phrase in {"refused", "declined", "denied"} and (
            follows[0] == "us" or (bool(look.strange(follows[0])) and not NO_NOUN.fullmatch(follows[0]))
        )
    return _INFINITIVE.search(follows[0]) is not None and not look.has("taking", follows[0])
