"""Whose an address is, what a contractor may be called, when it works."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.requests import contractor_rules as rules
from core.requests import rules as request_rules
from core.requests.model import DAYS, Contractor, WorkingHours


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("@contractor.example", "@contractor.example"),
        ("Contractor.Example", "@contractor.example"),
        ("*@contractor.example", "@contractor.example"),
        (" <Ivan@Contractor.example>, ", "ivan@contractor.example"),
        ("mailto:ivan+lift@contractor.example", "ivan+lift@contractor.example"),
        ("@ліфт.укр", "@xn--k1aof5e.xn--j1amh"),
        ("ivan@gmail.com", "ivan@gmail.com"),
        ("@firm.com.ua", "@firm.com.ua"),
    ],
)
def test_an_address_or_a_domain_is_a_pattern(text: str, pattern: str) -> None:
    assert rules.check_pattern(text) == pattern


@pytest.mark.parametrize("text", ["", "@", "lift", "@localhost", "a b@x.example", "a@b@", "@x..example", "@-x.example"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="neither"):
        rules.check_pattern(text)


@pytest.mark.parametrize(
    "domain",
    [
        *(
            "gmail.com",
            "ukr.net",
            "i.ua",
            "meta.ua",
            "mail.ru",
            "yandex.ua",
            "yandex.com",
            "outlook.com",
            "hotmail.com",
        ),
        *("yahoo.com", "yahoo.co.uk", "icloud.com", "proton.me", "com.ua", "co.uk", "eu.mail.yahoo.com"),
    ],
)
def test_a_domain_that_strangers_share_is_nobodys(domain: str) -> None:
    with pytest.raises(UserError, match="exact address"):
        rules.check_pattern(f"@{domain}")
    assert rules.pattern_for(f"Ivan@{domain}") == f"ivan@{domain}"


@pytest.mark.parametrize(
    ("address", "pattern"),
    [
        ("Ivan@Contractor.example", "@contractor.example"),
        ("ivan@mail.contractor.example", "@mail.contractor.example"),
        ("outlook@yandex-service.example", "@yandex-service.example"),
        ("ivan", ""),
        ("", ""),
    ],
)
def test_the_pattern_for_an_address_is_its_domain(address: str, pattern: str) -> None:
    assert rules.pattern_for(address) == pattern


@given(st.text(max_size=60) | st.emails())
def test_any_address_is_known_by_the_pattern_for_it_and_that_is_one(address: str) -> None:
    pattern = rules.pattern_for(address)
    if pattern:
        assert pattern in rules.patterns_of(address)
        assert rules.check_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("line", "hours"),
    [
        ("mon-fri 09:00-18:00", ("09:00-18:00", DAYS[:5])),
        ("9-18", ("09:00-18:00", DAYS[:5])),
        ("пн-сб 8.30 – 20.00", ("08:30-20:00", DAYS[:6])),
        ("Пт, Вс 00:00-24:00", ("00:00-24:00", ("fri", "sun"))),
        ("сб-пн 20:00-08:00", ("20:00-08:00", ("mon", "sat", "sun"))),
        ("-", ("", ())),
    ],
)
def test_hours_are_read_as_people_write_them(line: str, hours: tuple[str, tuple[str, ...]]) -> None:
    assert rules.parse_hours(line) == hours


@pytest.mark.parametrize("line", ["", "always", "mon-fri", "25-26", "9-18:75", "xyz 9-18", "9-24:30"])
def test_hours_nobody_understands_are_refused(line: str) -> None:
    with pytest.raises(UserError, match="mon-fri 09:00-18:00"):
        rules.parse_hours(line)


def test_hours_become_working_hours_in_a_zone() -> None:
    lift = Contractor(1, "Lift", (), "20:00-08:00", ("fri",))
    hours = rules.hours_of(lift, "UTC")
    assert hours == WorkingHours(time(20), time(8), (4,), "UTC")
    assert request_rules.is_working(hours, datetime(2026, 11, 21, 7, 0, tzinfo=UTC))
    assert rules.hours_of(Contractor(1, "Lift"), "UTC") is None


@pytest.mark.parametrize("name", ["", " \n ", "lift@x.example", "x" * 61])
def test_a_name_is_short_and_no_address(name: str) -> None:
    with pytest.raises(UserError):
        rules.check_name(name)
    assert rules.check_name("  Lift \n Service ") == "Lift Service"
