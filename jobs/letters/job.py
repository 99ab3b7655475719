"""One mailbox, looked through on time: what it has not shown before is read and handed to the service, oldest first."""

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from core.db.engine import Database
from core.errors import Rejected, Unavailable, VakhtaError
from core.letters.mime import parse_letter
from core.letters.model import Letter, Outcome, Reading, Update
from core.letters.rules import read
from core.letters.service import STRANGER, LettersService, is_listed
from jobs.letters.mailbox import Mailbox, RawLetter
from jobs.threads import in_thread

log = logging.getLogger(__name__)

BATCH: Final = 200
"""Letters held in memory at once; a longer backlog is looked through twice, the first time for the order alone."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


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
    """What its placeholders stand for."""


class MailboxJob:
    """Passes over the mailbox called `name`. `senders`: fnmatch patterns of whose letters may change a request.

    Each letter is remembered and applied in one transaction of its own, so a stop or a crash between two letters
    loses nothing and repeats nothing.
    """

    def __init__(
        self,
        db: Database,
        letters: LettersService,
        mailbox: Mailbox,
        name: str,
        senders: Sequence[str],
        *,
        batch: int = BATCH,
    ) -> None:
        self._db = db
        self._letters = letters
        self._mailbox = mailbox
        self._name = name
        self._senders = tuple(senders)
        self._batch = batch

    async def run(self) -> None:
        """One pass, as the supervisor wants it."""
        await self.once()

    async def once(self) -> int:
        """One pass; how many letters were new. Raises `Unavailable` or `AuthFailed`, after doing what could be done."""
        keys = list(await self._mailbox.keys())
        async with self._db.reading() as connection:
            new = await self._letters.unseen(connection, self._name, keys)
        if len(new) > self._batch:
            new = await self._ordered(new)
        received = 0
        failure: Unavailable | None = None
        for start in range(0, len(new), self._batch):
            batch, failed = await self._read_all(new[start : start + self._batch])
            failure = failure or failed
            for item in sorted(batch, key=lambda each: (each.letter.moment, each.key)):
                received += await self._receive(item)
        if received:
            log.info("%s: %d new letters", self._name, received)
        if failure is not None:
            raise failure
        return received

    async def preview(self) -> list[Preview]:
        """What a pass would make of the letters that are new, in the mailbox's order; changes nothing.

        Raises `Unavailable` or `AuthFailed`.
        """
        keys = list(await self._mailbox.keys())
        async with self._db.reading() as connection:
            new = await self._letters.unseen(connection, self._name, keys)
            open_numbers = await self._letters.open_numbers(connection)
        found: list[Preview] = []
        for key in new:
            try:
                raw = await self._mailbox.read(key)
            except Rejected as error:
                found.append(Preview(key, None, "triage", (), error.message, error.values))
            else:
                found.append(self._foreseen(await in_thread("letters", partial(_read, key, raw, open_numbers))))
        return found

    def _foreseen(self, item: _Read) -> Preview:
        reading, sender = item.reading, item.letter.sender
        if reading.outcome != "ignore" and not is_listed(sender, self._senders):
            return Preview(item.key, item.letter, "triage", (), STRANGER, {"sender": sender or "?"})
        return Preview(item.key, item.letter, reading.outcome, reading.updates, reading.reason, {})

    async def _ordered(self, keys: Sequence[str]) -> list[str]:
        """The keys by their letters' own time; those of letters that cannot be read come last."""
        moments: dict[str, datetime] = {}
        for key in keys:
            with suppress(Unavailable, Rejected):  # met again, and dealt with, when the letter's turn comes
                raw = await self._mailbox.read(key)
                moments[key] = (await in_thread("letters", partial(parse_letter, raw.data, raw.received_at))).moment
        return sorted(keys, key=lambda key: (key not in moments, moments.get(key, _NEVER)))

    async def _read_all(self, keys: Sequence[str]) -> tuple[list[_Read], Unavailable | None]:
        """The letters that can be read; one that cannot be read now does not hold up the others."""
        async with self._db.reading() as connection:
            open_numbers = await self._letters.open_numbers(connection)
        found: list[_Read] = []
        failure: Unavailable | None = None
        for key in keys:
            try:
                raw = await self._mailbox.read(key)
            except Unavailable as error:
                failure = failure or error
            except Rejected as error:
                await self._put_aside(key, error)
            else:
                found.append(await in_thread("letters", partial(_read, key, raw, open_numbers)))
        return found, failure

    async def _receive(self, item: _Read) -> bool:
        async with self._db.transaction() as tx:
            state = await self._letters.receive(
                tx, self._name, item.key, item.letter, item.reading, senders=self._senders
            )
        return state is not None

    async def _put_aside(self, key: str, error: VakhtaError) -> None:
        """A person is asked to look at what cannot be read, unless it is simply not there any more."""
        if key not in await self._mailbox.keys():
            return
        log.warning("%s: %s was put aside: %s", self._name, key, error)
        async with self._db.transaction() as tx:
            await self._letters.unreadable(tx, self._name, key, error)


def _read(key: str, raw: RawLetter, open_numbers: Collection[str]) -> _Read:
    letter = parse_letter(raw.data, raw.received_at)
    return _Read(key, letter, read(letter, open_numbers=open_numbers))
