"""Lists below a heading that tells the status of what is listed."""

import pytest

from tests.letters.told import told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Итоги.\nВыполнено:\n- заявка 2501\n- заявка 2502\n\nНа объекте:\n- заявка 2503\nОтложено:\n- заявка 2504",
            "update 2501=left 2502=left 2503=on_site 2504",
        ),
        (
            "Прийнято:\n1. Заявка 700\n2. Заявка 701\nВідхилено:\n3. Заявка 702 - немає допуску",
            "update 700=accepted 701=accepted 702=declined",
        ),
        ("Выполнены заявки:\n2501\n2502\nОтменены:\n2503", "update 2501=left 2502=left 2503=cancelled"),
        ("On site now\nReq 55\nReq 56\nPlanned for tomorrow\nReq 57", "update 55=on_site 56=on_site 57"),
        ("Не закончено:\n- заявка 2501\n- заявка 2502", "note 2501 2502"),
        ("Refused\nRequest 7108: accepted after all", "update 7108=accepted"),
    ],
)
def test_a_heading_tells_of_the_lines_below_it_that_tell_nothing_themselves(text: str, expected: str) -> None:
    assert told("", text) == expected


def test_a_departure_is_the_way_unless_somebody_arrived_for_the_same_request() -> None:
    text = "Request 118 - finished, crew gone\nRequest 119 - crew arrived 11:40\nRequest 120 - van departed 12:05"
    assert told("", text) == "update 118=left 119=on_site 120=en_route"


def test_the_lines_of_a_plan_are_to_come() -> None:
    text = "Request 1876, plan for tomorrow:\n07:00 leave depot\n08:00 on site, induction\n15:00 finish and leave"
    assert told("", text) == "note 1876"
