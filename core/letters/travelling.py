"""What is said of the way, of being there and of leaving. Written as in `core.letters.phrasebook`."""

from typing import Final

from core.letters.crews import CREW_EN, CREW_RU, CREW_UK
from core.letters.model import EN_ROUTE, LEFT, ON_SITE
from core.letters.phrasebook import NOW, PAST, WEAK, Stage, phrases

_SITE_RU: Final = "(объекта|места|адреса|вас|площадки|заказчика|клиента|точки|участка)"
_SITE_UK: Final = "(об'єкта|об'єкту|місця|адреси|вас|майданчика|замовника|клієнта|точки|дільниці)"
_SITE_EN: Final = "(site|premises|object|building|location|facility|address|customer|client)"
_HERE_ENDS: Final = r"(?=\s?[.\x2c;:!)-]|\s?$|\s(?:с|з|від|from|уже|вже|since|и|і|й|та|and)\s)"
"""Nothing else is told of the place: not `мы тут подумали`."""
_WHO_EN: Final = f"(has|have|{CREW_EN}|contractor|we|they|he) (already |just |now )?"
_BASE_EN: Final = "(office|base|depot|yard|warehouse|shop|hq|garage|workshop|headquarters)"
_WORK_RU: Final = "(работ*|ремонт*|монтаж*|замен*|диагностик*|осмотр*|выполнени*|устранени*|наладк*)"
_NO_TERM: Final = (
    r"(?<!до\s)(?<!после\s)(?<!перед\s)(?<!для\s)(?<!с\s)(?<!к\s)(?<!момента\s)(?<!дату\s)(?<!дата\s)(?<!время\s)"
)
"""`до начала работ`."""
_WORK_UK: Final = "(робот*|ремонт*|монтаж*|замін*|діагностик*|огляд*|виконання|усунення|налагодження)"
_WORK_EN: Final = (
    "(the )?((preventive|planned|annual|routine) )?(works?|working|repairs?|repairing|installation|replacement|job|"
    "inspection|maintenance|servicing|calibration|commissioning|dismantling|cleaning|mounting|excavation|demolition)"
)
_BEGINS_EN: Final = (
    "works?|welders?|we|repairs?|roofers?|installation|installers?|replacement|job|inspection|they|teams?|technicians?|"
    "tilers?|crews?|cleaners?|carpenters?|engineers?|electricians?|guys|m[ae]n|mechanics?|lads|boys|fitters?|"
    "plumbers?|painters?|plasterers?"
)
_NO_WORK_EN: Final = (
    r"(?! (off|out|from|towards?|for (you|site|(the|your) (?!req))|to (you|site)|in (the )?direction|driv|travel|"
    "(his|their|our|the) (journey|trip)))"
)
"""What is started is the journey."""
_AT_THE_DOOR: Final = (
    "(мы|ми|стоим|стоїмо|стою|жду|ждем|чекаю|чекаємо) (уже |вже )?(у|под|під|перед|возле|около|біля|на) "
    "(подъезд*|під'їзд*|магазин*|здани*|будівл*|ресепшн*)(?!.*(откр|відкр|відч|пуст|пуск|впус))"
)
_STANDS: Final = (
    "(під|под|біля|перед|возле|у) (вашими |вашим |вашей |ваших )?(дверима|дверями|дверьми|дверью|дверей|двери|"
    "воротами|воріт|ворот|под'їздом|під'їздом|подъездом|шлагбаумом) (я |ми |мы )?(стою|стоїмо|стоимо|стоим)"
)
_STOPS: Final = r"(?=\s?[.;:!(|]|\s?$|\n)"

_GAP_EN: Final = r"( (?!not |never |will |should |would |must |can |may |to |be )\S+)?" * 4
_GAP_UK: Final = r"( (?!не |ще )\S+)?" * 4
"""A few words between a noun and its verb, none of which denies it."""

TRAVELLING: Final = (
    Stage(
        EN_ROUTE,
        PAST,
        phrases(
            rf"""
        ({_WHO_EN})?(left|departed)( at)? \d+([:.]\d\d)?( am| pm)?[\x2c;]?( and| in| they| he)? (\()?(eta|van
        \d|truck \d|traffic|
        (is|are|should|will) be (there|with you|on site)|(is |are )?due (with you|there|on site|at your|in))
        """
        ),
    ),
    Stage(
        EN_ROUTE,
        PAST,
        phrases(
            f"""
        left at \\d+([:.]\\d+)? (for|to) (the |your |request|site),
        (has|have) (just |already )?left (to|for) (the |your
        )?(object|site|address|request|client|customer),
        {CREW_EN} (has |have )?(just |already )?(moved out|rolled out),
        (has|have) (just |already )?(gone|headed|moved|driven) out( to)?, went out to (you|the|your),
        вылетел(а|и)? (из|к|на), (вышел|вышла|вышли|вийшов|вийшла|вийшли)
        (на|по|за) (заявк*|запит*|вызов|виклик|адрес*), (вышел|вышла|вышли|вийшов|вийшла|вийшли) (с|со|з|із|
        из) (базы|бази|офиса|офісу|гаража|гаражу|подстанции|підстанції|участка|дільниці|мастерской|майстерні|
        сервиса|сервісу|депо),
        (машин*|бус|бусик|бусік|фургон|авто|экипаж|екіпаж)( \\S+ \\S+)?
        (уже |вже )?(вышел|вышла|вышли|вийшов|вийшла|вийшли)(?! (из строя|з ладу|на связь|на зв'язок)),
        виїзд (\\S+ )?(\\S+ )?(\\S+ )?(\\S+ )?здійснено, выезд (\\S+ )?(\\S+ )?(\\S+ )?(\\S+ )?(совершен|осуществлен)
        """
        ),
    ),
    Stage(
        EN_ROUTE,
        WEAK,
        phrases(
            """
        (is|are|am|i'm|we're|he's|they're|she's)
        (already |now |just |currently )*(driving|travelling|traveling|rolling|
        comm?ing|proceeding|heading|headed|riding)( now| right now)?( over| out| up| down)?( to)?,
        за рулем, за кермом, на маршрут(е|і), (идет|идут|йде|іде|йдуть|ідуть) (к вам|до вас),
        (дорогою|по дороге|по дорозі) (до вас|к вам)(?=\\s?[.\\x2c;!]|\\s?$| по | за ), следуем (к|на|по),
        следует (к|на|по), следуют (к|на|по), прямуємо,
        катим(о|ся|ось|ося)?, движемся (к|на|по),
        двигаемся (к|на|по), рухаємось (до|на), рухаємося (до|на), на ходу, (у|в) русі
        """
        ),
    ),
    Stage(
        ON_SITE,
        PAST,
        phrases(
            f"""
        checked in (on|at|for|with), (has|have) (just |already )?come (to|by|for) (the |your |request)?,
        ({_BEGINS_EN}){_GAP_EN}
        (has |have |was |were |'ve )(been )?(commenced|started|begun){_NO_WORK_EN},
        (have|has|we've|they've) (started|begun|commenced) (\\w+ing|the|on),
        (роботи|работы){_GAP_UK} (розпочато|розпочаті|почато|начаты), прош(ел|ла) (проходную|охрану|кпп), пройш(ов|ла)
        (прохідну|охорону|кпп),
        (зашел|зашла|зашли|зайшов|зайшла|зайшли) (в|у|до) (серверн*|подвал|підвал*|щитов*|котельн*|
        машинн*|помещение|приміщення|здание|будівл*|квартир*)
        """
        ),
    ),
    Stage(
        ON_SITE,
        WEAK,
        phrases(
            """
        (is|are|am|'s|'re|'m|i'm|we're|he's)
        (still |now |already |currently )*(on premises|at reception|at the gate|on the roof|
        in the basement|in the lobby|at the (main )?entrance|with you now|still here|standing at),
        (is|are) (now )?(on|in|at) your (premises|server room|reception|basement|yard|roof|gate|building|flat|office),
        (на|у|в|перед|возле|около|біля) (ваш* )?(подвале|підвалі|серверной|серверній|машинном (помещении|отделении)|
        машинному
        (приміщенні|відділенні)|щитовій|проходной|прохідній|ресепшен(е|а|і|у)?|ворот(ах|ами)?|воріт|воротами)
        """
        ),
    ),
    Stage(
        LEFT,
        PAST,
        phrases(
            f"""
        відбув, відбул(а|и) (з|із|від), відбула(?=[.\\x2c;]|$), (снялись|снялся|знялись|знялися) (с|з|із) {_SITE_RU},
        (з|із|с) (объекта|об'єкта|обєкта|об'єкту) (знялись|знялися|снялись), (з|із|с|со)
        (объекта|об'єкта|обєкта|об'єкту|места|місця|адреса|адреси|площадки|майданчика) (уже |вже |сейчас |щойно
        |только что
        )?(выехал|уехал|убыл|отбыл|поехал|виїхав|виїхал|поїхав|поїхал|вибув|вибул|від'їхав|від'їхал)(а|и|о)?,
        (and|have|has) gone(?=\\s?[.;]|\\s?$),
        (and|have|has) (then )?(driven|drove) off, went away(?=\\s?[.\\x2c;]|\\s?$)
        """
        ),
    ),
    Stage(
        EN_ROUTE,
        PAST,
        phrases(
            f"""
        выехал(а|и|о)?, стартанул(а|и)?, стартонул(а|и)?, рванул(а|и)?, (стартану|стартону|рвону)(в|ла|ли),
        выдвинул(ся|ась|ись),
        отправил(ся|ась|ись), направил(ся|ась|ись),
        (уехал|поехал|убыл|отбыл)(а|и)? (на|к|по), стартовал(а|и)?, тронул(ся|ась|ись),
        (вышел|вышла|вышли) (на маршрут|на объект|на линию|к вам), (вийшов|вийшла|вийшли) (на маршрут|до вас),
        (машина|авто|бригада)( с бригадой)? (вышл|ушл|пошл|пішл)(а|о)(?! (из строя|на связь)), виїхав, виїхал(а|и|о),
        в(ы|и)(и|е|ї|йи|й|йі)хал(а|и|о|ы|і)?, виіхав, виіхал(а|и), вирушив, вирушил(а|и), рушил(а|и),
        відправил(ися|ись|ася|ась),
        (до вас|к вам) (уже |вже )?(поїха|поеха)(в|л|ла|ли), відправився,
        (поїхав|поїхали|поїхалі|поехалі|поїхала|вибув|вибули|вибула) (до|на|по), висунул(ися|ись|ася|ась),
        виїхалі, set (off|out), ({_WHO_EN})?left (the |our |their )?{_BASE_EN}, ({_WHO_EN})?left for,
        ({CREW_EN}|we|they|he)( have| has|'ve|'s)?( just| already| now)? started (off )?from
        (?!(scratch|zero|the|today|tomorrow|a|an|this|that|next|ground|first|second|top|day|monday|tuesday|wednesday|
        thursday|friday)(?!\\w))[a-z]+(?! (floor|level|end|side|wing|block)),
        ({_WHO_EN})?left (our |the |his |their
        )?(?!(your|the|this|that|client|customer|site|tenant|post|ticket|box|doctor|landlord|building|
        plant|hospital|school|our|his|their|head of)(?!\\w))\\w+
        (office|depot|branch|base|yard|workshop)(?=\\s?[.;!\\x2c]|\\s?$| at| and| for| with),
        (leaving|starting|moving) (now |right now )?from (the |our |my )?({_BASE_EN}|home)(?= now| for|
        to|\\s?[.\\x2c;!]|\\s?$),
        ({_WHO_EN})?left
        (?!(the|your|our|my|his|their|a|an|it|you|us|some|two|three|at|for|to|in|on)(?!\\w))[^\\s\\d]+ (at
        \\d[\\d:.]+ )?(for (the |your )?(request|req|job|order|
        ticket|call|#|№|\\d|you(?! to)|site|{_SITE_EN}|hospital|clinic|plant|factory|school|hotel)|in (the
        )?direction (of|to)|towards|bound for|heading
        (to|for)),
        leaving (right )?now (for|to) (the |your )?(request|req|job|order|ticket|\\d|you|site),
        headed (to|out|over|your), departed (for|to|towards), set off, set out, hit the road, left ours,
        setting (off|out) now, (just|now) setting (off|out),
        sent (out )?(a |an |the |our |you a )?{CREW_EN}(?!'s | (a|an|the|your|some|details|info) )
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
        виїжджаємо, виїжджаю, виїзжаємо, виїжаємо, виїжаєм, виїжджаєм, виїзжаєм, выежаем, прямуємо, прямую,
        on (my|our|his|her|their) way, під'їжджаємо,
        під'їжджаю
        """
        ),
    ),
    Stage(
        EN_ROUTE,
        WEAK,
        phrases(
            f"""
        в пути, в дороге, на пути к, едить? (к|до), (їдить|їдит|йіде|йидут|йідут) (к|до|вже|уже|на),
        (едим|идем|їдим) (к вам|до вас|на объект|на об'єкт), едет, едут,
        выезжает,
        выезжают, выдвигается, направляется, подъезжает,
        у дорозі, в дорозі, на шляху до, їде, їдуть, виїжджає, прямує, прямують, під'їжджає,
        (пилим|пилит|пилят|пиляємо|пилимо|пиляє|пилять|пиляють|чешем|чешемо|топим|топимо|дуем|дуємо)
        (до|к|з|из|с|на|в|у),
        on (the|our|my|his|her|their|its) way, en[ -]route, on route, enroute, on the road,
        heading (to|over|out|your|there), going (already )?to (you|the site|your site|the object|your address),
        driving (to|over|there),
        in transit, dispatched, leaving (the |our
        )?{_BASE_EN},
        (has|have) departed(?= and (should|will)| eta| with|$)
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
        {_WORK_RU}, приступил(а|и)?, {_NO_TERM}начал(а|и)? {_WORK_RU}, работы (начаты|начали), работы начались,
        (зашел|зашла|зашли|заехал|заехали|зайшов|зайшла|зайшли|заїхав|заїхали) на
        (объект|об'єкт|место|місце|площадку|территорию|територію|стройку|будівництво), прибув, прибул(а|и|о),
        приїхав, приїхал(а|и|о), доїхав,
        доїхал(а|и), під'їхав, під'їхал(а|и), дістал(ися|ись|ася|ась), дістався, приступив, розпочал(и|а)
        {_WORK_UK}, почал(и|а) {_WORK_UK}, роботи (розпочато|розпочаті|почато|почали), розпочато роботи,
        arrived, attended (at \\d+|for|to|site|the site|your site|on site), started {_WORK_EN},
        works? (has |have )?(started|begun), works in progress, got (there(?! in the end)|here|to
        ((the |your )?site|you(?! (a|the|by|with) ))),
        ({CREW_EN}|we|they|he|she|i)( have| has|'ve)?( just| already)? (turned|showed) up,
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
        )?(роботи|ремонт|заміну|монтаж|діагностику), роботи (ведуться|тривають|йдуть|проводяться),
        (мы|ми|я) (уже |вже |зараз |сейчас )?(тут|здесь|там){_HERE_ENDS},
        (we're|we are|i'm|i am|lads are|crew is|team is) (already |now )?up on (the|your) roof,
        (is|are|am|i'm|we're|he's|she's|they're) (already )?there (now|already)(?! and then),
        (is|are|am|i'm|we're|he's|she's|they're) already there{_HERE_ENDS},
        (we|we're|we are|i'm|i am) (already )?here(?= |[.!]|$), (is|are|am)
        working (at|on) (the |your )?{_SITE_EN}, {_AT_THE_DOOR}, {_STANDS}
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
        на об(ъ|ь|')?(е|э|є)кт(е|і|и|є), на объекте,
        на точке, на адресе, на площадке,
        на місці, на об'єкті, на точці, на адресі, на майданчику, on[ -]site, onsite, at (the |your )?{_SITE_EN}, on
        location, on the spot, ({CREW_RU}|{CREW_UK}) (уже |вже |сейчас |зараз )?(у|в|возле|около|біля) вас{_STOPS},
        ({CREW_RU}|{CREW_UK}|наши|наші|ребята|хлопці) (уже|вже) там(?! (был|бул|ж|не)),
        ({CREW_RU}|{CREW_UK}) (уже|вже) (у|в|возле|около|біля) вас(?=\\x2c),
        ({CREW_RU}|{CREW_UK}) (уже |вже )?(внутри|всередині)(?=\\s?[.\\x2c;!]|\\s?$),
        {CREW_EN}('s| is| are) (already |now )?(there|with you)( now| already)?{_STOPS}, (на|в)
        (мєсті|мєсте|мєстє|мсте|мсті|месті|місци|месці|мисці), на місті
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
        {CREW_EN} (is |are |now |went )?off[ -]?site, (i'm|we're|i am|we are|they're|he's|she's) (now |all )?off[
        -]?site, (packed up|done|finished|all) (and |now )?off[ -]?site
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
)

LEAVING: Final = Stage(
    LEFT,
    PAST,
    phrases(
        "(поїхав|поїхал(а|и)|уехал(а|и)?|поехал(а|и)?) "
        "(на базу|додому|домой|в офис|в офіс|до себе|к себе), "
        r"(с объекта (ушел|ушла|ушли)|(ушел|ушла|ушли) с объекта|з об'єкта (пішов|пішла|пішли)), "
        r"(ушел|ушла|ушли|пішов|пішла|пішли)(?=\s?[.;!]|\s?$|\n), "
        f"поїхав, поїхал(и|а), {_WHO_EN}left, left at \\d+, (and|then) left, (and|then) departed, "
        "departed(?! (from|for|to|towards|the|our|their|yet|ill|passenger))"
    ),
    bare=True,
)
