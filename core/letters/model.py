"""The words of the mail reader: a letter, what was read from it, and which words made that reading."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

SENT: Final = "sent"
ACCEPTED: Final = "accepted"
EN_ROUTE: Final = "en_route"
ON_SITE: Final = "on_site"
LEFT: Final = "left"
DECLINED: Final = "declined"
CANCELLED: Final = "cancelled"

Outcome = Literal["update", "note", "triage", "ignore"]
Kind = Literal["request", "position", "status"]
Where = Literal["subject", "text", "forwarded_subject", "forwarded", "quoted"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a letter: its name as the letter gives it (may be empty), type, size in bytes."""

    name: str
    content_type: str
    size: int
    content: bytes = field(default=b"", repr=False)
    """The file itself, decoded; empty for `inline` ones and for what is beyond the letter's bound."""
    inline: bool = False
    """A small picture that belongs to the text, such as the logo of a signature: not worth keeping."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, decoded. Moments are aware, UTC; texts use plain newlines and may be empty."""

    message_id: str
    """`Message-ID` without angle brackets; where there is none `sha256:` and a digest of sender, date, subject and
    text, or of the raw bytes of a letter without a date."""
    sender: str
    """The bare address of `From`, in lower case; empty when it cannot be read."""
    sender_name: str
    to: tuple[str, ...]
    """Bare addresses of `To` and `Cc`, in lower case."""
    subject: str
    sent_at: datetime | None
    """The `Date` header; None when missing or unreadable."""
    received_at: datetime
    """When the mailbox got it, as whoever fetched it knows."""
    in_reply_to: str | None
    references: tuple[str, ...]
    """Message ids of the thread, oldest first, without angle brackets."""
    text: str
    """The whole decoded text: new words, quotations, signature."""
    new_text: str
    """Only what the sender wrote now."""
    forwarded_subject: str
    forwarded_text: str
    """What the forwarded letter says itself (its own quotations left out); empty unless this is a forward."""
    quoted_text: str
    """The earlier letters below or between: hints for a person, never news."""
    automatic: str | None
    """Why this is automatic or bulk mail (a translatable sentence), or None for a person's letter."""
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""
    """The bare address of `Reply-To`, in lower case; empty when there is none, several, or the sender's own.

    Whoever writes may put any address there: it says where an answer is wanted, never whose letter this is."""

    @property
    def moment(self) -> datetime:
        """The letter's own time: when it was sent, else when it was received."""
        return self.sent_at or self.received_at


@dataclass(frozen=True, slots=True)
class Update:
    """What a letter says about one request, or one position of it.

    No position: the letter names none. No status: it is spoken of, without news of its status.
    """

    request: str
    position: str | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the letter that made the reading, or that looked like news and did not count."""

    kind: Kind
    where: Where
    start: int
    end: int
    """Offsets in the field of `Letter` that `where` names: `subject`, `new_text`, `forwarded_text` and so on."""
    words: str
    value: str
    """The number, or the status code."""
    counted: bool
    reason: str
    """Why it did not count (a translatable sentence); empty when it did."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a letter means for the requests."""

    outcome: Outcome
    updates: tuple[Update, ...]
    """`update`: at least one has a status. `note`: none has. `triage`, `ignore`: empty."""
    reason: str
    """One translatable English sentence."""
    why: tuple[Evidence, ...]
    note: str
    """The first words of the news, on one line, for the request's comment."""
