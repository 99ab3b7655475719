"""Which status belongs to which request: words bind within their clause, then their sentence, then what was spoken of
last. Where two bindings are equally good, none is made.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from core.letters.looks import BUT
from core.letters.numbers import NOT_THIS_ONE, Mention
from core.letters.sentences import ASIDE, Sentence
from core.letters.stages import Hit

_WORD: Final = re.compile(r"[^\W\d]+")

_ONE_OF: Final = re.compile(
    r"(?<!\w)(?:одн(?:а|у|ой|ої|ого|ій|ну)|перв(?:ая|ую|ой|ые)|втор(?:ая|ую|ой)|перш(?:а|у|ої)|друг(?:а|у|ая|ую|ой|ої)|"
    r"част(?:ь|ина|ину)|некоторые|деякі|остальн\w+|решта|one|first|second|some|other|rest)(?!\w)"
    r"(?! (?:машин|бригад|адрес|улиц|вулиц|crew|team|van|address))"
)
"""Of several requests named together, only some are meant."""

_COUNTS: Final = {
    word: count
    for count, words in enumerate(("две|дві|обе|обидві|both|two", "три|three", "четыре|чотири|four"), 2)
    for word in words.split("|")
}
_COUNTED: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(_COUNTS)})(?!\w)(?! (?:машин|бригад|майст|мастер|crew|team|van|m[ae]n|engineer))"
)
_HEADCOUNT: Final = re.compile(r"(?<!\w)\d+ (?:человек|чел|людей|осіб|чоловік|people|men)(?!\w)")
"""`на объекте 12 человек`, told of the day and of no request."""
_FROM: Final = re.compile(r",\s(?:от|від)\s$")
_LEFT_OUT: Final = re.compile(
    r"\s(?:(?:мы|ми|уже|вже|сегодня|сьогодні|так и|пока|поки) )*не (?:успе|встиг|доехал|доїхал|дошл|дійш|попал|потрап|"
    r"поехал|поїхал|поед|поїд|добрал|дістал|приед|приїд|будем|сможем|зможемо)"
)
"""`закончили поздно, поэтому на 101 не успели`: what went before was another job."""
_YES_OR_NO: Final = re.compile(r"(?<!\w)(?:нет|ні|да|так|no|yes)(?=\s?(?:[,;:.-]|\d|$))")
"""`5870 - нет, 5871 - да`."""
_WHILE: Final = re.compile(r",\s(?:а|зато|while|and)\s(?:по|за|щодо|на|for|on)\s")
_ABOUT: Final = re.compile(r",\s(?:а |и |і )?(по|щодо|за|на|для)\s(?:заяв\w+\s|запит\w*\s)?")
_ABOUT_FIRST: Final = re.compile(r"(?<!\w)(по|щодо|за|на|для)\s$")
_AS_FOR: Final = re.compile(
    r",?\s(?:а|тогда как|тоді як|while|whereas|as for)\s"
    r"(?:(?:вот|ось)\s)?(?:(?:по|щодо|стосовно|за|для|про|насчет|касательно|on|for|as for)\s)(?:[^\s,;:]+\s){0,3}$"
)
"""`по соседнему дому закончили, а по вашей заявке |`: what was told before is of something else."""
_OR: Final = re.compile(r"\s(?:или|либо|або|чи|or)\s")
_TURNS_TO: Final = re.compile(
    r"(?<!\w)(?:as (?:for|to)|turning to|coming to|moving on to|now (?:for|to))\s(?:the |your |our )?$"
)
"""`as for request 101: we set off`: what was told before is of something else."""
_TOWARDS: Final = re.compile(r"\s(?:(?:на|до|к|по|to|for|on)\s)?(?:заяв\w+\s)?")

Target = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Group:
    """Requests named together in one sentence; bounds within it. A barrier stands where a number was unclear."""

    start: int
    end: int
    targets: tuple[Target, ...]
    unsure: bool = False


@dataclass(slots=True)
class Account:
    """What the letter has told so far, sentence by sentence."""

    joins: Callable[[str], bool]
    """Whether a word between two numbers joins them: `заявка`, `а также`."""
    told: dict[Target, list[str]] = field(default_factory=dict)
    """Targets in the order of their first mention, with the statuses told of each, in the order told."""
    spoken: set[Target] = field(default_factory=set)
    """Targets named below the subject line."""
    loose: list[str] = field(default_factory=list)
    """Statuses told before any request was named."""
    one_of_several: bool = False
    """It is told of one of several requests, and not said of which."""
    unclear_request: bool = False
    unclear_status: bool = False
    _current: tuple[Target, ...] = ()
    _current_line: tuple[int, int] = (-1, -1)
    _heads_line: bool = False
    _settled: bool = False
    _groups: list[tuple[Target, ...]] = field(default_factory=list)
    _line: tuple[int, int] = (-1, -1)

    def take(
        self,
        section: int,
        sentence: Sentence,
        mentions: Sequence[Mention],
        hits: Sequence[Hit],
        *,
        subject_is_news: bool,
    ) -> None:
        """Add a sentence: its mentions and its stages, each in order. Only those that count are told of anything."""
        line = (section, sentence.line)
        opens_line = line != self._line
        self._line = line
        counted = [hit for hit in hits if hit.counts]
        groups = self._group(
            sentence.text, [mention for mention in mentions if mention.targets and not mention.reason], hits
        )
        if counted and any(mention.is_position and mention.reason == NOT_THIS_ONE for mention in mentions):
            self.unclear_status = True  # "all but position 6": which ones these are is not said
        groups = [_without(group, mentions) for group in groups]
        if groups and counted and not self.told and _TURNS_TO.search(sentence.text, 0, groups[0].start):
            self.loose.clear()
        for group in groups:
            if not group.unsure or len(group.targets) > 1:
                for target in group.targets:
                    self.told.setdefault(target, [])
                self.spoken |= set(group.targets) if section or subject_is_news else set()
        for hit in counted:
            self._bind(sentence, groups, counted, hit, line)
        self._remember(groups, line, opens_line=opens_line, settled=bool(counted))

    def _remember(self, groups: list[Group], line: tuple[int, int], *, opens_line: bool, settled: bool) -> None:
        sure = [group for group in groups if not group.unsure]
        if sure:
            self._current = sure[-1].targets
            self._current_line = line
            self._heads_line = opens_line and len(sure) == 1
            self._settled = settled
            self._groups += [group.targets for group in sure if group.targets not in self._groups]

    def _bind(self, sentence: Sentence, groups: list[Group], hits: list[Hit], hit: Hit, line: tuple[int, int]) -> None:
        if groups and hit.end <= groups[0].start and _LEFT_OUT.match(sentence.text, groups[0].end):
            return
        if groups and _AS_FOR.search(sentence.text, hit.end, groups[0].start):
            if not self._current or self._current == groups[0].targets:
                return
            group = None
        else:
            group = _choose(sentence, groups, hits, hit)
        if group is not None:
            if group.unsure:
                self.unclear_request = self.unclear_request or len(group.targets) > 1
                self.unclear_status = True
                return
            targets = group.targets
        elif not self._current:
            self.loose.append(hit.status)
            return
        else:
            same_line = line == self._current_line and self._heads_line
            if self._settled and not same_line and self._parties() > 1:
                self.unclear_status = self.unclear_status or not _HEADCOUNT.search(
                    sentence.text, *sentence.clause(hit.start)
                )
                return
            targets = self._current
        if len(targets) > 1 and (_says_one_of(sentence, hit, group) or _says_fewer(sentence, hit, len(targets))):
            self.one_of_several = True
            return
        for target in targets:
            self.told.setdefault(target, []).append(hit.status)

    def _parties(self) -> int:
        """How many different requests or positions were spoken of apart; a request and its only position are one."""
        pairs = {target for group in self._groups for target in group}
        placed = {request for request, position in pairs if position is not None}
        apart = {
            tuple(target for target in group if target[1] is not None or target[0] not in placed)
            for group in self._groups
        }
        return len(apart - {()})

    def _group(self, text: str, mentions: list[Mention], hits: Sequence[Hit]) -> list[Group]:
        """Mentions with no status between them belong together: `заявка 101, позиция 12`."""
        runs: list[list[Mention]] = []
        for mention in mentions:
            last = runs[-1][-1] if runs else None
            if last is None or self._apart(text, last, mention, hits):
                runs.append([mention])
            else:
                runs[-1].append(mention)
        groups: list[Group] = []
        for place, run in enumerate(runs):
            following = runs[place + 1][0] if place + 1 < len(runs) else None
            targets = self._targets(run, groups, following)
            if targets:
                unsure = any(mention.unsure for mention in run) or any(
                    _OR.search(text, one.end, other.start) for one, other in pairwise(run)
                )
                groups.append(Group(run[0].start, run[-1].end, targets, unsure))
        return groups

    def _apart(self, text: str, one: Mention, other: Mention, hits: Sequence[Hit]) -> bool:
        """A status stands between them, or words of their own: `по 101 ждём пропуск, по 102 выехали`."""
        if one.unsure or other.unsure or any(one.end <= hit.start < other.start for hit in hits):
            return True
        if other.is_position or one.is_position:
            return False
        between = text[one.end : other.start]
        about, own = _ABOUT.fullmatch(between), _ABOUT_FIRST.search(text, 0, one.start)
        if about and own and about[1] != own[1]:
            return True  # `на заявку 101 приехали, по заявке 102 без новостей`
        if (
            _YES_OR_NO.search(between)
            or ";" in between
            or _WHILE.search(between)
            or _FROM.search(between)
            or BUT.search(between)
        ):
            return True
        return any(
            len(word) > 3 and not self.joins(word)
            for word in _WORD.findall(ASIDE.sub(" ", text[one.end : other.start]))
        )

    def _targets(self, run: list[Mention], groups: list[Group], following: Mention | None) -> tuple[Target, ...]:
        before = groups[-1].targets if groups else self._current
        if all(mention.is_position for mention in run):
            if not before and following is not None and not following.is_position:
                before = following.targets
            requests = dict.fromkeys(request for request, _ in before)
            return tuple(
                (request, position) for request in requests for mention in run for _, position in mention.targets
            )
        found: dict[Target, None] = {}
        waiting: list[str | None] = []
        requests_now: tuple[Target, ...] = ()
        backwards = run[0].is_position
        for mention in run:
            if mention.is_position and (backwards or not requests_now):
                waiting += [position for _, position in mention.targets]
            elif mention.is_position:
                for request, named in requests_now:
                    found.pop(self._placed((request, named)), None)
                    found |= dict.fromkeys((request, new) for _, new in mention.targets)
            else:
                requests_now = mention.targets
                pairs = [(request, position) for request, _ in mention.targets for position in waiting]
                found |= dict.fromkeys(pairs or [self._placed(target) for target in mention.targets])
                waiting = []
        for request in {request for request, _ in requests_now}:
            found |= dict.fromkeys((request, position) for position in waiting)
        return tuple(found)

    def _placed(self, target: Target) -> Target:
        """A request named again without its position means the one position it was named with."""
        request, position = target
        if position is not None:
            return target
        known = [told for told in self.told if told[0] == request and told[1] is not None]
        return known[0] if len(known) == 1 else target


def _without(group: Group, mentions: Sequence[Mention]) -> Group:
    """`101-104, кроме 103`: the group without the requests that are named as none of it."""
    excepted = {
        target for each in mentions if each.reason == NOT_THIS_ONE and not each.unsure for target in each.targets
    }
    kept = tuple(target for target in group.targets if target not in excepted)
    return replace(group, targets=kept) if kept and len(group.targets) > 1 else group


def _says_one_of(sentence: Sentence, hit: Hit, group: Group | None) -> bool:
    """`одна принята`; but `первая и вторая позиции приняты` says which."""
    found = _ONE_OF.search(sentence.text, *sentence.clause(hit.start))
    return found is not None and not (group and group.start <= found.start() < group.end)


def _says_fewer(sentence: Sentence, hit: Hit, named: int) -> bool:
    """`две приняли` of three that are named."""
    start, end = sentence.clause(hit.start)
    return any(_COUNTS[found[0]] != named for found in _COUNTED.finditer(sentence.text, start, end))


def _choose(sentence: Sentence, groups: list[Group], hits: list[Hit], hit: Hit) -> Group | None:
    """The group a status is told of: of its clause; else before it in the sentence; else after it."""
    if not groups:
        return None
    start, end = sentence.clause(hit.start)
    near = [group for group in groups if group.start < end and group.end > start]
    if len(near) == 1:
        return near[0]
    among = near or groups
    before = [group for group in among if group.end <= hit.start]
    after = [group for group in among if group.start >= hit.end]
    inside = [other for other in hits if start <= other.start < end] if near else hits
    straight = [group for group in after if _TOWARDS.fullmatch(sentence.text, hit.end, group.start)]
    if straight and before and any(before[-1].end <= other.start < hit.start for other in hits):
        return straight[0]  # `101 выполнили и едем на 102`
    verb_first = bool(near) and inside[0].start < among[0].start and inside[-1].start < among[-1].start
    if verb_first and after:
        return after[0]
    if before:
        return before[-1]
    return after[0] if after else None
