"""Formatted text in the Bot API's MarkdownV2 style: plain text and entities, refused when wrong.

Source: https://core.telegram.org/bots/api#markdownv2-style. Every reserved character that is no markup must be escaped.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.demo.telegram.entities import Entity, link_entity, tidy
from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.schema import utf16_length

_MARKS: Final = {
    "*": ("bold", "Bold"),
    "__": ("underline", "Underline"),
    "_": ("italic", "Italic"),
    "~": ("strikethrough", "Strikethrough"),
    "||": ("spoiler", "Spoiler"),
}
_RESERVED: Final = frozenset("_*[]()~`>#+-=|{}.!")
_LANGUAGE: Final = re.compile(r"([^\s`]*)\n")


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of a text in MarkdownV2; `ApiError` 400 when it is malformed."""
    return tidy(*_Reader(source.replace("\r", "")).read())


@dataclass(slots=True)
class _Open:
    mark: str
    start: int  # in the text, UTF-16 units
    at: int  # in the source


@dataclass(slots=True)
class _Reader:
    source: str
    at: int = 0
    text: list[str] = field(default_factory=list)
    length: int = 0
    stack: list[_Open] = field(default_factory=list)
    quote: int | None = None  # where the quotation began
    entities: list[Entity] = field(default_factory=list)

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            self._step()
        self._end_quote()
        if self.stack:
            raise self._endless(self.stack[-1])
        return "".join(self.text), self.entities

    def _step(self) -> None:
        rest = self.source[self.at :]
        line_start = self.at == 0 or self.source[self.at - 1] == "\n"
        if self.quote is not None and line_start and not rest.startswith(">"):
            self._end_quote()
        if line_start and rest.startswith(">"):
            self.quote = self.length if self.quote is None else self.quote
            self.at += 1
        elif rest[0] == "\\" and len(rest) > 1 and 0 < ord(rest[1]) < 127:
            self._put(rest[1], 2)
        elif rest[0] == "`":
            self._code("```" if rest.startswith("```") else "`")
        elif rest[0] == "[" or rest.startswith("!["):
            self._begin("![" if rest[0] == "!" else "[")
        elif rest[0] == "]" and self.stack and self.stack[-1].mark in {"[", "!["}:
            self._link()
        else:
            mark = next((found for found in ("||", "__", "*", "_", "~") if rest.startswith(found)), None)
            if mark:
                self._toggle(mark)
            elif rest[0] in _RESERVED:
                raise _wrong(f"Character '{rest[0]}' is reserved and must be escaped with the preceding '\\'")
            else:
                self._put(rest[0], 1)

    def _put(self, text: str, step: int) -> None:
        self.text.append(text)
        self.length += utf16_length(text)
        self.at += step

    def _begin(self, mark: str) -> None:
        self.stack.append(_Open(mark, self.length, self.at))
        self.at += len(mark)

    def _toggle(self, mark: str) -> None:
        if not (self.stack and self.stack[-1].mark == mark):
            if any(opened.mark == mark for opened in self.stack):
                raise self._endless(self.stack[-1])
            return self._begin(mark)
        self._add(_MARKS[mark][0], self.stack.pop().start)
        self.at += len(mark)
        return None

    def _add(self, kind: str, start: int, **more: Any) -> None:
        if self.length > start:
            self.entities.append({"type": kind, "offset": start, "length": self.length - start, **more})

    def _code(self, mark: str) -> None:
        opened = _Open(mark, self.length, self.at)
        self.at += len(mark)
        language = ""
        if mark == "```":
            match = _LANGUAGE.match(self.source, self.at)
            language = match[1] if match else ""
            self.at = match.end() if match else self.at
        while not self.source.startswith(mark, self.at):
            if self.at >= len(self.source):
                raise self._endless(opened)
            escaped = self.source[self.at] == "\\" and self.at + 1 < len(self.source)
            self._put(self.source[self.at + escaped], 1 + escaped)
        self.at += len(mark)
        more = {"language": language} if language else {}
        self._add("pre" if mark == "```" else "code", opened.start, **more)

    def _link(self) -> None:
        opened = self.stack.pop()
        end = self.source.find(")", self.at)
        if not self.source.startswith("](", self.at) or end < 0:
            raise self._endless(opened)
        url = re.sub(r"\\(.)", r"\1", self.source[self.at + 2 : end])
        found = link_entity(url, emoji=opened.mark == "![")
        if found:
            self._add(found.pop("type"), opened.start, **found)
        self.at = end + 1

    def _end_quote(self) -> None:
        if self.quote is None:
            return
        kind = "blockquote"
        tail = "".join(self.text).endswith("\n")
        if self.stack and self.stack[-1].mark == "||" and self.stack[-1].start >= self.length - tail:
            self.stack.pop()  # a mark of nothing at the end of the last line
            kind = "expandable_blockquote"
        if self.stack:
            raise self._endless(self.stack[-1])
        self.length -= tail
        self._add(kind, self.quote)
        self.length += tail
        self.quote = None

    def _endless(self, opened: _Open) -> ApiError:
        names = {"`": "Code", "```": "Pre", "[": "TextUrl", "![": "CustomEmoji"}
        name = names.get(opened.mark) or _MARKS[opened.mark][1]
        offset = len(self.source[: opened.at].encode(errors="surrogatepass"))
        return _wrong(f"Can't find end of {name} entity at byte offset {offset}")


def _wrong(text: str) -> ApiError:
    return bad_request(f"can't parse entities: {text}")
