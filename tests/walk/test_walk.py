"""What visitors of the demo do beside the first five minutes, each on the real pages, each leaving its screenshot."""

import re

import pytest
from playwright.async_api import expect

from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID, LEAD_ID, STRANGER_ID
from tests.walk.walking import Walk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]


async def test_start_shows_the_menu_and_a_language_switches_everything(walk: Walk) -> None:
    await walk.be(ENGINEER_ID)
    await walk.start()
    await walk.sees("Я на вахті")
    await walk.shoot("1-menu")
    for language, word, menu in (("English", "Language: English", "on duty"), ("Русский", "Язык: Русский", "на вахте")):
        await walk.say("/settings")
        card = await walk.sees(re.compile("Часовий пояс|Time zone|Часовой пояс"))
        await walk.press(card, language)
        await walk.sees(word)
        await walk.say("/start")
        await walk.sees(menu)
    await walk.shoot("1-russian")
    await walk.say("/settings")
    await walk.press(await walk.sees("Часовой пояс"), "Українська")
    await walk.sees("Мова: Українська")


async def test_a_request_is_made_by_a_form_and_by_one_line_moved_and_commented(walk: Walk) -> None:
    await walk.be(ENGINEER_ID)
    await walk.start()
    await walk.say("/new")
    await walk.sees("Який номер")
    await walk.say("101")
    await walk.sees("Яка позиція")
    await walk.say("12")
    await walk.sees("що сталося")
    await walk.say("Протікання в серверній")
    card = await walk.sees("Протікання в серверній\n")
    await walk.press(card, "Прийнято")
    await walk.shows("Заявка 101/12", "Прийнято з")
    await walk.shoot("2-card")
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    await walk.say("/new 102 3 Не працює кондиціонер")
    told = await walk.sees("Заявка 102/3")
    await walk.reply(told, "Ключ на охороні")
    await walk.sees("Збережено як коментар до 102/3")
    await walk.shows("Не працює кондиціонер", "Оксана: Ключ на охороні")
    await walk.shoot("2-comment")


async def test_a_saved_file_is_told_in_the_group_and_found(walk: Walk) -> None:
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    await walk.page.get_by_test_id("world-files").click()
    await walk.page.get_by_test_id("world-file-contract.docx").click()
    await walk.sees("contract.docx")
    await walk.shoot("3-told")
    await walk.say("/files *.docx")
    await walk.shows("🔎 *.docx", "contract.docx")
    await walk.shoot("3-found")


async def test_the_contractors_letter_moves_the_card_by_itself(walk: Walk) -> None:
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    await walk.say("/new 301 12 Зламаний шлагбаум")
    await walk.shows("Заявка 301/12", "Надіслано")
    text = "По заявке 301 п.12 — выехали, будем через 30 минут\n\n> вчера: на месте, позиция 7, заявка 999"
    await walk.letter("p.honchar@contractor.example", "Re: заявка", text)
    await walk.shows("Зламаний шлагбаум", "У дорозі")
    await walk.shoot("4-letter")
    await walk.letter("p.honchar@contractor.example", "заявка", "Заявка 311: прибыли на место")
    await walk.sees("311")
    await walk.shoot("4-question")
    await walk.press(await walk.sees("Заявка 301/12"), "Чому?")
    await walk.sees("выехали — 🚗 У дорозі")
    await walk.shoot("4-why")


async def test_a_stranger_asks_and_the_lead_grants_and_takes_away(walk: Walk) -> None:
    await walk.be(STRANGER_ID)
    await walk.start()
    card = await walk.sees("Доступу у вас ще немає")
    await walk.shoot("6-stranger")
    await walk.press(card, "Попросити доступ")
    await walk.sees("в адміністраторів")
    await walk.be(LEAD_ID)
    asked = await walk.sees("просить доступу")
    await walk.shoot("6-asked")
    await walk.press(asked, "глядач")
    await walk.sees("тепер глядач")
    await walk.be(STRANGER_ID)
    await walk.sees("Доступ надано")
    await walk.say("/requests")
    await expect(walk.page.get_by_test_id("message").last).to_contain_text(re.compile("заяв", re.IGNORECASE))
    await walk.be(LEAD_ID)
    await walk.say("/access")
    everybody = await walk.sees("Доступ мають")
    await walk.press(everybody, "Іван")
    await walk.press(await walk.sees("Telegram id"), "Забрати доступ")
    await walk.sees("немає доступу")
    await walk.be(STRANGER_ID)
    await walk.sees("Доступ у вас забрано")
    await walk.say("/requests")
    await expect(walk.page.get_by_test_id("message").last).to_contain_text("Доступу у вас ще немає")


async def test_the_status_page_shows_the_same_truth_live(walk: Walk) -> None:
    await expect(walk.status.get_by_test_id("headline")).to_be_visible()
    await walk.status.goto(walk.demo.status + "requests")
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    await walk.say("/new 701 1 Тріснуло скло")
    await walk.sees("Тріснуло скло")
    await expect(walk.status.get_by_text("Тріснуло скло").first).to_be_visible()
    beside = walk.page.get_by_test_id("board-requests").get_by_role("listitem").filter(has_text="Тріснуло скло")
    await expect(beside).to_contain_text("Надіслано")
    await walk.press(walk.message("Тріснуло скло"), "У дорозі")
    await expect(beside).to_contain_text("У дорозі")
    await expect(walk.status.get_by_role("row").filter(has_text="Тріснуло скло")).to_contain_text("У дорозі")
    await walk.shoot("7-requests", walk.status)
    await walk.status.goto(walk.demo.status)
    await walk.shoot("7-status", walk.status)
    await walk.status.set_viewport_size({"width": 390, "height": 844})
    wider = await walk.status.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0
    await walk.shoot("7-phone", walk.status)
