"""Raw bytes of a message to a `Letter`. Pure; never raises, whatever the bytes; linear in their number.

Our own walk over RFC 5322 and RFC 2045 rather than the standard library's: that one recurses once per nested part
and looks at each line once per open boundary, which a stranger's letter can make arbitrarily slow.
"""

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote

from core.letters.automatic import why_automatic
from core.letters.charsets import clean, decode, decode_header, from_base64, mend
from core.letters.markup import read_html
from core.letters.model import Attachment, Letter
from core.letters.outlook import MAGIC, from_outlook
from core.letters.quotes import Parts, is_cover, split_text
from core.letters.struck import strokes_as_marks

LONGEST_TEXT: Final = 200_000
"""Characters of a part's text that are read; what stands beyond is never news."""
MOST_ATTACHED: Final = 50 * 1024 * 1024
"""Bytes of all files of a letter that are kept; the files beyond are only named."""
_LARGEST_LOGO: Final = 20_000
_DEEPEST: Final = 8
_DEEPEST_LETTER: Final = 2
_MOST_INNER: Final = 2
"""Of several attached letters none is surely the news: they are hints."""
_MOST_PARTS: Final = 100
_HEADER_BYTES: Final = 65_536
_HEAD_END: Final = re.compile(rb"\r?\n[ \t]*\r?\n|\r[ \t]*\r")
_FOLD: Final = re.compile(rb"(?:\r\n|\n|\r)(?=[ \t])")
_STILL_QUOTED: Final = re.compile(rb"(?:=[89A-F][0-9A-F]){4}")
_FIELD: Final = re.compile(rb"([!-9;-~]{1,80})[ \t]*:[ \t]*(.*)", re.DOTALL)
_MEDIA_TYPE: Final = re.compile(r"\s*([\w.+-]+/[\w.+-]+)")
_PARAMETER: Final = re.compile(r";\s*([\w-]+)(?:\*\d*\*?)?\s*=\s*(?:\"([^\"]*)\"|([^;\s]*))")
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]:;,\"'@]{1,128}@[^\s<>()\[\]:;,\"'@]{1,255}")
_MESSAGE_ID: Final = re.compile(r"<\s*([^<>\s]{1,400})\s*>")
_REPLY: Final = re.compile(
    r"\s*(?:\[[^\]]{1,30}\]\s*|\*{2,}[^*]{1,30}\*{2,}\s*)*"
    r"(?:(?P<reply>re|отв|ответ|відп|відповідь|ha|на|aw|sv|вiдп|відпов)|"
    r"(?P<forward>fwd?|wg|пер|пересл|переслано|вид|fyi|пересылка))"
    r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"\s*(?:\[(?:ext|external|spam|внешн)[^\]]{0,20}\]|\*{2,}\s*spam\s*\*{2,})\s*", re.IGNORECASE)
_STUB: Final = re.compile(
    r"(?:not |не |does ?n.t )(?:support|display|поддержива|підтриму)|html (?:message|version)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part: its header fields by lower-case name, its type and parameters, its undecoded body."""

    fields: dict[str, list[bytes]]
    content_type: str
    parameters: dict[str, str]
    body: bytes

    def first(self, name: str) -> str:
        """The decoded value of the first header field of that name, else an empty text."""
        values = self.fields.get(name)
        return decode_header(values[0][:10_000]) if values else ""


class Budget:
    """How many more parts will be looked into: a letter of ten thousand parts is read in part."""

    def __init__(self) -> None:
        self.left = _MOST_PARTS

    def take(self) -> bool:
        """Use one up; False when none is left."""
        self.left -= 1
        return self.left >= 0


def parse_letter(raw: bytes, received_at: datetime) -> Letter:
    """The letter in these bytes, a message or an Outlook file (`.msg`); `received_at` is aware, UTC.

    What is damaged is read as far as it goes.
    """
    return _letter(from_outlook(raw) if raw.startswith(MAGIC) else raw, received_at, depth=0)


def strip_subject(subject: str) -> tuple[str, bool, bool]:
    """A subject without `Re:`, `Fwd:`, `[External]`; whether it answers, whether it passes a letter on."""
    first = ""
    at = 0
    for _ in range(12):
        if tag := _TAG.match(subject, at):
            at = tag.end()
        elif prefix := _REPLY.match(subject, at):
            first = first or ("forward" if prefix["forward"] else "reply")
            at = prefix.end()
        else:
            break
    return subject[at:].strip(), first == "reply", first == "forward"


def _letter(raw: bytes, received_at: datetime, depth: int) -> Letter:
    root = _part(raw)
    walk = _Walk(received_at, depth)
    text = clean(strokes_as_marks(walk.text_of(root, 0)))[:LONGEST_TEXT]
    subject = root.first("subject")
    forward = strip_subject(subject)[2]
    parts = split_text(text, forward=forward)
    forwarded_subject, forwarded, quoted = _passed_on(parts, walk.inner)
    sender_name, sender = _mailbox(root.first("from") or root.first("sender"))
    sent_at = _date(root.first("date"))
    ids = _ids(root.first("message-id"))
    return Letter(
        message_id=ids[-1] if ids else _digest(raw, sent_at, sender, subject, text),
        sender=sender,
        sender_name=sender_name,
        to=tuple(address for name in ("to", "cc") for address in _addresses(root.first(name))),
        subject=subject,
        sent_at=sent_at,
        received_at=received_at,
        in_reply_to=next(iter(_ids(root.first("in-reply-to"))), None),
        references=_ids(root.first("references")),
        text=text,
        new_text=parts.new,
        forwarded_subject=forwarded_subject,
        forwarded_text=forwarded,
        quoted_text=quoted,
        automatic=why_automatic(
            {name: values[0].decode("latin-1")[:500].strip().lower() for name, values in root.fields.items()},
            sender,
            subject,
            walk.types,
        ),
        attachments=tuple(walk.attachments),
        reply_to=_reply_to(root.first("reply-to"), sender),
    )


def _passed_on(parts: Parts, inner: list[Letter]) -> tuple[str, str, str]:
    """Subject and text of the letter that is passed on, in the text or attached; and what is only quoted."""
    if len(inner) > 1:
        attached = "\n\n".join(f"{each.subject}\n{each.new_text}" for each in inner)
        return parts.forwarded_subject, parts.forwarded, f"{parts.quoted}\n\n{attached}"
    if parts.forwarded or not inner:
        return parts.forwarded_subject, parts.forwarded, parts.quoted
    if inner[0].forwarded_text and is_cover(inner[0].new_text):
        return inner[0].forwarded_subject, inner[0].forwarded_text, parts.quoted
    return inner[0].subject, inner[0].new_text, parts.quoted


class _Walk:
    """One way through a letter's parts: gathers the text that is shown, and notes what else there is."""

    def __init__(self, received_at: datetime, depth: int) -> None:
        self.received_at = received_at
        self.depth = depth
        self.budget = Budget()
        self.room = MOST_ATTACHED
        self.attachments: list[Attachment] = []
        self.types: set[str] = set()
        self.inner: list[Letter] = []
        self.marked = False

    def text_of(self, part: Part, depth: int) -> str:
        """The text a mail program shows for a part."""
        self.types.add(part.content_type)
        if part.content_type.startswith("multipart/"):
            return self._text_of_many(part, depth)
        if self._is_attachment(part):
            self._attach(part)
            return ""
        text = decode(_content(part)[: 4 * LONGEST_TEXT], part.parameters.get("charset", ""))
        if part.content_type == "text/html" or _looks_like_html(text):
            page = read_html(text)
            self.marked = self.marked or page.marked
            text = page.text
        return mend(text)

    def _text_of_many(self, part: Part, depth: int) -> str:
        if depth >= _DEEPEST:
            return ""
        children = (_part(chunk) for chunk in _chunks(part) if self.budget.take())
        before, self.marked = self.marked, False
        shown = [(child.content_type, self.text_of(child, depth + 1)) for child in children]
        marked, self.marked = self.marked, before or self.marked
        texts = [(kind, text) for kind, text in shown if text.strip()]
        if part.content_type != "multipart/alternative":
            return "\n\n".join(text for _, text in texts)
        plain = [text for kind, text in texts if kind == "text/plain" and not _is_stub(text, len(texts))]
        if plain and not marked and not (_rows(texts[-1][1]) > 1 and not _rows(plain[0])):
            return plain[0]
        return texts[-1][1] if texts else ""

    def _is_attachment(self, part: Part) -> bool:
        if part.content_type not in {"text/plain", "text/html", "text"}:
            return True
        disposition = part.first("content-disposition").lower()
        return disposition.startswith("attachment") or ("filename" in disposition and "name" in part.parameters)

    def _attach(self, part: Part) -> None:
        disposition = dict(_parameters(part.first("content-disposition")))
        name = clean(disposition.get("filename") or part.parameters.get("name", ""))[:200]
        size = len(part.body) * 3 // 4 if _encoding(part) == "base64" else len(part.body)
        if _is_logo(part, size):
            self.attachments.append(Attachment(name, part.content_type, size, inline=True))
            return
        content = _content(part, len(part.body)) if size <= self.room else b""
        self.room -= len(content)
        self.attachments.append(Attachment(name, part.content_type, len(content) or size, content))
        if (
            len(self.inner) < _MOST_INNER
            and self.depth < _DEEPEST_LETTER
            and (message := _message_in(content, part, name))
        ):
            self.inner.append(_letter(message, self.received_at, self.depth + 1))


def _message_in(content: bytes, part: Part, name: str) -> bytes:
    """The letter that is attached, as a message or as an Outlook file; empty for other files."""
    if part.content_type == "message/rfc822" or (name.lower().endswith(".eml") and _FIELD.match(content[:200])):
        return content
    outlook = part.content_type == "application/vnd.ms-outlook" or name.lower().endswith(".msg")
    return from_outlook(content) if outlook and content.startswith(MAGIC) else b""


def _part(raw: bytes) -> Part:
    head, body = _halves(raw)
    fields: dict[str, list[bytes]] = {}
    for line in re.split(rb"\r\n|\n|\r", _FOLD.sub(b"", head)):
        if field := _FIELD.match(line):
            fields.setdefault(field[1].decode("ascii").lower(), []).append(field[2].strip())
    declared = decode_header(fields["content-type"][0][:2000]) if "content-type" in fields else ""
    kind = _MEDIA_TYPE.match(declared)
    parameters = dict(_parameters(declared))
    return Part(fields, kind[1].lower() if kind else "text/plain", parameters, body)


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    """Header and body. Bytes that begin with no header field are all body."""
    if raw.startswith((b"\r\n", b"\n")):
        return b"", raw.lstrip(b"\r\n")
    first = raw[:1000].split(b"\n", 1)[0]
    if not _FIELD.match(first) and not first.startswith((b"From ", b">From ")):
        return b"", raw
    end = _HEAD_END.search(raw, 0, _HEADER_BYTES)
    return (raw[: end.start()], raw[end.end() :]) if end else (raw[:_HEADER_BYTES], b"")


def _parameters(value: str) -> Iterator[tuple[str, str]]:
    """Parameters of a structured field; RFC 2231 pieces are taken as they come."""
    joined: dict[str, str] = {}
    for found in _PARAMETER.finditer(value[:4000]):
        plain = found[2] if found[2] is not None else found[3]
        if "*" in found[0].split("=")[0]:
            plain = unquote(plain.split("''")[-1])
        joined[found[1].lower()] = joined.get(found[1].lower(), "") + plain
    yield from joined.items()


def _chunks(part: Part) -> Iterator[bytes]:
    """The parts between a multipart's boundary lines; a missing end mark ends at the end."""
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
    if not boundary:
        yield b"\n" + part.body
        return
    mark = re.compile(rb"(?:^|\r?\n|\r)--" + re.escape(boundary[:200]) + rb"(--)?[ \t]*(?=\r|\n|$)")
    start: int | None = None
    for found in mark.finditer(part.body):
        if start is not None:
            yield part.body[start : found.start()]
        start = None if found[1] else found.end()
        if start is not None and (newline := re.match(rb"\r\n|\n|\r", part.body[start : start + 2])):
            start += newline.end()
    if start is not None:
        yield part.body[start:]


def _encoding(part: Part) -> str:
    return part.fields.get("content-transfer-encoding", [b""])[0].strip().lower().decode("ascii", "replace")


def _content(part: Part, most: int = 8 * LONGEST_TEXT) -> bytes:
    """A part's bytes with the transfer encoding undone, as far as that goes; of encoded ones the first `most`."""
    encoding = _encoding(part)
    if encoding == "base64":
        return from_base64(part.body[:most])
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.body[:most])
    if part.content_type.startswith("text") and _STILL_QUOTED.search(part.body[:_HEADER_BYTES]):
        return binascii.a2b_qp(part.body[:most])  # the field that says so was lost on the way
    return part.body


def _is_logo(part: Part, size: int) -> bool:
    """A small picture that the text refers to and that is not offered as a file."""
    named = "content-id" in part.fields and part.content_type.startswith("image/")
    return named and size < _LARGEST_LOGO and not part.first("content-disposition").lower().startswith("attachment")


def _looks_like_html(text: str) -> bool:
    return text[:200].lstrip().lower().startswith(("<!doctype html", "<html"))


def _rows(text: str) -> int:
    """Rows of tables, which the plain half of a letter tears into single words."""
    return sum(" | " in line and any(map(str.isdigit, line)) for line in text[:LONGEST_TEXT].split("\n"))


def _is_stub(text: str, alternatives: int) -> bool:
    """ "Your program does not support HTML": the plain half of some letters."""
    return alternatives > 1 and len(text) < 200 and _STUB.search(text) is not None


def _mailbox(value: str) -> tuple[str, str]:
    """The name and the bare address of a `From` field."""
    found = list(_ADDRESS.finditer(value[:1000]))
    if not found:
        return value.strip(' "<>')[:200], ""
    address = found[-1]
    name = value[: address.start()].strip(' "<>') or value[address.end() :].strip(" ()>")
    return name[:200], address[0].lower().strip(".")


def _addresses(value: str) -> list[str]:
    return [found[0].lower() for found in _ADDRESS.finditer(value)][:200]


def _reply_to(value: str, sender: str) -> str:
    found = {address.strip(".") for address in _addresses(value[:1000])}
    return found.pop() if len(found) == 1 and sender not in found else ""


def _ids(value: str) -> tuple[str, ...]:
    found = tuple(_MESSAGE_ID.findall(value))
    return found or tuple(word for word in value.split()[:1] if "@" in word)


def _digest(raw: bytes, sent_at: datetime | None, *said: str) -> str:
    """What a letter without an id is known by: what it says, however it was fetched; without a date its bytes."""
    spoken = "\n".join(" ".join(text.split()) for text in said)
    known = f"{sent_at.isoformat()}\n{spoken}".encode("utf-8", "replace") if sent_at else raw
    return "sha256:" + hashlib.sha256(known).hexdigest()


def _date(value: str) -> datetime | None:
    """The `Date` field as a moment; one without a zone is taken for UTC."""
    try:
        moment = parsedate_to_datetime(value[:100])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
