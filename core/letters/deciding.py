"""What a person says about a letter, and taking it back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import UserError
from core.letters import content_store, contents, memory_store, store, triage
from core.letters.desk import UNKNOWN, AlreadyDecidedError, Placed, name_of
from core.letters.history import Histories
from core.letters.mime import strip_subject
from core.letters.model import CANCELLED, Letter, Reading, Update
from core.letters.placing import MUTED, TAKEN_BACK
from core.letters.receiving import Receiving
from core.letters.record import DECIDED, SPOKEN, Answer, Content, Reason, Record, State, Step
from core.letters.rows import storable
from core.people.model import Actor
from core.requests.model import Draft, Request
from core.requests.service import AlreadyExistsError
from core.text import N_

TITLE_LIMIT: Final = 120
ASKED_AT_ONCE: Final = 50
"""Letters of a sender who is heard again that people are asked about; older ones stay in the list of letters."""

WRONG: Final = N_("It was read wrong, says {by}.")


class Deciding(Receiving, Histories):
    """Each decision is applied, remembered as a step, and taken back with all that it did by `undo`.

    Every one raises `AlreadyDecidedError` when nobody is asked about the letter any more.
    """

    async def link(self, tx: AsyncConnection, letter_id: int, request_id: int, actor: Actor) -> Record:
        """Apply a letter to the request that a person chose."""
        asked = await self._undecided(tx, letter_id)
        request = await self._requests.get(tx, request_id)
        answer: Answer = "confirmed" if _is_proposed(asked, request) else "corrected"
        return await self._decide(tx, asked, "linked", actor, request, answer=answer)

    async def create_request(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """Make the request a letter names and apply the letter to it; to the existing one if somebody was faster.

        Raises `UserError` when the letter names no number.
        """
        asked = await self._undecided(tx, letter_id)
        record = await self._opened(tx, asked)
        if record.number is None:
            raise UserError("This letter names no number for a new request. /new makes one.")
        draft = Draft(record.number, record.position, _title(record))
        try:
            made = await self._requests.create(tx, draft, actor)
        except AlreadyExistsError as error:
            there = error.request
            made = await self._requests.take_back(tx, there.id, [_withdrawal(record)], actor)
            if made.status == there.status:  # it is not the one that this letter made once, and that was withdrawn
                return await self._decide(tx, asked, "linked", actor, there)
        return await self._decide(tx, asked, "created", actor, made, made=made.id)

    async def dismiss(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """A person says that a letter is about no request: it changes nothing."""
        return await self._decide(tx, await self._undecided(tx, letter_id), "dismissed", actor, None)

    async def ignore_sender(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """This letter and the others of its sender that wait are about no request, and what comes later is ignored.

        Raises `UserError` when the letter has no sender.
        """
        record = await self._undecided(tx, letter_id)
        if not record.sender:
            raise UserError("This letter does not say who sent it.")
        new = await memory_store.ignore(tx, record.sender, actor.name, self._clock.now())
        others = [each for each in await store.waiting_of_sender(tx, record.sender) if each.id != record.id]
        for each in others:
            await self._decide(tx, each, "dismissed", actor, None)
        also = tuple(each.id for each in others)
        return await self._decide(tx, record, "dismissed", actor, None, muted=new, also=also)

    async def same_contractor(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """The sender's address is the contractor's that its thread is with; the letter is applied as the contractor's.

        Raises `UserError` when the letter makes no such offer, and when another contractor has the address.
        """
        record = await self._undecided(tx, letter_id)
        offer = record.offer
        if offer is None:
            raise UserError("This letter is in no thread with a contractor.")
        known = await self._contractors.get(tx, offer.contractor_id)
        await self._contractors.add_pattern(tx, offer.contractor_id, offer.pattern, actor)
        step = Step("triage", record.reason)
        if offer.pattern not in known.patterns:
            step = replace(step, pattern=offer.pattern, contractor_id=offer.contractor_id)
        record = replace(record, contractor_id=offer.contractor_id)
        record = await self._settle(tx, record, await self._content(tx, record), mode="apply", step=step)
        if not record.waits:
            record = replace(record, decided_by=actor.name, decided_at=self._clock.now())
        return await self._decided(tx, record, "same-contractor", actor, offer.pattern)

    async def confirm(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """What was read is right: it is applied, and what could not be placed is asked about."""
        record = await self._proposed(tx, letter_id)
        placed: list[Placed] = []
        missing: list[Update] = []
        for update in record.updates:
            found = await self._requests.find(tx, update.request, update.position)
            placed += [(request, update.status) for request in found[:1]]
            missing += [] if found else [update]
        content = await self.content(tx, record.id)
        letter = content.letter if content else None
        step = Step("proposed", record.reason, answer="confirmed")
        record, step = await self._do(tx, record, placed, step, letter, actor)
        record = replace(record, steps=(*record.steps, step))
        await self._answer(tx, record, step.answer)
        if missing:
            reason = Reason(UNKNOWN, {"name": name_of(missing[0])})
            names = tuple((update.request, update.position or "") for update in missing)
            record = await self._ask(tx, replace(record, reason=reason), triage.Waiting(names))
        elif record.number is not None or record.candidates:  # what could not be placed when it was proposed
            record = replace(record, state="triage", waiting_since=self._clock.now())
        else:
            state: State = "applied" if any(status for _, status in placed) else "noted"
            record = replace(record, state=state, decided_by=actor.name, decided_at=self._clock.now())
        return await self._decided(tx, record, "confirmed", actor)

    async def wrong(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """What was read is wrong: a person says which request is meant. What a person wrote is just forgotten."""
        record = await self._proposed(tx, letter_id)
        if record.source == SPOKEN:
            return await self._decide(tx, record, "dismissed", actor, None)
        step = Step("proposed", record.reason, answer="corrected")
        record = await self._opened(tx, record)
        record = replace(record, state="triage", reason=Reason(WRONG, {"by": actor.name}), steps=(*record.steps, step))
        await self._answer(tx, record, step.answer)
        return await self._decided(tx, record, "wrong", actor)

    async def undo(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """Take back the last that became of a letter, with all that it did; a person is asked about it anew.

        Where that was ignoring its sender, people are asked about what came meanwhile, too. Raises `UserError` when
        nothing became of it yet.
        """
        record = await self.get(tx, letter_id)
        step = _last_step(record)
        if step is None:
            raise UserError("Nothing was done with this letter that could be taken back.")
        record = await self._take_back(tx, record, step, actor)
        for each in [await self.get(tx, also) for also in step.also]:
            its_step = _last_step(each)
            if each.state == "dismissed" and its_step is not None and not its_step.muted:
                await self._asked_anew(tx, await self._take_back(tx, each, its_step, actor), its_step)
        record = await self._asked_anew(tx, record, step)
        await self._people.audit(tx, actor, "letter-undone", record.subject_key, "")
        if step.muted:
            await self._heard_after_all(tx, await self._swallowed(tx, record))
        return record

    async def swallowed(self, connection: AsyncConnection, letter_id: int) -> int:
        """How many letters `undo` of this one would ask people about, because only its sender was ignored."""
        record = await self.get(connection, letter_id)
        step = _last_step(record)
        return len(await self._swallowed(connection, record)) if step is not None and step.muted else 0

    async def apply_reread(self, tx: AsyncConnection, letter_id: int, actor: Actor, *, decided: bool = False) -> Record:
        """Take back what a letter did, and do what the present words read from it, as if it came now.

        Raises `AlreadyDecidedError` for one that a person has decided about, unless `decided` is asked for too, and
        `UserError` when its text was not kept.
        """
        record = await self.get(tx, letter_id)
        if record.decided_by is not None and not decided:
            raise AlreadyDecidedError(record)
        reading = (await self.reread(tx, letter_id)).after
        content = replace(await self._content(tx, record), reading=reading)
        asks = record.state == "proposed" or any(step.answer for step in record.steps)
        while (step := _last_step(record)) is not None:
            record = await self._take_back(tx, record, step, actor)
        note = storable(reading.note or content.letter.subject)
        record = replace(record, outcome=reading.outcome, updates=reading.updates, note=note)
        record = await self._with_contractor(tx, record)
        await store.save_reading(tx, record)
        await content_store.save(tx, record.id, contents.packed(content.letter, reading))
        record = replace(record, status=None, number=None, position="", candidates=())
        record = await self._settle(tx, record, content, mode="confirm" if asks else "apply")
        return await self._decided(tx, record, "read-again", actor)

    # --- deciding

    async def _undecided(self, tx: AsyncConnection, letter_id: int) -> Record:
        record = await self.get(tx, letter_id)
        if not record.waits:
            raise AlreadyDecidedError(record)
        return record

    async def _proposed(self, tx: AsyncConnection, letter_id: int) -> Record:
        record = await self.get(tx, letter_id)
        if record.state != "proposed":
            raise AlreadyDecidedError(record)
        return record

    async def _opened(self, tx: AsyncConnection, record: Record) -> Record:
        """A letter whose reading is not trusted: with what a person may choose from instead."""
        if record.state != "proposed":
            return record
        reading = (await self._content(tx, record)).reading
        return await self._with_guesses(tx, record, triage.waiting(reading, reading.updates))

    async def _decide(
        self,
        tx: AsyncConnection,
        asked: Record,
        state: State,
        actor: Actor,
        request: Request | None,
        *,
        answer: Answer = "corrected",
        made: int | None = None,
        muted: bool = False,
        also: tuple[int, ...] = (),
    ) -> Record:
        """What every decision does: apply the letter to the request chosen, if any, and remember who said so."""
        step = Step(asked.state, asked.reason, made=made, muted=muted, also=also)
        if asked.state == "proposed" and asked.source != SPOKEN:
            step = replace(step, answer=answer)
        record = await self._opened(tx, asked)
        if request is not None:
            letter = (await self._content(tx, record)).letter
            record, step = await self._do(tx, record, ((request, record.status),), step, letter, actor)
        await self._answer(tx, record, step.answer)
        record = replace(
            record,
            state=state,
            steps=(*record.steps, step),
            decided_by=actor.name,
            decided_at=self._clock.now(),
        )
        return await self._decided(tx, record, state, actor, f"request:{request.id}" if request else "")

    async def _decided(
        self, tx: AsyncConnection, record: Record, action: str, actor: Actor, details: str = ""
    ) -> Record:
        await store.save_verdict(tx, record)
        await self._people.audit(tx, actor, f"letter-{action}", record.subject_key, details)
        await self._tell(tx, record, "refresh")
        return record

    # --- taking back

    async def _take_back(self, tx: AsyncConnection, record: Record, step: Step, actor: Actor) -> Record:
        """Undo all that a step did; the record as it was before, but for what a person may choose from."""
        kept = record.effects[: len(record.effects) - step.effects]
        for effect in record.effects[len(kept) :]:
            ref = effect.ref or f"{record.subject_key}:{effect.request_id}"
            await self._requests.take_back(tx, effect.request_id, [f"{ref}:status", f"{ref}:comment"], actor)
        for request_id in step.assigned:
            if (await self._requests.get(tx, request_id)).contractor_id == record.contractor_id:
                await self._requests.set_contractor(tx, request_id, None, actor)
        if step.made is not None:
            await self._withdraw(tx, record, step.made, actor)
        await self._forget(tx, record, step, actor)
        about = tuple(dict.fromkeys(effect.request_id for effect in kept))
        dropped = {effect.request_id for effect in record.effects} - set(about)
        if len(record.effects) > 1 and dropped:
            await memory_store.drop_requests(tx, record.id, sorted(dropped))
        return replace(
            record,
            effects=kept,
            steps=record.steps[:-1],
            request_id=next(iter(about), None),
            contractor_id=None if step.pattern else record.contractor_id,
            state=step.before,
            reason=step.reason,
            decided_by=None,
            decided_at=None,
        )

    async def _forget(self, tx: AsyncConnection, record: Record, step: Step, actor: Actor) -> None:
        """Undo what was learned: the ticket, the sender that was ignored, the address, the answer that was counted."""
        for learned in step.tickets:
            await memory_store.forget_ticket(tx, learned)
        if step.muted:
            await memory_store.hear_again(tx, record.sender)
        if step.pattern and step.contractor_id is not None:
            known = await self._contractors.get(tx, step.contractor_id)
            if known.archived_at is None:  # else its addresses are free already
                await self._contractors.remove_pattern(tx, known.id, step.pattern, actor)
        await self._answer(tx, record, step.answer, back=True)

    async def _withdraw(self, tx: AsyncConnection, record: Record, request_id: int, actor: Actor) -> None:
        """Cancel the request that a letter made; making it from this letter again brings it back."""
        finals = self.workflow.finals
        end = CANCELLED if CANCELLED in finals else next(iter(finals), None)
        if end is not None:
            await self._requests.set_status(tx, request_id, end, actor, ref=_withdrawal(record))

    async def _asked_anew(self, tx: AsyncConnection, record: Record, step: Step) -> Record:
        """Show a letter that was taken back to a person, as it was shown before or as it is understood now."""
        await store.set_reminded(tx, [record.id], None)
        content = await self._content(tx, record)
        if step.before == "proposed" and record.source != SPOKEN:
            plan = await self._plan(tx, record, content)
            if plan.placed:
                return await self._propose(tx, replace(record, reason=plan.reason), plan)
        elif step.pattern:
            plan = await self._plan(tx, record, content)
            record = replace(record, reason=plan.reason, offer=plan.offer)
        elif step.before == "proposed" or step.reason.sentence != TAKEN_BACK:
            record = replace(record, waiting_since=self._clock.now())
            await store.save_verdict(tx, record)
            await self._tell(tx, record, "card")
            return record
        return await self._ask(tx, record, triage.waiting(content.reading, content.reading.updates))

    async def _swallowed(self, connection: AsyncConnection, record: Record) -> list[Record]:
        """What came from that letter's sender while the sender was ignored; of very much the latest."""
        found = await store.ignored_of_sender(connection, record.sender) if record.sender else []
        return [each for each in found if each.reason.sentence == MUTED][-ASKED_AT_ONCE:]

    async def _heard_after_all(self, tx: AsyncConnection, swallowed: Sequence[Record]) -> None:
        """Ask people about letters that an ignored sender wrote: none is applied so late without a yes."""
        for each in swallowed:
            record = await self._with_contractor(tx, each)
            await self._settle(tx, record, await self._content(tx, record), mode="confirm")

    async def _content(self, tx: AsyncConnection, record: Record) -> Content:
        """What a letter held; of one that came before that was kept, what its record says."""
        kept = await self.content(tx, record.id)
        return kept if kept is not None else _from_record(record)


def _last_step(record: Record) -> Step | None:
    """What is taken back next; of a letter that came before steps were kept, everything."""
    if record.steps:
        return record.steps[-1]
    if record.effects or record.state in (*DECIDED, "ignored"):
        return Step("triage", Reason(TAKEN_BACK), effects=len(record.effects))
    return None


def _from_record(record: Record) -> Content:
    letter = Letter(
        message_id=record.message_id,
        sender=record.sender,
        sender_name=record.sender_name,
        to=(),
        subject=record.subject,
        sent_at=record.moment,
        received_at=record.moment,
        in_reply_to=record.thread[-1] if record.thread else None,
        references=record.thread,
        text=record.excerpt,
        new_text=record.excerpt,
        forwarded_subject="",
        forwarded_text="",
        quoted_text="",
        automatic=None,
    )
    return Content(letter, Reading(record.outcome, record.updates, record.reason.sentence, (), record.note))


def _is_proposed(record: Record, request: Request) -> bool:
    """Whether exactly this request was proposed."""
    return [(update.request, update.position) for update in record.updates] == [(request.number, request.position)]


def _withdrawal(record: Record) -> str:
    """Under what the history of a request that this letter made knows that it was withdrawn."""
    return f"{record.subject_key}:withdrawn"


def _title(record: Record) -> str:
    """What a new request is about: the letter's subject without its "Re:", else its first words."""
    for words in (strip_subject(record.subject)[0], record.note, record.excerpt, record.sender):
        title = " ".join(words.split())
        if title:
            return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1].rstrip() + "…"
    return record.message_id[:TITLE_LIMIT]
