"""Statuses in tables, and answers below quoted questions: what the form of a letter says."""

import pytest

from core.letters.rules import read
from tests.letters.told import letter, told


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
