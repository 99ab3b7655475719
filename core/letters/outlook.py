"""Outlook's own file of a letter (`.msg`) to the message that it was. Sources: [MS-OXMSG], [MS-OXPROPS], [MS-OXCMSG].

The compound file is opened by python-oxmsg; the properties are read here, because real files lack, repeat and
mislabel them, and one that cannot be read must not hide the others.
"""

import base64
import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from core.letters.charsets import decode
from core.letters.rtf import decompress, unwrap
from core.letters.struck import MARK

if TYPE_CHECKING:
    from oxmsg.storage import Storage

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""A compound file begins with this."""

_SUBJECT: Final = 0x0037
_CLASS: Final = 0x001A
_SUBMITTED: Final = 0x0039
_DELIVERED: Final = 0x0E06
_HEADERS: Final = 0x007D
_SENDER_NAMES: Final = (0x0C1A, 0x0042)
_SENDER_ADDRESSES: Final = (0x5D01, 0x5D02, 0x0C1F, 0x0065)
_MESSAGE_ID: Final = 0x1035
_REFERENCES: Final = 0x1039
_IN_REPLY_TO: Final = 0x1042
_SHOWN_TO: Final = 0x0E04
_BODY: Final = 0x1000
_RTF: Final = 0x1009
_HTML: Final = 0x1013
_CODEPAGES: Final = (0x3FFD, 0x3FDE)
_HTML_CODEPAGES: Final = (0x3FDE, 0x3FFD)
_RECIPIENT_KIND: Final = 0x0C15
_RECIPIENT_ADDRESSES: Final = (0x39FE, 0x3003)
_RECIPIENT_NAME: Final = 0x3001
_COPY: Final = 2
_FILE: Final = 0x3701
_FILE_NAMES: Final = (0x3707, 0x3704, 0x3001)
_FILE_TYPE: Final = 0x370E
_FILE_ID: Final = 0x3712

_TEXT, _TEXT8, _BINARY, _NUMBER, _TIME = 0x001F, 0x001E, 0x0102, 0x0003, 0x0040
_MESSAGE_HEAD, _NESTED_HEAD, _OTHER_HEAD = 32, 24, 8
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_DEEPEST: Final = 3
_MOST_PROMISED: Final = 2
"""Streams larger than the file, in all: its sectors go round in circles, and would be read until memory ends."""
_MOST: Final = 200
_CODECS: Final = {65001: "utf-8", 1200: "utf-16-le", 20866: "koi8-r", 21866: "koi8-u", 28595: "iso8859-5"}
_BODY_FIELD: Final = re.compile(r"(?:content-[\w-]+|mime-version)\s*:", re.IGNORECASE)
_FIELD_NAME: Final = re.compile(r"([!-9;-~]{1,80})\s*:")
_LINE_ENDS: Final = re.compile(r"[\r\n\x00]+")


def from_outlook(data: bytes) -> bytes:
    """The message in an Outlook file as RFC 5322 bytes; no bytes when the file is damaged or holds no message.

    The transport's header fields are kept where the file has them, so that ids, thread and automatic marks survive.
    """
    from oxmsg.storage import Storage

    try:
        from olefile import OleFileIO  # type: ignore[import-untyped]  # it ships no types

        with OleFileIO(data) as file:
            promised = sum(entry.size for entry in file.direntries if entry)
            return _message(Storage.from_ole(file), 0) if promised <= _MOST_PROMISED * len(data) else b""
    except Exception:  # noqa: BLE001  # the compound file's reader raises anything on damaged bytes
        return b""


class _Properties:
    """The MAPI properties of one object: a message, a recipient, an attachment.

    `head`: the bytes before the entries of its property stream, which depend on the kind of object.
    """

    def __init__(self, storage: "Storage", head: int, codepage: str = "") -> None:
        self._streams = {stream.name.lower(): stream.bytes_ for stream in storage.streams}
        entries = self._streams.get("__properties_version1.0", b"")
        self._fixed = {entries[at : at + 4]: entries[at + 8 : at + 16] for at in range(head, len(entries) - 15, 16)}
        self.codepage = self._codec(_CODEPAGES) or codepage

    def _value(self, name: int, kind: int) -> bytes | None:
        return self._fixed.get(struct.pack("<HH", kind, name))

    def _codec(self, names: tuple[int, ...]) -> str:
        numbers = (self.number(name) for name in names)
        return next((_CODECS.get(number, f"cp{number}") for number in numbers if number), "")

    def number(self, name: int) -> int | None:
        """A 32-bit number, None without one."""
        value = self._value(name, _NUMBER)
        return int(struct.unpack_from("<i", value)[0]) if value else None

    def moment(self, name: int) -> datetime | None:
        """A moment, aware, UTC; None without one."""
        value = self._value(name, _TIME)
        ticks = struct.unpack("<Q", value)[0] if value else 0
        try:
            return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
        except OverflowError:
            return None

    def text(self, *names: int) -> str:
        """The first of these that has text."""
        for name in names:
            wide = self._streams.get(f"__substg1.0_{name:04x}{_TEXT:04x}", b"").decode("utf-16-le", "replace")
            narrow = self._streams.get(f"__substg1.0_{name:04x}{_TEXT8:04x}", b"")
            if text := (wide or decode(narrow, self.codepage)).rstrip("\x00"):
                return text
        return ""

    def data(self, name: int) -> bytes:
        """A binary value."""
        return self._streams.get(f"__substg1.0_{name:04x}{_BINARY:04x}", b"")

    def html(self) -> str:
        """The HTML body, kept as text or as bytes in a code page of its own."""
        return self.text(_HTML) or decode(self.data(_HTML), self._codec(_HTML_CODEPAGES) or self.codepage)


def _message(storage: "Storage", depth: int, codepage: str = "") -> bytes:
    own = _Properties(storage, _NESTED_HEAD if depth else _MESSAGE_HEAD, codepage)
    if not own.text(_CLASS, _SUBJECT, _BODY, _HEADERS) and not own.html() and not own.data(_RTF):
        return b""
    parts = list(_body(own))
    for attached in list(storage.iter_attachment_storages())[:_MOST]:
        parts += _attachment(attached, depth, own.codepage)
    return _joined(_kind(own), "".join(f"{line}\r\n" for line in _head(own, storage)), parts)


def _joined(kind: str, head: str, parts: list[bytes]) -> bytes:
    """A multipart of these parts, under a boundary that none of them has."""
    boundary = "part"
    while any(boundary.encode() in part for part in parts):
        boundary += "-part"
    mark = f"\r\n--{boundary}\r\n".encode()
    whole = f'{head}Content-Type: {kind}; boundary="{boundary}"\r\n\r\n'.encode("utf-8", "replace")
    return whole + b"".join(mark + part for part in parts) + mark[:-2] + b"--\r\n"


def _kind(own: _Properties) -> str:
    """The media type of the whole: a report is one by its class."""
    return "multipart/report" if own.text(_CLASS).upper().startswith("REPORT.") else "multipart/mixed"


def _head(own: _Properties, storage: "Storage") -> Iterator[str]:
    """The transport's fields, and what is missing among them."""
    names: set[str] = set()
    kept = True
    for line in own.text(_HEADERS).replace("\r\n", "\n").split("\n"):
        if line[:1] in {" ", "\t"}:
            if kept and names:
                yield line
        elif field := _FIELD_NAME.match(line):
            kept = not _BODY_FIELD.match(line)
            if kept:
                names.add(field[1].lower())
                yield line
        else:
            kept = False
    for name, value in _fields(own, storage):
        if value and name.lower() not in names:
            yield f"{name}: {_LINE_ENDS.sub(' ', value)}"


def _fields(own: _Properties, storage: "Storage") -> Iterator[tuple[str, str]]:
    address = next((text for name in _SENDER_ADDRESSES if "@" in (text := own.text(name))), "")
    yield "From", _mailbox(own.text(*_SENDER_NAMES), address)
    people = list(_recipients(storage, own.codepage))
    yield "To", ", ".join(person for kind, person in people if kind != _COPY) or own.text(_SHOWN_TO)
    yield "Cc", ", ".join(person for kind, person in people if kind == _COPY)
    yield "Subject", own.text(_SUBJECT)
    sent = own.moment(_SUBMITTED) or own.moment(_DELIVERED)
    yield "Date", format_datetime(sent) if sent else ""
    yield "Message-ID", own.text(_MESSAGE_ID)
    yield "In-Reply-To", own.text(_IN_REPLY_TO)
    yield "References", own.text(_REFERENCES)
    if "OOFTEMPLATE" in own.text(_CLASS).upper():
        yield "Auto-Submitted", "auto-replied"


def _mailbox(name: str, address: str) -> str:
    plain = re.sub(r"[\"<>@]", " ", name).strip()
    return f'"{plain}" <{address}>' if address else plain


def _recipients(storage: "Storage", codepage: str) -> Iterator[tuple[int, str]]:
    for recipient in list(storage.iter_recipient_storages())[:_MOST]:
        one = _Properties(recipient, _OTHER_HEAD, codepage)
        address = next((text for name in _RECIPIENT_ADDRESSES if "@" in (text := one.text(name))), "")
        yield one.number(_RECIPIENT_KIND) or 1, _mailbox(one.text(_RECIPIENT_NAME), address)


def _body(own: _Properties) -> Iterator[bytes]:
    """The text; what Outlook wrapped in RTF where there is no HTML: plain text does not tell what is struck through."""
    plain, html = own.text(_BODY), own.html()
    if not html.strip() and (rtf := own.data(_RTF)):
        wrapped = unwrap(decompress(rtf), 20_000 + len(rtf) // 4)
        if wrapped.html:
            html = wrapped.text
        elif not plain.strip() or MARK in wrapped.text:
            plain = wrapped.text
    shown = [("plain", plain), ("html", html)]
    parts = [
        _part(f"text/{kind}; charset=utf-8", text.encode("utf-8", "replace")) for kind, text in shown if text.strip()
    ]
    yield _joined("multipart/alternative", "", parts)
    if own.text(_CLASS).upper().startswith("IPM.SCHEDULE."):
        yield _part("text/calendar", b"")


def _attachment(storage: "Storage", depth: int, codepage: str) -> Iterator[bytes]:
    """A file, or a letter within the letter."""
    own = _Properties(storage, _OTHER_HEAD, codepage)
    name = re.sub(r"[\x00-\x1f\"\\]", " ", own.text(*_FILE_NAMES))
    nested = next((inner for inner in storage.storages if inner.name.lower() == f"__substg1.0_{_FILE:04x}000d"), None)
    if nested is not None:
        if depth < _DEEPEST and (message := _message(nested, depth + 1, codepage)):
            yield _part("message/rfc822", message, name)
        return
    kind = own.text(_FILE_TYPE)
    kind = kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "application/octet-stream"
    cid = re.sub(r"[<>\s]", "", own.text(_FILE_ID))
    yield _part(kind, own.data(_FILE), name, cid)


def _part(kind: str, content: bytes, name: str = "", cid: str = "") -> bytes:
    disposition = "inline" if cid else "attachment"
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
    head += f"Content-ID: <{cid}>\r\n" if cid else ""
    head += f'Content-Disposition: {disposition}; filename="{name}"\r\n' if name or cid else ""
    return head.encode("utf-8", "replace") + b"\r\n" + base64.b64encode(content)
