"""Deciding about a letter, in a demo of its own: what the other walks have told would make its group wait."""

import pytest

from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID
from tests.walk.walking import Walk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]


async def test_a_decision_about_a_letter_is_taken_back_with_one_press(walk: Walk) -> None:
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    await walk.say("/new 501 Не гріє батарея")
    await walk.shows("Заявка 501", "Надіслано")
    await walk.letter("p.honchar@contractor.example", "заявка", "Не принята. Это не наш участок.")
    card = await walk.sees("Это не наш участок")
    await walk.press(card, "501")
    await walk.shows("Заявка 501", "Відхилено")
    await walk.press(card, "Повернути")
    await walk.shows("Заявка 501", "Надіслано")
    await walk.shoot("4-undone")
    await walk.be(ENGINEER_ID)
    await walk.start()
    await walk.say("501 уже на месте")
    await walk.press(await walk.sees("Застосувати це?"), "Застосувати")
    await walk.sees("Зроблено")
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    await walk.shows("Заявка 501", "На місці")
