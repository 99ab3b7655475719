"""Formatted text as the Bot API reads it: HTML to plain text and entities, in UTF-16 units, refused when wrong.

The tags are those of the Bot API's HTML style; anything else is `can't parse entities: …`, never silently dropped.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.schema import utf16_length

Entity = dict[str, Any]

_TAGS: Final = {
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
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_GIVEN: Final = frozenset(_TAGS.values()) | {"expandable_blockquote", "text_mention"}
_FOUND_ALONE: Final = {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
}
_PERSON: Final = re.compile(r"tg://user\?id=(\d+)")
_TIME_FORMAT: Final = re.compile(r"[rR]|[tTdDwW]*")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]+));?")
_TAG: Final = re.compile(
    r"</([^>]*)>|<([a-zA-Z0-9-]+)((?:\s+[^\s=>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*)\s*/?>"
)
_ATTRIBUTE: Final = re.compile(r"([^\s=>/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_CONTROL: Final = {code: " " for code in range(32) if code not in (9, 10)}
_BLANK: Final = " \t\n"
# What clients recognise by themselves: a command, an address, a name.
_FOUND: Final = re.compile(
    r"(?P<bot_command>(?<![\w/<>@.:-])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>]))"
    r"|(?P<url>https?://[^\s<>\"']+[^\s<>\"'.,;:!?)])"
    r"|(?P<mention>(?<![\w@])@[a-zA-Z][a-zA-Z0-9_]{3,31}\b)"
)


@dataclass(slots=True)
class _Open:
    """A start tag whose end has not come yet."""

    name: str
    start: int
    attributes: dict[str, str]


@dataclass(slots=True)
class _Reader:
    source: str
    text: list[str] = field(default_factory=list)
    length: int = 0  # of `text`, UTF-16 units
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def read(self) -> tuple[str, list[Entity]]:
        at = 0
        while at < len(self.source):
            if self.source[at] == "<":
                at = self._tag(at)
            else:
                end = self.source.find("<", at)
                end = len(self.source) if end < 0 else end
                self._put(_unescape(self.source[at:end]))
                at = end
        if self.stack:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].name}"')
        return "".join(self.text), self.entities

    def _put(self, text: str) -> None:
        self.text.append(text)
        self.length += utf16_length(text)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode(errors="surrogatepass"))

    def _tag(self, at: int) -> int:
        match = _TAG.match(self.source, at)
        if match is None:
            closed = self.source.find(">", at)
            name = re.match(r"</?([a-zA-Z0-9-]*)", self.source[at:])
            word = name[1].lower() if name else ""
            if closed < 0 and word:
                raise _wrong(
                    f"Unclosed {'end' if self.source[at + 1] == '/' else 'start'} tag at byte offset {self._byte(at)}"
                )
            raise _wrong(f'Unsupported start tag "{word}" at byte offset {self._byte(at)}')
        if match[2] is None:
            self._close(match[1].strip().lower(), at)
        else:
            self._open(match[2].lower(), match[3], at)
        return match.end()

    def _open(self, name: str, attributes: str, at: int) -> None:
        if name not in _TAGS:
            raise _wrong(f'Unsupported start tag "{name}" at byte offset {self._byte(at)}')
        found = {
            key.lower(): _unescape(double or single or bare)
            for key, double, single, bare in _ATTRIBUTE.findall(attributes)
        }
        if name == "span" and found.get("class") != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(at)}')
        self.stack.append(_Open(name, self.length, found))

    def _close(self, name: str, at: int) -> None:
        if not self.stack:
            raise _wrong(f"Unexpected end tag at byte offset {self._byte(at)}")
        tag = self.stack.pop()
        if name and name != tag.name:
            raise _wrong(
                f'Unmatched end tag at byte offset {self._byte(at)}, expected "</{tag.name}>", found "</{name}>"'
            )
        if self.length > tag.start:
            entity = self._entity(tag)
            if entity:
                self.entities.append(entity)

    def _entity(self, tag: _Open) -> Entity | None:
        entity: Entity = {"type": _TAGS[tag.name], "offset": tag.start, "length": self.length - tag.start}
        if tag.name == "a":
            found = link_entity(tag.attributes.get("href", ""))
            return entity | found if found else None
        if tag.name == "tg-emoji":
            entity |= _custom_emoji(tag.attributes.get("emoji-id", ""))
        elif tag.name == "tg-time":
            entity |= _date_time(tag.attributes)
        elif tag.name == "pre" and "language" in tag.attributes:
            entity["language"] = tag.attributes["language"]
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "code" and self.stack and self.stack[-1].name == "pre":
            return self._language_of_pre(tag, entity)
        return entity

    def _language_of_pre(self, tag: _Open, entity: Entity) -> Entity | None:
        language = tag.attributes.get("class", "")
        if not language.startswith("language-"):
            return entity
        self.stack[-1].attributes["language"] = language.removeprefix("language-")
        return None


def link_entity(url: str, *, emoji: bool = False) -> Entity | None:
    """What a link is: to a page, to a person, or with `emoji` a custom emoji or a moment. None for one to nowhere."""
    if emoji:
        return _special(url)
    person = _PERSON.fullmatch(url)
    if person:
        return {"type": "text_mention", "user": {"id": int(person[1])}}
    if not url.startswith(("http://", "https://", "tg://", "mailto:")):
        return None  # the real server drops a link it cannot follow and keeps its text
    return {"type": "text_link", "url": url}


def _special(url: str) -> Entity:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.scheme == "tg" and parts.netloc == "time":
        return {"type": "date_time"} | _date_time(query)
    return {"type": "custom_emoji"} | _custom_emoji(query.get("id", "") if parts.netloc == "emoji" else "")


def _custom_emoji(number: str) -> Entity:
    if not number.isdigit():
        raise _wrong("Invalid custom emoji identifier specified")
    return {"custom_emoji_id": number}


def _date_time(attributes: dict[str, str]) -> Entity:
    unix = attributes.get("unix", "")
    if not unix.isdigit() or int(unix) == 0:
        raise _wrong("invalid date specified")
    shown = attributes.get("format", "")
    if not _TIME_FORMAT.fullmatch(shown):
        raise _wrong("Invalid date-time format specified")
    return {"unix_time": int(unix), "date_time_format": shown}


def check_entities(text: str, entities: list[Entity]) -> list[Entity]:
    """Entities given beside a text: what the server finds by itself is left out. `ApiError` 400 for wrong ones."""
    size = utf16_length(text)
    kept = []
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if entity["type"] not in _GIVEN | _FOUND_ALONE:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        if start < 0 or entity["length"] < 0:
            raise bad_request("entity has negative offset or length")
        if end > size:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
            )
        if entity["type"] in _GIVEN:
            kept.append(entity)
    return kept


def _wrong(text: str) -> ApiError:
    return bad_request(f"can't parse entities: {text}")


def _unescape(text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            return _NAMED.get(name, match[0])
        code = int(decimal) if decimal else int(hexadecimal, 16)
        if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            return match[0]
        return chr(code)

    return _REFERENCE.sub(replaced, text)


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of a text in the Bot API's HTML style; `ApiError` 400 when it is malformed."""
    return tidy(*_Reader(source.replace("\r", "")).read())


def tidy(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """As the server stores it: control characters out, blanks at both ends off, entities cut to what is left."""
    clean = text.translate(_CONTROL)
    body = clean.strip(_BLANK)
    lead = utf16_length(clean) - utf16_length(clean.lstrip(_BLANK))
    size = utf16_length(body)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        end = min(size, entity["offset"] + entity["length"] - lead)
        if end > start:
            kept.append(entity | {"offset": start, "length": end - start})
    return body, sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


def find_entities(text: str) -> list[Entity]:
    """What clients and the server find in plain text by themselves: commands, addresses, @names."""
    found = []
    for match in _FOUND.finditer(text):
        start = utf16_length(text[: match.start()])
        found.append({"type": str(match.lastgroup), "offset": start, "length": utf16_length(match[0])})
    return found


def with_found(text: str, entities: list[Entity]) -> list[Entity]:
    """The given entities and those found in the text that do not lie inside code or a link."""
    solid = [e for e in entities if e["type"] in {"code", "pre", "text_link"}]
    extra = [
        found
        for found in find_entities(text)
        if not any(
            e["offset"] < found["offset"] + found["length"] and found["offset"] < e["offset"] + e["length"]
            for e in solid
        )
    ]
    return sorted(entities + extra, key=lambda entity: (entity["offset"], -entity["length"]))
