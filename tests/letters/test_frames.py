"""Every stage, in every frame in which it has not happened or is not certain: none changes anything."""

from itertools import product

import pytest

from tests.letters.told import told

PARTICIPLES_EN = [
    "accepted",
    "departed",
    "arrived on site",
    "finished",
    "completed",
    "declined",
    "cancelled",
    "left the site",
    "set off",
]
FRAMES_EN = """
will have been {} by five|should have {} by now|might have {}|may have {}|could have {}|would have {} if asked|
ought to have {}|must have {} by Friday|is to be {}|was to be {}|was supposed to have {}|had hoped to have {}|
would like to see it {}|hopes to have it {} tomorrow|wants it {} today|needs to be {}|has yet to be {}|
is about to be {}|can be {} next week|is likely to be {}|is not going to be {}|is far from {}|is nearly {}|
is as good as {}|was almost {}|is believed to have {}|is said to have {}|is thought to have {}|claims to have {}|
pretends to have {}|forgot whether it was {}|has not even {}|has not, so far, {}|has not as yet {}
"""
SENTENCES_EN = """
If the crew has {}, tell us about request 512.|Once the crew has {} for request 512 I will write.|
As soon as we have {}, request 512 will be updated.|Unless it is {} today, request 512 waits.|
Has the crew {} for request 512?|Do you know whether request 512 was {}|Please tell me if request 512 was {}.|
Could you check that request 512 was {}?|I wonder if request 512 has been {}.|
Nobody told me that request 512 was {}.|It is not true that request 512 was {}.|I doubt that request 512 was {}.|
We heard a rumour that request 512 was {}.|The guard says request 512 was {}.|
Let us pretend request 512 was {}.|Imagine the crew had {} for request 512.|
Request 512: the previous contractor {}.|Do not mark request 512 as {}.|Until request 512 is {}, no invoice.|
We promised request 512 would be {}.|Request 512: the invoice was {}.|Request 512: the quote has been {}.
"""
PARTICIPLES_RU = ["принята", "отклонена", "отменена", "выполнена"]
SENTENCES_RU = """
Заявка 512 будет {} завтра.|Заявка 512 должна быть {} до вечера.|Заявка 512 может быть {}.|
Если заявка 512 {}, сообщите.|Заявка 512 {}?|Подскажите, заявка 512 {}|Узнайте, {} ли заявка 512.|
Не знаю, {} ли заявка 512.|Сообщите, когда заявка 512 будет {}.|Как только заявка 512 {}, вышлем счёт.|
Говорят, заявка 512 {}.|Сосед сказал, что заявка 512 {}.|Охрана уверяет, что заявка 512 {}.|Кажется, заявка 512 {}.|
Хотелось бы, чтобы заявка 512 была {}.|Надеемся, заявка 512 будет {}.|Неправда, что заявка 512 {}.|
Никто не говорил, что заявка 512 {}.|Представьте, что заявка 512 {}.|Не отмечайте заявку 512 как {}.|
Заявка 512 почти {}.|Заявка 512 практически {}.|Заявка 512 частично {}.|Заявка 512 едва не {}.|
Заявка 512 так и не {}.|По заявке 512 смета {}.|По заявке 512 оплата {}.|По заявке 512 доставка {}.|
Заявка 512 была бы {}, если бы не дождь.|Якобы заявка 512 {}.|В прошлом году заявка 512 тоже была {}.
"""
VERBS_RU = ["выехала", "прибыла на объект", "закончила", "уехала", "отказалась"]
CREWS_RU = """
Если бригада {}, сообщите по заявке 512.|Бригада уже {} по заявке 512?|Узнайте, {} ли бригада по заявке 512.|
Говорят, бригада {}, заявка 512.|Клиент говорит, что бригада {}, заявка 512.|Кажется, бригада {} по заявке 512.|
Бригада чуть не {} по заявке 512.|Бригада якобы {} по заявке 512.|Бригада не {} по заявке 512.|
Бригада ещё не {}, заявка 512.|Ни одна бригада не {} по заявке 512.|Бригада вряд ли {} по заявке 512.|
Не думаю, что бригада {} по заявке 512.|Вы просили сообщить, когда бригада {}, заявка 512.|
Заявка 512: бригада водоканала {}.|Заявка 512: делегация {}.|Заявка 512: жительница {}.|Заявка 512: полиция {}.|
Заявка 512: посылка {}.|Лишь бы бригада {} по заявке 512.|Жаль, что бригада не {} по заявке 512.
"""
PARTICIPLES_UK = ["прийнята", "відхилена", "скасована", "виконана"]
SENTENCES_UK = """
Заявка 512 буде {} завтра.|Заявка 512 має бути {} до вечора.|Заявка 512 може бути {}.|Якщо заявка 512 {}, повідомте.|
Заявка 512 {}?|Чи заявка 512 {}|Дізнайтесь, чи {} заявка 512.|Не знаю, чи {} заявка 512.|
Щойно заявка 512 буде {}, вишлемо рахунок.|Кажуть, заявка 512 {}.|Сусід сказав, що заявка 512 {}.|
Охорона запевняє, що заявка 512 {}.|Здається, заявка 512 {}.|Хотілося б, щоб заявка 512 була {}.|
Неправда, що заявка 512 {}.|Уявіть, що заявка 512 {}.|Не позначайте заявку 512 як {}.|Заявка 512 майже {}.|
Заявка 512 практично {}.|Заявка 512 частково {}.|Заявка 512 так і не {}.|За заявкою 512 сплата {}.|
За заявкою 512 доставка {}.|Заявка 512 була б {}, якби не дощ.|Нібито заявка 512 {}.|Торік заявка 512 теж була {}.
"""
VERBS_UK = ["виїхала", "прибула на об'єкт", "закінчила", "поїхала", "відмовилась"]
CREWS_UK = """
Якщо бригада {}, повідомте за заявкою 512.|Бригада вже {} за заявкою 512?|Хочу знати, чи {} бригада за заявкою 512.|
Кажуть, бригада {}, заявка 512.|Клієнт каже, що бригада {}, заявка 512.|Бригада ледь не {} за заявкою 512.|
Бригада нібито {} за заявкою 512.|Бригада не {} за заявкою 512.|Жодна бригада не {} за заявкою 512.|
Навряд чи бригада {} за заявкою 512.|Не думаю, що бригада {} за заявкою 512.|Заявка 512: бригада водоканалу {}.|
Заявка 512: делегація {}.|Заявка 512: поліція {}.|Заявка 512: посилка {}.|Шкода, що бригада не {} за заявкою 512.
"""


def frames(told_of: str) -> list[str]:
    return [frame.strip() for frame in told_of.split("|")]


FILLED = [
    *(f"Request 512: the crew {frame}.".format(said) for frame, said in product(frames(FRAMES_EN), PARTICIPLES_EN)),
    *(
        frame.format(said)
        for sentences, words in (
            (SENTENCES_EN, PARTICIPLES_EN),
            (SENTENCES_RU, PARTICIPLES_RU),
            (CREWS_RU, VERBS_RU),
            (SENTENCES_UK, PARTICIPLES_UK),
            (CREWS_UK, VERBS_UK),
        )
        for frame, said in product(frames(sentences), words)
    ),
]


@pytest.mark.parametrize("at", range(10))
def test_a_stage_that_has_not_happened_or_is_not_certain_changes_nothing(at: int) -> None:
    wrong = {text: reading for text in FILLED[at::10] if "=" in (reading := told("", text))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Request 512 was not accepted.", "update 512=declined"),
        ("Request 512 has not been accepted: outside of the contract.", "update 512=declined"),
        ("We have not accepted request 512.", "note 512"),
        ("Request 512: neither accepted nor declined so far.", "note 512"),
        ("Никто не принял заявку 512.", "note 512"),
        ("Заявка 512 не принята.", "update 512=declined"),
        ("Request 512: not only accepted but finished.", "update 512=left"),
        ("Request 512: no problem, arrived at 9.", "update 512=on_site"),
    ],
)
def test_not_accepted_is_a_refusal_where_it_is_told_as_one(text: str, expected: str) -> None:
    assert told("", text) == expected
