"""Letters of ours: to whom they may go, what they say, and where each stands on its way. Pure."""

import re
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from core.errors import UserError
from core.letters.mime import strip_subject
from core.letters.record import THREAD_KEPT, Reason
from core.people.model import Reader
from core.requests.model import Request, Workflow
from core.text import translator

OutgoingState = Literal["draft", "queued", "sending", "sent", "unknown", "refused", "discarded"]
"""Where a letter of ours stands. `unknown`: the connection broke after it had left, so it may have arrived; a person
decides. `refused`: the server will not take it as it is."""

OutgoingKind = Literal["nudge", "answer"]
"""A question to the contractor about a request, or an answer to a letter."""

TEXT_LIMIT: Final = 3000
"""UTF-16 units: all that is sent must fit into the preview, a message of 4096."""
SUBJECT_LIMIT: Final = 150
A_FEW: Final = 3
"""So many letters about one request may leave within an hour."""

_ADDRESS: Final = re.compile(r"[^@\s<>()\[\],;:\"\\]{1,64}@[^@\s<>()\[\],;:\"\\]{1,255}")
_ROBOT: Final = re.compile(
    r"(?:no|do[._-]?not)[._-]?reply|mailer[._-]?daemon|mail[._-]?daemon|postmaster|bounces?|auto[._-]?reply|"
    r"(?:no|do[._-]?not)[._-]?reply[+._-].*|bounces?[+._-].*",
    re.IGNORECASE,
)
_MESSAGE_ID: Final = re.compile(r"[!-~]{1,200}@[!-~]{1,200}")
_CONTROL: Final = dict.fromkeys((*range(0x20), 0x7F, *range(0x80, 0xA0)))


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """A letter of ours.

    `source` is the mailbox that sends it, `letter_id` the letter it follows in the thread, if any. `author` pressed
    last: whoever drafted it, then whoever sent it; `origin` is where (`Actor.origin`). `reason` says why it is not
    sent yet, or will not be.
    """

    id: int
    message_id: str
    """Ours, without angle brackets; the same when it is sent again."""
    kind: OutgoingKind
    source: str
    request_id: int | None
    letter_id: int | None
    recipients: tuple[str, ...]
    subject: str
    text: str
    thread: tuple[str, ...]
    """Message ids of the letters before it, oldest first; the last is the one it answers."""
    author: str
    author_id: int | None
    origin: str
    created_at: datetime
    state: OutgoingState = "draft"
    queued_at: datetime | None = None
    claimed_at: datetime | None = None
    """When it was last taken to be sent: the proof that it is still that sender's."""
    sent_at: datetime | None = None
    reason: Reason | None = None

    @property
    def subject_key(self) -> str:
        """What a preview of this letter is about."""
        return f"outgoing:{self.id}"

    @property
    def alarm_key(self) -> str:
        """What the card is about that says that it went wrong: another one, so that both are kept up to date."""
        return f"unsent:{self.id}"

    @property
    def version(self) -> str:
        """Changes when what would be sent changes: what a person previewed is what they send."""
        said = "\0".join((self.source, *self.recipients, self.subject, self.text))
        return f"{zlib.crc32(said.encode('utf-8', 'replace')):08x}"


def clean_text(text: str) -> str:
    """Plain lines without control characters and blanks around."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = "\n".join(line.replace("\t", " ").translate(_CONTROL).rstrip() for line in lines).strip()
    return kept.encode("utf-8", "ignore").decode()


def check_text(text: str) -> str:
    """The text as it is sent. Raises `UserError` when it is empty or too long to be previewed."""
    text = clean_text(text)
    if not text:
        raise UserError("The letter is empty. Reply to it with what it should say.")
    length = len(text.encode("utf-16-le")) // 2
    if length > TEXT_LIMIT:
        raise UserError("The text has {n} characters; {limit} fit into a letter.", n=length, limit=TEXT_LIMIT)
    return text


def is_machine(address: str) -> bool:
    """Whether nobody reads what is sent to that address (`noreply@`, `mailer-daemon@`)."""
    return _ROBOT.fullmatch(address.partition("@")[0]) is not None


def check_recipient(address: str, own: Collection[str]) -> str:
    """The address as it is written to, its domain in ASCII. Raises `UserError` for one that must not be.

    `own`: the addresses of our mailboxes, in lower case; a letter to one of them would come back to us.
    """
    name, _, domain = address.strip().rpartition("@")
    try:
        plain = f"{name}@{domain.encode('idna').decode()}"
    except UnicodeError:
        plain = ""
    if not _ADDRESS.fullmatch(plain) or not plain.isascii():
        raise UserError("A letter cannot be sent to “{address}”.", address=address)
    if is_machine(plain):
        raise UserError("{address} is a machine's address: nobody reads what is sent there.", address=address)
    if plain.lower() in own:
        raise UserError("{address} is our own mailbox.", address=address)
    return plain


def thread_after(message_id: str, before: Sequence[str]) -> tuple[str, ...]:
    """The thread of what follows that letter; ids that no header could carry are left out."""
    ids = [each for each in dict.fromkeys((*before, message_id)) if _MESSAGE_ID.fullmatch(each) and "<" not in each]
    ids = [each for each in ids if ">" not in each]
    return tuple(ids if len(ids) <= THREAD_KEPT else (ids[0], *ids[1 - THREAD_KEPT :]))


def names(subject: str, request: Request) -> bool:
    """Whether a subject has the request's number, and its position if there is one: `101/12`, `101 position 12`."""
    number = rf"(?<![\w./-]){re.escape(request.number)}"
    position = rf"\D{{1,20}}(?<![\w.-]){re.escape(request.position)}" if request.position else ""
    return re.search(rf"{number}{position}(?![\w-]|[./]\w)", subject, re.IGNORECASE) is not None


def subject_of(subject: str, request: Request | None) -> str:
    """The subject of an answer to a letter, with the request's number in it once, where our own reader finds it.

    With an empty subject the request's title is the subject, and the letter is a new one.
    """
    kept = " ".join(clean_text(strip_subject(subject)[0]).split())
    words = kept or (request.title if request else "")
    if request and not names(words, request):
        words = f"№{request.name} {words}"
    words = words if len(words) <= SUBJECT_LIMIT else words[: SUBJECT_LIMIT - 1].rstrip() + "…"
    return f"Re: {words}".rstrip() if kept or not request else words


def nudge_text(workflow: Workflow, request: Request, reader: Reader) -> str:
    """A polite question how the request stands; the person who sends it may say it in other words.

    It names no status but the present one: quoted back to us without marks it is no news.
    """
    t = translator(reader.language)
    name = request.number
    if request.position:
        name = t("{number}, position {position}", number=request.number, position=request.position)
    return t(
        "Hello!\n\nPlease tell us how request {name} stands: {title}.\n"
        "We have it as “{status}” since {since}.\n\nThank you!",
        name=name,
        title=request.title.rstrip(" ."),
        status=workflow.status(request.status).labels[reader.language],
        since=request.status_updated_at.astimezone(ZoneInfo(reader.timezone)).strftime("%d.%m.%Y %H:%M"),
    )
