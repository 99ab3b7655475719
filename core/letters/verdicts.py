"""What is said of a request itself: sent, accepted, declined, cancelled. Written as in `core.letters.phrasebook`."""

from typing import Final

from core.letters.crews import CREW_RU, CREW_UK
from core.letters.model import ACCEPTED, CANCELLED, DECLINED, SENT
from core.letters.phrasebook import NOW, PAST, WEAK, Stage, phrases

_TAKE_EN: Final = (
    "(accept|take on|take|fulfil|fulfill|perform|do|execute|carry out|handle|undertake|attend to|help with)"
    "( (the |this |that |your )?"
    "(request|it|job|work|req|ticket|one|on|\\d\\d\\d+)?)?"
)
_TAKE_RU: Final = (
    "(эту |данную |вашу |ее |его )?(принять|взять|взяться|выполнить|исполнить|брать|браться|принимать|выполнять)"
)
_TO_WORK: Final = "(в|у|до|к) (работу|роботу|роботи|исполнению|выполнению|исполнение|виконання)"
_CANNOT: Final = "не (можем|сможем|могу|смогу|будем|можемо|зможемо|можу|зможу|будемо)"
_TAKE_UK: Final = (
    "(цю |дану |вашу |її |його )?(прийняти|взяти|взятися|взятись|виконати|брати|братися|приймати|виконувати)"
)
_NOT_OURS: Final = (
    "(логист|поставщ|постачал|менеджер|юрист|бухгалт|снабж|постачан|заказч|замовн|клиент|клієнт|склад|сметч|кошторис|"
    "закуп|диспетч|соседн|сусідн|друг|інш)"
)
"""Who does not work himself."""
REFUSALS: Final = ("отказ", "відмова", "refusal")
CANCELLATIONS: Final = ("отмена", "скасування", "відміна", "отбой", "відбій", "атмена", "отміна", "отмєна")
_ENDS: Final = (
    r"(?=\s?[.,;:!(|]|\s?$| (?:по|від|от|щодо) (?:заяв|запит|запрос|№|\d)| (?:№ ?)?\d{3,6}(?=\s?[.,;!)]|\s?$| -)| "
    r"из-за| через| по причине| нет| немає|\n)"
)
"""Nothing follows that the noun belongs to: `заявка 12 - отказ`, but not `отказ насоса`."""

VERDICTS: Final = (
    Stage(
        ACCEPTED,
        PAST,
        phrases(
            """
        ((we|i)('ve| have)? )?booked (it |this |them |the job )?in, (is|are|has been|have been) (now |already
        )?booked in,
        (we|i)('ve| have) (got|put) (it |this )?(in|on) (our) (books|list),
        is (now )?with us(?=\\s?[.;!]|\\s?$| and (\\w+ will|we)),
        (закрепили|закреплена|закреплено) за(?! (вам|клиент|заказчик)), (заявк*|запрос) (\\S+ )?за (нами|мной),
        (закріпили|закріплено|закріплена) за(?! (вам|клієнт|замовник)), (заявк*|запит) (\\S+ )?за (нами|мною)
        """
        ),
        needs_request=True,
    ),
    Stage(
        CANCELLED,
        PAST,
        phrases(
            """
        (is|are) no longer (needed|required|relevant)(?! to),
        (isn't|aren't|is not|are not|not) (needed|required|necessary) (any ?more|any longer|now|more),
        ((?<=:\\s)|^)no longer (needed|required),
        (is|are) (not|no more|no longer) actual( any ?more)?,
        (уже |вже |больше |більше )?(не актуальн|неактуальн)(а|о|ий),
        (заявк*|запрос|запит) ([\\w№/]+ )?(больше|более|більше|уже|вже) не (требуется|потребується),
        (больше|более|більше|вже|уже) не (нужна|потрібна), потреба відпала, надобность отпала, необходимость отпала
        """
        ),
        needs_request=True,
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
        прийня(в|ли|ла) (до|в|у) (роботи|роботу|виконання|опрацювання),
        принял(а|и)? (в|к) (работу|работе|исполнению|выполнению|обработку),
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
        (we|i) (have |already |now )?(taken|took)(?=\\s?[.\\x2c;!]|\\s?$),
        (взял|узял)(а|и)? (заявк* |ее |вашу заявк* )?в работу, взят(а|о|ы)? в работу,
        (взят|взял|узял)(а|о|ы|и|ий)? (в|на|до) (обработку|проработку|опрацювання),
        (взял|узял)(а|и)? (на |к )?(себе|себя|собі)(?! (в|на|для) ),
        (взяв|узяв) (на |до )?(себе|собі)(?! (в|на|для) ), принят(а|о|ы)? (в|к)
        (работу|работе|исполнению|выполнению), прийнят(о|а|і|ий) (до|в|у) (роботи|роботу|виконання), в работу
        (взял|взят|принял|принят)(а|о|и|ы)?, взял(а|и)? заявк*, (взял|узял)(и|а) (заявк* |її )?(в|у|до)
        (роботу|виконання), (взяв|узяв) (в|у|до) роботу, взят(о|а|і|ий) (в|у|до) (роботу|виконання),
        передан(а|о|ы)? (в работу|{CREW_RU}), передали (в работу|{CREW_RU}),
        (зареєстрован|зарегистрирован|прийнят|принят)(о|а|ий|і|ы)? (та|и|і) передан(о|а|ий|і|ы)?
        (виконавцю|исполнителю),
        передан(о|а|ий) (в роботу|{CREW_UK}), передали (в роботу|{CREW_UK}),
        (поступил(а)?|надійш(ла|ов)) (в|у|до) (работу|роботу|роботи)(?! не ), подтвержден(а|о|ы)?, подтвердил(а|и)?,
        підтверджен(о|а|і|ий), підтвердил(и|а), підтвердив, confirmed,
        ((we|i)('ve| have)? )booked (this|it|that|the job|the request|this one|this job) in,
        got (it|this|that|them) in (his|her|their|the|my|our) diary, taken (into|in) work, taken on,
        taken (the |your |this )?(request|job|ticket)( [\\w-]+)? on,
        (have|has|'ve|i've|we've) taken (on )?(the |your |this )?request,
        (have|has|we|we've|i've) taken (it|this|this one|the request)? ?on, put (into|in) work
        """
        ),
    ),
    Stage(
        ACCEPTED,
        NOW,
        phrases(
            rf"""
        принимаем, принимаю, принимается, в работе(?! (у {_NOT_OURS}|принима|участв|возник|обнаруж|использ|случ|
        произош)), (берем|беру) (заявк* |ее )?в работу, беремся,
        подтверждаем, подтверждаю, приймаємо, приймаю, приймається,
        (в|у) (работі|роботе), (в|у) роботі(?! ((в|у) {_NOT_OURS}|бере |беруть |приймає |виник|стал|використ)),
        (беремо|беру|берем) (заявк* |її )?(в|у|до) (роботу|виконання),
        (беремо|беру|берем) (вашу |цю |эту )?(заявк*|запит|запрос) [\w№#/-]+ ([\w№#/-]+ )?(в|у|до)
        (работу|роботу|виконання), беремося, беремось, беруся, берусь,
        підтверджуємо,
        підтверджую, (we|i) (hereby )?(accept|confirm), taking (it|this|this one|the job|the request)( on)?,
        (we're|we are|i'm|i am) taking on (the |your |this )?(request|job|one|this|it|that), taken (that|this) one on,
        (happy|glad|pleased) to
        (take|accept) (it|this|that|this one|(the |your |this )?request|the job),
        (we|i) take (the |your |this )?(request|ticket|job|it)?( \d[\d/-]*)? ?(to|in|into) work,
        бер(у|ем|емо) (на |к )?(себ(е|я)|собі), (we|i)('ll| will) take (it|this|this one|the job)( on)?,
        (we|i) take (it|this|this one|this job)(?=\s?[.;!]|\s?$),
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
        (такое|такого|таким|таке|такі|таких|такими|такими работами|такими роботами|этим|цим|подобным|такие работы|
        такі роботи)
        не (делаем|занимаемся|робимо|займаємось|займаємося|выполняем|виконуємо|беремся|беремося), не
        (занимаемся|займаємось|займаємося) (таким|этим|цим|такими|такого)( работами| роботами)?,
        (can't|cannot|not able to|unable to) help (you )?(out )?with (this|that|it)( one| request| job)?,
        (we|i) (must |have
        to |will have to |hereby |regret to |are forced to )?(decline|reject|refuse),
        (forced|obliged|sorry|decided) to
        (decline|reject|refuse), не (можем|сможем|могу|смогу|готовы|готов|будем) {_TAKE_RU},
        ({_TAKE_RU}|{_TAKE_UK}) (заявк* |запрос |запит |ее |її )?({_TO_WORK} )?{_CANNOT},
        {_TAKE_UK} (\\S+ )?(\\S+ )?(\\S+ )?(\\S+ )?(\\S+ )?(не маємо|немає|не має) (можливості|змоги),
        {_TAKE_RU} (\\S+ )?(\\S+ )?(\\S+ )?(\\S+ )?(\\S+ )?(не имеем|нет) (возможности), (is|it's|that's) a no from us,
        не (беремся|берусь|возьмусь|возьмемся|примем|приму|принимаем|принимаю|берем|возьмем), (нет|не
        имеем|не имеет) возможности {_TAKE_RU}, (невозможно|не представляется возможным) {_TAKE_RU},
        (неможливо|немає змоги) {_TAKE_UK}, не (можемо|зможемо|можу|зможу|готові|готовий|будемо) {_TAKE_UK},
        не (беремося|беремось|беруся|візьмуся|візьмусь|візьмемося|візьмемось|приймаємо|приймемо|прийму|приймаєм|
        примаєм|примаем|
        приймаю|беремо|візьмемо),
        (немає|не маємо|не має)
        (можливості|змоги) {_TAKE_UK}, (cannot|can't|can not|could not|couldn't|unable to|not able to|won't be
        able to|will not be able to|won't|will not|not going to|do not|don't) {_TAKE_EN}, (will not|won't|are
        not|aren't|not going to) be (taking|accepting|doing|
        attending), (are|am) not (taking|accepting),
        (we're|we are|i'm|i am) (declining|rejecting|refusing),
        ((we'll|we will|i'll|i will) )?(have to|must|'ll|will|going to|better)
        pass on (this|it|that|\\d\\d\\d+|(the |your
        )?request)( one| job)?(?! to ),
        ((we'll|we will|i'll|i will) )?(have to|must|'ll|will|going to|better) turn (this|it|that|the request)(
        one| job| request)? down, ((we'll|we will|i'll|i will) )?(have to|must|'ll|will|going to|better) turn down
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
    Stage(DECLINED, PAST, phrases("(did not|didn't) accept(?! that| the (fact|idea|quote|offer))"), needs_request=True),
    Stage(DECLINED, WEAK, tuple(noun + _ENDS for noun in REFUSALS), needs_request=True),
    Stage(CANCELLED, WEAK, tuple(noun + _ENDS for noun in CANCELLATIONS), needs_request=True),
    Stage(
        CANCELLED,
        PAST,
        phrases(
            """
        отменен(а|о|ы)?, отменил(а|и)?, аннулирован(а|о|ы)?, аннулировали, отозван(а|о|ы)?, отозвали,
        отозвал(а)?, відкликав, відкликала,
        снята с (исполнения|работы|учета), (заявк*|запрос) снят(а|ы)?,
        (снял|сняла|зняв|зняла) (вашу |эту |цю )?(заявк*|запрос|запит)(?! (с|з|із) (контрол|конроль|учет|облік)),
        сняли (заявк*|запрос), (заявк*|запит) знят(а|о|ий), зняли (заявк*|запит),
        скасован(о|а|і|ий), скасувал(и|а), скасував, анульован(о|а|і|ий),
        анулювали, відкликан(о|а|і|ий), відкликали, відмінен(о|а|і|ий), відмінил(и|а),
        (отменил|скасувал|відмінил)(а|о|и)(сь|ся), отмін(или|ена|ено),
        closed (it |this |that |the request |them )?as cancell?ed,
        (закрыли|закрыта|закрыто|закрили|закрита|закрито|закриваємо|закрываем) (как|як) (отменен|скасован|
        аннулирован|анульован)*, cancell?ed,
        withdrawn, withdrew, called (it |this )?off, annulled
        """
        ),
    ),
    Stage(
        CANCELLED,
        NOW,
        phrases(
            r"""
        (visit|call-?out|attendance|engineer|technician|plumber|locksmith|electrician|fitter|repair|work|service)
        (is |are )?no longer (needed|required|necessary)(?! (to|for|on|until|today|tomorrow|this))
        """
        ),
    ),
    Stage(CANCELLED, PAST, phrases("снят(а|ы|о)?(?! с ), знят(а|о|і|ий)(?! (з|із) )"), needs_request=True),
    Stage(
        CANCELLED,
        NOW,
        phrases(
            """
        (снимаем|снимаю|знімаємо|знімаю|снимается|знімається) (с|з|із) (исполнения|выполнения|учета|виконання|обліку),
        снимаем (заявк*|запрос), (заявк*|запрос) снима(ем|ется),
        (заявку|запрос|запит) (№ ?)?\\d[\\d/-]* (снимаем|снимаю|знімаємо|знімаю)(?! (с|з|із) ), знімаємо (заявк*|запит),
        (заявк*|запит) знім(аємо|ається), отменяем, відміняємо, отменяется, отзываем, аннулируем, скасовуємо,
        (отменяю|отзываю|снимаю|аннулирую|скасовую|відкликаю|знімаю|анулюю|відміняю) (заявк*|запрос|запит),
        скасовується, відкликаємо, анулюємо, (we|i) (hereby )?(cancel|withdraw),
        (подтвержда|підтверджу)(ем|ю|ємо) (отмену|аннулирование|скасування|відміну|анулювання),
        (отмену|аннулирование|скасування|відміну|анулювання) (подтвержда|підтверджу)(ем|ю|ємо),
        ((we|i) (hereby )?)?confirm(ing|ed)? (the |this )?(cancellation|withdrawal)
        """
        ),
    ),
)
