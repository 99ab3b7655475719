"""What the assistant asks before it acts: a reading to confirm, a mailbox's history, a person's own words."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from core.letters.mailboxes import ANSWERS_TO_TRUST
from core.letters.model import Update
from core.letters.store import mailboxes
from deploy.demo.telegram import TelegramServer
from tests.duty import GROUP, LEAD, Duty, labels, on_duty
from tests.letters.post import letter, raw, reading


def arrive(duty: Duty, n: int, text: str) -> None:
    """A letter lands in the mailbox, sent a minute ago."""
    sent = datetime.now(UTC) - timedelta(minutes=1)
    partial = duty.folder / "mail" / f"{n}.partial"
    partial.write_bytes(raw("News", text, message_id=f"{n}@contractor.example", sent=sent))
    partial.rename(partial.with_suffix(".eml"))


def asking(folder: Path) -> dict[str, object]:
    """A mailbox whose readings wait for a yes."""
    return {"mailbox": {"contractor": {"path": str(folder / "mail"), "check_every": 0.2, "apply": "confirm"}}}


async def test_a_reading_waits_for_a_yes_and_a_no_asks_for_the_right_request(
    telegram: TelegramServer, tmp_path: Path
) -> None:
    async with on_duty(tmp_path, telegram, **asking(tmp_path)) as duty:
        await duty.answer(duty.engineer, "/new 101 12 Leak")
        told = await duty.told("Request 101/12")
        arrive(duty, 1, "Request 101/12: we are on our way.")
        card = await duty.told("Shall I apply this?")
        assert "➜ 101/12: 🚗 En route" in card.text
        assert labels(card)[:2] == ["✅ Apply", "✖ Wrong"]
        await duty.press(duty.engineer, card, "✅")
        await duty.shows(card, "Applied by Oksana")
        await duty.shows(told, "En route since")
        arrive(duty, 2, "Request 101/12: on site.")
        await duty.telegram.wait_for(lambda: "Shall I" in duty.of_bot(GROUP)[-1].text)
        second = duty.of_bot(GROUP)[-1]
        await duty.press(duty.engineer, second, "✖ Wrong")
        await duty.shows(second, "Which request is this letter about?")
        assert "En route since" in duty.now(told).text


async def test_after_thirty_answers_an_admin_may_let_it_apply_by_itself(
    telegram: TelegramServer, tmp_path: Path
) -> None:
    async with on_duty(tmp_path, telegram, **asking(tmp_path)) as duty:
        await duty.answer(duty.engineer, "/new 101 12 Leak")
        arrive(duty, 1, "Request 101/12: we are on our way.")
        asked = await duty.told("Shall I apply this?")
        async with duty.app.services.db.transaction() as tx:
            await tx.execute(update(mailboxes).values(confirmed=ANSWERS_TO_TRUST - 1))
        await duty.press(duty.engineer, asked, "✅")
        card = await duty.told("and had read 30 right")
        refused = await duty.press(duty.engineer, card, "Apply by itself")
        assert "needs the role “admin”" in refused["text"]
        await duty.press(duty.lead, card, "Apply by itself")
        await duty.shows(card, "I apply letters by myself now")
        arrive(duty, 2, "Request 101/12: on site.")
        await duty.told("On site since")


async def test_a_mailboxs_history_changes_nothing_until_a_person_says_so(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    told = await duty.told("Request 101/12")
    letters = duty.app.services.letters
    async with duty.app.services.db.transaction() as tx:
        await letters.begin(tx, "office", "imap://office", has_history=True)
        for n, status in enumerate(("en_route", "on_site")):
            came = letter(f"old{n}@x", sent_at=datetime.now(UTC) + timedelta(seconds=n), subject="News")
            said = reading(Update("101", "12", status))
            await letters.receive(tx, "office", f"k{n}", came, said, senders=(), mode="history")
        await letters.advance(tx, "office", "1", complete=True)
    card = await duty.told("Mailbox office")
    assert "2 letters lie there.\nApplied, they would change 1 request." in card.text
    assert "Sent since" in duty.now(told).text
    await duty.press(duty.engineer, card, "✅ Apply")
    await duty.shows(card, "They are being applied")
    async with duty.app.services.db.transaction() as tx:
        await letters.apply_history(tx, "office", 100)
    await duty.shows(told, "On site since")
    assert labels(await duty.shows(card, "1 request changed.")) == []


async def test_people_write_as_a_contractor_would_and_confirm_with_one_tap(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    told = await duty.told("Request 101/12")
    card = await duty.answer(duty.engineer, "101/12 на месте")
    assert "➜ 101/12: 📍 On site" in card.text
    await duty.press(duty.engineer, card, "✅ Apply")
    await duty.shows(card, "Done by Oksana")
    shown = await duty.shows(told, "On site since")
    assert "Oksana: 101/12 на месте" in shown.text


async def test_who_would_reopen_a_finished_request_is_told_so_first(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    told = await duty.told("Request 101/12")
    card = await duty.answer(duty.engineer, "101/12 закончили, уехали")
    assert "reopened" not in card.text
    await duty.press(duty.engineer, card, "✅ Apply")
    await duty.shows(told, "Left")
    card = await duty.answer(duty.engineer, "101/12 на месте")
    assert "➜ 101/12: 📍 On site — ⚠️ it is finished and would be reopened" in card.text
    assert "reopened" not in (await duty.answer(duty.engineer, "101/12 отменена")).text
    arrive(duty, 1, "Request 101 position 13: they have arrived.")
    asked = await duty.told("Which request is this letter about?")
    assert "⚠️ 101/12 is finished and would be reopened." in asked.text


async def test_a_reply_to_a_requests_card_is_heard_or_kept_as_a_comment(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    told = await duty.told("Request 101/12")
    await duty.engineer.send("The keys are with the guard", GROUP, reply_to=told.id)
    await duty.shows(told, "Oksana: The keys are with the guard")
    card = await duty.answer(duty.engineer, "They have left, all done", GROUP, reply_to=told.id)
    assert "➜ 101/12: 🏁 Left" in card.text
    await duty.press(duty.engineer, card, "💬 Only a comment")
    await duty.shows(card, "Kept as a comment on 101/12")
    assert "Sent since" in (await duty.shows(told, "Oksana: They have left, all done")).text


async def test_letters_that_wait_for_too_long_are_named_once(duty: Duty) -> None:
    arrive(duty, 1, "They have arrived.")
    await duty.told("Which request is this letter about?")
    duty.clock.shift += timedelta(minutes=61)
    card = await duty.told("1 letter waits for a decision")
    await duty.press(duty.engineer, card, "❓")
    await duty.shows(card, "Which request is this letter about?")


async def test_a_secret_that_will_expire_is_told_to_admins(telegram: TelegramServer, tmp_path: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(days=6)).date()
    box = {"path": str(tmp_path / "mail"), "check_every": 5, "client_secret_expires": soon}
    async with on_duty(tmp_path, telegram, mailbox={"contractor": box}) as duty:
        told = await duty.told("The client secret of mailbox contractor expires in", LEAD)
    assert soon.isoformat() in told.text
