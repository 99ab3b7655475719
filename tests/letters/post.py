"""What the tests of letters share: letters and readings made by hand, the service, looks into the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy import select

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.clock import Clock
from core.db.engine import Database
from core.letters import outgoing_store, store
from core.letters.mailboxes import MailboxState
from core.letters.model import Evidence, Kind, Letter, Outcome, Reading, Update, Where
from core.letters.outgoing import OutgoingLetter, OutgoingState
from core.letters.record import LettersOptions, Mode, Record, State
from core.letters.service import LettersService
from core.people.model import Actor, Reader
from core.people.service import PeopleService
from core.requests import store as requests_store
from core.requests.contractors import ContractorsService
from core.requests.model import WORKFLOW, Contractor, Draft, HistoryEntry, Request, WorkingHours
from core.requests.service import RequestsService
from tests.conftest import NOON

OKSANA = Actor("Oksana", 7, "chat:-100")
TARAS = Actor("Taras", 8, "chat:-100")
DUTY = Destination(-100, 0)
CONTRACTOR = "p.honchar@contractor.example"


def letter(message_id: str = "1@contractor.example", **changes: object) -> Letter:
    values: dict[str, object] = {
        "message_id": message_id,
        "sender": CONTRACTOR,
        "sender_name": "Pavlo Honchar",
        "to": ("duty@vakhta.example",),
        "subject": "Request 101",
        "sent_at": NOON,
        "received_at": NOON,
        "in_reply_to": None,
        "references": (),
        "text": "Request 101: we are on our way.",
        "new_text": "Request 101: we are on our way.",
        "forwarded_subject": "",
        "forwarded_text": "",
        "quoted_text": "",
        "automatic": None,
    }
    return Letter(**(values | changes))  # type: ignore[arg-type]  # the tests name Letter's own fields


def reading(*updates: Update, outcome: Outcome | None = None, why: Sequence[Evidence] = ()) -> Reading:
    """What such a letter means; `outcome` as the reader would say unless it is given."""
    told = any(update.status for update in updates)
    natural: Outcome = "update" if told else "note" if updates else "triage"
    return Reading(outcome or natural, updates, "A reason.", tuple(why), "We are on our way.")


def seen(kind: Kind, value: str, where: Where = "text", *, counted: bool = True) -> Evidence:
    return Evidence(kind, where, 0, 1, value, value, counted, "" if counted else "It did not count.")


def raw(subject: str, text: str, *, message_id: str = "", sent: datetime = NOON, sender: str = CONTRACTOR) -> bytes:
    """A letter as it lies in a mailbox."""
    message = EmailMessage()
    message["From"] = f"Pavlo Honchar <{sender}>"
    message["To"] = "duty@vakhta.example"
    message["Subject"] = subject
    message["Date"] = format_datetime(sent)
    if message_id:
        message["Message-ID"] = f"<{message_id}>"
    message.set_content(text)
    return message.as_bytes()


@dataclass
class Post:
    """The services over a database, and looks into it."""

    db: Database
    clock: Clock
    requests: RequestsService
    letters: LettersService
    contractors: ContractorsService

    async def make(self, *names: str) -> list[Request]:
        """Make requests: `101/12`, `101`."""
        made = []
        for name in names:
            number, _, position = name.partition("/")
            async with self.db.transaction() as tx:
                made.append(await self.requests.create(tx, Draft(number, position, f"Leak {name}"), OKSANA))
        return made

    async def receive(
        self,
        said: Reading,
        came: Letter | None = None,
        *,
        key: str = "",
        senders: Sequence[str] = (),
        mode: Mode = "apply",
    ) -> State | None:
        """Receive a letter; under a key of its own unless one is given."""
        came = came or letter()
        async with self.db.transaction() as tx:
            return await self.letters.receive(
                tx, "contractor", key or came.message_id, came, said, senders=senders, mode=mode
            )

    async def link(self, letter_id: int, request_id: int, actor: Actor = OKSANA) -> Record:
        async with self.db.transaction() as tx:
            return await self.letters.link(tx, letter_id, request_id, actor)

    async def create(self, letter_id: int, actor: Actor = OKSANA) -> Record:
        async with self.db.transaction() as tx:
            return await self.letters.create_request(tx, letter_id, actor)

    async def dismiss(self, letter_id: int, actor: Actor = OKSANA) -> Record:
        async with self.db.transaction() as tx:
            return await self.letters.dismiss(tx, letter_id, actor)

    async def undo(self, letter_id: int, actor: Actor = OKSANA) -> Record:
        async with self.db.transaction() as tx:
            return await self.letters.undo(tx, letter_id, actor)

    async def confirm(self, letter_id: int, actor: Actor = OKSANA) -> Record:
        async with self.db.transaction() as tx:
            return await self.letters.confirm(tx, letter_id, actor)

    async def wrong(self, letter_id: int, actor: Actor = OKSANA) -> Record:
        async with self.db.transaction() as tx:
            return await self.letters.wrong(tx, letter_id, actor)

    async def begin(self, *, has_history: bool = False, identity: str = "imap://a/INBOX") -> MailboxState:
        async with self.db.transaction() as tx:
            return await self.letters.begin(tx, "contractor", identity, has_history=has_history)

    async def mailbox(self) -> MailboxState:
        async with self.db.reading() as connection:
            state = await self.letters.mailbox(connection, "contractor")
        assert state is not None
        return state

    async def contractor(self, name: str, pattern: str) -> Contractor:
        async with self.db.transaction() as tx:
            made = await self.contractors.create(tx, name, OKSANA)
            return await self.contractors.add_pattern(tx, made.id, pattern, OKSANA)

    async def give(self, request_id: int, contractor_id: int) -> None:
        """Say whose a request is."""
        async with self.db.transaction() as tx:
            await self.requests.set_contractor(tx, request_id, contractor_id, OKSANA)

    async def wrote(
        self, message_id: str, request_id: int, to: str = CONTRACTOR, state: OutgoingState = "sent"
    ) -> None:
        """A letter of ours that went out."""
        ours = OutgoingLetter(
            id=0,
            message_id=message_id,
            kind="nudge",
            source="contractor",
            request_id=request_id,
            letter_id=None,
            recipients=(to,),
            subject="Pump",
            text="How is it?",
            thread=(),
            author="Oksana",
            author_id=7,
            origin="chat:-100",
            created_at=self.clock.now(),
            state=state,
        )
        async with self.db.transaction() as tx:
            await outgoing_store.add(tx, ours)

    async def all(self) -> list[Record]:
        """The letters, oldest first."""
        async with self.db.reading() as connection:
            return (await store.list_letters(connection, limit=10_000))[::-1]

    async def last(self) -> Record:
        return (await self.all())[-1]

    async def request(self, name: str) -> Request:
        number, _, position = name.partition("/")
        async with self.db.reading() as connection:
            return (await requests_store.find(connection, number, position))[0]

    async def history(self, name: str) -> list[HistoryEntry]:
        """What happened to a request after it was made, oldest first."""
        request = await self.request(name)
        async with self.db.reading() as connection:
            return (await requests_store.list_history(connection, request.id, limit=1000))[-2::-1]

    async def told(self, kind: str = "letter") -> list[tuple[str, str]]:
        """Mode and subject of the notices of a kind."""
        query = select(notices.c.mode, notices.c.subject).where(notices.c.kind == kind).order_by(notices.c.id)
        async with self.db.reading() as connection:
            return [tuple(row) for row in await connection.execute(query)]


def post_of(
    db: Database, clock: Clock, kind: type[LettersService] = LettersService, options: LettersOptions | None = None
) -> Post:
    people = PeopleService(clock, (), Reader("en", "UTC"))
    alerts = AlertsService(clock, (Route(DUTY, ("requests",)),))
    hour = timedelta(hours=1)
    requests = RequestsService(clock, WORKFLOW, people, alerts, late_after=hour, working_hours=WorkingHours())
    contractors = ContractorsService(clock, people)
    letters = kind(clock, people, requests, alerts, contractors, options or LettersOptions())
    return Post(db, clock, requests, letters, contractors)
