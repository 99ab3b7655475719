"""A phrase that tells a status, with the words around it."""

import re
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.model import EN_ROUTE, LEFT, ON_SITE
from core.letters.phrasebook import Stage
from core.letters.sentences import ASIDE, Sentence

WORD: Final = re.compile(r"[\w'-]+")
_NUMBER: Final = re.compile(r"[\d:./-]+(?:й|я|ю|ой|ей|ая|ую|му|го|та|ту|ої|ій|тій)?")
_STATE: Final = re.compile(r"(?<!\w)(?:статус\w*|стан|status)(?!\w)")
_TOGETHER: Final = re.compile(r"(?<!\w)(?:с|со|з|із|зі)\s$")
"""Who goes along is not who goes: `компрессор уехал с водителем`."""
BUT: Final = re.compile(r"(?<!\w)(?:но|але|but|однако|однак|зато|зате|проте|however|instead)(?!\w)")
_JOIN: Final = re.compile(r"\s-\s|;|\s(?:и|і|й|та|да|and|so)\s")
_SOMEBODY: Final = re.compile(
    r"(?:[a-z0-9],?|,)\s(?<!\sthe )(?<!\syour )(?<!\sour )(?<!\sa )(?<!\san )(?<!\sto )(?<!\sfrom )(?<!\sat )"
    r"(?<!\sfor )(?<!\sof )(?<!\sin )(?:(?:Mr|Mrs|Ms|Eng|Er|Shri)\.?\s)?"
    r"(?P<name>(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Your?|Our|The)[A-Z][a-z'-]{2,})"
    r"(?:'s| has| is| just| already| now| also){0,3}\s$"
)
_BESIDE: Final = re.compile(r"(?<!\w)(?:to|at|with|past|through|by|from|for)\s(?:the |your |our |a )?$")
_BE: Final = re.compile(r"is|are|was|were|been|has|have|now|all|just|already|still|also|back")
_OWN_VERB: Final = re.compile(
    r"(?<!\w)(?:[а-яіїє']{2,}(?:ем|им|єм|ємо|имо|емо|мемо|ете|ите|йте|іть|ить|ает|яет|ует|еет|ают|яют|уют|ут|ять|ить|ує|має|нає|ють|уть|"
    r"ать|ити|ати|ю|жу|шу|чу|л[иао]?сь|л[иао]?ся|ли|ла|ло|но|то|[аеиіуяї]вши|(?<!\w)[а-яіїє]{3,}[аиіуя]в)|будь|просьба|нужн\w*|нужен|[а-яіїє']+(?:иться|ється|ится|ется|уться|ются|ються)|потріб\w*|жд\w+|will|shall|\w+'ll|\w+'re|is|are|was|"
    r"were|has|have|did|got|came|went|please|can|could|needs?|may|must|should|[a-z]{2,}ed|let)(?!\w)"
)
"""A word that makes what stands beside an "and" a clause of its own."""
REASON: Final = re.compile(
    r":|(?:^|\s)-\s|\b(?:по (?:договоренности|согласованию|домовленості|погодженню)|за (?:домовленістю|погодженням)|"
    r"из-за|по причине|з причини|через те|because|due to|так как|бо|нет|нема|немає)\b"
)


class Look:
    """One stage phrase in its clause: what stands before it, after it, earlier in the sentence, and the sentence before
    that one (`previous`). `lead` and `tail` reach only to the next "and" or dash that has a verb of its own beyond it.
    """

    def __init__(self, sentence: Sentence, words: Lexicon, match: re.Match[str], previous: str = "") -> None:
        self.sentence = sentence
        self.previous = previous
        self.words = words
        self.match = match
        self.phrase = match[0]
        self.stage: Stage = words.stage_of(match[0])
        self.clause_start, end = sentence.clause(match.start())
        self.before = _without_asides(sentence.text[self.clause_start : match.start()])
        self.after = _without_asides(sentence.text[match.end() : max(end, match.end())])
        self.clause = f"{self.before}{match[0]}{self.after}"
        self.lead, self.tail = _from_last(self.before), _to_first(self.after)
        self.earlier = _without_cells(sentence.text[: match.start()])
        self._strange: dict[str, list[str]] = {}

    def has(self, kind: str, text: str) -> bool:
        """Whether the text has a phrase of that field of `Words`."""
        return self.words[kind].search(text) is not None

    def tells_state(self) -> bool:
        """The clause speaks of a status by that name: `статус изменён на «В пути»`."""
        return _STATE.search(self.before) is not None

    def is_done(self) -> bool:
        """The phrase tells that work is finished."""
        return self.stage in self.words.words.done

    def has_crew(self, *, strict: bool, text: str | None = None) -> bool:
        """Somebody who can go or be there, in the clause or in `text`. Strict: a noun, not `мы` or a first name."""
        text = self.clause if text is None else text
        named = not strict and (self.has("names", text) or (text == self.clause and self.has_somebody()))
        return named or any(
            (not strict or len(found[0]) > 3) and not _TOGETHER.search(text, 0, found.start())
            for found in self.words["crew"].finditer(text)
        )

    def has_outsider(self, text: str) -> bool:
        """Somebody who is none of the crew, and whom nobody reported to, waits for or was let in by."""
        return any(not _BESIDE.search(text, 0, found.start()) for found in self.words["outsider"].finditer(text))

    def is_of_somebody(self) -> bool:
        """`Harpreet is on site with the part`, `Harpreet has collected the part and is en route`."""
        words = [word for word in WORD.findall(self.before.rsplit(": ", 1)[-1]) if not _BE.fullmatch(word)]
        return bool(words) and self.words["names"].fullmatch(words[0 if words[-1] == "and" else -1]) is not None

    def has_somebody(self) -> bool:
        """`I see that Priyanka has arrived`: a word with a capital, which the sentence does not begin with, acts."""
        if not self.phrase.isascii() or self.stage.status not in {EN_ROUTE, ON_SITE, LEFT}:
            return False
        written = self.sentence.written
        if not written or not written[self.match.start() : self.match.end()].islower():
            return False
        found = _SOMEBODY.search(written, 0, self.match.start())
        return found is not None and not any(
            self.has(kind, word)
            for word in found["name"].lower().split()
            for kind in ("outsider", "thing", "crew", "neutral", "future", "labels", "request", "position")
        )

    def strange_words(self) -> list[str]:
        """The words of the clause that are no stage phrase, do not name the request, and are not small."""
        return self.strange(self.before) + self.strange(self.after)

    def strange(self, text: str) -> list[str]:
        """The words of a text that mean something of their own."""
        known = self._strange.get(text)
        if known is None:
            known = self._strange[text] = self._find_strange(text)
        return known

    def _find_strange(self, text: str) -> list[str]:
        rest = self.words["request"].sub(" ", self.words.without_stages(text))
        rest = self.words["proof"].sub(" ", self.words["position"].sub(" ", rest))
        if self.words.own_number:
            rest = self.words.own_number.sub(" ", rest)
        words = [word for word in WORD.findall(rest) if not _NUMBER.fullmatch(word) and word != "n"]
        return [word for word in words if not self.words["neutral"].fullmatch(word)]

    def distance(self, kind: str, *, mentioned: re.Pattern[str] | None = None) -> int | None:
        """Words between the phrase and the nearest of a kind, None without one; `mentioned` finds what makes it a
        mere mention (`по заявке`). What follows a dash or a colon is a reason, no object: `отклонена - нет доступа`.
        """
        after = REASON.split(self.tail, maxsplit=1)[0]
        clause = f"{self.before}{self.phrase}{after}"
        distances = []
        for found in self.words[kind].finditer(clause):
            if mentioned is not None and mentioned.search(clause[: found.start()].rstrip()):
                continue
            if kind != "request" and len(self.before) <= found.start() < len(self.before) + len(self.phrase):
                continue  # the phrase's own word: `прийнято до роботи`
            low, high = sorted((found.start(), len(self.before)))
            distances.append(len(WORD.findall(clause[low:high])))
        return min(distances, default=None)


def _without_asides(text: str) -> str:
    return ASIDE.sub(" ", text) if "(" in text else text


def _without_cells(earlier: str) -> str:
    """What stands in the other cells of a row is said of something else; of the same length."""
    bar = earlier.rfind("|") + 1
    return " " * bar + earlier[bar:] if bar else earlier


def _from_last(before: str) -> str:
    """What of the words before a phrase is its own: `завтра пришлём акт и бригада |`."""
    for join in reversed(list(_JOIN.finditer(before))):
        if _OWN_VERB.search(before, 0, join.start()):
            return before[join.end() - 1 :]
    return before


def _to_first(after: str) -> str:
    """What of the words after a phrase is its own: `| и завтра пришлём акт`."""
    for join in _JOIN.finditer(after):
        if _OWN_VERB.search(after, join.end() - 1):
            return after[: join.start()]
    return after
