"""What the tests of letters of ours share: the services, a mailbox that sends, looks into what happened."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import select

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.errors import VakhtaError
from core.letters import store as letters_store
from core.letters.outgoing import OutgoingLetter
from core.letters.record import Effect, Reason, Record
from core.letters.sending import OutgoingService
from core.people.model import Actor, Reader
from core.people.service import PeopleService
from core.requests import store as requests_store
from core.requests.contractors import ContractorsService
from core.requests.model import WORKFLOW, Draft, Request, WorkingHours
from core.requests.service import RequestsService
from jobs.letters.post import PostJob
from tests.conftest import NOON, ManualClock

OKSANA = Actor("Oksana", 7, "chat:7")
TARAS = Actor("Taras", 8, "chat:-100")
OURS, HONCHAR = "duty@vakhta.example", "p.honchar@contractor.example"
TO = (HONCHAR,)


@dataclass
class Sent:
    """A post that takes letters, or does what the test says."""

    letters: list[bytes] = field(default_factory=list)
    errors: list[VakhtaError] = field(default_factory=list)

    async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
        assert (sender, tuple(recipients)) == (OURS, TO)
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        self.letters.append(message)

    def header(self, name: str, index: int = -1) -> str:
        return str(message_from_bytes(self.letters[index], policy=policy.default)[name])


@dataclass
class Desk:
    """The services over a database, a mailbox that sends, and looks into what happened."""

    db: Database
    clock: ManualClock
    people: PeopleService
    requests: RequestsService
    contractors: ContractorsService
    outgoing: OutgoingService
    post: Sent = field(default_factory=Sent)

    def job(self) -> PostJob:
        return PostJob(self.db, self.clock, self.outgoing, "contractor", self.post, OURS)

    async def make(self, name: str = "101/12", contractor: str = "") -> Request:
        number, _, position = name.partition("/")
        async with self.db.transaction() as tx:
            request = await self.requests.create(tx, Draft(number, position, "Leak"), OKSANA)
            if contractor:
                known = await self.contractors.create(tx, contractor.partition("@")[2], OKSANA)
                await self.contractors.add_pattern(tx, known.id, contractor, OKSANA)
                request = await self.requests.set_contractor(tx, request.id, known.id, OKSANA)
        return request

    async def came(self, about: Sequence[Request] = (), n: int = 1, **changes: Any) -> int:
        """A letter that came about these requests; its id."""
        values: dict[str, Any] = {
            "id": 0,
            "message_id": f"{n}@contractor.example",
            "source": "contractor",
            "sender": HONCHAR,
            "sender_name": "",
            "subject": "Leak",
            "moment": NOON,
            "recorded_at": NOON,
            "excerpt": "On our way.",
            "note": "On our way.",
            "outcome": "update",
            "reason": Reason("A reason."),
            "effects": tuple(Effect(each.id, each.name, None, False) for each in about),
            "state": "applied",
            "request_id": about[0].id if about else None,
            "thread": ("0@contractor.example",),
        }
        async with self.db.transaction() as tx:
            return await letters_store.add(tx, Record(**(values | changes)))

    async def nudge(self, request: Request, actor: Actor = OKSANA) -> OutgoingLetter:
        async with self.db.transaction() as tx:
            return await self.outgoing.draft_nudge(tx, request.id, actor)

    async def answer(self, letter_id: int) -> OutgoingLetter:
        async with self.db.transaction() as tx:
            return await self.outgoing.draft_answer(tx, letter_id, OKSANA)

    async def do(self, what: str, letter: OutgoingLetter, *more: str, actor: Actor = OKSANA) -> OutgoingLetter:
        async with self.db.transaction() as tx:
            done: OutgoingLetter = await getattr(self.outgoing, what)(tx, letter.id, *more, actor)
        return done

    async def queued(self, name: str = "101/12") -> OutgoingLetter:
        """A question that somebody has pressed "Send" for."""
        request = await self.make(name)
        await self.came([request], n=request.id)
        return await self.do("queue", await self.nudge(request))

    async def now(self, letter: OutgoingLetter) -> OutgoingLetter:
        async with self.db.reading() as connection:
            return await self.outgoing.get(connection, letter.id)

    async def comments(self, request_id: int | None) -> list[tuple[str, str]]:
        assert request_id is not None
        async with self.db.reading() as connection:
            entries = await requests_store.list_history(connection, request_id)
        return [(entry.actor, entry.text) for entry in reversed(entries) if entry.kind == "comment"]

    async def alarms(self) -> list[int]:
        """The chats that were told anew of a letter of ours."""
        query = select(notices.c.chat_id).where(notices.c.kind == "unsent", notices.c.mode == "new")
        async with self.db.reading() as connection:
            return list((await connection.execute(query.order_by(notices.c.id))).scalars())


def desk_of(db: Database, clock: ManualClock, senders: dict[str, str] | None = None) -> Desk:
    people = PeopleService(clock, (), Reader("en", "UTC"))
    alerts = AlertsService(clock, (Route(Destination(-100, 5), ("requests",)),))
    hour = timedelta(hours=1)
    requests = RequestsService(clock, WORKFLOW, people, alerts, late_after=hour, working_hours=WorkingHours())
    contractors = ContractorsService(clock, people)
    known = {"contractor": OURS} if senders is None else senders
    outgoing = OutgoingService(
        clock, people, requests, contractors, alerts, senders=known, own=("spare@vakhta.example",)
    )
    return Desk(db, clock, people, requests, contractors, outgoing)
