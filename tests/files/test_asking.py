"""What a person means by the words after /files."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_name_of_several_words_needs_no_quotes() -> None:
    assert (ask("client a report").project, ask("client a report").words) == ("Client A", ("report",))


def test_a_person_is_known_by_their_label_and_their_login() -> None:
    known = ["Olena", "CORP\\olena", "olena@corp.example", "CORP\\petro"]
    query = parse_query("olena docs", projects=(), watches=(), people=known, now=NOW, timezone="Europe/Kyiv")
    assert (query.people, query.words) == (("CORP\\olena", "Olena", "olena@corp.example"), ("docs",))
    query = parse_query("corp\\PETRO", projects=(), watches=(), people=known, now=NOW, timezone="Europe/Kyiv")
    assert query.people == ("CORP\\petro",)
    query = parse_query('"petro"', projects=(), watches=(), people=known, now=NOW, timezone="Europe/Kyiv")
    assert (query.people, query.words) == ((), ("petro",))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *((word, "created") for word in ("created", "створені", "создано")),
        *((word, "modified") for word in ("changed", "змінено", "изменённые", "изменены")),
        *((word, "deleted") for word in ("Deleted", "видалені", "удаленные", "удалён")),
        *((word, "moved") for word in ("renamed", "перейменовано", "переміщені", "переименованные", "перемещены")),
    ],
)
def test_what_happened_is_said_in_three_languages(word: str, kind: str) -> None:
    assert ask(word).event_type == kind
    assert (ask(f"«{word}»").event_type, ask(f"«{word}»").words) == (None, (word,))


def days(query: Query) -> tuple[str | None, str | None]:
    """Both ends as days in Kyiv."""
    return _day(query.since), _day(query.until)


def _day(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(ZoneInfo("Europe/Kyiv")).strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        ("позавчора", "2026-11-19", "2026-11-20"),
        ("last week", "2026-11-09", "2026-11-16"),
        ("минулого тижня", "2026-11-09", "2026-11-16"),
        ("за прошлую неделю", "2026-11-09", "2026-11-16"),
        ("month", "2026-10-23", None),
        ("за місяць", "2026-10-23", None),
        ("this month", "2026-11-01", None),
        ("last month", "2026-10-01", "2026-11-01"),
        ("у минулому місяці", "2026-10-01", "2026-11-01"),
        ("в прошлом месяце", "2026-10-01", "2026-11-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("3 days", "2026-11-19", None),
        ("за останні 3 дні", "2026-11-19", None),
        ("за последние 2 недели", "2026-11-08", None),
        ("за годину", "2026-11-20 23:30", None),
        ("15.11", "2026-11-15", "2026-11-16"),
        ("25.12", "2025-12-25", "2025-12-26"),
        ("29.02", "2024-02-29", "2024-03-01"),
        ("15.11.2025", "2025-11-15", "2025-11-16"),
        ("15.11.25", "2025-11-15", "2025-11-16"),
        ("2026-11-15", "2026-11-15", "2026-11-16"),
        ("2026-10", "2026-10-01", "2026-11-01"),
        ("10.2026", "2026-10-01", "2026-11-01"),
        ("01.11-15.11", "2026-11-01", "2026-11-16"),
        ("20.12–10.01", "2025-12-20", "2026-01-11"),
        ("01.11 - 15.11", "2026-11-01", "2026-11-16"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-16"),
        ("з 01.11 по 15.11", "2026-11-01", "2026-11-16"),
        ("с 01.11 до 15.11", "2026-11-01", "2026-11-16"),
        ("since 01.11", "2026-11-01", None),
        ("until 15.11", None, "2026-11-16"),
        ("since yesterday", "2026-11-20", None),
        ("з вчора по сьогодні", "2026-11-20", "2026-11-22"),
        ("до вчера", None, "2026-11-21"),
    ],
)
def test_a_period_is_said_as_people_say_it(words: str, since: str, until: str) -> None:
    query = ask(f"report {words} *.docx")
    assert (days(query), query.words, query.globs) == ((since, until), ("report",), ("*.docx",))


@pytest.mark.parametrize("words", ["за договором", "32.11", "15.13", "час", "2.5", "last", "from here", "5"])
def test_what_is_no_period_is_searched_for(words: str) -> None:
    assert ask(words).words == tuple(words.split())


def test_what_is_quoted_means_only_what_it_says() -> None:
    assert ask('"today" "15.11"') == Query(words=("today", "15.11"))


def test_a_second_period_is_a_word() -> None:
    assert ask("today yesterday").words == ("yesterday",)


def test_a_whole_folder_with_a_star_is_that_folder() -> None:
    assert (ask("/srv/documents/*").path, ask("/srv/documents/*").globs) == ("/srv/documents/", ())


PARTS = ("contract", "CRM", "docs", "*.docx", "deleted", "за прошлый месяц", "«два слова»", "/srv/x")


@given(st.permutations(PARTS))
def test_the_order_of_the_parts_says_nothing(parts: list[str]) -> None:
    query, usual = ask(" ".join(parts)), ask(" ".join(PARTS))
    assert set(query.words) == set(usual.words)
    assert replace(query, words=()) == replace(usual, words=())


PIECES = (
    "за",
    "last",
    "0",
    "9999",
    "days",
    "15.11",
    "31.02",
    "-",
    "по",
    "from",
    "00.00",
    "2026-13",
    "«x",
    "*",
    '"',
    " ",
)


@given(st.lists(st.sampled_from(PIECES)))
def test_any_words_are_understood_somehow(words: list[str]) -> None:
    query = ask(" ".join(words))
    assert query.since is None or query.until is None or query.since < query.until
