"""What every use case of letters shares: remembering a letter, doing what it says, and asking a person."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Mode as Shown
from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock, iso
from core.errors import UserError
from core.letters import content_store, contents, memory_store, store, triage
from core.letters.model import Letter, Update
from core.letters.record import SPOKEN, Content, Effect, Learned, LettersOptions, Record, Step
from core.letters.ticketing import find_tickets
from core.people.model import Actor
from core.people.service import PeopleService
from core.requests.contractor_rules import pattern_for
from core.requests.contractors import ContractorsService
from core.requests.model import ROBOT, Request
from core.requests.service import RequestsService
from core.text import N_

COMMENT_LIMIT: Final = 1000
OPEN_LOOKED_AT: Final = 1000
"""How many open requests are compared with a letter nobody could place, those with the latest news first."""
NAMES_LOOKED_AT: Final = 10

UNKNOWN: Final = N_("There is no request {name}.")
SEVERAL: Final = N_("Request {name} has several positions, and the letter does not say which.")
STRANGER: Final = N_("{sender} is not on the list of those whose letters may change a request.")
OTHERS: Final = N_("Request {name} is with {contractor}.")

Placed = tuple[Request, str | None]
"""A request that is surely meant, and the status that is told of it."""


class AlreadyDecidedError(UserError):
    """Nothing is left to be decided about this letter; `record` says what was and by whom."""

    def __init__(self, record: Record) -> None:
        super().__init__("This letter has been dealt with already.")
        self.record = record


class Desk:
    """Joins the caller's transaction, as every service."""

    def __init__(
        self,
        clock: Clock,
        people: PeopleService,
        requests: RequestsService,
        alerts: AlertsService,
        contractors: ContractorsService,
        options: LettersOptions,
    ) -> None:
        self._clock = clock
        self._people = people
        self._requests = requests
        self._alerts = alerts
        self._contractors = contractors
        self.options = options
        self.workflow = requests.workflow

    async def get(self, connection: AsyncConnection, letter_id: int) -> Record:
        """A letter by its id. Raises `UserError` when there is none."""
        record = await store.get(connection, letter_id)
        if record is None:
            raise UserError("This letter does not exist any more.")
        return record

    async def content(self, connection: AsyncConnection, letter_id: int) -> Content | None:
        """A letter as it was decoded and what was read from it; None when it was received before that was kept."""
        packed = await content_store.content(connection, letter_id)
        return None if packed is None else contents.unpacked(packed)

    # --- doing what a letter says

    async def _do(
        self,
        tx: AsyncConnection,
        record: Record,
        placed: Sequence[Placed],
        step: Step,
        letter: Letter | None,
        by: Actor | None = None,
    ) -> tuple[Record, Step]:
        """Do to these requests what a letter says; the record with what was done, and the step that remembers it.

        `by` is the person who said so. What is learned from a letter is learned from `letter`.
        """
        effects = list(record.effects)
        assigned: list[int] = []
        for request, status in placed:
            effects.append(await self._apply(tx, record, request, status, effects, by))
            if record.contractor_id is not None and request.contractor_id is None:
                actor = Actor(ROBOT, None, f"letter:{record.message_id}")
                await self._requests.set_contractor(tx, request.id, record.contractor_id, actor)
                assigned.append(request.id)
        about = tuple(dict.fromkeys(effect.request_id for effect in effects))
        if len(about) > 1:
            await memory_store.add_requests(tx, record.id, about[1:])
        tickets: tuple[Learned, ...] = ()
        if letter is not None and len(about) == 1 and placed:
            tickets = await self._learn(tx, record, letter, placed[0][0], over=by is not None)
        record = replace(record, effects=tuple(effects), request_id=next(iter(about), None))
        return record, replace(
            step,
            effects=step.effects + len(placed),
            assigned=(*step.assigned, *assigned),
            tickets=(*step.tickets, *tickets),
        )

    async def _apply(
        self,
        tx: AsyncConnection,
        record: Record,
        request: Request,
        status: str | None,
        before: Sequence[Effect],
        by: Actor | None,
    ) -> Effect:
        """Do to one request what the letter says, as of the letter's own time; `before` is what it did already.

        A later letter that told the status it stood in already counts too: this one does not turn it back.
        """
        actor = Actor(ROBOT, None, f"letter:{record.message_id}")
        if record.source == SPOKEN and by is not None:
            actor = Actor(record.sender_name, by.id if by.name == record.sender_name else None, by.origin)
        spoken = sum(effect.request_id == request.id for effect in before)
        ref = f"{record.subject_key}:{request.id}" + (f":{spoken}" if spoken else "")
        status = self._known(status)
        late = status is not None and await memory_store.told_after(tx, request.id, record.moment, record.id)
        words = "" if spoken else record.note.strip()[:COMMENT_LIMIT]
        moved = await self._requests.report(tx, request, None if late else status, words, actor, record.moment, ref)
        return Effect(request.id, request.name, status, moved, ref)

    def _known(self, status: str | None) -> str | None:
        return status if status in self.workflow.codes else None

    # --- the contractor's own numbers

    def _owners(self, record: Record) -> list[str]:
        """Under whose name the ticket numbers of a letter are known, the surest first."""
        owners = [] if record.contractor_id is None else [f"contractor:{record.contractor_id}"]
        whose = pattern_for(record.sender).lstrip("@")
        return [*owners, whose] if whose else owners

    async def _ticketed(self, tx: AsyncConnection, record: Record, letter: Letter | None) -> tuple[str, Request] | None:
        """The one ticket number of a letter and the request that it stands for, if it is known."""
        numbers = find_tickets(letter) if letter is not None else ()
        owners = self._owners(record)
        if len(numbers) != 1 or not owners:  # of several, who knows which one the letter is about
            return None
        known = await memory_store.ticket_requests(tx, owners, numbers)
        return (numbers[0], await self._requests.get(tx, known[numbers[0]])) if known else None

    async def _learn(
        self, tx: AsyncConnection, record: Record, letter: Letter, request: Request, *, over: bool
    ) -> tuple[Learned, ...]:
        """Remember the ticket number of a letter; `over`: also where it stood for another request."""
        numbers = [number for number in find_tickets(letter) if number != request.number.upper()]
        owners = self._owners(record)
        if len(numbers) != 1 or not owners:
            return ()
        (number,), owner = numbers, owners[0]
        before = (await memory_store.ticket_requests(tx, [owner], numbers)).get(number)
        if before == request.id or (before is not None and not over):
            return ()
        await memory_store.save_ticket(tx, owner, number, request.id, self._clock.now())
        return (Learned(owner, number, request.id),)

    # --- asking a person

    async def _ask(self, tx: AsyncConnection, record: Record, waiting: triage.Waiting) -> Record:
        """Leave the rest to a person: work out what may be meant, and show the card."""
        record = await self._with_guesses(tx, record, waiting)
        record = replace(record, state="triage", waiting_since=self._clock.now())
        await store.save_verdict(tx, record)
        await self._tell(tx, record, "card")
        return record

    async def _with_guesses(self, tx: AsyncConnection, record: Record, waiting: triage.Waiting) -> Record:
        """The record with what a person may choose from."""
        number, position = await self._new_name(tx, waiting)
        return replace(
            record,
            status=self._known(waiting.status),
            number=number,
            position=position,
            candidates=triage.candidates(await self._hints(tx, record, waiting)),
        )

    async def _new_name(self, tx: AsyncConnection, waiting: triage.Waiting) -> triage.Name | tuple[None, str]:
        """What a new request would be called: the first that the letter means and that does not exist."""
        for number, position in waiting.names[:NAMES_LOOKED_AT]:
            if not await self._requests.find(tx, number, position or None):
                return number, position
        return None, ""

    async def _hints(self, tx: AsyncConnection, record: Record, waiting: triage.Waiting) -> triage.Hints:
        names = (waiting.names + waiting.quoted)[:NAMES_LOOKED_AT]
        named = [each for number in dict(names) for each in await self._requests.find(tx, number)]
        content = await self.content(tx, record.id)
        ticketed = await self._ticketed(tx, record, content.letter if content else None)
        return triage.Hints(
            names=names,
            named=tuple(named),
            tickets=(ticketed,) if ticketed else (),
            thread=await self._all(tx, await memory_store.thread_requests(tx, record.thread)),
            sender=await self._all(tx, await memory_store.sender_requests(tx, record.sender)),
            open=tuple(await self._requests.unfinished(tx, limit=OPEN_LOOKED_AT)),
        )

    async def _all(self, tx: AsyncConnection, ids: Iterable[int]) -> tuple[Request, ...]:
        return tuple([await self._requests.get(tx, request_id) for request_id in ids])

    async def _tell(self, tx: AsyncConnection, record: Record, mode: Shown, by: Actor | None = None) -> None:
        """Let the letter's card be shown, or drawn anew where it is shown."""
        dedup = f"{record.subject_key}:{record.state}:{iso(self._clock.now())}:{len(record.steps)}"
        shown_in = by.chat_id if by and mode == "card" else None
        telling = Telling("letter", record.subject_key, dedup, "requests", mode, shown_in=shown_in)
        await self._alerts.tell(tx, telling)


def is_listed(sender: str, senders: Sequence[str]) -> bool:
    """Whether letters of that address may change a request; an empty list means anybody's."""
    return not senders or any(fnmatchcase(sender.lower(), pattern.lower()) for pattern in senders)


def name_of(update: Update) -> str:
    """How people call what an update is about: `101/12`, `101`."""
    return f"{update.request}/{update.position}" if update.position else update.request
