"""Letters of ours, without a database: to whom, what, in which thread, and as what bytes they leave."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Rejected, UserError
from core.letters import outgoing
from core.letters.mime import parse_letter
from core.letters.outgoing import OutgoingLetter
from core.letters.rules import read
from core.people.model import Reader
from core.requests.model import WORKFLOW, Request
from core.text import LANGUAGES
from jobs.letters.post import build
from tests.conftest import NOON

KYIV = "Europe/Kyiv"


def request(name: str = "101/12", title: str = "Leak in the server room", status: str = "sent") -> Request:
    number, _, position = name.partition("/")
    return Request(1, number, position, title, status, "", "", NOON, NOON, "Oksana")


def letter(**changes: Any) -> OutgoingLetter:
    values: dict[str, Any] = {
        "id": 1,
        "message_id": "ours@vakhta.example",
        "kind": "nudge",
        "source": "contractor",
        "request_id": 1,
        "letter_id": 1,
        "recipients": ("p.honchar@contractor.example",),
        "subject": "Re: №101/12 Leak",
        "text": "How is it?",
        "thread": ("first@contractor.example", "last@contractor.example"),
        "author": "Oksana",
        "author_id": 7,
        "origin": "chat:7",
        "created_at": NOON,
    }
    return OutgoingLetter(**(values | changes))


def sent(of: OutgoingLetter) -> EmailMessage:
    raw = build(of, "duty@vakhta.example", NOON)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998  # RFC 5322, section 2.1.1
    return message_from_bytes(raw, EmailMessage, policy=policy.default)


@pytest.mark.parametrize(
    ("subject", "name", "expected"),
    [
        ("Leak", "101/12", "Re: №101/12 Leak"),
        ("Re: Fwd: [External] RE: Leak", "101", "Re: №101 Leak"),
        ("Re: №101/12 Leak", "101/12", "Re: №101/12 Leak"),
        ("Заявка 101, поз. 12", "101/12", "Re: Заявка 101, поз. 12"),
        ("Request 101", "101", "Re: Request 101"),
        ("Request 101", "101/12", "Re: №101/12 Request 101"),
        ("Request 1012", "101", "Re: №101 Request 1012"),
        ("Request 101/3", "101", "Re: №101 Request 101/3"),
        ("Request 101/120", "101/12", "Re: №101/12 Request 101/120"),
        ("Ref 12-345", "345", "Re: №345 Ref 12-345"),
        ("a\r\nBcc: everybody@example.org", "101", "Re: №101 a Bcc: everybody@example.org"),
        ("", "101/12", "№101/12 Leak in the server room"),
        ("Re:", "101/12", "№101/12 Leak in the server room"),
    ],
)
def test_the_subject_has_the_number_once(subject: str, name: str, expected: str) -> None:
    assert outgoing.subject_of(subject, request(name)) == expected


def test_an_answer_about_no_request_keeps_its_subject() -> None:
    assert outgoing.subject_of("Re: Hello", None) == "Re: Hello"
    assert outgoing.subject_of("", None) == "Re:"


@given(st.text(max_size=400), st.sampled_from(["101/12", "101", "12-345", "2045/7"]))
def test_any_subject_has_the_number_on_one_line_and_does_not_grow(subject: str, name: str) -> None:
    first = outgoing.subject_of(subject, request(name))
    assert len(first) <= outgoing.SUBJECT_LIMIT + 4
    assert first.isprintable() or not first.splitlines()[1:]
    assert outgoing.names(first, request(name))
    again = outgoing.subject_of(first, request(name))
    assert again.count("№101") <= max(1, first.count("№101"))


@pytest.mark.parametrize("subject", ["Leak", "", "Протікання"])
def test_our_own_reader_finds_the_request_in_the_reply(subject: str) -> None:
    ours = letter(subject=outgoing.subject_of(subject, request()))
    reply = EmailMessage()
    reply["From"], reply["Message-ID"] = "p.honchar@contractor.example", "<reply@contractor.example>"
    reply["Subject"] = "Re: " + str(sent(ours)["Subject"])
    reply.set_content("Прийняли, виїхали.")
    reading = read(parse_letter(reply.as_bytes(), NOON))
    assert [(update.request, update.position, update.status) for update in reading.updates] == [
        ("101", "12", "en_route")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", ["sent", "accepted", "en_route", "on_site", "declined"])
def test_the_question_quoted_back_without_marks_moves_nothing(language: str, status: str) -> None:
    asked = request(status=status, title="Leak in room 7.")
    text = outgoing.nudge_text(WORKFLOW, asked, Reader(language, KYIV))
    assert "20.11.2026 14:00" in text
    assert "Leak in room 7." in text
    back = EmailMessage()
    back["From"], back["Subject"] = "p.honchar@contractor.example", outgoing.subject_of("Leak", asked)
    back.set_content(text)
    said = {update.status for update in read(parse_letter(back.as_bytes(), NOON)).updates}
    assert said <= {None, status}


@pytest.mark.parametrize(
    "address",
    [
        "noreply@x.example",
        "no-reply+7@x.example",
        "do_not_reply@x.example",
        "MAILER-DAEMON@x.example",
        "bounces@x.example",
    ],
)
def test_machines_are_not_written_to(address: str) -> None:
    with pytest.raises(UserError, match="machine"):
        outgoing.check_recipient(address, ())


@pytest.mark.parametrize("address", ["norepl@x.example", "reply@x.example", "bouncer@x.example", "postman@x.example"])
def test_people_are(address: str) -> None:
    assert outgoing.check_recipient(address, ()) == address


def test_our_own_mailbox_is_not_written_to() -> None:
    with pytest.raises(UserError, match="our own"):
        outgoing.check_recipient("Duty@Vakhta.example", {"duty@vakhta.example"})


@pytest.mark.parametrize(
    "address", ["", "a", "@b", "a@", "a b@c.example", "a@b, c@d", "a\r\nBcc: x@y.example", "я@b.example"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UserError, match="cannot be sent"):
        outgoing.check_recipient(address, ())


def test_a_domain_in_letters_of_ours_is_written_in_ascii() -> None:
    assert outgoing.check_recipient("p@приклад.укр", ()) == "p@xn--80aikifvh.xn--j1amh"


def test_a_text_too_long_to_be_previewed_or_empty_is_refused() -> None:
    assert outgoing.check_text(" a\r\nb\0\t\n") == "a\nb"
    with pytest.raises(UserError, match="empty"):
        outgoing.check_text(" \n\0")
    with pytest.raises(UserError, match="3002 characters"):
        outgoing.check_text("😀" * 1501)


def test_the_thread_is_bounded_and_carries_only_ids() -> None:
    assert outgoing.thread_after("sha256:abc", ["a@b", "no id", "x>y@z", "a@b"]) == ("a@b",)
    long = outgoing.thread_after("last@x", [f"{n}@x" for n in range(50)])
    assert (len(long), long[0], long[-1]) == (20, "0@x", "last@x")


def test_the_letter_leaves_in_its_thread_and_as_a_persons() -> None:
    message = sent(letter(text="Привіт\n.крапка"))
    assert (message["From"], message["To"]) == ("duty@vakhta.example", "p.honchar@contractor.example")
    assert message["Message-ID"] == "<ours@vakhta.example>"
    assert message["In-Reply-To"] == "<last@contractor.example>"
    assert message["References"].split() == ["<first@contractor.example>", "<last@contractor.example>"]
    assert message["Date"].datetime == NOON
    assert message["Subject"] == "Re: №101/12 Leak"
    assert message.get_content() == "Привіт\r\n.крапка\r\n" or message.get_content() == "Привіт\n.крапка\n"
    assert not {"auto-submitted", "precedence", "list-id", "x-auto-response-suppress"} & {k.lower() for k in message}


def test_long_ids_of_a_thread_survive_whole() -> None:
    ids = tuple(f"{char * 180}@contractor.example" for char in "abc")
    message = sent(letter(thread=ids))
    assert message["References"].split() == [f"<{each}>" for each in ids]
    assert parse_letter(message.as_bytes(), NOON).references == ids


def test_what_no_mail_can_say_is_refused() -> None:
    for wrong in ({"recipients": ("a b",)}, {"subject": "a\nBcc: b@c.example"}, {"recipients": ("я@b",)}):
        with pytest.raises(Rejected):
            build(letter(**wrong), "duty@vakhta.example", NOON)


@given(
    st.text(max_size=600).map(outgoing.clean_text).filter(bool),
    st.text(max_size=200),
    st.lists(st.from_regex(r"[!-~]{1,100}@[!-~]{1,90}", fullmatch=True), max_size=30),
)
def test_any_text_arrives_as_it_was_previewed(text: str, subject: str, before: list[str]) -> None:
    ours = letter(
        text=text,
        subject=outgoing.subject_of(subject, request()),
        thread=outgoing.thread_after("last@contractor.example", before),
    )
    message = sent(ours)
    assert message.get_content().replace("\r\n", "\n") == text + "\n"
    assert message["Subject"] == ours.subject
    assert tuple(each.strip("<>") for each in message["References"].split()) == ours.thread
    assert datetime.fromisoformat(message["Date"].datetime.isoformat()).astimezone(UTC) == NOON
