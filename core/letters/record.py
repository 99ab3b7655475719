"""What is remembered of a letter: what it said, what it did, and what a person decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from core.letters.model import Outcome, Update

State = Literal["applied", "noted", "triage", "ignored", "linked", "created", "dismissed"]
"""`applied` and `noted` by the robot, `triage` waits for a person, `ignored` changes nothing;
`linked`, `created`, `dismissed` is what a person decided."""

DECIDED: Final = ("linked", "created", "dismissed")
THREAD_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a translatable English sentence and the values of its placeholders."""

    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A request the letter may speak of: its id, how people call it, what it is about, and why this one."""

    request_id: int
    name: str
    title: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Effect:
    """What a letter did to one request: a comment; with a `status` it said so, and `moved` tells whether it counted.

    It does not when the request stood there already, or has newer news than the letter.
    """

    request_id: int
    name: str
    status: str | None
    moved: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A letter as it is remembered.

    `status` is the one status that waits to be applied when a person says to which request; `number` and `position`
    are what a new request would be called, None when the letter names nothing new.
    """

    id: int
    message_id: str
    source: str
    sender: str
    sender_name: str
    subject: str
    moment: datetime
    recorded_at: datetime
    excerpt: str
    note: str
    outcome: Outcome
    reason: Reason
    updates: tuple[Update, ...] = ()
    status: str | None = None
    number: str | None = None
    position: str = ""
    candidates: tuple[Candidate, ...] = ()
    effects: tuple[Effect, ...] = ()
    state: State = "triage"
    request_id: int | None = None
    """The first request concerned."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    thread: tuple[str, ...] = ()
    """Message ids of the letters before it, oldest first, at most `THREAD_KEPT`."""

    @property
    def subject_key(self) -> str:
        """What a card of this letter is about."""
        return f"letter:{self.id}"
