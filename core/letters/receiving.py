"""Taking letters in: from a mailbox, from its history, from a person who writes as a contractor would."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import UserError, VakhtaError
from core.letters import content_store, contents, rules, store, triage
from core.letters.desk import is_listed
from core.letters.lexicon import lexicon
from core.letters.model import Letter, Reading, Update
from core.letters.placing import Placing
from core.letters.record import SPOKEN, THREAD_KEPT, Content, Mode, Reason, Record, Rereading, Standing, State
from core.letters.rows import fitted, storable
from core.letters.sameness import another_id, says_the_same
from core.letters.threads import unnumbered
from core.people.model import Actor
from core.requests.model import Request
from core.text import N_

EXCERPT_LIMIT: Final = 4000
HEARD: Final = N_("Written in the chat.")


class Receiving(Placing):
    """Each letter is remembered once, by its Message-ID, wherever and however often it turns up.

    One that says other things under the same id is a letter of its own, and a person is asked about it.
    """

    async def receive(
        self,
        tx: AsyncConnection,
        source: str,
        key: str,
        letter: Letter,
        reading: Reading,
        *,
        senders: Sequence[str],
        mode: Mode = "apply",
    ) -> State | None:
        """Remember a letter and do what it says; what became of it, or None when it had come before.

        `senders` are fnmatch patterns of those whose letters may change a request; empty means anybody's. A known
        contractor's letters may in any case.
        """
        standing: Standing = "anybody" if not senders else "listed" if is_listed(letter.sender, senders) else "stranger"
        record = self._record(source, letter, reading, standing)
        if mode == "history":
            record = replace(record, state="history")
        kept = await self._remember(tx, source, key, record, letter)
        if kept is None:
            return None
        content = Content(letter, reading)
        await self._keep(tx, kept, content)
        if mode == "history":
            return "history"
        return (await self._settle(tx, await self._with_contractor(tx, kept), content, mode=mode)).state

    async def unreadable(
        self,
        tx: AsyncConnection,
        source: str,
        key: str,
        error: VakhtaError,
        *,
        head: Letter | None = None,
        moment: datetime | None = None,
        mode: Mode = "apply",
    ) -> State | None:
        """Remember a file that holds no letter anybody could read, and ask a person to look at it.

        `head`: what its header says, `moment`: when it came, where the mailbox knows.
        """
        now = self._clock.now()
        record = Record(
            id=0,
            message_id=fitted(f"unreadable:{head.message_id}" if head else f"unreadable:{source}:{key}"),
            source=source,
            sender=storable(head.sender) if head else "",
            sender_name=storable(head.sender_name) if head else "",
            subject=(storable(head.subject) if head else "") or key,
            moment=min((head.moment if head else moment) or now, now),
            recorded_at=now,
            excerpt="",
            note="",
            outcome="triage",
            reason=Reason(error.message, {name: str(value) for name, value in error.values.items()}),
        )
        if mode == "history":
            record = replace(record, state="history")
        kept = await self._remember(tx, source, key, record)
        if kept is None:
            return None
        return "history" if mode == "history" else (await self._ask(tx, kept, triage.Waiting())).state

    async def hear(
        self, tx: AsyncConnection, text: str, about: Request | None, person: Actor, name: str, *, ref: str
    ) -> Record | None:
        """What a person writes as a contractor would, `101/12 on site`, waits for one confirming tap.

        `name` is what the person is called, `about` the request whose card is answered, `ref` names the message: the
        same one counts once. None when it tells no status of existing requests. The caller shows the card.
        Raises `UserError` when it answers no card and names a request that is not there, or one of several positions.
        """
        now = self._clock.now()
        letter = _spoken(text, f"chat:{ref}", name, now)
        known = await store.find_id(tx, letter.message_id)
        if known is not None:
            record = await self.get(tx, known)
            return record if record.source == SPOKEN else None
        reading = rules.read(letter, words=self.options.words, open_numbers=await self.open_numbers(tx))
        updates = await self._told(tx, reading, about)
        if not updates:
            return None
        record = self._record(SPOKEN, letter, reading, "listed")
        record = replace(record, state="proposed", updates=updates, waiting_since=now, reason=Reason(HEARD))
        record = replace(record, id=await store.add(tx, record))
        await self._keep(tx, record, Content(letter, reading))
        await self._people.audit(tx, person, "letter-heard", record.subject_key, record.note)
        return record

    def prepare(self) -> None:
        """Make the words ready to read with. To be called in a thread: it takes about a second."""
        lexicon(self.options.words).prepare()

    async def open_numbers(self, connection: AsyncConnection) -> set[str]:
        """The numbers of requests that are not finished: what a letter probably speaks of."""
        return await self._requests.open_numbers(connection)

    async def reread(self, connection: AsyncConnection, letter_id: int) -> Rereading:
        """What was read from a letter, and what the present words read. Raises `UserError` when it was not kept."""
        content = await self.content(connection, letter_id)
        if content is None:
            raise UserError("The text of this letter was not kept, so it cannot be read again.")
        numbers = await self.open_numbers(connection)
        after = rules.read(content.letter, words=self.options.words, open_numbers=numbers)
        return Rereading(content.reading, after)

    async def _told(self, tx: AsyncConnection, reading: Reading, about: Request | None) -> tuple[Update, ...]:
        """What a person says of requests that are surely meant, by their full names; nothing where any is in doubt."""
        if reading.outcome == "update":
            return await self._named(tx, reading.updates, about)
        said = unnumbered(reading)
        if about is None or said is None or self._known(said.status) is None:
            return ()
        fits = said.position in (None, about.position)
        return (Update(about.number, about.position, said.status),) if fits else ()

    async def _named(self, tx: AsyncConnection, updates: Sequence[Update], about: Request | None) -> tuple[Update, ...]:
        full: list[Update] = []
        for update in updates:
            found = await self._requests.find(tx, update.request, update.position)
            if about is None and self._known(update.status) is not None:
                _check_one(update, found)
            elif len(found) > 1 and about is not None:
                found = [request for request in found if request.id == about.id]
            if len(found) != 1 or self._known(update.status) is None:
                return ()
            full.append(Update(found[0].number, found[0].position, update.status))
        return tuple(full)

    # --- remembering

    def _record(self, source: str, letter: Letter, reading: Reading, standing: Standing) -> Record:
        now = self._clock.now()
        before = (*letter.references, *([letter.in_reply_to] if letter.in_reply_to else []))
        thread = tuple(dict.fromkeys(map(fitted, before)))
        return Record(
            id=0,
            message_id=fitted(letter.message_id),
            source=source,
            sender=storable(letter.sender),
            sender_name=storable(letter.sender_name),
            subject=storable(letter.subject),
            moment=min(letter.moment, now),  # a sender whose clock is ahead must not outdate what comes next
            recorded_at=now,
            excerpt=storable((letter.new_text.strip() or letter.forwarded_text.strip())[:EXCERPT_LIMIT]),
            note=storable(reading.note or letter.subject),
            outcome=reading.outcome,
            reason=Reason(reading.reason),
            updates=reading.updates,
            state="ignored" if reading.outcome == "ignore" else "triage",
            thread=thread if len(thread) <= THREAD_KEPT else (thread[0], *thread[1 - THREAD_KEPT :]),
            standing=standing,
            reply_to=storable(letter.reply_to),
        )

    async def _remember(
        self, tx: AsyncConnection, source: str, key: str, record: Record, letter: Letter | None = None
    ) -> Record | None:
        """The record with its id, or None when this letter came before; either way the file is seen now."""
        added, known = await self._added(tx, record)
        if added is None and letter is not None and not await self._is_same(tx, known, letter):
            thread = (record.thread or (record.message_id,))[:THREAD_KEPT]
            record = replace(record, message_id=another_id(letter), thread=thread)
            added, known = await self._added(tx, record)
        await store.mark_seen(tx, source, key, known, self._clock.now())
        return None if added is None else replace(record, id=added)

    async def _added(self, tx: AsyncConnection, record: Record) -> tuple[int | None, int]:
        """The id under which a letter was remembered now, if it was, and under which it is remembered."""
        added = await store.add_new(tx, record)
        known = added if added is not None else await store.find_id(tx, record.message_id)
        if known is None:
            raise LookupError(record.message_id)  # it can be neither there nor not
        return added, known

    async def _is_same(self, tx: AsyncConnection, known: int, letter: Letter) -> bool:
        """Whether a letter is the one that is known under its Message-ID; of one that was not kept nobody can say."""
        content = await self.content(tx, known)
        return content is None or says_the_same(content.letter, letter)

    async def _keep(self, tx: AsyncConnection, record: Record, content: Content) -> None:
        """Keep what the letter held; of automatic mail not the files."""
        await content_store.save(tx, record.id, contents.packed(content.letter, content.reading))
        if content.reading.outcome == "ignore":
            return
        files = list(contents.sorted_out(record.id, content.letter.attachments, self.options))
        for kept, data in files:
            if kept.digest is not None:
                await content_store.keep_file(tx, kept.digest, data)
        if files:
            await content_store.add_attachments(tx, [kept for kept, _ in files])


def _check_one(update: Update, found: Sequence[Request]) -> None:
    """Tell a person who names a request that cannot be meant."""
    if not found:
        name = f"{update.request}/{update.position}" if update.position else update.request
        raise UserError("There is no request {name}. /new makes one.", name=name)
    if len(found) > 1:
        names = ", ".join(request.name for request in found[:20])
        raise UserError("There are several: {names}. Write which one you mean.", names=names)


def _spoken(text: str, message_id: str, name: str, now: datetime) -> Letter:
    return Letter(
        message_id=message_id,
        sender="",
        sender_name=name,
        to=(),
        subject="",
        sent_at=now,
        received_at=now,
        in_reply_to=None,
        references=(),
        text=text,
        new_text=text,
        forwarded_subject="",
        forwarded_text="",
        quoted_text="",
        automatic=None,
    )
