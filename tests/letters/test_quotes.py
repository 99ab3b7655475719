import pytest

from core.letters.quotes import split_text

OLD = "Заявка 9999 отменена?"


@pytest.mark.parametrize(
    "below",
    [
        f"> {OLD}",
        f">> {OLD}",
        f"ИП> {OLD}",
        f"On Mon, Mar 2, 2026 at 10:15 AM Duty <duty@x.example> wrote:\n> {OLD}",
        f"On Mon, Mar 2, 2026 at 10:15 AM Duty Desk\n<duty@x.example> wrote:\n\n> {OLD}",
        f"On Mon, Mar 2, 2026 at 10:15 AM Duty <duty@x.example> wrote:\n\n{OLD}",
        f"пн, 2 мар. 2026 г. в 10:15, Дежурный <duty@x.example>:\n\n> {OLD}",
        f"пн, 2 бер. 2026 р. о 10:15 Черговий <duty@x.example> пише:\n\n{OLD}",
        f'02.03.2026, 10:15, "Дежурный" <duty@x.example>:\n{OLD}',
        f"Понедельник, 2 марта 2026, 10:15 +03:00 от Дежурный <duty@x.example>:\n{OLD}",
        f"2 марта 2026 г., в 10:15, Дежурный <duty@x.example> написал(а):\n\n{OLD}",
        f"-----Original Message-----\nFrom: duty@x.example\n{OLD}",
        f"-------- Исходное сообщение --------\n{OLD}",
        f"________________________________\nОт: Дежурный\nОтправлено: 2 марта 2026 г. 10:15\nКому: x\nТема: y\n\n{OLD}",
        f"Від: Черговий\nНадіслано: 2 березня 2026 р.\nКому: x\nТема: y\n\n{OLD}",
        f"*From:* Duty\n*Sent:* Monday\n*To:* x\n*Subject:* y\n\n{OLD}",
        f"From: Duty Sent: Monday, March 2, 2026 10:15 AM To: x Subject: y {OLD}",
        f"Кому: x\nТема: y\n\n{OLD}",
    ],
)
def test_an_earlier_letter_is_parted_off(below: str) -> None:
    parts = split_text(f"На месте.\n\n{below}")
    assert parts.new == "На месте."
    assert OLD in parts.quoted


@pytest.mark.parametrize(
    "below",
    [
        "-- \nДиспетчер, заявка 9999",
        "С уважением,\nИванов",
        "З повагою,\nІваненко",
        "Best regards,\nJohn",
        "Отправлено с iPhone",
        "Надіслано з iPhone",
        "Sent from my Galaxy",
        "Получить Outlook для Android",
        "This e-mail is confidential and intended for the addressee.",
        "Это сообщение содержит конфиденциальную информацию.\nЗаявка 9999 отменена.",
        "Це повідомлення є конфіденційним і призначене лише адресату.",
    ],
)
def test_signatures_and_disclaimers_are_no_news(below: str) -> None:
    assert split_text(f"На месте.\n\n{below}").new == "На месте."


def test_a_banner_on_top_is_no_news() -> None:
    assert split_text("[EXTERNAL] Be careful.\n\nНа месте.").new == "На месте."


def test_a_sign_off_on_the_same_line_ends_the_news() -> None:
    assert split_text("Бригада выехала. С уважением, Иванов").new == "Бригада выехала."


def test_answers_between_quoted_lines_are_all_news() -> None:
    assert split_text("> Где бригада?\nНа месте.\n> Когда конец?\nК шести.").new == "На месте.\nК шести."


def test_an_answer_below_the_quotation_is_news() -> None:
    assert split_text("Duty <duty@x.example> wrote on 02.03.2026 10:15:\n> Где бригада?\n\nВыехала.").new == "Выехала."


@pytest.mark.parametrize(
    "text",
    [
        "Заказчик написал: заявка не нужна.",
        "Статус заявок:\n101 - принята",
        "От бригады: выехали.\nЖдите.",
        "Относимся к вам с уважением и ждём.",
        "Работы:\n- замена\n- пуск",
    ],
)
def test_ordinary_sentences_are_not_taken_for_marks(text: str) -> None:
    assert split_text(text).new == text


@pytest.mark.parametrize(
    "mark",
    [
        "---------- Forwarded message ---------\nFrom: a@x.example\nDate: Mon\nSubject: Заявка 5\nTo: b@x.example\n\n",
        "-------- Пересылаемое сообщение --------\n02.03.2026, 10:15, \"A\" <a@x.example>:\n\n",
        "Begin forwarded message:\n\nFrom: a@x.example\nSubject: Заявка 5\nDate: Mon\n\n",
        "-------- Переслане повідомлення --------\nВід: a@x.example\nТема: Заявка 5\n\n",
    ],
)  # fmt: skip
def test_a_forwarded_letter_is_kept_apart(mark: str) -> None:
    parts = split_text(f"FYI\n\n{mark}На месте.\n\n-----Original Message-----\n{OLD}")
    assert (parts.new, parts.forwarded) == ("FYI", "На месте.")
    assert OLD in parts.quoted
    assert parts.forwarded_subject in {"Заявка 5", ""}


def test_a_forwarded_letter_may_be_quoted_throughout() -> None:
    text = "-------- Пересылаемое сообщение --------\nОт: a@x.example\nТема: Заявка 5\n\n> На месте.\n> Работаем.\n"
    assert split_text(text).forwarded == "На месте.\nРаботаем."


def test_an_outlook_block_is_a_forward_only_when_the_subject_says_so() -> None:
    text = "Смотрите.\n\nОт: a@x.example\nОтправлено: вчера\nКому: b\nТема: Заявка 5\n\nНа месте."
    assert split_text(text).forwarded == ""
    parts = split_text(text, forward=True)
    assert (parts.forwarded_subject, parts.forwarded) == ("Заявка 5", "На месте.")


def test_a_postscript_under_the_signature_is_news() -> None:
    text = "Добрый день.\n\nС уважением,\nИван\nтел. 1\n\nP.S. На месте.\nРаботаем.\n\nООО «Ромашка»"
    assert split_text(text).new == "Добрый день.\n\n\nP.S. На месте.\nРаботаем."


def test_a_forward_within_a_quotation_is_one_when_the_subject_says_so() -> None:
    text = "> Begin forwarded message:\n>\n> From: a@x.example\n> Subject: Заявка 5\n>\n> На месте."
    assert split_text(text).forwarded == ""
    assert split_text(text, forward=True).forwarded == "На месте."


def test_a_letter_passed_on_under_a_bare_cover_is_the_forwarded_one() -> None:
    mark = "-------- Forwarded Message --------\nFrom: a@x.example\nSubject: Заявка 5\n\n"
    assert split_text(f"{mark}FYI\n\n{mark}На месте.", forward=True).forwarded == "На месте."
    assert split_text(f"{mark}Уехали.\n\n{mark}На месте.", forward=True).forwarded == "Уехали."
