"""What the courier carries, and what it knows of the line it carries it over."""

import logging
import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.chat.cards import Card
from core.alerts.rules import Answer, Batch, Outcome, backoff, nothing_to_show, unreadable

log = logging.getLogger(__name__)

PROBE_CAP: Final = 10.0
"""Seconds, at most, between two questions whether Telegram answers again."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch as it will be shown; `card` is None when there is nothing to send, `mistake` why it cannot be."""

    batch: Batch
    card: Card | None = None
    digest: str = ""
    mistake: str = ""

    @property
    def chat_id(self) -> int:
        """Where it goes."""
        return self.batch.first.to.chat_id

    def unsent(self, moment: datetime) -> Outcome:
        """What becomes of its rows when it need not leave, or cannot."""
        if self.mistake:
            return unreadable(self.batch, moment, self.mistake)
        return nothing_to_show(self.batch, moment)

    @property
    def edits(self) -> bool:
        """Whether it changes a message that is there."""
        return self.batch.card is not None

    @property
    def leaves(self) -> bool:
        """Whether a call to Telegram is needed at all."""
        live = self.batch.card
        if self.card is None or (live is None and self.batch.mode == "refresh"):
            return False
        return live is None or live.digest != self.digest


@dataclass(frozen=True, slots=True)
class Delivered:
    """A parcel that left, and what Telegram said."""

    parcel: Parcel
    answer: Answer


@dataclass(slots=True)
class LineState:
    """Whether Telegram can be reached; while it cannot, nothing leaves but a question at growing intervals.

    The same while it is `unknown` who we are there. Moments are monotonic seconds. `news` is what the outages do not
    know yet: a reason it broke for, None for back. `refused`: our token is not accepted.
    """

    unknown: bool = False
    refused: bool = False
    down: bool = False
    probing: bool = False
    probe_at: float = 0.0
    since: float = 0.0
    failures: int = 0
    news: list[str | None] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        """Whether a question must be answered before anything else leaves."""
        return self.down or self.unknown

    def heard(self, answer: Answer, now: float) -> None:
        """What a question was answered with."""
        if answer.line_is_down:
            self.broke(answer.reason, now)
            return
        self.answered(now)
        self.refused = answer.meaning == "unauthorized"
        if answer.meaning == "ok":
            self.unknown = False
        else:
            self.probe_at = now + max(answer.retry_after, 1.0)

    def broke(self, reason: str, now: float) -> None:
        """A call did not get through."""
        self.failures += 1
        self.probe_at = now + backoff(self.failures, random.random(), cap=PROBE_CAP)
        if not self.down:
            self.down, self.since = True, now
            self.news.append(reason)
            log.warning("Telegram cannot be reached: %s", reason)

    def answered(self, now: float) -> None:
        """A question was answered: try again to deliver."""
        if self.down:
            self.down = False
            self.news.append(None)
            log.warning("Telegram is back after %.0f s", now - self.since)

    def worked(self) -> None:
        """A delivery got through."""
        self.failures = 0
