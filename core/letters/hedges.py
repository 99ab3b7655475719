"""Words that take a status back: not all, not sure, not now, not here. Written as in `core.letters.phrasebook`."""

from typing import Final

from core.letters.crews import CREW_EN, CREW_RU, CREW_UK
from core.letters.phrasebook import phrases

PARTIAL: Final = phrases(
    r"""
    \d+ (из|з|of) \d+, (\d+|one|two|three|four|five) (out )?of (the )?(\d+|two|three|four|five|six),
    рабочий день, робочий день, смен(а|у|ы), зміну, зміна, (?<!в\s)(?<!установленный\s)срок, (?<!у\s)(?<!в\s)термін,
    все возможное,
    все можливе, everything possible, done with(?! (the |your )?(request|req|#|№|\d)),
    осмотр*, огляд*, диагностик*, діагностик*, проверк*,
    перевірк*, замер*, подготов*, підготов*, част(ь|и|ично), частин*, частково, половин*, наполовину, этап*,
    етап*,
    первичн*, первинн*, временно, тимчасово, some of, part of, most of, so far, некоторые, деякі, больш(ая|ую) часть,
    більш(а|у) частин*, більшість, почти, майже, almost, nearly, partly, partially, on paper, inspection,
    diagnos(is|es), fault-?finding, assessment, investigation, measurements?,
    troubleshooting, strip-?out,
    survey, diagnostic*, stage, phase, half, temporar*, preparation, перв(ый|ая|ую|ое)(?! ((и|та|і) \w+
    )?(позиц|пункт)),
    перш(ий|а|у|е)(?! ((и|та|і) \w+ )?(позиц|пункт)), percent, процент*, відсотк*, расчет*, демонтаж*, demontage,
    dismantling, first, preliminary, обед, обід, переговор*, закупк*, одно, одне, одну из,
    одну з, one of
    """
)

REMAINS: Final = phrases(
    r"""
    (что|чего) (от нас )?зависе*, (що|чого) (від нас )?залеж*, (остальное|решта|інше) за (вами|вас), не полностью,
    не повністю, не совсем, не зовсім, не окончательно, не остаточно, not
    (fully|completely|entirely), но нужн(а|о|ы|ен), але потріб(на|но|ні|ен), but (we )?(still )?needs?,
    требуется замена, нужна замена, потрібна заміна, needs replacement, осталось, остался, осталась,
    остались, остается, залишилось, залишилося, залишився, залишилась, залишається, продолжим, продолжаем,
    продовжимо, продовжуємо, вернемся, повернемось, повернемося, доделаем, доделать, доробимо, доробити,
    закончим, закінчимо, завершим, завершимо, remaining, remains?,
    not (yet )?(complete|completed|finished|fixed|resolved), unfinished, incomplete,
    (?!(follow|send|write|e?mail|post|phone|confirm|invoic|paper|photo|report|sheet|cert|bill|doc|
    you|talk|speak|call|more|until|till))(?<!follow\s)(?<!sent\s)(?<!you\s)(?<!shared\s)[a-z]+ (tomorrow|next
    week)(?=[.;!]|$), keeps? (?!(work|runn)ing)\w+ing,
    (fault|problem|issue|leak|alarm)s? (persists?|(is|are) back|came back|returned),
    (waiting|awaiting)( for| on)? (the |your |a |an
    )?(approval|parts?|spares?|material|go-ahead|quote|
    quotation|replacement), still (need|needs|have|has) to, will
    (return|continue|come back|finish), to be continued, not everything, не все, не всі, не закрыва*, не
    закрива*, do not close, don't close, (keep|leave) (it |this |the request )?open,
    (втор(ой|ая|ую|ое)|остальн(ое|ые|ая|ую)) (будет |будут |- |сделаем )?(завтра|позже|потом),
    (друг(ий|а|у|е)|решт(а|у)) (буде |будуть |- |зробимо )?(завтра|пізніше|потім), (second|rest|other) (one
    )?(will be |is )?(tomorrow|later), второй этап, не до конца, не до кінця, приедем еще, приїдемо ще,
    (кроме|окрім|крім)(?! того), за исключением, за винятком, except( for)?, apart from, не хвата*, не
    хватило, не вистач*, бракує, забракло, что (могли|смогли|можно), що (могли|змогли|можна),
    (what|all|everything) we could, as much as we could, (снова|опять|знову) (теч*|не работ*|не
    працю*|пада*|слома*|злама*|
    выбива*|вибива*), still (leak*|not working|no), again not working, ran out of, for today, for the day, на
    сегодня (все|закончили), на сьогодні (все|закінчили),
    back (tomorrow|on
    (monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d+)|next week), to continue, continue tomorrow,
    привез(ем|емо|ут|уть),
    (снова|опять|знову|again) (поломк*|аварі*|авари*|течь|протечк*|протікан*|та же|то же|те саме|те ж),
    (приедем|приїдемо|поставим|установим|заменим|поменяем|встановимо|замінимо|докупим|докупимо) (\w+ )?(\w+
    )?(завтра|послезавтра|післязавтра|утром|вранці|позже|пізніше|как только|когда|коли|після|после|в|у|на)
    """
)

SYMPTOM: Final = phrases(
    r"""
    (давление|тиск|температура|напряжение|напруга) (снова |знову |опять )?(падает|падає|скачет|скаче|стрибає),
    (?<!не\s)(искрит|іскрить|выбивает|вибиває|заедает|заїдає|клинит|клинить), (?<!не\s)течет, (?<!не\s)тече,
    (?<!не\s)протекает, (?<!не\s)протікає, (?<!не\s)капает, (?<!не\s)капає, не
    (работает|работают|включается|запускается|греет|горит|горят|
    открывается|закрывается|держит|качает), не (працює|працюють|вмикається|запускається|гріє|горить|горять|
    відчиняється|зачиняється|тримає|качає), (is|are) (still )?(leaking|dripping|not working|faulty),
    (has|have|is|are|it's)
    (failed|tripped|stopped|broken|gone|leaking|down|locked out|faulting|off)( down| off| out)? again, (does
    not|doesn't|won't|will not)
    (work|start|open|close|turn on|hold)
    """
)
"""What is wrong now; told after the work, it is not done."""

FAILED: Final = phrases(
    r"""
    не пустили, не впустили, не попали, не потрапили, не (смогли|удалось) попасть, не (змогли|вдалося)
    потрапити, не открыл(и|а)?, не відчинили, не відкрили, (был|была|было|был|був|була|було)
    (закрыт|зачинен|закрит)(а|о|ы|і)?, повторный (выезд|визит),
    повторно (\w+
    )?(приед*|выед*|придем*|прийдем*|приїд*|виїд*|надо|нужно|треба|потрібн*|буд*|придется|завтра|зайд*|за),
    (приед*|выед*|приїд*|виїд*|зайд*) (\w+ )?повторно, нов(ую|ое) (дату|время), нов(у|ий)
    (дату|час), нет доступа, немає доступу, no access, (refused|denied) us (entry|access),
    (turned|sent) away, locked out, (new|another|different) (date|time|appointment|slot) (please|needed|required),
    (wouldn't|didn't) let us in,
    not (yet )?(complete|completed|finished|fixed|resolved), (could not|couldn't|unable to|not able to)
    (complete|finish|repair|fix|resolve|get|gain|access|enter), rebook, reschedule, not let in, no one (was )?there,
    nobody (was )?there,
    (никто|ніхто) не (пришел|прийшов|вышел|вийшов|открыл|відчинив|відкрив|встретил|зустрів|приехал|приїхав|появился|
    з'явився), никого не (было|застали), нікого не (було|застали), никого нет, нікого (немає|нема),
    не подош(ла|ел|ло|ли), не підійш(ла|ов|ло|ли)
    """
)
"""They came for nothing: leaving is not the end."""

DOUBT: Final = phrases(
    r"""
    допустим, предположим, припустимо, припустімо, мы же, ми ж(е)?, я же, ведь,
    (они|он|она|подрядчик|диспетчер|вони|він|вона|підрядник|they|he|she) (пиш*|говор*|сообща*|утвержда*|каж*|
    повідомля*|say*|says|said|writes?|wrote|claims?|claimed), говорят, пишут, кажуть, пишуть, написали, писали,
    надеемся, надеюсь, сподіваємось, сподіваємося, сподіваюсь, hope,
    (сосед*|клиент*|заказчик*|охран*|жил*|сусід*|клієнт*|замовник*|мешкан*|customer|client|neighbou?r)
    (сказал*|говорит*|сообщил*|утвержда*|пишет|каже|сказав|повідоми*|says|said|told us), кажется, вроде,
    (looks|looked|sounds) (all )?(finished|done|complete|completed|fixed|sorted|closed|accepted|cancelled|to be|
    to have),
    either (request |req )?[#№]?[0-9]+([/-][0-9]+)? or, (it )?(seems|looks like|looks as if|appears), seemingly,
    наверное, наверно, возможно, похоже, видимо,
    вероятно, якобы, (?<!не\s)может быть, мабуть, здається, можливо,
    ймовірно, нібито, начебто, наче, probably, maybe, perhaps, possibly, apparently, i think, not sure, (по
    словам|со слов|зі слів|за словами)
    (охран*|охорон*|клиент*|клієнт*|заказчик*|замовник*|жил*|сосед*|сусід*|
    абонент*|заявител*|заявник*|мешкан*|диспетчер*|дежурн*|черг*), according to (the
    )?(guard|client|customer|tenant|security|reception|neighbou?r|dispatcher), reportedly, записано, указано,
    значится, числится, (в системе|в портале|на портале) (стоит|висит),
    вказано, зазначено, значиться, (у|в) системі (стоїть|висить), shows( up)? as, marked as, listed as,
    (was|were|been|i'm|we're) told, (i|we) (hear|heard), (нам|мне|мені) (сказали|передали|говорят|кажуть), уверя*,
    практически, практично, virtually, practically, частично, частково, partially, partly, in part,
    не (отмечайте|помечайте|ставьте|ставте|позначайте|відмічайте|считайте|вважайте), (do not|don't) (mark|set|treat|
    consider|count), nowhere near, far from, provisional*, anything but, as good as, все равно что, далек(о|и|а)
    (от|до|не),
    далеко(ї|і)? (від|до|не),
    in principle, предварительно, попередньо, conditionally, условно, умовно, обычно, зазвичай, как правило, як
    правило, usually, (?<!works\s)(?<!work\s)(?<!working\s)(?<!running\s)(?<!operating\s)(?<!flowing\s)(?<!closing\s)
    (?<!opening\s)normally, typically, скорее всего, скоріш(е)? за все,
    напевно, певно, most likely, likely, presumably, supposedly, гадаю, думаю,
    по идее, насколько
    (я )?знаю, наскільки (я )?знаю, as far as, не уверен*, не
    впевнен*, не знаю, don't know, до конца не ясно, должно быть
    """
)

LAST_TIME: Final = phrases(
    rf"""
    (прошл|предыдущ|прежн|бывш|минул|попередн|колишн)(ая|ый|ой|ий|яя|ие|ые|а|ій|я|і) (\w+
    )?(смена|зміна|фирма|фірма|компани*|
    организаци*|подрядчик*|підрядник*|{CREW_RU}|{CREW_UK}), (previous|last|former) (\w+
    )?(contractor|company|{CREW_EN}),
    (в )?прошл(ый|ого|ую|ое|ой)
    (раз|понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье|неделе|неделю|зимой|осенью|летом|весной),
    минул(ий|ого|у|ої)
    (понеділ(ок|ка)|вівтор(ок|ка)|серед(у|и)|четвер(га)?|п'ятниц(ю|і)|субот(у|и)|неділ(ю|і)|зими|осені|літа|весни),
    торік, позаторік, (минулого|позаминулого) року, в (прошлом|позапрошлом) году, того разу,
    в тот раз, back then, at the time, (минулого|останнього) разу, в последний раз, останній раз, last time, на
    прошлой неделе, минулого тижня, last week,
    last (month|year|summer|winter|spring|autumn|monday|tuesday|wednesday|thursday|friday), similar,
    аналогичн*, аналогічн*,
    подобн(ую|ая|ые|ый), схож(у|а|і|ий), (лет|года|месяц|месяца|месяцев|месяца) назад,
    (рок(и|у|ів)|місяц(ь|і|ів)) тому, (months?|years?) ago,
    в прошлом (году|месяце), минулого (року|місяця), прошлую заявку, прошлая заявка, попередн(я|ю) заявк*,
    previous request, (previous|last|earlier) (visit|attendance|repair|call-?out|service),
    предыдущ(ая|ую) заявк*
    """
)

UNDONE: Final = phrases(
    r"""
    (на|за) (заправку|шиномонтаж|пошту|почту|техогляд|техосмотр),
    такого (дома|адреса|будинку|корпуса|корпусу) (там |тут )?(нет|нема|немає|не существует|не існує),
    (будинку|адреси) (там |тут )?(нема|немає|не існує)(?! (нікого|никого)),
    (ищем|найдем|подберем) (замену|другого|другую), (шукаємо|знайдемо) (заміну|іншого|іншу),
    still looking, looking for (a |an )?(replacement|alternative|another),
    (отправили|послали|відправили) (обратно|назад),
    (посмотрел*|подивил*|глянул*|покрутил*) (и|і|й|та|да) (ушл*|уехал*|пішл*|поїхал*), не (знаю|знаем|знаємо), не
    уверен*,
    не впевнен*, not sure, don't know,
    (но|и|але|і|та|однако|проте) (вернул*|повернул*|развернул*|розвернул*),
    (but|and) (had to |was forced to )?(turn(ed)? back|turn(ed)? a?round|returned|came back),
    stuck (leaving|at|in) (the |our )?(depot|yard|garage|base|workshop), (so|it's a) no go,
    (wait|waiting) ([\w'-]+ )?([\w'-]+ )?([\w'-]+ )?(till|until) (tomorrow|monday|next),
    (pulled|called|brought|turned) (them|him|her|the (crew|lads|van|team|men|guys)) (back|off|away|round|around),
    nothing to do with (your|this|the|that), unrelated to (your|this),
    (a|an) (different|separate|unrelated) (matter|job|issue),
    (ignore|disregard) (my|our|the) (last|previous|earlier)(?! (eta|estimate|quote|price|question|query)),
    (was|were) wrong to,
    (без|without) (нас|us), без (нашего участия|нашої участі), (by|on) its own, by itself, сам(о|а|и|і) собой,
    ни с чем, ні з чим, впустую, даремно, вхолостую, (so|and) (we're |i'm )?off again,
    empty-handed, in vain, for nothing,
    уточню, will (double-check|check and), double-checking, заново, наново, переделыва*, переробля*,
    некачественно, неякісно, не на (тот|ту|то|той), не туда, не туди, не по тому,
    (the )?wrong (site|place|building), wrong address:, (to|at)
    (the |a )?wrong address, не по адресу, не
    (тот|той|та|ту) адрес(а|у)?, (приняли|прийняли)
    вас, (на|по) друго(й|му) (адрес|объект|адресу|объекту), (на|за) іншу адресу, на інший об'єкт, (to|at)
    (a|the) (different|other) (site|place|building|address), to another (site|place|building|address),
    перепутал*, переплутал*, помилил(ись|ися) адрес*, ошибл(ись|ся) адрес*, машин(а|у)
    (сломал*|зламал*|заглохл*), (сломал|зламал)(ась|ася) машина, (van|car|truck) (has )?(broke|broken) down,
    (но|и|але|і|та) (вернул(ись|ся|ась)|повернул(ись|ися|ася|ась|ся)) (обратно|назад|ни с чем|на базу)
    """
)
"""It happened, and does not count."""

MISTAKEN: Final = phrases(
    """
    некорректен, неверен, некоректний, хибний, ошибочен, помилковий, ошибочный, это (я|мы) (ошиб|перепут)*,
    це (я|ми) (помилив|помилил|переплут)*,
    (это|то|була|была|там|вышла|произошла) (была |просто )?ошиб(ка|очка),
    (це|то|там|сталася|вийшла) (була |просто )?помилка,
    (that|it|this|there|message|email|letter|note|status) (was|is|were) (just |sent |all )?
    (a mistake|an error|a glitch|a bug|wrong|not true|in error|by mistake|untrue|incorrect),
    (that's|it's) (a mistake|an error|wrong|not true|incorrect),
    это (был |была )?(сбой|глюк|неправда|неверно|не так|не правда|опечатка), це (був |була )?
    (збій|глюк|неправда|невірно|не так|не правда|одрук|описка), по ошибке, ошибочно, помилково, by mistake, in error,
    mistakenly, wrongly, incorrectly, уточняю, уточнюю,
    (зря|даремно|дарма|рано|поторопил*|поспешил*|поспішил*)
    (отписал|написал|сообщил|відписал|відписав|написав|повідомил)*
    """
)
"""What stands before it was never so; what follows it in a clause of its own is put right."""

ELSEWHERE: Final = phrases(
    rf"""
    (на|до|к|to) (следующую|следующий|следующую точку|наступну|наступний|the next one|next one),
    (to|for|at|on) (the |my |our |his |her |their )?next (call|job|visit|site|customer|appointment|one|stop|task),
    (на|в|у|по|до|к|on|at|to) (предыдущ|попередн|прошл|минул|следующ|наступн|previous|last|next)* (?!заяв)*,
    (предыдущую|соседнюю|другую|попередню|сусідню|іншу) (заявк|работ|робот|задач)*,
    for (maternity|paternity|annual|sick|parental|the day|the weekend|the night|good|vacation|retirement|a
    break|home|lunch)(?!
    (site|store|shop|office|plant)),
    (at|in|on|from|to) (the |a |an )?(neighbou?ring|adjacent|next[ -]door|opposite|nearby|adjoining) \w+,
    elsewhere, (finished|completed|did|done with) (the |our |a )?(previous|last|other|earlier|old)
    (job|call|site|request|one),
    (с|з|із) (соседним|другим|сусіднім|іншим|предыдущим|попереднім) (объектом|адресом|об'єктом|заказом|замовленням),
    на (таможне|таможню|митниці|митницю), (at|to|through) (the )?customs, in customs,
    на (аварии|аварії|выезде|виїзді) (в|у|на) (?!ваш|вас)\w+,
    (соседн|сусідн|чуж)(яя|ий|ие|і|я|ая) ({CREW_RU}|{CREW_UK}),
    [a-z]+'s own ({CREW_EN}|riggers|staff|people|contractors?),
    (of|at|with|by) (an)?other (customer|client|site|company|object|place|address),
    (crews?|teams?|brigade|technicians?|engineers?|m[ae]n|plumbers?|electricians?|workers?) (of|from)
    (the )?(\w+ )?(utility|council|tenant|customer|client|landlord|manufacturer|supplier|waterworks|insurer|neighbour|
    (power|gas|water|electricity) (company|board)|housing association|insurers?|network operator|
    dno|openreach|managing agents?|letting agents?|police|building control|fire service),
    (в|во|in) (другой|другом|другую|інший|іншому|іншу|інше|соседний|соседнем|another),
    (занят|зайнят|задейств|задіян)* (на|в|у),
    (в|у) (командировку|відрядження|отпуск|відпустку), на (обучение|навчання|больничный|лікарняний),
    to an? (?!(\w+ )?(\w+ )?(at|in|on|of|for) (your|the
    same))(p[0-4]|priority|emergency|breakdown|call|call-?out|trap\w*|entrapment|job|fire|leak|flood|fault|hospital|school|hotel|shop|supplier|wholesaler|merchant)(?!\w),
    (на|к|по|до|у|to|at|for)
    (другой|другом|другую|другому|других|другие|інший|іншу|іншому|інші|соседний|соседнем|сусідній|
    сусідньому|another|a different|the other|other), на
    (переговоры|перемовини|встречу|зустріч|совещание|нараду|обед|обід|согласование|подписание), (to|for) (a
    |the )?(meeting|negotiations|lunch|talks), (for|on|to) (a |an |my |his )?(course|conference|wedding|funeral|
    training|holidays?|annual leave|dentist|interview), (отдыхать|спать|обедать|відпочивати|спати|обідати), на
    (отдых|відпочинок|ночлег|ночівлю), (to|for a) (rest|sleep|break),
    (у|к|до) ((ваш|наш)(их|им) )?(соседей|соседям|сусідів), к нам,
    до нас, to (us|our
    (office|base|warehouse)), (ваш(и|а|ей|их|і|ої)?|your)
    ({CREW_RU}|{CREW_UK}|{CREW_EN}|сотрудник*|людей|люди|people|staff),
    (в|у|на) (мастерской|майстерні|цехе|цеху|заводе|заводі|базе|базі),
    (на складе|на складі|в складе(?! (из|двух|трех|четырех|\d))), in (the|our|a)
    (workshop|garage|factory),
    (подрядчик|підрядник)(и|ы)?
    (по|з|із) (?!заяв|запрос|запит|это|ваш|цій|объект|об'єкт|адрес|\d)\w+,
    ({CREW_RU}|{CREW_UK}|ребята|хлопці|парни|люди|работники|працівники) (из |от |із |від |з
    )?(жек*|жэк*|осбб|осмд|дез*|водоканал*|горводоканал*|міськводоканал*|енергозбут*|энергосбыт*|горсвет*|міськсвітл*|теплосет*|тепломереж*|теплоэнерго*|теплоенерго*|облгаз*|
    укртелеком*|ростелеком*|провайдер*|київстар*|киевстар*|обленерго*|облэнерго*|горгаз*|міськгаз*|
    заказчика|замовника|клиента|клієнта|арендатора|орендаря|соседей|сусідів|завода|заводу|производителя|виробника|поставщика|
    постачальника|страхов*|подрядчика|підрядника|генподрядчика|генпідрядника|ук|управ*|тэц|мчс|дснс|застройщика|забудовника|магазина|магазину|банка|банку|
    школ*|больниц*|лікарн*),
    ({CREW_RU}|{CREW_UK}|{CREW_EN}|сосед(и|ний)|сусід(и|ній)) (из|от|із|від|з|с|from|of) (?="),
    (tenant|customer|client|manufacturer|supplier|landlord|council|utility|power
    company)('s)?
    {CREW_EN}, (вторая|другая|друга|інша|other|вторую|другу|іншу)
    (бригад(а|у)|команд(а|у)|crew|team|машина)
    """
)

ALMOST: Final = phrases(
    """
    почти, майже, almost, nearly, чуть не, едва не, скоро, вот-вот, ось-ось, about to
    """
)

GOING_BACK: Final = phrases(
    """
    обратно, домой, додому, (way|heading|headed|driving|going) (back )?home, на базу, в офис, в офіс, back to,
    возвраща*, поверта*, назад
    """
)
