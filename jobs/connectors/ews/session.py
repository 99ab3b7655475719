"""One connection to an Exchange mailbox, used by one thread at a time. Imports exchangelib."""

import heapq
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.policy import SMTP
from email.utils import getaddresses
from typing import Any, Final, TypeVar

from exchangelib import DELEGATE, IMPERSONATION, Account, EWSTimeZone
from exchangelib.errors import ErrorInvalidSyncStateData, ErrorItemNotFound, UnauthorizedError
from exchangelib.protocol import Protocol

from core.errors import Rejected
from jobs.connectors.ews import mapping, services
from jobs.connectors.ews.options import Options
from jobs.connectors.ews.services import Item
from jobs.connectors.ews.transport import configuration, protocol_of
from jobs.letters.mailbox import Changes, Entry, FolderMissing, RawLetter, Unreadable
from jobs.letters.thinning import too_large

T = TypeVar("T")
LETTERS: Final = 50
"""Letters in one answer, at most."""
BYTES: Final = 8 * 1024 * 1024
"""Bytes of letters in one answer, unless a single letter is larger."""


class Session:
    """Asks what `run` is given; reports everything by the errors of the house."""

    def __init__(self, options: Options, abandoned: threading.Event) -> None:
        self.abandoned = abandoned
        self._options = options
        self._account: Any = None
        self._folder: Any = None
        self._accepted = False

    def run(self, work: "Callable[[Session], T]") -> T:
        """Do that work. A refusal after calls that were accepted is believed only when it is repeated.

        Exchange answers 401 also when it is busy and when a token has expired or was revoked.
        """
        try:
            try:
                result = work(self)
            except UnauthorizedError:
                if not self._accepted:
                    raise
                self.close()
                result = work(self)
        except mapping.FAILURES as error:
            raise mapping.named(error, self._options) from error
        self._accepted = True
        return result

    def close(self) -> None:
        """Close what is open and idle; does not wait."""
        account, self._account, self._folder = self._account, None, None
        if account is not None:
            account.protocol.close()

    def changes(self, cursor: str | None, since: datetime) -> Changes:
        """What came since the cursor or, without a valid one, the newest of what came since that moment."""
        try:
            return (self._since_cursor(cursor) if cursor else None) or self._since_moment(since)
        except mapping.MISSING:
            self._folder = None
            self._place()  # says which folders there are, if it is not there any more
            raise

    def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        """The letters, in the order of the keys; sizes are asked for first, so that no answer outgrows the memory."""
        letters: list[RawLetter | Unreadable] = []
        batch: list[str] = []
        weight = 0
        for key, found in self._get(keys, "size"):
            size = found.size if isinstance(found, Item) else 0
            failed = self._too_large(key, size) if isinstance(found, Item) else found
            if failed or len(batch) == LETTERS or (batch and weight + size > BYTES):
                letters += self._letters(batch)
                batch, weight = [], 0
            if failed:
                letters.append(failed)
            else:
                batch.append(key)
                weight += size
        return letters + self._letters(batch)

    def send(self, message: bytes, recipients: Sequence[str]) -> None:
        """Send it. Before the request leaves nothing can have been sent, after it nobody knows unless it is refused."""
        named = set(_named_recipients(message))
        if named != {address.lower() for address in recipients}:
            raise Rejected("Exchange sends to the recipients in the letter's head only, and they are others.")
        account = self._connected()
        try:
            services.Create(account=account).get(
                items=[message],
                folder=services.sent(account),
                message_disposition="SendAndSaveCopy",
                send_meeting_invitations="SendToNone",
            )
        except mapping.FAILURES as error:
            if isinstance(error, UnauthorizedError):
                raise
            raise mapping.named_sending(error, self._options) from error

    # --- the account and its folder

    def _connected(self) -> Any:
        """The account; how to sign in and which version of EWS is spoken are asked of the server."""
        if self._account is None:
            config = configuration(self._options)
            protocol_of(self._options)(config=config)  # `Account` takes the connection that is there for these settings
            account = Account(
                primary_smtp_address=self._options.address,
                access_type=IMPERSONATION if self._options.auth == "oauth" else DELEGATE,
                config=config,
                locale="en_US",
                default_timezone=EWSTimeZone("UTC"),
            )
            del Protocol[config]  # it is ours, and shall not be kept longer than we do
            _ = account.version
            self._account = account
        return self._account

    def _place(self) -> Any:
        """The folder. `Unavailable`, with the names that there are, if a step of its path is not there."""
        if self._folder is None:
            account = self._connected()
            first, *others = self._options.steps
            inbox = first.casefold() == "inbox"
            folder = services.inbox(account) if inbox else services.top(account)
            for step in others if inbox else (first, *others):
                folder = self._step(folder, step)
            self._folder = folder
        return self._folder

    def _step(self, parent: Any, name: str) -> Any:
        children = services.children(self._connected(), parent)
        exact = [child for child in children if child.name == name]
        alike = [child for child in children if child.name.casefold() == name.casefold()]
        if exact or len(alike) == 1:
            return (exact or alike)[0]
        raise FolderMissing(
            "Mailbox {address} has no folder {folder}: there is no {name} among {names}.",
            address=self._options.address,
            folder=self._options.folder,
            name=name,
            names=", ".join(sorted(child.name for child in children)) or "–",
        )

    # --- listing

    def _since_cursor(self, cursor: str) -> Changes | None:
        found: list[Item] = []
        try:
            state = self._walk(cursor, found.append)
        except ErrorInvalidSyncStateData:
            return None
        return replace(_changes(found, state), continued=True)

    def _since_moment(self, since: datetime) -> Changes:
        newest: list[tuple[datetime, str, Item]] = []

        def keep(item: Item) -> None:
            if item.received is not None and item.received >= since:
                heapq.heappush(newest, (item.received, item.key, item))
                if len(newest) > self._options.max_messages:
                    heapq.heappop(newest)

        state = self._walk(None, keep)
        return _changes([item for _, _, item in newest], state)

    def _walk(self, state: str | None, keep: Callable[[Item], None]) -> str:
        """Every new item since that state, page by page; the state after them."""
        sync = services.Sync(account=self._connected())
        while not self.abandoned.is_set():
            for item in sync.created(self._place(), state):
                keep(item)
            if sync.includes_last_item_in_range or sync.sync_state == state:
                break
            state = sync.sync_state
        return str(sync.sync_state)

    # --- reading

    def _get(self, keys: Sequence[str], *names: str) -> Iterator[tuple[str, Item | Unreadable]]:
        """These fields of each letter that is still there. Raises what is wrong with the server or the mailbox."""
        for start in range(0, len(keys), services.ITEMS):
            chunk = keys[start : start + services.ITEMS]
            found = services.Get(account=self._connected()).get_items(chunk, *names)
            for key, item in zip(chunk, found, strict=True):
                if isinstance(item, Item):
                    yield key, item
                elif not isinstance(item, ErrorItemNotFound):
                    yield key, mapping.unreadable(key, item)

    def _letters(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        wanted = ("mime_content", "datetime_received", "datetime_created")
        return [
            self._letter(key, found) if isinstance(found, Item) else found for key, found in self._get(keys, *wanted)
        ]

    def _letter(self, key: str, item: Item) -> RawLetter | Unreadable:
        moment = item.received or item.created
        if item.mime is None or moment is None:
            return Unreadable(key, Rejected("{name} is no letter.", name=mapping.short(key)))
        return self._too_large(key, len(item.mime)) or RawLetter(key, item.mime, moment)

    def _too_large(self, key: str, size: int) -> Unreadable | None:
        return too_large(key, size) if size > self._options.largest else None


def _changes(items: list[Item], cursor: str) -> Changes:
    """Oldest first; what has no date is new enough to come last."""
    items.sort(key=lambda item: (item.received is None, item.received, item.key))
    return Changes(tuple(Entry(item.key, item.received, item.sent) for item in items), cursor)


def _named_recipients(message: bytes) -> Iterator[str]:
    """Everyone in To, Cc and Bcc, lower case."""
    head = message_from_bytes(message, policy=SMTP)
    for _, address in getaddresses([str(value) for name in ("To", "Cc", "Bcc") for value in head.get_all(name, [])]):
        if address:
            yield address.lower()
