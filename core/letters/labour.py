"""Whether a verb of work is said of the crew that works at the request.

`Меняем стояк`, `сантехник меняет стояк`; not `меняем стояки с 2005 года`, `насос качает`, `меняем завтра`.
"""

import re
from typing import Final

from core.letters.looks import WORD, Look

_FIRST_PERSON: Final = re.compile(r"\w*(?:ю|у|[еиєї]мо?)(?:ся|сь)?")
_HABIT: Final = re.compile(
    r"(?<!\w)(?:только|тільки|лише|лишь|исключительно|виключно|всегда|завжди|любы\w+|будь-як\w+|так(?:ие|ое|ой|"
    r"ого|і|е|ий|ого)|"
    r"подобн\w+|все виды|всі види|усі види|года|років|лет|ежедневно|еженедельно|каждый|каждую|кожн\w+|щотижня|"
    r"по (?:понедельник|вторник|сред|четверг|пятниц|суббот|будн|выходн|понеділ|вівтор|серед|четвер|п'ятниц|"
    r"субот|будня|вихідн|"
    r"график|графік|договор|предоплат|передоплат)\w*)(?!\w)"
)
"""It is what they do in general."""
_FAR: Final = re.compile(
    r"(?<!\w)(?:у себя|у себе|удаленно|дистанционно|віддалено|дистанційно|в сервис\w*|у сервіс\w*|"
    r"в лаборатори\w+|у лаборатор\w+|"
    r"(?:свою|нашу|свій|наш|свое|своє) (?:машин|авто|бус|газел|фургон)\w*|машин[ауы]|авто|бус|газель|колес[ао]|"
    r"(?:на|в|у) (?:трасс|трас|дорог|дороз|заправк|заправц|азс|базе|базі|гараж)\w*)(?!\w)"
)
"""Not at the request: in the workshop, or on the road with the own car."""
_AT_BASE: Final = re.compile(r"(?<!\w)(?:вже|уже) (?:на баз[іе]|вдома|дома|в офис[еі]|в офісі)(?!\w)")
_LOADS: Final = re.compile(r"груз|загруж|вантаж|завант|паку|упаков|склад|собир|збир")
_SETS_OUT_NEXT: Final = re.compile(r"(?<!\w)(?:вы(?:езж|ед|дви)|ви(?:їд|їжд|їзж|руш)|отправ|поедем|поїдемо)")
_AGREED: Final = re.compile(
    r"(?<!\w)(?:согласу|утверд|погодьте|погодит|погодж|затверд|подтверд|підтверд|дайте (?:добро|згоду)|стоимост|"
    r"вартіст|стоить|"
    r"коштува|ориентировочн\w+ цен|решени|рішенн|решил|вирішил|замечани|зауважен|претензи|предлага|пропону|"
    r"вариант|варіант)"
)
"""It is proposed, at a price; or it mends what was left after the work."""
_AT_DATE: Final = re.compile(
    r"(?<![\w.:])(?:\d{1,2}[./]\d{2}(?:[./]\d{2,4})?|\d{1,2}(?:-?го)? (?:январ|феврал|март|апрел|ма[яй]|июн|июл|"
    r"август|сентябр|октябр|"
    r"ноябр|декабр|січн|лют|берез|квіт|трав|черв|лип|серп|верес|жовт|листопад|груд))"
)
_AT_TIME: Final = re.compile(r"(?<!\w)(?:в|во|о|об)\s\d{1,2}(?:[:.-]\d\d)?(?!\w)")
_OF_PAPERS: Final = re.compile(
    r"(?:собира|збира|меня|міня|снима|зніма|став|тян|тягн|веша|віша|провер|перевір|обраб|оброб|пробива|запуска|"
    r"открыва|відкрива|"
    r"поднима|підніма|тестиру|тесту|закрепл|закріпл)"
)
"""Verbs that are said of plans and papers as well."""
_THING: Final = re.compile(
    r"\s(?!(?:в|во|у|на|до|с|з|із|к|за|по|об|о|вас|вам|их|его|ее|її|їх|все|это|це|что|що|как|як|так|ли|чи|не|"
    r"перед|под|під)\s)"
    r"(?!(?:врем|час|дат|срок|термін|график|графік|план|статус|заяв|запрос|запит|задач|завдан|вопрос|питан|"
    r"отмет|позначк|"
    r"мастер|майст|инженер|інженер|исполнит|виконав|бригад|людей|людин|команд|хлопц|ребят|техник|технік|решени|рішен|"
    r"услов|умов|договор|договір|цен|цін|документ|акт|данн|дані|информ|інформ|инструмент|інструмент|подпис|підпис|"
    r"запчаст|комплект|материал|матеріал|отчет|звіт|фото|паролі?|пароль|номер|маршрут|місц|мест|счет|рахун|смет|"
    r"кошторис|"
    r"оцен|оцін|точк|точок|крап|приоритет|пріоритет|показ|замер|замір|заказ|замовл|очеред|черг|крест|хрест|"
    r"гроши|гроші|деньг|"
    r"ставк|предоплат|передоплат|тариф|правил|режим|контакт|звон|дзвін|письм|лист|ответ|відпов|\d))\w"
)
"""A thing follows, and none of an office: `ставим насос`, but not `ставим в план`."""
_WORKS: Final = re.compile(r"(?:работа|працю|труд)")
_WORKS_ELSE: Final = re.compile(
    r"\s(?:\w+\s)?(?:над|до|с \d|з \d|без|за (?!заяв|запит|виклик)|как|як|лучше|краще|в (?:план|штат|режим|обычн|"
    r"норм)\w*|у (?:план|"
    r"штат|режим|звич)\w*|"
    r"по (?!заяв|запит|запрос|\W|\d|адрес|ваш|этой|цій|об|мест|місц)|исправно|справно|нормально|стабильно|"
    r"стабільно|отлично|"
    r"хорошо|добре|с (?!утра|самого|раннего)|з (?!ранку|самого))"
)
"""Whose work it is, and how it is done in general: no news."""
_WORKS_HERE: Final = re.compile(
    r"\s(?:уже |вже |зараз |сейчас )?(?:у вас|у клі|у кли|у зам|у зак|на (?!себ|удален|віддал|перспектив|"
    r"результат|опереж|выезд|виїзд)|по |"
    r"тут|там|здесь|вдво|втро|вчотир|вчетвер|с утра|з ранку|в (?!ее|его|её|цьому|этом|присут|норм|план|режим|штат))"
)
"""Where `we work`; alone it is as good as `in work`."""
_TAKEN: Final = re.compile(
    r"(?<!\w)(?:прин|прий|взял|взяв|узял|понял|зрозум|ок|ok|хорошо|добре|есть|да|так|будет|буде)\w*"
)
_PLACE_BEFORE: Final = re.compile(
    r"(?<!\w)(?:на|по|у|тут|там|здесь)(?!\w)|(?<!\w)в (?:подвал|підвал|щитов|котел|шахт|сервер|машин)"
)
_JOINS: Final = frozenset({"и", "і", "й", "та", "да", "а", "але", "но"})
_FINITE: Final = re.compile(r"[а-яіїє']{2,}(?:[аеиоуыяіїє](?:л[аои]?|в)|[аеє]т|[аяюу]ть?|ить?)(?:ся|сь)?")
_SO_MANY: Final = re.compile(r"дво[еє]|тро[еє]|четверо")
_NOW: Final = re.compile(r"(?<!\w)(?:зараз|сейчас|уже|вже)(?!\w)")
_COMES: Final = re.compile(r"(?:при|до|под|під|за|ви|вы|пере|раз|роз|на)\w*")
_TAKES_IT_OFF: Final = re.compile(r"\s(?:ее|її|эту заявку|цю заявку|заявку)(?!\w)")
_PREPOSITION: Final = re.compile(
    r"в|во|у|на|по|к|с|со|з|із|от|від|до|для|за|из|о|об|при|біля|возле|около|под|під|над|через|після|после"
)


def is_work_elsewhere(look: Look) -> bool:
    """The verb is said of other work, another time, or a thing that works."""
    if _HABIT.search(look.clause) or _FAR.search(look.clause) or _AGREED.search(look.sentence.text):
        return True
    if _AT_DATE.search(look.clause) or _AT_TIME.search(look.clause):
        return True
    if _AT_BASE.search(look.earlier) or _takes_request_off(look):
        return True
    if _LOADS.match(look.phrase) and _SETS_OUT_NEXT.search(look.sentence.text):
        return True
    if _OF_PAPERS.match(look.phrase) and not _THING.match(look.after):
        return True
    if _WORKS.match(look.phrase) and (_WORKS_ELSE.match(look.after) or _TAKEN.search(look.earlier)):
        return True
    if _FIRST_PERSON.fullmatch(look.phrase.split(" ")[0]):
        here = not _WORKS.match(look.phrase) or _WORKS_HERE.match(look.after) or _PLACE_BEFORE.search(look.before)
        return not here or look.has("outsider", look.before)
    if _WORKS.match(look.phrase) and look.has("position", look.before) and _NOW.search(look.before):
        return False  # `на позиції 6 зараз працюють`
    return not (_crew_acts(look) or _crew_follows(look))


def _takes_request_off(look: Look) -> bool:
    """`заявка 8420 не актуальна, снимаем её`; but not `заявка 8420: крышка прикипела, снимаем её`."""
    if not re.match(r"сним|знім", look.phrase) or _TAKES_IT_OFF.match(look.after) is None:
        return False
    requests = list(look.words["request"].finditer(look.earlier))
    return bool(requests) and not look.strange(look.earlier[requests[-1].end() :])


def _crew_acts(look: Look) -> bool:
    """`сварщик по 101 сейчас варит`; the crew of the clause before only if this one has no subject of its own."""
    crew = _nouns(look, look.before)
    if crew is None:
        lead = look.earlier[: look.clause_start]
        return not look.strange(look.before) and _nouns(look, lead) is not None and not look.has("outsider", lead)
    words = ["", *WORD.findall(look.before[crew:]), ""]
    return not any(
        look.has("reports", word)
        or look.has("outsider", word)
        or word in {"что", "що", "чтобы", "щоб"}
        or (
            _FINITE.fullmatch(word)
            and not _COMES.fullmatch(word)
            and follows not in _JOINS
            and not _PREPOSITION.fullmatch(lead)
        )
        for lead, word, follows in zip(words, words[1:], words[2:], strict=False)
    )


def _crew_follows(look: Look) -> bool:
    """`работает бригада`."""
    return any(
        (look.words["crew"].fullmatch(word) and len(word) > 3) or _SO_MANY.fullmatch(word)
        for word in WORD.findall(look.after)[:2]
    )


def _nouns(look: Look, text: str) -> int | None:
    """Where the last noun that names the crew, or a first name, ends."""
    ends = [found.end() for found in look.words["crew"].finditer(text) if len(found[0]) > 3]
    ends += [found.end() for found in look.words["names"].finditer(text)]
    return max(ends, default=None)
