"""Which requests and positions a letter names."""

import pytest

from tests.letters.told import told


@pytest.mark.parametrize("word", ["заявка", "заявки", "заявке", "заявку", "заявкой", "заявкам", "Заявка №", "заявка N"])
def test_a_request_is_found_in_every_case(word: str) -> None:
    assert told("", f"{word} 77 принята") == "update 77=accepted"


@pytest.mark.parametrize(
    "word", ["запит", "запиту", "запитом", "заявці", "заявку", "request", "REQ-", "req. ", "Request #"]
)
def test_a_request_is_found_in_other_languages(word: str) -> None:
    assert told("", f"{word} 77: accepted") == "update 77=accepted"


@pytest.mark.parametrize(
    "text", ["на позицию 12", "позиція 12", "по позиции 12", "поз. 12", "п. 12", "pos 12", "12-я позиция"]
)
def test_a_position_is_found_in_every_case(text: str) -> None:
    assert told("Заявка 101", f"Прибыли, {text}.") == "update 101/12=on_site"


def test_minutes_are_no_request() -> None:
    assert told("", "Заявка принята, прибудем через 30 минут") == "triage"


def test_a_year_is_no_request() -> None:
    assert told("Request for support 2025", "Принято.") == "triage"


def test_a_compound_number_is_one_number() -> None:
    assert told("", "Заявка 12-345 принята") == "update 12-345=accepted"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Заявки 101, 102 и 103 приняты", "update 101=accepted 102=accepted 103=accepted"),
        ("Заявки №101 и №102 приняты", "update 101=accepted 102=accepted"),
        ("Заявки 101-103 приняты", "update 101=accepted 102=accepted 103=accepted"),
        ("Заявки с 8 по 10 приняты", "update 8=accepted 9=accepted 10=accepted"),
        ("Заявка 101-103 принята", "update 101-103=accepted"),
        ("Заявка 2045/7 принята", "update 2045/7=accepted"),
        ("Заявка 101/12 и 13 принята", "update 101/12=accepted 101/13=accepted"),
        ("Заявка 101/2026 принята", "update 101/2026=accepted"),
        ("Заявка 101, 3 человека выехали", "update 101=en_route"),
        ("Заявка 101 от 12.03.2026 принята", "update 101=accepted"),
        ("Заявка на 3 насоса принята", "triage"),
        ("Заявка от 12/03/2026 принята", "triage"),
        ("Заявка 12 345 принята", "triage"),
        ("Счёт №101 принят", "triage"),
        ("По договору №101 работы выполнены", "triage"),
        ("Офис №101: бригада на месте", "triage"),
        ("Заявке присвоен номер 101", "triage"),
        ("Заявка на ремонт насоса №101 принята", "triage"),
        ("Тел. 067 101-22-33, бригада выехала", "triage"),
        ("По заявке 101 сумма 12 500 грн, работы выполнены", "update 101=left"),
        ("После заявки 100 выехали на заявку 101", "update 101=en_route"),
        ("Не заявка 100, а заявка 101 принята", "update 101=accepted"),
        ("Выехали с заявки 100 на заявку 101", "update 101=en_route"),
    ],
)  # fmt: skip
def test_only_a_requests_number_counts(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Позиции 1, 2 и 5 приняты", "update 7/1=accepted 7/2=accepted 7/5=accepted"),
        ("Позиции 3-5 приняты", "update 7/3=accepted 7/4=accepted 7/5=accepted"),
        ("Поз. 12 и 13 приняты", "update 7/12=accepted 7/13=accepted"),
        ("Принято 3 позиции", "update 7=accepted"),
        ("Первая позиция выполнена", "update 7/1=left"),
        ("Приняты все, кроме позиции 6", "note 7"),
    ],
)
def test_positions_are_read_as_they_are_written(text: str, expected: str) -> None:
    assert told("Re: Заявка 7", text) == expected


def test_an_open_request_needs_no_word_before_its_number() -> None:
    assert told("", "Мастер по 15-204 выехал", "15-204") == "update 15-204=en_route"
    assert told("", "Кабель 15-204 выехал") == "triage"


def test_an_open_number_settles_what_a_dash_means() -> None:
    assert told("", "Заявки 101-103 приняты", "101-103") == "update 101-103=accepted"


def test_an_unclear_destination_is_not_guessed() -> None:
    assert told("Re: Заявка 1015", "Выехали на 2071.") == "note 1015"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Їду на 101, скиньте номер квартири", "update 101=en_route"),
        ("Еду. 101", "update 101=en_route"),
        ("Закончили 101-ю.", "update 101=left"),
        ("The crew is on site (101).", "update 101=on_site"),
        ("The engineer has arrived for job 101.", "update 101=on_site"),
        ("Выехали на 101 и 102", "triage"),
        ("Бригада на месте, ждём 101 лампу", "triage"),
        ("Ticket 101: the engineer is on site", "update 101=on_site"),
        ("Бригада на месте, кабинет 305", "triage"),
        ("Приехали, набираем 305", "triage"),
        ("Сделали, с вас 850", "triage"),
    ],
)
def test_the_only_number_of_a_letter_is_the_requests_where_nothing_else_has_it(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ticket 101 is sorted, all good now", "update 101=left"),
        ("Order #101 - lads are en route, eta 20", "update 101=en_route"),
        ("По обращению №101 работы завершены", "update 101=left"),
        ("Your request was accepted under ticket 8831", "triage"),
        ("Ваша заявка принята, номер обращения 8831", "triage"),
        ("Ticket 8831 registered. Engineer is on the way.", "triage"),
        ("Order 88123 for spare parts has been accepted by the supplier", "triage"),
    ],
)
def test_a_ticket_is_the_request_unless_the_letter_tells_of_the_contractors_own_desk(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Виїхали щойно з бази на 2045/7. Потрібна перепустка.", "update 2045/7=en_route"),
        ("Когда закончим по заявке 2630, пришлю акт и фото", "note 2630"),
        ("Когда закончим по заявке 2630, выедем на заявку 2631", "note 2631"),
        ("После заявки 2630 приехали к вам", "triage"),
    ],
)
def test_what_is_to_follow_a_request_is_a_note_on_it_where_no_other_is_named(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Заявку 3308 закінчили. Така сама халепа, як минулого місяця на заявці 3279", "update 3308=left"),
        ("По заявке 4511 выехали. Едет тот же мастер, что был на заявке 4498", "update 4511=en_route"),
        ("Packed up and off site from request 2232 at half four", "update 2232=left"),
        ("Позиції з 5 по 7 заявки 3322 виконано", "update 3322/5=left 3322/6=left 3322/7=left"),
        ("Request 2301: on site.\nReg. no. 00000000", "update 2301=on_site"),
    ],
)
def test_a_request_named_in_passing_is_left_alone(text: str, expected: str) -> None:
    assert told("", text) == expected


def test_the_number_of_an_account_is_no_request() -> None:
    text = "All done, we left about four. Our account is 20-45-71, number 33120045."
    assert told("finished", text) == "triage"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Позиції 2 і 5 заявки 740 закінчено.", "update 740/2=left 740/5=left"),
        (
            "Все четыре ваши заявки, с 310 по 312 включительно, приняли в работу.",
            "update 310=accepted 311=accepted 312=accepted",
        ),
        ("По заявках з 411 по 412 хлопці вже виїхали, почнуть з 411.", "update 411=en_route 412=en_route"),
        ("Бригада на месте, заявка 318... тьфу, опечатался, 381!", "triage"),
    ],
)
def test_lists_ranges_and_slips_are_read_as_they_are_meant(text: str, expected: str) -> None:
    assert told("", text) == expected
