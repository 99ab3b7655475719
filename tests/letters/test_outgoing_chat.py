"""Letters of ours as people meet them in the chat: previewed, sent to a real SMTP server, and shown as they stand."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.cards import TEXT_LIMIT, units
from bot.letters.outgoing import outgoing_card
from core.letters.outgoing import TEXT_LIMIT as LETTER_LIMIT
from core.letters.outgoing import OutgoingLetter
from core.letters.record import Reason
from core.people.model import Actor, Person, Reader
from core.text import LANGUAGES
from deploy.demo.telegram import TelegramServer
from deploy.demo.telegram.model import Message
from tests.conftest import NOON
from tests.connectors.smtp_server import Running, smtp_server
from tests.duty import GROUP, STRANGER, Duty, labels, on_duty
from tests.letters.post import CONTRACTOR, raw

OURS = "duty@vakhta.example"
ASK = "✉️ Ask the contractor"


@pytest.fixture
def mail() -> Iterator[Running]:
    with smtp_server() as running:
        yield running


@pytest.fixture
async def writing(tmp_path: Path, telegram: TelegramServer, mail: Running) -> AsyncIterator[Duty]:
    """The whole assistant, with a mailbox that sends through an SMTP server."""
    smtp = {"host": "127.0.0.1", "port": mail.port, "tls": "none"}
    box = {"path": str(tmp_path / "mail"), "check_every": 0.2, "address": OURS, "smtp": smtp}
    async with on_duty(tmp_path, telegram, mailbox={"contractor": box}) as found:
        yield found


async def asked(duty: Duty, chat: int | None = None) -> tuple[Message, Message]:
    """A request of which the contractor has written, and the preview of a question about it."""
    card = await duty.answer(duty.engineer, "/new 101 12 Leak in the server room", chat)
    arrive(duty)
    await duty.shows(card, "On site")
    seen = len(duty.of_bot(card.chat))
    await duty.press(duty.engineer, duty.now(card), ASK)
    await duty.telegram.wait_for(lambda: len(duty.of_bot(card.chat)) > seen)
    return card, duty.of_bot(card.chat)[-1]


def arrive(duty: Duty) -> None:
    sent = datetime.now(UTC) - timedelta(minutes=1)
    letter = raw(
        "Request 101", "Request 101 position 12: we are on site.", message_id="1@contractor.example", sent=sent
    )
    partial = duty.folder / "mail" / "1.partial"
    partial.write_bytes(letter)
    partial.rename(partial.with_suffix(".eml"))


async def test_a_question_is_previewed_sent_in_the_thread_and_shown_as_sent(writing: Duty, mail: Running) -> None:
    card, preview = await asked(writing)
    for part in ("A question to the contractor", f"To: {CONTRACTOR}", f"From: {OURS}", "Re: №101/12 Request 101"):
        assert part in preview.text
    assert "Please tell us how request 101, position 12 stands" in preview.text
    assert (labels(preview), mail.received.letters) == (["✉️ Send", "✖ Cancel"], [])
    await writing.press(writing.engineer, preview, "✉️ Send")
    sent = await writing.shows(preview, "✅ Sent")
    assert ("by Oksana" in sent.text, labels(sent)) == (True, [])
    [taken] = mail.received.letters
    assert (taken.mail_from, taken.rcpt_tos) == (OURS, [CONTRACTOR])
    assert isinstance(taken.content, bytes)
    message = message_from_bytes(taken.content, policy=policy.default)
    assert message["Subject"] == "Re: №101/12 Request 101"
    assert message["In-Reply-To"] == message["References"] == "<1@contractor.example>"
    await writing.shows(card, "✉️ Asked the contractor: Hello!")


async def test_a_reply_changes_the_text_and_only_what_was_seen_is_sent(writing: Duty, mail: Running) -> None:
    _, preview = await asked(writing, GROUP)
    old = next(
        b["callback_data"] for row in (preview.inline or {})["inline_keyboard"] for b in row if "Send" in b["text"]
    )
    changed = await writing.answer(writing.engineer, "Where <b>are</b> you?", GROUP, reply_to=preview.id)
    assert ("Where <b>are</b> you?" in changed.text, "Please tell us" in changed.text) == (True, False)
    press = await writing.lead.forge(preview.id, old, GROUP)
    assert "has changed" in (await writing.telegram.answer(press))["text"]
    await writing.shows(preview, "Where <b>are</b> you?")
    assert mail.received.letters == []
    await writing.press(writing.lead, changed, "✉️ Send")
    assert "by Taras" in (await writing.shows(changed, "✅ Sent")).text
    assert b"Where <b>are</b> you?" in (mail.received.letters[0].content or b"")


async def test_a_refusal_is_told_with_the_servers_words(writing: Duty, mail: Running) -> None:
    mail.received.answers[CONTRACTOR] = "550 5.1.1 no such user"
    _, preview = await asked(writing)
    await writing.press(writing.engineer, preview, "✉️ Send")
    told = await writing.told("It was not sent", preview.chat)
    assert "550 5.1.1 no such user" in told.text
    assert labels(told) == ["🔁 Send again", "✖ Cancel"]
    await writing.shows(preview, "It was not sent")
    mail.received.answers.clear()
    await writing.press(writing.engineer, told, "🔁 Send again")
    await writing.shows(told, "✅ Sent")
    await writing.shows(preview, "✅ Sent")


async def test_an_answer_is_written_by_a_person(writing: Duty) -> None:
    card, _ = await asked(writing)
    seen = len(writing.of_bot(card.chat))
    await writing.engineer.forge(card.id, "an:1", card.chat)
    await writing.telegram.wait_for(lambda: len(writing.of_bot(card.chat)) > seen)
    empty = writing.of_bot(card.chat)[-1]
    assert ("An answer to a letter" in empty.text, labels(empty)) == (True, ["✖ Cancel"])
    written = await writing.answer(writing.engineer, "The key is at the desk.", reply_to=empty.id)
    await writing.press(writing.engineer, written, "✉️ Send")
    await writing.shows(written, "✅ Sent")
    await writing.shows(card, "✉️ Answered the contractor: The key is at the desk.")


async def test_a_viewer_sends_nothing_and_a_cancelled_letter_stays_cancelled(writing: Duty, mail: Running) -> None:
    async with writing.app.services.db.transaction() as tx:
        await writing.app.services.people.meet(tx, Person(STRANGER, "Ivan"))
        await writing.app.services.people.change_role(tx, STRANGER, "viewer", Actor("test"))
    _, preview = await asked(writing, GROUP)
    assert "operator" in (await writing.press(writing.stranger, preview, "✉️ Send"))["text"]
    await writing.press(writing.lead, preview, "✖ Cancel")
    assert labels(await writing.shows(preview, "Cancelled by Taras")) == []
    assert mail.received.letters == []


async def test_without_a_mailbox_that_sends_nothing_is_offered(duty: Duty) -> None:
    card = await duty.answer(duty.engineer, "/new 101 12 Leak")
    assert ASK not in labels(card)
    press = await duty.engineer.forge(card.id, "ak:1", card.chat)
    assert "No mailbox can send letters" in (await duty.telegram.answer(press))["text"]


# --- the card, without a chat

anything = st.text(max_size=400)
letters = st.builds(
    OutgoingLetter,
    id=st.integers(1, 2**62),
    message_id=st.just("1@x"),
    kind=st.sampled_from(["nudge", "answer"]),
    source=anything,
    request_id=st.none(),
    letter_id=st.none(),
    recipients=st.lists(anything, min_size=1, max_size=3).map(tuple),
    subject=anything,
    text=st.text(max_size=LETTER_LIMIT // 2),
    thread=st.just(()),
    author=anything,
    author_id=st.none(),
    origin=st.just(""),
    created_at=st.just(NOON),
    state=st.sampled_from(["draft", "queued", "sending", "sent", "unknown", "refused", "discarded"]),
    reason=st.none()
    | st.builds(
        Reason,
        st.just("{host} does not take it: {reason}"),
        st.fixed_dictionaries({"host": anything, "reason": anything}),
    ),
)


@given(letters, st.sampled_from(LANGUAGES), st.booleans())
def test_any_letter_of_ours_fits_into_a_message_whole(letter: OutgoingLetter, language: str, alarm: bool) -> None:
    card = outgoing_card(letter, "duty@vakhta.example", Reader(language, "Europe/Kyiv"), "14:05", alarm=alarm)
    assert units(str(card.text.unescape())) <= TEXT_LIMIT
    buttons = [[InlineKeyboardButton(text=b.text, callback_data=b.data) for b in row] for row in card.rows]
    assert InlineKeyboardMarkup(inline_keyboard=buttons)
    assert all(len(button.data.encode()) <= 64 for row in card.rows for button in row)
