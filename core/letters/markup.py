"""HTML of a letter to plain text, in one pass that stays linear on any input.

The standard library's `html.parser` goes back over unclosed comments and tags again and again; mail is written by
strangers, so this reads forward only. Quotations (`blockquote`) come out as `> ` lines, table cells are parted
by ` | `, and what a mail program would not show is left out.
"""

import html
import re
from typing import Final

_INVISIBLE: Final = frozenset(
    {"style", "script", "head", "title", "template", "noscript", "object", "svg", "s", "del", "strike"}
)
"""Not shown, or struck through: taken back by whoever wrote it."""
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
_NAME: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:_-]{0,40})")
_TAG: Final = re.compile(r"""(?:[^"'<>]|"[^"<]*"|'[^'<]*')*>""")
_HIDING: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|"
    r"text-decoration[a-z-]*\s*:\s*line-through|opacity\s*:\s*0(?![.\d]*[1-9])|max-height\s*:\s*0(?![.\d]*[1-9])",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(r"font-size\s*:\s*(0(?![.\d]*[1-9]))?", re.IGNORECASE)
"""The size of letters; none at all (the group) until an element within says another."""
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_HIDDEN: Final = re.compile(r"\shidden(?:[\s=]|$)", re.IGNORECASE)
_NAMES: Final = re.compile(r"""\s(class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SELECTOR: Final = re.compile(r"\s*[a-zA-Z0-9]{0,20}([.#][\w-]{1,80})\s*")
_LONG_REFERENCE: Final = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{7,});?")
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")
_LONGEST_TAG: Final = 8192
_MOST_LINES: Final = 5000
_MOST_TAGS: Final = 10_000
"""No person writes more, and no mail program of a person's letter; what stands beyond is not read."""


class _Text:
    """The lines written so far, and the open elements."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.filled = False
        self.cells = 0
        self.open: list[tuple[str, bool, bool]] = []
        self.counts: dict[str, int] = {}
        self.hidden = 0
        self.sizeless = False
        self.hiding: set[str] = set()

    def write(self, text: str) -> None:
        if self.hidden or self.sizeless or not text:
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
            self.line.append(_SPACES.sub(" ", text))
            self.filled = self.filled or not text.isspace()

    def end_line(self, *, always: bool = False) -> None:
        text = "".join(self.line).strip(" ")
        if "|" in text and sum(map(bool, map(str.strip, text.split("|")))) <= 1:
            text = text.strip(" |")
        self.line.clear()
        self.filled = False
        if text.strip(" |") or always:
            depth = min(self.counts.get("blockquote", 0), 5)
            self.lines.append("> " * depth + text.removesuffix(" |"))

    def start(self, name: str, tag: str) -> None:
        if name in _BLOCK:
            self.end_line()
            if name == "p" and not self.hidden and self.lines and self.lines[-1].strip("> "):
                self.end_line(always=True)
        if name in _VOID:
            self._void(name)
            return
        if name in _CLOSES_ITSELF and self.open and self.open[-1][0] == name:
            self.end(name)
        if name == "tr":
            self.cells = 0
        elif name in {"td", "th"}:
            if self.cells or self.filled:
                self.line.append(" | ")
            self.cells += 1
        hides = name in _INVISIBLE or (bool(tag) and self._hides(tag[:_LONGEST_TAG]))
        self.open.append((name, hides, self.sizeless))
        self.counts[name] = self.counts.get(name, 0) + 1
        self.hidden += hides
        size = _SIZE.search(tag, 0, _LONGEST_TAG) if tag else None
        if size is not None:
            self.sizeless = size[1] is not None

    def _hides(self, tag: str) -> bool:
        """Whether an element with these attributes is not shown."""
        if _HIDING.search(tag) or ("hidden" in tag.lower() and _HIDDEN.search(_QUOTED.sub("", tag))):
            return True
        if not self.hiding:
            return False
        return any(
            f"{'#' if kind.lower() == 'id' else '.'}{name}" in self.hiding
            for kind, *values in _NAMES.findall(tag)
            for name in "".join(values).split()
        )

    def style(self, sheet: str) -> None:
        """Remember what a style sheet hides by class or id, leaving aside what is for some screens only (`@media`)."""
        depth = 0
        for rule in sheet.split("}"):
            opened = rule.count("{")
            if depth == 0 and opened == 1:
                heads, _, said = rule.partition("{")
                names = {found[1] for head in heads.split(",") if (found := _SELECTOR.fullmatch(_uncommented(head)))}
                if _HIDING.search(said):
                    self.hiding |= names
                elif "display" in said.lower():
                    self.hiding -= names
            depth = max(0, depth + opened - 1)

    def _void(self, name: str) -> None:
        if name in {"br", "hr"} and not self.hidden:
            self.end_line(always=True)
        if name == "hr" and not self.hidden:
            self.lines.append("________________")

    def end(self, name: str) -> None:
        if name in _BLOCK:
            self.end_line()
        if not self.counts.get(name):
            return
        while True:
            last, hides, self.sizeless = self.open.pop()
            self.counts[last] -= 1
            self.hidden -= hides
            if last == name:
                return


def html_to_text(source: str) -> str:
    """What a reader would see of an HTML letter, as lines of text. Never raises."""
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
    out.end_line()
    return "\n".join(out.lines)


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
