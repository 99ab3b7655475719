"""Rich messages: blocks with headings, lists, tables and files, checked against the Bot API's limits.

Source: https://core.telegram.org/bots/api#inputrichmessage. Its markdown style is not part of this server. The API
documents the limits, not the errors.
"""

from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.keyboards import check_button
from deploy.demo.telegram.media import body_of, read_file
from deploy.demo.telegram.model import Json
from deploy.demo.telegram.rich_html import parse_rich_html
from deploy.demo.telegram.state import State

_TEXT_LIMIT: Final = 32_768
_BLOCKS_LIMIT: Final = 500
_DEPTH_LIMIT: Final = 16
_FILES_LIMIT: Final = 50
_COLUMNS_LIMIT: Final = 20
_BUTTONS_IN_ROW: Final = 8
_FILES: Final = {"photo": "photo", "video": "video", "animation": "animation", "audio": "audio", "document": "document"}
_TEXTS: Final = ("text", "summary", "credit")
_ALIGN: Final = {"left", "center", "right"}
_VALIGN: Final = {"top", "middle", "bottom"}


def rich_content(state: State, given: Json, *, draft: bool = False) -> Json:
    """The field `rich_message` of a message for an `InputRichMessage`; 400 for one that is malformed or too large.

    `draft`: the block that says "Thinking…" is allowed.
    """
    ways = [name for name in ("html", "markdown", "blocks") if given.get(name)]
    if len(ways) != 1:
        raise bad_request("exactly one of the fields html, markdown and blocks must be specified")
    if ways == ["markdown"]:
        raise ApiError(501, "Not Implemented: markdown of rich messages is not part of this server")
    blocks = given["blocks"] if ways == ["blocks"] else parse_rich_html(given["html"])
    checker = _Checker(state, draft=draft)
    message: Json = {"blocks": checker.blocks(blocks, 1)}
    if checker.length == 0 and checker.files == 0:
        raise bad_request("message text is empty")
    return {"rich_message": message | ({"is_rtl": True} if given.get("is_rtl") else {})}


def plain_text(content: Json) -> str:
    """What a rich message says, without its looks: for lists of messages and for tests."""
    return "\n".join(_lines(content.get("rich_message", {}).get("blocks", [])))


def _lines(blocks: list[Json]) -> list[str]:
    found = []
    for block in blocks:
        found += [text for name in _TEXTS if (text := _plain(block.get(name, "")))]
        for row in block.get("cells", []):
            found.append(" | ".join(_plain(cell.get("text", "")) for cell in row))
        for item in block.get("items", []):
            found += [f"{item['label']} {line}" for line in _lines(item["blocks"])]
        found += _lines(block.get("blocks", []))
    return found


def _plain(text: Any) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(_plain(part) for part in text)
    return _plain(text.get("text", "")) or str(text.get("expression") or text.get("alternative_text") or "")


@dataclass(slots=True)
class _Checker:
    """Turns what a bot sends into what a message holds, and counts."""

    state: State
    draft: bool
    count: int = 0
    length: int = 0
    files: int = 0

    def blocks(self, blocks: list[Json], depth: int) -> list[Json]:
        if depth > _DEPTH_LIMIT:
            raise bad_request("rich message is too deep")
        return [self.block(block, depth) for block in blocks]

    def block(self, block: Json, depth: int) -> Json:
        self._one_more()
        kind = block["type"]
        if kind == "thinking" and not self.draft:
            raise bad_request("thinking block can be used only in drafts")
        if kind in _FILES:
            return self._file(block, kind, depth)
        if kind in {"map", "voice_note"}:
            raise ApiError(501, f"Not Implemented: the block {kind} is not part of this server")
        found = dict(block)
        for name in _TEXTS:
            self.text(found.get(name, ""), depth)
        self._check(found, kind)
        self._caption(found.get("caption"), depth)
        if "blocks" in found:
            found["blocks"] = self.blocks(found["blocks"], depth + 1)
        if "items" in found:
            found["items"] = [self._item(item, number, depth) for number, item in enumerate(found["items"], 1)]
        for row in found.get("cells", []):
            self._row(row, depth)
        return found

    def _one_more(self) -> None:
        self.count += 1
        if self.count > _BLOCKS_LIMIT:
            raise bad_request("rich message has too many blocks")

    def _check(self, block: Json, kind: str) -> None:
        if kind == "heading" and not 1 <= block["size"] <= 6:
            raise bad_request("heading size must be from 1 to 6")
        if kind == "list" and not block["items"]:
            raise bad_request("list must be non-empty")
        if kind == "table" and not any(block["cells"]):
            raise bad_request("table must be non-empty")
        if kind == "buttons":
            if not 1 <= len(block["buttons"]) <= _BUTTONS_IN_ROW:
                raise bad_request("a row must have 1-8 buttons")
            for button in block["buttons"]:
                check_button(button, "can't parse rich message button")

    def _item(self, item: Json, number: int, depth: int) -> Json:
        self._one_more()
        ordered = "value" in item or "type" in item
        label = f"{item.get('value', number)}." if ordered else "•"
        return {"label": label} | item | {"blocks": self.blocks(item["blocks"], depth + 1)}

    def _row(self, row: list[Json], depth: int) -> None:
        self._one_more()
        if sum(cell.get("colspan", 1) for cell in row) > _COLUMNS_LIMIT:
            raise bad_request("table has too many columns")
        for cell in row:
            self.text(cell.get("text", ""), depth)
            if cell["align"] not in _ALIGN or cell["valign"] not in _VALIGN:
                raise bad_request("invalid cell alignment specified")

    def _caption(self, caption: Any, depth: int) -> None:
        if isinstance(caption, dict) and "type" not in caption:
            self.text(caption["text"], depth)
            self.text(caption.get("credit", ""), depth)
        elif caption is not None:
            self.text(caption, depth)

    def _file(self, block: Json, kind: str, depth: int) -> Json:
        self.files += 1
        if self.files > _FILES_LIMIT:
            raise bad_request("rich message has too many media")
        self._caption(block.get("caption"), depth)
        media = block[kind]
        stored = body_of(read_file(self.state, _FILES[kind], media["media"], media))[kind]
        kept = {name: block[name] for name in ("caption",) if name in block}
        return {"type": kind, kind: stored} | kept

    def text(self, text: Any, depth: int) -> None:
        """Count the characters of a text, custom emoji and formulas included."""
        if depth > _DEPTH_LIMIT:
            raise bad_request("rich message is too deep")
        if isinstance(text, str):
            self.length += len(text)
            if self.length > _TEXT_LIMIT:
                raise bad_request("message is too long")
        elif isinstance(text, list):
            for part in text:
                self.text(part, depth)
        elif text.get("type") == "button":
            check_button(text["button"], "can't parse rich message button")
        else:
            for name in ("text", "alternative_text", "expression"):
                if name in text:
                    self.text(text[name], depth + 1)
