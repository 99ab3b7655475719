"""`/status` in the chat, and what is told of sources that go away and come back."""

import asyncio
import shutil
from datetime import timedelta

from bot.health.cards import source_card, status_card
from core.health.model import JobState
from core.people.model import Reader
from tests.conftest import NOON
from tests.duty import GROUP, Duty

READER = Reader("en", "UTC")


def job(name: str, state: str = "running", error: str | None = None) -> JobState:
    return JobState(name, "host", state, NOON, NOON, NOON, error, {}, None)  # type: ignore[arg-type]  # any state's look


async def test_status_tells_of_every_job_and_refreshes_in_place(duty: Duty) -> None:
    while "Chat" not in (shown := await duty.answer(duty.engineer, "/status")).text:
        await duty.app.services.db.wait_for_commit(1)  # the states are written a moment after the start
    for title in ("Chat", "Courier", "Folder documents", "Mailbox contractor", "Reminders"):
        assert title in shown.text
    seen = len(duty.of_bot(duty.engineer.id))
    await duty.press(duty.engineer, shown, "Refresh")
    await duty.shows(shown, "🟢 Chat")
    assert len(duty.of_bot(duty.engineer.id)) == seen


async def test_every_job_at_work_gives_signs_of_life(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/status")
    async with asyncio.timeout(20):
        while silent := [
            job.name for job in duty.app.supervisor.states() if job.state == "running" and not job.last_ok_at
        ]:
            await duty.app.services.db.wait_for_commit(0.2)
    assert silent == []


async def test_a_source_that_goes_away_is_told_once_and_once_when_it_is_back(duty: Duty) -> None:
    mail = duty.folder / "mail"
    await duty.answer(duty.engineer, "/status")
    shutil.move(mail, duty.folder / "elsewhere")
    await duty.told("Mailbox contractor has not been reachable")
    status = await duty.answer(duty.engineer, "/status")
    assert "Mailbox contractor: away for" in status.text
    assert "1 thing needs attention" in status.text
    shutil.move(duty.folder / "elsewhere", mail)
    duty.app.supervisor.wake("mailbox.contractor")
    await duty.told("Mailbox contractor is back after")
    about = [message.text for message in duty.of_bot(GROUP) if "Mailbox contractor" in message.text]
    assert len(about) == 2


def test_all_is_well_only_when_it_is() -> None:
    assert "All is well" in status_card([job("chat")], [], {}, READER, NOON).text
    refused = status_card([job("chat", "auth", "Telegram does not accept the token.")], [], {}, READER, NOON)
    assert "1 thing needs attention" in refused.text
    assert "🔴 Chat" in refused.text
    assert "does not accept the token" in refused.text


def test_what_waits_and_what_may_be_lost_is_said() -> None:
    card = status_card([], [], {"new": 2, "sending": 1, "unknown": 1, "sent": 99}, READER, NOON)
    assert "3 messages wait to be sent" in card.text
    assert "1 message may not have arrived" in card.text
    assert labels_of(card) == ["🔄 Refresh"]


def labels_of(card: object) -> list[str]:
    return [button.text for row in getattr(card, "rows", ()) for button in row]


def test_an_outage_is_told_in_the_readers_language_and_zone() -> None:
    data = {"source": "watch.documents", "state": "down", "since": NOON.isoformat()}
    assert "13:00" in source_card(data, Reader("uk", "Europe/Madrid"), NOON).text
    back = {**data, "state": "up", "until": (NOON + timedelta(hours=2)).isoformat()}
    assert "Folder documents is back after 2 hours." in source_card(back, READER, NOON).text
    assert "refuses my credentials" in source_card({**data, "state": "auth"}, READER, NOON).text
