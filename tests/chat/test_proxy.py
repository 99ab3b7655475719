"""The assistant's way to Telegram through a proxy: it passes, it is refused, it is away and comes back."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bot.bot_api import who_is
from bot.commands.doctor import examine
from bot.health.cards import status_card
from bot.telegram import make_bot
from core.errors import Unavailable
from core.people.model import Reader
from core.settings import make
from core.text import translator
from deploy.demo.telegram import TelegramServer
from tests.chat.test_trouble import chat_becomes, section
from tests.cli.test_doctor import closed_port
from tests.duty import ENGINEER, Duty, on_duty
from tests.proxies import Proxy, serving

LOGIN = "duty:s3cret"
KINDS = [("socks5", ""), ("socks5", LOGIN), ("socks4", ""), ("http", ""), ("http", LOGIN)]
WRONG = "does not accept the name and password"


@pytest.mark.parametrize(("scheme", "login"), KINDS)
async def test_calls_pass_through(scheme: str, login: str, telegram: TelegramServer, tmp_path: Path) -> None:
    async with serving(Proxy(scheme, login)) as proxy:
        bot = make_bot(make({"telegram": section(telegram, proxy=proxy.url())}, tmp_path))
        assert bot is not None
        await telegram.person(ENGINEER).send("/start")
        async with bot:
            assert (await bot.get_me()).is_bot
            assert (await bot.send_message(ENGINEER, "through")).text == "through"
        assert proxy.passed
        assert {f"http://{host}:{port}" for host, port in proxy.passed} == {telegram.base_url}


@pytest.mark.parametrize(
    ("scheme", "login", "said", "sentence"),
    [
        ("socks5", LOGIN, "duty:hunter2", WRONG),
        ("socks5", LOGIN, "", WRONG),
        ("http", LOGIN, "duty:hunter2", WRONG),
        ("http", LOGIN, "", WRONG),
        ("socks5", "", "", "does not let me through to Telegram: Connection not allowed by ruleset."),
        ("socks4", "", "", "does not let me through to Telegram: Request rejected or failed."),
        ("http", "", "", "does not let me through to Telegram: HTTP 403."),
    ],
)
async def test_setup_and_doctor_say_why_a_proxy_does_not_let_through(
    scheme: str, login: str, said: str, sentence: str, telegram: TelegramServer, tmp_path: Path
) -> None:
    async with serving(Proxy(scheme, login, refuses=True)) as proxy:
        with pytest.raises(Unavailable) as caught:
            await who_is(telegram.token, telegram.base_url, proxy.url(said))
        found = await doctor_says(telegram, tmp_path, proxy.url(said))
    assert sentence in str(caught.value)
    assert sentence in found
    assert "hunter2" not in str(caught.value) + found


async def test_a_proxy_that_is_away_is_said(telegram: TelegramServer, tmp_path: Path) -> None:
    proxy = f"socks5://duty:hunter2@127.0.0.1:{closed_port()}"
    with pytest.raises(Unavailable, match=r"The proxy 127.0.0.1:[0-9]+ cannot be reached"):
        await who_is(telegram.token, telegram.base_url, proxy)
    found = await doctor_says(telegram, tmp_path, proxy)
    assert "The proxy 127.0.0.1" in found
    assert "hunter2" not in found


async def doctor_says(telegram: TelegramServer, folder: Path, proxy: str) -> str:
    findings = await examine(make({"telegram": section(telegram, proxy=proxy)}, folder), translator("en"))
    return "\n".join(
        f"{finding.found} {finding.remedy}" for finding in findings if finding.check.startswith("Telegram")
    )


BARRED = "does not let me through to Telegram: Connection not allowed by ruleset."


@pytest.mark.parametrize(("refuses", "login", "fault"), [(False, "duty:hunter2", f"{WRONG}."), (True, LOGIN, BARRED)])
async def test_the_running_assistant_says_what_is_wrong_with_the_proxy(
    refuses: bool, login: str, fault: str, telegram: TelegramServer, tmp_path: Path
) -> None:
    """On the status page and by `/status`; it tries again, for the proxy may be mended meanwhile."""
    async with (
        serving(Proxy("socks5", LOGIN, refuses=refuses)) as proxy,
        on_duty(tmp_path, telegram, telegram=section(telegram, proxy=proxy.url(login))) as duty,
    ):
        await chat_becomes(duty, "backoff")
        card = status_card(duty.app.supervisor.states(), [], {}, Reader("en", "UTC"), duty.clock.now())
        sentence = f"The proxy 127.0.0.1:{proxy.port} {fault}"
        assert sentence in card.text
        page = await page_that_says(duty, sentence)
    assert "hunter2" not in card.text + page


async def page_that_says(duty: Duty, sentence: str) -> str:
    """The status page's data; what jobs do is written down for it a moment later."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(10):
        while True:
            async with session.get(f"{duty.app.page_url}api/status") as answer:
                if sentence in (page := await answer.text()):
                    return page
            await asyncio.sleep(0.1)


async def test_it_starts_while_the_proxy_is_away_and_works_when_it_is_there(
    telegram: TelegramServer, tmp_path: Path
) -> None:
    away = Proxy("socks5", LOGIN, port=closed_port())
    async with on_duty(tmp_path, telegram, telegram=section(telegram, proxy=away.url())) as duty:
        await chat_becomes(duty, "backoff")
        await telegram.person(ENGINEER).send("/start")
        async with serving(away):
            await duty.told("Hello, Oksana!", ENGINEER)
