"""What the whole letter says, and which statuses do not count in its light."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from core.letters.attribution import Target
from core.letters.evidence import Heard
from core.letters.lexicon import Lexicon
from core.letters.model import EN_ROUTE, LEFT, ON_SITE
from core.letters.numbers import NOT_THIS_ONE, Mention
from core.letters.sections import Section
from core.letters.stages import NEGATED, Hit
from core.letters.subjects import NOT_ALL
from core.text import N_

FROM_WHERE: Final = N_("It is not clear from where.")
TEXT_DENIES: Final = N_("The text says that it has not happened.")
OLD_SUBJECT: Final = N_("The subject of an answer is not news.")

_IT: Final = re.compile(r"(?<!\w)(?:она|вона|ее|її|он|він|it|они|вони|they|та|которая|яка|котор\w+|which)(?!\w)")
_DEPARTED: Final = re.compile(r"(?<!\w)departed(?!\w)")
"""Of one who has not arrived before, it is the way to the request."""

Place = tuple[int, int]
"""Where something is told: section and offset."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Work remains; somebody has been there; they came and left for nothing."""

    remains: bool
    works_again: bool
    arrivals: dict[frozenset[Target], Place]
    """Where the first arrival at the requests that are spoken of together is told; at any of them under no target."""
    failed: bool
    denied: int
    """The earliest stage that the text says has not been reached, by its place; behind all when none is."""
    symptom: Place
    """Where the last fault is told, behind the subject; before everything when there is none."""

    def judged(self, item: Heard, section: Section, lex: Lexicon) -> Heard:
        """The sentence with the statuses that count in the letter, too."""
        return replace(item, hits=[self._judged(hit, item, section, lex) if hit.counts else hit for hit in item.hits])

    def _judged(self, hit: Hit, item: Heard, section: Section, lex: Lexicon) -> Hit:
        at = (item.section, item.sentence.start + hit.start)
        if reason := self._why_not(hit, at, item, section, lex):
            return replace(hit, reason=reason)
        arrived = self._arrived(item.mentions)
        if not hit.bare or self.works_again or arrived < at:
            return hit
        if _sets_out(item, hit, arrived):
            return replace(hit, status=EN_ROUTE, bare=False)
        return replace(hit, reason=FROM_WHERE)

    def _arrived(self, mentions: list[Mention]) -> Place:
        own = _targets(mentions)
        apart = len(self.arrivals) > 1 and own
        return min(
            (place for targets, place in self.arrivals.items() if (targets & own if apart else not targets)),
            default=_NEVER,
        )

    def _why_not(self, hit: Hit, at: Place, item: Heard, section: Section, lex: Lexicon) -> str:
        before = [mention for mention in item.mentions if mention.end <= hit.start and not mention.is_position]
        if before and before[-1].reason == NOT_THIS_ONE and _IT.search(item.sentence.text, before[-1].end, hit.start):
            return NOT_THIS_ONE  # `не путать с заявкой 12, она выполнена`
        if not section.news:
            return OLD_SUBJECT
        if section.where == "subject" and lex.place.get(hit.status, -1) >= self.denied:
            return TEXT_DENIES
        own = lex["remains"].search(item.sentence.text) is not None
        if hit.done:
            return NOT_ALL if self.remains or own or self.symptom > at > (0, 0) else ""
        return NOT_ALL if self.failed and hit.status in {ON_SITE, LEFT} else ""


_NEVER: Final = (1_000, 0)


def whole_of(news: list[Heard], named: Collection[str], *, several: bool, lex: Lexicon) -> Whole:
    """What the sentences that are news say together. named: the requests; several: more than one thing is named."""
    hits = [(item, hit) for item in news for hit in item.hits]
    arrivals = _arrivals(news, several=several)
    left = any(
        hit.status == LEFT
        and hit.counts
        and not hit.done
        and not _sets_out(item, hit, arrivals.get(frozenset(), _NEVER))
        for item, hit in hits
    )
    came_for_nothing = any(lex["failed"].search(item.sentence.text) for item in news)
    unfinished = any(hit.done and hit.reason == NEGATED for _, hit in hits)
    told = [hit for item, hit in hits if item.section and hit.status in lex.place]
    denied = [lex.place[hit.status] for hit in told if hit.reason == NEGATED]
    symptoms = [
        (item.section, item.sentence.start + found.start())
        for item in news
        if item.section
        for found in lex["symptom"].finditer(item.sentence.text)
    ]
    return Whole(
        remains=any(
            lex["remains"].search(item.sentence.text) for item in news if not (several and _targets(item.mentions))
        ),
        works_again=any(lex["works_again"].search(item.sentence.text) for item in news),
        arrivals=arrivals,
        failed=len(named) <= 1 and (came_for_nothing or unfinished) and left,
        denied=min(denied, default=len(lex.place)),
        symptom=max(symptoms, default=(-1, 0)),
    )


def _sets_out(item: Heard, hit: Hit, arrived: Place) -> bool:
    """`Van departed` before anybody has arrived."""
    departs = hit.bare and _DEPARTED.search(item.sentence.text, hit.start, hit.end) is not None
    return departs and arrived > (item.section, item.sentence.start + hit.start)


def _arrivals(news: list[Heard], *, several: bool) -> dict[frozenset[Target], Place]:
    found: dict[frozenset[Target], Place] = {}
    current: frozenset[Target] = frozenset()
    for item in news:
        current = (_targets(item.mentions) or current) if several else current
        for hit in item.hits:
            if (hit.counts or hit.proven) and hit.status in {ON_SITE, LEFT} and not hit.bare:
                place = (item.section, item.sentence.start + hit.start)
                found.setdefault(current, place)
                found[frozenset()] = min(place, found.get(frozenset(), _NEVER))
    return found


def _targets(mentions: list[Mention]) -> frozenset[Target]:
    """`Позиція 4: завтра, не вистачило драбини` says nothing of the other positions."""
    return frozenset(target for mention in mentions if not mention.reason for target in mention.targets)
