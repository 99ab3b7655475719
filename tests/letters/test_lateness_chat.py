"""A mailbox that cannot be read, as the whole assistant's cards tell of it."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from core.clock import ShiftedClock
from deploy.demo.telegram import TelegramServer
from tests.duty import TEMPLATES, Duty, on_duty

SAID = "Mail not read since"


class TravellingClock(ShiftedClock):
    """A clock that is moved ahead with everything that counts by it."""

    def monotonic(self) -> float:
        return super().monotonic() + self.shift.total_seconds()


@pytest.fixture
async def duty(telegram: TelegramServer, tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Duty]:
    TEMPLATES[:] = [sqlite_template]
    async with on_duty(tmp_path, telegram, TravellingClock()) as found:
        yield found


async def look(duty: Duty) -> None:
    """Let the assistant look once whether its mail is read in time, with what is written by then."""

    def done() -> object:
        return next(job.last_ok_at for job in duty.app.supervisor.states() if job.name == "lateness")

    before = done()
    duty.app.supervisor.wake("lateness")
    while done() == before:
        await duty.app.services.db.wait_for_commit(0.1)


async def test_a_card_says_while_its_mail_is_not_read(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak in the server room")
    told = await duty.told("Request 101/12")
    mail, elsewhere = duty.folder / "mail", duty.folder / "elsewhere"
    shutil.move(mail, elsewhere)
    await duty.told("Mailbox contractor has not been reachable")
    await look(duty)
    duty.clock.shift += timedelta(minutes=6)
    await look(duty)
    await duty.shows(told, SAID)
    assert SAID in (await duty.answer(duty.engineer, "/request 101/12")).text
    async with aiohttp.ClientSession() as browser, browser.get(f"{duty.app.page_url}requests") as page:
        assert SAID in await page.text()

    shutil.move(elsewhere, mail)
    duty.app.supervisor.wake("mailbox.contractor")
    await duty.told("Mailbox contractor is back after")
    await look(duty)
    await duty.until(lambda: duty.now(told), lambda shown: SAID not in shown.text)
    assert SAID not in (await duty.answer(duty.engineer, "/request 101/12")).text
