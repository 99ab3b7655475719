"""The HTML style of rich messages: block tags become blocks, the others text in them. Unknown tags are refused.

Source: the tags that `InputRichBlock…` and `RichText…` of the Bot API name as theirs. Tags for files are missing.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.model import Json

_STYLES: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "mark": "marked",
    "sub": "subscript",
    "sup": "superscript",
}
_HEADINGS: Final = {f"h{size}": size for size in range(1, 7)}
_BLOCKS: Final = {*_HEADINGS, "p", "pre", "footer", "hr", "ul", "ol", "blockquote", "aside", "details", "table"}
_PARTS: Final = {"li", "tr", "td", "th", "caption", "summary", "cite", "thead", "tbody"}
_EMPTY: Final = {"br", "hr"}
_INLINE: Final = {*_STYLES, "a", "br", "tg-time", "tg-emoji", "tg-math"}


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Any] = field(default_factory=list)  # nodes and strings

    def all(self, *tags: str) -> list["_Node"]:
        """The children with one of the tags."""
        return [child for child in self.children if isinstance(child, _Node) and child.tag in tags]

    def without(self, *tags: str) -> list[Any]:
        """The children but those with one of the tags."""
        return [child for child in self.children if not (isinstance(child, _Node) and child.tag in tags)]


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [_Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _BLOCKS | _PARTS | _INLINE:
            raise _wrong(f'Unsupported start tag "{tag}"')
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _EMPTY:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in _EMPTY:
            return
        if len(self.open) == 1 or self.open[-1].tag != tag:
            raise _wrong(f'Unexpected end tag "{tag}"')
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse_rich_html(source: str) -> list[Json]:
    """The blocks of a rich message in HTML style; `ApiError` 400 when it is malformed."""
    tree = _Tree()
    tree.feed(source)
    tree.close()
    if len(tree.open) > 1:
        raise _wrong(f'Can\'t find end tag corresponding to start tag "{tree.open[-1].tag}"')
    return _blocks(tree.open[0].children)


def _wrong(text: str) -> ApiError:
    return bad_request(f"can't parse rich message: {text}")


def _blocks(children: list[Any]) -> list[Json]:
    """Blocks as they come; text between them is a paragraph."""
    found: list[Json] = []
    loose: list[Any] = []
    for child in [*children, None]:
        if isinstance(child, _Node) and child.tag in _PARTS:
            raise _wrong(f'Tag "{child.tag}" is not allowed here')
        if child is not None and not (isinstance(child, _Node) and child.tag in _BLOCKS):
            loose.append(child)
            continue
        text = _text(loose)
        if text:
            found.append({"type": "paragraph", "text": text})
        loose = []
        if child is not None:
            found.append(_block(child))
    return found


def _block(node: _Node) -> Json:
    if node.tag in _HEADINGS:
        return {"type": "heading", "text": _text(node.children), "size": _HEADINGS[node.tag]}
    if node.tag == "hr":
        return {"type": "divider"}
    if node.tag == "pre":
        return _pre(node)
    if node.tag in {"ul", "ol"}:
        return {"type": "list", "items": [_item(item, node.tag == "ol") for item in node.all("li")]}
    if node.tag == "table":
        return _table(node)
    if node.tag == "details":
        summary = node.all("summary")
        body: Json = {
            "summary": _text(summary[0].children) if summary else "",
            "blocks": _blocks(node.without("summary")),
        }
        return {"type": "details"} | body | ({"is_open": True} if "open" in node.attributes else {})
    if node.tag in {"blockquote", "aside"}:
        return _quotation(node)
    return {"type": {"p": "paragraph", "footer": "footer"}[node.tag], "text": _text(node.children)}


def _quotation(node: _Node) -> Json:
    cite = node.all("cite")
    credit: Json = {"credit": _text(cite[0].children)} if cite else {}
    rest = node.without("cite")
    if node.tag == "aside":
        return {"type": "pullquote", "text": _text(rest)} | credit
    if "collapsed" in node.attributes:
        return {"type": "expandable_blockquote", "text": _text(rest)} | credit
    return {"type": "blockquote", "blocks": _blocks(rest)} | credit


def _pre(node: _Node) -> Json:
    code = node.all("code")
    language = code[0].attributes.get("class", "").removeprefix("language-") if code else ""
    text = _text(code[0].children if code else node.children, keep=True)
    return {"type": "pre", "text": text} | ({"language": language} if language else {})


def _item(node: _Node, ordered: bool) -> Json:  # noqa: FBT001  the one thing that tells the two lists apart
    found: Json = {"blocks": _blocks(node.children)}
    if ordered:
        found["type"] = "1"
        if node.attributes.get("value", "").isdigit():
            found["value"] = int(node.attributes["value"])
    return found


def _table(node: _Node) -> Json:
    rows = [row for part in [node, *node.all("thead", "tbody")] for row in part.all("tr")]
    found: Json = {"type": "table", "cells": [[_cell(cell) for cell in row.all("td", "th")] for row in rows]}
    caption = node.all("caption")
    if caption:
        found["caption"] = _text(caption[0].children)
    for attribute, name in (("border", "is_bordered"), ("bordered", "is_bordered"), ("striped", "is_striped")):
        if attribute in node.attributes:
            found[name] = True
    return found


def _cell(node: _Node) -> Json:
    given = node.attributes
    found: Json = {"align": given.get("align", "left"), "valign": given.get("valign", "top")}
    found["text"] = _text(node.children)
    if node.tag == "th":
        found["is_header"] = True
    for name in ("colspan", "rowspan"):
        if given.get(name, "").isdigit() and int(given[name]) > 1:
            found[name] = int(given[name])
    return found


def _text(children: list[Any], *, keep: bool = False) -> Any:
    """A `RichText`: a string, or a list of strings and styled parts. Blanks run together unless they are kept."""
    parts: list[Any] = []
    for child in children:
        if isinstance(child, str):
            parts.append(child if keep else _joined(child))
        else:
            parts.append(_styled(child, keep))
    if not keep and parts:
        parts[0] = parts[0].lstrip() if isinstance(parts[0], str) else parts[0]
        parts[-1] = parts[-1].rstrip() if isinstance(parts[-1], str) else parts[-1]
    parts = [part for part in parts if part != ""]
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return parts if len(parts) > 1 else parts[0]


def _joined(text: str) -> str:
    words = " ".join(text.split())
    return (" " if text[:1].isspace() else "") + words + (" " if words and text[-1:].isspace() else "")


def _styled(node: _Node, keep: bool) -> Any:  # noqa: FBT001  handed through
    if node.tag == "br":
        return "\n"
    if node.tag not in _INLINE:
        raise _wrong(f'Tag "{node.tag}" is not allowed here')
    text = _text(node.children, keep=keep)
    if node.tag == "a":
        return {"type": "url", "text": text, "url": node.attributes.get("href", "")}
    if node.tag == "tg-math":
        return {"type": "mathematical_expression", "expression": text}
    if node.tag == "tg-emoji":
        number = node.attributes.get("emoji-id", "")
        return {"type": "custom_emoji", "custom_emoji_id": number, "alternative_text": text}
    if node.tag == "tg-time":
        unix = node.attributes.get("unix", "")
        if not unix.isdigit():
            raise _wrong("invalid date specified")
        form = node.attributes.get("format", "")
        return {"type": "date_time", "text": text, "unix_time": int(unix), "date_time_format": form}
    return {"type": _STYLES[node.tag], "text": text}
