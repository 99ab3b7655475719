"""When something is due: lengths of time and cron lines, over nights when the clocks change."""

from contextlib import suppress
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files.timing import parse_crontab, parse_every
from jobs.schedule import next_cron


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1h30m", 5400), ("0.5d", 43200)]
)
def test_a_length_of_time_is_read(text: str, seconds: float) -> None:
    assert parse_every(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "2x", "-2h", "0s", "2 h 3"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"length of time|short"):
        parse_every(text)


@pytest.mark.parametrize("line", ["", "0 7 * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"])
def test_what_is_no_cron_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="cron line"):
        parse_crontab(line)


@given(st.text(alphabet="0123456789*/-,abcdefghijklmnopqrstuvwxyz ", max_size=30))
def test_any_line_is_read_or_refused(line: str) -> None:
    with suppress(ValueError):
        assert all(part is None or part for part in astuple(parse_crontab(line)))


def moments(line: str, zone: str, since: datetime, n: int) -> list[str]:
    """The next moments, each as UTC."""
    found = []
    at: datetime | None = since
    for _ in range(n):
        at = next_cron(line, zone, at)
        found.append(f"{at:%a %d.%m %H:%M}")
    return found


def test_one_to_five_are_monday_to_friday() -> None:
    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert moments("0 7 * * 1-5", "UTC", friday, 2) == ["Mon 23.11 07:00", "Tue 24.11 07:00"]


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN"])
def test_sunday_has_two_numbers(sunday: str) -> None:
    assert moments(f"0 7 * * {sunday}", "UTC", datetime(2026, 11, 20, tzinfo=UTC), 1) == ["Sun 22.11 07:00"]


def test_where_both_days_are_named_either_counts() -> None:
    found = moments("0 0 1 * mon", "UTC", datetime(2026, 11, 26, tzinfo=UTC), 3)
    assert found == ["Mon 30.11 00:00", "Tue 01.12 00:00", "Mon 07.12 00:00"]


def test_a_night_with_an_hour_twice_has_one_run() -> None:
    found = moments("30 3 * * *", "Europe/Kyiv", datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert found == ["Sun 25.10 00:30", "Mon 26.10 01:30"]


def test_what_runs_each_hour_runs_in_both() -> None:
    found = moments("30 * * * *", "Europe/Kyiv", datetime(2026, 10, 25, 0, tzinfo=UTC), 3)
    assert found == ["Sun 25.10 00:30", "Sun 25.10 01:30", "Sun 25.10 02:30"]


def test_a_night_without_that_hour_has_a_run_all_the_same() -> None:
    found = moments("30 3 * * *", "Europe/Kyiv", datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert found == ["Sun 29.03 01:30", "Mon 30.03 00:30"]


def test_a_day_that_never_comes_is_refused_and_a_rare_one_is_found() -> None:
    with pytest.raises(ValueError, match="never comes"):
        parse_crontab("0 0 30 2 *")
    assert moments("0 0 29 2 *", "UTC", datetime(2026, 1, 1, tzinfo=UTC), 1) == ["Tue 29.02 00:00"]


@given(st.integers(0, 59), st.integers(0, 23), st.integers(0, 3 * 365 * 1440))
def test_moments_only_go_on(minute: int, hour: int, minutes: int) -> None:
    at = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)]
    for _ in range(3):
        at.append(next_cron(f"{minute} {hour} * * *", "Europe/Kyiv", at[-1]) or at[-1])
    assert all(earlier < later for earlier, later in pairwise(at))
