"""What is remembered of a mailbox: how far it was read, what became of its history, and how far it is trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from core.letters.record import HistorySummary
from core.text import Translator, local_time

History = Literal["none", "collecting", "asked", "applying", "applied", "skipped"]
"""What becomes of the letters that lay there before the watch began: `none` (every letter is news), `collecting` (the
first pass goes on), `asked` (a person was shown the summary), `applying` and `applied`, or `skipped`."""

ANSWERS_TO_TRUST: Final = 30
"""So many readings a person must have judged before the assistant offers to apply by itself."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A letter that the mailbox shows and does not hand over: since when, and how often it was asked for."""

    since: datetime
    times: int


@dataclass(frozen=True, slots=True)
class MailboxState:
    """A mailbox as it is remembered under its name in the configuration.

    `identity` says which one it was; letters received before `started_at` are its history. `confirmed` and
    `corrected` count the readings that a person found right and wrong; `trusted_at` is when an admin let it apply
    by itself.
    """

    name: str
    identity: str
    started_at: datetime
    history: History
    cursor: str | None = None
    synced_at: datetime | None = None
    confirmed: int = 0
    corrected: int = 0
    trusted_at: datetime | None = None
    summary: HistorySummary | None = None
    """What was found in its history when a person was asked, then what applying it changed; None before."""
    changed_letters: int = 0
    changed_requests: tuple[int, ...] = ()
    """What applying the history has changed so far."""
    tried: Mapping[str, Tried] = field(default_factory=dict)
    """By their keys the letters that could not be had in the last pass."""
    late_since: datetime | None = None
    """Since when it was not read, once that is so long that what is known of requests may be old."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A mailbox that was not read `since` then; `mailbox` is its name, '' when it is the only one."""

    mailbox: str
    since: datetime


def unread_text(t: Translator, unread: Sequence[Unread], zone: str, now: datetime) -> str:
    """That mail was not read, in a sentence: since when, and of which mailboxes where there are several."""
    if len(unread) == 1 and not unread[0].mailbox:
        return t("Mail not read since {at}, status may be old", at=local_time(unread[0].since, zone, now))
    named = (t("{mailbox} since {at}", mailbox=each.mailbox, at=local_time(each.since, zone, now)) for each in unread)
    return t("Mail not read ({mailboxes}), status may be old", mailboxes=", ".join(named))


def applies_by_itself(state: MailboxState, configured: str) -> bool:
    """Whether readings are applied without a person's yes; `configured` is `auto` or `confirm`."""
    return configured == "auto" or state.trusted_at is not None
