"""The chat page in a real browser, with a bot that is a few HTTP calls."""

import json

import pytest
from playwright.async_api import Page, expect

from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID, LEAD_ID, STRANGER_ID, World
from tests.demo.conftest import Caller

KEYBOARD = json.dumps({"inline_keyboard": [[{"text": "On site", "callback_data": "status:on_site"}]]})

pytestmark = pytest.mark.browser


async def test_a_conversation_with_buttons_edits_replies_and_answers(page: Page, bot: Caller) -> None:
    await page.get_by_test_id("start").click()
    [update] = await bot.ok("getUpdates", timeout=5)
    assert update["message"]["text"] == "/start"

    sent = await bot.ok(
        "sendMessage", chat_id=ENGINEER_ID, text="<b>Leak</b>", parse_mode="HTML", reply_markup=KEYBOARD
    )
    await page.get_by_role("button", name="On site").click()
    [press] = await bot.ok("getUpdates", timeout=5, offset=update["update_id"] + 1)
    assert press["callback_query"]["data"] == "status:on_site"
    await bot.ok("answerCallbackQuery", callback_query_id=press["callback_query"]["id"], text="Noted")
    await expect(page.get_by_test_id("toast")).to_have_text("Noted")

    await bot.ok("editMessageText", chat_id=ENGINEER_ID, message_id=sent["message_id"], text="Leak: on site")
    card = page.get_by_test_id("message").filter(has_text="Leak: on site")
    await expect(card.get_by_test_id("edited")).to_be_visible()
    await expect(card.get_by_test_id("inline-button")).to_have_count(0)

    await card.hover()
    await card.get_by_test_id("reply").click()
    await page.get_by_test_id("input").fill("Waiting for a pass")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message").last.get_by_test_id("quote")).to_contain_text("Leak: on site")
    [_, reply] = await bot.ok("getUpdates")
    assert reply["message"]["reply_to_message"]["message_id"] == sent["message_id"]


async def test_the_menu_completes_commands_and_a_forced_reply_is_a_reply(page: Page, bot: Caller) -> None:
    commands = [{"command": "new", "description": "Нова заявка"}, {"command": "files", "description": "Файли"}]
    await bot.ok("setMyCommands", commands=json.dumps(commands), language_code="uk")
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("input").fill("/n")
    await expect(page.get_by_role("option")).to_have_text(["/newНова заявка"])
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-text").last).to_have_text("/new")
    asked = json.dumps({"force_reply": True, "input_field_placeholder": "101"})
    question = await bot.ok("sendMessage", chat_id=ENGINEER_ID, text="Number?", reply_markup=asked)
    await expect(page.get_by_test_id("replying")).to_contain_text("Number?")
    await expect(page.get_by_test_id("input")).to_have_attribute("placeholder", "101")
    await page.get_by_test_id("input").fill("102")
    await page.get_by_test_id("send").click()
    await expect(page.get_by_test_id("replying")).to_have_count(0)
    answers = [update["message"] for update in await bot.ok("getUpdates")]
    assert answers[-1]["reply_to_message"]["message_id"] == question["message_id"]


async def test_each_person_sees_their_chats_with_what_is_unread(page: Page, bot: Caller) -> None:
    await bot.ok("sendMessage", chat_id=DUTY_CHAT_ID, text="a file was saved")
    await page.get_by_test_id(f"persona-{LEAD_ID}").click()
    await expect(page.get_by_test_id(f"chat-{DUTY_CHAT_ID}")).to_contain_text("1")
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    await expect(page.get_by_test_id("message-text")).to_have_text(["a file was saved"])
    await page.get_by_test_id(f"persona-{STRANGER_ID}").click()
    await expect(page.get_by_test_id(f"chat-{DUTY_CHAT_ID}")).to_have_count(0)
    await expect(page.get_by_test_id(f"chat-{STRANGER_ID}")).to_be_visible()


async def test_the_worlds_buttons_do_what_they_say_in_three_languages(page: Page, world: World) -> None:
    await page.get_by_test_id("world-letters").click()
    await page.get_by_test_id("world-letter-on_site").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Лист у скриньці.")
    assert len(list((world.mailbox / "new").iterdir())) == 1
    await page.get_by_test_id("world-files").click()
    await page.get_by_test_id("world-file-notes.txt").click()
    await expect(page.get_by_test_id("toast").last).to_have_text("Збережено: notes.txt")
    await page.get_by_test_id("lang-en").click()
    await page.get_by_test_id("world-hour").click()
    await expect(page.get_by_test_id("world-now")).to_contain_text("+1 h ahead")
    await page.get_by_test_id("lang-ru").click()
    await page.get_by_test_id("world-outage").click()
    await expect(page.get_by_test_id("world-outage")).to_have_attribute("aria-checked", "true")
    assert world.telegram.down
    await expect(page.get_by_test_id("input")).to_be_hidden()


async def test_a_phone_shows_the_list_or_the_chat(page: Page, bot: Caller) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await bot.ok("sendMessage", chat_id=DUTY_CHAT_ID, text="word " * 200, reply_markup=KEYBOARD)
    await expect(page.get_by_test_id("input")).to_be_hidden()
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    await expect(page.get_by_test_id("input")).to_be_visible()
    await expect(page.get_by_test_id("message")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.get_by_test_id("back").click()
    await expect(page.get_by_test_id(f"chat-{DUTY_CHAT_ID}")).to_be_focused()


async def test_the_newest_is_in_sight_unless_its_reader_has_scrolled_up(page: Page, bot: Caller) -> None:
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    for n in range(40):
        await bot.ok("sendMessage", chat_id=DUTY_CHAT_ID, text=f"line {n}\n" * 3)
    await expect(page.get_by_test_id("message").last).to_contain_text("line 39")
    await expect(page.get_by_test_id("message").last).to_be_in_viewport()
    await page.get_by_test_id("log").hover()
    await page.mouse.wheel(0, -2000)
    await expect(page.get_by_test_id("message").last).not_to_be_in_viewport()
    await bot.ok("sendMessage", chat_id=DUTY_CHAT_ID, text="news")
    await expect(page.get_by_test_id("message").last).to_contain_text("news")
    await expect(page.get_by_test_id("message").last).not_to_be_in_viewport()
