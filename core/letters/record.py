"""What is remembered of a letter: what it said, what it did, and what a person decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from core.letters.model import Evidence, Letter, Outcome, Reading, Update
from core.letters.sameness import AGAIN
from core.letters.words import DEFAULT_WORDS, Words
from core.requests.model import WorkingHours

State = Literal["applied", "noted", "triage", "ignored", "linked", "created", "dismissed", "proposed", "history"]
"""`applied` and `noted` by the robot, or by a person's yes to what it proposed; `triage` waits for a person to say
which request is meant, `proposed` for a yes to what was read, `history` for the answer about its whole mailbox;
`ignored` changes nothing; `linked`, `created`, `dismissed` is what a person decided."""

DECIDED: Final = ("linked", "created", "dismissed")
WAITING: Final = ("triage", "proposed")
"""The states in which a person is asked about this very letter."""
THREAD_KEPT: Final = 20
SPOKEN: Final = "chat"
"""The source of what a person wrote to the assistant as a contractor would."""

Mode = Literal["apply", "confirm", "history"]
"""What `receive` does with what was read: `apply` it, ask a person to `confirm` it, or keep it as `history`."""


Answer = Literal["", "confirmed", "corrected"]
"""What a person said of a reading: right, wrong, or nothing."""

Standing = Literal["listed", "anybody", "stranger"]
"""Whether a sender is on the mailbox's list; `anybody`: it has none, and everybody's letters count."""


@dataclass(frozen=True, slots=True)
class LettersOptions:
    """How letters are dealt with. `attachment_types`: fnmatch patterns of content types or names, `attachment_max`
    bytes of one file. A letter that waits for a person longer than `remind_after` of `working_hours` is told again.
    `mailboxes` are the names of all that are configured.
    """

    words: Words = DEFAULT_WORDS
    remind_after: timedelta = timedelta(hours=1)
    working_hours: WorkingHours = field(default_factory=WorkingHours)
    attachment_types: tuple[str, ...] = ("*",)
    attachment_max: int = 10 * 1024 * 1024
    mailboxes: tuple[str, ...] = ()


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
    ref: str = field(default="", compare=False)
    """Under what the request's history knows it: `ref:status`, `ref:comment`."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The letter comes from an unknown address in a thread with that contractor: `pattern` would make it known."""

    pattern: str
    contractor_id: int
    contractor: str
    """The contractor's name."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A contractor's ticket number that a letter taught us, and the request it stands for since."""

    owner: str
    ticket: str
    request_id: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that became of a letter, with all that taking it back needs.

    `before` and `reason` are where the letter returns to; `effects` how many of its last effects the step made;
    `answer` what a person said of the reading; `assigned` the requests whose contractor it set; `pattern` was added to
    `contractor_id`; `muted`: the sender was ignored, and with it the letters `also`; `made`: the request it created.
    """

    before: State
    reason: Reason
    effects: int = 0
    answer: Answer = ""
    tickets: tuple[Learned, ...] = ()
    assigned: tuple[int, ...] = ()
    pattern: str = ""
    contractor_id: int | None = None
    muted: bool = False
    also: tuple[int, ...] = ()
    made: int | None = None


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
    contractor_id: int | None = None
    """Whose address the sender's was."""
    waiting_since: datetime | None = None
    """When a person was asked, last."""
    standing: Standing = "anybody"
    offer: Offer | None = None
    reply_to: str = ""
    """Where the sender wants an answer, if elsewhere; never whose letter it is."""
    steps: tuple[Step, ...] = ()
    """What became of it, oldest first; `undo` takes back the last."""

    @property
    def subject_key(self) -> str:
        """What a card of this letter is about."""
        return f"letter:{self.id}"

    @property
    def is_another(self) -> bool:
        """Whether it says other things than a letter with the same Message-ID that came before."""
        return self.message_id.startswith(AGAIN)

    @property
    def waits(self) -> bool:
        """Whether a person is asked about it."""
        return self.state in WAITING

    @property
    def new_pattern(self) -> str | None:
        """What [Same contractor] would add to `offer.contractor`: `@new.example`, or an address."""
        return self.offer.pattern if self.offer else None


@dataclass(frozen=True, slots=True)
class Content:
    """A letter as it was decoded, without the bytes of its attachments, and what was read from it."""

    letter: Letter
    reading: Reading

    @property
    def why(self) -> tuple[Evidence, ...]:
        """Which words made the reading, and which did not count."""
        return self.reading.why


@dataclass(frozen=True, slots=True)
class Rereading:
    """What was read from a letter, and what would be read today."""

    before: Reading
    after: Reading

    @property
    def differs(self) -> bool:
        """Whether another reading would do something else."""
        return (self.before.outcome, self.before.updates) != (self.after.outcome, self.after.updates)


@dataclass(frozen=True, slots=True)
class KeptAttachment:
    """A file that came with a letter: kept under its SHA-256 `digest`, or not (None), and `refused` says why."""

    letter_id: int
    place: int
    name: str
    content_type: str
    size: int
    digest: str | None
    refused: Reason | None = None


@dataclass(frozen=True, slots=True)
class HistorySummary:
    """Of a mailbox's history: how many letters there are, how many speak of existing requests, of how many.

    Once it is `applied`: how many letters changed something, and how many requests.
    """

    letters: int
    changing: int
    requests: int
