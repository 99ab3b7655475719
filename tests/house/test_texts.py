"""Texts are complete in three languages, with right plural forms."""

import ast

import pytest

from core.text import LANGUAGES, duration, local_time, parse_po, pick_language, translator
from locales import check
from locales.catalog import load, sources, template
from tests.conftest import NOON

pytestmark = pytest.mark.timeout(60)  # the first to ask reads the whole tree


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    assert list(check.faults(language, load(language), template())) == []


def test_no_text_hides_in_an_f_string() -> None:
    """Before Python 3.12 the extraction does not look into them."""
    hidden = [
        f"{path}:{node.lineno}"
        for path in sources()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "t" and call.args
        if isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []


def test_the_check_sees_each_kind_of_fault() -> None:
    wanted = template()
    catalog = load("uk")
    first, second, third, fourth = [message.id for message in catalog if isinstance(message.id, str) and message.id][:4]
    catalog.delete(first)
    catalog.add("Nobody says this", "Ніхто")
    broken, fuzzy, empty = catalog.get(second), catalog.get(third), catalog.get(fourth)
    assert broken is not None
    assert fuzzy is not None
    assert empty is not None
    broken.string = "{stranger}"
    fuzzy.flags.add("fuzzy")
    empty.string = ""
    found = {fault.split(":")[1].strip() for fault in check.faults("uk", catalog, wanted)}
    assert found == {"missing", "unused", "placeholders differ", "fuzzy", "not translated"}


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", {0: "0 hours", 1: "1 hour", 2: "2 hours", 5: "5 hours", 21: "21 hours"}),
        ("uk", {1: "1 година", 2: "2 години", 5: "5 годин", 11: "11 годин", 21: "21 година", 22: "22 години"}),
        ("ru", {1: "1 час", 3: "3 часа", 5: "5 часов", 14: "14 часов", 31: "31 час", 104: "104 часа"}),
    ],
)
def test_numbers_are_followed_by_the_right_form(language: str, texts: dict[int, str]) -> None:
    t = translator(language)
    assert {n: t.many("{n} hour", "{n} hours", n) for n in texts} == texts


def test_values_are_escaped_in_html_and_markup_is_not() -> None:
    t = translator("en")
    inner = t.html("<b>{status}</b> since {since}", status="<i>&", since="now")
    assert str(inner) == "<b>&lt;i&gt;&amp;</b> since now"


def test_an_unknown_message_speaks_english_and_an_unknown_language_is_refused() -> None:
    assert translator("uk")("Nobody translated this {thing}", thing=1) == "Nobody translated this 1"
    with pytest.raises(KeyError):
        translator("pl")


def test_fuzzy_and_empty_entries_do_not_speak() -> None:
    source = 'msgid "a"\nmsgstr ""\n\n#, fuzzy\nmsgid "b"\nmsgstr "B"\n\nmsgid "c"\nmsgstr "C"\n'
    assert parse_po(source) == {"c": ("C",)}


@pytest.mark.parametrize(
    ("code", "language"), [("uk", "uk"), ("ru-RU", "ru"), ("EN", "en"), ("pl", "uk"), (None, "uk")]
)
def test_a_reader_is_greeted_in_a_language_we_speak(code: str | None, language: str) -> None:
    assert pick_language(code, "uk") == language


def test_moments_are_shown_on_the_readers_clock() -> None:
    assert local_time(NOON, "Europe/Kyiv", NOON) == "14:00"
    assert local_time(NOON.replace(day=1), "UTC", NOON) == "01.11 12:00"
    assert local_time(NOON.replace(year=2025), "UTC", NOON) == "20.11.2025 12:00"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "5 seconds"), (840, "14 minutes"), (7200, "2 hours"), (200_000, "2 days"), (-3, "0 seconds")],
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: float, words: str) -> None:
    assert duration(translator("en"), seconds) == words
