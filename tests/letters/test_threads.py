"""What a thread says about a letter that names no request."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.letters import rules
from core.letters.evidence import UNCLEAR_REQUEST
from core.letters.model import Evidence, Reading
from core.letters.placing import is_number_of
from core.letters.threads import Earlier, Unnumbered, only_request, unnumbered
from tests.letters.post import CONTRACTOR, seen

APPLIED = Earlier("applied", (CONTRACTOR,), (1,))


def said(*why: Evidence, reason: str = rules.NO_NUMBER) -> Reading:
    return Reading("triage", (), reason, why, "")


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (said(seen("status", "on_site")), Unnumbered("on_site", None)),
        (said(seen("status", "on_site"), seen("status", "on_site")), Unnumbered("on_site", None)),
        (said(seen("status", "on_site"), seen("position", "3")), Unnumbered("on_site", "3")),
        (said(reason=rules.NOTHING), Unnumbered(None, None)),
        (said(seen("request", "30", counted=False)), Unnumbered(None, None)),
        (said(seen("request", "9999", "quoted", counted=False)), Unnumbered(None, None)),
    ],
)
def test_one_thing_said_of_no_named_request_is_understood(reading: Reading, expected: Unnumbered) -> None:
    assert unnumbered(reading) == expected


@pytest.mark.parametrize(
    "reading",
    [
        said(seen("status", "on_site"), seen("status", "left")),
        said(seen("position", "3"), seen("position", "4")),
        said(seen("request", "102"), seen("status", "on_site")),
        said(replace(seen("request", "102", counted=False), reason=UNCLEAR_REQUEST)),
        said(reason=rules.ASKS_WHICH),
        said(reason=UNCLEAR_REQUEST),
        said(reason=rules.EMPTY),
        Reading("ignore", (), rules.NOTHING, (), ""),
    ],
)
def test_where_more_is_said_nothing_is_understood(reading: Reading) -> None:
    assert unnumbered(reading) is None


@pytest.mark.parametrize(
    ("earlier", "sender", "contractor_id"),
    [
        ((APPLIED,), CONTRACTOR, None),
        ((APPLIED,), "colleague@contractor.example", None),
        ((APPLIED,), "other@elsewhere.example", 7),
        ((Earlier(None, (CONTRACTOR,), (1,)),), CONTRACTOR, None),
        ((APPLIED, Earlier("ignored", ("robot@x.example",)), Earlier("dismissed", ("a@x.example",))), CONTRACTOR, None),
    ],
)
def test_a_thread_about_one_request_places_the_letters_of_those_who_take_part(
    earlier: tuple[Earlier, ...], sender: str, contractor_id: int | None
) -> None:
    if contractor_id:
        earlier = (replace(earlier[0], contractor_id=contractor_id),)
    assert only_request(earlier, sender, contractor_id) == 1


LETTERS = st.builds(
    Earlier,
    st.sampled_from((None, "applied", "triage", "ignored", "dismissed", "linked")),
    st.sampled_from(((CONTRACTOR,), ("b@other.example",), ("c@gmail.com",), ("",))),
    st.lists(st.integers(1, 3), max_size=2).map(tuple),
    contractor_id=st.sampled_from((None, 1, 2)),
    unclear=st.booleans(),
)


@given(st.lists(LETTERS, max_size=5), st.sampled_from((CONTRACTOR, "d@gmail.com", "", "x")), st.sampled_from((None, 1)))
def test_a_thread_never_places_a_letter_that_could_be_about_anything_else(
    earlier: list[Earlier], sender: str, contractor_id: int | None
) -> None:
    found = only_request(earlier, sender, contractor_id)
    if found is None:
        return
    assert {request for letter in earlier for request in letter.requests} == {found}
    assert not any(letter.unclear for letter in earlier)
    took_part = any(writer.endswith("@contractor.example") for letter in earlier for writer in letter.writers)
    same = any(letter.contractor_id == contractor_id for letter in earlier) and contractor_id is not None
    assert same or (sender == CONTRACTOR and took_part)


def test_strangers_of_one_public_provider_do_not_know_each_other() -> None:
    assert only_request((Earlier("applied", ("c@gmail.com",), (1,)),), "d@gmail.com", None) is None
    assert only_request((Earlier("applied", ("c@gmail.com",), (1,)),), "c@gmail.com", None) == 1


@pytest.mark.parametrize(
    ("ticket", "number", "same"),
    [
        ("SD-9912", "SD-9912", True),
        ("SD-9912", "9912", True),
        ("2026-5512", "5512", True),
        ("SD-9912", "912", False),
        ("SD-12", "12", False),
        ("INC0012345", "12345", False),
        ("INC0012345", "0012345", True),
        ("5512", "101", False),
    ],
)
def test_a_number_is_a_ticket_or_its_last_digits(ticket: str, number: str, *, same: bool) -> None:
    assert is_number_of(ticket, number) is same
