"""Which requests a letter is surely about; it is applied to them, or proposed, or a person is asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from core.letters import memory_store, store, triage
from core.letters.desk import OTHERS, SEVERAL, STRANGER, UNKNOWN, Desk, Placed, name_of
from core.letters.model import Update
from core.letters.record import Content, Mode, Offer, Reason, Record, Step
from core.letters.threads import Earlier, Unnumbered, only_request, unnumbered
from core.requests.contractor_rules import pattern_for
from core.requests.model import Request
from core.text import N_

MUTED: Final = N_("Letters from {sender} are ignored, says {by}.")
NEW_ADDRESS: Final = N_("{sender} is new in a thread with {contractor}.")
ANOTHER: Final = N_("A letter with the same Message-ID came before and says something else.")
BY_THREAD: Final = N_("The thread is about request {name}.")
FINISHED: Final = N_("Request {name} is finished, and the letter does not name it.")
BY_TICKET: Final = N_("The ticket number {ticket} is that of request {name}.")
TAKEN_BACK: Final = N_("What was done with it was taken back.")
_SHORTEST_TICKET: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with a letter: apply `placed`, then ask about the rest, if `waiting` says there is one."""

    reason: Reason
    placed: tuple[Placed, ...] = ()
    waiting: triage.Waiting | None = None
    offer: Offer | None = None


class Placing(Desk):
    """From a reading to what becomes of the letter."""

    async def _settle(
        self, tx: AsyncConnection, record: Record, content: Content, *, mode: Mode, step: Step | None = None
    ) -> Record:
        """Do what a letter says where it is sure, ask where it is not; `step` is what a person did before."""
        if content.reading.outcome == "ignore":
            record = replace(record, state="ignored")
            await store.save_verdict(tx, record)
            return record
        ignored_by = await memory_store.ignored_by(tx, record.sender) if record.sender else None
        if ignored_by is not None:
            reason = Reason(MUTED, {"sender": record.sender, "by": ignored_by})
            record = replace(record, state="ignored", reason=reason)
            await store.save_verdict(tx, record)
            return record
        plan = await self._plan(tx, record, content)
        record = replace(record, reason=plan.reason, offer=plan.offer)
        if plan.placed and mode == "confirm":
            return await self._propose(tx, record, plan)
        return await self._carry_out(tx, record, plan, content, step)

    async def _with_contractor(self, tx: AsyncConnection, record: Record) -> Record:
        """The record with whose address the sender's is, as of now."""
        found = await self._contractors.of_address(tx, record.sender) if record.sender else None
        return replace(record, contractor_id=found.id if found else None)

    async def _carry_out(
        self, tx: AsyncConnection, record: Record, plan: Plan, content: Content, step: Step | None
    ) -> Record:
        done = step or Step("triage", Reason(TAKEN_BACK))
        record, done = await self._do(tx, record, plan.placed, done, content.letter)
        if step is not None or plan.placed:
            record = replace(record, steps=(*record.steps, done))
        if plan.waiting is not None:
            return await self._ask(tx, record, plan.waiting)
        record = replace(record, state=_done(status for _, status in plan.placed))
        await store.save_verdict(tx, record)
        return record

    async def _propose(self, tx: AsyncConnection, record: Record, plan: Plan) -> Record:
        """Ask a person whether it was read well. `updates` name the requests in full; the rest is asked later."""
        updates = tuple(Update(request.number, request.position, status) for request, status in plan.placed)
        record = replace(record, updates=updates, status=None, number=None, position="", candidates=())
        if plan.waiting is not None:
            record = await self._with_guesses(tx, record, plan.waiting)
        record = replace(record, state="proposed", waiting_since=self._clock.now())
        await store.save_verdict(tx, record)
        await self._tell(tx, record, "card")
        return record

    # --- which requests are meant

    async def _plan(self, tx: AsyncConnection, record: Record, content: Content) -> Plan:
        reading = content.reading
        whole = triage.waiting(reading, reading.updates)
        if record.is_another:
            return Plan(Reason(ANOTHER), waiting=whole)
        if record.contractor_id is None and record.standing != "listed" and record.thread:
            offer = await self._offer(tx, record)
            if offer is not None:
                values = {"sender": record.sender or "?", "contractor": offer.contractor}
                return Plan(Reason(NEW_ADDRESS, values), waiting=whole, offer=offer)
        if record.contractor_id is None and record.standing == "stranger":
            return Plan(Reason(STRANGER, {"sender": record.sender or "?"}), waiting=whole)
        if reading.outcome == "triage":
            said = unnumbered(reading)
            found = await self._meant(tx, record, content, said) if said else None
            return found or Plan(Reason(reading.reason), waiting=whole)
        return await self._plan_named(tx, record, content)

    async def _plan_named(self, tx: AsyncConnection, record: Record, content: Content) -> Plan:
        reading = content.reading
        placed, unplaced, reason = await self._place(tx, record, reading.updates)
        if not unplaced:
            return Plan(Reason(reading.reason), placed)
        if not placed and reason.sentence == UNKNOWN:
            found = await self._by_ticket(tx, record, content, unplaced)
            if found is not None:
                return found
        return Plan(reason, placed, triage.waiting(reading, unplaced))

    async def _place(
        self, tx: AsyncConnection, record: Record, updates: Iterable[Update]
    ) -> tuple[tuple[Placed, ...], tuple[Update, ...], Reason]:
        """The requests that are surely meant, the updates that could not be placed, and why the first could not."""
        placed: dict[int, Placed] = {}
        unplaced: list[Update] = []
        reason = Reason("")
        for update in updates:
            found = await self._requests.find(tx, update.request, update.position)
            against = _against(record, update, found)
            if against is None:
                said = placed.get(found[0].id, (found[0], None))[1]
                placed[found[0].id] = (found[0], said or update.status)
                continue
            reason = reason if unplaced else against
            unplaced.append(update)
        return tuple(placed.values()), tuple(unplaced), reason

    async def _meant(self, tx: AsyncConnection, record: Record, content: Content, said: Unnumbered) -> Plan | None:
        """Where a letter belongs that names no request: by its ticket number or its thread; not where they differ."""
        ticketed = await self._ticketed(tx, record, content.letter)
        threaded = await self._threaded(tx, record)
        if ticketed and threaded and ticketed[1].id != threaded.id:
            return None
        request = ticketed[1] if ticketed else threaded
        if request is None or said.position not in (None, request.position):
            return None
        reason = Reason(BY_THREAD, {"name": request.name})
        if ticketed:
            reason = Reason(BY_TICKET, {"ticket": ticketed[0], "name": request.name})
        return self._inferred(record, content, request, said.status, reason)

    async def _by_ticket(
        self, tx: AsyncConnection, record: Record, content: Content, unplaced: Sequence[Update]
    ) -> Plan | None:
        """Where a letter belongs whose only number is not ours: the contractor's own, when it is known."""
        if len({(update.request, update.position) for update in unplaced}) != 1:
            return None
        ticketed = await self._ticketed(tx, record, content.letter)
        named = unplaced[0]
        if ticketed is None or not is_number_of(ticketed[0], named.request):
            return None
        ticket, request = ticketed
        if named.position not in (None, request.position):
            return None
        reason = Reason(BY_TICKET, {"ticket": ticket, "name": request.name})
        return self._inferred(record, content, request, named.status, reason)

    def _inferred(self, record: Record, content: Content, request: Request, status: str | None, reason: Reason) -> Plan:
        """A request that the letter does not name is not opened again, and no other contractor's is touched."""
        against = _against(record, Update(request.number, request.position, status), [request])
        if against is None and status is not None and self.workflow.status(request.status).final:
            against = Reason(FINISHED, {"name": request.name})
        if against is not None:
            return Plan(against, waiting=triage.waiting(content.reading, content.reading.updates))
        return Plan(reason, ((request, status),))

    async def _threaded(self, tx: AsyncConnection, record: Record) -> Request | None:
        """The one request that the letter's thread is about, if it is one and the sender took part."""
        if not record.thread:
            return None
        earlier = [await self._about(tx, each) for each in await memory_store.earlier(tx, record.thread, record.id)]
        request_id = only_request(earlier, record.sender, record.contractor_id)
        return None if request_id is None else await self._requests.get(tx, request_id)

    async def _about(self, tx: AsyncConnection, earlier: Earlier) -> Earlier:
        """An earlier letter with the requests that it speaks of, if it has done nothing yet."""
        if earlier.state == "triage":
            return replace(earlier, unclear=True)
        if earlier.state not in ("proposed", "history"):
            return earlier
        placed: list[int] = []
        for update in earlier.names:
            placed += [request.id for request in await self._requests.find(tx, update.request, update.position)]
        return replace(earlier, requests=tuple(placed), unclear=not placed)

    async def _offer(self, tx: AsyncConnection, record: Record) -> Offer | None:
        """Whose address the sender's may be: the contractor's whose requests the thread is about, if it is one."""
        pattern = pattern_for(record.sender)
        earlier = await memory_store.earlier(tx, record.thread, record.id) if pattern else []
        about = await self._all(tx, dict.fromkeys(request for each in earlier for request in each.requests))
        owners = {request.contractor_id: request.contractor for request in about if request.contractor_id is not None}
        if len(owners) != 1:
            return None
        ((contractor_id, name),) = owners.items()
        return Offer(pattern, contractor_id, name)


def _against(record: Record, update: Update, found: Sequence[Request]) -> Reason | None:
    """Why an update is not applied to what was found under its name; None when it is."""
    if len(found) != 1:
        return Reason(SEVERAL if found else UNKNOWN, {"name": name_of(update)})
    request = found[0]
    if request.contractor_id in (None, record.contractor_id):
        return None
    if record.contractor_id is None and record.standing == "listed":
        return None
    return Reason(OTHERS, {"name": request.name, "contractor": request.contractor})


def is_number_of(ticket: str, number: str) -> bool:
    """Whether a number that was read is a ticket, or its last digits: `SD-9912` was read as 9912."""
    number = number.upper()
    if ticket == number:
        return True
    before = ticket[: -len(number)]
    return len(number) >= _SHORTEST_TICKET and ticket.endswith(number) and not before[-1:].isdigit()


def _done(statuses: Iterable[str | None]) -> Literal["applied", "noted"]:
    return "applied" if any(status is not None for status in statuses) else "noted"
