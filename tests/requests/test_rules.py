"""What requests allow: numbers, positions, titles, statuses, lateness, working hours."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.requests import rules
from core.requests.model import ROBOT, WORKFLOW, Draft, Request, WorkingHours
from core.text import translator

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "author", "shown"),
    [("en", ROBOT, "Robot"), ("uk", ROBOT, "Робот"), ("ru", ROBOT, "Робот"), ("en", "Оксана", "Оксана")],
)
def test_the_robot_is_called_as_its_reader_calls_it_and_people_by_their_names(
    language: str, author: str, shown: str
) -> None:
    assert rules.author_name(translator(language), author) == shown


@pytest.mark.parametrize(
    ("line", "draft"),
    [
        ("101 12 Leak in the server room", Draft("101", "12", "Leak in the server room")),
        ("101/12 Leak", Draft("101", "12", "Leak")),
        ("№101 Leak", Draft("101", "", "Leak")),
        ("12-345 Leak  of \n water", Draft("12-345", "", "Leak of water")),
        ("101 3a Протікає труба", Draft("101", "3a", "Протікає труба")),
        ("2045/7 4 windows are broken", Draft("2045", "7", "4 windows are broken")),
        ("101 - Leak", Draft("101", "", "Leak")),
    ],
)
def test_one_line_is_number_position_title(line: str, draft: Draft) -> None:
    assert rules.parse_draft(line) == draft


@pytest.mark.parametrize(
    "line", ["", "101", "101 12", "leak in the room", "101 12 " + "x" * 301, "1" * 40 + " Leak", "/ x"]
)
def test_a_line_that_is_no_request_is_refused_with_a_sentence(line: str) -> None:
    with pytest.raises(UserError):
        rules.parse_draft(line)


@given(st.text(max_size=200))
def test_any_line_is_a_draft_or_a_user_error(line: str) -> None:
    try:
        draft = rules.parse_draft(line)
    except UserError:
        return
    assert any(c.isdigit() for c in draft.number)
    assert 1 <= len(draft.title) <= rules.MAX_TITLE
    assert "\n" not in draft.title


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("101", ("101", None)),
        ("101/12", ("101", "12")),
        ("101 12", ("101", "12")),
        ("№ 101", None),
        (" #101 ", ("101", None)),
    ],
)
def test_a_request_is_named_by_number_and_position(text: str, name: tuple[str, str | None] | None) -> None:
    if name is None:
        with pytest.raises(UserError):
            rules.parse_name(text)
    else:
        assert rules.parse_name(text) == name


def test_a_comment_is_trimmed_and_never_empty_or_endless() -> None:
    assert rules.check_comment("  at work \n") == "at work"
    with pytest.raises(UserError):
        rules.check_comment(" \n ")
    with pytest.raises(UserError):
        rules.check_comment("x" * (rules.MAX_COMMENT + 1))


def test_an_open_request_may_go_anywhere_else() -> None:
    codes = {status.code for status in rules.next_statuses(WORKFLOW, "sent")}
    assert codes == {"accepted", "en_route", "on_site", "left", "declined", "cancelled"}


def test_a_finished_request_may_only_be_opened_again() -> None:
    codes = {status.code for status in rules.next_statuses(WORKFLOW, "left")}
    assert codes == {"sent", "accepted", "en_route", "on_site", "declined"}


@pytest.mark.parametrize("word", ["on_site", "On site", "на місці", "НА МЕСТЕ", "on-site"])
def test_a_status_is_found_by_its_code_and_by_its_label_in_any_language(word: str) -> None:
    assert rules.find_status(WORKFLOW, word) == "on_site"


def test_an_unknown_status_names_the_known_ones() -> None:
    assert rules.find_status(WORKFLOW, "leak") is None
    with pytest.raises(UserError, match="en_route"):
        rules.check_status(WORKFLOW, "lost")


def request(status: str, since: datetime) -> Request:
    return Request(1, "101", "12", "Leak", status, "", "", since, since, "Oksana")


def test_silence_makes_an_open_request_late_and_never_a_finished_one() -> None:
    hour = timedelta(hours=1)
    assert rules.is_late(WORKFLOW, request("en_route", NOON - hour), NOON, hour)
    assert not rules.is_late(WORKFLOW, request("en_route", NOON - hour + timedelta(seconds=1)), NOON, hour)
    assert not rules.is_late(WORKFLOW, request("left", NOON - 100 * hour), NOON, hour)


OFFICE = WorkingHours(time(9), time(18), (0, 1, 2, 3, 4), "Europe/Kyiv")
NIGHT = WorkingHours(time(20), time(8), (4,), "Europe/Kyiv")


def kyiv(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, 0, tzinfo=ZoneInfo("Europe/Kyiv"))


@pytest.mark.parametrize(
    ("hours", "moment", "working"),
    [
        (OFFICE, kyiv(20, 9), True),
        (OFFICE, kyiv(20, 18), False),
        (OFFICE, kyiv(20, 8), False),
        (OFFICE, kyiv(21, 12), False),  # a Saturday
        (NIGHT, kyiv(20, 21), True),  # Friday evening
        (NIGHT, kyiv(21, 7), True),  # and the morning after it
        (NIGHT, kyiv(21, 21), False),
        (WorkingHours(), kyiv(22, 3), True),
    ],
)
def test_people_are_disturbed_in_their_own_hours_only(hours: WorkingHours, moment: datetime, working: bool) -> None:
    assert rules.is_working(hours, moment.astimezone(UTC)) is working


MOMENTS = st.builds(
    lambda start, seconds: start + timedelta(seconds=seconds),
    st.sampled_from((datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC))),
    st.integers(0, 5 * 24 * 3600),
)
"""Around the nights when the clocks of Europe change."""
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
HOURS = st.builds(
    WorkingHours,
    TIMES,
    TIMES,
    st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days))),
    st.sampled_from(("UTC", "Europe/Kyiv", "Asia/Beirut", "America/New_York", "Australia/Lord_Howe")),
)


@given(HOURS, MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up_and_is_never_more_than_time(
    hours: WorkingHours, one: datetime, two: datetime, three: datetime
) -> None:
    first, middle, last = sorted((one, two, three))
    whole = rules.working_time(hours, first, last)
    assert whole == rules.working_time(hours, first, middle) + rules.working_time(hours, middle, last)
    assert timedelta() <= rules.working_time(hours, first, middle) <= whole <= last - first
    assert rules.working_time(hours, last, first) == timedelta()


@given(st.sampled_from(("UTC", "Europe/Kyiv", "Asia/Beirut")), MOMENTS, MOMENTS)
def test_round_the_clock_all_time_is_working_time(zone: str, one: datetime, two: datetime) -> None:
    first, last = sorted((one, two))
    assert rules.working_time(WorkingHours(timezone=zone), first, last) == last - first


@given(HOURS, MOMENTS)
def test_a_minute_is_working_time_when_people_may_be_disturbed(hours: WorkingHours, moment: datetime) -> None:
    hours = replace(hours, timezone="Asia/Kolkata")  # whose clocks never change
    minute = moment.replace(second=0, microsecond=0)
    counted = rules.working_time(hours, minute, minute + timedelta(minutes=1))
    assert counted == timedelta(minutes=rules.is_working(hours, minute))


@pytest.mark.parametrize(
    ("hours", "since", "until", "worked"),
    [
        (OFFICE, kyiv(20, 17), kyiv(23, 10), 2),  # over a weekend
        (OFFICE, kyiv(20, 19), kyiv(21, 12), 0),
        (NIGHT, kyiv(20, 12), kyiv(21, 12), 12),  # past midnight
        (WorkingHours(time(9), time(9), (4,), "Europe/Kyiv"), kyiv(19, 0), kyiv(23, 0), 24),  # a whole Friday
    ],
)
def test_working_time_is_what_lies_within_the_hours(
    hours: WorkingHours, since: datetime, until: datetime, worked: int
) -> None:
    assert rules.working_time(hours, since, until) == timedelta(hours=worked)
