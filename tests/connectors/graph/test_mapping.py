"""What Graph says, whatever it says, in our words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.connectors.graph import mapping
from tests.conftest import NOON


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (429, "7", 7.0),
        (503, "7", 7.0),
        (429, "", mapping.PAUSE),
        (429, "soon", mapping.PAUSE),
        (429, "Fri, 20 Nov 2026 12:01:00 GMT", 60.0),
        (429, "Fri, 20 Nov 2026 11:00:00 GMT", mapping.SHORTEST),
        (429, "0", mapping.SHORTEST),
        (503, "", None),
        (500, "7", None),
        (200, "7", None),
    ],
)
def test_a_pause_is_what_the_server_says(status: int, told: str, expected: float | None) -> None:
    assert mapping.pause(status, {"Retry-After": told} if told else {}, NOON) == expected


@given(st.binary(max_size=200), st.sampled_from([400, 401, 403, 404, 410, 500]))
def test_any_error_has_a_sentence(body: bytes, status: int) -> None:
    error = mapping.error_of(mapping.fault(status, body), host="h", address="a")
    assert str(error).endswith(".")


@given(
    st.lists(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)), max_size=9)  # noqa: DTZ001  the zone is put on below
)
def test_moments_come_back_as_they_were(moments: list[datetime]) -> None:
    for each in moments:
        aware = each.replace(tzinfo=UTC)
        assert mapping.moment(aware.isoformat().replace("+00:00", "Z")) == aware
    assert mapping.moment("tomorrow") is None


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("Inbox/Contracts", ["Inbox", "Contracts"]), ("", ["Inbox"]), (" / a // b /", ["a", "b"])],
)
def test_a_path_is_its_steps(folder: str, expected: list[str]) -> None:
    assert mapping.steps(folder) == expected


def test_nobody_is_addressed_twice() -> None:
    message = b"To: =?utf-8?b?0IbQstCw0L0=?= <A@x.example>, b@x.example\r\nCc: a@x.example\r\nBcc: c@x.example\r\n\r\n"
    assert mapping.addressed(message) == {"a@x.example", "b@x.example", "c@x.example"}
