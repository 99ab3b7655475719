"""HTML of a letter to plain text, in one pass that stays linear on any input.

The standard library's `html.parser` goes back over unclosed comments and tags again and again; mail is written by
strangers, so this reads forward only. Quotations (`blockquote`) come out as `> ` lines, table cells are parted
by ` | `, what is struck through stands between `~~`, and what a mail program would not show is left out.
"""

import html
import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.letters.struck import MARK
from core.letters.styles import BLACK, SILENT, WHITE, Color, Style, alike, style_of

_INVISIBLE: Final = frozenset({"style", "script", "head", "title", "template", "noscript", "object", "svg"})
_STRUCK: Final = frozenset({"s", "del", "strike"})
_VOID: Final = frozenset(
    {"br", "hr", "img", "meta", "link", "input", "wbr", "col", "area", "base", "source", "embed", "param"}
)
_BLOCK: Final = frozenset(
    {
        "p", "div", "table", "tr", "ul", "ol", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6",
        "section", "article", "header", "footer", "form", "dl", "dt", "dd", "center", "address", "body", "html",
    }
)  # fmt: skip
_CLOSES_ITSELF: Final = frozenset({"p", "li", "tr", "td", "th", "dt", "dd", "option"})
_TABULAR: Final = frozenset({"table", "tr", "td", "th"})
_SPANS: Final = re.compile(r"""\s(colspan|rowspan)\s*=\s*["']?(\d{1,3})""", re.IGNORECASE)
_DEEPEST: Final = 50
_NAME: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:_-]{0,40})")
_TAG: Final = re.compile(r"""(?:[^"'<>]|"[^"<]*"|'[^'<]*')*>""")
_NAMES: Final = re.compile(r"""\s(class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SIGNATURE: Final = re.compile(
    r"""\s(?:class|id)\s*=\s*["']?[^"'>]{0,60}(?<![a-z])(?:gmail_signature(?!_prefix)|x?_?signature|applemailsignature|"""
    r"""ms-outlook-mobile-signature|protonmail_signature_block|moz-signature|signature_editor)(?![\w-])""",
    re.IGNORECASE,
)
"""How mail programs mark the signature that they add."""
_SELECTOR: Final = re.compile(r"\s*(?!$)([a-zA-Z][a-zA-Z0-9]{0,19})?([.#][\w-]{1,80})?\s*")
_LONG_REFERENCE: Final = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{7,});?")
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")
_LONGEST_TAG: Final = 8192
_MOST_LINES: Final = 5000
_LINE: Final = "________________"
_MOST_IN_CELL: Final = 8
"""Lines in one cell; with more it is no cell of a table but a letter, laid out."""
_MOST_SPANNED: Final = 20
_MOST_CELLS: Final = 60
_MOST_TAGS: Final = 6_000
"""No person writes more, and no mail program of a person's letter; what stands beyond is not read."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees of an HTML letter, as lines of text.

    marked: words are struck through or hidden, which a plain text of the same letter may not tell.
    """

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class _Look:
    """How words look that are written now: what an element hands on to those within."""

    color: Color = BLACK
    background: Color = WHITE
    tiny: bool = False
    clear: bool = False

    def within(self, style: Style) -> "_Look":
        if style is SILENT:
            return self
        return _Look(
            style.color if style.colored else self.color,
            style.background if style.background or style.pictured else self.background,
            self.tiny if style.tiny is None else style.tiny,
            self.clear if style.sees_through is None else style.sees_through,
        )

    @property
    def unseen(self) -> bool:
        return self.tiny or self.clear or alike(self.color, self.background)


class _Element(NamedTuple):
    """An open element, and the look that its end brings back."""

    name: str
    hides: bool
    strikes: bool
    look: _Look
    unseen: bool


class _Grid:
    """The rows of one table as they come; what stands where in `lines` of the text."""

    def __init__(self) -> None:
        self.first = 0
        self.cells: list[int] = []
        """Where in the lines each cell of the row begins."""
        self.open = False
        self.holds_more = False
        """A cell of the row holds a table itself: this one only lays out the letter."""
        self._spans: dict[int, int] = {}
        self._wide = 0

    def begin_row(self, line: int) -> None:
        """A row begins at this line."""
        self.first, self.cells, self.open, self.holds_more, self._wide = line, [], True, False, 0

    def begin_cell(self, line: int, across: int, down: int) -> None:
        """A cell of so many columns and rows begins at this line; those that span from above come before it."""
        self.fill(line)
        if len(self.cells) >= _MOST_CELLS:
            self.holds_more = True
            return
        if down > 1:
            self._spans[len(self.cells)] = down - 1
        self.cells.append(line)
        self._wide = across - 1

    def fill(self, line: int) -> None:
        """Add the empty cells that belong before this line."""
        self.cells += [line] * self._wide
        self._wide = 0
        while self._spans and len(self.cells) < _MOST_CELLS and (left := self._spans.get(len(self.cells), 0)):
            self._spans[len(self.cells)] = left - 1
            self.cells.append(line)

    def row(self, lines: list[str], quoted: str) -> str | None:
        """The row's cells on one line; None where its lines are better left as they are."""
        if len(self.cells) < 2 or self.holds_more:
            return None
        ends = [*self.cells[1:], len(lines)]
        cells = [
            [line.removeprefix(quoted) for line in lines[start:end] if line.strip("> ")]
            for start, end in zip(self.cells, ends, strict=True)
        ]
        if sum(map(bool, cells)) < 2 or any(len(cell) > _MOST_IN_CELL for cell in cells):
            return None
        if any(line.startswith((">", _LINE)) for cell in cells for line in cell):
            return None
        return quoted + " | ".join(" ".join(cell) for cell in cells).strip(" ")


class _Text:
    """The lines written so far, and the open elements."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.grids = [_Grid()]
        self.open: list[_Element] = []
        self.counts: dict[str, int] = {}
        self.hidden = 0
        self.struck = 0
        self.look = _Look()
        self.unseen = False
        self.marked = False
        self.styles: dict[str, Style] = {}

    def write(self, text: str) -> None:
        if not text:
            return
        if self.hidden or self.unseen or self.struck:
            self.marked = self.marked or not text.isspace()
            if self.hidden or self.unseen:
                return
        if "&" in text:
            text = html.unescape(_LONG_REFERENCE.sub(" ", text))
        if self.counts.get("pre"):
            *before, last = text.split("\n")
            for line in before:
                self.line.append(line)
                self.end_line(always=True)
            self.line.append(last)
        else:
            text = _SPACES.sub(" ", text)
            self.line.append(f"{MARK}{text}{MARK}" if self.struck and not text.isspace() else text)

    def end_line(self, *, always: bool = False) -> None:
        if not self.line and not always:
            return
        text = "".join(self.line).strip(" ").replace(MARK + MARK, "")
        self.line.clear()
        if text or always:
            self.lines.append(self._quoted() + text)

    def _quoted(self) -> str:
        return "> " * min(self.counts.get("blockquote", 0), 5)

    def start(self, name: str, tag: str) -> None:
        if name in _BLOCK:
            self.end_line()
            if name == "p" and not self.hidden and self.lines and self.lines[-1].strip("> "):
                self.end_line(always=True)
        if name in _VOID:
            self._void(name)
            return
        if name in _CLOSES_ITSELF and self.open and self.open[-1].name == name:
            self.end(name)
        if name in _TABULAR:
            self._start_tabular(name, tag)
        if "ignature" in tag and not self.hidden and _SIGNATURE.search(tag, 0, _LONGEST_TAG):
            self.end_line()
            self.lines.append(self._quoted() + "--")
        style = self._style(name, tag) if tag or self.styles else SILENT
        hides = name in _INVISIBLE or bool(style.hidden)
        strikes = name in _STRUCK if style.struck is None else style.struck
        self.open.append(_Element(name, hides, strikes, self.look, self.unseen))
        self.counts[name] = self.counts.get(name, 0) + 1
        self.hidden += hides
        self.struck += strikes
        if style is not SILENT:
            self.look = self.look.within(style)
            self.unseen = self.look.unseen

    def _start_tabular(self, name: str, tag: str) -> None:
        """A table, a row or a cell begins, and ends an open row or cell beside it."""
        grid = self.grids[-1]
        if name == "table":
            grid.holds_more = True
            if len(self.grids) < _DEEPEST:
                self.grids.append(_Grid())
            return
        self.end_line()
        if name == "tr" or not grid.open:
            self._end_row()
            grid.begin_row(len(self.lines))
        if name != "tr":
            found = _SPANS.findall(tag[:_LONGEST_TAG]) if tag else ()
            spans = {kind.lower(): min(int(many), _MOST_SPANNED) for kind, many in found}
            grid.begin_cell(len(self.lines), spans.get("colspan", 1), spans.get("rowspan", 1))

    def _end_row(self) -> None:
        self.end_line()
        grid = self.grids[-1]
        if grid.open:
            grid.fill(len(self.lines))
            grid.open = False
            row = grid.row(self.lines, self._quoted())
            if row is not None:
                self.lines[grid.first :] = [row]

    def _style(self, name: str, tag: str) -> Style:
        """What an element's attributes say of it, and the style sheet by its name, class and id."""
        style = style_of(tag) if tag else SILENT
        if not self.styles:
            return style
        names = [name]
        for kind, *values in _NAMES.findall(tag[:_LONGEST_TAG]):
            names += [f"{'#' if kind.lower() == 'id' else '.'}{value}" for value in "".join(values).split()]
        for known in reversed(names):
            if known in self.styles:
                style = style.over(self.styles[known])
        return style

    def style(self, sheet: str) -> None:
        """Remember what a style sheet says by element, class or id, but not for some screens only (`@media`)."""
        depth = 0
        for rule in sheet.split("}"):
            opened = rule.count("{")
            if depth == 0 and opened == 1:
                heads, _, said = rule.partition("{")
                style = style_of(said)
                for head in heads.split(",") if style != SILENT else ():
                    if found := _SELECTOR.fullmatch(_uncommented(head)):
                        name = found[2] or found[1].lower()
                        self.styles[name] = style.over(self.styles.get(name, SILENT))
            depth = max(0, depth + opened - 1)

    def finish(self) -> None:
        """The letter ends here, whatever is open."""
        while len(self.grids) > 1:
            self._end_row()
            self.grids.pop()
        self._end_row()

    def _void(self, name: str) -> None:
        if name in {"br", "hr"} and not self.hidden:
            self.end_line(always=True)
        if name == "hr" and not self.hidden:
            self.lines.append(_LINE)

    def end(self, name: str) -> None:
        if name in _BLOCK:
            self.end_line()
        if name == "tr" or name == "table":
            self._end_row()
            if name == "table" and len(self.grids) > 1:
                self.grids.pop()
        if not self.counts.get(name):
            return
        while True:
            last = self.open.pop()
            self.counts[last.name] -= 1
            self.hidden -= last.hides
            self.struck -= last.strikes
            self.look, self.unseen = last.look, last.unseen
            if last.name == name:
                return


def read_html(source: str) -> Page:
    """What a reader would see of an HTML letter. Never raises."""
    out = _Text()
    at, size, tags = 0, len(source), 0
    while at < size and len(out.lines) < _MOST_LINES and tags < _MOST_TAGS:
        tags += 1
        opening = source.find("<", at)
        if opening < 0:
            out.write(source[at:])
            break
        out.write(source[at:opening])
        at = _markup(source, opening, out)
    out.finish()
    return Page("\n".join(out.lines), out.marked)


def _markup(source: str, opening: int, out: _Text) -> int:
    """Take what begins with `<` at `opening`; the offset after it."""
    if source.startswith("<!--", opening):
        return _after(source, "-->", opening)
    if source.startswith(("<!", "<?"), opening):
        return _after(source, ">", opening)
    name = _NAME.match(source, opening + 1)
    if name is None:
        out.write("<")
        return opening + 1
    end = name.end() + 1 if source.startswith(">", name.end()) else _tag_end(source, opening)
    word = name[1].lower()
    if source[opening + 1] == "/":
        out.end(word)
        return end
    out.start(word, source[name.end() : end - 1])
    if word in {"style", "script"}:
        closing = _raw_text(source, word, end)
        if word == "style":
            out.style(source[end:closing])
        return closing
    if source.startswith("/>", end - 2) and word not in _VOID:
        out.end(word)
    return end


def _uncommented(selector: str) -> str:
    return selector.rpartition("*/")[2].rpartition("<!--")[2]


def _after(source: str, mark: str, start: int) -> int:
    found = source.find(mark, start)
    return len(source) if found < 0 else found + len(mark)


def _tag_end(source: str, opening: int) -> int:
    """The offset after a tag's `>`; one inside a quoted attribute is passed over."""
    whole = _TAG.match(source, opening + 1, opening + _LONGEST_TAG)
    return whole.end() if whole else _after(source, ">", opening)


def _raw_text(source: str, word: str, start: int) -> int:
    """The end of a `style` or `script` element's own text, where its closing tag begins."""
    at = start
    while (at := source.find("</", at)) >= 0:
        if source[at + 2 : at + 2 + len(word)].lower() == word:
            return at
        at += 2
    return len(source)
