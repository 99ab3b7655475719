"""What happens to a letter: it is applied to the requests it speaks of, or a person is asked which one it means."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.errors import UserError, VakhtaError
from core.letters import store, triage
from core.letters.mime import strip_subject
from core.letters.model import Letter, Reading, Update
from core.letters.record import THREAD_KEPT, Effect, Reason, Record, State
from core.people.model import Actor
from core.people.service import PeopleService
from core.requests.model import ROBOT, Draft, Request
from core.requests.service import AlreadyExistsError, RequestsService
from core.text import N_

EXCERPT_LIMIT: Final = 4000
COMMENT_LIMIT: Final = 1000
TITLE_LIMIT: Final = 120
OPEN_LOOKED_AT: Final = 1000
"""How many open requests are compared with a letter nobody could place, those with the latest news first."""
NAMES_LOOKED_AT: Final = 10

UNKNOWN: Final = N_("There is no request {name}.")
SEVERAL: Final = N_("Request {name} has several positions, and the letter does not say which.")
STRANGER: Final = N_("{sender} is not on the list of those whose letters may change a request.")


class AlreadyDecidedError(UserError):
    """Nothing is left to be decided about this letter; `record` says what was and by whom."""

    def __init__(self, record: Record) -> None:
        super().__init__("This letter has been dealt with already.")
        self.record = record


class LettersService:
    """The use cases of letters; joins the caller's transaction. A letter is applied once, whatever happens."""

    def __init__(self, clock: Clock, people: PeopleService, requests: RequestsService, alerts: AlertsService) -> None:
        self._clock = clock
        self._people = people
        self._requests = requests
        self._alerts = alerts
        self.workflow = requests.workflow

    async def unseen(self, connection: AsyncConnection, source: str, keys: Sequence[str]) -> list[str]:
        """Those of a mailbox's keys that it has not shown before, in their order."""
        seen = await store.seen(connection, source, keys)
        return [key for key in keys if key not in seen]

    async def open_numbers(self, connection: AsyncConnection) -> set[str]:
        """The numbers of requests that are not finished: what a letter probably speaks of."""
        return await self._requests.open_numbers(connection)

    async def get(self, connection: AsyncConnection, letter_id: int) -> Record:
        """A letter by its id. Raises `UserError` when there is none."""
        record = await store.get(connection, letter_id)
        if record is None:
            raise UserError("This letter does not exist any more.")
        return record

    async def receive(
        self, tx: AsyncConnection, source: str, key: str, letter: Letter, reading: Reading, *, senders: Sequence[str]
    ) -> State | None:
        """Remember a letter and do what it says; what became of it, or None when it had come before.

        `senders` are fnmatch patterns of those whose letters may change a request; empty means anybody's.
        """
        record = await self._remember(tx, source, key, self._record(source, letter, reading))
        if record is None:
            return None
        if reading.outcome == "ignore":
            return "ignored"
        if not is_listed(letter.sender, senders):
            record = replace(record, reason=Reason(STRANGER, {"sender": letter.sender or "?"}))
            return await self._ask(tx, record, triage.waiting(reading, reading.updates))
        if reading.outcome == "triage":
            return await self._ask(tx, record, triage.waiting(reading))
        record, unplaced = await self._place(tx, record, reading.updates)
        if unplaced:
            return await self._ask(tx, record, triage.waiting(reading, unplaced))
        record = replace(record, state="applied" if reading.outcome == "update" else "noted")
        await store.save_verdict(tx, record)
        return record.state

    async def unreadable(self, tx: AsyncConnection, source: str, key: str, error: VakhtaError) -> State | None:
        """Remember a file that holds no letter anybody could read, and ask a person to look at it."""
        now = self._clock.now()
        record = Record(
            id=0,
            message_id=f"unreadable:{source}:{key}",
            source=source,
            sender="",
            sender_name="",
            subject=key,
            moment=now,
            recorded_at=now,
            excerpt="",
            note="",
            outcome="triage",
            reason=Reason(error.message, {name: str(value) for name, value in error.values.items()}),
        )
        kept = await self._remember(tx, source, key, record)
        return None if kept is None else await self._ask(tx, kept, triage.Waiting())

    async def link(self, tx: AsyncConnection, letter_id: int, request_id: int, actor: Actor) -> Record:
        """Apply a letter to the request that a person chose. Raises `AlreadyDecidedError`."""
        record = await self._undecided(tx, letter_id)
        request = await self._requests.get(tx, request_id)
        return await self._decide(tx, record, "linked", actor, request)

    async def create_request(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """Make the request a letter names and apply the letter to it; to the existing one if somebody was faster.

        Raises `AlreadyDecidedError`, and `UserError` when the letter names no number.
        """
        record = await self._undecided(tx, letter_id)
        if record.number is None:
            raise UserError("This letter names no number for a new request. /new makes one.")
        draft = Draft(record.number, record.position, _title(record))
        try:
            request = await self._requests.create(tx, draft, actor, ref=f"{record.subject_key}:created")
        except AlreadyExistsError as error:
            return await self._decide(tx, record, "linked", actor, error.request)
        return await self._decide(tx, record, "created", actor, request)

    async def dismiss(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> Record:
        """A person says that a letter is about no request: it changes nothing. Raises `AlreadyDecidedError`."""
        return await self._decide(tx, await self._undecided(tx, letter_id), "dismissed", actor, None)

    # --- receiving

    def _record(self, source: str, letter: Letter, reading: Reading) -> Record:
        thread = tuple(dict.fromkeys((*letter.references, *([letter.in_reply_to] if letter.in_reply_to else []))))
        return Record(
            id=0,
            message_id=letter.message_id,
            source=source,
            sender=letter.sender,
            sender_name=letter.sender_name,
            subject=letter.subject,
            moment=letter.moment,
            recorded_at=self._clock.now(),
            excerpt=(letter.new_text.strip() or letter.forwarded_text.strip())[:EXCERPT_LIMIT],
            note=reading.note or letter.subject,
            outcome=reading.outcome,
            reason=Reason(reading.reason),
            updates=reading.updates,
            state="ignored" if reading.outcome == "ignore" else "triage",
            thread=thread if len(thread) <= THREAD_KEPT else (thread[0], *thread[1 - THREAD_KEPT :]),
        )

    async def _remember(self, tx: AsyncConnection, source: str, key: str, record: Record) -> Record | None:
        """The record with its id, or None when this letter came before; either way the file is seen now."""
        letter_id = await store.find_id(tx, record.message_id)
        is_new = letter_id is None
        if letter_id is None:
            letter_id = await store.add(tx, record)
        await store.mark_seen(tx, source, key, letter_id, self._clock.now())
        return await self.get(tx, letter_id) if is_new else None

    async def _place(
        self, tx: AsyncConnection, record: Record, updates: Iterable[Update]
    ) -> tuple[Record, tuple[Update, ...]]:
        """Apply what is said of requests that are surely meant; the record with what was done, and the rest."""
        placed: dict[int, tuple[Request, str | None]] = {}
        unplaced: list[Update] = []
        reason = record.reason
        for update in updates:
            found = await self._requests.find(tx, update.request, update.position or None)
            if len(found) == 1:
                said = placed.get(found[0].id, (found[0], None))[1]
                placed[found[0].id] = (found[0], said or update.status)
                continue
            if not unplaced:
                reason = Reason(SEVERAL if found else UNKNOWN, {"name": _name(update)})
            unplaced.append(update)
        effects = [await self._apply(tx, record, request, status) for request, status in placed.values()]
        first = effects[0].request_id if effects else None
        return replace(record, reason=reason, effects=tuple(effects), request_id=first), tuple(unplaced)

    async def _apply(self, tx: AsyncConnection, record: Record, request: Request, status: str | None) -> Effect:
        """Do to one request what the letter says, as of the letter's own time."""
        actor = Actor(ROBOT, None, f"letter:{record.message_id}")
        ref = f"{record.subject_key}:{request.id}"
        status = self._known(status)
        moved = False
        if status is not None:
            after = await self._requests.set_status(
                tx, request.id, status, actor, at=record.moment, ref=f"{ref}:status"
            )
            moved = after.status != request.status
        if record.note.strip():
            await self._requests.comment(tx, request.id, record.note[:COMMENT_LIMIT], actor, ref=f"{ref}:comment")
        return Effect(request.id, request.name, status, moved)

    def _known(self, status: str | None) -> str | None:
        return status if status in self.workflow.codes else None

    # --- asking a person

    async def _ask(self, tx: AsyncConnection, record: Record, waiting: triage.Waiting) -> State:
        """Leave the rest to a person: work out what may be meant, and show the card."""
        number, position = await self._new_name(tx, waiting)
        record = replace(
            record,
            status=self._known(waiting.status),
            number=number,
            position=position,
            candidates=triage.candidates(await self._hints(tx, record, waiting)),
        )
        await store.save_verdict(tx, record)
        await self._alerts.tell(
            tx, Telling(kind="letter", subject=record.subject_key, dedup=record.subject_key, topic="requests")
        )
        return record.state

    async def _new_name(self, tx: AsyncConnection, waiting: triage.Waiting) -> triage.Name | tuple[None, str]:
        """What a new request would be called: the first that the letter means and that does not exist."""
        for number, position in waiting.names[:NAMES_LOOKED_AT]:
            if not await self._requests.find(tx, number, position or None):
                return number, position
        return None, ""

    async def _hints(self, tx: AsyncConnection, record: Record, waiting: triage.Waiting) -> triage.Hints:
        names = (waiting.names + waiting.quoted)[:NAMES_LOOKED_AT]
        named = [each for number in dict(names) for each in await self._requests.find(tx, number)]
        return triage.Hints(
            names=names,
            named=tuple(named),
            thread=await self._all(tx, await store.thread_requests(tx, record.thread)),
            sender=await self._all(tx, await store.sender_requests(tx, record.sender)),
            open=tuple(await self._requests.unfinished(tx, limit=OPEN_LOOKED_AT)),
        )

    async def _all(self, tx: AsyncConnection, ids: Iterable[int]) -> tuple[Request, ...]:
        return tuple([await self._requests.get(tx, request_id) for request_id in ids])

    # --- a person's decision

    async def _undecided(self, tx: AsyncConnection, letter_id: int) -> Record:
        record = await self.get(tx, letter_id)
        if record.state != "triage":
            raise AlreadyDecidedError(record)
        return record

    async def _decide(
        self, tx: AsyncConnection, record: Record, state: State, actor: Actor, request: Request | None
    ) -> Record:
        effects = () if request is None else (await self._apply(tx, record, request, record.status),)
        decided = replace(
            record,
            state=state,
            effects=(*record.effects, *effects),
            request_id=record.request_id or (request.id if request else None),
            decided_by=actor.name,
            decided_at=self._clock.now(),
        )
        await store.save_verdict(tx, decided)
        details = f"request:{request.id}" if request else ""
        await self._people.audit(tx, actor, f"letter-{state}", record.subject_key, details)
        dedup = f"{record.subject_key}:{state}"
        await self._alerts.tell(
            tx, Telling(kind="letter", subject=record.subject_key, dedup=dedup, topic="requests", mode="refresh")
        )
        return decided


def is_listed(sender: str, senders: Sequence[str]) -> bool:
    """Whether letters of that address may change a request; an empty list means anybody's."""
    return not senders or any(fnmatchcase(sender.lower(), pattern.lower()) for pattern in senders)


def _name(update: Update) -> str:
    return f"{update.request}/{update.position}" if update.position else update.request


def _title(record: Record) -> str:
    """What a new request is about: the letter's subject without its "Re:", else its first words."""
    for words in (strip_subject(record.subject)[0], record.note, record.excerpt, record.sender):
        title = " ".join(words.split())
        if title:
            return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1].rstrip() + "…"
    return record.message_id[:TITLE_LIMIT]
