import base64
import struct
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.letters.mime import parse_letter
from core.letters.model import Letter
from core.letters.outlook import MAGIC
from core.letters.rtf import decompress, unwrap
from core.letters.rules import read
from tests.letters.outlook import File, Message, compound_file

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SENT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
NOTE = {0x001A: "IPM.Note", 0x0037: "Заявка 101", 0x0C1A: "Диспетчер", 0x5D01: "desk@contractor.example"}
TEXT = {0x1000: "Бригада виїхала, її чекають."}


def parsed(message: Message) -> Letter:
    return parse_letter(message.bytes(), NOW)


@pytest.mark.parametrize("charset", ["", "cp1251"])
def test_an_outlook_file_is_a_letter(charset: str) -> None:
    people = [(1, "Duty", "duty@monitoring.example"), (2, "Lead", "lead@monitoring.example")]
    numbers = {0x3FFD: 1251} if charset else {}
    found = parsed(Message(NOTE | TEXT, {}, numbers, {0x0039: SENT}, charset, people))
    assert (found.sender, found.sender_name) == ("desk@contractor.example", "Диспетчер")
    assert found.to == ("duty@monitoring.example", "lead@monitoring.example")
    assert (found.subject, found.new_text, found.sent_at) == ("Заявка 101", "Бригада виїхала, її чекають.", SENT)
    assert [update.status for update in read(found).updates] == ["en_route"]


def test_the_transports_fields_survive() -> None:
    headers = (
        "From: =?utf-8?B?0JA=?= <a@contractor.example>\r\nMessage-ID: <x@y.example>\r\nIn-Reply-To: <w@y.example>\r\n"
        "References: <v@y.example>\r\n\t<w@y.example>\r\nAuto-Submitted: auto-replied\r\n"
        "Content-Type: text/plain;\r\n charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n"
    )
    found = parsed(Message(NOTE | TEXT | {0x007D: headers}))
    assert (found.message_id, found.in_reply_to) == ("x@y.example", "w@y.example")
    assert found.references == ("v@y.example", "w@y.example")
    assert found.sender == "a@contractor.example"
    assert found.new_text == "Бригада виїхала, її чекають."
    assert found.automatic


def test_html_is_read_when_there_is_no_plain_text() -> None:
    html = "<html><body><p>Бригада <b>выехала</b></p><blockquote>Старое</blockquote></body></html>"
    found = parsed(Message(NOTE, {0x1013: html.encode("cp1251")}, {0x3FDE: 1251}))
    assert found.new_text == "Бригада выехала"


RTF_HTML = (
    rb"{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fswiss\fcharset204 Arial;}{\f1\fmodern Courier;}}"
    rb"{\colortbl\red0\green0\blue0;}{\*\htmltag18 <html>}\htmlrtf {\htmlrtf0 {\*\htmltag64 <p>}\htmlrtf \par "
    rb"\htmlrtf0 {\f0 \'c1\'f0\'e8\'e3\'e0\'e4\'e0}{\*\htmltag84 &nbsp;}"
    rb"\u1074?\u1099?\u1077?\u1093?\u1072?\u1083?\u1072?{\*\htmltag72 </p>}{\*\mhtmltag64 <i>}}"
)
RTF_TEXT = rb"{\rtf1\ansi\ansicpg1251\fromtext {\fonttbl{\f0 Arial;}}\f0 Crew\tab left.\par \{101\}\line On site}"


def test_html_wrapped_in_rtf_is_unwrapped() -> None:
    found = unwrap(RTF_HTML)
    assert found.html
    assert found.text == "<html><p>Бригада&nbsp;выехала</p>"


def test_text_wrapped_in_rtf_is_unwrapped() -> None:
    found = unwrap(RTF_TEXT)
    assert not found.html
    assert found.text == "Crew\tleft.\n{101}\nOn site"


def test_the_compression_of_the_specification_is_undone() -> None:
    """The examples of [MS-OXRTFCP] 4.1."""
    plain = "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af3 2068656c 0900 2062 7705b0 6c647d 0a80 0fa0"
    assert decompress(bytes.fromhex(plain)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    repeated = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
    assert decompress(bytes.fromhex(repeated)) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_words_struck_through_or_hidden_in_rtf_are_no_text() -> None:
    rtf = rb"{\rtf1 Request 1: {\strike on site\par here} en route\par \v 9999\v0 ok \strike a\strike0  b}"
    assert unwrap(rtf).text == "Request 1: ~~on site~~\n~~here~~ en route\nok ~~a~~ b"


def test_rtf_counts_where_the_plain_text_does_not_tell_what_is_struck_through() -> None:
    rtf = rb"{\rtf1 Request 101: {\strike on site} en route}"
    kept = struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf
    found = parsed(Message(NOTE | {0x1000: "Request 101: on site en route"}, {0x1009: kept}))
    assert found.new_text == "Request 101: ~~on site~~ en route"


def test_a_letter_kept_as_rtf_alone_is_read() -> None:
    stored = struct.pack("<II4sI", len(RTF_HTML) + 12, len(RTF_HTML), b"MELA", 0) + RTF_HTML
    assert parsed(Message(NOTE, {0x1009: stored})).new_text == "Бригада выехала"


def test_files_come_with_their_content_and_large_ones_too() -> None:
    large = bytes(range(256)) * 4000
    found = parsed(Message(NOTE | TEXT, files=[File("акт.pdf", large, "application/pdf"), File("a.txt", b"x")]))
    assert [(file.name, file.content) for file in found.attachments] == [("акт.pdf", large), ("a.txt", b"x")]


def test_a_signatures_logo_is_inline() -> None:
    found = parsed(Message(NOTE | TEXT, files=[File("logo.png", b"x" * 99, "image/png", "logo@1")]))
    assert found.attachments[0].inline


INNER = Message({0x001A: "IPM.Note", 0x0037: "Заявка 7", 0x1000: "Бригада прибыла."})


def test_a_letter_within_an_outlook_letter_is_its_forwarded_part() -> None:
    found = parsed(Message({0x001A: "IPM.Note", 0x0037: "FW: ответ", 0x1000: "FYI"}, files=[File("в.msg", INNER)]))
    assert (found.new_text, found.forwarded_subject, found.forwarded_text) == ("FYI", "Заявка 7", "Бригада прибыла.")


@pytest.mark.parametrize("kind", ["application/vnd.ms-outlook", "application/octet-stream"])
def test_an_outlook_file_attached_to_a_letter_is_its_forwarded_part(kind: str) -> None:
    body = base64.b64encode(INNER.bytes()).decode()
    raw = (
        f"Subject: Fwd: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nFYI\n--b\nContent-Type: {kind}\n"
        f"Content-Disposition: attachment; filename=a.msg\nContent-Transfer-Encoding: base64\n\n{body}\n--b--\n"
    )
    found = parse_letter(raw.encode(), NOW)
    assert (found.new_text, found.forwarded_text) == ("FYI", "Бригада прибыла.")


@pytest.mark.parametrize(
    ("kind", "automatic"),
    [("REPORT.IPM.Note.NDR", True), ("IPM.Note.Rules.OofTemplate.Microsoft", True),
     ("IPM.Schedule.Meeting.Request", True),
     ("IPM.Note", False), ("IPM.Note.SMIME", False)],
)  # fmt: skip
def test_machines_are_known_by_the_class_of_their_message(kind: str, automatic: bool) -> None:
    assert bool(parsed(Message(NOTE | TEXT | {0x001A: kind})).automatic) is automatic


@pytest.mark.parametrize(
    "raw", [MAGIC, MAGIC + b"\xff" * 2000, compound_file({}), compound_file({"Workbook": b"x" * 5000})]
)
def test_a_file_without_a_message_is_a_letter_with_nothing_to_read(raw: bytes) -> None:
    found = parse_letter(raw, NOW)
    assert (found.text, found.subject) == ("", "")
    assert read(found).outcome == "triage"


WHOLE = Message(
    NOTE | TEXT | {0x007D: "From: a@b.example\r\n"}, {0x1009: struct.pack("<II4sI", 999, 999, b"LZFu", 0) + RTF_HTML},
    {0x3FFD: 1251}, {0x0039: SENT}, "cp1251", [(1, "a", "a@b.example")], [File("в.msg", INNER)],
).bytes()  # fmt: skip


NOTE_TREE = Message(NOTE | TEXT).whole(nested=False)


def test_sectors_that_go_round_in_circles_are_not_followed() -> None:
    raw = bytearray(compound_file(NOTE_TREE | {"x": b"y" * 5000}))
    entry = raw.index("x".encode("utf-16-le") + bytes(62))
    struct.pack_into("<Q", raw, entry + 120, 2**31)
    struct.pack_into("<I", raw, len(raw) - 512, 0)  # the first entry of the table: the sector follows itself
    start = time.process_time()
    assert parse_letter(bytes(raw), NOW).text == ""
    assert time.process_time() - start < 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_an_outlook_file_makes_the_reader_raise(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    noise = data.draw(st.binary(max_size=40))
    end = data.draw(st.sampled_from([start, start + len(noise), start + 512, len(WHOLE)]))
    read(parse_letter(WHOLE[:start] + noise + WHOLE[end:], NOW))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_rtf_makes_the_reader_raise(compressed: bytes, rtf: bytes) -> None:
    unwrap(decompress(struct.pack("<II4sI", 300, 3000, b"LZFu", 0) + compressed))
    unwrap(b"{\\rtf1\\fromhtml" + rtf)


@pytest.mark.parametrize(
    "piece", [b"{", b"}", b"\\'41", b"\\u1?", b"\\par ", b"\\f0", b"x", b"\xff\x00\x11", b"{\\*\\htmltag <p>}"]
)
def test_a_bomb_of_rtf_is_read_in_time(piece: bytes) -> None:
    rtf = (b"{\\rtf1\\fromhtml1 " + piece * 100_000)[:100_000]
    message = Message(NOTE, {0x1009: struct.pack("<II4sI", len(rtf) + 12, 10**7, b"MELA", 0) + rtf}).bytes()
    start = time.process_time()
    read(parse_letter(message, NOW))
    assert time.process_time() - start < 1  # of the kind that goes back over its input it would take minutes


def test_a_bomb_of_compression_is_read_in_time() -> None:
    packed = b"\x00" + b"{" * 8 + b"\xff" + b"\x0c\xff" * 8
    message = Message(NOTE, {0x1009: struct.pack("<II4sI", 100_000, 10**7, b"LZFu", 0) + packed * 4000}).bytes()
    start = time.process_time()
    read(parse_letter(message, NOW))
    assert time.process_time() - start < 1
