"""What a sentence tells of a request's status: what has happened, and what only looks so."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.letters.asides import asks_something_else, is_turned_from
from core.letters.certainty import why_uncertain
from core.letters.futures import future_verb
from core.letters.handing import sent
from core.letters.lasttime import of_last_time
from core.letters.lexicon import Lexicon
from core.letters.looks import BUT, REASON, WORD, Look
from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE, SENT
from core.letters.negation import is_negated, leaves_open
from core.letters.phrasebook import NOW, PAST, WEAK
from core.letters.pluperfect import CALLED_OFF, HAD, HAD_FIRST, HAD_SOMEBODY
from core.letters.progressive import by_crew_now
from core.letters.refusals import AFTER_A_LOOK
from core.letters.sentences import Sentence
from core.letters.subjects import OTHER_THING, UNKNOWN_OBJECT, said_of_another
from core.text import N_

NEGATED: Final = N_("It did not happen.")
FUTURE: Final = N_("It is still to come.")
CONDITION: Final = N_("It is a condition.")
QUESTION: Final = N_("It is a question.")
REQUESTED: Final = N_("It is asked for, not told.")
DOUBT: Final = N_("The sender is not sure.")
EARLIER: Final = N_("It is said of an earlier time.")
UNDONE: Final = N_("It went wrong or was undone.")
ALTERNATIVES: Final = N_("Several statuses to choose from.")

_CONJUNCTION: Final = re.compile(
    r"[\s,]*(?:что|чтобы|когда|как|ли|що|щоб|коли|чи|that|if|when|whether|как только|де|где)\b"
)
_TOMORROW: Final = re.compile(r"(?<!\w)(?:завтра|послезавтра|післязавтра|tomorrow)(?!\w)")
_TRAILING_NOT: Final = re.compile(r"\s+(?:еще |ще |так и )?(?:не|нет|нема|немає|никого|нікого|not|nobody)\b")
_WAS: Final = re.compile(r"(?<!\w)(?:был[аи]?|був|була|були|was|were|(?<!has )(?<!have )been)(?:\s\S+)?\s+$")
_SETS_OUT: Final = re.compile(r"вы(?:езж|двиг)|ви(?:їжд|їзж|руш)|отправля|направля")
_AT_TIME: Final = re.compile(r"\s(?:\S+\s)?(?:в|во|о|об|у)\s\d{1,2}(?:[:.-]\d\d)?(?!\w)")
_ON_DATE: Final = re.compile(
    r"\s(?:\S+\s)?\d{1,2}(?:-?(?:го|е))? (?:январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|декабр|"
    r"січн|лют|берез|квіт|трав|черв|лип|серп|верес|жовт|листопад|груд)"
)
_NOT_BEFORE: Final = re.compile(r"не ран(?:ьше|іше)|not (?:before|earlier)")
_THEN: Final = re.compile(r"(?<!\w)(?:then|потом|затем|после этого|потім|після цього)(?!\w)")
_THERE: Final = re.compile(r"\s(?=(?:там|тут|здесь|there's|there (?:is|are)|here's)\s)")
"""Something else begins that is told of the place: `на месте там вода наверно труба`."""
_BECAUSE: Final = re.compile(
    r"[^,;:.!?]{0,60}(?:,? (?:as|because|since|so)(?!\w)|:|,? (?:так как|бо|тому що|потому что|оскільки)(?!\w))"
)
_FROM_TO: Final = re.compile(
    r"(?:выехал|виїхал|поехал|поїхал)\w* (?:от|від) (?:вас|них) (?:\w+ )?(?:туда|туди|к |до |на |в |у |дальше|далі)"
)
_CLOCK: Final = re.compile(r"(?<![\d.])\d{1,2}[:.-]\d\d(?![\d.])")
_TO_COME: Final = re.compile(r"(?<!\w)(?:завтра|tomorrow|послезавтра|післязавтра|на \d|for \d|on \d|к \d|до \d|by \d)")
_FROM_YOU: Final = re.compile(
    r"(?<!\w)(?:від вас|от вас|(?:з|із|зі|с|со|из) (?:об'єкт[ау]|объекта|місця|места|"
    r"лікарн|больниц|поликлиник|поліклінік|школ|садик|садк|магазин|аптек|банк[ауі]|вузл|узла|котельн|підстанц|подстанц|"
    r"гостиниц|готел|отел|ресторан|кафе|торгов|тц|трц)\w*|"
    r"from you|звідти|оттуда|from there)(?!\w)"
)
_ONLY_THEN: Final = re.compile(
    r"\b(?:only (?:once|after|when|if|upon)|(?:только|лишь|тільки|лише) (?:после|когда|після|коли|за|по)|"
    r"(?:по|за) (?:вашему|вашим|первому|першим) (?:звонк|дзвінк|сигнал|команд))"
)
_OPENS_WITH_THAT: Final = re.compile(r"\s*,?\s*(?:что|що|that)\s")
_WILL: Final = re.compile(r"(?<!\w)(?:will|shall|\w+'ll)(?!\w)")
"""No conditional clause of English has it."""
_AT_HOUR: Final = re.compile(r"\s(?:about )?\d")
_ONLY_IF: Final = re.compile(
    r"[^,;:.!?]{0,40},?\s(?:но |але |but )?(?:только|тільки|лише|лишь|only|исключительно|виключно)"
    r"\s(?:в случае|у разі|при|за|если|якщо|if|после|після|when|once|after|upon|когда|коли|by|with|по|под|під)(?!\w)"
)
_BY_MISTAKE: Final = re.compile(r"по ошибке|ошибочно|помилково|by mistake|in error|mistakenly")
_RAISED: Final = re.compile(
    r"(?<!\w)(?:raised|logged|created|opened|entered|sent|ordered|booked|placed|issued|filed|duplicat\w+|doubled)(?!\w)"
)
"""`cancelled, it was raised twice by mistake`: the mistake is the reason, not the cancelling."""
_PUT_RIGHT: Final = re.compile(r"[,;:(]|\s-\s|(?<!\w)(?:на самом деле|насправді|actually|in fact)(?!\w)")
_CONFIRMS: Final = re.compile(r"подтвер|підтвер|confirm|прин|прий|accepted")
_CONFIRMED: Final = re.compile(
    r"(?<!\w)(?:(?P<cancels>отмен[ау]|відміна|аннулирование|скасування|відміну|анулювання|cancellation|withdrawal)|"
    r"отказ|відмову|refusal)(?!\w)"
    r"(?=\s?(?:[.,;:!(]|$)|"
    r" (?:(?:по|за|від|от|щодо|of|the|this|for) |заяв|req|запит|запрос|№|\d|подтвер|підтвер|confirm|прин|прий|accept))"
)
"""What may be confirmed of a request besides the request itself."""
_CONFIRMED_STAGE: Final = re.compile(
    r"(?<!\w)(?:(?P<there>прибытие|прибуття|приезд|приїзд|arrival)|выезд|виїзд|departure)(?!\w)"
)
_CONFIRMS_THAT: Final = re.compile(
    r"(?:подтвержда\w+|підтверджу\w+|(?:we |i )?(?:hereby )?confirm),? (?:что|що|that)(?!\w)"
)
_TAKES_BACK: Final = re.compile(
    r"(?<!\w)(?:не|ни|ні|еще|ще|пока|поки|буд\w+|завтра|должн\w+|должен|ма[єю]\w*|може\w*|могут|можуть|если|якщо|"
    r"когда|коли|"
    r"только|тільки|лише|почти|майже|частично|частково|чтобы|щоб|без|нельзя|помилково|ошибочно)(?!\w)"
)
"""Inside a phrase: `выезд бригады не осуществлён`."""
_MIXED_UP: Final = re.compile(r"перепутал|переплутал")
_JUST: Final = frozenset({"щойно", "тільки", "только", "just"})
"""Right before the verb it is no "as soon as"."""
_MODAL: Final = re.compile(
    r"(?<!\w)(?:to|should|would|could|can|may|might|must|will|shall|let's)\s(?:\w+ly\s|then\s|all\s)?$"
)
_WHEN: Final = re.compile(r"(?<!\w)(?:когда|коли|when|во сколько|о котрій)\s(?:мы\s|ми\s|we\s)?$")
_AS_SOON_AS: Final = re.compile(
    r"(?<!\w)(?:(?:как|лишь|як|тільки|лише) (?:только|тільки)|тільки-но|когда|коли|щойно|as soon as|"
    r"once|when) ([^,;:.!?]{3,60}?)(?:,|\s-\s|\sто\s)[^,;:.!?]*$"
)
_AS_SOON: Final = re.compile(
    r"(?:как|лишь) только\s|(?:як|щойно|тільки-но) тільки\s|щойно\s|як тільки\s|as soon as\s|once\s"
)
_ONCE_THAT: Final = re.compile(
    r"(?:\s[\w-]+){0,3},?\s(?:(?:как|лишь) только|як тільки|щойно|тільки-но|as soon as|once)\s(?!буд)"
)
_IS_DONE: Final = re.compile(r"(?<!\w)(?:is|are|gets?|(?:has|have) been) [a-z]+ed(?!\w)")
_HAPPENED: Final = re.compile(
    r"[а-яіїє]{2,}(?:л[аои]?|в)(?:ся|сь)?(?!\w)|[a-z]+ed(?!\w)|(?<!\w)(?:got|was|were|came)(?!\w)"
)
"""`как только привезут ключ, выезжаю`: with no past verb between, it is yet to come."""
_NEAR: Final = 4
_MOST: Final = 12
"""A sentence with more stages than this is none that a person wrote."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Words of a sentence that tell a status, or seem to. Offsets within the sentence; reason is empty if it counts.

    done: the work is finished. bare: `the crew left`, which counts only after an arrival. proven: `replaced the pump`,
    which counts only beside what shows that this was all.
    """

    start: int
    end: int
    status: str
    reason: str
    done: bool = False
    bare: bool = False
    proven: bool = False
    now: bool = False
    """It is told in the present."""

    @property
    def counts(self) -> bool:
        """It tells what has happened."""
        return not self.reason


def find_stages(sentence: Sentence, words: Lexicon, previous: str = "") -> list[Hit]:
    """Every stage a sentence speaks of, in order; previous: the sentence before it, for what its pronouns mean."""
    found = words.stages_in(sentence.text)
    if not found or len(found) > _MOST:
        return []
    hits = [hit for match in found if (hit := _Telling(Look(sentence, words, match, previous)).hit()) is not None]
    if len({hit.status for hit in hits}) > 2 and re.search(r"[^\W\d]\s*/\s*[^\W\d]", _between(sentence.text, hits)):
        return [Hit(hit.start, hit.end, hit.status, ALTERNATIVES) for hit in hits]
    return hits


def _between(text: str, hits: list[Hit]) -> str:
    return "a".join(text[one.end : other.start] for one, other in pairwise(hits)).join("aa")


class _Telling:
    """Whether one stage phrase tells what has happened."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.words = look.words
        self.stage = look.stage
        self.before, self.after, self.clause = look.before, look.after, look.clause

    def hit(self) -> Hit | None:
        """The reading of this phrase; None for one that is no news at all."""
        stage = self.stage
        if not stage.status:
            return None
        status, reason = stage.status, ""
        if self._negated():
            reason = NEGATED
            if (
                stage.negated
                and not leaves_open(self.look)
                and not _CONFIRMED.search(self.clause)
                and not self.words["pending"].search(self.look.sentence.text)
                and not self._unreal()
            ):
                status, reason = stage.negated, said_of_another(self.look, ACCEPTED)
        elif stage.status == SENT and not stage.own:
            status, reason = sent(self.look)
        elif (
            stage.status == ACCEPTED and _CONFIRMS.match(self.look.phrase) and (noun := _CONFIRMED.search(self.clause))
        ):
            status = CANCELLED if noun["cancels"] else DECLINED
            reason = "" if noun["cancels"] or self.look.phrase[:2] != "пр" else OTHER_THING
        elif (
            stage.status == ACCEPTED
            and _CONFIRMS.match(self.look.phrase)
            and (noun := _CONFIRMED_STAGE.search(self.clause))
        ):
            status = ON_SITE if noun["there"] else EN_ROUTE
            told = stage.tense == PAST or noun["there"]
            reason = "" if told and _CLOCK.search(self.clause) and not _TO_COME.search(self.clause) else OTHER_THING
        elif stage.status == ACCEPTED and _CONFIRMS_THAT.match(
            self.look.phrase + self.look.sentence.text[self.look.match.end() :]
        ):
            reason = OTHER_THING  # what is confirmed is told behind it
        elif self.words["going_back"].search(self.clause) and status == EN_ROUTE and "назад" not in self.after:
            reason = OTHER_THING
        elif status == LEFT and _FROM_TO.match(self.look.phrase + self.after):
            reason = OTHER_THING  # `выехала от вас прямо туда`
        reason = reason or self._unreal() or why_uncertain(self.look) or said_of_another(self.look, status)
        proven = stage.proven or reason == UNKNOWN_OBJECT
        bare = stage.bare and _FROM_YOU.search(self.clause) is None
        return Hit(
            self.look.match.start(),
            self.look.match.end(),
            status,
            "" if reason == UNKNOWN_OBJECT else reason,
            self.look.is_done(),
            bare,
            proven,
            stage.tense == NOW,
        )

    def _negated(self) -> bool:
        """A "not" stands before the phrase, with only small words between."""
        moves = self.stage.tense == PAST and self.stage.status in {EN_ROUTE, ON_SITE}
        if (moves or self.stage.spread) and _TAKES_BACK.search(self.look.phrase):
            return True
        if is_negated(self.look):
            return True
        trailing = _TRAILING_NOT.match(self.after)
        return bool(trailing and (self.stage.tense == WEAK or re.search(r"не (?:был|бул)", self.after[:12])))

    def _unreal(self) -> str:
        """Why it has not happened: asked, wished, planned, supposed."""
        if self.look.match.start() >= self.look.sentence.question_from or self.words["question"].search(self.clause):
            return QUESTION
        if self._asked_for():
            return REQUESTED
        if self._conditional():
            return CONDITION
        if self.stage.by_crew and not by_crew_now(self.look):
            return FUTURE
        if self._in_time_to_come() or (self.stage.status == EN_ROUTE and _ONLY_THEN.search(self.after)):
            return FUTURE
        after = REASON.split(self.after)[0] if self.stage.status in {CANCELLED, DECLINED} else self.after
        told = self.before + self.look.phrase + _THERE.split(after, maxsplit=1)[0]
        if self.words["doubt"].search(BUT.split(self.look.earlier)[-1]) or self.words["doubt"].search(told):
            return DOUBT
        if self._went_wrong() or self._taken_back():
            return UNDONE
        if self.stage.tense == PAST and self._is_background():
            return EARLIER
        was = _WAS.search(self.before) or HAD_SOMEBODY.search(self.before)
        if self.stage.tense != PAST and self.stage.status in {EN_ROUTE, ON_SITE} and was:
            return "" if _CLOCK.search(self.clause) else EARLIER
        return EARLIER if of_last_time(self.look) else ""

    def _conditional(self) -> bool:
        """Below an "if", or what follows from it; but not in `если не откроют, позвоним, заявку приняли`."""
        condition = self.words["condition"]
        if HAD_FIRST.search(self.before):
            return True
        if condition.search(REASON.split(self.look.tail)[0][:12]):
            return True
        if _ONLY_IF.match(self.look.sentence.text, self.look.match.end()):
            return True
        found = condition.finditer(self.look.earlier)
        return self._governed([each for each in found if not is_turned_from(self.look, each)])

    def _governed(self, conjunctions: list[re.Match[str]]) -> bool:
        """The last of them reaches the phrase: nothing else is told between that follows from it."""
        if not conjunctions:
            return False
        if ": " in self.look.earlier[conjunctions[-1].end() :]:
            return False  # `это чтобы никто не лез: мы на месте`
        own = len(self.look.earlier) - len(self.look.lead)
        between = self.look.earlier[conjunctions[-1].end() : own]
        if ";" in between or _WILL.search(between):
            return False
        return not any(self._is_consequence(clause) for clause in re.split(r",|\s-\s", between)[1:])

    def _is_consequence(self, clause: str) -> bool:
        return bool(self.words["will_be"].search(clause) or self.words["ask"].search(clause) or future_verb(clause))

    def _went_wrong(self) -> bool:
        """`развернулись, не пустили`; but not in `я переплутала цифри: на місці ми по заявці 101`."""
        text, start = self.look.sentence.text, self.look.match.start()
        if self.stage.status == CANCELLED and _BECAUSE.match(text, self.look.match.end()):
            return False
        return any(
            not (_MIXED_UP.match(found[0]) and ": " in text[found.end() : start])
            and not asks_something_else(self.look, found)
            for found in self.words["undone"].finditer(text)
        )

    def _taken_back(self) -> bool:
        """`выехали - это ошибка`; but not in `это ошибка, бригада выехала`, nor where it is the reason."""
        text, start, end = self.look.sentence.text, self.look.match.start(), self.look.match.end()
        for found in self.words["mistaken"].finditer(text):
            if found.end() <= start:
                said = _OPENS_WITH_THAT.match(self.clause) or _BY_MISTAKE.fullmatch(found[0])
                if said or not _PUT_RIGHT.search(text[found.end() : start]):
                    return True
            elif self.stage.status not in {CANCELLED, DECLINED} or not (
                REASON.search(text[end : found.start()]) or _RAISED.search(text, end, found.start())
            ):
                return True
        return False

    def _is_background(self) -> bool:
        """`nobody was there when we arrived`: with only a few words between the conjunction and the verb."""
        if HAD.search(self.before) and CALLED_OFF.search(f"{self.look.previous} {self.look.sentence.text}"):
            return True
        found = list(self.words["background"].finditer(self.before))
        return bool(found) and len(WORD.findall(self.before[found[-1].end() :])) < _NEAR

    def _asked_for(self) -> bool:
        """In the clause of a request to us, or in the `что …` clause after it."""
        excused = [found.start() for found in self.words["not_ask"].finditer(self.look.earlier)]
        asks = [found for found in self.words["ask"].finditer(self.look.earlier) if found.start() not in excused]
        if not asks:
            return False
        before = self.before if self.stage.status == LEFT else self.look.lead  # `ждём 20 минут и уезжаем`
        own = len(self.look.earlier) - len(before)
        return asks[-1].start() >= own or bool(_CONJUNCTION.match(self.clause))

    def _waits(self) -> bool:
        """`как только привезут ключ, выезжаю`, `as soon as it is paid, we set off`."""
        if self.stage.tense == PAST and self.look.phrase[:4] != "set ":
            return _AS_SOON.match(self.look.earlier.lstrip()) is not None and future_verb(self.look.sentence.text)
        if _ONCE_THAT.match(self.look.sentence.text, self.look.match.end()):
            return True
        waits = _AS_SOON_AS.search(self.look.earlier)
        return waits is not None and _HAPPENED.search(_IS_DONE.sub("", waits[1])) is None

    def _is_named_only(self) -> bool:
        """`about to set off`, `когда выезжаем, не знаем`."""
        if self.look.phrase.isascii() and self.stage.status != DECLINED and _MODAL.search(self.before):
            return True
        return self.stage.tense != PAST and _WHEN.search(self.before) is not None

    def _in_time_to_come(self) -> bool:
        if self._is_named_only():
            return True
        text = self.look.sentence.text
        if self.words["unfulfilled"].search(" ".join(WORD.findall(self.before)[-3:])) and self._aux_is_near():
            return True
        follows = re.sub(r"^\s+(?:не |not )?", "", self.after)
        if self.stage.tense == PAST and self._aux_is_near() and self.words["will_be"].match(follows):
            return True
        if self.words["will_be"].search(text) or future_verb(text):
            earlier = self.look.lead if self.stage.tense == PAST else self.look.earlier
            once = [
                found
                for found in self.words["once"].finditer(earlier)
                if not _AT_HOUR.match(earlier, found.end())
                and not (found[0] in _JUST and earlier is self.look.lead and not earlier[found.end() :].strip())
            ]
            if once and (self.stage.tense == PAST or self._governed(once)):
                return True
        if self._waits():
            return True
        if self.stage.tense == PAST:
            return False
        if _THEN.search(self.look.lead):
            return True
        if self.stage.status == EN_ROUTE:
            return self._sets_out_later()
        before = self.before if self.stage.status == LEFT else self.look.lead
        around = f"{before} . {REASON.split(self.look.tail)[0]}"
        around = AFTER_A_LOOK.sub(" ", around) if self.stage.status == DECLINED else around
        return bool(self._future(around) or self.words["will_be"].search(around) or future_verb(around))

    def _sets_out_later(self) -> bool:
        """`выезжаем через час`; but in `едем будем через час` the time is that of the arrival."""
        if _SETS_OUT.match(self.look.phrase) and (_AT_TIME.match(self.after) or _ON_DATE.match(self.after)):
            return True
        if _NOT_BEFORE.search(self.look.sentence.text):
            return True
        after = self.words["will_be"].split(self.look.tail, maxsplit=1)[0]
        if " " in self.look.phrase and not self.look.phrase.startswith("leaving"):
            after = "".join(_TOMORROW.findall(after))
        return bool(self._future(self.look.lead) or self.words["will_be"].search(self.look.lead) or self._future(after))

    def _future(self, text: str) -> bool:
        return self.words["future"].search(text) is not None

    def _aux_is_near(self) -> bool:
        """`будет принята`, `must be completed`: the auxiliary governs a participle, not a finite past tense."""
        return not re.search(r"[лв](?:и|а|о|ся|ись)?$", self.look.phrase.split(" ")[0]) or bool(
            re.search(r"(?:быть|бути|бы|би)\s*$", self.before)
        )
