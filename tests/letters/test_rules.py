from dataclasses import replace

import pytest

from core.letters.phrasebook import PAST, Stage
from core.letters.rules import read
from core.letters.words import DEFAULT_WORDS
from core.text import LANGUAGES, translator
from tests.letters.told import letter, shown, told

# What the old system got wrong.


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
