"""Letters as people meet them in the chat."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from typing import get_args

import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.cards import TEXT_LIMIT, Card, clean, units
from bot.chat.links import MailButton
from bot.letters.cards import letter_card, list_card, more_files_card
from bot.letters.keyboards import FILES_AT_ONCE, LetterButton
from bot.letters.words import PAGE_UNITS, marked, text_pages
from core.letters import service, triage
from core.letters.model import Evidence
from core.letters.record import Candidate, Effect, Reason, Record, State
from core.people.model import Actor, Person, Reader
from core.requests.model import WORKFLOW
from core.text import LANGUAGES, translator
from deploy.demo.telegram.model import Message
from tests.conftest import NOON
from tests.duty import GROUP, STRANGER, Duty, labels
from tests.letters.post import raw

_numbers = count(1)
UNKNOWN = ("Request 777", "Request 777: accepted.\nWe call you <b>&back")


def arrive(duty: Duty, subject: str, text: str) -> None:
    """A letter lands in the mailbox, sent a minute ago."""
    n = next(_numbers)
    sent = datetime.now(UTC) - timedelta(minutes=1)
    partial = duty.folder / "mail" / f"{n}.partial"
    partial.write_bytes(raw(subject, text, message_id=f"{n}@contractor.example", sent=sent))
    partial.rename(partial.with_suffix(".eml"))


def _stored(duty: Duty) -> int:
    """How many letters are remembered."""
    with sqlite3.connect(duty.folder / "vakhta.db") as connection:
        return int(connection.execute("SELECT COUNT(*) FROM letters").fetchone()[0])


async def asked(duty: Duty, subject: str = UNKNOWN[0], text: str = UNKNOWN[1]) -> Message:
    """A letter that nobody could place, as the group is asked about it."""
    arrive(duty, subject, text)
    return await duty.told("Which request is this letter about?")


async def test_a_letter_changes_the_card_in_the_group_by_itself(duty: Duty) -> None:
    made = await duty.answer(duty.engineer, "/new 101 12 Leak in the server room")
    told = await duty.told("Request 101/12")
    arrive(duty, "Request 101", "Request 101 position 12: we are on site.")
    shown = await duty.shows(told, "On site since")
    assert "Robot: " in shown.text
    await duty.shows(made, "On site since")
    listed = await duty.answer(duty.engineer, "/letters")
    assert "1. ✅ Pavlo Honchar" in listed.text
    assert "101/12: 📍 On site" in listed.text


async def test_a_letter_nobody_can_place_is_a_card_with_what_it_may_be_about(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 778 Broken window")
    card = await asked(duty)
    for part in (
        "Pavlo Honchar <p.honchar@contractor.example>",
        "Request 777\n",
        "We call you <b>&back",
        "There is no request 777.",
        "It says: 👍 Accepted",
        "778 Broken window — number 778 differs by one digit from 777",
    ):
        assert part in card.text
    assert labels(card) == [
        "🔗 778",
        "➕ New request 777",
        "🚫 Not about a request",
        "🔇 Ignore this sender",
        "📖 Show the letter",
        "💡 Why?",
        "⋯ More",
    ]


async def test_a_candidates_button_links_the_letter_and_says_who_did(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 778 Broken window")
    told = await duty.told("Request 778")
    card = await asked(duty)
    await duty.press(duty.engineer, card, "🔗 778")
    decided = await duty.shows(card, "Linked to 778 by Oksana")
    assert labels(decided) == ["↶ Undo", "📖 Show the letter", "💡 Why?", "⋯ More"]
    assert "778: 👍 Accepted" in decided.text
    await duty.shows(told, "Accepted since")
    await duty.press(duty.engineer, decided, "↶ Undo")
    await duty.shows(card, "Which request is this letter about?")
    await duty.shows(told, "Sent since")


async def test_a_new_request_is_made_with_one_press(duty: Duty) -> None:
    card = await asked(duty)
    await duty.press(duty.engineer, card, "➕ New request 777")
    await duty.shows(card, "New request 777 by Oksana")
    await duty.told("Accepted since")


async def test_a_letter_about_no_request_is_put_away(duty: Duty) -> None:
    card = await asked(duty)
    await duty.press(duty.engineer, card, "🚫")
    assert labels(await duty.shows(card, "Not about a request, says Oksana"))[0] == "↶ Undo"


async def test_an_ignored_sender_is_not_heard_again_until_that_is_undone(duty: Duty) -> None:
    card = await asked(duty)
    await duty.press(duty.engineer, card, "🔇")
    await duty.shows(card, "Not about a request, says Oksana")
    arrive(duty, "Request 778", "Request 778 accepted.")
    await duty.telegram.wait_for(lambda: _stored(duty) == 2)
    assert "1. 🤖 Pavlo Honchar" in (await duty.answer(duty.engineer, "/letters")).text
    answer = await duty.press(duty.engineer, duty.now(card), "↶ Undo")
    assert answer["text"] == "1 letter that came from this sender meanwhile waits for a decision now, too."
    await duty.shows(card, "Which request is this letter about?")
    await duty.told("There is no request 778.")
    arrive(duty, "Request 779", "Request 779 accepted.")
    await duty.told("There is no request 779.")


async def test_why_shows_what_counted_and_strikes_out_what_did_not(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    text = "Request 101/12: we are on our way, 30 minutes.\n\n> Request 101/12: on site\n"
    arrive(duty, "Re: Request 101", text)
    await duty.told("En route since")
    listed = await duty.answer(duty.engineer, "/letters")
    await duty.press(duty.engineer, listed, "✅ 1")
    card = await duty.shows(listed, "A letter, applied")
    await duty.press(duty.engineer, card, "💡 Why?")
    why = await duty.shows(listed, "on our way — 🚗 En route")
    said = why.text.encode("utf-16-le")  # entities are counted in its units
    marks = [(2 * mark["offset"], 2 * mark["length"], mark["type"]) for mark in why.content["entities"]]
    seen = {(said[at : at + length].decode("utf-16-le"), kind) for at, length, kind in marks}
    assert ("on our way", "underline") in seen
    assert ("> Request 101/12: on site", "strikethrough") in seen
    await duty.press(duty.engineer, why, "‹ Back to the card")
    await duty.press(duty.engineer, await duty.shows(listed, "A letter, applied"), "📖")
    assert "> Request 101/12: on site" in (await duty.shows(listed, "📖 Re: Request 101")).text


async def test_a_requests_card_says_why_and_hands_out_what_came_by_mail(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    told = await duty.told("Request 101/12")
    message = message_from_bytes(raw("Request 101/12", "The work is done.", message_id="act@x"), policy=default)
    assert isinstance(message, EmailMessage)
    message.add_attachment(b"%PDF-1.7 act", maintype="application", subtype="pdf", filename="акт.pdf")
    message.add_attachment(b"MZ", maintype="application", subtype="x-msdownload", filename="setup.exe")
    (duty.folder / "mail" / "act.eml").write_bytes(message.as_bytes())
    shown = await duty.shows(told, "📎 акт.pdf")
    assert "setup.exe" not in shown.text
    await duty.press(duty.engineer, shown, "📎 1 file")
    sent = await duty.told("📎 from Pavlo Honchar")
    assert (sent.content["document"]["file_name"], sent.content["document"]["file_size"]) == ("акт.pdf", 12)
    await duty.press(duty.engineer, shown, "💡 Why?")
    await duty.shows(told, "done — 🏁 Left")
    await duty.press(duty.engineer, duty.now(told), "✉️ The letter")
    assert "setup.exe, 2 B — Files of the type" in (await duty.shows(told, "A letter, applied")).text


async def test_a_reply_with_the_number_links_the_letter(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    card = await asked(duty)
    answer = await duty.answer(duty.engineer, "101/12", GROUP, reply_to=card.id)
    assert "linked to 101/12" in (await duty.told("The letter is linked", answer.chat)).text
    await duty.shows(card, "Linked to 101/12 by Oksana")


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("999", "There is no request 999"), ("101", "There are several: 101/3, 101/12"), ("thank you", "digits")],
)
async def test_a_reply_that_names_no_one_request_is_answered_in_one_sentence(
    duty: Duty, reply: str, answer: str
) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    await duty.answer(duty.engineer, "/new 101 3 Leak")
    card = await asked(duty)
    await duty.engineer.send(reply, GROUP, reply_to=card.id)
    await duty.told(answer)
    assert "Which request" in duty.now(card).text


async def test_who_is_second_sees_what_was_decided(duty: Duty) -> None:
    card = await asked(duty)
    rows = card.inline["inline_keyboard"] if card.inline else []
    data = next(button["callback_data"] for row in rows for button in row if "➕" in button["text"])
    await duty.press(duty.lead, card, "🚫")
    await duty.shows(card, "says Taras")
    press = await duty.engineer.forge(card.id, data, GROUP)
    assert "dealt with already" in (await duty.telegram.answer(press))["text"]
    assert "says Taras" in duty.now(card).text
    answer = await duty.answer(duty.engineer, "777", GROUP, reply_to=card.id)
    assert "There is no request 777" in answer.text


async def test_a_reply_to_a_decided_letter_shows_the_decision(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    card = await asked(duty)
    await duty.press(duty.lead, card, "🚫")
    await duty.shows(card, "says Taras")
    seen = len(duty.of_bot(GROUP))
    await duty.engineer.send("101/12", GROUP, reply_to=card.id)
    await duty.telegram.wait_for(lambda: len(duty.of_bot(GROUP)) > seen)
    assert "says Taras" in duty.of_bot(GROUP)[-1].text


async def test_a_viewer_reads_and_does_not_decide(duty: Duty) -> None:
    async with duty.app.services.db.transaction() as tx:
        await duty.app.services.people.meet(tx, Person(STRANGER, "Ivan"))
        await duty.app.services.people.change_role(tx, STRANGER, "viewer", Actor("test"))
    card = await asked(duty)
    answer = await duty.press(duty.stranger, card, "🚫")
    assert "needs the role “operator”" in answer["text"]
    assert "1 letter waits for a person" in (await duty.answer(duty.stranger, "/letters")).text


async def test_the_list_is_paged_and_opens_what_waits(duty: Duty) -> None:
    assert "No letter has come yet" in (await duty.answer(duty.engineer, "/letters")).text
    for n in range(9):
        arrive(duty, f"Hello {n}", "Nothing in particular.")

    await duty.telegram.wait_for(lambda: len(duty.of_bot(GROUP)) == 9)
    listed = await duty.answer(duty.engineer, "/letters")
    assert "9 letters wait for a person" in listed.text
    assert labels(listed)[-3:] == ["‹", "1/2", "›"]
    await duty.press(duty.engineer, listed, "›")
    second = await duty.until(lambda: duty.now(listed), lambda found: "2/2" in labels(found))
    await duty.press(duty.engineer, second, "❓")
    opened = await duty.shows(listed, "Which request is this letter about?")
    assert labels(opened)[-1] == "‹ Letters"
    await duty.press(duty.engineer, opened, "‹ Letters")
    await duty.shows(listed, "9 letters")


async def test_a_hand_made_button_gets_a_kind_answer(duty: Duty) -> None:
    card = await asked(duty)
    for data in ("lt:dismiss:999:0", "lt:link:1:999", "lt:open:x:0", "ll:list:-5", f"ll:list:{10**30}"):
        press = await duty.engineer.forge(card.id, data, GROUP)
        await duty.telegram.answer(press)
    assert "Something went wrong" not in "".join(message.text for message in duty.of_bot(GROUP))


# --- the cards, without a chat

anything = st.text(max_size=5000)
records = st.builds(
    Record,
    id=st.integers(1, 2**62),
    message_id=st.just("1@x"),
    source=st.just("contractor"),
    sender=anything,
    sender_name=anything,
    subject=anything,
    moment=st.just(NOON),
    recorded_at=st.just(NOON),
    excerpt=anything,
    note=anything,
    outcome=st.just("triage"),
    reason=st.builds(Reason, st.just(service.UNKNOWN), st.fixed_dictionaries({"name": anything})),
    status=st.sampled_from([None, "en_route", "teleported"]),
    number=st.none() | anything,
    position=anything,
    candidates=st.lists(
        st.builds(
            Candidate,
            request_id=st.integers(1, 2**62),
            name=st.text(min_size=1, max_size=49),
            title=anything,
            reason=st.builds(
                Reason, st.just(triage.ONE_DIGIT), st.fixed_dictionaries({"number": anything, "read": anything})
            ),
        ),
        max_size=3,
    ).map(tuple),
    effects=st.lists(
        st.builds(
            Effect,
            request_id=st.integers(1, 2**62),
            name=st.text(min_size=1, max_size=49),
            status=st.sampled_from([None, "en_route"]),
            moved=st.booleans(),
        ),
        max_size=5,
    ).map(tuple),
    state=st.sampled_from(get_args(State)),
    decided_by=st.none() | anything,
    decided_at=st.none() | st.just(NOON),
)


def fits(card: Card) -> bool:
    """Whether Telegram takes it (Bot API, sendMessage, InlineKeyboardButton)."""
    buttons = [button for row in card.rows for button in row]
    assert InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=b.text, callback_data=b.data) for b in row] for row in card.rows]
    )
    return (
        units(card.text.striptags()) > 0
        and units(str(card.text.unescape())) <= TEXT_LIMIT
        and all(len(button.data.encode()) <= 64 and button.text for button in buttons)
    )


@given(records, st.sampled_from(LANGUAGES))
def test_any_letter_fits_into_a_message(record: Record, language: str) -> None:
    reader = Reader(language, "Europe/Kyiv")
    assert fits(letter_card(WORKFLOW, record, reader, NOON))
    page = [replace(record, id=n) for n in range(1, 9)]
    assert fits(list_card(WORKFLOW, page, {record.state: 800}, reader, NOON, page=3))


pieces = st.builds(
    lambda start, length, counted: Evidence("status", "text", start, start + length, "", "on_site", counted, ""),
    st.integers(0, 60),
    st.integers(0, 20),
    st.booleans(),
)


@given(st.text("abc <&>я\n", max_size=60), st.lists(pieces, max_size=6))
def test_marks_change_no_word_of_the_letter(text: str, why: list[Evidence]) -> None:
    assert marked(text, why).striptags().split() == text.split()


@given(st.text(max_size=12_000))
def test_a_letter_is_shown_whole_in_pages(text: str) -> None:
    pages = text_pages(text)
    assert "".join("".join(pages).split()) == "".join(clean(text).split())
    assert all(units(page) <= PAGE_UNITS for page in pages)


@pytest.mark.parametrize("button", [LetterButton(action="files", id=7), MailButton(action="files", id=7)])
def test_the_files_after_the_first_come_with_the_next_press(button: LetterButton | MailButton) -> None:
    shown = more_files_card(translator("en"), button, 12)
    again = type(button).unpack(shown.rows[0][0].data)
    assert shown.text == "📎 and 12 more"
    assert FILES_AT_ONCE in (getattr(again, "start", None), getattr(again, "value", None))
