"""What a sentence tells of a request's status: what has happened, and what only looks so."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE, SENT
from core.letters.phrasebook import NOW, PAST, WEAK, Stage
from core.letters.sentences import Sentence
from core.text import N_

NEGATED: Final = N_("It did not happen.")
FUTURE: Final = N_("It is still to come.")
CONDITION: Final = N_("It is a condition.")
QUESTION: Final = N_("It is a question.")
REQUESTED: Final = N_("It is asked for, not told.")
DOUBT: Final = N_("The sender is not sure.")
OTHER_THING: Final = N_("It is said of something else.")
NOT_ALL: Final = N_("The work is not all done.")
EARLIER: Final = N_("It is said of an earlier time.")
ALTERNATIVES: Final = N_("Several statuses to choose from.")

_WORD: Final = re.compile(r"[\w'-]+")
_NUMBER: Final = re.compile(r"[\d:./-]+")
_CANNOT_YET: Final = re.compile(
    r"(?<!\w)(?:сегодня|завтра|сьогодні|раньше|раніше|вовремя|вчасно|в срок|сейчас|зараз|today|tomorrow|now|before|"
    r"until|till|on time|yet|пока|поки|еще|ще|(?:до|к|by) \d)"
)
_CONJUNCTION: Final = re.compile(
    r"[\s,]*(?:что|чтобы|когда|как|ли|що|щоб|коли|чи|that|if|when|whether|как только|де|где)\b"
)
_TRAILING_NOT: Final = re.compile(r"\s+(?:еще |ще |так и )?(?:не|нет|нема|немає|никого|нікого|not|nobody)\b")
_REASON: Final = re.compile(r":|\s-\s|\b(?:из-за|через те|because|due to|так как|бо)\b")
_NO_STATE: Final = re.compile(r"\s*[:=-]?\s*\d{1,2}\s?(?:%|процент|відсот|percent)")


@dataclass(frozen=True, slots=True)
class Hit:
    """Words of a sentence that tell a status, or seem to. Offsets within the sentence; reason is empty if it counts."""

    start: int
    end: int
    status: str
    reason: str
    done: bool = False

    @property
    def counts(self) -> bool:
        """It tells what has happened."""
        return not self.reason


def find_stages(sentence: Sentence, words: Lexicon) -> list[Hit]:
    """Every stage a sentence speaks of, in order."""
    found = list(words.stage.finditer(sentence.text))
    if not found:
        return []
    hits = [hit for match in found if (hit := _Look(sentence, words, match).hit()) is not None]
    if len({hit.status for hit in hits}) > 2 and re.search(r"\w\s*/\s*\w", _between(sentence.text, hits)):
        return [Hit(hit.start, hit.end, hit.status, ALTERNATIVES) for hit in hits]
    return hits


def _between(text: str, hits: list[Hit]) -> str:
    return "a".join(text[one.end : other.start] for one, other in pairwise(hits)).join("aa")


class _Look:
    """One stage phrase in its clause."""

    def __init__(self, sentence: Sentence, words: Lexicon, match: re.Match[str]) -> None:
        self.sentence = sentence
        self.words = words
        self.match = match
        self.stage: Stage = words.stage_of(match[0])
        start, end = sentence.clause(match.start())
        self.clause_start = start
        self.before = sentence.text[start : match.start()]
        self.after = sentence.text[match.end() : max(end, match.end())]
        self.clause = f"{self.before}{match[0]}{self.after}"
        self.earlier = sentence.text[: match.start()]

    def hit(self) -> Hit | None:
        """The reading of this phrase; None for one that is no news at all."""
        stage = self.stage
        if not stage.status:
            return None
        status, reason = stage.status, ""
        if self._negated():
            reason = NEGATED
            if stage.negated and not self.words["pending"].search(self.sentence.text) and not self._unreal():
                status, reason = stage.negated, self._of_something_else(ACCEPTED)
        elif stage.status == SENT:
            status, reason = self._sent()
        elif self.words["going_back"].search(self.clause) and status == EN_ROUTE and "назад" not in self.after:
            reason = OTHER_THING
        reason = reason or self._unreal() or self._of_something_else(status)
        return Hit(self.match.start(), self.match.end(), status, reason, stage in self.words.words.done)

    def _negated(self) -> bool:
        """A "not" stands before the phrase, with only small words between."""
        for word in reversed(_WORD.findall(self.before)[-5:]):
            if self.words["negation"].fullmatch(word) or word.endswith("n't"):
                return not re.search(r"(?:не только|не лише|не тільки|not only|not just)\s+(?:\w+\s+)?$", self.before)
            if not self.words["filler"].fullmatch(word):
                break
        trailing = _TRAILING_NOT.match(self.after)
        return bool(trailing and (self.stage.tense == WEAK or re.search(r"не (?:был|бул)", self.after[:12])))

    def _unreal(self) -> str:
        """Why it has not happened: asked, wished, planned, supposed."""
        if self.match.start() >= self.sentence.question_from or self.words["question"].search(self.clause):
            return QUESTION
        if self._asked_for():
            return REQUESTED
        if self.words["condition"].search(self.earlier) or self.words["condition"].search(self.after[:12]):
            return CONDITION
        if self._in_time_to_come():
            return FUTURE
        if self.words["doubt"].search(self.earlier) or self.words["doubt"].search(self.clause):
            return DOUBT
        return EARLIER if self.words["last_time"].search(self.clause) else ""

    def _asked_for(self) -> bool:
        """In the clause of a request to us, or in the `что …` clause after it."""
        excused = [found.start() for found in self.words["not_ask"].finditer(self.earlier)]
        asks = [found for found in self.words["ask"].finditer(self.earlier) if found.start() not in excused]
        if not asks:
            return False
        return asks[-1].start() >= self.clause_start or bool(_CONJUNCTION.match(self.clause))

    def _in_time_to_come(self) -> bool:
        text = self.sentence.text
        if self.words["unfulfilled"].search(" ".join(_WORD.findall(self.before)[-3:])) and self._aux_is_near():
            return True
        if self.words["once"].search(self.earlier) and (self.words["will_be"].search(text) or _future_verb(text)):
            return True
        if self.stage.tense == PAST:
            return False
        if self.stage.tense == WEAK or " " in self.match[0]:
            around = f"{self.before} . {self.after}"
            return bool(self._future(around) or self.words["will_be"].search(around) or _future_verb(around))
        after = self.words["will_be"].split(self.after, maxsplit=1)[0]
        return bool(self._future(self.before) or self.words["will_be"].search(self.before) or self._future(after))

    def _future(self, text: str) -> bool:
        return self.words["future"].search(text) is not None

    def _aux_is_near(self) -> bool:
        """`будет принята`, `must be completed`: the auxiliary governs a participle, not a finite past tense."""
        return not re.search(r"[лв](?:и|а|о|ся|ись)?$", self.match[0].split(" ")[0]) or bool(
            re.search(r"(?:быть|бути|бы|би)\s*$", self.before)
        )

    def _sent(self) -> tuple[str, str]:
        """`отправлена`: a crew, so it is on its way; or the request itself, and nothing else."""
        if self.words["other_object"].search(self.clause) or self.words["thing"].search(self.clause):
            return SENT, OTHER_THING
        if self._has_crew(strict=True):
            return EN_ROUTE, ""
        named = self.words["request"].search(self.clause)
        return SENT, "" if named and not self._strange_words() else OTHER_THING

    def _of_something_else(self, status: str) -> str:
        """The phrase is said of an invoice, a part, a meeting; or not plainly of the request."""
        if self._unfit():
            return OTHER_THING
        if status == ON_SITE or self.stage.status == EN_ROUTE:
            return self._arrival(status)
        if self.stage in self.words.words.done and self._unfinished():
            return NOT_ALL
        return OTHER_THING if status != LEFT and self._object_is_other(status) else ""

    def _unfit(self) -> bool:
        if self.stage.needs_request and not self.words["request"].search(self.clause):
            return True
        if (
            self.stage.tense == NOW
            and self.stage.status == DECLINED
            and self.match[0].startswith(("не ", "can", "un", "нет"))
        ):
            return _CANNOT_YET.search(self.clause) is not None
        return False

    def _arrival(self, status: str) -> str:
        if status == ON_SITE and self.words["almost"].search(self.before):
            return FUTURE
        if self.stage.tense == WEAK:
            if self.words["thing"].search(self.clause) and not self._has_crew(strict=True):
                return OTHER_THING
            return "" if self._has_crew(strict=False) or not self._strange_words() else OTHER_THING
        near = " ".join([*_WORD.findall(self.before)[-3:], ".", *_WORD.findall(self.after)[:1]])
        return OTHER_THING if self.words["thing"].search(near) and not self._has_crew(strict=True) else ""

    def _unfinished(self) -> bool:
        if self._object_is_other(LEFT):
            return True
        return bool(self.words["partial"].search(self.clause) or "%" in self.clause or _NO_STATE.match(self.after))

    def _object_is_other(self, status: str) -> bool:
        """Something other than the request stands nearer to the phrase than the request does."""
        names = ["other_object"]
        names += ["not_accepted"] if status in {ACCEPTED, DECLINED} else []
        names += ["not_cancelled"] if status == CANCELLED else []
        others = [self._distance(name) for name in names]
        nearest = min((distance for distance in others if distance is not None), default=None)
        if nearest is None or nearest > 5:
            return False
        own = self._distance("request")
        return own is None or own > nearest

    def _distance(self, name: str) -> int | None:
        """Words between the phrase and the nearest of that kind; one after a preposition is only mentioned.

        What follows a dash or a colon is the reason, not the object: `отклонена - нет доступа`.
        """
        best: int | None = None
        after = _REASON.split(self.after, maxsplit=1)[0]
        clause = f"{self.before}{self.match[0]}{after}"
        for found in self.words[name].finditer(clause):
            lead = clause[: found.start()].rstrip()
            if name == "request" and re.search(
                r"(?:^|\s)(?:по|к|для|щодо|до|for|under|per|on|of|в|во|у|из|з)(?: \w+)?$", lead
            ):
                continue
            low, high = sorted((found.start(), len(self.before)))
            words = len(_WORD.findall(clause[low:high]))
            best = words if best is None else min(best, words)
        return best

    def _has_crew(self, *, strict: bool) -> bool:
        """Somebody who can go or be there. Strict: a noun, not just `мы` or `is`."""
        return any(not strict or len(found[0]) > 3 for found in self.words["crew"].finditer(self.clause))

    def _strange_words(self) -> list[str]:
        """The words of the clause that are neither the phrase, nor the request, nor small."""
        rest = self.words["request"].sub(" ", f"{self.before} {self.after}")
        rest = self.words["position"].sub(" ", rest)
        words = [word for word in _WORD.findall(rest) if not _NUMBER.fullmatch(word) and word != "n"]
        return [word for word in words if not self.words["neutral"].fullmatch(word)]


_FUTURE_VERB: Final = re.compile(
    r"(?<!\w)(?:при(?:буд|ед|їд|едем|быв)|вы(?:ед|дви)|ви(?:їд|руш)|под(?:ъед|скаж)|під'їд|с(?:може|ообщ|дела)|зроб|повідом|напиш|отпиш|"
    r"посмотр|подив|провер|перевір|разбер|розбер|уточн|реш(?:им|у)|виріш|заверш(?:им|у)|законч(?:им|у)|закінч(?:имо|у)|начн|почн|приступ(?:им|лю)|"
    r"позвон|подзвон|передзвон|перезвон|отправ(?:им|лю)|надішл|пришл|верн|поверн)(?:\w{0,4}?)(?:ем|им|емо|имо|ет|ит|ут|ат|ят|у|ю|уть|ть|е)(?!\w)"
)


def _future_verb(text: str) -> bool:
    """A verb in its future form: `прибудем`, `сообщим`, `приїдемо`."""
    return _FUTURE_VERB.search(text) is not None
