from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from core.errors import ConfigError
from core.letters.configured import configured
from core.letters.mime import parse_letter
from core.letters.model import Reading
from core.letters.phrasebook import phrases
from core.letters.rules import read
from core.letters.words import Words

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def reading(text: str, words: Words, open_numbers: Collection[str] = ()) -> Reading:
    return read(parse_letter(f"\n\n{text}".encode(), NOW), words=words, open_numbers=open_numbers)


def told(text: str, words: Words, open_numbers: Collection[str] = ()) -> list[tuple[str, str | None, str | None]]:
    return [(u.request, u.position, u.status) for u in reading(text, words, open_numbers).updates]


def test_a_companys_own_phrase_tells_its_status() -> None:
    words = configured({"on_site": {"uk": ["прибуваємо на точку"], "ru": ["заступил*"]}})
    assert told("Заявка 101: прибуваємо на точку", words) == [("101", None, "on_site")]
    assert told("Заявка 101: заступили", words) == [("101", None, "on_site")]


@pytest.mark.parametrize(
    "text", ["Заявка 101: ще не заступили", "Заявка 101: если заступили?", "Заявка 101: завтра будем заступать"]
)
def test_an_own_phrase_is_no_news_when_it_has_not_happened(text: str) -> None:
    assert told(text, configured({"on_site": {"ru": ["заступил*", "заступать"]}})) == [("101", None, None)]


def test_a_phrase_can_be_taken_out_of_the_built_in_ones() -> None:
    words = configured({"left": {"en": ["!completed"]}})
    assert told("Request 101 completed.", words) == [("101", None, None)]
    assert told("Request 101 finished.", words) == [("101", None, "left")]


def test_a_phrase_can_be_moved_to_another_status() -> None:
    words = configured({"left": {"ru": ["!выполнена"]}, "on_site": {"ru": ["выполнена"]}})
    assert told("Заявка 101 выполнена.", words) == [("101", None, "on_site")]


def test_signs_in_a_phrase_mean_themselves() -> None:
    words = configured({"accepted": {"en": ["ack."]}})
    assert told("Request 101: ack.", words) == [("101", None, "accepted")]
    assert told("Request 101: acks", words) == [("101", None, None)]


def test_an_unknown_status_is_named() -> None:
    with pytest.raises(ConfigError, match="no status arrived"):
        configured({"arrived": {"en": ["here"]}})


@pytest.mark.parametrize("phrase", ["(", "*", "", "!", "a)(b", "?x"])
def test_a_phrase_that_cannot_be_searched_for_is_refused(phrase: str) -> None:
    with pytest.raises(ConfigError, match=r"letters\.words\.left"):
        configured({"left": {"en": [phrase]}})


@pytest.mark.parametrize("pattern", ["SR-(", r"\d*", "[", "a|"])
def test_a_pattern_that_cannot_be_searched_for_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigError, match=r"letters\.number_pattern"):
        configured({}, pattern)


@pytest.mark.parametrize("text", ["Заявка SR-10001 принята", "SR-10001: приняли", "Приняли SR-10001 в работу."])
def test_numbers_of_the_companys_form_are_known_with_and_without_a_word(text: str) -> None:
    assert told(text, configured({}, r"^SR-\d{5}$")) == [("SR-10001", None, "accepted")]


@pytest.mark.parametrize("text", ["Заявка 101 принята", "Заявка SR-1000 принята", "Заявка SR-100011 принята",
                                  "101 - на месте"])  # fmt: skip
def test_numbers_of_another_form_are_none(text: str) -> None:
    assert reading(text, configured({}, r"SR-\d{5}")).outcome == "triage"


def test_a_number_of_the_companys_form_may_have_a_position() -> None:
    words = configured({}, r"SR-\d{5}")
    assert told("SR-10001/7 прибыли", words) == [("SR-10001", "7", "on_site")]
    assert told("SR-10001, поз. 7: прибыли", words) == [("SR-10001", "7", "on_site")]


def test_an_open_request_is_known_however_its_letters_are_written() -> None:
    words = configured({}, r"[A-Z]{2}-\d{5}")
    assert told("sr-10001 приняли", words, ["SR-10001"]) == [("SR-10001", None, "accepted")]
    assert told("sr-10001 приняли", words) == [("sr-10001", None, "accepted")]


def test_one_or_the_other_is_left_open() -> None:
    assert reading("Приняли SR-10001 или SR-10002", configured({}, r"SR-\d{5}")).outcome == "triage"


def test_a_pattern_of_digits_does_not_take_other_numbers() -> None:
    words = configured({}, r"\d{6}")
    assert told("Заявка 123456 принята, счет № 654321.", words) == [("123456", None, "accepted")]
    assert told("Заявка 123456 принята, 654321 грн.", words) == [("123456", None, "accepted")]


def test_tables_have_numbers_of_the_companys_form() -> None:
    words = configured({}, r"SR-\d{5}")
    assert told("Заявка | Поз | Статус\nSR-10001 | 4 | на месте", words) == [("SR-10001", "4", "on_site")]


def test_a_line_may_end_between_the_choices_of_a_phrase() -> None:
    assert phrases("(a|\n   b) c, d(?= e|\n  f)") == ("(a|b) c", "d(?= e| f)")
