"""English as it is written by contractors who speak it as their first or their third language."""

from datetime import UTC, datetime

import pytest

from core.letters.mime import parse_letter
from core.letters.rules import read

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def told(text: str) -> set[tuple[str, str]]:
    return {(u.request, u.status) for u in read(parse_letter(f"\n\n{text}".encode(), NOW)).updates if u.status}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Hello, your request 101 is taken to work by engineer Bondarenko.", "accepted"),
        ("REQ-101 is booked in with our north team.", "accepted"),
        ("Our company is not able to execute request 101 because of absence of specialists.", "declined"),
        ("We must turn down request 101, thanks for thinking of us anyway.", "declined"),
        ("omw for 101, 20 min, driving the van", "en_route"),
        ("Both engineers are travelling to the store right now (REQ-101).", "en_route"),
        ("Two guys are on the move for request 101.", "en_route"),
        ("The machine with workers has gone out to you by request 101 at 8-30.", "en_route"),
        ("Our engineer is with you now at reception on request 101.", "on_site"),
        ("Works on request 101 have been commenced at 9:00 a.m.", "on_site"),
        ("The lift isn't running yet, our mechanics are in the machine room on request 101.", "on_site"),
        ("We are at the place on request 101, the works are not ended.", "on_site"),
        ("The works under request 101 are executed in full volume.", "left"),
        ("Lift is back in service, request 101 complete.", "left"),
    ],
)
def test_what_is_so_now_or_has_happened_is_read(text: str, status: str) -> None:
    assert told(text) == {("101", status)}


@pytest.mark.parametrize(
    "text",
    [
        "We are travelling to your site tomorrow at 9, request 101.",
        "Request 101: is your engineer at the site?",
        "Request 101: we are now replacing the engineer, sorry for the delay.",
        "Request 101: the parts for the engineer are in the basement.",
        "Request 101: the fault is in your server room.",
        "Request 101: the engineer will call when he is at your building.",
        "Request 101: our engineer is currently repairing another lift.",
        "Request 101: we're in the office, call us.",
        "We cannot execute request 101 until you pay.",
        "Request 101 is executed within 3 days of payment.",
        "Request 101: the invoice was put in the schedule.",
    ],
)
def test_what_is_arranged_or_said_of_something_else_is_not(text: str) -> None:
    assert told(text) == set()
