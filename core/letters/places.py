"""Where a number without a word stands, and whether requests are numbered in such places."""

import re
from collections.abc import Collection
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.model import EN_ROUTE, LEFT, ON_SITE

_LIST_MARK: Final = re.compile(r"[\s>*•·\-–(\[\"]*(?:\d{1,2}[.)]\s+)?$")
_NUMBERS_ONLY: Final = re.compile(r"(?:[\s,;&+]|\d{3,}|(?:и|і|та|and)(?= ))+")
_NEARBY: Final = 200
_HOURS: Final = 24
_SHORTEST: Final = 3
_OPENS_LIST: Final = re.compile(r"[^\W\d]\s?:\s$")
_STREET: Final = re.compile(
    r"(?<!\w)(?:вул|ул|просп|пр-т|пров|бул|бульв|пл|наб|ш)\. ?[^.;:\d]{3,40}$|"
    r"(?<!\w)(?:улица|вулиця|проспект|переулок|провулок|бульвар|набережная|набережна|шоссе|шосе) [^.;:\d]{3,40}$"
)
YEAR: Final = re.compile(r"(?:19\d\d|20[0-3]\d)$")


class Place:
    """Where a bare number stands."""

    def __init__(self, words: Lexicon, text: str, found: re.Match[str], *, alike: bool) -> None:
        self.words = words
        self.number = found[0]
        self.alike = alike
        self.label_before = re.search(r"([\w']+)\.?\s*$", recent(text, found.start()))
        self.in_address = _STREET.search(recent(text, found.start())) is not None
        self.before = text[max(text.rfind(mark, 0, found.start()) for mark in ",;") + 1 : found.start()]
        self.after = text[found.end() : found.end() + _NEARBY]
        self.first = _LIST_MARK.match(self.before) is not None
        self.previous = self.label_before[1] if self.label_before else ""
        rest = self.after[self._list_of(found[0]) :].removeprefix("'s ")
        stage = next(iter(self.words.stages_in(rest)), None)
        between = re.findall(r"\w+", rest[: stage.start()]) if stage else []
        small = all(self.words["neutral"].fullmatch(word) or self.words["crew"].fullmatch(word) for word in between)
        self.stage_follows = stage is not None and small and len(between) < 4
        self.told = words.stage_of(stage[0]).status if stage else ""
        self.stage_anywhere = stage is not None
        self.heads = re.match(r"\s?[:-]\s", self.after) is not None
        self.opens_clause = " " not in self.before.strip()
        lead = re.sub(r"\s*:\s*$", ":", self.before)
        self.after_colon = lead.endswith(":") and self.words.ends_stage(lead[:-1])
        self.among_numbers = _NUMBERS_ONLY.fullmatch(text) is not None
        self.ordinal = found[0][-1:].isalpha()
        self.goes_on = re.match(r"\s(?:и|і|та|and)\s\d{3}", self.after) is not None
        self.ends = re.match(r"\s*(?:[.,;:!)\"-]|$)|\s(?:спс|спасиб|дяк)", self.after) is not None

    def _list_of(self, number: str) -> int:
        """How far the list reaches that the number opens: `311, 312 - взяли`."""
        if not (number.isdigit() and len(number) > 1):
            return 0
        more = rf"(?:(?:\s*[,;&+]\s*|\s(?:и|і|та|and)\s)\d{{{len(number)}}}(?![\w/]|[.:,-]\d))+"
        found = re.match(more, self.after)
        return found.end() if found else 0

    def is_mention(self, number: str, lengths: Collection[int], *, known: bool, alone: bool, listed: bool) -> bool:
        """Whether this is where a request's number stands. listed: the sentence names another one with a word."""
        digits = len(number.split("/")[0])
        labelled = bool(self.previous) and self.words["labels"].fullmatch(self.previous) is not None
        if known:
            return (digits > 2 and not labelled) or self._plain_place()
        if self.in_address:
            return False
        if alone and ((self.first and not self.after.strip(" .!")) or self.among_numbers):
            return digits >= 3 - ("/" in number) and not YEAR.match(number)
        if "/" in number:
            return (digits >= 3 or digits in lengths) and (self._plain_place() or self._after_small_words())
        if self.ordinal and digits in lengths and self.previous in {"на", "по", "к", "до", "за"}:
            return True
        if not ((digits > 1 and digits in lengths) or (3 <= digits <= 6 and not YEAR.match(number))):
            return False
        if digits > 2 and (self.after_colon or (self.previous in {"по", "for"} and self.opens_clause)):
            return True
        if digits > 2 and self.heads and self.stage_follows and not labelled and _OPENS_LIST.search(self.before):
            return True  # `за сегодня: 860 - выполнено`
        if self._plain_place() or (digits > 2 and self._after_stage(direct=True)):
            return True
        towards = self.previous in {"на", "к", "до"} and self.stage_follows
        return listed and digits > 1 and digits in lengths and (towards or self._after_stage())

    def _plain_place(self) -> bool:
        """At the beginning, before a status: `102 - выехали`; or `по 102 выехали`."""
        if self.first:
            return self.stage_follows or (self.stage_anywhere and re.match(r"\s*[:=|-]\s", self.after) is not None)
        if self.previous == "на" and self.before.strip() == "на" and self.stage_follows:
            return self.goes_on or (len(self.number) > _SHORTEST and self.told in {EN_ROUTE, ON_SITE, LEFT})
        if self.previous in {"за", "з", "с", "со", "із", "from", "и", "а", "і", "and", "от", "від", "од"}:
            return self.stage_follows
        lead = self.before.rstrip()
        if self.previous == "по" and self.goes_on and self.words.ends_stage(lead.removesuffix("по").rstrip()):
            return True
        return self.previous in {"по", "re", "for"} and (self.stage_follows or self.ends)

    def _after_small_words(self) -> bool:
        """Nothing but `статус`, `по` and the like before it in its clause."""
        return all(self.words["neutral"].fullmatch(word) for word in re.findall(r"[^\W\d]\w*", self.before))

    def _after_stage(self, *, direct: bool = False) -> bool:
        """`отклонена 103`; not only `direct`: `выехали на 103`."""
        if not (self.ends or self.stage_follows or (direct and self.goes_on)):
            return False
        lead = self.before if direct else re.sub(r"(?:на|к|до|по|от|від|on|to|for)\s*$", "", self.before)
        lead = lead.rstrip()
        return self.words.ends_stage(lead)

    def is_stray(self) -> bool:
        """`выехали на 205`: some destination that is no known request; better not to guess."""
        if self.previous in {"после", "після", "after", "кроме", "окрім", "крім"}:
            return False
        is_hour = self.number.isdigit() and int(self.number) <= _HOURS
        if is_hour and self.previous in {"до", "к", "till", "until", "by", "to"}:
            return False  # `с 9 до 12`
        if self.alike and not (self.words["labels"].fullmatch(self.previous) if self.previous else False):
            return True
        return self.previous in {"на", "к", "до", "to", "по", "for"} and (self.ends or self.stage_follows)


def recent(text: str, end: int) -> str:
    """What stands before an offset, as far as it can matter."""
    return text[max(0, end - _NEARBY // 2) : end]
