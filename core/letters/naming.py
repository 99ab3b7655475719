"""What is told where the letter names its request outweighs what is told before it of whoever else was there."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from core.letters.evidence import Heard
from core.letters.lexicon import Lexicon
from core.letters.model import EN_ROUTE
from core.letters.stages import NEGATED, Hit
from core.letters.subjects import OTHER_THING

_WE: Final = re.compile(r"(?<!\w)(?:мы|ми|я|нас|наш\w*|мои|мої|we|we're|we've|i|i'm|i've|our|ours|my|us)(?!\w)")
_TURNS_TO_US: Final = re.compile(
    r"\W*(?:а |но |але |and |but )?(?:мы|ми|я|наш[аиі]?|мои|мої|we|we're|we've|i'm|i am|our)(?!\w)"
)
_AND_WE: Final = re.compile(
    r",?\s(?:а|while|whereas)\s(?:вот |ось )?(?:мы|ми|я|наш\w*|мои|мої|we|we're|our|ours)(?!\w)"
)
_BY_THE_WAY: Final = re.compile(
    r"\W*(?:p\.?\s?s\.?|by the way|btw|for the record|incidentally|кстати|к слову|до речі|між іншим|между прочим)(?!\w)"
)
_YET: Final = re.compile(r"(?<!\w)(?:еще|ще|пока|поки|досі|доси|yet|still)(?!\w)")
_NO_NEWS: Final = re.compile(
    r"(?<!\w)(?:новостей нет|новин (?:немає|нема)|без (?:изменений|змін|новостей|новин)|no (?:news|change)|unchanged|"
    r"not (?:yet )?started|(?:остается|залишається|stays|remains) (?:запланирован|заплан|planned|scheduled|booked))"
)


def led_by_its_name(heard: list[Heard], lex: Lexicon) -> Iterator[Heard]:
    """The sentences of a letter on one request; where a further stage is told before the sentence that names it than in
    it and behind it, or that sentence denies it, the stage is somebody else's.
    """
    named = next((place for place, item in enumerate(heard) if item.section and _names(item)), None)
    if named is None or not _is_of_one(heard):
        yield from heard
        return
    own = [
        hit
        for item in heard[named:]
        for hit in item.hits
        if hit.counts and hit.status in lex.place and not _BY_THE_WAY.match(item.sentence.text)
    ]
    reached = max((lex.place[hit.status] for hit in own), default=None)
    denied = _denied(heard[named], lex)
    for place, item in enumerate(heard):
        before = place < named
        by_the_way = _BY_THE_WAY.match(item.sentence.text) is not None
        beyond = reached + 1 if (before or by_the_way) and reached is not None else denied
        if item.section and place != named and beyond is not None:
            hits = [replace(hit, reason=OTHER_THING) if _is_beyond(hit, beyond, lex) else hit for hit in item.hits]
            yield replace(item, hits=hits)
        else:
            yield item


def without_others(heard: list[Heard], lex: Lexicon) -> Iterator[Heard]:
    """The sentences of a letter on one request; where others are told to be further than `мы`, `our crew`, whom the
    letter turns to then, theirs is none of its news.
    """
    of_one = _is_of_one(heard)
    ours: list[tuple[int, int]] = []
    for place, item in enumerate(heard):
        turn = _TURNS_TO_US.match(item.sentence.text) if item.section else None
        reached = [lex.place[hit.status] for hit in item.hits if turn and hit.counts and hit.status in lex.place]
        ours += [(place, max(reached))] if reached else []
    for place, item in enumerate(heard):
        text = item.sentence.text
        after = [reached for told, reached in ours if told > place]
        turn = _AND_WE.search(text)
        hits = item.hits
        if of_one and after and _WE.search(text) is None:
            hits = [replace(hit, reason=OTHER_THING) if _is_beyond(hit, after[0] + 1, lex) else hit for hit in hits]
        if turn is not None and _WE.search(text, 0, turn.start()) is None:
            hits = [
                replace(hit, reason=OTHER_THING)
                if hit.start < turn.start() and _is_beyond(hit, lex.place[EN_ROUTE], lex)
                else hit
                for hit in hits
            ]
        yield replace(item, hits=hits)


def _is_of_one(heard: list[Heard]) -> bool:
    """One request is spoken of, as a whole or of positions that are always named together."""
    mentions = [mention for item in heard for mention in item.mentions]
    requests = {request for mention in mentions for request, _ in mention.targets} - {""}
    places = {tuple(place for _, place in mention.targets if place is not None) for mention in mentions} - {()}
    return len(requests) == 1 and len(places) < 2


def _names(item: Heard) -> bool:
    return any(mention.keyed and not mention.reason and not mention.unsure for mention in item.mentions)


def _denied(item: Heard, lex: Lexicon) -> int | None:
    """From which stage on the sentence says that the request has not got there."""
    yet = _YET.search(item.sentence.text) is not None
    places = [lex.place[hit.status] for hit in item.hits if yet and hit.reason == NEGATED and hit.status in lex.place]
    if _NO_NEWS.search(item.sentence.text):
        places.append(0)
    return min(places, default=None)


def _is_beyond(hit: Hit, beyond: int, lex: Lexicon) -> bool:
    return hit.counts and lex.place.get(hit.status, -1) >= beyond
