"""From a letter to what it means for the requests. Pure, explained, and silent where it would have to guess."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice, zip_longest
from typing import Final

from core.letters.attribution import Account, Target
from core.letters.continuing import of_one_subject
from core.letters.corrections import without_denied
from core.letters.days import without_earlier
from core.letters.evidence import (
    UNCLEAR_REQUEST,
    Heard,
    of_heard,
    of_quoted,
    of_struck,
    reader_of,
)
from core.letters.headings import planned_below, told_below
from core.letters.lexicon import Lexicon, lexicon
from core.letters.lone import with_lone_number
from core.letters.model import CANCELLED, Letter, Outcome, Reading, Update
from core.letters.naming import led_by_its_name, without_others
from core.letters.numbers import NOT_THIS_ONE, Mention, NumberReader
from core.letters.patterns import fold
from core.letters.places import YEAR
from core.letters.questions import asks_which, corrects_number
from core.letters.sections import Section, note_of, sections_of
from core.letters.sentences import sentences
from core.letters.stages import Hit, find_stages
from core.letters.subjects import NOT_ALL
from core.letters.tables import Row, tables_of
from core.letters.visits import without_past_visits
from core.letters.whole import whole_of
from core.letters.wholeness import holds_back, shows_all
from core.letters.withdrawing import with_withdrawals
from core.letters.words import DEFAULT_WORDS, Words
from core.text import N_

READ: Final = N_("A request and its status were read.")
NO_STATUS: Final = N_("A request is named, but no news of its status.")
NOT_YET: Final = N_("A request is named; what is said of its status has not happened or is not certain.")
CONTRADICTION: Final = N_("The letter tells different statuses of the same request.")
UNCLEAR_STATUS: Final = N_("Several requests are named; it is not clear which one the status belongs to.")
ASKS_WHICH: Final = N_("The sender asks which request is meant.")
NO_NUMBER: Final = N_("A status, but no request number.")
NOTHING: Final = N_("No request number and no status.")
EMPTY: Final = N_("There is nothing to read in the letter.")
ROBOT: Final = N_("An automatic answer.")
AWAY: Final = N_("The sender is away: an automatic answer.")
OTHER_COLUMN: Final = N_("The table does not say that it is the status of the request.")

_MOST_SENTENCES: Final = 110
_MOST_NUMBERS: Final = 400
"""What stands beyond so many numbers is not read: a long list, or an attempt to keep us busy."""
_DIGITS: Final = re.compile(r"\d+")
_TITLE: Final = re.compile(r"\W*(\d{3,6}(?:(?:[\s,;&+]|и|і|та|and)+\d{3,6})*)(?![\d/.:-])\W*([^\W\d]*)")
_HEAD: Final = re.compile(r"[\s>*•·\-–]*(?:\d{1,2}[.)]\s+)?(\d{3,8})(?:/\d{1,3})?(?=[\s:-])")
"""A number that a line begins with."""


def read(letter: Letter, *, words: Words = DEFAULT_WORDS, open_numbers: Collection[str] = ()) -> Reading:
    """What a letter means. `open_numbers`: requests known to be open, which count without a word before them."""
    lex = lexicon(words)
    sections = sections_of(letter, lex)
    note = note_of(sections)
    if letter.automatic:
        return Reading("ignore", (), letter.automatic, (), note)
    if lex["robot"].search(fold(sections[1].text)):
        return Reading("ignore", (), ROBOT, (), note)
    heard = _hear(sections, lex, frozenset(open_numbers))
    if not lex.words.number_pattern:
        heard = with_lone_number(heard, lex, reader_of(lex).units)
    heard = list(planned_below(heard))
    for in_the_light_of_all in (led_by_its_name, without_others, without_denied, without_earlier, with_withdrawals):
        heard = list(in_the_light_of_all(heard, lex))
    account = Account(lambda word: bool(lex["request"].fullmatch(word) or lex["neutral"].fullmatch(word)))
    for item in told_below(heard):
        account.take(item.section, item.sentence, item.mentions, item.hits, subject_is_news=sections[0].news)
    outcome, updates, reason = _decide(sections, heard, account, lex)
    why = (*of_heard(sections, heard), *of_struck(sections, lex), *of_quoted(letter.quoted_text, lex, outcome))
    return Reading(outcome, updates, reason, why, note)


def _hear(sections: list[Section], lex: Lexicon, open_numbers: frozenset[str]) -> list[Heard]:
    reader = reader_of(lex)
    found: list[Heard] = []
    numbers = 0
    told: dict[tuple[str, str, str], list[Hit]] = {}
    """What a sentence tells behind another one; said again it tells the same."""
    for place, section in enumerate(sections):
        previous = ""
        text, rows = tables_of(section.text, lex, of_requests=any(item.mentions for item in found))
        for sentence in islice(sentences(text, section.text), _MOST_SENTENCES):
            numbers += len(_DIGITS.findall(sentence.text))
            if numbers > _MOST_NUMBERS:
                break
            row = rows.at(sentence.start)
            said = (previous, sentence.text, sentence.written)
            if said not in told:
                told[said] = list(of_one_subject(sentence, find_stages(sentence, lex, previous), lex))
            hits = told[said]
            if section.where == "quoted":
                found += _of_question(Heard(place, sentence, [], hits), reader)
            elif row is None:
                found.append(Heard(place, sentence, reader.keyed(sentence.text, open_numbers), hits))
            else:
                found.append(_of_row(row, Heard(place, sentence, [], hits), reader, open_numbers))
            previous = sentence.text
    found = list(without_past_visits(found))
    heads = _list_heads(found, lex)
    if lex.words.number_pattern:
        known_as = {fold(number): number for number in open_numbers}
        found = [replace(item, mentions=list(_as_written(item, sections[item.section], known_as))) for item in found]
    named = {
        request for item in found for mention in item.mentions if not mention.reason for request, _ in mention.targets
    } - {""}
    found = list(_of_the_only(found, named))
    lengths = {len(request) for request in named}
    known = open_numbers | {request for request in named if len(request) > 2} | _heading(fold(sections[0].text), lex)
    found = [replace(item, mentions=[_unslashed(mention, named) for mention in item.mentions]) for item in found]
    found = [
        _with_bare(item, reader, known, lengths, heads, alone=sections[item.section].where == "subject")
        for item in found
    ]
    news = [item for item in found if sections[item.section].news]
    several = len({target for item in news for mention in item.mentions for target in mention.targets}) > 1
    whole = whole_of(news, named, several=several, lex=lex)
    return [whole.judged(item, sections[item.section], lex) for item in _proven(found, lex)]


def _proven(found: list[Heard], lex: Lexicon) -> Iterator[Heard]:
    """`Заменили насос` is the end of the work where it or the next sentence says that it works now."""
    for item, follows in zip_longest(found, found[1:]):
        hits = item.hits
        if any(hit.proven and hit.counts for hit in hits):
            apart = follows is None or follows.mentions or follows.section != item.section
            told = [item.sentence] if apart or follows is None else [item.sentence, follows.sentence]
            shown = any(shows_all(each, lex) for each in told) and not any(holds_back(each, lex) for each in told)
            if not shown:
                hits = [replace(hit, reason=hit.reason or NOT_ALL) if hit.proven else hit for hit in hits]
        yield replace(item, hits=hits)


def _of_question(item: Heard, reader: NumberReader) -> Iterator[Heard]:
    """A question that was answered with yes tells one status, of the request that the answer is about."""
    if len({hit.status for hit in item.hits}) == 1 and not reader.keyed(item.sentence.text, ()):
        yield item


def _of_row(row: Row, item: Heard, reader: NumberReader, open_numbers: Collection[str]) -> Heard:
    """A sentence in a table: its cells name the requests, and only the cell under the right head tells a status."""
    start = item.sentence.start
    cells = row.within(start, start + len(item.sentence.text))
    apart = bool(cells) or row.silent
    hits = [
        hit if row.tells(start + hit.start) else replace(hit, reason=hit.reason or OTHER_COLUMN) for hit in item.hits
    ]
    mentions = cells if apart else reader.keyed(item.sentence.text, open_numbers)
    return replace(item, mentions=mentions, hits=hits, row=apart)


def _of_the_only(found: list[Heard], named: Collection[str]) -> Iterator[Heard]:
    """Positions told before the one request that the letter names are its own."""
    waiting = len(named) == 1
    for item in found:
        mentions = item.mentions
        if waiting and mentions and (waiting := all(mention.is_position for mention in mentions)):
            mentions = [
                replace(
                    mention, targets=tuple((request, position) for request in named for _, position in mention.targets)
                )
                for mention in mentions
            ]
        yield replace(item, mentions=mentions)


def _heading(title: str, lex: Lexicon) -> set[str]:
    """The numbers that a subject begins with: named again in the text they are requests'."""
    found = _TITLE.match(title)
    if found is None or lex["labels"].fullmatch(found[2]) or lex["soft_unit"].fullmatch(found[2]):
        return set()
    return {number for number in _DIGITS.findall(found[1]) if not YEAR.match(number)}


def _list_heads(found: list[Heard], lex: Lexicon) -> set[int]:
    """How many digits the numbers have that begin several sentences, at least one of which tells a status; or that
    stand below a heading like `Выполнены заявки:`.
    """
    heads: dict[int, list[Heard]] = {}
    below: set[int] = set()
    headed = False
    for item in found:
        if head := _HEAD.match(item.sentence.text):
            heads.setdefault(len(head[1]), []).append(item)
            below |= {len(head[1])} if headed else set()
        headed = item.sentence.text.rstrip().endswith(":") and lex["request"].search(item.sentence.text) is not None
    return below | {size for size, items in heads.items() if len(items) > 1 and any(item.hits for item in items)}


def _unslashed(mention: Mention, named: Collection[str]) -> Mention:
    """`82/83` are two requests where 83 is named as one elsewhere."""
    if mention.is_position or not any(position in named for _, position in mention.targets):
        return mention
    targets: dict[Target, None] = {}
    for request, position in mention.targets:
        apart = position is not None and position in named
        targets |= {(request, None): None, (position or "", None): None} if apart else {(request, position): None}
    return replace(mention, targets=tuple(targets))


def _as_written(item: Heard, section: Section, known_as: dict[str, str]) -> Iterator[Mention]:
    """Numbers that have letters: not folded, but as a known request or the letter writes them."""
    for mention in item.mentions:
        targets = []
        for request, position in mention.targets:
            at = item.sentence.start + item.sentence.text.find(request, mention.start)
            targets.append((known_as.get(request) or section.text[at : at + len(request)], position))
        yield replace(mention, targets=tuple(targets))


def _with_bare(
    item: Heard,
    reader: NumberReader,
    open_numbers: Collection[str],
    lengths: Collection[int],
    heads: Collection[int],
    *,
    alone: bool,
) -> Heard:
    """The sentence with the numbers that no word calls a request's. alone: it is a subject."""
    bare = () if item.row else reader.bare(item.sentence.text, item.mentions, open_numbers, lengths, heads, alone=alone)
    return replace(item, mentions=sorted([*item.mentions, *bare], key=lambda mention: mention.start))


def _decide(
    sections: list[Section], heard: list[Heard], account: Account, lex: Lexicon
) -> tuple[Outcome, tuple[Update, ...], str]:
    unclear = any(mention.unsure and len(mention.targets) > 1 for item in heard for mention in item.mentions)
    several = len({request for item in heard for mention in item.mentions for request, _ in mention.targets}) > 1
    if any(asks_which(item, lex, several=several) for item in heard if sections[item.section].news):
        return "triage", (), ASKS_WHICH
    told = _folded(account)
    named = {request for request, _ in told}
    if named and any(corrects_number(item, named) for item in heard if sections[item.section].news):
        return "triage", (), UNCLEAR_REQUEST
    named_in_text = any(item.mentions for item in heard if item.section > 0)
    any_status = any(hit.counts for item in heard for hit in item.hits)
    if not any_status and not named_in_text and _is_away(fold(sections[1].text[:1500]), lex):
        return "ignore", (), AWAY
    if unclear or account.unclear_request:
        return "triage", (), UNCLEAR_REQUEST
    if not told and not any_status and len(ahead := set(_ahead(heard, lex))) == 1:
        return "note", tuple(Update(*target, None) for target in ahead), NOT_YET
    if not told:
        if not any(section.text.strip() for section in sections[1:]):
            return "triage", (), EMPTY
        return "triage", (), NO_NUMBER if any_status else NOTHING
    return _of_known(told, heard, account, lex)


def _ahead(heard: list[Heard], lex: Lexicon) -> Iterator[Target]:
    """The requests that something is to follow: `когда закончим по заявке 101, пришлю акт`."""
    for item in heard:
        for mention in item.mentions:
            if mention.reason == NOT_THIS_ONE and lex["once"].search(item.sentence.text, 0, mention.start):
                yield from mention.targets


def _is_away(text: str, lex: Lexicon) -> bool:
    """The writer is away; a crew on leave, with a question what to do, is a person's letter."""
    found = lex["away"].search(text)
    return found is not None and not (lex["crew"].search(text[: found.start()]) and "?" in text)


def _of_known(
    told: dict[Target, list[str]], heard: list[Heard], account: Account, lex: Lexicon
) -> tuple[Outcome, tuple[Update, ...], str]:
    silent = tuple(Update(request, position, None) for request, position in told)
    if account.one_of_several:
        return "triage", (), UNCLEAR_STATUS
    if account.unclear_status:
        return "note", silent, UNCLEAR_STATUS
    updates = tuple(Update(request, position, _last(statuses, lex)) for (request, position), statuses in told.items())
    if any(update.status for update in updates):
        return "update", tuple(update for update in updates if update.status or _named(update, account)), READ
    if any(told.values()):
        return "note", silent, CONTRADICTION
    return "note", silent, NOT_YET if any(item.hits for item in heard) else NO_STATUS


def _named(update: Update, account: Account) -> bool:
    """The text speaks of it, not just the subject of a letter that goes on about another request."""
    return (update.request, update.position) in account.spoken


def _last(statuses: list[str], lex: Lexicon) -> str | None:
    """The furthest stage told; None when what is told cannot all be true."""
    flow = [status for status in statuses if status in lex.place]
    ends = {status for status in statuses if status not in lex.place}
    if not ends:
        return max(flow, key=lambda status: lex.place[status], default=None)
    if len(ends) > 1 or (flow and (ends != {CANCELLED} or statuses[-1] != CANCELLED)):
        return None
    return ends.pop()


def _folded(account: Account) -> dict[Target, list[str]]:
    """What was told of a request as a whole belongs to the positions it was named with."""
    told = {target: list(statuses) for target, statuses in account.told.items()}
    if len(told) == 1 and account.loose:
        only = next(iter(told))
        told[only] = account.loose + told[only]
    for request, position in list(told):
        places = [target for target in told if target[0] == request and target[1] is not None]
        if position is not None or not places:
            continue
        whole = told.pop((request, None))
        for place in places:
            if len(places) == 1 or not told[place]:
                told[place] = whole + told[place]
    return told
