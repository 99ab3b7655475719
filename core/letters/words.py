"""Everything the reader goes by, as data. Phrases are written as in `core.letters.phrasebook`."""

from dataclasses import dataclass
from typing import Final

from core.letters.crews import CREW_EN, CREW_RU, CREW_UK, NAMES
from core.letters.english import DONE_EN, ENGLISH, OFFICE_EN
from core.letters.finished import DONE, PROOF, RESULTS
from core.letters.hedges import (
    ALMOST,
    DOUBT,
    ELSEWHERE,
    FAILED,
    GOING_BACK,
    LAST_TIME,
    MISTAKEN,
    PARTIAL,
    REMAINS,
    SYMPTOM,
    UNDONE,
)
from core.letters.idioms import DONE_IDIOMS_EN, IDIOMS_EN
from core.letters.lookalikes import LOOKALIKES
from core.letters.model import ACCEPTED, EN_ROUTE, LEFT, ON_SITE, SENT
from core.letters.patterns import slips
from core.letters.phrasebook import MISTYPED, Stage, phrases
from core.letters.reports import REPORTS as OFFICE
from core.letters.sayings import FINISHED, SAYINGS
from core.letters.trades import PIECES, WORKS
from core.letters.travelling import LEAVING, TRAVELLING
from core.letters.verdicts import VERDICTS
from core.letters.vocabulary import (
    AWAY,
    BEFORE_NUMBER,
    HARD_UNITS,
    LABELS,
    NOT_THIS,
    PREPARATION,
    REPORTS,
    ROBOT,
    SENDS,
    SOFT_UNITS,
    TAKING,
    THOUGHT,
    WORKING,
)


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Everything the reader goes by. Replace what a company says otherwise.

    Compared by identity: what is compiled of them is looked up at each letter, and thousands of phrases are not hashed.
    """

    request: tuple[str, ...] = phrases(
        """
        заявк(а|и|е|у|ой|ою|ам|ами|ах), заявок, заявц(і|е), заявк*, заявоч(ка|ки|ке|ку|ці|кою|кой),
        запит(у|ові|ом|і|и|ів|ам|ами|ах)?,
        запрос(а|у|ом|е|ы|ов|ам|ами|ах)?, requests?, req(s|uest)?
        """
    ) + tuple(sorted(set(slips(("заявка", "заявку", "заявке", "заявці", "заявки", "request"))) - {"заявк"}))
    request_plural: tuple[str, ...] = phrases(
        """
        заявки, заявок, заявкам, заявками, заявках, запити, запитів, запитам, запитами, запитах, запросы,
        запросов, запросам, запросами, requests, reqs
        """
    )
    position: tuple[str, ...] = phrases(
        """
        позици(я|и|ю|ей|ям|ями|ях), позиций, позиці(я|ї|ю|єю|й|ям|ями|ях), поз,
        пункт(а|у|е|ом|ы|ов|ам|ах|и|і|ів)?, п.п, п/п, пп, п, positions?, pos, items?
        """
    )
    stages: tuple[Stage, ...] = (
        *LOOKALIKES,
        *OFFICE,
        *OFFICE_EN,
        *VERDICTS,
        *TRAVELLING,
        *IDIOMS_EN,
        *ENGLISH,
        *MISTYPED,
        LEAVING,
        WORKS,
        *SAYINGS,
    )
    done: tuple[Stage, ...] = (*FINISHED, *DONE, *DONE_IDIOMS_EN, *DONE_EN, PIECES)
    crew: tuple[str, ...] = phrases(
        rf"""
        \d+ (человек*|чел|людей|осіб|чоловік*), {CREW_RU}, {CREW_UK}, {CREW_EN}, подрядчик*, підрядник*,
        сотрудник*, працівник*, исполнител*, виконав(ець|ці|ця), ребята, хлопц*, хлопці, парни, мужики,
        рабочи*, робітник*, звено, наряд, бригадир*, виконроб*, drivers?, van, supervisor, аварийная,
        аварійна, мы, ми, я, он, они, він, вони, we, we're, i, i'm, he, she, they, they're, contractor*,
        водител*, водій, прораб*, сервисник*, находимся, находится, нахожусь, знаходимось, знаходиться,
        перебуваємо, перебуває, работаем, работает, працюємо, працює, worker*, staff, our (people|friends?),
        group, групп*, груп*,
        аварийк*, аварійк*, экипаж*, екіпаж*, дежурн*, диспетчер*, оператор*, ребят*, коллектив,
        ланка, фургон*, бус, бусик, бусік, микроавтобус*, мікроавтобус*, газель, trucks?, lorry, клининг, клінінг,
        мойщиц*,
        мийниц*, девчата, дівчата, сотрудниц*, працівниц*, співробітниц*, курьер, курьеры, кур'єр, кур'єри, couriers?,
        люди, колега, коллега, девочк(и|а), девчонк(и|а), дівчатка, персонал*, співробітник*,
        сервис*, сервіс*, служб*
        """
    )
    courier: tuple[str, ...] = phrases(
        """
        курьер*, кур'єр*, couriers?, экспедитор*, експедитор*, перевозчик*, перевізник*, сдэк*, (нова|нової|новою)
        пошт*,
        (новая|новой) почт*, укрпошт*, (транспортн* компани*), (деловые|деловых|деловыми) лини*, meest, dhl, ups
        (courier|driver), fedex,
        dpd, haulier*
        """
    )
    """Of the crew where the work is to bring something; with a thing of his own he only brings that."""
    names: tuple[str, ...] = phrases(NAMES)
    """First names: of a contractor's letter most often those of the crew."""
    works_again: tuple[str, ...] = phrases(
        """
        (все|всё|усе) (работает|заработало|крутится|працює|запрацювало|крутиться), запустил(и|а)?, запустив,
        всьо (працює|робить|заробило|работает), (все|усе) заробило,
        (акт|наряд) (вже |уже )?(підписа|подписа)(но|ний|н|ли|ла|в|л),
        (больше|більше) не (течет|тече|капает|капає|шумит|шумить|гудит|гуде),
        (всё|все|усе) ровно, (все|усе) рівно,
        (світло|свет|вода|тепло|газ|опалення|отопление|інтернет|интернет|связь|зв'язок|напруга|напряжение|тиск|давление)
        (вже |уже |знову |снова )?(є|есть|з'явил|появил|відновил|восстановил|пішл|пошл|дали)*,
        восстановлен(а|о|ы), відновлен(о|а|і), (is|are) (up|back up|running|working)( again| now)?,
        back in (use|service|operation|action), back online,
        no faults? (showing|present|remaining), panel( is)?( now)? (clear|healthy|reset|normal),
        passed (its|the|all) tests?, restored,
        up and running
        """
    )
    """Somebody has been there."""
    neutral: tuple[str, ...] = phrases(
        """
        уже, вже, уж, сейчас, зараз, шас, шяс, зарас, наконец, нарешті, все, всі, усі, с, з, в, у, на, о, об,
        по, к, до, были, були, и,
        і, та, добрый, день, вечер, утро, доброе, добрий, доброго, дня, ранку, вечора, здравствуйте, привет,
        вітаю, ок, да, так, ага, статус, стан, status, now, already, currently, hi, hello, вам, вас,
        сегодня, сьогодні, today, was, has, been, the, a, an, to, at, on, in, of, by, our, my, still, for, you, your,
        подрядчику,
        підряднику, contractor, была, было, був, була, було, новый, новий, текущий, поточний, пока, поки,
        только, тільки, что, щойно, just, снова, знову, ваша, вашу, наша, нашу, эта, ця, наши, наші, her,
        там, тут, here, there, всем, всім, коллеги, колеги, номер, ua, позиция, спасибо, дякую, thanks,
        вчера, вчора, позавчера, позавчора, сюда, туда, сюди, туди, сразу, одразу, я, мы, ми, успешно,
        успішно, полностью, повністю, вовремя, вчасно, утра, вечера, ночи, ночі, утром, вранці, вечером, ввечері,
        днем, вдень, hereby,
        then, потом, потім, затем, сами, самі, двое, трое, двоє, троє, люди, when, that, как, когда, коли,
        вот, ось, еще, ще, же, ж, из, із, от, від, за, для, если, що, or, and, but, но, але, also, также,
        теж, тоже, обе, оба, обидві, обидва, both, all, they, we, i, it, he, she, have, had, is, are, were,
        since, сьодні, сьогодня, сегодні, седня, щас, счас, ща, зара, we're, they're, i'm, he's, she's, it's,
        we've, they've, finally, машина, машины, авто, автомобиль,
        он, она, оно, они, він, вона, воно, вони, сначала, навпаки, наоборот, напротив, зато, зате, except, таки,
        actually, indeed, half, past, quarter, seven, eight, nine, ten, eleven, twelve, itself, themselves, ну,
        короче, коротше, итак, все-таки, таки, отже, тобто, значит, значить,
        сперва, спочатку, был, im, година, години, годину, хвилин, минут, полчаса, півгодини, пів, тому, тепер,
        теперь, якраз,
        саме, именно, got, тот, той, so, therefore, hence, thus, accordingly,
        consequently,
        поэтому, відтак,
        следовательно
        """
    )
    thing: tuple[str, ...] = phrases(
        """
        запчаст*, детал(ь|и|і), оборудование, обладнання, материал(ы)?, матеріал(и)?, кабель, груз, вантаж,
        посылка, посилка, товар, насос, модуль, плата, заказ, замовлення, комплектующие, комплектуючі,
        счетчик, лічильник, parts?, equipment, materials?, shipment, delivery, package, goods, spares?,
        ключи, ключі, документы, документи, инструмент*, інструмент*, keys?
        """
    )
    work: tuple[str, ...] = phrases(
        """
        работ(а|ы|у|ам|ами|е)?, ремонт*, монтаж*, замен*, устранени*, установк*, настройк*, наладк*,
        прибиранн*, миття, мытье, обработк*, обробк*, дезинсекц*, дератизац*, дезінсекц*, перезаправк*,
        розвантаженн*, разгрузк*, перевезенн*, перевозк*, прокладк*, подключени*, чистк*, мойк*, уборк*,
        обслуживани*, то, восстановлени*, пусконаладк*,
        сварк*, покраск*, неисправност*, авари*, проблем*, задач*, дефект*, поломк*, засор, течь, протечк*,
        позици*, все, объем, робот(а|и|у)?, замін*, усунення, встановлен*, налаштуван*, прокладан*,
        підключен*, чищення, обслуговуван*, відновлен*, несправн*, аварі*, завдання, засмічення, усе, всьо,
        витік, обсяг, works?, jobs?, repairs?, installation, replacement, maintenance, issues?, problems?,
        faults?, tasks?, items?, positions?, everything, all, servic(e|ing), calibration, commissioning, mounting,
        assembly, painting, wiring, sealing, upgrade, patching, migration, configuration, relocation,
        decommissioning, refurbishment, overhaul, balancing, flushing, cleaning, leak, it, this, that
        """
    )
    """What is done when the request is done."""
    preparation: tuple[str, ...] = PREPARATION
    working: tuple[str, ...] = WORKING
    sends: tuple[str, ...] = SENDS
    mends: tuple[str, ...] = (
        phrases(
            """
        stood down, устран*, ликвидир*, отремонт*, исправ*, виправ*, rectified, sorted, почин*, усун*, полагод*,
        відремонт*, ліквід*,
        доделали, fixed, repaired, resolved
        """
        )
        + RESULTS
    )
    proof: tuple[str, ...] = PROOF
    outsider: tuple[str, ...] = phrases(
        """
        завхоз*, завгосп*,
        кто-то, хтось, someone, somebody, сосед, соседи, сусід, сусіди, neighbour, клиент, клиенты, клиентка,
        заказчик, заказчики, владелец,
        хозяин, жилец, жильцы, арендатор, охрана, охранник, курьер, менеджер(ы|и)?, юрист*, пожарн*, пожежн*,
        полици*, поліці*, скорая, швидка, мчс, дснс, комисси*, комісі*, инспектор*, інспектор*, посетител*,
        відвідувач*, покупател*, покупець, покупці, жители, police, firem(a|e)n, firefighters?, visitors?,
        inspectors?, landlord, guests?, клієнт, клієнти, клієнтка, замовник, замовники, власник, мешканці,
        орендар, охорона, охоронець, customer, client, tenant, owner, guard, директор,
        бухгалтер*, начальник, проверяющий, security, concierge,
        tenants, neighbou?rs, council, utility, hauliers?, suppliers?, couriers?, delivery (driver|man|guy),
        postm[ae]n, forwarder, водоканал*, комунальник*, коммунальщик*, горгаз*, облэнерго,
        обленерго, caretaker, reception*, вахтер*, консьерж*, консьєрж*
        """
    )
    other_object: tuple[str, ...] = phrases(
        """
        счет(а|у|ом|е|ов)?, рахунок, рахунк*, оплат*, платеж*, платіж*, акт(а|у|ом|ы|ов|и|ів)?, договор*,
        договір, накладн*, смет*, кошторис*, кп, предложени*, пропозиц*, информаци*, інформаці*, замечани*,
        зауваженн*, письмо, лист, листа, ответ, відповідь, звонок, дзвінок, пропуск(а|и|ов)?, перепустк*,
        доступ(а|у)?, допуск(а|у)?, фото*, замер*, замір*, заміри, данные, дані, расчет*, розрахунок,
        документ*, паспорт*, invoices?, payments?, quotes?, quotation, contracts?, offers?, proposals?,
        terms, orders?, po, punctures?, tyres?, typos?, documents?, photos?, paperwork, report, questionnaires?,
        отчет*, звіт*, анкет*, гаранти*, гаранті*, заказ(а|ы|ов)?, замовленн*, запчаст*,
        материал*, матеріал*, деталь, детали, деталі, договоренност*
        """
    )
    not_accepted: tuple[str, ...] = phrases(
        """
        (?<!у\\s)(?<!от\\s)(?<!ід\\s)(нас|меня|мене), работы, работа, роботи, робота, результат*, объект, об'єкт,
        works?, меры, заходи, выезд*, виїзд*, бригаду, мастера, майстра, техника, техніка, инженера, інженера,
        специалиста, спеціаліста, людей, визит*, візит*, visits?, оборудование, обладнання, вызов*, materials?,
        parts?, spares?, deliver(y|ies), dispatch, shipment, access, parking, dates?, slots?, prices?, costs?
        """
    )
    not_cancelled: tuple[str, ...] = phrases(
        """
        выезд*, визит*, виїзд*, візит*, встреч*, зустріч*, поездк*, visits?, meetings?, trip,
        appointments?, fees?, charges?, slots?, deliver(y|ies), crane,
        scaffold(ing)?, отключени*,
        відключення, отпуск*, рейс*, совещани*, нарад*, бригада,
        бригаду, мастера, майстра, техника, техніка, инженера, інженера, специалиста, спеціаліста, людей, ребят,
        хлопців, the crew,
        our crew, the team, the engineer, the technician
        """
    )
    partial: tuple[str, ...] = PARTIAL
    remains: tuple[str, ...] = REMAINS
    symptom: tuple[str, ...] = SYMPTOM
    failed: tuple[str, ...] = FAILED
    negation: tuple[str, ...] = phrases(
        """
        не, ні, ни, нет, немає, нема, без, никто, ніхто, not, never, no, nobody, nobody's, noone, no-one, no-one's,
        none, cannot, without,
        nothing, ничего, нічого, hardly, neither, nor
        """
    )
    filler: tuple[str, ...] = phrases(
        """
        был, была, было, были, був, була, було, були, еще, ще, пока, поки, полностью, повністю, до, конца,
        кінця, yet, been, have, has, fully, being, quite, on, уже, вже, мы, ми, одна, one, still, currently,
        it, longer, one's, here, there, else, так, и, там, was, were, is, are, to, our, the, окончательно, остаточно,
        сегодня, сьогодні,
        нами, вами, even, ever, as, so, far, навіть, даже, офіційно, официально, формально, насправді, реально,
        фактично,
        фактически, толком, особисто, лично, зовсім, совсем, вообще, взагалі
        """
    )
    pending: tuple[str, ...] = phrases(
        """
        еще, ще, пока, поки, yet, still, доси, так и не, так і не, до сих пор, досі, until
        """
    )
    unfulfilled: tuple[str, ...] = phrases(
        """
        будет, будут, будем, буду, будуть, буде, будемо, быть, бути, be, being, will have, would have, should have,
        must have, could have, might have, may have, to have, will
        """
    )
    will_be: tuple[str, ...] = phrases(
        """
        буду, будем, будет, будут, буде, будемо, будуть, will, shall, we'll, i'll, he'll, they'll
        """
    )
    future: tuple[str, ...] = phrases(
        r"""
        нужен, нужна, нужны, требуется, потрібен, потрібна, потрібні, needed, required, завтра, послезавтра,
        післязавтра, скоро, вскоре, незабаром, через (\d+|час*|полчаса|пол
        часа|пару|несколько|минут*|годин*|півгодини|пів
        години|кілька|день|дні|недел*|тиждень|хвилин*|мить|миг), позже, позднее, пізніше, згодом, утром,
        вранці, зранку, на неделе, на тижні, на днях, днями, планово, планиру*, плану*, собира(ем|ю)ся, собираюсь,
        збира(ємо|ю)с(ь|я), готовимся, готуємось, готуємося, ожида*, очіку*, ждите, чекайте, предполага*,
        хотим, хочем*, можем, сможем, можемо, зможемо, должны, должен, должна, повинні, повинен, повинна,
        как только, после обеда, після обіду, tomorrow, soon, later, next week, next day, plan*, expect*,
        first thing, tonight, shortly, (is|are|was|were|be|not) due(?! to(?! (arrive|attend|be|start|leave|come))),
        this (arvo|afternoon|evening), going to, should, could, can, may, might,
        must, in (the )?(morning|afternoon|evening),
        in \d+ (min|minutes|hours?), in (half )?(a|an) (hour|minute|moment|bit), in (a few|a couple|half), в
        (понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье),
        (у|в) (понеділок|вівторок|середу|четвер|п'ятницю|суботу|неділю),
        on (monday|tuesday|wednesday|thursday|friday|saturday|sunday), после, після, after, ближе к,
        ближче до, круглосуточно, цілодобово, ежедневно, щодня
        """
    )
    condition: tuple[str, ...] = phrases(
        r"""
        (?<!корпус\s)(?<!секция\s)(?<!секція\s)(?<!литера\s)(?<!літера\s)(?<!лифт\s)(?<!ліфт\s)(?<!дом\s)(?<!будинок\s)(?<!вход\s)(?<!вхід\s)(?<!зал\s)(?<!блок\s)б(?!\s?[|:/]),
        (we|i|they|he|she|it)'d have, (would|could|should|might)'ve,
        если, если бы, якби, як би, аби, ежели, якщо, if, в случае, у разі, у випадку, in case, provided,
        unless, при условии, за умови, чтобы, чтоб, щоб, so that, бы, би, would, лишь бы
        """
    )
    once: tuple[str, ...] = phrases(
        """
        когда, коли, when, once, after, as soon as, как только, щойно, як тільки, после того как,
        після того як, until, till, before, пока, поки, тільки
        """
    )
    background: tuple[str, ...] = phrases(
        """
        когда, после того как, до того как, перед тем как, коли, після того як, до того як, перед тим як,
        when, after, before, by the time
        """
    )
    """What follows is told as the time of something else: `nobody was there when we arrived`."""
    question: tuple[str, ...] = phrases("ли, чи, или нет, чи ні, or not, whether, или еще, чи ще")
    ask: tuple[str, ...] = phrases(
        """
        пожалуйста, будь ласка, поставьте, переведите, смените, измените, укажите, отметьте, закройте,
        считайте, вважайте, примите, проверьте, посмотрите, поставте, встановіть, змініть, вкажіть, закрийте,
        перевірте,
        переведіть, прийміть, прошу, просим, просьба, прохання, просимо, сообщите, уточните, подтвердите,
        подскажите, скажите, напишите, дайте знать, повідомте, уточніть, підтвердіть, підкажіть, скажіть,
        напишіть, дайте знати, please, kindly, let (us|me) know, could you, can you,
        вы (писали|сообщали|говорили|обещали|пишете|сообщаете|говорите|утверждаете),
        ви (писали|повідомляли|казали|обіцяли|пишете|повідомляєте|кажете),
        у вас (указано|написано|стоит|числится), у вас (вказано|написано|стоїть),
        you (said|wrote|told|mentioned|promised|say|write|tell|mention), по вашим словам, за вашими словами,
        интересует, цікавить, ждем, чекаємо, waiting
        """
    )
    not_ask: tuple[str, ...] = phrases(
        """
        (прошу|просим|просьба|просимо|прохання) не (путать|плутати), please (do not|don't) confuse,
        прошу прощения, просим прощения, прошу извин*, просим извин*, просимо вибач*, прошу вибач*,
        просимо пробачення, прошу учесть, просим учесть, please note, please be (informed|advised),
        kindly be (informed|advised), kindly (find|see|refer|take note),
        please find, please see,        прошу заметить, прошу врахувати, просимо врахувати, kindly note
        """
    )
    doubt: tuple[str, ...] = DOUBT
    last_time: tuple[str, ...] = LAST_TIME
    undone: tuple[str, ...] = UNDONE
    mistaken: tuple[str, ...] = MISTAKEN
    elsewhere: tuple[str, ...] = ELSEWHERE
    almost: tuple[str, ...] = ALMOST
    going_back: tuple[str, ...] = GOING_BACK
    not_this: tuple[str, ...] = NOT_THIS
    from_this: tuple[str, ...] = phrases("с, со, з, із, зі, from")
    which_request: tuple[str, ...] = phrases(
        """
        как(ой|ая|ую|ие|им|их|ому)( именно| это| конкретно)? (заявк*|запрос*|номер заявк*),
        как(ой|ова)( у нее| у этой заявки)? номер( заявк*)?, номер заявк*, № заявк*, номера заявок,
        як(а|у|ої|ій|ий|ою|і|их)( саме| це)? (заявк*|заявц*|запит*|номер заявки),
        який номер( заявки| запиту)?, номер запиту, which (request|one|req|ticket),
        what (is )?(the )?(request|req) (number|no|id), (request|req) (number|no|id), what request,
        which number, о как(ой|ом|их) (из них )?(идет )?речь, про як(у|ий|які) (з них )?(йдеться|мова|йде мова),
        which of (them|these|those|the (two|three|requests)), which is (which|right|correct|the right one),
        (как|котор)(ой|ая|ую|ие|им|их|ому) из (них|двух|этих|заявок),
        (як|котр)(а|у|ої|ій|ий|ою|і|их) (з|із) (них|двох|цих|заявок)
        """
    )
    fyi: tuple[str, ...] = phrases(
        """
        fyi, для сведения, для информации, к сведению, до відома, для відома, для інформації, пересылаю,
        пересылаем, пересилаю, пересилаємо, направляю, перенаправляю, переслал*, forwarding, forwarded,
        see below, см ниже, ниже, нижче, below, ответ подрядчик*, відповідь підрядник*, смотри*, дивись,
        дивіться
        """
    )
    away: tuple[str, ...] = AWAY
    robot: tuple[str, ...] = ROBOT
    """A machine wrote it, whatever it says."""
    reports: tuple[str, ...] = REPORTS
    thought: tuple[str, ...] = THOUGHT
    taking: tuple[str, ...] = TAKING
    labels: tuple[str, ...] = LABELS
    before_number: tuple[str, ...] = BEFORE_NUMBER
    hard_unit: tuple[str, ...] = HARD_UNITS
    soft_unit: tuple[str, ...] = SOFT_UNITS
    order: tuple[str, ...] = (SENT, ACCEPTED, EN_ROUTE, ON_SITE, LEFT)
    """The flow: of several stages the one furthest along it holds."""
    number_pattern: str = ""
    """A regular expression of request numbers; empty: any number that stands as one."""


DEFAULT_WORDS: Final = Words()
