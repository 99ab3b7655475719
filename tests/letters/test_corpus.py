"""Letters as contractors write them, each with what a careful dispatcher would make of it."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.letters.mime import parse_letter
from core.letters.model import Reading
from core.letters.rules import read

CORPUS = Path(__file__).parent / "corpus"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CORPUS / "expected.json").read_text("utf-8"))
OUTCOMES = ("update", "note", "triage", "ignore")

pytestmark = pytest.mark.timeout(120)  # thousands of letters, on a machine that does other things too

Update = tuple[str, str | None, str | None]


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return {name: read(parse_letter((CORPUS / name).read_bytes(), now)) for name in EXPECTED}


def got(reading: Reading) -> set[Update]:
    return {(update.request, update.position, update.status) for update in reading.updates}


def wanted(name: str) -> set[Update]:
    return {(u["request"], u["position"], u["status"]) for u in EXPECTED[name]["updates"]}


def test_every_letter_of_the_corpus_has_an_expectation() -> None:
    assert {path.name for path in CORPUS.glob("*.eml")} == set(EXPECTED)


def test_the_corpus_is_large_and_speaks_three_languages() -> None:
    assert len(EXPECTED) >= 400


def test_no_letter_changes_a_request_wrongly(readings: dict[str, Reading]) -> None:
    wrong = {
        name: changes
        for name, reading in readings.items()
        if (changes := {update for update in got(reading) if update[2]} - wanted(name))
    }
    assert wrong == {}


def test_at_least_97_of_100_letters_are_read_as_a_dispatcher_would(readings: dict[str, Reading]) -> None:
    table: Counter[tuple[str, str]] = Counter(
        (EXPECTED[name]["outcome"], reading.outcome) for name, reading in readings.items()
    )
    print("\nwanted \\ read " + "".join(f"{outcome:>8}" for outcome in OUTCOMES))
    for outcome in OUTCOMES:
        print(f"{outcome:>13} " + "".join(f"{table[outcome, other]:>8}" for other in OUTCOMES))
    right = [
        name
        for name, reading in readings.items()
        if reading.outcome == EXPECTED[name]["outcome"] and got(reading) == wanted(name)
    ]
    missed = sorted(set(EXPECTED) - set(right))
    assert len(right) >= 0.97 * len(EXPECTED), missed


def test_every_reading_shows_the_words_that_made_it(readings: dict[str, Reading]) -> None:
    for name, reading in readings.items():
        if reading.outcome == "update":
            kinds = {piece.kind for piece in reading.why if piece.counted}
            assert {"request", "status"} <= kinds, name
