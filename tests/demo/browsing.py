"""Debian's Chromium, and the chat page in it, on which nothing may go wrong."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.conftest import need

_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser; skips where there is none."""
    found = shutil.which("chromium")
    if found is None:
        need("Chromium", "the command chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def visit(browser: Browser, chat_url: str) -> AsyncIterator[Page]:
    """The chat page of a visitor who reads Ukrainian; fails at the end if the page had an error."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860}, locale="uk-UA")
    page = await context.new_page()
    page.set_default_timeout(3000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    await page.goto(chat_url)
    await expect(page.get_by_test_id("world-hour")).to_be_visible()
    yield page
    await context.close()
    assert wrong == []
