"""Tables in a letter: a row's numbers mean what the head of their column says."""

import re
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.numbers import Mention

_CELL: Final = re.compile(r"(?:^|(?<=\|))[^|]*")
_GAP: Final = re.compile(r"(?<=\S)(?: {2,}|;)(?=\S)|(?<=\S;)(?=;)")
_COUNTER: Final = re.compile(r"п/п|з/п|п\.\s?п|^\s*(?:№|#|n)\s*$")
_NUMBER: Final = r"\d{1,12}(?:-\d{1,8}){0,2}"
_LONGEST_ROW: Final = 300
_POSITION: Final = re.compile(r"\s*(\d{1,4})\s*$")


class Table:
    """Goes through a letter's lines and remembers the last head of a table."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words
        number = words.words.number_pattern or _NUMBER
        self._number = re.compile(
            rf"\s*(?:№|#|req-?)?\s*(?P<number_>{number})(?:\s?/\s?(?P<position_>\d{{1,4}}))?\s*$",
            re.IGNORECASE,
        )
        self._request: int | None = None
        self._position: int | None = None

    def with_bars(self, text: str) -> str:
        """The text with ` | ` between the cells of tables made with spaces or semicolons; of the same length."""
        if "  " not in text and ";" not in text:
            return text
        lines = text.split("\n")
        inside = False
        for place, line in enumerate(lines):
            if len(line) > _LONGEST_ROW or not (gaps := _GAP.search(line)):
                inside = False
            elif not any(map(str.isdigit, line)):
                inside = self._words["request"].search(line) is not None
            if inside and gaps:
                lines[place] = re.sub(r" {2,}|;", lambda gap: "|".rjust(len(gap[0])), line)
        return "\n".join(lines)

    def row(self, line: str) -> list[Mention]:
        """What a line names as a row of the table; empty for a head and for a line outside of one.

        A row under a head that names requests, with something else in that place, leaves open of what it speaks.
        """
        cells = list(_CELL.finditer(line))
        if len(cells) < 2:
            self._request = None
            return []
        if not any(char.isdigit() for char in line):
            self._read_head([cell[0] for cell in cells])
            return []
        if self._request is None or self._request >= len(cells):
            return []
        return self._mentions(cells, self._request)

    def _read_head(self, cells: list[str]) -> None:
        requests = [place for place, cell in enumerate(cells) if self._words["request"].search(cell)]
        positions = [
            place
            for place, cell in enumerate(cells)
            if self._words["position"].search(cell) and not _COUNTER.search(cell)
        ]
        self._request = requests[0] if requests else None
        self._position = positions[0] if positions and positions[0] != self._request else None

    def _mentions(self, cells: list[re.Match[str]], place: int) -> list[Mention]:
        found = self._number.match(cells[place][0])
        if found is None:
            start, end = cells[place].span()
            return (
                [Mention(start, end, ((cells[place][0].strip(), None),), unsure=True)]
                if cells[place][0].strip()
                else []
            )
        target = (found["number_"], found["position_"])
        mentions = [Mention(cells[place].start() + found.start("number_"), cells[place].end(), (target,))]
        if self._position is not None and self._position < len(cells) and not found["position_"]:
            cell = cells[self._position]
            if position := _POSITION.match(cell[0]):
                mentions.append(Mention(cell.start() + position.start(1), cell.end(), (("", position[1]),)))
        return mentions
