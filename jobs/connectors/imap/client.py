"""A folder of an IMAP server as a mailbox of letters; nothing there is marked, moved or deleted.

A letter's key is `UIDVALIDITY:UID`; the cursor is the same for the next letter to come.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from core.errors import Unavailable
from jobs.connectors.imap.account import ImapAccount
from jobs.connectors.imap.connection import Connection
from jobs.connectors.imap.mapping import EPOCH, Place, batches, entry, oldest_first, received_since
from jobs.letters.mailbox import Changes, Entry, RawLetter, Unreadable
from jobs.letters.thinning import thinned
from jobs.threads import in_thread

log = logging.getLogger(__name__)
T = TypeVar("T")

LONGEST_IDLE: Final = 25 * 60
"""Seconds of one IDLE; a server may hang up after 30 minutes (RFC 2177)."""
PAUSE: Final = 5.0
"""Seconds before the next look when the connection broke in IDLE, so that a server that ends each is not pressed."""
_LISTED: Final = 400
"""Letters asked of at once; a command stays below the 8,000 octets every server takes (RFC 2683, section 3.2.1.5)."""
_FETCHED: Final = 100
_FETCHED_BYTES: Final = 1024 * 1024
"""At most so much is fetched by one command, unless one letter is larger: what a cut connection costs."""


class Imap:
    """The account's folder. Calls may overlap: each has a connection to itself, and one is kept for the next call."""

    has_history = True

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._kept: Connection | None = None
        self._lent: set[Connection] = set()

    @property
    def identity(self) -> str:
        """`imap://user@host:port/folder`."""
        return self._account.identity

    async def changes(self, cursor: str | None, since: datetime) -> Changes:
        """What came after `cursor`, or since `since` when there is none or UIDVALIDITY has changed; oldest first."""
        return await self._run(partial(_changes, cursor=cursor, since=since, most=self._account.max_messages))

    async def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        """The letters under these keys, in their order; those that are gone are left out.

        When the connection breaks in the middle, what had been read is returned, the rest as not to be had now.
        """
        return await self._run(partial(_read, keys=keys, largest=self._account.largest)) if keys else []

    async def wait(self, seconds: float) -> None:
        """Return as soon as something comes (IDLE), or after that many seconds; after 25 minutes at the latest."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        kept = self._kept
        if kept is not None and kept.idles:
            try:
                await self._run(lambda connection: connection.idle(min(seconds, LONGEST_IDLE)))
            except Unavailable as error:
                log.info("%s: %s Looking again in a moment.", self.identity, error)
                end = min(end, loop.time() + PAUSE)
            else:
                if kept.idles:
                    return
        await asyncio.sleep(max(0.0, end - loop.time()))

    async def close(self) -> None:
        """Log out, within a second; calls under way end with `Unavailable`."""
        for connection in tuple(self._lent):
            connection.abandon()
        if self._kept is not None:
            with suppress(Unavailable, TimeoutError):
                async with asyncio.timeout(0.8):
                    await self._run(Connection.log_out)
            self._drop()

    async def _run(self, work: Callable[[Connection], T]) -> T:
        """Do that with the kept connection, or a new one, in a thread; keep it unless it failed or nobody waits."""
        connection, self._kept = self._kept or Connection(self._account), None
        connection.lend()
        self._lent.add(connection)
        try:
            result = await in_thread("imap", partial(connection.run, work))
        except BaseException:
            connection.abandon()
            raise
        finally:
            self._lent.discard(connection)
        if connection.usable and self._kept is None:
            self._kept = connection
        else:
            connection.abandon()
        return result

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.abandon()


def _changes(connection: Connection, *, cursor: str | None, since: datetime, most: int) -> Changes:
    connection.ready(fresh=True)
    validity = connection.validity
    place = Place.parse(cursor)
    continued = place is not None and place.validity == validity
    if place is not None and continued:
        uids = [uid for uid in connection.search(f"UID {place.uid}:*") if uid >= place.uid]  # `*` alone always matches
        entries = sorted(_entries(connection, uids), key=oldest_first)
        following = max((place.uid - 1, *uids)) + 1
    else:
        uids = connection.search(received_since(since))
        recent = (each for each in _entries(connection, uids) if each.received_at is None or each.received_at >= since)
        entries = sorted(recent, key=oldest_first)[-most:]
        known = connection.next_uid or max(connection.search("ALL"), default=0) + 1
        following = max((known - 1, *uids)) + 1
    return Changes(tuple(entries), str(Place(validity, following)), continued)


def _entries(connection: Connection, uids: Sequence[int]) -> Iterator[Entry]:
    """Those that are still there; without times where the server does not tell: `read` will say why."""
    for start in range(0, len(uids), _LISTED):
        chunk = uids[start : start + _LISTED]
        answer = connection.fetch(chunk, "(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS (DATE)])")
        found = {each.uid: each for each in answer.found if each.body is not None}
        yield from (entry(connection.validity, each) for each in found.values())
        if answer.refused:
            yield from (Entry(str(Place(connection.validity, uid))) for uid in chunk if uid not in found)


def _read(connection: Connection, *, keys: Sequence[str], largest: int) -> list[RawLetter | Unreadable]:
    connection.ready(fresh=False)
    places = [place for key in keys if (place := Place.parse(key)) and place.validity == connection.validity]
    sizes = _sizes(connection, [place.uid for place in places])
    found: dict[int, RawLetter | Unreadable] = {}
    wanted: dict[int, int] = {}
    for uid, size in sizes.items():
        if size <= largest:
            wanted[uid] = size
        else:
            found[uid] = _large(connection, uid, size=size, most=largest)
    for batch in batches(wanted, most=_FETCHED, most_bytes=_FETCHED_BYTES):
        try:
            with connection.explained():
                found.update(_letters(connection, batch))
        except Unavailable as error:
            if not found:
                raise
            connection.give_up()
            found.update(
                (uid, Unreadable(str(Place(connection.validity, uid)), error)) for uid in wanted.keys() - found
            )
            break
    return [found[uid] for uid in dict.fromkeys(place.uid for place in places) if uid in found]


def _large(connection: Connection, uid: int, *, size: int, most: int) -> RawLetter | Unreadable:
    """A letter that is not to be in memory whole, in pieces."""
    key = str(Place(connection.validity, uid))
    refused = ""
    moments = [each.received_at for each in connection.fetch([uid], "(UID INTERNALDATE)").found if each.uid == uid]

    def pieces() -> Iterator[bytes]:
        nonlocal refused
        for start in range(0, size, _FETCHED_BYTES):
            answer = connection.fetch([uid], f"(UID BODY.PEEK[]<{start}.{_FETCHED_BYTES}>)")
            body = next((each.body for each in answer.found if each.uid == uid and each.body), None)
            if body is None:
                refused = answer.refused or "BODY[]<>"
                return
            yield body

    letter = thinned(key, pieces(), next(filter(None, moments), EPOCH), size=size, most=most)
    if refused:
        return Unreadable(key, Unavailable("The letter {name} cannot be read: {reason}.", name=key, reason=refused))
    return letter


def _sizes(connection: Connection, uids: Sequence[int]) -> dict[int, int]:
    """Of those that are there, in this order; 0 where the server does not tell."""
    sizes: dict[int, int] = {}
    for start in range(0, len(uids), _LISTED):
        chunk = uids[start : start + _LISTED]
        answer = connection.fetch(chunk, "(UID RFC822.SIZE)")
        told = {each.uid: each.size for each in answer.found if each.size is not None}
        sizes.update((uid, told.get(uid, 0)) for uid in chunk if uid in told or answer.refused)
    return sizes


def _letters(connection: Connection, uids: Sequence[int]) -> Iterator[tuple[int, RawLetter | Unreadable]]:
    """The letters that are there. One that the server cannot give does not take the others with it."""
    answer = connection.fetch(uids, "(UID INTERNALDATE BODY.PEEK[])")
    missing = set(uids)
    for each in answer.found:
        if each.body is not None and each.uid in missing:
            missing.discard(each.uid)
            key = str(Place(connection.validity, each.uid))
            yield each.uid, RawLetter(key, each.body, each.received_at or EPOCH)
    if not answer.refused:
        return
    for uid in sorted(missing):
        if len(uids) > 1:
            yield from _letters(connection, [uid])
        else:
            key = str(Place(connection.validity, uid))
            yield (
                uid,
                Unreadable(
                    key, Unavailable("The letter {name} cannot be read: {reason}.", name=key, reason=answer.refused)
                ),
            )
