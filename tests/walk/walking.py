"""Walking through the demo as its visitor does: the real process, the real pages, Debian's Chromium."""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, Literal, TypeVar

from playwright.async_api import Browser, Locator, Page, expect

from core.text import Translator, translator
from deploy.demo.telegram import BOT
from tests.process.processes import Running, started

SHOTS: Final = os.environ.get("SCREENSHOTS")
"""The folder for pictures, where they are asked for."""
PATIENCE: Final = 12.0
"""Seconds that a page has to show something: the machine may be busy."""
READY_WITHIN: Final = 80.0
"""Seconds that a demo has until its evening is played and its jobs run."""


@dataclass(frozen=True)
class Look:
    """How a visitor's screen looks, and what language they read."""

    language: str = "uk"
    scheme: Literal["light", "dark"] = "light"
    width: int = 1280
    height: int = 860

    @property
    def is_phone(self) -> bool:
        """Whether it shows the list of chats or a chat, not both."""
        return self.width < 760


@dataclass(frozen=True)
class Demo:
    """A running demo and its two addresses."""

    chat: str
    status: str
    folder: Path
    running: Running

    def wait_until_ready(self, language: str) -> None:
        """The pages answer before the evening is played, in that language, and the jobs run; which takes its time."""
        say(self.chat, "/world/language", {"language": language})
        until = time.monotonic() + READY_WITHIN
        while self.is_evening() or got(self.status, "/readyz")[0] != 200:
            assert time.monotonic() < until, "the demo's jobs did not start"
            time.sleep(0.1)  # another process tells of itself only when asked; bounded by READY_WITHIN

    def is_evening(self) -> bool:
        """Whether the evening before is still being played."""
        return bool(json.loads(got(self.chat, "/world/state")[1])["evening"])


@contextmanager
def a_demo(place: Path, *, port: int = 0, chat_port: int = 0) -> Iterator[Demo]:
    """`vakhta demo` in a process of its own, as soon as it has said its addresses; its data is in `data` there."""
    words = ("demo", "--port", str(port), "--chat-port", str(chat_port), "--dir", "data")
    with started(*words, cwd=place) as running:
        yield Demo(running.url("Chat page:"), running.url("Status page:"), place / "data", running)


def port_of(url: str) -> int:
    """The port of a demo's page."""
    return int(url.rstrip("/").rpartition(":")[2])


def got(page: str, path: str) -> tuple[int, bytes]:
    """The status and the body of an answer."""
    with closing(HTTPConnection(page.removeprefix("http://").rstrip("/"))) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def say(page: str, path: str, body: dict[str, str]) -> None:
    """Post what a visitor chose."""
    with closing(HTTPConnection(page.removeprefix("http://").rstrip("/"))) as connection:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        assert connection.getresponse().status == 200


@dataclass
class Walk:
    """A browser on the chat page and the status page, and the person it is."""

    demo: Demo
    page: Page
    status: Page
    look: Look
    wrong: list[str]
    """What the pages complained of."""

    @property
    def t(self) -> Translator:
        """What the visitor's language is spoken by."""
        return translator(self.look.language)

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

    def messages(self, text: str | re.Pattern[str]) -> Locator:
        """The assistant's messages with that text."""
        said = self.page.get_by_test_id("message-text").filter(has_text=text)
        return self.page.locator(f"[data-testid='message'][data-from='{BOT.id}']").filter(has=said)

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """The assistant's last message with that text."""
        return self.messages(text).last

    async def shows(self, text: str, more: str | re.Pattern[str]) -> None:
        """Wait until the assistant's message with that text says more."""
        await expect(self.message(text).get_by_test_id("message-text")).to_contain_text(more)

    async def sees(self, text: str | re.Pattern[str], within: float = PATIENCE) -> Locator:
        """Wait for a message with that text."""
        found = self.message(text)
        await expect(found).to_be_visible(timeout=within * 1000)
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
        """Leave a picture, if they are asked for."""
        if SHOTS:
            await (page or self.page).screenshot(path=Path(SHOTS) / f"{name}.png", animations="disabled")


W = TypeVar("W", bound=Walk)


@asynccontextmanager
async def a_walk(browser: Browser, demo: Demo, look: Look, as_: type[W]) -> AsyncIterator[W]:
    """Both pages open, without an error on either."""
    context = await browser.new_context(
        viewport={"width": look.width, "height": look.height}, locale=look.language, color_scheme=look.scheme
    )
    page, status = await context.new_page(), await context.new_page()
    wrong: list[str] = []
    for each in (page, status):
        each.set_default_timeout(PATIENCE * 1000)
        each.on("pageerror", lambda error: wrong.append(str(error)))
        each.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    expect.set_options(timeout=PATIENCE * 1000)
    await asyncio.gather(page.goto(demo.chat), status.goto(demo.status))
    await page.bring_to_front()
    yield as_(demo, page, status, look, wrong)
    await context.close()
    assert wrong == []
