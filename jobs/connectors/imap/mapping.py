"""IMAP's words (RFC 3501) to ours and back. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

from core.letters.mime import parse_letter
from jobs.letters.mailbox import Entry

EPOCH: Final = datetime.fromtimestamp(0, UTC)
_UID: Final = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_RECEIVED: Final = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"', re.IGNORECASE)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PASSING: Final = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|THROTTLED)\b|too many|temporar|try again", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as LIST names it, and what stands between its levels there; empty where there are none."""

    name: str
    delimiter: str

    @property
    def path(self) -> str:
        """The name with `/` between levels."""
        return "/".join(folder_parts(self.name, self.delimiter))


def folder_parts(name: str, delimiter: str) -> tuple[str, ...]:
    """The levels of a folder's name. INBOX is the same in any case (RFC 3501, section 5.1)."""
    first, *others = name.strip(delimiter).split(delimiter) if delimiter else [name]
    return ("INBOX" if first.upper() == "INBOX" else first, *others)


def find_folder(folders: Collection[Folder], path: str) -> Folder | None:
    """The folder meant by a path with `/` between levels, or by the server's own name for it."""
    wanted = folder_parts(path, "/")
    by_path = (folder for folder in folders if folder_parts(folder.name, folder.delimiter) == wanted)
    by_name = (folder for folder in folders if folder.name == path)
    return next(by_path, None) or next(by_name, None)


@dataclass(frozen=True, slots=True)
class Place:
    """A UID with the UIDVALIDITY it belongs to: of a letter (its key), or of the next one to come (the cursor)."""

    validity: int
    uid: int

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}"

    @classmethod
    def parse(cls, text: str | None) -> "Place | None":
        """The place in this text; None for none, and for what another kind of mailbox has written."""
        found = re.fullmatch(r"(\d{1,10}):(\d{1,20})", text or "")
        return cls(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer to FETCH, as far as it says what was asked. `body` is the literal it brought."""

    uid: int
    size: int | None
    received_at: datetime | None
    body: bytes | None


def fetched(data: Sequence[object]) -> Iterator[Fetched]:
    """The answers in what imaplib gives for FETCH: a pair for each literal, then the rest of the line.

    What the server says unasked (flags that changed) has no UID, or nothing but it; the latter comes out empty.
    """
    text, body = b"", None
    for item in data:
        if isinstance(item, tuple):
            text, body = text + bytes(item[0]) + b" ", bytes(item[1])
        elif isinstance(item, bytes):
            text += item
            if found := _UID.search(text):
                size = _SIZE.search(text)
                if body is None and b"BODY[" in text.upper():
                    body = b""  # a short string or NIL in place of a literal: nothing there
                yield Fetched(int(found[1]), int(size[1]) if size else None, _received(text), body)
            text, body = b"", None


def _received(text: bytes) -> datetime | None:
    found = _RECEIVED.search(text)
    if found is None:
        return None
    try:
        return parsedate_to_datetime(found[1].decode("ascii").replace("-", " ", 2).strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def entry(validity: int, answer: Fetched) -> Entry:
    """A letter whose INTERNALDATE and `Date` field were fetched; the date is read as of a whole letter."""
    sent_at = parse_letter(answer.body, EPOCH).sent_at if answer.body else None
    return Entry(str(Place(validity, answer.uid)), answer.received_at, sent_at)


def oldest_first(item: Entry) -> tuple[datetime, int]:
    """Sorts entries by time of receipt, then in the order they got into the folder."""
    place = Place.parse(item.key)
    return item.received_at or EPOCH, place.uid if place else 0


def received_since(since: datetime) -> str:
    """A search for all that may have come at `since` or later.

    SINCE knows days only, of whatever zone the server noted: a day more, to be sieved by the moment itself.
    """
    day = since.astimezone(UTC) - timedelta(days=1)
    return f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"


def uid_set(uids: Collection[int]) -> str:
    """UIDs as FETCH takes them, neighbours joined: `3:5,9`."""
    ordered = sorted(set(uids))
    breaks = [at + 1 for at, (one, other) in enumerate(pairwise(ordered)) if other != one + 1]
    runs = [ordered[start:end] for start, end in pairwise([0, *breaks, len(ordered)])]
    return ",".join(f"{run[0]}:{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs if run)


def batches(sizes: Mapping[int, int], *, most: int, most_bytes: int) -> Iterator[list[int]]:
    """The UIDs in their order, in groups of at most `most` letters and `most_bytes`; a larger letter stands alone."""
    group: list[int] = []
    total = 0
    for uid, size in sizes.items():
        if group and (len(group) >= most or total + size > most_bytes):
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
    if group:
        yield group


def will_pass(reason: str) -> bool:
    """Whether a refused login says that it is not for the credentials (RFC 5530; else the words large servers use)."""
    return _PASSING.search(reason) is not None
