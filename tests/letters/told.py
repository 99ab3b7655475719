"""A letter in two strings and its reading in one line, for tests of what is read."""

from datetime import UTC, datetime
from typing import Final

from core.letters.mime import parse_letter
from core.letters.model import Letter, Reading
from core.letters.rules import read

NOW: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def letter(subject: str, body: str) -> Letter:
    head = f"From: a@contractor.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return parse_letter((head + body).encode(), NOW)


def told(subject: str, body: str, *open_numbers: str) -> str:
    """A reading in one line: `update 101/12=en_route 102`."""
    return shown(read(letter(subject, body), open_numbers=open_numbers))


def shown(reading: Reading) -> str:
    words: list[str] = [reading.outcome]
    for update in reading.updates:
        name = update.request if update.position is None else f"{update.request}/{update.position}"
        words.append(f"{name}={update.status}" if update.status else name)
    return " ".join(words)
