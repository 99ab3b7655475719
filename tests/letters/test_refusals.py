"""What is refused: the request, or only a day, terms, another thing."""

import pytest

from tests.letters.told import told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Заявку 2109 взяти не можемо", "update 2109=declined"),
        ("На 15 червня заявку 2109 взяти не можемо, на 16-те - могли б", "note 2109"),
        ("Заявку 2109 на понеділок взяти не зможемо, пропонуємо вівторок", "note 2109"),
        ("We can't take request 2109 on 15 June, 16 June is fine", "note 2109"),
        ("We cannot accept request 2109 without the act", "note 2109"),
        ("Заявка 2109: принять без предоплаты не можем", "note 2109"),
        ("Sorry, we have to turn this request down. Request 2109", "update 2109=declined"),
        ("Request 2109: we must pass on this, no licence", "update 2109=declined"),
        ("Request 2109: we must pass on this to our partners", "note 2109"),
    ],
)
def test_a_day_or_terms_that_do_not_suit_are_no_refusal_of_the_request(text: str, expected: str) -> None:
    assert told("", text) == expected
