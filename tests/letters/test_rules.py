from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.letters.mime import parse_letter
from core.letters.model import Letter, Reading
from core.letters.phrasebook import PAST, Stage
from core.letters.rules import read
from core.letters.words import DEFAULT_WORDS
from core.text import LANGUAGES, translator

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def letter(subject: str, body: str) -> Letter:
    head = f"From: a@contractor.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return parse_letter((head + body).encode(), NOW)


def told(subject: str, body: str, *open_numbers: str) -> str:
    """A reading in one line: `update 101/12=en_route 102`."""
    return shown(read(letter(subject, body), open_numbers=open_numbers))


def shown(reading: Reading) -> str:
    words: list[str] = [reading.outcome]
    for update in reading.updates:
        name = update.request if update.position is None else f"{update.request}/{update.position}"
        words.append(f"{name}={update.status}" if update.status else name)
    return " ".join(words)


# What the old system got wrong.


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


def test_not_accepted_is_declined() -> None:
    assert told("Re: Заявка 5", "Не принята.") == "update 5=declined"


def test_what_is_struck_through_is_no_news_and_shown_as_such() -> None:
    found = letter("", "Заявка ~~100~~ 101: ~~мастер на месте~~ мастер в пути")
    reading = read(found)
    assert shown(reading) == "update 101=en_route"
    assert all(piece.words == found.new_text[piece.start : piece.end] for piece in reading.why)
    assert [(piece.words, piece.reason) for piece in reading.why if not piece.counted] == [
        ("на месте", "It is struck through.")
    ]


def test_undertaken_is_not_accepted() -> None:
    assert told("Re: Заявка 5", "Предпринята вторая попытка.") == "note 5"


def test_not_departed_changes_nothing() -> None:
    assert told("Re: Заявка 5", "Мастер не выехал.") == "note 5"


def test_accepted_works_and_a_departed_crew_are_a_departure() -> None:
    assert told("Re: Заявка 5", "Работы приняты, подрядчик убыл.") == "update 5=left"


def test_a_neuter_form_is_understood() -> None:
    assert told("Заявка 5", "Завершено.") == "update 5=left"


def test_quoted_words_are_no_news() -> None:
    assert told("Re: Заявка 5", "Спасибо!\n> Заявка 9: бригада выехала") == "note 5"


# Numbers.


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


# Stages.


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Принята", "accepted"), ("Взяли в работу", "accepted"), ("Прийнято до виконання", "accepted"),
        ("Confirmed", "accepted"),
        ("Бригада выехала", "en_route"), ("Майстер у дорозі", "en_route"), ("Crew is on its way", "en_route"),
        ("Отправили к вам мастера", "en_route"), ("Бригада на месте", "on_site"), ("Приступили к работам",
        "on_site"),
        ("Прибули на об’єкт", "on_site"), ("Engineer on site", "on_site"), ("Подрядчик убыл", "left"),
        ("Роботи виконано", "left"),
        ("All works completed", "left"), ("Заявку закрыли", "left"), ("Вынуждены отказаться", "declined"),
        ("Відхилено", "declined"),
        ("We cannot accept the request", "declined"), ("Заявка отменена", "cancelled"),
        ("Скасовано замовником", "cancelled"),
        ("Заявка отправлена подрядчику", "sent"),
    ],
)  # fmt: skip
def test_each_status_is_understood_in_each_language(text: str, status: str) -> None:
    assert told("Re: Заявка 5", text) == f"update 5={status}"


@pytest.mark.parametrize(
    "text",
    [
        "Выедем завтра", "Будет принята после оплаты", "The work will be completed tomorrow",
        "Завтра бригада на месте",
        "Если мастер выехал, он позвонит", "Якщо роботи завершено, повідомимо",
        "We will call once the crew has arrived",
        "Мастер выехал?", "Сообщите, принята ли заявка", "Чи виїхала бригада",
        "Прошу подтвердить, что работы выполнены",
        "Отмените, пожалуйста, заявку", "Поставьте статус «Принята»", "Кажется, бригада выехала",
        "Should have arrived by now",
        "Ещё не приехали", "Роботи не завершено", "No one has arrived", "The crew is no longer on site",
        "Почти на месте", "Выполнено 50%",
        "Завершили осмотр",
        "Течь устранили, осталось заменить кран", "Запчасти прибыли", "Ключи на месте", "Клиент уехал",
        "Счёт принят",
        "Приняли к сведению", "Выезд отменён", "Документы отправлены", "Двигатель прибыл",
        "Возвращаемся на базу",
        "Не отменена", "Not accepted yet", "Сегодня взять в работу не сможем",
        "Принята / в пути / на месте / убыл",
    ],
)  # fmt: skip
def test_what_has_not_happened_to_the_request_changes_nothing(text: str) -> None:
    assert told("Re: Заявка 5", text) == "note 5"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Приняли, выехали, уже на месте", "on_site"),
        ("Уже на месте. Приняли в 9, выехали в 10", "on_site"),
        ("Приняли, но заказчик отменил", "cancelled"),
        ("Принята, выезд завтра", "accepted"),
        ("Выехали, будем через 20 минут", "en_route"),
        ("Не только приняли, но и выехали", "en_route"),
        ("Приняли. Когда можно приехать?", "accepted"),
    ],
)
def test_of_several_stages_the_furthest_that_happened_counts(text: str, status: str) -> None:
    assert told("Re: Заявка 5", text) == f"update 5={status}"


@pytest.mark.parametrize("text", ["Приняли, но потом отклонили", "Отклонена. Отменена."])
def test_statuses_that_cannot_both_be_true_are_not_chosen_from(text: str) -> None:
    assert told("Re: Заявка 5", text) == "note 5"


def test_leaving_counts_only_after_an_arrival() -> None:
    assert told("Re: REQ-5", "The crew left at 9:40.") == "note 5"
    assert told("Re: REQ-5", "Arrived at 9:15, left at 9:40.") == "update 5=left"
    assert told("Re: REQ-5", "The crew left the base at 9:40.") == "update 5=en_route"


# Whose status it is.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Заявка 101 принята, заявка 102 отклонена", "update 101=accepted 102=declined"),
        ("Заявка 101: позиция 12 принята, позиция 8 отклонена", "update 101/12=accepted 101/8=declined"),
        ("Приняли заявку 101, отклонили заявку 102", "update 101=accepted 102=declined"),
        ("Заявка 101 принята. По заявке 102 уточним завтра.", "update 101=accepted 102"),
        ("По 101-й заявке ждём пропуск, по заявке 102 выехали", "update 101 102=en_route"),
        ("Заявки:\n101 - принята\n102 - в пути\n103 - отклонена",
        "update 101=accepted 102=en_route 103=declined"),
        ("Заявка 101. Позиция 12. Бригада в пути.", "update 101/12=en_route"),
        ("Бригада на месте (заявка 101, поз. 3)", "update 101/3=on_site"),
        ("Приняли, спасибо. Это про заявку 101.", "update 101=accepted"),
        ("Заявка 101 принята.\nЗаявка 102 принята.\nВыехали.", "note 101 102"),
        ("По заявке 101 или 102 выехали", "triage"),
        ("№ заявки | Позиция | Статус\n101 | 1 | Принята\n102 | 2 | В пути",
        "update 101/1=accepted 102/2=en_route"),
    ],
)  # fmt: skip
def test_a_status_belongs_to_the_request_it_is_told_of(text: str, expected: str) -> None:
    assert told("", text) == expected


def test_the_subject_names_the_request_of_a_bare_answer() -> None:
    assert told("Re: Заявка 101/12", "Выехали.") == "update 101/12=en_route"


def test_a_status_in_an_answered_subject_is_no_news() -> None:
    assert told("Re: Заявка 101 отменена", "Понятно.") == "note 101"
    assert told("Заявка 101 отменена", "") == "update 101=cancelled"


def test_the_text_outweighs_the_subject() -> None:
    assert told("Re: Заявка 101", "Заявка 102 выполнена.") == "update 102=left"


# Outcomes.


@pytest.mark.parametrize(
    "text",
    [
        "По какой заявке?",
        "Подскажите номер заявки",
        "Уточніть, яку заявку ви маєте на увазі",
        "Which request do you mean?",
    ],
)
def test_a_question_about_which_request_goes_to_a_person(text: str) -> None:
    assert told("Re: вопрос", text) == "triage"


def test_a_letter_that_says_nothing_goes_to_a_person() -> None:
    assert told("Вопрос", "Перезвоните, пожалуйста.") == "triage"
    assert told("", "") == "triage"


def test_a_number_in_a_quotation_is_only_a_hint() -> None:
    reading = read(letter("Re: ответ", "Выехали.\n\n> Заявка 101: где бригада?"))
    assert shown(reading) == "triage"
    assert [(piece.where, piece.value, piece.counted) for piece in reading.why if piece.kind == "request"] == [
        ("quoted", "101", False)
    ]


def test_somebody_on_leave_is_ignored_unless_there_is_news() -> None:
    assert told("Re: Заявка 5", "Я в отпуске до 10 марта.") == "ignore"
    assert told("Re: Заявка 5", "Я в отпуске, но мастер уже выехал.") == "update 5=en_route"


def test_a_forward_counts_when_its_sender_adds_nothing() -> None:
    inside = "\n\n-------- Пересылаемое сообщение --------\nОт: m@contractor.example\nТема: Заявка 5\n\nНа месте."
    assert told("Fwd: Заявка 5", "Для сведения." + inside) == "update 5=on_site"
    assert told("Fwd: Заявка 5", "Заявка 5 отменена." + inside) == "update 5=cancelled"
    assert told("Fwd: Заявка 5", "Прошу разобраться, почему клиент до сих пор жалуется." + inside) == "note 5"


# Explanations.


def test_evidence_points_at_the_words_of_the_letter() -> None:
    found = letter("Заявка 101", "Приняли. Завтра  бригада на месте.")
    texts = {"subject": found.subject, "text": found.new_text}
    for piece in read(found).why:
        assert texts[piece.where][piece.start : piece.end] == piece.words
    assert [(piece.words, piece.value, piece.counted) for piece in read(found).why] == [
        ("Заявка 101", "101", True),
        ("Приняли", "accepted", True),
        ("на месте", "on_site", False),
    ]


def test_the_note_is_the_first_words_on_one_line() -> None:
    assert read(letter("Заявка 5", "Приняли.\n\nВыезд  завтра.")).note == "Приняли. Выезд завтра."
    long = read(letter("Заявка 5", "слово " * 100)).note
    assert len(long) <= 200
    assert long.endswith("слово…")


def test_every_reason_is_translated() -> None:
    letters = [
        letter("Re: Заявка 5", text) for text in ("Принято", "Спасибо", "Выедем", "По какой заявке?", "Счёт принят")
    ]
    letters.append(letter("", ""))
    reasons = {piece.reason for one in letters for piece in read(one).why} | {read(one).reason for one in letters}
    for reason in reasons - {""}:
        for language in set(LANGUAGES) - {"en"}:
            assert translator(language)(reason) != reason


def test_the_words_are_configuration() -> None:
    ours = replace(
        DEFAULT_WORDS,
        request=(*DEFAULT_WORDS.request, "инцидент*"),
        stages=(*DEFAULT_WORDS.stages, Stage("on_site", PAST, ("заступили",))),
    )
    assert shown(read(letter("", "Инцидент 5: заступили."), words=ours)) == "update 5=on_site"
    assert told("", "Инцидент 5: заступили.") == "triage"


# Tables.


def table(*rows: str) -> str:
    return "\n".join(rows)


@pytest.mark.parametrize("bar", [" | ", "\t", "   ", "; "])
def test_a_row_tells_of_the_position_in_its_column(bar: str) -> None:
    rows = table(f"Позиция{bar}Узел{bar}Статус", f"1{bar}Насос{bar}на месте", f"2{bar}Зав. 77{bar}в пути")
    assert told("Отчёт", f"Заявка 101\n\n{rows}") == "update 101/1=on_site 101/2=en_route"
    assert told("Отчёт", f"{rows}\n\nЗаявка 101") == "update 101/1=on_site 101/2=en_route"


def test_a_box_is_drawn_around_a_table() -> None:
    rule = "+---------+----------+"
    rows = table(rule, "| Заявка  | Стан     |", rule, "| 101     | на місці |", rule, "| 102     | у дорозі |", rule)
    assert told("", rows) == "update 101=on_site 102=en_route"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("Заявка | Было | Стало", "101 | на месте | в пути"), "update 101=en_route"),
        (("Заявка | Статус | Примечание", "101 | в пути | вчера были на месте"), "update 101=en_route"),
        (("Заявка | Статус | Примечание", "101 | ожидает | уехали за деталью"), "note 101"),
        (("Статус заявки | Номер заявки", "на месте | 101"), "update 101=on_site"),
        (("Ваша заявка | Наша заявка | Статус", "101 | 7712 | на месте"), "update 101=on_site"),
        (("Заявки | Статус", "101, 102 | на месте", "Итого | 2 выполнены"), "update 101=on_site 102=on_site"),
        (("Заявка | Статус", "101 (школа) | на месте"), "update 101=on_site"),
        (("Заявка | Позиция | Статус", "101 | 1 | на месте", " | 2 | в пути"), "update 101/1=on_site 101/2=en_route"),
        (("Позиция | 1 | 2", "Статус | в пути | на месте", "Заявка 101"), "update 101/1=en_route 101/2=on_site"),
        (("Заявка 101", "Узел | Статус", "Насос | на месте", "Кран | в пути"), "note 101"),
        (("Заявка 101", "Узел | Статус", "Насос | принят", "Кран | принят"), "update 101=accepted"),
        (("Заявка 101", "Время | Статус", "09:00 | выехали", "09:40 | прибыли"), "update 101=on_site"),
        (("Заявка 101", "Принята | Выезд | На месте | Убыли", "09:00 | 09:20 | - | -"), "note 101"),
        (("Заявка 101", "Позиция | Статус", "П-3 | на месте"), "note 101"),
        (("Статусы заявок", "№ | Статус", "1101 | на месте", "1102 | в пути"), "update 1101=on_site 1102=en_route"),
    ],
)
def test_a_column_means_what_its_head_says(rows: tuple[str, ...], expected: str) -> None:
    assert told("", table(*rows)) == expected


# Answers to quoted questions, and subjects that the text disowns.


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("> 1. Чи виїхала бригада?\nТак.\n> 2. Чи вже на місці?\nЩе ні.", "update 101=en_route"),
        ("> Выехала ли бригада?\nДа, в 10:15", "update 101=en_route"),
        ("> Is the engineer on site?\nYes.", "update 101=on_site"),
        ("> 1. Заявку приняли?\n> 2. Бригада выехала?\n\n1) да\n2) нет", "update 101=accepted"),
        ("Да\n\n02.03.2026 09:00, Дежурный <d@e.example> пишет:\n> Вы уже на месте?", "update 101=on_site"),
        ("> Бригада выехала?\nНет.", "note 101"),
        ("> Бригада выехала или ещё на базе?\nДа.", "note 101"),
        ("> Бригада не выехала?\nДа.", "note 101"),
        ("> Когда выехала бригада?\nДа, в 10:15", "note 101"),
        ("> Бригада приедет сегодня?\nДа.", "note 101"),
        ("> По заявке 102 бригада выехала?\nДа.", "note 101"),
        ("> Бригада выехала?\nДа, но вернулась.", "note 101"),
        ("Да\n\n02.03.2026 09:00, Дежурный <d@e.example> пишет:\n> Приняли?\n> На месте?", "note 101"),
    ],
)
def test_a_plain_yes_says_what_the_quoted_question_asks(body: str, expected: str) -> None:
    assert told("Re: Заявка 101", body) == expected


def test_the_question_that_was_answered_is_shown_as_what_counted() -> None:
    found = letter("Re: Заявка 101", "> Бригада выехала?\nДа")
    piece = next(piece for piece in read(found).why if piece.kind == "status")
    assert (piece.where, piece.words, piece.counted) == ("quoted", "выехала", True)
    assert found.quoted_text[piece.start : piece.end] == piece.words


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Заявка 101 на месте", "Тема от прошлого письма. По заявке 101 нужна ваша виза."),
        ("Request 101 on site", "Please ignore the subject, request 101 is waiting for parts."),
        ("Заявка 101 на месте", "Бригада ещё не выехала."),
    ],
)
def test_a_subject_that_the_text_takes_back_is_no_news(subject: str, body: str) -> None:
    assert told(subject, body) == "note 101"
