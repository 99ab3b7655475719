import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.letters.mime import MOST_ATTACHED, parse_letter, strip_subject
from core.letters.model import Attachment, Letter
from core.letters.rules import read

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def letter(*lines: str | bytes) -> Letter:
    return parse_letter(b"\r\n".join(line.encode() if isinstance(line, str) else line for line in lines), NOW)


def test_the_plain_fields_of_a_letter_are_read() -> None:
    found = letter(
        'From: "Dispatch Desk" <Dispatch@Contractor.example>',
        "To: Duty <duty@monitoring.example>, lead@monitoring.example",
        "Subject: Request 101",
        "Date: Mon, 02 Mar 2026 09:30:00 +0200",
        "Message-ID: <abc@contractor.example>",
        "In-Reply-To: <one@monitoring.example>",
        "References: <zero@monitoring.example>",
        " <one@monitoring.example>",
        "",
        "Accepted.",
    )
    assert found.sender == "dispatch@contractor.example"
    assert found.sender_name == "Dispatch Desk"
    assert found.to == ("duty@monitoring.example", "lead@monitoring.example")
    assert found.sent_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert found.moment == found.sent_at
    assert found.message_id == "abc@contractor.example"
    assert found.in_reply_to == "one@monitoring.example"
    assert found.references == ("zero@monitoring.example", "one@monitoring.example")
    assert found.new_text == "Accepted."


def test_a_letter_without_an_id_is_known_by_its_bytes() -> None:
    one, same, other = letter("Subject: a", "", "x"), letter("Subject: a", "", "x"), letter("Subject: a", "", "y")
    assert one.message_id.startswith("sha256:")
    assert one.message_id == same.message_id != other.message_id


def test_a_letter_without_an_id_is_the_same_however_it_was_fetched() -> None:
    head = ("From: a@b.example", "Subject: a", "Date: Mon, 02 Mar 2026 09:30:00 +0200")
    encoded = base64.b64encode("Бригада  выехала\n".encode()).decode()
    plain = letter("Received: by x", *head, "Content-Type: text/plain; charset=utf-8", "", "Бригада выехала", "")
    other = letter(*head, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", encoded)
    assert plain.message_id == other.message_id
    assert plain.message_id.startswith("sha256:")
    assert plain.message_id != letter(*head, "", "Бригада прибыла").message_id


def test_a_letter_without_a_date_counts_from_when_it_came() -> None:
    assert letter("Subject: a", "Date: yesterday", "", "x").moment == NOW


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "koi8-u", "iso-8859-5"])
def test_a_declared_charset_is_read(charset: str) -> None:
    body = "Заявка принята, бригада выехала".encode(charset)
    found = letter(f"Content-Type: text/plain; charset={charset}", "", body)
    assert found.new_text == "Заявка принята, бригада выехала"


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r"])
def test_capitals_are_read_in_their_charset(charset: str) -> None:
    body = "ЗАЯВКА ПРИНЯТА В РАБОТУ".encode(charset)
    assert letter(f"Content-Type: text/plain; charset={charset}", "", body).new_text == "ЗАЯВКА ПРИНЯТА В РАБОТУ"


@pytest.mark.parametrize("real", ["utf-8", "windows-1251", "koi8-r"])
@pytest.mark.parametrize("label", ["utf-8", "windows-1251", "koi8-r", "iso-8859-1", "us-ascii", "x-unknown", ""])
def test_a_wrong_charset_label_does_not_matter(real: str, label: str) -> None:
    body = "Добрый день! Заявка принята в работу, бригада выехала на объект.".encode(real)
    found = letter(f"Content-Type: text/plain; charset={label}", "", body)
    assert found.new_text == "Добрый день! Заявка принята в работу, бригада выехала на объект."


def test_ukrainian_letters_of_koi8_u_survive_the_label_koi8_r() -> None:
    body = "Бригада виїхала на об'єкт, її чекають".encode("koi8-u")
    assert letter("Content-Type: text/plain; charset=koi8-r", "", body).new_text.startswith("Бригада виїхала")


def test_a_western_letter_stays_western() -> None:
    body = "Le technicien est arrivé à 10 h".encode("cp1252")
    assert (
        letter("Content-Type: text/plain; charset=iso-8859-1", "", body).new_text == "Le technicien est arrivé à 10 h"
    )


def test_text_garbled_once_is_mended() -> None:
    garbled = "Заявка принята".encode().decode("cp1251").encode()
    assert letter("Content-Type: text/plain; charset=utf-8", "", garbled).new_text == "Заявка принята"


@pytest.mark.parametrize(
    ("real", "wrong"),
    [("cp1251", "latin-1"), ("koi8-r", "latin-1"), ("koi8-r", "cp1251"), ("cp1251", "cp866"), ("utf-8", "cp866")],
)
def test_text_read_in_a_wrong_charset_on_its_way_is_mended(real: str, wrong: str) -> None:
    text = "Заявка 101: бригада в пути, будет через час"
    garbled = text.encode(real).decode(wrong)
    assert letter("Content-Type: text/plain; charset=utf-8", "", garbled).new_text == text


@pytest.mark.parametrize(
    "text",
    [
        "Müller: größere Übung für Ägypten, schön",
        "Déjà vu à l'été, garçon, façade",
        "Żółć gęślą jaźń",
        "ЗАЯВКА 101 ПРИНЯТА, ФОТО",
        "Ελληνικά",
    ],
)
def test_what_is_no_garbled_cyrillic_stays(text: str) -> None:
    assert letter("Content-Type: text/plain; charset=utf-8", "", text).new_text == text


def test_one_byte_text_labelled_utf16_is_read() -> None:
    assert letter("Content-Type: text/plain; charset=utf-16", "", "Бригада".encode("cp1251")).new_text == "Бригада"


def test_quoted_printable_that_lost_its_field_is_read() -> None:
    assert letter("", "=D0=94=D0=B0").new_text == "Да"


def test_damaged_utf8_loses_only_what_is_damaged() -> None:
    body = "Заявка 101 принята".encode()
    assert letter("", body[:3] + body[4:]).new_text.endswith("101 принята")


@pytest.mark.parametrize(
    "value",
    [
        b"=?utf-8?B?0JfQsNGP0LLQutCwIDEwMQ==?=",
        b"=?utf-8?b?0JfQsNGP0LLQutCwIDEwMQ?=",
        b"=?UTF-8?Q?=D0=97=D0=B0=D1=8F=D0=B2=D0=BA=D0=B0_101?=",
        b"=?utf-8?Q?=D0=97=D0=B0=D1=8F=D0=B2=D0=BA=D0=B0 101?=",
        b"=?utf-8?Q?=D0=97=D0=B0=D1=8F=D0?= =?utf-8?Q?=B2=D0=BA=D0=B0_101?=",
        b"=?utf-8*ru?Q?=D0=97=D0=B0=D1=8F=D0=B2=D0=BA=D0=B0_101",
        b"=?windows-1251?B?x+D/4urgIDEwMQ==?=",
        b"=?iso-8859-1?B?x+D/4urgIDEwMQ==?=",
        b"=?utf-8?B?0JfQsNGP0?=\r\n =?utf-8?B?LLQutCwIDEwMQ==?=",
        b"=?utf-8?B?PT91dGYtOD9CPzBKZlFzTkdQMExMUXV0Q3dJREV3TVE9PT89?=",
        "Заявка 101".encode(),
        "Заявка 101".encode("cp1251"),
    ],
)
def test_a_subject_is_read_however_it_is_encoded(value: bytes) -> None:
    assert letter(b"Subject: " + value, "", "x").subject == "Заявка 101"


def test_base64_with_stray_signs_is_read() -> None:
    body = base64.b64encode("Бригада выехала".encode()).decode()
    broken = body[:7] + "\r\n !" + body[7:].rstrip("=")
    found = letter("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", broken)
    assert found.new_text == "Бригада выехала"


def test_the_plain_half_of_an_alternative_is_preferred() -> None:
    found = letter(
        'Content-Type: multipart/alternative; boundary="b"', "", "--b", "Content-Type: text/plain", "",
        "On site.",
        "--b", "Content-Type: text/html", "", "<p>Arrived</p>", "--b--",
    )  # fmt: skip
    assert found.new_text == "On site."


def test_html_counts_when_the_plain_half_says_nothing() -> None:
    found = letter(
        "Content-Type: multipart/alternative; boundary=b", "", "--b", "Content-Type: text/plain", "",
        "Your mail program does not support HTML.", "--b", "Content-Type: text/html", "",
        "<p>Arrived</p>", "--b--",
    )  # fmt: skip
    assert found.new_text == "Arrived"


def test_html_counts_when_the_plain_half_has_lost_a_table() -> None:
    found = letter(
        "Content-Type: multipart/alternative; boundary=b", "", "--b", "Content-Type: text/plain", "",
        "101", "On site", "102", "Accepted", "--b", "Content-Type: text/html", "",
        "<table><tr><td>101<td>On site<tr><td>102<td>Accepted</table>", "--b--",
    )  # fmt: skip
    assert found.new_text == "101 | On site\n102 | Accepted"


def test_html_counts_when_the_plain_half_does_not_tell_what_is_struck_through() -> None:
    found = letter(
        "Content-Type: multipart/alternative; boundary=b", "", "--b", "", "101 102", "--b",
        "Content-Type: text/html", "", "<s>101</s> 102", "--b--",
    )  # fmt: skip
    assert found.new_text == "~~101~~ 102"


def test_strokes_laid_over_letters_strike_words_through() -> None:
    assert letter("", "Д\u0336а\u0336 нет").new_text == "~~Да~~ нет"


def test_a_missing_end_mark_ends_at_the_end() -> None:
    found = letter("Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "On site.")
    assert found.new_text == "On site."


def test_attachments_are_listed_and_not_read() -> None:
    found = letter(
        "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "Done.", "--b",
        'Content-Type: application/pdf; name="act.pdf"', "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment; filename*=UTF-8''%D0%B0%D0%BA%D1%82.pdf", "", "QUJD", "--b",
        'Content-Type: text/plain; name="notes.txt"', "Content-Disposition: attachment; filename=notes.txt", "",
        "Cancelled.", "--b--",
    )  # fmt: skip
    assert found.new_text == "Done."
    assert [(file.name, file.content_type, file.size) for file in found.attachments] == [
        ("акт.pdf", "application/pdf", 3),
        ("notes.txt", "text/plain", 10),
    ]


def attached(*lines: str, content: bytes = b"") -> Attachment:
    head = ("Content-Type: multipart/mixed; boundary=b", "", "--b", "", "Done.", "--b")
    return letter(*head, *lines, "", base64.b64encode(content).decode(), "--b--").attachments[0]


def test_an_attachment_has_its_content() -> None:
    content = bytes(range(256)) * 20_000
    found = attached("Content-Type: image/jpeg; name=a.jpg", "Content-Transfer-Encoding: base64", content=content)
    assert (found.content, found.size, found.inline) == (content, len(content), False)


def test_a_signatures_logo_is_inline_and_not_kept() -> None:
    logo = ("Content-Type: image/png; name=image001.png", "Content-ID: <x>", "Content-Transfer-Encoding: base64")
    small = attached(*logo, content=b"x" * 300)
    assert (small.inline, small.content, small.size) == (True, b"", 300)
    assert not attached(*logo, content=b"x" * 30_000).inline
    assert not attached(*logo, "Content-Disposition: attachment", content=b"x" * 300).inline


def test_files_beyond_the_bound_are_only_named() -> None:
    part = b"--b\r\nContent-Type: application/zip; name=a.zip\r\n\r\n" + b"x" * (MOST_ATTACHED // 2 + 1) + b"\r\n"
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    one, other = parse_letter(head + part + part + b"--b--", NOW).attachments
    assert len(one.content) == one.size == other.size
    assert other.content == b""


def test_a_letter_attached_to_a_letter_is_its_forwarded_part() -> None:
    found = letter(
        "Subject: Fwd: news", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "FYI", "--b",
        "Content-Type: message/rfc822", "", "Subject: Request 7", "", "The crew has arrived.", "--b--",
    )  # fmt: skip
    assert (found.new_text, found.forwarded_subject) == ("FYI", "Request 7")
    assert found.forwarded_text == "The crew has arrived."


def test_of_a_letter_passed_on_twice_the_first_one_counts() -> None:
    found = letter(
        "Subject: Fwd: 7", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "FYI", "--b",
        "Content-Type: message/rfc822", "", "Subject: Fwd: 7", "", "FYI", "", "-------- Forwarded Message --------",
        "Subject: Request 7", "From: a@b.example", "", "The crew has arrived.", "--b--",
    )  # fmt: skip
    assert (found.forwarded_subject, found.forwarded_text) == ("Request 7", "The crew has arrived.")


def test_a_letter_attached_as_a_file_is_the_forwarded_part() -> None:
    content = base64.b64encode(b"Subject: Request 7\r\n\r\nThe crew has arrived.").decode()
    found = letter(
        "Subject: Fwd: 7", "Content-Type: multipart/mixed; boundary=b", "", "--b",
        'Content-Type: application/octet-stream; name="news.eml"', "Content-Transfer-Encoding: base64", "", content,
        "--b--",
    )  # fmt: skip
    assert (found.forwarded_subject, found.forwarded_text) == ("Request 7", "The crew has arrived.")


def test_of_several_attached_letters_none_is_the_news() -> None:
    found = letter(
        "Subject: Fwd: 7", "Content-Type: multipart/mixed; boundary=b", "",
        *("--b", "Content-Type: message/rfc822", "", "Subject: Request 7", "", "Arrived.") * 2, "--b--",
    )  # fmt: skip
    assert found.forwarded_text == ""
    assert found.quoted_text.count("Arrived.") == 2


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p>По&nbsp;заявке&nbsp;101</p>", "По заявке 101"),
        ("<style>p{}</style><script>x('<b>9</b>')</script>Да", "Да"),
        ('<div style="display: none">9999</div>Да', "Да"),
        ('<p style="mso-hide:all">9999<p>Да', "Да"),
        ('<span style="font-size:0px">9999</span>Да', "Да"),
        ('<span style="font-size:0.9em">101</span>', "101"),
        ('<td style="font-size:0px"><div style="font-size:13px">Да</div>9999</td>', "Да"),
        ('<div style="overflow: hidden ; width: 1px">Да</div><div hidden>9999</div>', "Да"),
        ("<style>a, p.x {display : none}</style><p class='b x'>9999</p><p class=y>Да</p>", "Да"),
        ("<style><!-- /* c */ #x{display:none} --></style><p id=x>9999</p><p class=x>Да</p>", "Да"),
        ("<style>@media print {.x{display:none} .y{display:none}}</style><p class=x>Да</p>", "Да"),
        ("<style>.x{display:none} .x{display:block}</style><p class=x>Да</p>", "Да"),
        ("<font color=white>9999</font>Да", "Да"),
        ("<p style='color:#fdfdfd'>9999</p>Да", "Да"),
        ("<p style='color:rgba(0, 0, 0, 0.01)'>9999</p>Да", "Да"),
        ("<p style='background:black'>9999<font color=white>Да</font></p>", "Да"),
        ("<table bgcolor=#369><tr><td><font color='#336699'>9999</font><font color=white>Да", "Да"),
        ("<p style='background:url(a.png)'><font color=white>Да</font></p>", "Да"),
        ("<style>u {color:white}</style><u>9999</u>Да", "Да"),
        ("<p style='opacity:.01'>9999</p>Да", "Да"),
        ("<p style='position:absolute;left:-9999px'>9999</p>Да", "Да"),
        ("<p style='font-size:1px'>9999</p>Да", "Да"),
        ("<s>9999</s> Да", "~~9999~~ Да"),
        ("<del><b>99</b>99<br>88</del> Да", "~~9999~~\n~~88~~ Да"),
        ("<span style='text-decoration:underline line-through red'>9999</span>", "~~9999~~"),
        ("<s style='text-decoration:none'>Да</s>", "Да"),
        ("<table><tr><td>101</td><td>на месте</td></tr></table>", "101 | на месте"),
        ("<table><tr><td><p>101</p></td><td><p>на<br>месте</p></td></tr></table>", "101 | на месте"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d"),
        ("<table><tr><td rowspan=2>a<td>b<td>c</tr><tr><td>d<td>e</tr></table>", "a | b | c\n| d | e"),
        ("<table><tr><td colspan=2>a</td><td>b</td></tr></table>", "a |  | b"),
        ("<table><tr><td>Лого</td><td><table><tr><td>a<td>b</table>c</td></tr></table>", "Лого\na | b\nc"),
        ("<blockquote><table><tr><td>a<td>b</table></blockquote>Да", "Да"),
        ("<ul><li>101<li>102</ul>", "101\n102"),
        ("a<br>b", "a\nb"),
        ("<p title='a > b'>Да</p>", "Да"),
        ("&#1044;&#1072; &lt;1&gt;", "Да <1>"),
        ("Да<!-- 9999", "Да"),
        ("<![CDATA[9]]>Да", "Да"),
        ("2 < 3", "2 < 3"),
        ("<blockquote>9999</blockquote>Да", "Да"),
        ("<div>Да</div><div class='gmail_signature'>9999</div>", "Да"),
        ("<div>Да</div><div id=AppleMailSignature>9999</div>", "Да"),
        ("<div>Да</div><div id='Signature'><p>9999</p></div>", "Да"),
        ("&#99999999999999999999999;Да", "Да"),
    ],
)
def test_html_is_read_as_it_is_shown(source: str, shown: str) -> None:
    assert letter("Content-Type: text/html; charset=utf-8", "", source).new_text.strip() == shown


def test_invisible_signs_do_not_part_words() -> None:
    assert letter("", "За\u00adяв\u200bка\u00a0101").new_text == "Заявка 101"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Re: Заявка 101", ("Заявка 101", True, False)),
        ("FW: Re: Заявка 101", ("Заявка 101", False, True)),
        ("[EXT] RE[2]: Request 5", ("Request 5", True, False)),
        ("Відп: Запит 5", ("Запит 5", True, False)),
        ("Отв: Пересл: Заявка", ("Заявка", True, False)),
        ("Результат: принято", ("Результат: принято", False, False)),
    ],
)
def test_a_subject_knows_whether_it_answers(subject: str, expected: tuple[str, bool, bool]) -> None:
    assert strip_subject(subject) == expected


@pytest.mark.parametrize(
    "fields",
    [
        ["Auto-Submitted: auto-replied"],
        ["X-Auto-Response-Suppress: All"],
        ["Precedence: bulk"],
        ["List-Id: <news.example>"],
        ["Return-Path: <>"],
        ["From: MAILER-DAEMON@mx.example"],
        ["Subject: Automatic reply: Request 5"],
        ["Subject: Автоответ: Заявка 5"],
        ["Subject: Автоматична відповідь: Запит 5"],
        ["Content-Type: multipart/report; report-type=delivery-status; boundary=b"],
        ["Content-Type: text/calendar; method=REPLY"],
    ],
)
def test_mail_that_no_person_wrote_is_known(fields: list[str]) -> None:
    found = letter(*fields, "", "Заявка 5 принята")
    assert found.automatic
    assert read(found).outcome == "ignore"


def test_a_person_whose_program_says_auto_submitted_no_is_a_person() -> None:
    assert letter("Auto-Submitted: no", "Precedence: normal", "", "Принято").automatic is None


PIECES = st.sampled_from(
    [
        b"From: ", b"Subject: ", b"Content-Type: ", b"multipart/mixed; boundary=",
        b"text/html; charset=", b"b", b"--b",
        b"--b--", b"\r\n", b"\n", b"\r\n\r\n", b"=?utf-8?B?", b"?=", b"=?koi8-r?Q?",
        b"Content-Transfer-Encoding: ",
        b"base64", b"quoted-printable", b"=", b"=D0=97", b"0JfQsA==", b"<div style=display:none>",
        b"</div>", b"<",
        b">", b"&#x110000;", b"&nbsp", b"message/rfc822", b"Date: ", b"Mon, 99 Foo 20266 99:99:99 +9999",
        b"\x00", b"\xff\xfe", b"-----Original Message-----", b"> ", b" wrote:", b"utf-16", b"utf-7",
        b"hex", b"\xd0",
        b"Message-ID: <", "заявка ".encode(), "101, 102 или 103".encode(), "принята".encode(),
        "выехали в 10:30".encode(),
        "№".encode(),         "если ".encode("cp1251"), "İ".encode(), "От: a\nКому: b\nТема: c\n".encode(),
        b"filename*=utf-8''%ZZ%",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=60).map(b"".join))
def test_no_bytes_make_the_reader_raise(raw: bytes) -> None:
    reading = read(parse_letter(raw, NOW), open_numbers=("101",))
    assert reading.outcome in {"update", "note", "triage", "ignore"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_mangling_of_a_real_letter_makes_the_reader_raise(data: st.DataObject) -> None:
    text = "Заявка 101, поз. 2: бригада выехала.\r\n> Заявка 9"
    whole = b"\r\n".join(
        [b"Subject: =?utf-8?B?0JfQsNGP0LLQutCw?=", b'Content-Type: multipart/mixed; boundary="b"', b"",
        b"--b",
         b"Content-Type: text/html; charset=utf-8", b"", text.encode(), b"--b--"]
    )  # fmt: skip
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    read(parse_letter(whole[:start] + data.draw(st.binary(max_size=30)) + whole[end:], NOW))


ORDINARY = ("Заявка 101, позиция 12: бригада выехала, будет на объекте через 30 минут.\n".encode() * 900)[:100_000]


def cost_of(raw: bytes) -> float:
    """Seconds of the processor that reading takes, the least of three tries. How many are allowed: the benchmarks."""
    costs = []
    for _ in range(3):
        start = time.process_time()
        read(parse_letter(raw, NOW))
        costs.append(time.process_time() - start)
    return min(costs)


HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
MANY = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", "x"), (b"", "101 - на месте\n"), (b"", "заявка 101 | 5 | принята\n"), (b"", "101/102 "), (b"", "#1 "),
        (b"", "если приняли, "), (b"", "когда приехали "), (b"", "не не "), (HTML, "<tr><td>1<td>2"), (HTML, "<br>"),
        (HTML, "<b><i>"), (HTML, "<blockquote>1"), (MANY, "--b\r\n"), (b"Subject: ", "=?utf-8?B?0JfQsA==?= "),
        (b"", "X-A: b\r\n"), (MANY, "--b\r\nContent-Type: message/rfc822\r\n\r\n"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n", "=aGVs\r\n"),
    ],
)  # fmt: skip
def test_a_hundred_kilobytes_of_anything_cost_little_more_than_a_letter_of_that_size(head: bytes, piece: str) -> None:
    raw = head + (piece.encode() * 100_000)[:100_000]
    assert cost_of(raw) < 4 * max(cost_of(ORDINARY), 0.01)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", "<td>x", "--b\r\n", "&#1;", "=?utf-8?B?", "> ", "заявка 101, ", "принято, ", "12:00 <a@b.cc>:\n",
     "От: x\nКому: y\n", " ", "-", "не ", "(", "1-", "a | 1 | b\n", "в пути "],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_time_grows_no_faster_than_the_letter(piece: str, kind: str) -> None:
    def seconds(size: int) -> float:
        head = f"Content-Type: text/{kind}; charset=utf-8; boundary=b\r\n\r\n".encode()
        raw = head + (piece.encode() * (size // len(piece.encode()) + 1))[:size]
        best = 10.0
        for _ in range(2):
            start = time.process_time()
            read(parse_letter(raw, NOW))
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(40_000), seconds(160_000)
    assert large < 8 * small + 0.05


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("Office <Office@Contractor.example>", "office@contractor.example"),
        ("p.honchar@contractor.example", ""),
        ("a@contractor.example, b@contractor.example", ""),
        ("nobody", ""),
    ],
)
def test_where_an_answer_is_wanted_is_one_address_other_than_the_senders(header: str, address: str) -> None:
    raw = f"From: P.Honchar@contractor.example\nReply-To: {header}\n\nHello".encode()
    assert parse_letter(raw, datetime(2026, 11, 21, tzinfo=UTC)).reply_to == address
