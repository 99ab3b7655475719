"""Names, zones and roles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.people import rules


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Оксана", None, "Оксана"), (" Oksana\n", "Koval ", "Oksana Koval"), ("\u202e\u200f", None, "?"), ("", "", "?")],
)
def test_a_name_is_one_printable_line(first: str, last: str | None, name: str) -> None:
    assert rules.clean_name(first, last) == name


@given(st.text(), st.none() | st.text())
def test_any_name_is_short_and_printable(first: str, last: str | None) -> None:
    name = rules.clean_name(first, last)
    assert 1 <= len(name) <= rules.MAX_NAME
    assert name.isprintable()


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../../etc/passwd", "", "/etc/localtime", "a" * 300])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(UserError):
        rules.known_zone(zone)
