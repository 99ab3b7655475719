"""A request that was over on one day and begun again on the next, and one that its owner withdraws."""

import pytest

from tests.letters.told import told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Вчера по заявке 360 закончили, но ночью чиллер снова встал. Сегодня с 9 утра на объекте.",
            "on_site",
        ),
        ("Щодо заявки 360. Вчора приїздили, тож поїхали. Сьогодні воду відкачали, виїхали до вас о 9:05.", "en_route"),
        ("Yesterday we finished request 360 and left. The crew is back on site since 8.", "on_site"),
        ("Заявка 360: в понедельник отремонтировали, а сегодня опять потекло, бригада снова выехала.", "en_route"),
        ("Заявку 360 вчера отменили, сегодня заказчик передумал, бригада выехала.", "en_route"),
        ("Заявка 360: вчора відмовились, сьогодні передумали, прийняли.", "accepted"),
        ("Закончили на Лесной, 8, оттуда сразу выехали по заявке 360.", "en_route"),
        ("Виїхали з Шевченка, 14 (там усе закінчили) на заявку 360.", "en_route"),
        ("Учора ми прийняли заявку 360, але сьогодні змушені відмовитися.", "declined"),
        ("Request 360. They sent us away at first, but it's sorted. We're inside and working.", "on_site"),
        ("Заявка 360. Вчера прождали час и уехали. Сегодня второй заход: выехали в 8:20.", "en_route"),
        ("Заявка 360. Вчера выехали, сегодня работы закончены.", "left"),
        ("Заявка 360: вчера закончили. Сегодня едем за актом.", "left"),
        ("Работы по заявке 360 завершили вчера. Сегодня приехали на объект подписать акт.", "left"),
    ],
)
def test_what_was_over_on_an_earlier_day_does_not_outweigh_what_began_since(text: str, expected: str) -> None:
    assert told("", text) == f"update 360={expected}"


def test_a_refusal_of_an_earlier_day_is_no_news_where_a_turn_follows_that_is_not_understood() -> None:
    assert told("", "Заявка 360: вчера отказались, но сегодня нашли людей - принимаем в работу.") in {
        "note 360",
        "update 360=accepted",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Прошу заявку 360 отменить: кондиционер заработал после перезагрузки, выезд больше не нужен.",
        "Could you please cancel request 360? The tenant found the spare key, so the locksmith is no longer needed.",
        "Заявку 360 прошу скасувати. Замок відчинили самі. Приїздити не треба.",
        "Скасуйте, будь ласка, заявку 360. Уже не актуально.",
    ],
)
def test_a_request_that_its_owner_withdraws_as_needless_is_cancelled(text: str) -> None:
    assert told("", text) == "update 360=cancelled"


@pytest.mark.parametrize(
    "text",
    [
        "Просим отменить заявку 360.",
        "Прошу отменить заявку 360, если до обеда не приедете.",
        "Прошу отменить выезд по заявке 360, сегодня никого не будет, перенесём на завтра.",
        "Please do not cancel request 360, we still need it.",
        "Отменить заявку 360? Клиенту больше не нужно.",
        "Прошу отменить заявку 360 или подтвердить, что она ещё нужна, клиент всё починил сам.",
    ],
)
def test_to_be_asked_to_cancel_is_not_enough(text: str) -> None:
    assert told("", text) == "note 360"


@pytest.mark.parametrize(
    "text",
    [
        "On requests 88 and 89: one is finished and the other the lads turned down, Phil didn't say which is which.",
        "В письме указана заявка 6127, а в бланке стоит заявка 6172. По какой из них нам выезжать?",
    ],
)
def test_who_cannot_tell_which_request_it_is_is_answered_by_a_person(text: str) -> None:
    assert told("", text) == "triage"


@pytest.mark.parametrize(
    "text",
    [
        "Бригада по заявке 360 ещё не выехала. Вчера доехали до вас без приключений.",
        "The crew has not set off yet for request 360. Last week they arrived in an hour.",
    ],
)
def test_a_journey_of_another_day_is_none_where_the_present_one_has_not_begun(text: str) -> None:
    assert told("", text) == "note 360"
