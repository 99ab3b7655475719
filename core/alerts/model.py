"""Notices: what chats are told, and where each stands on its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Mode = Literal["new", "card", "refresh"]
"""How a notice is shown: always a `new` message; a live `card` (the chat's recent message about the same
subject is edited, else a new one is sent); a `refresh` (edits what is there, sends nothing)."""

State = Literal["new", "sending", "sent", "unknown", "expired", "dead"]
"""Where a notice stands. `unknown`: the connection broke after the text had left, so it may have arrived; it is
told once more, marked as a repeat. `dead`: Telegram refuses it for good. `expired`: nobody needs it any more."""

Topic = Literal["requests", "files", "sync", "admins"]
"""What a chat may receive (`telegram.chats.*.receives`); `admins` are told in private."""

CARD_LIFE = timedelta(hours=24)
"""A card older than this is not edited by a later notice: nobody scrolls that far up. A new one is posted."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A chat and a message thread in it (0: none)."""

    chat_id: int
    thread_id: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """The bot that we are at Telegram (Bot API, getMe). Messages belong to the account that sent them."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Route:
    """A configured chat and the topics it receives."""

    to: Destination
    receives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Something to be told, before it is known to which chats.

    `kind` names who renders it, `subject` what it is about (`request:7`, `files:documents`, `access:3`), `dedup` the
    occurrence: a second telling with the same `dedup` for the same chat is ignored. `to` overrides the topic's
    chats. `data` is what the renderer needs and cannot look up. A lower `priority` goes first. `shown_in` is a chat
    that sees it already, by the answer to whoever caused it: there only what is shown is kept up to date.
    """

    kind: str
    subject: str
    dedup: str
    topic: Topic
    mode: Mode = "card"
    data: Mapping[str, Any] = field(default_factory=dict)
    to: tuple[Destination, ...] | None = None
    expires_after: timedelta = timedelta(hours=24)
    not_before: datetime | None = None
    priority: int = 5
    shown_in: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A row of the outbox: one telling for one chat.

    `attempts` counts the times it left or may have left; a try that surely did not arrive is not counted.
    `message_id` is the message it became or, while it leaves, the message it edits (None: a new one).
    """

    id: int
    to: Destination
    kind: str
    subject: str
    mode: Mode
    data: Mapping[str, Any]
    priority: int
    state: State
    attempts: int
    created_at: datetime
    not_before: datetime
    expires_at: datetime
    message_id: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LiveCard:
    """A message of ours that shows a subject: it can be edited, and a reply to it is about that subject."""

    to: Destination
    message_id: int
    kind: str
    subject: str
    digest: str
    sent_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The row that is next in its chat."""

    id: int
    chat_id: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that leaves now, and the message it edits (None: a new one)."""

    id: int
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a row that was leaving. `claimed_attempts` proves that it is still this courier's."""

    id: int
    claimed_attempts: int
    state: State
    attempts: int
    not_before: datetime
    message_id: int | None = None
    error: str | None = None
    done_at: datetime | None = None
