"""Which requests and positions a sentence names, and which of its numbers are something else.

A number counts when a word says what it is (`заявка 101`, `REQ-101`, `№101`, `поз. 12`), when it is one of the open
requests, or when it stands where such letters put it (`101/12 на месте`, a list after `Заявки:`).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.ordinals import ORDINAL_ALONE, ORDINAL_JOINED, SPELLED, spelled_out
from core.letters.passing import Passing
from core.letters.patterns import expression
from core.letters.places import YEAR, Place, recent
from core.letters.quantities import ACCOUNT, DATE, OF_THAT, PHONE, SHORT_RANGE, Quantities
from core.text import N_

ANOTHERS_NUMBER: Final = N_("It is the number of something else.")
NOT_THIS_ONE: Final = N_("It is mentioned as another request.")
QUANTITY: Final = N_("It is a time, a date, a sum or a quantity.")

_CORE: Final = r"\d{1,12}(?:-\d{1,8}){0,2}(?:\s?/\s?\d{1,4}(?!\d))?"
_TAIL: Final = (
    r"(?:-?(?:я|й|ю|ой|ая|ую|ей|го|му|та|ту|тій|ій|ої|th|st|nd|rd)(?!\w))?"
    r"(?!\w)(?!\s?[×*хx]\s?\d)(?![.:]\d)(?!,\d{1,2}(?!\d))(?![-/]\d)"
)
_NUMBER: Final = re.compile(_CORE + _TAIL)
_BARE: Final = re.compile(r"(?<![\w.,:/№#+$€₴₽×*-])(?<![×*хx] )" + _CORE + _TAIL)
_LABEL: Final = r"(?:номерами|номером|номери|номера|номер|ном\.?|numbers?|num\.?|no\.?|nr\.?|nn\.?|n[oо]?\.?|н\.|id)"
_GAP: Final = (
    r"(?:[\s.:№#\"'(\[|=*_-]{1,6}(?:(?:за |под |під |with |with the )?" + _LABEL + r"[\s.:№#\"'(*_-]{0,4})?"
    r"|(?=\d))"
)
_EITHER: Final = (
    r",?\s(?:то ли|чи то|(?:а )?(?:может|може)(?: быть| бути)?,?|(?:or )?(?:maybe|perhaps)|или|либо|чи|або|or)\s"
)
"""Between two numbers of which one is meant."""
_NEXT: Final = re.compile(
    rf"(?P<by>{_EITHER}(?:(?:по |for )?(?:заяв\w+|запит\w*|requests?)\s)?|"
    r"\s*,\s*(?:и|і|та|and|а также)\s|\s*[,;+&]|\s(?:и|і|й|та|and)\s)\s*"
    r"(?:(?:№№?|#|n\.?|no\.?|поз\.?|п\.)\s?)?(?=\d)"
)
_RANGE: Final = re.compile(r"\s*(?:-|\.{2,3}|…)\s*(?:№\s?)?(?=\d)|\s(?:по|до|to|through)\s(?:№\s?|req-?\s?)?(?=\d)")
_OR: Final = re.compile(_EITHER)
_ONE_OR: Final = re.compile(rf"(?<![\w.,:/№#-])({_CORE})(?:-?(?:я|й|ю|ой|ая|ую|ей|му|та|ту|тій|ій|ої))?{_EITHER}$")
"""`424 чи 425 заявка`."""
_SPACED: Final = re.compile(r" \d{3}(?![\d:./-])")
_FOR: Final = re.compile(r"(?<!\w)(?:по|щодо|за)\s+(?:вашей |вашій )?$")
_BEFORE_COUNT: Final = re.compile(r"(?:для|из|с|со|по|к|от|на|з|із|зі|від|до|за|for|of|on|from)\s+$")
_CLOSE_LIST: Final = re.compile(r"\d{1,4}(?:,\d{1,4})+(?![\d,])")
"""`позиции 1,2`: no decimal after a plural."""
_SLASH_RANGE: Final = re.compile(r"(\d{3,8})\s?/\s?(\d{1,3})\s?-\s?(\d{1,3})(?![\d/-])")
"""`2045/1-3`: positions of one request."""
_MANY: Final = re.compile(r"(?:[иі]й|[яа]ми?|[яа]х|ок|ів|ов|s)$")
"""A plural that is no singular as well."""
_NEXT_BARE: Final = re.compile(r"\s*(?:[,;&+]|(?:и|і|та|and)(?= ))\s*")
_SHORTEST: Final = 3
_COUNTED: Final = re.compile(
    r"(?<!\w)(?:по|на)\s(\d{1,3})\s(?:позиции|позиції|позицию|позицію|пункту|пункт)(?!\w)|"
    r"(?<![\w.,:/-])(\d{1,3})\s(?:позиция|позиція)(?!\w)"
)
"""`по 2 позиции`, `1 позиция`: which one, and not how many."""
_ABBREVIATED: Final = 4
_LONGEST_RANGE: Final = 30
_OWN_NUMBER: Final = re.compile(r"(?<![\d.:])\d{2,}(?![.:]?\d)")
"""No part of a date."""
_DIGITS: Final = re.compile(r"\d+")
_MOST: Final = 60
"""A sentence with more numbers than this is a list of something, and not read."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Numbers named together. Offsets within the sentence.

    targets: (request, position) pairs; of a position alone the request is empty.
    reason: why it does not count; empty if it does. unsure: "101 or 102". keyed: a word said that it is a request.
    """

    start: int
    end: int
    targets: tuple[tuple[str, str | None], ...]
    reason: str = ""
    unsure: bool = False
    keyed: bool = True

    @property
    def is_position(self) -> bool:
        """Only positions, of a request named elsewhere."""
        return bool(self.targets) and not self.targets[0][0]


class NumberReader:
    """Finds mentions, going by one vocabulary."""

    def __init__(self, words: Lexicon) -> None:
        vocabulary = words.words
        self.words = words
        self.units = Quantities(words)
        own = vocabulary.number_pattern
        self._own = (
            re.compile(
                rf"(?<![\w/№#])(?:(?:№№?|#|no\.?)\s?)?(?P<number_>{own})(?:\s?/\s?(?P<position_>\d{{1,4}}))?(?![\w/]|-\w|[.:,]\d)",
                re.IGNORECASE,
            )
            if own
            else None
        )
        self._request = re.compile(
            rf"(?<!\w)(?P<word>{expression(vocabulary.request)})(?P<gap>{_GAP}|,\s(?=(?:с|з|із|from)\s\d+\s(?:по|до|to)\s\d))(?P<range>(?:с|со|з|із|from)\s)?(?=\d)"
        )
        self._signed = re.compile(rf"(?<![\w№#/])(?:№№?|#|{_LABEL}(?!\w))\s*(?=\d)")
        self._position = re.compile(
            rf"(?<!\w)(?P<word>{expression(vocabulary.position)})\.?(?P<gap>{_GAP})(?:(?:с|со|з|із|from) )?(?=\d)"
        )
        self._ordinal = re.compile(
            r"(?<![\w.,:/-])(\d{1,4})()-?(?:я|й|ю|ой|ая|ую|ей|му|та|ту|тій|ій|ої|th|st|nd|rd)\s(?:позици|позиці|пункт|position|item)\w*"
        )
        self._reversed = re.compile(
            rf"(?<![\w.,:/№#-])({_CORE})(?P<ordinal>-?(?:я|й|ю|ой|ая|ую|ей|му|та|ту|тій|ій|ої))?\s(?:заявк[аеуиоі][йюм]?|заявц[іе]|запит[уі]?|запитом|request)(?!\w)"
        )
        self._passing = Passing(words)
        self._before_number = re.compile(rf"(?<!\w)(?:{expression(vocabulary.before_number)})$")

    def keyed(self, text: str, open_numbers: Collection[str]) -> list[Mention]:
        """What the sentence names with a word or a sign before the number, in order."""
        if len(_DIGITS.findall(text)) > _MOST:
            return []
        taken: list[Mention] = list(self._own_numbers(text)) if self._own else []
        for mention in self._all_keyed(text, open_numbers):
            if self._own and not mention.is_position:
                continue
            if not any(mention.start < other.end and other.start < mention.end for other in taken):
                taken.append(mention)
        return sorted(taken, key=lambda mention: mention.start)

    def _own_numbers(self, text: str) -> Iterator[Mention]:
        """The numbers of the company's own form; "one or the other" leaves open which."""
        last: Mention | None = None
        for found in self._own.finditer(text) if self._own else ():
            mention = Mention(found.start(), found.end(), ((found["number_"], found["position_"]),))
            if self.units.follows(text, found.end(), soft=False, number=found[0]):
                mention = _aside(mention, QUANTITY)
            mention = self._judged(text, self._if_of_request(text, mention), "") if not mention.reason else mention
            if last and _OR.fullmatch(text[last.end : mention.start]):
                last = Mention(last.start, mention.end, last.targets + mention.targets, unsure=True)
                continue
            if last:
                yield last
            last = mention
        if last:
            yield last

    def _all_keyed(self, text: str, open_numbers: Collection[str]) -> Iterator[Mention]:
        for found in self._position.finditer(text):
            yield from self._positions(text, found)
        for found in (*self._ordinal.finditer(text), *_COUNTED.finditer(text)):
            yield Mention(found.start(), found.end(), (("", _plain(found[1] or found[2])),))
        spelled = False
        for found in SPELLED.finditer(text):
            spelled = True
            yield Mention(found.start(), found.end(), (("", spelled_out(found[1])),))
        alone = (*ORDINAL_ALONE.finditer(text), *ORDINAL_JOINED.finditer(text)) if spelled else ()
        for found in alone:
            yield Mention(found.start(), found.end(), (("", spelled_out(found[1])),))
        for found in self._request.finditer(text):
            plural = self.words["request_plural"].fullmatch(found["word"]) is not None
            yield from self._requests(text, found.start(), found.end(), open_numbers, plural=plural, word=found["word"])
        yield from self._ahead_of_the_word(text, open_numbers)
        for found in self._signed.finditer(text):
            for mention in self._requests(text, found.start(), found.end(), open_numbers, plural=True, word=""):
                yield self._if_of_request(text, mention)

    def _ahead_of_the_word(self, text: str, open_numbers: Collection[str]) -> Iterator[Mention]:
        """`101 заявка`."""
        for found in self._reversed.finditer(text):
            if either := _ONE_OR.search(text, 0, found.start()):
                targets = (*_targets(either[1], open_numbers), *_targets(found[1], open_numbers))
                yield Mention(either.start(), found.end(), targets, unsure=True)
                continue
            asked = len(found[1]) == 2 and _FOR.search(text[: found.start()]) is not None
            if (len(found[1]) >= 3 or found["ordinal"] or asked) and not self.units.follows(
                text, found.end(1), soft=False
            ):
                yield self._judged(text, Mention(found.start(), found.end(), _targets(found[1], open_numbers)), "")

    def _requests(
        self, text: str, start: int, at: int, open_numbers: Collection[str], *, plural: bool, word: str
    ) -> Iterator[Mention]:
        numbers, end, unsure = self._list(text, at, open_numbers, plural=plural, word=word)
        if not numbers:
            return
        is_date = DATE.match(numbers[0]) is not None and "/" in text[at:end]
        if is_date or self.units.follows(text, end, soft=False, number=numbers[-1]):
            yield Mention(start, end, (), QUANTITY)
            return
        targets: list[tuple[str, str | None]] = []
        for number in numbers:
            (request, position), *more = _targets(number, open_numbers)
            if targets and position is None and targets[-1][1] is not None and len(request) < len(targets[-1][0]):
                request, position = targets[-1][0], request
            targets += [(request, position), *more]
        yield self._judged(text, Mention(start, end, tuple(dict.fromkeys(targets)), unsure=unsure), word)

    def _list(
        self, text: str, at: int, open_numbers: Collection[str], *, plural: bool, word: str = ""
    ) -> tuple[list[str], int, bool]:
        """The numbers from an offset on after a word, where they end, and whether an "or" stands between them."""
        many = _MANY.search(word) is not None
        if plural and (close := _CLOSE_LIST.match(text, at)):
            return close[0].split(","), close.end(), False
        if spread := _SLASH_RANGE.match(text, at):
            positions = _range(spread[2], spread[3])
            if positions:
                return [f"{spread[1]}/{position}" for position in positions], spread.end(), False
        first = _NUMBER.match(text, at)
        if first is None:
            return [], at, False
        if _SPACED.match(text, first.end()) and not plural and _plain(first[0]) not in open_numbers:
            return [], at, False
        numbers, end, unsure = self._spread(text, first, open_numbers, plural=plural)
        while (by := _NEXT.match(text, end) or (_SPACED.match(text, end) if plural else None)) is not None:
            begin = by.end() if by.re is _NEXT else by.start() + 1
            number = _NUMBER.match(text, begin)
            if number is None or not self._goes_on(
                text, numbers[0], number, plural=plural, more=many and len(numbers) == 1
            ):
                break
            unsure = unsure or _OR.search(by[0]) is not None
            more, end, _ = self._spread(text, number, open_numbers, plural=plural)
            numbers += more
        return numbers, end, unsure

    def _spread(
        self, text: str, first: re.Match[str], open_numbers: Collection[str], *, plural: bool
    ) -> tuple[list[str], int, bool]:
        """One number, or the range that it opens. `101-103` is a range only in the plural; else one number."""
        number = _plain(first[0])
        low, dash, high = number.partition("-")
        if dash and plural and number not in open_numbers and (span := _range(low, high)):
            return span, first.end(), False
        by = _RANGE.match(text, first.end())
        last = _NUMBER.match(text, by.end()) if by else None
        if by and last and (plural or by[0].strip() != "-") and not self.units.follows(text, last.end(), soft=False):
            span = _range(number, _plain(last[0]), alike=by[0].strip() in {"-", "…"})
            return (span, last.end(), False) if span else ([number], first.end(), False)
        return [number], first.end(), False

    def _goes_on(self, text: str, first: str, number: re.Match[str], *, plural: bool, more: bool) -> bool:
        """A further number of the list is written like the first, and does not count something; `more`: a plural
        before the list wants one more."""
        value = _plain(number[0])
        alike = len(value) == len(first) > 2 or OF_THAT.match(text, number.end()) is not None
        if self.units.follows(text, number.end(), soft=not (alike or more)) or PHONE.match(text, number.start()):
            return False
        if "/" in first:
            return True
        own, other = len(first.split("/")[0]), len(value.split("/")[0])
        return abs(own - other) <= 1 if plural else own == other

    def _positions(self, text: str, found: re.Match[str]) -> Iterator[Mention]:
        word = found["word"]
        counted = word in {"позиций", "позицій"} and ":" not in found["gap"]
        if counted and not _BEFORE_COUNT.search(text[: found.start()]):
            return
        if word in {"п", "пп"} and "." not in found[0]:
            return  # `П-3`, `п 3`: the name of a thing, or nothing
        numbers, end, unsure = self._list(text, found.end(), (), plural=True, word=word)
        if not numbers:
            yield Mention(found.start(), found.end(), (("", ""),), unsure=True)
            return
        if any(len(number) > 4 for number in numbers) or self.units.follows(text, end, soft=False):
            return
        if re.match(r"\s?(?:договор|контракт|регламент|тз\b|плана|графика|правил|contract|agreement)", text[end:]):
            yield Mention(found.start(), end, (), ANOTHERS_NUMBER)
            return
        mention = Mention(found.start(), end, tuple(("", number) for number in numbers), unsure=unsure)
        yield self._judged(text, mention, "")

    def _judged(self, text: str, mention: Mention, word: str) -> Mention:
        """Put aside a request named in passing; `word`: the word before the number."""
        by_itself = mention.is_position or word.endswith(("ой", "ою", "ами"))
        passing = self._passing.names(text, mention.start, mention.end, left=not by_itself)
        return _aside(mention, NOT_THIS_ONE) if passing else mention

    def _if_of_request(self, text: str, mention: Mention) -> Mention:
        """`№55` after a noun is that noun's number, unless the noun is about the request."""
        before = text[: mention.start].rstrip(" :(\"'[-|,.=*")
        previous = re.search(r"[\w']+$", before)
        if previous and text[len(before) :].startswith(".") and "\n" not in text[len(before) : mention.start]:
            short = self._is_label(previous[0]) or len(previous[0]) <= _ABBREVIATED
            return _aside(mention, ANOTHERS_NUMBER) if short and not self._named(previous[0]) else mention
        if ACCOUNT.search(before[-60:]):
            return _aside(mention, ANOTHERS_NUMBER)
        if not previous or text[len(before) : mention.start].strip(" (\"'") in {",", ".", "|"}:
            return mention
        if self._is_label(previous[0]) or previous[0] in {"под", "під", "under"}:
            return _aside(mention, ANOTHERS_NUMBER)
        if self._before_number.search(before) or self.words.ends_stage(before[-60:]):
            label = re.search(r"([\w']+)\s+[\w']+$", before)
            labelled = label and self._is_label(label[1]) and not self._named(before)
            return _aside(mention, ANOTHERS_NUMBER) if labelled else mention
        return mention if self._named_alone(before[-80:]) else _aside(mention, ANOTHERS_NUMBER)

    def _is_label(self, word: str) -> bool:
        return self.words["labels"].fullmatch(word) is not None

    def _named_alone(self, before: str) -> bool:
        """A request that has no number yet: in `по заявке 101 смета № 18` it has."""
        named = list(self.words["request"].finditer(before))
        return bool(named) and _OWN_NUMBER.search(before, named[-1].end()) is None

    def _named(self, before: str) -> bool:
        return self.words["request"].search(before) is not None

    def bare(
        self,
        text: str,
        mentions: list[Mention],
        open_numbers: Collection[str],
        lengths: Collection[int],
        heads: Collection[int] = (),
        *,
        alone: bool,
    ) -> Iterator[Mention]:
        """Numbers without a word. lengths: how many digits the keyed ones of this letter have; heads: those that
        begin the lines of a list. alone: a subject.
        """
        if self._own or not 0 < len(_DIGITS.findall(text)) <= _MOST:
            return
        covered = [(mention.start, mention.end) for mention in mentions]
        covered += [phone.span() for phone in PHONE.finditer(text)]
        last = len(text)
        listed = any(mention.targets and not mention.is_position for mention in mentions)
        for found in _BARE.finditer(text):
            if any(start < found.end() and found.start() < end for start, end in covered):
                continue
            number = _plain(found[0])
            no_number = DATE.match(number) or (SHORT_RANGE.fullmatch(number) and number not in open_numbers)
            if no_number or self.units.follows(text, found.end(), soft=True, number=number):
                continue
            before = recent(text, found.start())
            if self.units.calls_or_drives(text, found.end(), before) or self.units.of_a_full_date(number, before):
                continue
            place = Place(self.words, text, found, alike=len(number) > 2 and len(number) in lengths)
            dated = number not in open_numbers and self.units.dated(number, before)
            if dated and not (place.alike and place.stage_follows):
                continue
            known = number in open_numbers or number.split("/")[0] in open_numbers
            follows = (
                _NEXT_BARE.fullmatch(text[last : found.start()]) is not None
                and len(number) in lengths
                and (place.ends or place.goes_on)
            )
            begins = follows or (
                place.first and len(number.split("/")[0]) in heads and (place.heads or not YEAR.match(number))
            )
            if begins or place.is_mention(number, lengths, known=known, alone=alone, listed=listed):
                last = found.end()
                listed, lengths = True, {*lengths, len(number.split("/")[0])}
                yield self._judged(
                    text, Mention(found.start(), found.end(), _targets(number, open_numbers), keyed=False), ""
                )
            elif (len(number) > 2 or len(number) in lengths) and place.is_stray():
                yield Mention(found.start(), found.end(), ((number, None),), unsure=True, keyed=False)


def _plain(number: str) -> str:
    """A number as written, without an ordinal's ending and spaces."""
    found = re.match(_CORE, number)
    return re.sub(r"\s", "", found[0]) if found else number


def _targets(number: str, open_numbers: Collection[str]) -> tuple[tuple[str, str | None], ...]:
    """Request and position of `2045/7`; `101/2025` is a number with its year, one that is open as it stands too;
    `5107/5108` are two requests.
    """
    plain = _plain(number)
    request, slash, position = plain.partition("/")
    if not slash or plain in open_numbers or YEAR.match(position):
        return ((plain, None),)
    if len(position) == len(request) >= _SHORTEST and position[0] != "0":
        return (request, None), (position, None)
    return ((request, position),)


def _range(low: str, high: str, *, alike: bool = True) -> list[str]:
    """The numbers of a range; `alike`: written with the same number of digits."""
    if not (low.isdigit() and high.isdigit()) or (alike and len(low) != len(high)):
        return []
    if not 0 < int(high) - int(low) <= _LONGEST_RANGE:
        return []
    return [str(number).zfill(len(low)) for number in range(int(low), int(high) + 1)]


def _aside(mention: Mention, reason: str) -> Mention:
    return Mention(mention.start, mention.end, mention.targets, reason, mention.unsure, mention.keyed)
