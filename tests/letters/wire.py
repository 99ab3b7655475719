"""A letter as its bytes come, read."""

from datetime import UTC, datetime

from core.letters.mime import parse_letter
from core.letters.model import Letter

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def letter(*lines: str | bytes) -> Letter:
    return parse_letter(b"\r\n".join(line.encode() if isinstance(line, str) else line for line in lines), NOW)
