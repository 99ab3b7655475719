"""What contractors say of each status, as data: Ukrainian, Russian, English and what people make of them
in a hurry.

A phrase is written as it is said, in lower case, with `е` for `ё` and a plain apostrophe. `*` stands for
any ending
of a word, `(a|b)` for either, `?` after a letter or a group for "or not". Phrases are whole words.
"""

from dataclasses import dataclass
from typing import Final

from core.letters.crews import CREW_EN, CREW_RU, CREW_UK
from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE, SENT
from core.letters.patterns import slips

PAST: Final = "past"
NOW: Final = "now"
WEAK: Final = "weak"


def phrases(text: str) -> tuple[str, ...]:
    """Phrases written with commas between them."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


@dataclass(frozen=True, slots=True)
class Stage:
    """Phrases that tell a status.

    tense: `past` what has happened; `now` what is so unless the clause speaks of the future; `weak` as
    `now`, and
    only if the clause has somebody in it who can be there, or nothing else.
    needs_request: the clause must name the request (`closed` may be said of a door).
    negated: the status that a plain "not" in front of it tells; empty: then it tells none.
    bare: only in a letter that tells of an arrival: `left` alone may be said of the base.
    proven: a piece of the work; the last of it only where something shows it (`core.letters.finished`).
    own: a phrase of the configuration; whoever wrote it knows of what it is said.
    A stage with an empty status is a phrase that looks like news and is none.
    """

    status: str
    tense: str
    phrases: tuple[str, ...]
    needs_request: bool = False
    negated: str = ""
    bare: bool = False
    proven: bool = False
    own: bool = False


_TAKE_EN: Final = (
    "(accept|take on|take|fulfil|fulfill|perform|do) (the |this |that |your )?(request|it|job|work|req|ticket|one|on)?"
)
_SITE_RU: Final = "(объекта|места|адреса|вас|площадки|заказчика|клиента|точки|участка)"
_SITE_UK: Final = "(об'єкта|об'єкту|місця|адреси|вас|майданчика|замовника|клієнта|точки|дільниці)"
_SITE_EN: Final = "(site|premises|object|building|location|facility|address|customer|client)"
_WHO_EN: Final = f"(has|have|{CREW_EN}|contractor|we|they|he) (already |just )?"
_BASE_EN: Final = "(office|base|depot|yard|warehouse|shop|hq|garage|workshop|headquarters)"
_WORK_RU: Final = "(работ*|ремонт*|монтаж*|замен*|диагностик*|осмотр*|выполнени*|устранени*|наладк*)"
_WORK_UK: Final = "(робот*|ремонт*|монтаж*|замін*|діагностик*|огляд*|виконання|усунення|налагодження)"
_WORK_EN: Final = "(the )?(works?|working|repairs?|repairing|installation|replacement|job|inspection)"
_TAKE_RU: Final = (
    "(эту |данную |вашу |ее |его )?(принять|взять|взяться|выполнить|исполнить|брать|браться|принимать|выполнять)"
)
_CANNOT: Final = "не (можем|сможем|могу|смогу|будем|можемо|зможемо|можу|зможу|будемо)"
_TAKE_UK: Final = (
    "(цю |дану |вашу |її |його )?(прийняти|взяти|взятися|взятись|виконати|брати|братися|приймати|виконувати)"
)

_AT_THE_DOOR: Final = (
    "(мы|ми|стоим|стоїмо|стою|жду|ждем|чекаю|чекаємо) (уже |вже )?(у|под|під|перед|возле|около|біля|на) "
    "(подъезд*|під'їзд*|магазин*|здани*|будівл*|ресепшн*)(?!.*(откр|відкр|відч|пуст|пуск|впус))"
)
REFUSALS: Final = ("отказ", "відмова", "refusal")
CANCELLATIONS: Final = ("отмена", "скасування", "відміна")
_ENDS: Final = r"(?=\s?[.,;:!(|]|\s?$| из-за| через| по причине| нет| немає|\n)"
"""Nothing follows that the noun belongs to: `заявка 12 - отказ`, but not `отказ насоса`."""

_STOPS: Final = r"(?=\s?[.;:!(|]|\s?$|\n)"
_SLIPS: Final = {
    (ACCEPTED, PAST): "приняли принял принята принято прийняли прийнята прийнято прийнятa accepted",
    (EN_ROUTE, PAST): "выехали выехала виїхали виїхала вирушили",
    (EN_ROUTE, NOW): "выезжаем виїжджаємо",
    (ON_SITE, PAST): "прибыли прибыла приехали прибули прибула приїхали приїхала arrived",
    (DECLINED, PAST): "отклонена отклонили відхилена відхилили declined rejected",
    (CANCELLED, PAST): "отменена отменили скасована скасовано скасували cancelled",
    (LEFT, PAST): "закончили завершили завершена завершены выполнена выполнено выполнили закінчили виконано виконали "
    "completed finished",
}
"""The words that matter most, as they are also mistyped."""
_SPELLED_RIGHT: Final = frozenset({"приняла", "принять", "приято", "принт", "приедали", "finshed", "прибили"})


def mistyped(status: str, tense: str) -> tuple[str, ...]:
    """Those words with one slip each."""
    right = {word for group in _SLIPS.values() for word in group.split()}
    return tuple(sorted(set(slips(_SLIPS[status, tense].split())) - right - _SPELLED_RIGHT))


STAGES: Final = (
    Stage(
        "",
        PAST,
        phrases(
            f"""
        принят(о|ы)? к сведению, принял(и|а)? к сведению, прийнят(о|і)? до відома, прийняли до відома, принято
        решение, приняли решение, прийнято рішення, прийняли рішення, принят(ы|о)? меры, приняли меры, вжито
        заходів, приняли участие, принял участие, прийняли участь, подтвержд* получение, підтвердж* отримання,
        ((we|i) (hereby )?)?confirm(ed)? (the )?receipt(?! and accept), подтвержд* что, confirm(ed)? that,
        принято считать, в пути следования, работа* на опережение, на месте
        (разбер*|посмотр*|реш*|увид*|уточн*|определ*), done by, to be done, cancell?ed on (us|him|them), arrived at
        (a|an|the|this)
        (agreement|conclusion|decision|price|figure|solution), done \\w+ing, on
        (my|our|his|her|their|the|its) way (out|back|home),
        (mark|marked|set|get|getting|consider|call|have|want|need|needs) (it|this|that|them|the request|the job) (as
        )?(done|completed|complete|closed|fixed|finished), done (nothing|little), did nothing,
        сделано мало, зроблено мало, готово (к|до|для) \\w+, на місці
        (розбер*|подив*|виріш*|побач*|уточн*|визнач*), сделан* заказ, на месте происшествия, ({_WHO_EN})?left
        (over|behind|side|a|to), well done, easier said than done, приняты в эксплуатацию, нічого не зроблено,
        ничего не сделано
        """
        ),
    ),
    Stage(
        SENT,
        PAST,
        phrases(
            """
        отправлен(а|о|ы)?, направлен(а|о|ы)?, отправил(а|и)?, направил(а|и)?, выслал(а|и)?, выслан(а|о|ы)?,
        надіслан(о|а|і|ий), надіслал(и|а), надіслав, відправлен(о|а|і|ий), відправил(и|а), відправив,
        скерован(о|а|ий), скерували, направлено, направив, sent, submitted
        """
        ),
    ),
    Stage(
        ACCEPTED,
        PAST,
        phrases(
            """
        принят(а|о|ы)?, принял(а|и)?, приняв, прийнят(о|а|і|ий), прийнял(и|а), прийняв, accepted
        """
        ),
        negated=DECLINED,
    ),
    Stage(
        ACCEPTED,
        PAST,
        phrases(
            f"""
        (взял|узял)(а|и)? (заявк* |ее |вашу заявк* )?в работу, взят(а|о|ы)? в работу, принят(а|о|ы)? (в|к)
        (работу|работе|исполнению|выполнению), прийнят(о|а|і|ий) (до|в|у) (роботи|роботу|виконання), в работу
        (взял|взят|принял|принят)(а|о|и|ы)?, взял(а|и)? заявк*, (взял|узял)(и|а) (заявк* |її )?(в|у|до)
        (роботу|виконання), (взяв|узяв) (в|у|до) роботу, взят(о|а|і|ий) (в|у|до) (роботу|виконання),
        передан(а|о|ы)? (в работу|исполнителю|{CREW_RU}), передали (в работу|исполнителю|{CREW_RU}),
        передан(о|а|ий) (в роботу|виконавцю|{CREW_UK}), передали (в роботу|виконавцю|{CREW_UK}),
        (поступил(а)?|надійш(ла|ов)) (в|у|до) (работу|роботу|роботи)(?! не ), подтвержден(а|о|ы)?, подтвердил(а|и)?,
        підтверджен(о|а|і|ий), підтвердил(и|а), підтвердив, confirmed,
        ((we|i)('ve| have)? )booked (this|it|that|the job|the request|this one|this job) in,
        taken (into|in) work, taken on, taken (the |your |this )?(request|job|ticket)( [\\w-]+)? on,
        (have|has|we|we've|i've) taken (it|this|this one|the request)? ?on, put (into|in) work
        """
        ),
    ),
    Stage(
        ACCEPTED,
        NOW,
        phrases(
            """
        принимаем, принимаю, принимается, в работе, (берем|беру) (заявк* |ее )?в работу, беремся,
        подтверждаем, подтверждаю, приймаємо, приймаю, приймається, (в|у) роботі,
        (беремо|беру|берем) (заявк* |її )?(в|у|до) (роботу|виконання), беремося, беремось, підтверджуємо,
        підтверджую, (we|i) (hereby )?(accept|confirm), taking (it|this|this one|the job|the request)( on)?,
        (happy|glad|pleased) to
        (take|accept) (it|this|that|this one|(the |your |this )?request|the job),
        (we|i) take (the |your |this )?(request|ticket|job|it)?( \\d[\\d/-]*)? ?(to|in|into) work,
        бер(у|ем|емо) на себ(е|я), (we|i)('ll| will) take (it|this|this one|the job)( on)?,
        (is|are) in (progress|work), being processed
        """
        ),
    ),
    Stage(
        DECLINED,
        PAST,
        phrases(
            """
        непринят(а|о|ы)?, неприйнят(а|о|і|ий), отклонен(а|о|ы)?, отклонил(а|и)?, отказал(ась|ись|ся),
        отказано, відхилен(о|а|і|ий), відхилил(и|а), відхилив, відмовил(ися|ись|ася|ась), відмовлено,
        declined, rejected, refused, turned down, turned (this|it|that|the request|the job)( one)? down
        """
        ),
    ),
    Stage(
        DECLINED,
        NOW,
        phrases(
            f"""
        отклоняем, отклоняю, отклоняется, отказываем, отказываемся, отказываюсь, (вынуждены|вынужден) (вам |вас
        )?(отказать|отказаться|отклонить), відхиляємо, відхиляю, відхиляється, відмовляємось, відмовляємося,
        відмовляємо, (змушені|змушений|вимушені|вимушений) (вам )?(відмовити|відмовитись|відмовитися|відхилити),
        (подтвержда|підтверджу)(ем|ю|ємо) (отказ|відмову),
        (такое|такого|таким|такими работами|такими роботами|этим|цим|подобным|такие работы|такі роботи)
        не (делаем|занимаемся|робимо|займаємось|займаємося|выполняем|виконуємо|беремся|беремося), не
        (занимаемся|займаємось|займаємося) (таким|этим|цим|такими|такого)( работами| роботами)?,
        (can't|cannot|not able to|unable to) help (you )?(out )?with (this|that|it)( one| request| job)?,
        (we|i) (must |have
        to |will have to |hereby |regret to |are forced to )?(decline|reject|refuse),
        (forced|obliged|sorry|decided) to
        (decline|reject|refuse), не (можем|сможем|могу|смогу|готовы|готов|будем) {_TAKE_RU},
        ({_TAKE_RU}|{_TAKE_UK}) (заявк* |запрос |запит |ее |її )?{_CANNOT},
        не (беремся|берусь|возьмусь|возьмемся|принимаем|принимаю|берем|возьмем), (нет|не
        имеем|не имеет) возможности {_TAKE_RU}, (невозможно|не представляется возможным) {_TAKE_RU},
        (неможливо|немає змоги) {_TAKE_UK}, не (можемо|зможемо|можу|зможу|готові|готовий|будемо) {_TAKE_UK},
        не (беремося|беремось|беруся|візьмуся|візьмусь|візьмемося|візьмемось|приймаємо|приймаю|беремо|візьмемо),
        (немає|не маємо|не має)
        (можливості|змоги) {_TAKE_UK}, (cannot|can't|can not|could not|couldn't|unable to|not able to|won't be
        able to|will not be able to|won't|will not|not going to|do not|don't) {_TAKE_EN}, (will not|won't|are
        not|aren't|not going to) be (taking|accepting|doing|
        attending), (are|am) not (taking|accepting),
        (we're|we are|i'm|i am) (declining|rejecting|refusing),
        ((we'll|we will|i'll|i will) )?(have to|must|'ll|will|going to|better) pass on (this|it|that|(the |your
        )?request)( one| job)?,
        ((we'll|we will|i'll|i will) )?(have to|must|'ll|will|going to|better) turn (this|it|that|the request)(
        one| job)? down, ((we'll|we will|i'll|i will) )?(have to|must|'ll|will|going to|better) turn down
        (this|the request|the job)
        """
        ),
    ),
    Stage(
        ACCEPTED,
        WEAK,
        phrases("взял(а|и)?, узял(а|и)?, взяв, узяв, берем, беру, беремо, возьмем, візьмемо, got it booked, booked in"),
    ),
    Stage(DECLINED, WEAK, ("decline", "reject")),
    Stage(DECLINED, WEAK, tuple(noun + _ENDS for noun in REFUSALS), needs_request=True),
    Stage(CANCELLED, WEAK, tuple(noun + _ENDS for noun in CANCELLATIONS), needs_request=True),
    Stage(
        CANCELLED,
        PAST,
        phrases(
            """
        отменен(а|о|ы)?, отменил(а|и)?, аннулирован(а|о|ы)?, аннулировали, отозван(а|о|ы)?, отозвали,
        снята с (исполнения|работы|учета), (заявк*|запрос) снят(а|ы)?,
        сняли (заявк*|запрос), (заявк*|запит) знят(а|о|ий), зняли (заявк*|запит),
        скасован(о|а|і|ий), скасувал(и|а), скасував, анульован(о|а|і|ий),
        анулювали, відкликан(о|а|і|ий), відкликали, відмінен(о|а|і|ий), відмінил(и|а), отмін(или|ена|ено),
        closed (it |this |that |the request |them )?as cancell?ed,
        (закрыли|закрыта|закрили|закрита) как (отмененную|отмененная|скасовану|скасована), cancell?ed,
        withdrawn, called off, annulled
        """
        ),
    ),
    Stage(CANCELLED, PAST, phrases("снят(а|ы|о)?(?! с ), знят(а|о|і|ий)(?! (з|із) )"), needs_request=True),
    Stage(
        CANCELLED,
        NOW,
        phrases(
            """
        снимаем (заявк*|запрос), (заявк*|запрос) снима(ем|ется), знімаємо (заявк*|запит),
        (заявк*|запит) знім(аємо|ається), отменяем, отменяется, отзываем, аннулируем, скасовуємо,
        скасовується, відкликаємо, анулюємо, (we|i) (hereby )?(cancel|withdraw),
        (подтвержда|підтверджу)(ем|ю|ємо) (отмену|аннулирование|скасування|відміну|анулювання),
        (отмену|аннулирование|скасування|відміну|анулювання) (подтвержда|підтверджу)(ем|ю|ємо),
        ((we|i) (hereby )?)?confirm(ing|ed)? (the |this )?(cancellation|withdrawal)
        """
        ),
    ),
    Stage(
        EN_ROUTE,
        PAST,
        phrases(
            f"""
        выехал(а|и|о)?, стартанул(а|и)?, стартонул(а|и)?, рванул(а|и)?, выдвинул(ся|ась|ись),
        отправил(ся|ась|ись), направил(ся|ась|ись),
        (уехал|поехал|убыл|отбыл)(а|и)? (на|к|по), стартовал(а|и)?, тронул(ся|ась|ись),
        (вышел|вышла|вышли) (на маршрут|на объект|на линию|к вам), (вийшов|вийшла|вийшли) (на маршрут|до вас),
        (машина|авто|бригада)( с бригадой)? (вышл|ушл|пошл|пішл)(а|о), виїхав, виїхал(а|и|о),
        в(ы|и)(и|е|ї|йи)хал(а|и|о|ы|і)?, вирушив, вирушил(а|и), рушил(а|и), відправил(ися|ись|ася|ась),
        відправився, (поїхав|поїхали|поїхала|вибув|вибули|вибула) (до|на|по), висунул(ися|ись|ася|ась),
        виїхалі, set (off|out), ({_WHO_EN})?left (the |our |their )?{_BASE_EN}, ({_WHO_EN})?left for,
        headed (to|out|over|your), departed (for|to|towards), set off, set out, hit the road, left ours,
        setting (off|out) now, (just|now) setting (off|out),
        sent (out )?(a |an |the |our |you a )?{CREW_EN}
        """
        ),
    ),
    Stage(
        EN_ROUTE,
        NOW,
        phrases(
            """
        еду, едем, мчим(о|ся|ось)?, мчу(сь)?, летим(о)?, лечу, выезжаем, выезжаю, выдвигаемся, направляемся,
        подъезжаем,
        подъезжаю, їду, їдемо, їдем,
        виїжджаємо, виїжджаю, виїзжаємо, прямуємо, прямую, on (my|our|his|her|their) way, під'їжджаємо,
        під'їжджаю
        """
        ),
    ),
    Stage(
        EN_ROUTE,
        WEAK,
        phrases(
            f"""
        в пути, в дороге, на пути к, (едим|идем|їдим) (к вам|до вас|на объект|на об'єкт), едет, едут, выезжает,
        выезжают, выдвигается, направляется, подъезжает,
        у дорозі, в дорозі, на шляху до, їде, їдуть, виїжджає, прямує, прямують, під'їжджає,
        on (the|our|my|his|her|their|its) way, en[ -]route, on route, enroute, on the road,
        heading (to|over|out|your|there), going (already )?to (you|the site|your site|the object|your address),
        driving (to|over|there),
        in transit, dispatched, leaving (the |our
        )?{_BASE_EN},
        (has|have) departed(?= and (should|will)| eta|$)
        """
        ),
    ),
    Stage(
        ON_SITE,
        PAST,
        phrases(
            f"""
        прибыл(а|и|о)?, приехал(а|и|о)?, (прошл|пройшл)и (проходную|прохідну|охрану|охорону|кпп|контроль),
        доехал(а|и)?, подъехал(а|и)?, добрал(ся|ась|ись|ися), приступил(а|и)? к
        {_WORK_RU}, приступил(а|и)?, начал(а|и)? {_WORK_RU}, работы (начаты|начали), работы начались,
        (зашел|зашла|зашли|заехал|заехали|зайшов|зайшла|зайшли|заїхав|заїхали) на
        (объект|об'єкт|место|місце|площадку), прибув, прибул(а|и|о), приїхав, приїхал(а|и|о), доїхав,
        доїхал(а|и), під'їхав, під'їхал(а|и), дістал(ися|ись|ася|ась), дістався, приступив, розпочал(и|а)
        {_WORK_UK}, почал(и|а) {_WORK_UK}, роботи (розпочато|розпочаті|почато|почали), розпочато роботи,
        arrived, attended (at \\d+|site|the site|your site|on site), started {_WORK_EN},
        works? (has |have )?(started|begun), works in progress, got (there|here|to
        ((the |your )?site|you)), ({CREW_EN}|we|they|he|she|i)( have| has|'ve)?( just| already)? (turned|showed) up,
        reached
        (the |your |our )?{_SITE_EN}, (has|have|are|is|we) reached( the)?( site| location| object| building|
        place)?
        """
        ),
    ),
    Stage(
        ON_SITE,
        NOW,
        phrases(
            f"""
        (работаем|работает|работают|находимся|находится|находятся|работаю|нахожусь) на
        (объекте|месте|адресе|точке|площадке),
        (працюємо|працює|працюють|перебуваємо|перебуває|знаходимось|знаходимося|знаходиться|працюю) на
        (об'єкті|місці|адресі|точці|майданчику),
        (проводим|проводят|ведем|ведут|ведутся|проводятся|выполняем|выполняются) (аварийные |ремонтные
        |восстановительные )?(работы|ремонт|замену|монтаж|диагностику), работы (ведутся|проводятся|идут),
        (проводимо|проводять|ведемо|виконуємо|виконують|ведуться|тривають) (аварійні |ремонтні |відновлювальні
        )?(роботи|ремонт|заміну|монтаж|діагностику), роботи (ведуться|тривають|йдуть|проводяться), мы (уже
        )?(тут|здесь), ми (вже )?тут, (we|we're|we are|i'm|i am) (already )?here(?= |[.!]|$), (is|are|am)
        working (at|on) (the |your )?{_SITE_EN}, {_AT_THE_DOOR}
        """
        ),
    ),
    Stage(
        ON_SITE,
        WEAK,
        phrases(
            f"""
        приш(ел|ла|ли)(?! (в|к|на|у|за|по|с|из) ), прийш(ов|ла|ли)(?! (в|до|на|у|за|по|з|із) ),
        (уже|вже) (тут|здесь), already here, here now,
        на (объектах|местах|адресах|точках|об'єктах|місцях),
        на (вузлі|узле|подстанции|підстанції|котельной|котельні|крыше|даху|щитовой|щитовій)(?!
        (сус|сосед|друг|інш)), на месте,
        на об(ъ|ь)?(е|э)кт(е|і), на объекте,
        на точке, на адресе, на площадке,
        на місці, на об'єкті, на точці, на адресі, на майданчику, on[ -]site, onsite, at (the |your )?{_SITE_EN}, on
        location, on the spot, ({CREW_RU}|{CREW_UK}) (уже |вже |сейчас |зараз )?(у|в|возле|около|біля) вас{_STOPS},
        ({CREW_RU}|{CREW_UK}|наши|наші|ребята|хлопці) (уже|вже) там(?! (был|бул|ж|не)),
        ({CREW_RU}|{CREW_UK}) (уже|вже) (у|в|возле|около|біля) вас(?=\\x2c),
        {CREW_EN}('s| is| are) (already |now )?(there|with you)( now| already)?{_STOPS}, (на|в)
        (мєсті|мєсте|мсте|мсті)
        """
        ),
    ),
    Stage(
        LEFT,
        PAST,
        phrases(
            f"""
        убыл(а|и|о)?, уехал(а|и)?, (выехал|отбыл|поехал|отъехал)(а|и)? (с|от|из) {_SITE_RU},
        покинул(а|и)? (объект|место|площадку|адрес), (объект|площадку) покинул(а|и)?, вибув, вибул(а|и|о),
        (виїхав|виїхали|виїхала|поїхав|поїхали|поїхала) (з|із|від) {_SITE_UK}, від'їхав, від'їхал(а|и),
        уїхали, (залишил|покинул)(а|и)? (об'єкт|місце|майданчик), (об'єкт|майданчик) (залишили|покинули),
        ({_WHO_EN})?left (the |your )?{_SITE_EN}, (and|then) left (the |your )?{_SITE_EN},
        departed (from )?(the |your )?{_SITE_EN},
        {CREW_EN} (is |are |now |went )?off[ -]?site
        """
        ),
    ),
    Stage(
        LEFT,
        NOW,
        phrases(
            f"""
        уезжаем, уезжает, убываем, покидаем объект, (выезжаем|едем|выезжает) (с|от|из) {_SITE_RU},
        (виїжджаємо|їдемо|виїжджає) (з|із|від) {_SITE_UK}, залишаємо об'єкт, leaving (the |your )?{_SITE_EN}
        """
        ),
    ),
    *(
        Stage(status, tense, mistyped(status, tense), negated=DECLINED if status == ACCEPTED else "")
        for status, tense in _SLIPS
        if status != LEFT
    ),
)

LEAVING: Final = Stage(
    LEFT,
    PAST,
    phrases(
        f"поїхав, поїхал(и|а), {_WHO_EN}left, left at \\d+, (and|then) left, (and|then) departed, departed at \\d+"
    ),
    bare=True,
)
