"""One mailbox, looked through as letters come: what it has not shown before is handed to the service, oldest first.

What keeps old news from being told again: keys and Message-IDs of all letters are remembered, a cursor is moved in
the transaction that stored the last letter before it, and what lay in a mailbox before the watch began is history.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.db.engine import Database
from core.errors import Rejected, Unavailable
from core.letters.mailboxes import History, MailboxState, Tried, applies_by_itself
from core.letters.mime import parse_letter
from core.letters.model import Attachment, Letter, Outcome, Reading, Update
from core.letters.record import Mode
from core.letters.rules import read
from core.letters.service import STRANGER, LettersService
from core.letters.words import Words
from core.text import N_
from jobs.letters.mailbox import Changes, Entry, Mailbox, RawLetter, Unreadable
from jobs.letters.thinning import KEPT
from jobs.threads import in_thread

log = logging.getLogger(__name__)

BATCH: Final = 20
"""Letters held in memory at once, and of a history applied in one transaction."""
ANSWER_WITHIN: Final = 5.0
"""Seconds after which the answer about a mailbox's history is noticed."""
ALIVE_EVERY: Final = 60.0
"""Seconds between two signs of life of a mailbox that is looked at seldom."""
OVERLAP: Final = timedelta(days=1)
"""So much before the last look a mailbox is looked through again when its server does not know the cursor any more."""
SLOW_CLOCK: Final = timedelta(minutes=5)
"""A server's clock may be so much behind ours, or count whole seconds: what comes after the first look is new."""
NOTED_EVERY: Final = timedelta(hours=1)
"""How often a mailbox in which nothing happens is noted as looked through."""
TRIES: Final = 10
TRIED_FOR: Final = timedelta(hours=6)
"""A letter that the server shows and fails to hand over is given up after so many passes and so long."""
COUNTED: Final = 100
"""Letters at most of which it is counted how often they could not be had."""
GIVEN_UP: Final = N_("It cannot be fetched: {reason} Open it in the mailbox.")
CUT_ABOUT: Final = 64 * 1024
"""Bytes by which the decoded beginning of a file that was cut is smaller than three quarters of what was kept."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_WAITS: Final[Mapping[Mode, str]] = {
    "history": N_("It lay there before the watch began: history, until a person says what becomes of it."),
    "confirm": N_("It waits for a person's yes."),
}


@dataclass(frozen=True, slots=True)
class Intake:
    """How a mailbox is looked through: its name, whose letters may change a request, how often and how far back.

    `senders` are fnmatch patterns of addresses, none for anybody's. `apply`: at once, or when a person has confirmed.
    `check_every` in seconds. The first look goes back by `lookback`.
    """

    name: str
    senders: tuple[str, ...] = ()
    apply: Literal["auto", "confirm"] = "auto"
    check_every: float = 60.0
    lookback: timedelta = timedelta(days=1)
    batch: int = BATCH


@dataclass(frozen=True, slots=True)
class _Read:
    """A letter of the mailbox with what it means."""

    key: str
    letter: Letter
    reading: Reading


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter that would be new, and what would be made of it; `letter` is None for what cannot be read."""

    key: str
    letter: Letter | None
    outcome: Outcome
    updates: tuple[Update, ...]
    reason: str
    """A translatable sentence."""
    values: Mapping[str, object]
    """The values that stand in the sentence of `reason`, by name."""


class MailboxJob:
    """Passes over a mailbox.

    Each letter is remembered and applied in one transaction of its own, so a stop or a crash between two letters
    loses nothing and repeats nothing. `beat` is called when the mailbox was read, `alive` while there is a rest.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        letters: LettersService,
        mailbox: Mailbox,
        intake: Intake,
        beat: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._letters = letters
        self._mailbox = mailbox
        self._intake = intake
        self._beat = beat
        self._alive = alive

    async def run(self) -> None:
        """Pass after pass, whenever something may have come. Raises `Unavailable` or `AuthFailed`."""
        while True:
            await self.once()
            self._beat()
            await self._rest()

    async def _rest(self) -> None:
        """Until something may have come, or a person has said what becomes of the history; with signs of life."""
        left = self._intake.check_every
        asked = (await self._state()).history in ("asked", "applying")
        while left > 0:
            began, span = self._clock.monotonic(), min(left, ANSWER_WITHIN if asked else ALIVE_EVERY)
            await self._mailbox.wait(span)
            self._alive()
            if self._clock.monotonic() - began < span or (asked and (await self._state()).history == "applying"):
                return
            left -= span

    async def once(self) -> int:
        """One pass; how many letters were new and could be read.

        Raises `Unavailable` or `AuthFailed`, after doing what could be done.
        """
        state = await self._state()
        if state.history == "applying":
            await self._apply_history()
        changes = await self._changes(state)
        keys = await self._ordered(await self._unseen(changes))
        received = 0
        failed: dict[str, Unavailable] = {}
        covered = False
        for start in range(0, len(keys), self._intake.batch):
            items, missing = await self._read_all(keys[start : start + self._intake.batch])
            failed |= missing
            ends = not failed and start + self._intake.batch >= len(keys)
            for place, item in enumerate(items, 1):
                covered = ends and place == len(items)
                received += await self._receive(item, state, changes, last=covered)
            if not failed:
                self._beat()
        if received:
            log.info("%s: %d new letters", self._intake.name, received)
        if failed and not await self._put_aside(failed, state, changes, others=len(keys) > len(failed)):
            raise next(iter(failed.values()))
        if failed:
            return received
        if not covered and self._is_worth_noting(state, changes):
            async with self._db.transaction() as tx:
                await self._letters.advance(tx, self._intake.name, changes.cursor, complete=True)
        return received

    async def _put_aside(
        self, failed: Mapping[str, Unavailable], state: MailboxState, changes: Changes, *, others: bool
    ) -> bool:
        """Count how often these letters could not be had; whether the only one was given up, so that all goes on.

        The oldest is given up after a time, and a person is told. Not where it is the server that has trouble: when
        several letters cannot be had, and no `others` could.
        """
        now = self._clock.now()
        tried = {
            key: Tried(before.since, before.times + 1) if (before := state.tried.get(key)) else Tried(now, 1)
            for key in islice(failed, COUNTED)
        }
        key, error = next(iter(failed.items()))
        lasted = tried[key].times >= TRIES and now - tried[key].since >= TRIED_FOR
        given_up = lasted and (others or len(failed) == 1)
        async with self._db.transaction() as tx:
            if given_up:
                del tried[key]
                log.warning("%s: %s is given up: %s", self._intake.name, key, error)
                moment = next((each.received_at for each in changes.entries if each.key == key), None)
                why = Rejected(GIVEN_UP, reason=str(error))
                await self._letters.unreadable(tx, self._intake.name, key, why, moment=moment)
            await self._letters.note_tried(tx, self._intake.name, tried)
        return given_up and len(failed) == 1

    async def preview(self) -> list[Preview]:
        """What a pass would make of the letters that are new, in the mailbox's order; changes nothing.

        Raises `Unavailable` or `AuthFailed`.
        """
        async with self._db.reading() as connection:
            known = await self._letters.mailbox(connection, self._intake.name)
        state = known
        if state is None or state.identity != self._mailbox.identity:
            history: History = "collecting" if self._mailbox.has_history or known else "none"
            state = MailboxState(self._intake.name, self._mailbox.identity, self._clock.now(), history)
        changes = await self._changes(state)
        new = await self._unseen(changes)
        found: list[Preview] = []
        for start in range(0, len(new), self._intake.batch):
            keys = [entry.key for entry in new[start : start + self._intake.batch]]
            items, missing = await self._read_all(keys)
            async with self._db.reading() as connection:
                found += [
                    await self._foreseen(
                        connection, item, partial(self._mode, state=state, continued=changes.continued)
                    )
                    for item in items
                ]
            for failure in missing.values():
                raise failure
        return found

    async def _foreseen(
        self, connection: AsyncConnection, item: _Read | Unreadable, mode_of: Callable[[Letter], Mode]
    ) -> Preview:
        if isinstance(item, Unreadable):
            return Preview(item.key, None, "triage", (), item.error.message, item.error.values)
        reading, sender = item.reading, item.letter.sender
        known = await self._letters.may_change(connection, sender, self._intake.senders)
        if reading.outcome != "ignore" and not known:
            return Preview(item.key, item.letter, "triage", (), STRANGER, {"sender": sender or "?"})
        mode = mode_of(item.letter)
        reason = _WAITS.get(mode, reading.reason) if reading.updates else reading.reason
        return Preview(item.key, item.letter, reading.outcome, reading.updates, reason, {})

    async def _state(self) -> MailboxState:
        """What is remembered of the mailbox; when it is not the one it was, its cursor is void and it has a history."""
        name, identity = self._intake.name, self._mailbox.identity
        async with self._db.reading() as connection:
            known = await self._letters.mailbox(connection, name)
        if known is not None and known.identity == identity:
            return known
        has_history = self._mailbox.has_history or known is not None
        async with self._db.transaction() as tx:
            return await self._letters.begin(tx, name, identity, has_history=has_history)

    async def _changes(self, state: MailboxState) -> Changes:
        since = (state.synced_at or state.started_at) - (OVERLAP if state.synced_at else self._intake.lookback)
        return await self._mailbox.changes(state.cursor, max(since, state.started_at - self._intake.lookback))

    def _is_worth_noting(self, state: MailboxState, changes: Changes) -> bool:
        """Whether a pass without letters is written down: not each of the many in which nothing has changed."""
        news = changes.cursor != state.cursor or state.history == "collecting"
        return news or state.synced_at is None or self._clock.now() - state.synced_at >= NOTED_EVERY

    async def _apply_history(self) -> None:
        more = True
        while more:
            async with self._db.transaction() as tx:
                more = await self._letters.apply_history(tx, self._intake.name, self._intake.batch)
            self._beat()

    async def _unseen(self, changes: Changes) -> list[Entry]:
        async with self._db.reading() as connection:
            keys = [entry.key for entry in changes.entries]
            unseen = set(await self._letters.unseen(connection, self._intake.name, keys))
        return [entry for entry in changes.entries if entry.key in unseen]

    async def _ordered(self, entries: Sequence[Entry]) -> list[str]:
        """The keys by their letters' own time. Where only the letters know it, a long backlog is read twice."""
        moments = {entry.key: moment for entry in entries if (moment := entry.sent_at or entry.received_at)}
        dateless = [entry.key for entry in entries if entry.key not in moments]
        if len(entries) > self._intake.batch:
            for start in range(0, len(dateless), self._intake.batch):
                raw = await self._mailbox.read(dateless[start : start + self._intake.batch])
                moments |= await in_thread("letters", partial(_moments, raw))
        return sorted((entry.key for entry in entries), key=lambda key: (moments.get(key, _NEVER), key))

    async def _read_all(self, keys: Sequence[str]) -> tuple[list[_Read | Unreadable], dict[str, Unavailable]]:
        """The letters that are there, oldest first, with what they mean, last those that nobody can ever read.

        And what kept which from being read now: those do not hold up the others.
        """
        async with self._db.reading() as connection:
            open_numbers = await self._letters.open_numbers(connection)
        raw = await self._mailbox.read(keys)
        words = self._letters.options.words
        had = [each for each in raw if isinstance(each, RawLetter)]
        found: list[_Read | Unreadable] = []
        found += await in_thread("letters", lambda: [_read(each, words, open_numbers) for each in had])
        missing: dict[str, Unavailable] = {}
        for each in raw:
            if isinstance(each, RawLetter):
                continue
            if isinstance(each.error, Unavailable):
                missing[each.key] = each.error
            else:
                found.append(each)
        found.sort(key=lambda item: (item.letter.moment if isinstance(item, _Read) else _NEVER, item.key))
        return found, missing

    async def _receive(self, item: _Read | Unreadable, state: MailboxState, changes: Changes, *, last: bool) -> bool:
        """Store one letter; with the last of what was listed, move the cursor in the same transaction."""
        name = self._intake.name
        if isinstance(item, Unreadable):
            log.warning("%s: %s was put aside: %s", name, item.key, item.error)
        async with self._db.transaction() as tx:
            if isinstance(item, Unreadable):
                head = parse_letter(item.head, self._clock.now()) if item.head else None
                await self._letters.unreadable(tx, name, item.key, item.error, head=head)
                is_new = False
            else:
                became = await self._letters.receive(
                    tx,
                    name,
                    item.key,
                    item.letter,
                    item.reading,
                    senders=self._intake.senders,
                    mode=self._mode(item.letter, state, continued=changes.continued),
                )
                is_new = became is not None
            if last:
                await self._letters.advance(tx, name, changes.cursor, complete=True)
        return is_new

    def _mode(self, letter: Letter, state: MailboxState, *, continued: bool) -> Mode:
        """Whether it is applied, waits for a yes, or is history: what lay there at the first look and came before it.

        An older letter that turns up later waits for a yes, unless the mailbox knows that it came in since.
        """
        if state.history == "collecting" and letter.received_at < state.started_at:
            return "history"
        if not continued and state.history != "none" and letter.received_at < state.started_at - SLOW_CLOCK:
            return "confirm"
        return "apply" if applies_by_itself(state, self._intake.apply) else "confirm"


def _read(raw: RawLetter, words: Words, open_numbers: Collection[str]) -> _Read:
    letter = parse_letter(raw.data, raw.received_at)
    if raw.dropped:
        letter = replace(letter, attachments=tuple(_as_large(letter.attachments, raw.dropped)))
    return _Read(raw.key, letter, read(letter, words=words, open_numbers=open_numbers))


def _as_large(files: Sequence[Attachment], dropped: Sequence[int]) -> Iterator[Attachment]:
    """The files of a letter that was fetched without the long ones: none is kept, each has the size that it had."""
    cut = [file for file in files if file.size > KEPT // 4 * 3 - CUT_ABOUT]
    known = dict(zip(map(id, cut), dropped, strict=True)) if len(cut) == len(dropped) else {}
    for file in files:
        yield replace(file, size=max(1, file.size + known.get(id(file), 0) // 78 * 57), content=b"")


def _moments(raw: Sequence[RawLetter | Unreadable]) -> dict[str, datetime]:
    return {item.key: parse_letter(item.data, item.received_at).moment for item in raw if isinstance(item, RawLetter)}
