"""What a person means by the words after /files."""

from datetime import UTC, datetime

import pytest

from core.files.asking import parse_query
from core.files.model import Query

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # half past midnight of the 21st in Kyiv


def ask(text: str) -> Query:
    return parse_query(text, projects=["CRM", "Client A"], watches=["docs"], now=NOW, timezone="Europe/Kyiv")


def test_words_project_glob_and_period_come_in_any_order() -> None:
    for text in ("contract CRM *.docx today", "today *.docx crm contract"):
        query = ask(text)
        assert (query.words, query.globs, query.project) == (("contract",), ("*.docx",), "CRM")
        assert query.since == datetime(2026, 11, 20, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("word", ["yesterday", "вчора", "вчера"])
def test_yesterday_is_the_readers(word: str) -> None:
    query = ask(word)
    assert query.since == datetime(2026, 11, 19, 22, 0, tzinfo=UTC)
    assert query.until == datetime(2026, 11, 20, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("words", ["week", "this week", "за неделю", "за тиждень", "эту неделю"])
def test_a_week_is_seven_days_and_its_little_words_are_not_searched_for(words: str) -> None:
    query = ask(words)
    assert query.since == datetime(2026, 11, 14, 22, 0, tzinfo=UTC)
    assert query.words == ()


def test_a_day_of_the_clock_change_begins_at_midnight() -> None:
    now = datetime(2026, 10, 25, 20, tzinfo=UTC)
    query = parse_query("today", projects=(), watches=(), now=now, timezone="Europe/Kyiv")
    assert query.since == datetime(2026, 10, 24, 21, tzinfo=UTC)


def test_quotes_keep_a_name_together() -> None:
    assert ask('"client a" report').project == "Client A"
    assert ask("«два слова»").words == ("два слова",)


def test_a_folder_is_known_by_its_watch() -> None:
    assert ask("docs").watch == "docs"


def test_a_whole_path_is_a_place() -> None:
    assert ask("/srv/documents").path == "/srv/documents"
    assert ask("C:\\docs").path == "C:\\docs"


def test_nothing_asks_for_everything() -> None:
    assert ask("") == Query()
