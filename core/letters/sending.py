"""What can be done about letters of ours: drafted, previewed, sent once, and told of when nobody knows whether."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Destination, Mode, Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import after_commit
from core.errors import UserError, VakhtaError
from core.letters import outgoing_store as store
from core.letters.outgoing import (
    A_FEW,
    OutgoingKind,
    OutgoingLetter,
    check_recipient,
    check_text,
    is_machine,
    nudge_text,
    subject_of,
    thread_after,
)
from core.letters.record import Reason
from core.people.model import Actor
from core.people.service import PeopleService
from core.requests.contractor_rules import pattern_for
from core.requests.contractors import ContractorsService
from core.requests.model import Request
from core.requests.service import RequestsService
from core.text import N_, translator

log = logging.getLogger(__name__)

SAME_DRAFT: Final = timedelta(minutes=10)
"""Who asks again within this time gets the draft that is there, so that two people do not send two questions."""
LEFT_AFTER: Final = timedelta(seconds=120)
"""A letter on its way for longer has lost its sender: nobody knows whether it arrived."""
GIVE_UP_AFTER: Final = timedelta(hours=24)
"""A letter that could not be sent for so long is not sent any more: what it asks is old."""
HOUR: Final = timedelta(hours=1)
TOLD_LIMIT: Final = 200
"""Characters of a letter shown in the history of its request."""

NO_MAILBOX: Final = N_(
    "No mailbox can send letters. Add [mailbox.NAME.smtp] with its host to the configuration, or ask an admin to."
)
NOBODY: Final = N_("Nobody is known to ask about {name}. Add the contractor's address with /contractors.")
STOPPED: Final = N_("The program or the connection stopped while it was being sent.")
TOO_LATE: Final = N_("The mailbox could not send it for a day.")


class OutgoingService:
    """The use cases of letters of ours; joins the caller's transaction.

    `senders`: the mailboxes that can send, in the order of the configuration, each with the address it sends from.
    `own`: the addresses of all our mailboxes.
    """

    def __init__(
        self,
        clock: Clock,
        people: PeopleService,
        requests: RequestsService,
        contractors: ContractorsService,
        alerts: AlertsService,
        *,
        senders: Mapping[str, str],
        own: tuple[str, ...] = (),
    ) -> None:
        self._clock = clock
        self._people = people
        self._requests = requests
        self._contractors = contractors
        self._alerts = alerts
        self.senders = dict(senders)
        self._own = frozenset(address.lower() for address in (*own, *senders.values()))
        self._listeners: list[Callable[[str], None]] = []

    @property
    def can_send(self) -> bool:
        """Whether any mailbox can send: without one nothing of this is offered."""
        return bool(self.senders)

    def on_queued(self, listener: Callable[[str], None]) -> None:
        """Call this with a mailbox's name once a letter that waits for it is committed."""
        self._listeners.append(listener)

    async def get(self, connection: AsyncConnection, outgoing_id: int) -> OutgoingLetter:
        """A letter of ours by its id. Raises `UserError` when there is none."""
        letter = await store.get(connection, outgoing_id)
        if letter is None:
            raise UserError("This letter does not exist any more.")
        return letter

    # --- by a person

    async def draft_nudge(self, tx: AsyncConnection, request_id: int, actor: Actor) -> OutgoingLetter:
        """A question to the contractor how a request stands, to be previewed; in the thread of the last letter.

        It goes to whoever of the contractor wrote last about the request, else to the contractor's first address.
        Raises `UserError` when nobody is known to write to, or no mailbox can send.
        """
        self._check_can_send()
        request = await self._requests.get(tx, request_id)
        since = self._clock.now() - SAME_DRAFT
        known = await store.draft_of(tx, "nudge", request_id=request.id, letter_id=None, since=since)
        if known is not None:
            return known
        last = await self._last_letter(tx, request)
        to = await (self._address_of(tx, last) if last else self._first_address(tx, request))
        draft = self._new("nudge", [to], last, request, actor)
        text = nudge_text(self._requests.workflow, request, self._people.default)
        return await self._add(tx, replace(draft, text=text), actor)

    async def draft_answer(self, tx: AsyncConnection, letter_id: int, actor: Actor) -> OutgoingLetter:
        """An answer to a letter, empty until a person says what it should say.

        Raises `UserError` for automatic, bulk and ignored letters: those are never answered.
        """
        self._check_can_send()
        came = await store.came(tx, letter_id)
        if came is None:
            raise UserError("This letter does not exist any more.")
        if came.outcome == "ignore" or came.state == "ignored" or await store.is_ignored(tx, came.sender):
            raise UserError("Automatic and bulk letters, and senders who are ignored, are not answered.")
        if not came.sender:
            raise UserError("This letter does not say who wrote it.")
        since = self._clock.now() - SAME_DRAFT
        known = await store.draft_of(tx, "answer", request_id=None, letter_id=came.id, since=since)
        if known is not None:
            return known
        request = await self._requests.get(tx, came.request_id) if came.request_id is not None else None
        to = await self._address_of(tx, came)
        return await self._add(tx, self._new("answer", [to], came, request, actor), actor)

    async def write(self, tx: AsyncConnection, outgoing_id: int, text: str, actor: Actor) -> OutgoingLetter:
        """Let a draft say this. Raises `UserError` when it is no draft any more, is empty or too long."""
        letter = await self.get(tx, outgoing_id)
        if letter.state not in ("draft", "refused"):
            raise UserError("This letter cannot be changed any more. Open a new one from the card.")
        changed = await store.change(tx, letter, text=check_text(text), author=actor.name, author_id=actor.id)
        return await self._show(tx, self._present(changed))

    async def queue(self, tx: AsyncConnection, outgoing_id: int, actor: Actor) -> OutgoingLetter:
        """A person pressed "Send": it will be sent, once. One that is on its way or sent is returned as it is.

        From `unknown` and `refused` it is sent again, with the same Message-ID. Raises `UserError` for an empty or
        cancelled letter, too many letters about one request, a mailbox that cannot send any more.
        """
        letter = await self.get(tx, outgoing_id)
        if letter.state in ("queued", "sending", "sent"):
            return letter
        if letter.state == "discarded":
            raise UserError("This letter was cancelled. Open a new one from the card.")
        self._check_can_send()
        if letter.source not in self.senders:
            raise UserError("The mailbox {name} cannot send any more. Open a new letter.", name=letter.source)
        check_text(letter.text)
        for address in letter.recipients:
            check_recipient(address, self._own)
        now = self._clock.now()
        if await store.count_leaving(tx, letter, now - HOUR) >= A_FEW:
            raise UserError("{n} letters about this have left within an hour. That is enough for now.", n=A_FEW)
        held = await store.next_queued(tx, letter.source)  # what holds that one up holds this one up, too
        changed = await store.change(
            tx,
            letter,
            state="queued",
            queued_at=now,
            claimed_at=None,
            reason=held.reason if held else None,
            author=actor.name,
            author_id=actor.id,
            origin=actor.origin,
        )
        queued = self._present(changed)
        await self._people.audit(tx, actor, "letter-queued", queued.subject_key, _whereto(queued))
        for listener in self._listeners:
            after_commit(tx, partial(listener, queued.source))
        return await self._show(tx, queued)

    async def discard(self, tx: AsyncConnection, outgoing_id: int, actor: Actor) -> OutgoingLetter:
        """A person pressed "Cancel": it is not sent. One that has left already is returned as it is."""
        letter = await self.get(tx, outgoing_id)
        if letter.state not in ("draft", "queued", "refused"):
            return letter
        changed = self._present(
            await store.change(tx, letter, state="discarded", author=actor.name, author_id=actor.id)
        )
        await self._people.audit(tx, actor, "letter-discarded", changed.subject_key, "")
        return await self._show(tx, changed)

    async def arrived(self, tx: AsyncConnection, outgoing_id: int, actor: Actor) -> OutgoingLetter:
        """A person says that a letter of which nobody knew has arrived; another state is returned as it is."""
        letter = await self.get(tx, outgoing_id)
        if letter.state != "unknown":
            return letter
        moment = letter.claimed_at or self._clock.now()
        changed = await store.change(
            tx, letter, state="sent", sent_at=moment, reason=None, author=actor.name, author_id=actor.id
        )
        return await self._told_as_sent(tx, self._present(changed), actor)

    # --- by the job that sends

    async def waits(self, connection: AsyncConnection, source: str) -> bool:
        """Whether a letter of that mailbox waits to be sent, or may have been left behind."""
        return await store.anything(connection, source)

    async def recover(self, tx: AsyncConnection, source: str) -> None:
        """Tell of letters whose sender has vanished, and give up on those that have waited too long."""
        now = self._clock.now()
        for letter in await store.left_behind(
            tx, source, claimed_before=now - LEFT_AFTER, queued_before=now - GIVE_UP_AFTER
        ):
            if letter.state == "sending":
                log.warning("letter %d was being sent when its sender stopped: it may have arrived", letter.id)
                await self.unsure(tx, letter, VakhtaError(STOPPED))
            else:
                await self.refuse(tx, letter, VakhtaError(TOO_LATE))

    async def claim(self, tx: AsyncConnection, source: str) -> OutgoingLetter | None:
        """Take the next letter of that mailbox to be sent now; of two processes one gets it."""
        letter = await store.next_queued(tx, source)
        if letter is None:
            return None
        return await store.change(tx, letter, state="sending", claimed_at=self._clock.now())

    async def sent(self, tx: AsyncConnection, letter: OutgoingLetter) -> None:
        """The server has taken it: it is in the request's history now."""
        changed = await store.change(tx, letter, state="sent", sent_at=self._clock.now(), reason=None)
        if changed is None:  # it took so long that a person was told already: what they saw is put right
            overdue = replace(letter, state="unknown")
            changed = await store.change(tx, overdue, state="sent", sent_at=self._clock.now(), reason=None)
        if changed is not None:
            await self._told_as_sent(tx, changed, Actor(changed.author, changed.author_id, changed.subject_key))

    async def postpone(self, tx: AsyncConnection, letter: OutgoingLetter, error: VakhtaError) -> None:
        """It has surely not left, and will be tried again."""
        if changed := await store.change(tx, letter, state="queued", reason=_reason(error)):
            await self._show(tx, changed)

    async def refuse(self, tx: AsyncConnection, letter: OutgoingLetter, error: VakhtaError) -> None:
        """It has surely not left and will not; whoever sent it is told why."""
        if changed := await store.change(tx, letter, state="refused", reason=_reason(error)):
            await self._alarm(tx, await self._show(tx, changed))

    async def unsure(self, tx: AsyncConnection, letter: OutgoingLetter, error: VakhtaError) -> None:
        """It may or may not have arrived: a person is asked, once; it is never repeated by itself."""
        if changed := await store.change(tx, letter, state="unknown", reason=_reason(error)):
            await self._alarm(tx, await self._show(tx, changed))

    # --- to whom, from where

    def _check_can_send(self) -> None:
        if not self.senders:
            raise UserError(NO_MAILBOX)

    async def _last_letter(self, tx: AsyncConnection, request: Request) -> store.Came | None:
        """The last letter about a request that its contractor wrote and that can be answered."""
        for came in await store.came_about(tx, request.id):
            theirs = request.contractor_id is None or came.contractor_id in (None, request.contractor_id)
            if not theirs or came.outcome == "ignore" or came.state == "ignored":
                continue
            if self._may_write_to(await self._address_of(tx, came)):
                return came
        return None

    async def _address_of(self, tx: AsyncConnection, came: store.Came) -> str:
        """Where an answer to a letter goes: to its Reply-To where that is the same company's, else to its From."""
        to = came.reply_to
        if not self._may_write_to(to) or await store.is_ignored(tx, to):
            return came.sender
        whose = pattern_for(came.sender)
        if whose and pattern_for(to) == whose:
            return to
        known = await self._contractors.of_address(tx, to) if came.contractor_id is not None else None
        return to if known is not None and known.id == came.contractor_id else came.sender

    def _may_write_to(self, address: str) -> bool:
        if not address or is_machine(address):
            return False
        try:
            check_recipient(address, self._own)
        except UserError:
            return False
        return True

    async def _first_address(self, tx: AsyncConnection, request: Request) -> str:
        if request.contractor_id is not None:
            contractor = await self._contractors.get(tx, request.contractor_id)
            for pattern in contractor.patterns:
                if not pattern.startswith("@") and self._may_write_to(pattern):
                    return pattern
        raise UserError(NOBODY, name=request.name)

    def _new(
        self, kind: OutgoingKind, to: list[str], last: store.Came | None, request: Request | None, actor: Actor
    ) -> OutgoingLetter:
        """A draft without words, by the mailbox that got the letter before it where that one can send."""
        source = last.source if last and last.source in self.senders else next(iter(self.senders))
        return OutgoingLetter(
            id=0,
            message_id=f"{uuid4().hex}@{self.senders[source].rpartition('@')[2]}",
            kind=kind,
            source=source,
            request_id=request.id if request else None,
            letter_id=last.id if last else None,
            recipients=tuple(check_recipient(address, self._own) for address in to),
            subject=subject_of(last.subject if last else "", request),
            text="",
            thread=thread_after(last.message_id, last.thread) if last else (),
            author=actor.name,
            author_id=actor.id,
            origin=actor.origin,
            created_at=self._clock.now(),
        )

    async def _add(self, tx: AsyncConnection, draft: OutgoingLetter, actor: Actor) -> OutgoingLetter:
        letter = await store.add(tx, draft)
        await self._people.audit(tx, actor, "letter-drafted", letter.subject_key, _whereto(letter))
        return letter

    # --- telling

    async def _told_as_sent(self, tx: AsyncConnection, letter: OutgoingLetter, actor: Actor) -> OutgoingLetter:
        """The history of the request, the audit trail, and what is shown of it."""
        if letter.request_id is not None:
            t = translator(self._people.default.language)
            words = " ".join(letter.text.split())
            words = words if len(words) <= TOLD_LIMIT else words[: TOLD_LIMIT - 1].rstrip() + "…"
            said = t("✉️ Asked the contractor: {text}", text=words)
            if letter.kind == "answer":
                said = t("✉️ Answered the contractor: {text}", text=words)
            await self._requests.comment(tx, letter.request_id, said, actor, ref=letter.subject_key)
        await self._people.audit(tx, actor, "letter-sent", letter.subject_key, _whereto(letter))
        return await self._show(tx, letter)

    async def _show(self, tx: AsyncConnection, letter: OutgoingLetter) -> OutgoingLetter:
        """Redraw the cards that show it.

        The chat it was sent from is named: its card may have been shown so lately that it is not written down yet.
        """
        chat_id = Actor("", None, letter.origin).chat_id
        here = () if chat_id is None else (Destination(chat_id),)
        await self._alerts.tell(tx, self._telling(letter, letter.subject_key, "refresh", here))
        await self._alerts.tell(tx, self._telling(letter, letter.alarm_key, "refresh", ()))
        return letter

    async def _alarm(self, tx: AsyncConnection, letter: OutgoingLetter) -> None:
        """Ask anew where it was sent from: an edited card makes no sound."""
        chat_id = Actor("", None, letter.origin).chat_id
        private = (Destination(chat_id),) if chat_id is not None and chat_id > 0 else None
        await self._alerts.tell(tx, self._telling(letter, letter.alarm_key, "new", private))

    def _telling(self, letter: OutgoingLetter, subject: str, mode: Mode, to: tuple[Destination, ...] | None) -> Telling:
        kind = subject.partition(":")[0]
        dedup = f"{subject}:{mode}:{self._clock.now().isoformat()}:{letter.state}:{letter.version}"
        return Telling(kind, subject, dedup, "requests", mode, to=to)

    def _present(self, letter: OutgoingLetter | None) -> OutgoingLetter:
        """What was changed in this transaction: nobody else writes meanwhile."""
        if letter is None:
            raise UserError("This letter does not exist any more.")
        return letter


def _whereto(letter: OutgoingLetter) -> str:
    return f"{', '.join(letter.recipients)}: {letter.subject}"


def _reason(error: VakhtaError) -> Reason:
    return Reason(error.message, {name: str(value) for name, value in error.values.items()})
