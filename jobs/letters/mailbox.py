"""What the letters job asks of a mailbox, whatever kind it is.

A mailbox lists what may be new under keys that stay the same while the letter is there, and hands over letters by
key. Which letters are known is remembered in our database: by key, and by Message-ID across mailboxes and kinds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.errors import Rejected, Unavailable


class FolderMissing(Unavailable):
    """The mailbox has no such folder now; the sentence names those there are."""


class Untrusted(Unavailable):
    """The server's certificate is vouched for by nobody who is trusted here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A letter that lies in the mailbox, not yet fetched. Moments are aware, UTC; None where only the letter knows."""

    key: str
    received_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What may be new. `cursor` is where the next look begins, once every entry is stored; None where there is none.

    `continued`: every entry came into the mailbox after the cursor that was given, whatever its date says.
    """

    entries: tuple[Entry, ...]
    cursor: str | None = None
    continued: bool = False


@dataclass(frozen=True, slots=True)
class RawLetter:
    """A letter as the mailbox keeps it: undecoded bytes (RFC 5322, or an Outlook `.msg`), and when it came (UTC)."""

    key: str
    data: bytes
    received_at: datetime
    dropped: tuple[int, ...] = ()
    """Of a large letter: how many bytes of base64 are left out of each of its large files, in their order."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A letter that is there and cannot be had: `Rejected` never, `Unavailable` not now. `head`: how it begins."""

    key: str
    error: Rejected | Unavailable
    head: bytes = b""


class Mailbox(Protocol):
    """One folder of one mailbox. Every call raises `Unavailable` or `AuthFailed` when nothing can be had at all."""

    @property
    def identity(self) -> str:
        """Which folder of which mailbox of which server, without secrets; another identity voids the cursor."""
        ...

    @property
    def has_history(self) -> bool:
        """Whether what lies there at the first look is history, to be applied only when a person says so."""
        ...

    async def changes(self, cursor: str | None, since: datetime) -> Changes:
        """What may be new since `cursor`, oldest first where the mailbox knows.

        Without a cursor, or with one the server does not honour any more (UIDVALIDITY, 410), what was received at
        `since` or later, at most as many as the mailbox is configured to list, the newest of them.
        """
        ...

    async def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        """The letters under these keys, in their order; those that are gone are left out."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return when something may have come, or after that many seconds."""
        ...

    async def close(self) -> None:
        """Give the connection back; the next call opens a new one."""
        ...
