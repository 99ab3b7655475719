"""The demo as its user meets it: the real process, the real pages, Debian's Chromium."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from deploy.demo.telegram import BOT
from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID, LEAD_ID, STRANGER_ID
from tests.conftest import need

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
SHOTS = os.environ.get("SCREENSHOTS")
"""The folder for pictures, where they are asked for."""
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Demo:
    """A running demo and its two addresses."""

    chat: str
    status: str
    folder: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`vakhta demo` in a process of its own, ended as Ctrl+C ends it."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", "--chat-port", "0", "--dir", str(folder)]
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as ran:
        assert ran.stdout is not None
        found: list[str] = []
        while len(found) < 2:
            line = ran.stdout.readline()
            assert line, "the demo ended before it said its addresses"
            found += re.findall(r"http://\S+", line)
        wait_until_ready(*found)
        yield Demo(found[0], found[1], folder)
        ran.send_signal(signal.SIGTERM)
        assert ran.wait(timeout=5) == 0


def wait_until_ready(chat: str, status: str) -> None:
    """The pages answer before the evening is played and the jobs run, and a busy machine takes its time."""
    until = time.monotonic() + 80
    while is_evening(chat) or not is_ready(status):
        assert time.monotonic() < until, "the demo's jobs did not start"
        time.sleep(0.1)  # another process tells of itself only when asked


def is_evening(chat: str) -> bool:
    """Whether the evening before is still being played."""
    return bool(json.loads(got(chat, "/world/state")[1])["evening"])


def is_ready(status: str) -> bool:
    """What `/readyz` says."""
    return got(status, "/readyz")[0] == 200


def got(page: str, path: str) -> tuple[int, bytes]:
    """The status and the body of an answer."""
    with closing(HTTPConnection(page.removeprefix("http://").rstrip("/"))) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


@dataclass
class Walk:
    """A browser on the chat page, and the person it is."""

    demo: Demo
    page: Page
    status: Page

    async def be(self, person: int, chat: int | None = None) -> None:
        """Become somebody and open a chat, by default the private one."""
        await self.page.get_by_test_id(f"persona-{person}").click()
        await expect(self.page.get_by_test_id(f"persona-{person}")).to_have_attribute("aria-checked", "true")
        await self.page.get_by_test_id(f"chat-{chat or await self._private()}").click()

    async def _private(self) -> str:
        chats: list[str] = await self.page.locator("[data-testid^='chat-']").evaluate_all(
            "all => all.map(x => x.dataset.testid)"
        )
        return next(name.removeprefix("chat-") for name in chats if re.fullmatch(r"chat-\d+", name))

    async def start(self) -> None:
        """Press Start, or write it where there is no such button any more."""
        button = self.page.get_by_test_id("start")
        if await button.is_visible():
            await button.click()
        else:
            await self.say("/start")

    async def say(self, text: str) -> None:
        """Write something."""
        await self.page.get_by_test_id("input").fill(text)
        await self.page.keyboard.press("Enter")

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """The assistant's last message with that text."""
        said = self.page.get_by_test_id("message-text").filter(has_text=text)
        return self.page.locator(f"[data-testid='message'][data-from='{BOT.id}']").filter(has=said).last

    async def shows(self, text: str, more: str) -> None:
        """Wait until the assistant's message with that text says more."""
        await expect(self.message(text).get_by_test_id("message-text")).to_contain_text(more)

    async def sees(self, text: str | re.Pattern[str]) -> Locator:
        """Wait for a message with that text."""
        found = self.message(text)
        await expect(found).to_be_visible()
        return found

    async def press(self, within: Locator, button: str) -> None:
        """Press a message's button."""
        await within.get_by_test_id("inline-button").filter(has_text=button).first.click()

    async def reply(self, to: Locator, text: str) -> None:
        """Reply to a message."""
        await to.hover()
        await to.get_by_test_id("reply").click()
        await self.say(text)

    async def letter(self, sender: str, subject: str, text: str) -> None:
        """Let a letter arrive."""
        if not await self.page.get_by_test_id("world-letter-write").is_visible():
            await self.page.get_by_test_id("world-letters").click()
        await self.page.get_by_test_id("world-letter-write").click()
        await self.page.get_by_test_id("letter-from").fill(sender)
        await self.page.get_by_test_id("letter-subject").fill(subject)
        await self.page.get_by_test_id("letter-text").fill(text)
        await self.page.get_by_test_id("letter-send").click()

    async def shoot(self, name: str, page: Page | None = None) -> None:
        """Leave a screenshot, if they are asked for."""
        if SHOTS:
            await (page or self.page).screenshot(path=Path(SHOTS) / f"{name}.png", animations="disabled")


@pytest.fixture
async def walk(demo: Demo) -> AsyncIterator[Walk]:
    """Both pages open, without an error on either."""
    chromium = shutil.which("chromium")
    if chromium is None:
        need("Chromium", "the command chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 1280, "height": 860}, locale="uk-UA")
        page, status = await context.new_page(), await context.new_page()
        wrong: list[str] = []
        for each in (page, status):
            each.set_default_timeout(8000)
            each.on("pageerror", lambda error: wrong.append(str(error)))
            each.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        expect.set_options(timeout=8000)
        await asyncio.gather(page.goto(demo.chat), status.goto(demo.status))
        await page.bring_to_front()
        yield Walk(demo, page, status)
        await browser.close()
        assert wrong == []


__all__ = ["DESKTOP", "DUTY_CHAT_ID", "ENGINEER_ID", "LEAD_ID", "PHONE", "STRANGER_ID", "Demo", "Walk"]
