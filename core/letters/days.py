"""What was over on an earlier day and begun anew since: `вчера закончили, сегодня едем снова`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from core.letters.evidence import Heard
from core.letters.lexicon import Lexicon
from core.letters.looks import BUT
from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE
from core.letters.sentences import ASIDE
from core.letters.stages import CONDITION, EARLIER, NEGATED, QUESTION, Hit
from core.letters.subjects import NOT_ALL, OTHER_THING

_DAY: Final = re.compile(
    r"(?<!\w)(?:(?P<past>вчера|позавчера|вчора|учора|позавчора|yesterday|"
    r"(?:в|во|у|on) (?:прошл\w+ |минул\w+ |last )?(?:понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье|"
    r"понеділок|"
    r"вівторок|середу|четвер|п'ятницю|суботу|неділю|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|"
    r"last (?:night|week|month|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|(?:прошл|минул)\w+ (?:раз\w*|недел\w+|"
    r"тижн\w+)|"
    r"\w+ (?:дня|дней|дні|днів|days?|weeks?|недел\w+|тижн\w+) (?:назад|тому|ago))|"
    r"сегодня|сьогодні|сьодні|седня|today|this (?:morning|afternoon|evening)|сейчас|зараз|now)(?!\w)"
)
_AGAIN: Final = re.compile(
    r"(?<!\w)(?:опять|снова|знову|знов|вновь|повторно|вдруге|заново|again|back (?:on site|at the|to the site|"
    r"to site|out to|to you)|after all|anew)(?!\w)"
)
_CHANGED: Final = re.compile(r"(?<!\w)(?:передумал|change[ds]? (?:his|her|its|our|their) minds?|все-таки|all the same)")


_FIRST: Final = re.compile(r"(?<!\w)(?:сначала|сперва|спочатку|спершу|at first|initially|originally)(?!\w)")
_HOME: Final = re.compile(r"\s(?:домой|додому|(?:back )?home)(?!\w)")
_MOST: Final = 40
"""Stages of one request; a letter that tells more is none that a person wrote."""
_YET: Final = re.compile(r"(?<!\w)(?:еще|ще|пока|поки|досі|доси|yet|still)(?!\w)")
_TO_YOU: Final = re.compile(
    r"(?<!\w)(?:к вам|до вас|в вашу сторону|у ваш бік|на об'єкт|на объект|to you|to (?:the )?site|your way)(?!\w)"
)
_TO_IT: Final = re.compile(r"(?<!\w)(?:по|на|за|к|до|for|to) (?:вашей |вашу |вашої |your )?(?:заяв|запит|запрос|req|№)")


class _Told(NamedTuple):
    """A stage, with its place in the letter."""

    item: int
    hit: Hit
    past: bool
    """Of an earlier day, as this sentence or one before it says."""
    dated: bool
    """This sentence says which day."""
    again: bool
    towards: bool
    """It is the way to the request, and nothing is told after it."""
    first: bool
    """It was so at first, the clause says."""
    aside: bool
    """It stands in brackets."""
    yet: bool
    """Its clause says that it is so up to now."""


def without_earlier(heard: list[Heard], lex: Lexicon) -> Iterator[Heard]:
    """The sentences; what was so on an earlier day does not count where the same request was begun anew since."""
    if len({target for item in heard for mention in item.mentions for target in mention.targets}) > 1:
        yield from heard
        return
    told = list(_told(heard))
    if len(told) > _MOST:
        yield from heard
        return
    denied = [lex.place.get(each.hit.status, 0) for each in told if each.hit.reason == NEGATED and each.yet]
    over = {
        (each.item, each.hit.start)
        for each in told
        if any(_began_anew(each, new, heard, lex) for new in told)
        or (each.past and denied and lex.place.get(each.hit.status, -1) >= min(denied))
        or (each.hit.status in {EN_ROUTE, ON_SITE} and any(_went_home(each, new, heard) for new in told))
        or (each.hit.status in {ACCEPTED, EN_ROUTE} and any(_went_on(each, new) for new in told))
        or (each.hit.status == LEFT and any(_is_there_now(each, new) for new in told))
    }
    for place, item in enumerate(heard):
        hits = [replace(hit, reason=EARLIER) if (place, hit.start) in over else hit for hit in item.hits]
        yield replace(item, hits=hits)


def _told(heard: list[Heard]) -> Iterator[_Told]:
    past, section = False, -1
    last = next((hit for item in reversed(heard) for hit in reversed(item.hits) if hit.counts), None)
    for place, item in enumerate(heard):
        text = item.sentence.text
        past = past and item.section == section
        section = item.section
        days = list(_DAY.finditer(text))
        for hit in item.hits:
            start, end = item.sentence.clause(hit.start)
            before = [day for day in days if day.start() < hit.start]
            near = before[-1:] or [day for day in days if day.start() < end][:1]
            if near:
                past = near[0]["past"] is not None
            yield _Told(
                place,
                hit,
                past,
                dated=bool(near),
                again=_AGAIN.search(text, start, end) is not None,
                towards=hit is last
                and hit.status == EN_ROUTE
                and (_TO_YOU.search(text, start, end) or _TO_IT.search(text, hit.end, end)) is not None,
                first=_FIRST.search(text, 0, hit.start) is not None,
                aside=any(low.start() < hit.start < low.end() for low in ASIDE.finditer(text)),
                yet=_YET.search(text, start, end) is not None,
            )
        if days:
            past = days[-1]["past"] is not None


def _began_anew(old: _Told, new: _Told, heard: list[Heard], lex: Lexicon) -> bool:
    """The newer stage is one that cannot follow the older, unless it was all begun again."""
    ended = old.hit.status in {DECLINED, CANCELLED}
    if new.hit.status in {DECLINED, CANCELLED} and old.hit.status == ACCEPTED:
        return (
            old.hit.counts
            and (new.hit.counts or (old.first and new.hit.reason not in {NEGATED, QUESTION, CONDITION}))
            and (old.item, old.hit.start) < (new.item, new.hit.start)
            and (old.past or old.first)
        )
    follows = new.hit.status in {old.hit.status, DECLINED, CANCELLED} or (
        not ended and lex.place[new.hit.status] >= lex.place[old.hit.status]
    )
    if follows or not old.hit.counts or (new.dated and new.past):
        return False
    if (new.item, new.hit.start) < (old.item, old.hit.start):
        return new.hit.counts and ((old.past and new.again) or (old.aside and new.hit.status == EN_ROUTE))
    between = _between(old, new, heard)
    if ended:
        turned = BUT.search(between) or any(not day["past"] for day in _DAY.finditer(between))
        return (old.past and bool(turned) and new.hit.reason != NEGATED) or (
            new.hit.counts and _CHANGED.search(between) is not None
        )
    if old.past and new.dated and new.hit.counts and not old.hit.done:
        return True  # `вчера приезжали, прождали и уехали, сегодня выехали в 8:20`
    return new.hit.counts and (
        new.towards or new.again or (old.past and bool(_AGAIN.search(between) or BUT.search(between)))
    )


def _went_on(old: _Told, new: _Told) -> bool:
    """Something further is told behind it and does not count in the letter: then it is not this that is so."""
    later = (new.item, new.hit.start) > (old.item, old.hit.start)
    return later and new.hit.status in {ON_SITE, LEFT} and new.hit.reason == NOT_ALL


def _is_there_now(old: _Told, new: _Told) -> bool:
    """`It's sorted. We're inside and working`: what is done was something on the way to the work."""
    return new.item > old.item and new.hit.counts and new.hit.now and new.hit.status == ON_SITE


def _went_home(old: _Told, new: _Told, heard: list[Heard]) -> bool:
    """`прибыли, здали апарат, виїхали додому`: they are no longer there, whether or not it is done."""
    if (new.item, new.hit.start) <= (old.item, old.hit.start) or new.hit.reason != OTHER_THING:
        return False
    return new.hit.status == EN_ROUTE and _HOME.match(heard[new.item].sentence.text, new.hit.end) is not None


def _between(old: _Told, new: _Told, heard: list[Heard]) -> str:
    texts = [item.sentence.text for item in heard[old.item : new.item + 1]]
    texts[-1] = texts[-1][: new.hit.start]
    texts[0] = texts[0][old.hit.end :]
    return " ".join(texts)
