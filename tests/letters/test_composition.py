"""A clause is judged by itself: what stands beside a fact neither takes it back nor makes another of it."""

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.letters.told import told

FACTS: Final = {
    "uk": {
        "accepted": ["заявку 101 прийнято", "заявку 101 взяли в роботу"],
        "en_route": ["бригада виїхала за заявкою 101", "по заявці 101 майстер у дорозі"],
        "on_site": ["бригада прибула на об'єкт за заявкою 101", "по заявці 101 майстер на місці"],
        "left": ["роботи за заявкою 101 завершено"],
        "declined": ["заявку 101 відхилено"],
        "cancelled": ["заявку 101 скасовано"],
    },
    "ru": {
        "accepted": ["заявка 101 принята", "заявку 101 взяли в работу"],
        "en_route": ["бригада выехала по заявке 101", "по заявке 101 мастер в пути"],
        "on_site": ["бригада прибыла на объект по заявке 101", "по заявке 101 мастер на месте"],
        "left": ["работы по заявке 101 завершены"],
        "declined": ["заявка 101 отклонена"],
        "cancelled": ["заявка 101 отменена"],
    },
    "en": {
        "accepted": ["request 101 is accepted", "we have taken request 101"],
        "en_route": ["the crew has set off for request 101"],
        "on_site": ["the crew has arrived for request 101", "on request 101 the engineer is on site"],
        "left": ["work on request 101 is completed"],
        "declined": ["request 101 is declined"],
        "cancelled": ["request 101 is cancelled"],
    },
}
BESIDE: Final = {
    "uk": [
        "будемо за годину", "завтра надішлемо акт", "дякуємо за терпіння", "якщо щось зміниться, повідомимо",
        "вартість 1200 грн", "перепустка потрібна на двох", "чекайте на дзвінок", "просимо забезпечити доступ",
    ],
    "ru": [
        "будем через час", "завтра пришлём акт", "спасибо за терпение", "если что-то изменится, сообщим",
        "стоимость 1200 грн", "пропуск нужен на двоих", "ждите звонка", "просим обеспечить доступ",
    ],
    "en": [
        "we will be there in an hour", "the report will follow tomorrow", "thank you for your patience",
        "if anything changes we will let you know", "the cost is 1200 UAH", "please arrange access",
    ],
}  # fmt: skip
ASKED: Final = {"uk": "о котрій вас чекати?", "ru": "во сколько вас ждать?", "en": "what time suits you?"}
UNREAL: Final = {
    "uk": ["якщо {}, повідомимо", "повідомте, чи {}", "здається, {}", "сусід каже, що {}", "{}, так?"],
    "ru": ["если {}, сообщим", "сообщите, что {}", "кажется, {}", "сосед говорит, что {}", "{}, да?"],
    "en": ["if {} we will call", "please confirm that {}", "it seems that {}", "a neighbour says {}", "{}, right?"],
}
JOINTS: Final = [". ", ", ", "; ", "\n"]


@st.composite
def facts(draw: st.DrawFn) -> tuple[str, str, str]:
    """A language, a status and a clause that tells it."""
    language = draw(st.sampled_from(sorted(FACTS)))
    status = draw(st.sampled_from(sorted(FACTS[language])))
    return language, status, draw(st.sampled_from(FACTS[language][status]))


@settings(max_examples=150, deadline=None)
@given(facts(), st.data())
def test_a_fact_keeps_its_status_beside_a_clause_without_one(fact: tuple[str, str, str], data: st.DataObject) -> None:
    language, status, clause = fact
    beside, joint = data.draw(st.sampled_from(BESIDE[language])), data.draw(st.sampled_from(JOINTS))
    first, second = data.draw(st.permutations([clause, beside]))
    assert told("", f"{first}{joint}{second}.") == f"update 101={status}"
    assert told("", f"{clause}{joint}{ASKED[language]}") == f"update 101={status}"


@settings(max_examples=100, deadline=None)
@given(facts(), st.data())
def test_a_fact_that_is_not_told_as_one_changes_nothing(fact: tuple[str, str, str], data: st.DataObject) -> None:
    language, _, clause = fact
    assert told("", data.draw(st.sampled_from(UNREAL[language])).format(clause)).startswith(("note", "triage"))
