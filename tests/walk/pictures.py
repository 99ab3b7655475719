"""`python -m tests.walk.pictures`: makes the pictures of the documentation, by walking through the real demo."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Locator, Page

from tests.demo.browsing import chromium
from tests.walk import visit as steps
from tests.walk.walking import Look, a_demo, a_walk

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
HEAVIEST: Final = 300_000
"""Bytes of a picture."""
LOOK: Final = Look("en", "light", 1280, 870)


class Painter(steps.Visit):
    """A visitor who takes the pictures of some of the lines: of the whole page, or of the chat alone."""

    async def line(self, name: str) -> None:
        chat = self.page.locator(".pane")
        if name == "3a-letter":
            await keep("demo", self.page)
        elif name == "3b-why":
            await keep("why", chat)
        elif name == "4a-question":
            await keep("question", chat)


async def keep(name: str, shown: Page | Locator) -> None:
    """Write a picture. Raises `ValueError` for one that is too heavy."""
    page = shown if isinstance(shown, Page) else shown.page
    await page.locator(".toast").last.wait_for(state="detached")
    picture = await shown.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    print(f"{name}.png: {len(picture) // 1000} kB")
    if len(picture) > HEAVIEST:
        raise ValueError(f"{name}.png has more than {HEAVIEST} bytes")


async def paint(place: Path) -> None:
    """Walk until every picture is made."""
    with a_demo(place) as demo:
        async with chromium() as browser, a_walk(browser, demo, LOOK, Painter) as visit:
            await steps.an_evening_is_behind_the_group(visit)
            await steps.three_answers_make_a_request(visit)
            await steps.a_badly_written_letter_moves_the_card_and_says_why(visit)
            await steps.a_letter_without_a_number_is_asked_about_and_taken_back(visit)
            await visit.status.reload()
            await keep("status", visit.status)


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        asyncio.run(paint(Path(place)))
