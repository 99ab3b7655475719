"""The guide of the chat page: it goes on by itself, and stays away once it was skipped."""

import json

import pytest
from playwright.async_api import Page, expect

from deploy.demo.world import DUTY_CHAT_ID, World
from tests.demo.conftest import Caller

CARD = json.dumps(
    {
        "inline_keyboard": [
            [{"text": "On site", "callback_data": "rq:1:status:on_site"}],
            [{"text": "Why?", "callback_data": "ml:why:1"}],
        ]
    }
)

pytestmark = pytest.mark.browser


async def test_each_step_notices_that_it_was_done_and_the_last_names_the_way_to_a_real_bot(
    page: Page, bot: Caller
) -> None:
    guide, act = page.get_by_test_id("guide"), page.get_by_test_id("guide-act")
    await act.click()
    await expect(page.get_by_test_id("chat-title")).to_have_text("Duty")
    await expect(page.get_by_test_id("message-text").last).to_have_text("/new")
    await expect(guide).to_have_attribute("data-at", "asked")
    await bot.ok("sendMessage", chat_id=DUTY_CHAT_ID, text="Заявка 101/12", reply_markup=CARD)
    await expect(guide).to_have_attribute("data-at", "letter")
    await page.get_by_test_id("world-letters").click()
    await page.get_by_test_id("world-letter-en_route").click()
    await expect(guide).to_have_attribute("data-at", "why")
    await page.get_by_role("button", name="Why?", exact=True).click()
    await expect(guide).to_have_attribute("data-at", "file")
    await page.reload()
    await act.click()
    await expect(guide).to_have_attribute("data-at", "unplug")
    await page.get_by_test_id("world-share").click()
    await expect(guide).to_have_attribute("data-at", "plug")
    await act.click()
    await expect(guide).to_contain_text("vakhta setup")
    await page.reload()
    await expect(guide).to_be_hidden()


async def test_a_skipped_guide_stays_away_until_it_is_opened_again(page: Page) -> None:
    guide, opener = page.get_by_test_id("guide"), page.get_by_test_id("guide-open")
    await expect(guide).to_be_visible()
    await page.get_by_test_id("guide-skip").click()
    await expect(opener).to_be_focused()
    await page.reload()
    await expect(opener).to_have_attribute("aria-expanded", "false")
    await expect(guide).to_be_hidden()
    await opener.press("Enter")
    await expect(guide).to_be_focused()
    await expect(guide).to_have_attribute("data-at", "new")
    await page.keyboard.press("Escape")
    await expect(guide).to_be_hidden()


async def test_while_the_evening_is_played_the_guide_waits(page: Page, world: World) -> None:
    state = world.telegram.state
    state.queue.holding = True
    await page.reload()
    await expect(page.get_by_test_id("guide")).to_contain_text("минулий вечір")
    await expect(page.get_by_test_id("guide-act")).to_be_disabled()
    state.queue.holding = False
    state.tell("world")
    await expect(page.get_by_test_id("guide-act")).to_be_enabled()


async def test_on_a_phone_a_closed_guide_leaves_the_focus_on_the_way_back(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    await page.get_by_test_id("guide-skip").click()
    await expect(page.get_by_test_id("back")).to_be_focused()


async def test_on_a_phone_the_guide_takes_room_and_covers_nothing(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    composer = await page.locator(".composer").bounding_box()
    guide = await page.get_by_test_id("guide").bounding_box()
    assert composer
    assert guide
    assert composer["y"] + composer["height"] <= guide["y"]
    assert guide["y"] + guide["height"] <= 844
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
