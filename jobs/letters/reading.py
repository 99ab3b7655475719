"""`vakhta letters read`: what the reader understands of letters in files. Asks no database and no configuration."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.clock import iso
from core.errors import UserError
from core.letters.mime import parse_letter
from core.letters.model import Reading
from core.letters.rules import read

_LARGEST: Final = 25 * 1024 * 1024


def read_paths(paths: Iterable[Path]) -> Iterator[dict[str, object]]:
    """The contract's object for each letter: files as given, folders searched through and sorted by name.

    Raises `UserError` for a path that cannot be read.
    """
    for path in paths:
        for file in _letters(path):
            yield _object(file)


def _letters(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError("There is no file or folder {path}.", path=path)
    try:
        return sorted(file for file in path.rglob("*") if file.is_file() and _is_letter(file))
    except OSError as error:
        raise _unreadable(path, error) from error


def _is_letter(file: Path) -> bool:
    """An `.eml` or `.msg` anywhere, and every visible file of a maildir's `new` and `cur`."""
    if file.name.startswith("."):
        return False
    return file.suffix.lower() in {".eml", ".msg"} or _in_maildir(file)


def _in_maildir(file: Path) -> bool:
    folder = file.parent
    return folder.name in {"new", "cur"} and (folder.parent / "new").is_dir() and (folder.parent / "cur").is_dir()


def _object(file: Path) -> dict[str, object]:
    try:
        moment = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        with file.open("rb") as stream:
            raw = stream.read(_LARGEST)
    except OSError as error:
        raise _unreadable(file, error) from error
    letter = parse_letter(raw, moment)
    return _shown(file, read(letter), letter.sender, letter.moment, letter.message_id)


def _shown(file: Path, reading: Reading, sender: str, moment: datetime, message_id: str) -> dict[str, object]:
    return {
        "file": str(file),
        "outcome": reading.outcome,
        "updates": [
            {"request": update.request, "position": update.position, "status": update.status}
            for update in reading.updates
        ],
        "reason": reading.reason,
        "sender": sender,
        "received_at": iso(moment),
        "message_id": message_id,
    }


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError("{path} cannot be read: {reason}.", path=path, reason=error.strerror or type(error).__name__)
