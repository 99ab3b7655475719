"""Telegram away, refusing, contested, slow: the assistant starts, says so, and works on."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.app import App
from bot.health.cards import status_card
from core.clock import ShiftedClock
from core.errors import ConfigError
from core.people.model import Reader
from deploy.demo.telegram import TelegramServer
from tests.duty import ENGINEER, LEAD, Duty, on_duty, settings_for

STOP_WITHIN = 3.0


async def chat_becomes(duty: Duty, state: str) -> None:
    def found() -> bool:
        return any(job.name == "chat" and job.state == state for job in duty.app.supervisor.states())

    await duty.telegram.wait_for(found)


async def page_status(duty: Duty) -> int:
    async with aiohttp.ClientSession() as session, session.get(duty.app.page_url) as answer:
        return answer.status


def section(telegram: TelegramServer, **more: object) -> dict[str, object]:
    return {"token": telegram.token, "api_base": telegram.base_url, "admins": [LEAD], **more}


async def test_it_starts_while_telegram_is_away_and_works_when_it_is_back(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    await telegram.outage(on=True)
    async with on_duty(tmp_path, telegram) as duty:
        assert await page_status(duty) == 200
        await chat_becomes(duty, "backoff")
        await telegram.person(ENGINEER).send("/start")
        await telegram.outage(on=False)
        await duty.told("Hello, Oksana!", ENGINEER)


async def test_it_works_on_after_an_outage(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/start")
    await duty.telegram.outage(on=True)
    await chat_becomes(duty, "backoff")
    await duty.engineer.send("/help")
    await duty.telegram.outage(on=False)
    await duty.told("What I can do", ENGINEER)


async def come_between(duty: Duty, session: aiohttp.ClientSession, url: str) -> None:
    """Ask for updates as a second program, and wait until the assistant asks again."""
    polls = duty.telegram.api.poller
    async with session.get(url) as answer:
        assert answer.status == 200
    await duty.telegram.wait_for(lambda: duty.telegram.api.poller > polls + 1)


async def test_a_second_program_with_the_same_token_is_survived_and_told_once(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/start")
    url = f"{duty.telegram.base_url}/bot{duty.telegram.token}/getUpdates"
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            await come_between(duty, session, url)
    await chat_becomes(duty, "waiting")
    card = status_card(duty.app.supervisor.states(), [], {}, Reader("en", "UTC"), duty.clock.now())
    assert "Another program uses the same Telegram token" in card.text
    await duty.told("Another program uses the same Telegram token", LEAD)
    assert "Hello" in (await duty.answer(duty.engineer, "/start")).text
    assert sum("Another program" in message.text for message in duty.of_bot(LEAD)) == 1


async def test_one_conflict_alone_is_what_a_restart_leaves_behind(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/start")
    url = f"{duty.telegram.base_url}/bot{duty.telegram.token}/getUpdates"
    async with aiohttp.ClientSession() as session:
        await come_between(duty, session, url)
    assert "Hello" in (await duty.answer(duty.engineer, "/start")).text
    assert not any("Another program" in message.text for message in duty.of_bot(LEAD))


async def test_a_refused_token_stops_the_chat_and_nothing_else(tmp_path: Path, telegram: TelegramServer) -> None:
    wrong = "700000001:" + "A" * 35
    async with on_duty(tmp_path, telegram, telegram=section(telegram, token=wrong)) as duty:
        await chat_becomes(duty, "auth")
        assert await page_status(duty) == 200
        states = {job.name: job.state for job in duty.app.supervisor.states()}
        assert states["watch.documents"] == "running"
        assert states["reminders"] in ("idle", "running")


async def test_the_jobs_are_at_work_before_the_chat_is_there(tmp_path: Path, telegram: TelegramServer) -> None:
    app = App(settings_for(telegram, tmp_path, telegram=section(telegram, token="no token")), ShiftedClock())
    await app.open()
    try:
        with pytest.raises(ConfigError):
            await app.start()
        assert "starting" not in {job.state for job in app.supervisor.states()}
    finally:
        await app.stop()


async def test_asked_to_slow_down_it_does(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/start")
    duty.telegram.faults.add("flood", "sendMessage", retry_after=1)
    began = time.monotonic()
    assert "What I can do" in (await duty.answer(duty.engineer, "/help")).text
    assert 1.0 <= time.monotonic() - began < 4.0


@asynccontextmanager
async def silence() -> AsyncIterator[str]:
    """A server that takes every connection and never says a word; its address."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65536):
                pass
        finally:
            writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_silent_server_holds_up_no_stop(tmp_path: Path, telegram: TelegramServer) -> None:
    async with silence() as api_base:
        async with on_duty(tmp_path, telegram, telegram=section(telegram, api_base=api_base)) as duty:
            assert await page_status(duty) == 200
            began = time.monotonic()
        assert time.monotonic() - began < STOP_WITHIN


async def test_a_server_that_falls_silent_holds_up_no_stop(duty: Duty) -> None:
    """The last acknowledgement finds nobody: the stop ends all the same."""
    await duty.answer(duty.engineer, "/start")
    await duty.telegram.outage(on=True)
    began = time.monotonic()
    await duty.app.stop()
    assert time.monotonic() - began < STOP_WITHIN


async def test_a_gateway_that_speaks_html_is_an_outage_and_no_end(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/start")
    duty.telegram.faults.add("http", "getUpdates", status=502)
    await duty.engineer.send("/help")
    await duty.told("What I can do", ENGINEER)
