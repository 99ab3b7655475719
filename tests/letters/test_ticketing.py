from datetime import UTC, datetime

import pytest

from core.letters.mime import parse_letter
from core.letters.ticketing import find_tickets

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def tickets(subject: str, text: str = "") -> tuple[str, ...]:
    return find_tickets(parse_letter(f"Subject: {subject}\n\n{text}".encode(), NOW))


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("Ticket#2026-5512 Leak", ("2026-5512",)),
        ("[Ticket #5512] Leak", ("5512",)),
        ("Re: [Ticket ID: 5512] Leak", ("5512",)),
        ("INC0012345 opened", ("INC0012345",)),
        ("INC 0012345 opened", ("INC0012345",)),
        ("Re: SD-9912", ("SD-9912",)),
        ("[#A-4411] Leak", ("A-4411",)),
        ("[HELP-77] Leak", ("HELP-77",)),
        ("Обращение № 77123", ("77123",)),
        ("Ваше звернення №77124 зареєстровано", ("77124",)),
        ("Заявка 101, наш номер 5512", ("5512",)),
        ("Заявка 101 (вн. номер 88)", ("88",)),
        ("Заявка 101: внутренний № 88-1", ("88-1",)),
        ("Case 00123: pump", ("00123",)),
        ("case number 00123", ("00123",)),
        ("Request 101, our ref. 9001", ("9001",)),
    ],
)
def test_the_contractors_own_numbers_are_found(subject: str, found: tuple[str, ...]) -> None:
    assert tickets(subject) == found


@pytest.mark.parametrize(
    "subject",
    [
        "Заявка № 101", "Request 101", "REQ-101", "[REQ-101] Leak", "Запит 101", "Re: №101", "In case 30 pumps fail",
        "Счёт 5512", "Tickets for the show", "[EXT] Leak", "(067) 123-45-67", "101/12",
    ],
)  # fmt: skip
def test_our_numbers_and_those_of_other_things_are_no_tickets(subject: str) -> None:
    assert tickets(subject) == ()


def test_the_text_is_searched_too_and_each_number_told_once() -> None:
    assert tickets("[Ticket#5512]", "По тикету 5512 выехали.\nINC0000777") == ("5512", "INC0000777")


def test_quoted_letters_are_not_searched() -> None:
    assert tickets("Re: Leak", "Accepted.\n> Ticket #1234") == ()
