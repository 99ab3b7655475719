"""Tables in a letter: a row's numbers and statuses mean what the heads of their columns say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.numbers import Mention
from core.letters.patterns import fold
from core.letters.sentences import with_ends

_CELL: Final = re.compile(r"(?:^|(?<=\|))[^|]*")
_GAPS: Final = {
    " {2,}": re.compile(r"(?<=\S) {2,}(?=\S)"),
    ";": re.compile(r"(?<=\S);|;(?=\S)"),
}
"""What parts the cells of a table without bars, and how it is known."""
_RULE: Final = re.compile(r"[\s|+:=_-]+$")
_COUNTER: Final = re.compile(r"п/п|з/п|п\.\s?п|^\s*(?:№№?|#|n|no\.?)\s*$")
_NUMBER_HEAD: Final = re.compile(r"\s*(?:№№?|#|n|no\.?|nr\.?|номер|number|id)\s*$")
_STATUS_HEAD: Final = re.compile(
    r"\s*(?:(?:наш|текущий|поточний|новый|новий|актуальный|current|new|our)\s)?"
    r"(?:статус|стан|состояни[ея]|status|state|progress|результат|result|отметка|відмітка|ответ|відповідь|решение|"
    r"рішення|ход (?:работ|выполнения)|хід (?:робіт|виконання)|выполнение|виконання|что сделано|що зроблено|стало|"
    r"факт(?:ически|ично)?|actual)"
    r"(?:\s(?:заяв|запит|работ|робіт|позиц|выполн|викон|на |as of|of )[^|]{0,30})?[\s:]*$"
)
_OLD_HEAD: Final = re.compile(
    r"(?<!\w)(?:было|було|прежн|предыдущ|попередн|стар(?:ый|ий)|до этого|план|запланир|previous|old|before|was|planned)"
)
_WHEN_HEAD: Final = re.compile(r"\s*(?:время|час|дата|когда|коли|time|date|when)(?:[\s/]|$)")
_OF_REQUEST: Final = re.compile(
    r"статус|стан|состоян|дата|тема|опис|предмет|тип|адрес|автор|кто|хто|время|час|отправ|содерж|зміст|"
    r"status|state|date|time|subject|descr|type|from|name|text|title"
)
_OURS: Final = re.compile(r"(?<!\w)(?:наш|внутр|исполнит|виконав|подряд|підряд|our|internal|contractor|vendor)")
_YOURS: Final = re.compile(r"(?<!\w)(?:ваш|заказчик|замовник|your|customer|client)")
_TOTAL: Final = re.compile(r"\s*(?:всего|итого|усього|разом|всього|total)(?!\w)")
_WHOLE: Final = re.compile(r"\s*(?:-|все|всі|усі|all)?\s*$")
_TITLE: Final = re.compile(r"[^.!?]{0,30}$")
_NUMBER: Final = r"\d{1,12}(?:-\d{1,8}){0,2}"
_AND: Final = r"\s*(?:[,;&+]|\s(?:и|і|й|та|and)\s)\s*"
_ASIDE: Final = r"\s*(?:[.)]|(?:\(|-\s|,\s)[^|]{0,60}|\s[^\W\d][^|\d]{0,60})?\s*$"
_SHORTEST: Final = 3
_LONGEST_ROW: Final = 300
_LONGEST_RANGE: Final = 30
_MOST_COLUMNS: Final = 40
_MOST_LINES: Final = 300
"""More sentences of a letter are not read either."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; offsets in the text. status: where statuses count in it, None for everywhere."""

    start: int
    end: int
    mentions: tuple[Mention, ...] = ()
    status: tuple[int, int] | None = None

    def within(self, start: int, end: int) -> list[Mention]:
        """What it names between two offsets, with offsets from the first."""
        return [
            replace(mention, start=mention.start - start, end=mention.end - start)
            for mention in self.mentions
            if start <= mention.start and mention.end <= end
        ]

    @property
    def silent(self) -> bool:
        """Nothing in it counts, numbers neither: a head, a sum, a row of nobody knows what."""
        return self.status is not None and self.status[0] == self.status[1]

    def tells(self, at: int) -> bool:
        """Whether a status at this offset counts."""
        return self.status is None or self.status[0] <= at < self.status[1]


class Rows:
    """The rows of a text, asked for in order."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows
        self._next = 0

    def at(self, offset: int) -> Row | None:
        """The row around an offset, which is not before that of the call before; None outside of tables."""
        while self._next < len(self._rows) and self._rows[self._next].end <= offset:
            self._next += 1
        row = self._rows[self._next] if self._next < len(self._rows) else None
        return row if row is not None and row.start <= offset else None


def tables_of(text: str, words: Lexicon, *, of_requests: bool = False) -> tuple[str, Rows]:
    """A section's folded text, with bars between the cells of its tables, of the same length; and their rows.

    `of_requests`: it has been said before that the letter is about requests.
    """
    folded = fold(with_ends(text))
    table = Table(words, of_requests=of_requests)
    barred = table.with_bars(folded)
    return barred, Rows(table.rows(barred) if "|" in barred else [])


@dataclass(frozen=True, slots=True)
class _Head:
    """The columns of a table: places of the requests, the positions and the status; None where there is none.

    things: the rows are of things that no column numbers, so that a status in one is not that of the request.
    bare: a word like `Номер` heads the requests, and only long numbers are some.
    """

    request: int | None = None
    position: int | None = None
    status: int | None = None
    columns: int = 0
    things: bool = False
    bare: bool = False


class Table:
    """Reads the tables of one text."""

    def __init__(self, words: Lexicon, *, of_requests: bool = False) -> None:
        self._words = words
        number = words.words.number_pattern or _NUMBER
        request = rf"(?:(?:заявка|запит|запрос|request|req)\s?-?\s?)?(?:№№?|#|n)?\s?(?:{number})(?:\s?/\s?\d{{1,4}})?"
        position = r"(?:(?:позици[яи]|позиці[яї]|поз\.?|position|pos\.?|item|п\.?|№|#)\s?)?\d{1,4}"
        self._requests = re.compile(rf"\s*({request}(?:{_AND}{request}){{0,20}}){_ASIDE}", re.IGNORECASE)
        self._request = re.compile(rf"(?P<number_>{number})(?:\s?/\s?(?P<position_>\d{{1,4}}))?", re.IGNORECASE)
        self._positions = re.compile(rf"\s*({position}(?:(?:{_AND}|\s?-\s?){position}){{0,20}}){_ASIDE}")
        self._of_requests = of_requests

    def with_bars(self, text: str) -> str:
        """The text with ` | ` between the cells of tables made with spaces or semicolons; of the same length."""
        if "  " not in text and ";" not in text:
            return text
        lines = text.split("\n")
        inside = ""
        for place, line in enumerate(lines[:_MOST_LINES]):
            if "|" in line or _RULE.match(line):
                continue
            gaps = next((gap for gap, mark in _GAPS.items() if mark.search(line)), "")
            if not gaps or len(line) > _LONGEST_ROW:
                inside = ""
            elif self._opens(line, gaps):
                inside = gaps
            if inside and gaps == inside:
                lines[place] = re.sub(gaps, lambda gap: "|".ljust(len(gap[0])), line)
        return "\n".join(lines)

    def _opens(self, line: str, gap: str) -> bool:
        """A line is the head of a table whose cells this gap parts."""
        cells = re.split(gap, line.strip())
        if any(map(str.isdigit, line)):
            return self._across(cells) is not None
        if self._head(cells) is not None:
            return True
        return "; " not in line and self._words["request"].search(line) is not None

    def rows(self, text: str) -> list[Row]:
        """The rows of the tables in a text, in order: those under a head that says what stands in them."""
        found: list[Row] = []
        table: list[Row] = []
        head: _Head | None = None
        across: tuple[tuple[str, str | None] | None, ...] = ()
        start = 0
        for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
            end = start + len(line)
            cells = [cell.span() for cell in _CELL.finditer(line)] if "|" in line else []
            if len(cells) < 2 or len(cells) > _MOST_COLUMNS or len(line) > 4 * _LONGEST_ROW:
                if not _RULE.match(line) or not line:
                    found += self._settled(table, head, text)
                    table, head, across = [], None, ()
                    self._of_requests = self._of_requests or self._words["request"].search(line) is not None
            elif not _RULE.match(line):
                texts = [line[low:high] for low, high in cells]
                if (columns := self._across(texts)) is not None:
                    across = columns
                elif across:
                    table.append(Row(start, end, tuple(self._below(start, cells, texts, across))))
                elif (new := self._head(texts)) is not None:
                    found += self._settled(table, head, text)
                    table, head = [], new
                    found.append(Row(start, end, status=(end, end)))
                elif head is not None:
                    table.append(self._row(head, start, end, cells, texts))
            start = end + 1
        return found + self._settled(table, head, text)

    def _head(self, cells: list[str]) -> _Head | None:
        """What a row says of the columns below; None for a row that is no head."""
        named = [place for place, cell in enumerate(cells) if self._words["request"].search(cell)]
        requests = [place for place in named if not _OF_REQUEST.search(cells[place])] or [
            place for place in named if not _STATUS_HEAD.match(cells[place])
        ]
        if len(requests) > 1:
            apart = [place for place in requests if not _OURS.search(cells[place])]
            requests = [place for place in apart if _YOURS.search(cells[place])] or apart
        positions = [
            place
            for place, cell in enumerate(cells)
            if self._words["position"].search(cell) and not _COUNTER.search(cell) and place not in named
        ]
        statuses = [
            place for place, cell in enumerate(cells) if _STATUS_HEAD.match(cell) and not _OLD_HEAD.search(cell)
        ]
        numbers = [place for place, cell in enumerate(cells) if _NUMBER_HEAD.match(cell)]
        digits = [any(map(str.isdigit, cell)) for cell in cells]
        if any(found for place, found in enumerate(digits) if place not in statuses):
            return None
        told = [place for place, cell in enumerate(cells) if self._words.stages_in(cell) and place not in statuses]
        stages = {self._words.stages_in(cells[place])[0][0] for place in told}
        if len(stages) > 1 and len(cells) > 2 and all(_TITLE.match(cell) for cell in cells):
            return _Head(columns=len(cells), things=True)
        if told or not (requests or positions or (statuses and len(cells) > 1)):
            return None
        bare = not requests and not positions and self._of_requests and len(numbers) == 1
        request = numbers[0] if bare else requests[0] if len(requests) == 1 else None
        position = positions[0] if positions else None
        timed = any(_WHEN_HEAD.match(cell) for cell in cells)
        things = (request is None and position is None and not timed) or len(requests) > 1
        return _Head(request, position, statuses[0] if len(statuses) == 1 else None, len(cells), things, bare)

    def _row(self, head: _Head, start: int, end: int, cells: list[tuple[int, int]], texts: list[str]) -> Row:
        mentions: list[Mention] = []
        nothing = (end, end)
        status: tuple[int, int] | None = None
        if head.status is not None and head.columns == len(cells):
            low, high = cells[head.status]
            status = (start + low, start + high)
        if any(_TOTAL.match(text) for text in texts[:2]):
            return Row(start, end, status=nothing)
        placed = False
        if head.request is not None and head.request < len(cells) and texts[head.request].strip(" -"):
            named = list(self._named(start + cells[head.request][0], texts[head.request], head))
            placed = any(position for mention in named for _, position in mention.targets)
            mentions += named
        if head.position is not None and head.position < len(cells) and not placed:
            text = texts[head.position]
            low = start + cells[head.position][0]
            if position := self._positions.match(text):
                targets = tuple(("", number) for number in _spread(position[1]))
                mentions.append(Mention(low + position.start(1), low + position.end(1), targets))
            elif not _WHOLE.match(text) or head.request is None:
                status = nothing
        return Row(start, end, tuple(sorted(mentions, key=lambda mention: mention.start)), status)

    def _named(self, base: int, text: str, head: _Head) -> Iterator[Mention]:
        """The requests of a cell. One with something else in it leaves open of what the row speaks."""
        found = self._requests.match(text)
        numbers = list(self._request.finditer(found[1])) if found else []
        if not found or (head.bare and any(len(number["number_"]) < _SHORTEST for number in numbers)):
            start = base + len(text) - len(text.lstrip())
            yield Mention(start, base + len(text.rstrip()), ((text.strip(), None),), unsure=True)
            return
        targets = tuple((number["number_"], number["position_"]) for number in numbers)
        yield Mention(base + found.start(1), base + found.end(1), targets)

    def _across(self, cells: list[str]) -> tuple[tuple[str, str | None] | None, ...] | None:
        """A row that numbers the columns: `Позиция | 1 | 2`; what each column is of."""
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) < 3 or any(map(str.isdigit, filled[0])):
            return None
        of_position = self._words["position"].search(filled[0]) is not None and not _COUNTER.search(filled[0])
        if not of_position and self._words["request"].search(filled[0]) is None:
            return None
        columns: list[tuple[str, str | None] | None] = []
        for cell in cells:
            number = re.fullmatch(r"\s*(?:№|#)?\s?(\d{1,8})\s*", cell)
            columns.append((("", number[1]) if of_position else (number[1], None)) if number else None)
        return tuple(columns) if sum(column is not None for column in columns) == len(filled) - 1 else None

    def _below(
        self,
        start: int,
        cells: list[tuple[int, int]],
        texts: list[str],
        columns: tuple[tuple[str, str | None] | None, ...],
    ) -> Iterator[Mention]:
        """What the cells under numbered columns are of, where they tell a status."""
        for (low, high), text, target in zip(cells, texts, columns, strict=False):
            if target is not None and high > low and self._words.stages_in(text):
                yield Mention(start + low, start + low + 1, (target,))

    def _settled(self, table: list[Row], head: _Head | None, text: str) -> list[Row]:
        """Rows of things that nothing numbers tell of the request only where they all say the same."""
        if head is None or not head.things:
            return table
        if any(self._words["request"].search(text, row.start, row.end) for row in table):
            return table
        told = [found[0] if (found := self._words.stage.search(text, *_bounds(row))) else "" for row in table]
        if len(set(told)) == 1:
            return table
        return [replace(row, status=(row.end, row.end)) for row in table]


def _bounds(row: Row) -> tuple[int, int]:
    return row.status or (row.start, row.end)


def _spread(listed: str) -> Iterator[str]:
    """The positions of a cell: `1, 3`, `2-4`."""
    last: str | None = None
    for found in re.finditer(r"(?P<dash>-\s?)?\D*?(?P<number>\d{1,4})", listed):
        number = found["number"]
        if found["dash"] and last is not None and 0 < int(number) - int(last) <= _LONGEST_RANGE:
            yield from map(str, range(int(last) + 1, int(number)))
        yield number
        last = number
