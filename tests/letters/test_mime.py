import base64
from datetime import UTC, datetime

import pytest

from core.letters.mime import parse_letter, strip_subject
from core.letters.rules import read
from tests.letters.wire import NOW, letter


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
