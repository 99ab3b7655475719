"""What the world's buttons show on the page. One world and one browser for all of it."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect

from deploy.demo.clock import WorldClock
from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID, LEAD_ID, STRANGER_ID, World
from tests.demo.browsing import chromium, visit
from tests.demo.conftest import PICTURE, Caller

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    world = World(tmp_path_factory.mktemp("demo") / "data", 0, WorldClock())
    await world.start()
    yield world
    await world.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(world: World, browser: Browser) -> AsyncIterator[Page]:
    async with visit(browser, world.chat_url) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def bot(world: World) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, world.telegram)


async def test_a_letter_opens_beside_the_chat_with_what_it_quotes_greyed(page: Page) -> None:
    await page.get_by_test_id("world-letters").click()
    await page.get_by_test_id("world-letter-en_route").click()
    sheet = page.get_by_test_id("letter-sheet")
    await expect(sheet).to_contain_text("По заявке 101 п.12 — выехали, будем через 30 минут.")
    await expect(sheet.locator(".quoted")).to_have_count(3)
    await expect(sheet.locator(".quoted").nth(1)).to_contain_text("бригада на месте")
    chat, letter = await page.locator(".pane").bounding_box(), await sheet.bounding_box()
    assert chat
    assert letter
    assert letter["x"] >= chat["x"] + chat["width"]
    await page.get_by_test_id("world-letter-declined").click()
    await expect(page.get_by_test_id("letter-sheet-subject")).to_have_text("Re: заявка")
    await page.get_by_test_id("letter-close").click()
    await expect(sheet).to_be_hidden()
    await expect(page.get_by_test_id("world-letters")).to_be_focused()


async def test_the_share_is_unplugged_and_a_document_is_edited(page: Page, world: World) -> None:
    await page.get_by_test_id("world-files").click()
    await page.get_by_test_id("world-file-edit").click()
    await expect(page.get_by_test_id("world-file-contract.docx")).to_contain_text("contract-final.docx")
    await page.get_by_test_id("world-share").click()
    await expect(page.get_by_test_id("world-share")).to_have_attribute("aria-checked", "true")
    assert not world.shared.exists()
    await page.get_by_test_id("world-share").click()
    await expect(page.get_by_test_id("world-share")).to_have_attribute("aria-checked", "false")
    assert len(list(world.shared.iterdir())) == 3


async def test_a_visitor_is_met_in_the_browsers_language_everywhere(world: World, browser: Browser) -> None:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    await page.goto(world.chat_url)
    await expect(page.get_by_test_id("world-hour")).to_have_text("One hour later")
    assert world.language == "en"
    assert not await page.evaluate("/[а-яіїє]/i.test(document.body.innerText)")
    await page.get_by_test_id("lang-ru").click()
    await expect(page.get_by_test_id("world-hour")).to_have_text("Час спустя")
    assert world.telegram.state.users[STRANGER_ID].language_code == "ru"
    await page.reload()
    await expect(page.get_by_test_id("lang-ru")).to_have_attribute("aria-checked", "true")
    await context.close()


async def test_the_slim_status_page_is_for_wide_screens_and_folds(page: Page) -> None:
    board = page.get_by_test_id("board")
    await expect(page.get_by_test_id("board-level")).to_have_text("Помічник не працює.")
    await page.get_by_test_id("board-fold").click()
    await page.reload()
    await expect(page.get_by_test_id("board-fold")).to_have_attribute("aria-expanded", "false")
    await expect(page.get_by_test_id("board-level")).to_be_hidden()
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(board).to_be_hidden()


async def test_reactions_edits_and_what_only_one_person_sees(page: Page, world: World) -> None:
    lead = world.telegram.person(LEAD_ID)
    said = await lead.send("Хто їде?", DUTY_CHAT_ID)
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    message = page.get_by_test_id("message").filter(has_text="Хто їде?")
    await message.hover()
    await message.get_by_test_id("react").click()
    await expect(message.get_by_test_id("reaction-option").first).to_be_focused()
    await page.keyboard.press("Enter")
    await lead.react(said.id, "👍", DUTY_CHAT_ID)
    await expect(message.get_by_test_id("reaction")).to_have_text(["👍2"])
    await message.get_by_test_id("reaction").click()
    await expect(message.get_by_test_id("reaction")).to_have_text(["👍1"])

    await page.get_by_test_id("input").fill("Я їду")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message").last).to_contain_text("Я їду")
    await expect(page.get_by_test_id("input")).to_have_value("")
    await page.keyboard.press("ArrowUp")
    await page.get_by_test_id("input").fill("Я вже на місці")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message").last).to_contain_text("Я вже на місці")
    await expect(page.get_by_test_id("message").last.get_by_test_id("edited")).to_be_visible()

    chat = world.telegram.state.chats[DUTY_CHAT_ID]
    world.telegram.state.add_ephemeral(chat, ENGINEER_ID, {"text": "Ваш пароль від воріт: 7"})
    await expect(page.get_by_test_id("message").last.get_by_test_id("only-you")).to_be_visible()
    await page.get_by_test_id(f"persona-{LEAD_ID}").click()
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    await expect(page.get_by_test_id("message").last).to_contain_text("Я вже на місці")


async def test_a_row_of_long_buttons_wraps_instead_of_breaking_a_word(page: Page, bot: Caller) -> None:
    labels = ["Нагадати про це завтра вранці", "Передати наступній зміні"]
    row = [{"text": label, "callback_data": label} for label in labels]
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    await bot.ok(
        "sendMessage", chat_id=DUTY_CHAT_ID, text="Що далі?", reply_markup=json.dumps({"inline_keyboard": [row]})
    )
    buttons = page.get_by_test_id("message").last.get_by_test_id("inline-button")
    first, second = await buttons.first.bounding_box(), await buttons.last.bounding_box()
    assert first
    assert second
    assert second["y"] > first["y"]
    assert first["height"] < 45


async def test_pictures_go_up_as_an_album_open_large_and_documents_come_down(page: Page) -> None:
    await page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()
    pictures: list[FilePayload] = [
        {"name": f"{number}.png", "mimeType": "image/png", "buffer": PICTURE} for number in range(3)
    ]
    await page.get_by_test_id("file-input").set_input_files(pictures)
    await page.get_by_test_id("input").fill("Протікання з трьох боків")
    await page.keyboard.press("Enter")
    album = page.get_by_test_id("message").filter(has_text="Протікання з трьох боків")
    await expect(album.get_by_test_id("photo")).to_have_count(3)
    await expect(album.locator("img").first).to_have_js_property("naturalWidth", 2)
    await album.get_by_test_id("photo").first.click()
    await expect(page.get_by_test_id("picture")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("picture")).to_have_count(0)

    plan: FilePayload = {"name": "план.txt", "mimeType": "text/plain", "buffer": b"plan"}
    await page.get_by_test_id("file-input").set_input_files(plan)
    await page.get_by_test_id("send").click()
    attachment = page.get_by_test_id("message").last.get_by_test_id("attachment")
    async with page.expect_download() as coming:
        await attachment.click()
    assert (await coming.value).suggested_filename == "план.txt"


async def test_a_forum_shows_its_topics_as_tabs_and_writes_into_the_open_one(page: Page, world: World) -> None:
    office, repairs = -1001000000777, 7
    world.telegram.add_group(office, "Office", [ENGINEER_ID, LEAD_ID], admins=[LEAD_ID], threads=[repairs])
    await page.reload()
    await page.get_by_test_id(f"chat-{office}").click()
    lead = world.telegram.person(LEAD_ID)
    await lead.send("Ліфт стоїть", office, thread=repairs)
    tab = page.get_by_test_id(f"topic-{repairs}")
    await expect(tab).to_contain_text("1")
    await tab.click()
    await expect(page.get_by_test_id("message-text").last).to_have_text("Ліфт стоїть")
    await page.get_by_test_id("input").fill("Майстер їде")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-text").last).to_have_text("Майстер їде")
    sent = list(world.telegram.state.messages[office].values())[-1]
    assert (sent.thread, sent.topic) == (repairs, True)
    await page.get_by_test_id("topic-1").click()
    await expect(page.get_by_test_id("message-text").filter(has_text="Майстер їде")).to_have_count(0)
