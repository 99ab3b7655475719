"""A folder of a mailbox in Microsoft 365 (https://learn.microsoft.com/graph/delta-query-messages), and its way out."""

import asyncio
import base64
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp

from core.clock import Clock
from core.errors import Rejected, Unavailable, Uncertain
from jobs.connectors.graph import mapping
from jobs.connectors.graph.wire import AT_ONCE, Wire
from jobs.letters.mailbox import Changes, Entry, FolderMissing, RawLetter, Unreadable
from jobs.letters.oauth import ClientCredentials
from jobs.letters.thinning import HEAD, Thinner, TooMuch, too_large
from jobs.threads import in_thread

log = logging.getLogger(__name__)

BASE: Final = "https://graph.microsoft.com/v1.0"
LARGEST: Final = 25 * 1024 * 1024
"""Bytes of a letter that are kept; of a larger one the long files are left out."""
LARGEST_SENT: Final = 3 * 1024 * 1024
"""Bytes of the largest letter that is sent: a request may have 4 MB, and base64 takes a third more."""
LISTED: Final = 30
"""Folders named at most in a sentence."""
_IDS: Final = 'IdType="ImmutableId"'
"""Ids that stay when a letter is moved (https://learn.microsoft.com/graph/outlook-immutable-id)."""


class _CursorVoid(Unavailable):
    """The server has forgotten where the last look ended."""


class _FilterRefused(Unavailable):
    """The server does not take the filter of a first look."""


@dataclass(frozen=True, slots=True)
class GraphOptions:
    """Which folder of which mailbox, and how to sign in.

    `authority` and `url` differ in other clouds; `url` empty is the global one. `folder` is a path of display names,
    the first of which may be "Inbox" in any language's mailbox. `timeout`: seconds of silence.
    """

    address: str
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    authority: str = "https://login.microsoftonline.com"
    url: str = ""
    folder: str = "Inbox"
    max_messages: int = 1000
    ca_file: Path | None = None
    timeout: float = 30.0


class GraphMailbox:
    """One folder of one mailbox; a letter's key is its immutable id. `ConfigError` for an address without TLS."""

    has_history = True

    def __init__(self, options: GraphOptions, clock: Clock) -> None:
        base = (options.url or BASE).rstrip("/")
        credentials = ClientCredentials(
            options.authority,
            options.tenant_id,
            options.client_id,
            options.client_secret,
            f"{'/'.join(base.split('/')[:3])}/.default",
            options.ca_file or True,
        )
        self._wire = Wire(base, credentials, clock, ca_file=options.ca_file, timeout=options.timeout)
        self._options = options
        self._user = f"/users/{mapping.in_path(options.address)}"
        self._received: dict[str, datetime | None] = {}
        self.identity = f"graph {base} {options.address.lower()} {'/'.join(mapping.steps(options.folder))}"

    async def changes(self, cursor: str | None, since: datetime) -> Changes:
        """See `Mailbox.changes`. A letter that was only marked as read is named again."""
        found = None
        if cursor and self._wire.is_ours(cursor):
            try:
                found = await self._round(cursor)
            except _CursorVoid:
                log.info("%s: the server has forgotten the last look; beginning again at %s", self.identity, since)
        found = found or await self._first_look(since)
        self._received = {entry.key: entry.received_at for entry in found.entries}
        return found

    async def _first_look(self, since: datetime) -> Changes:
        path = f"{self._user}/mailFolders/{mapping.in_path(await self._folder())}/messages/delta"
        try:
            found = await self._round(self._wire.url(path, mapping.first_query(since, filtered=True)))
        except _FilterRefused:
            found = await self._round(self._wire.url(path, mapping.first_query(since, filtered=False)))
        recent = [entry for entry in found.entries if entry.received_at is None or entry.received_at >= since]
        return Changes(tuple(recent[-self._options.max_messages :]), found.cursor)

    async def _round(self, link: str) -> Changes:
        """Every page from that link on. The same letter may be on several pages."""
        found: dict[str, Entry] = {}
        followed: set[str] = set()
        while True:
            followed.add(link)
            try:
                page = mapping.page(await self._json(link, prefer=f"{_IDS}, odata.maxpagesize=500"))
            except ValueError as error:
                raise self._strange("JSON") from error
            found |= {entry.key: entry for entry in page.entries if entry.received_at or entry.key not in found}
            link = page.next_link or page.delta_link
            if not self._wire.is_ours(link) or page.next_link in followed:
                raise self._strange("@odata.nextLink")
            if page.delta_link:
                return Changes(tuple(mapping.oldest_first(found.values())), page.delta_link)

    async def _folder(self) -> str:
        """The id of the configured folder, or its well-known name. `Unavailable` names the folders there are."""
        first, *rest = mapping.steps(self._options.folder)
        if mapping.same_name(first, "Inbox"):
            parent, at = "inbox", first
        else:
            parent, at = await self._child(f"{self._user}/mailFolders", first, self._options.address), first
        for step in rest:
            parent = await self._child(f"{self._user}/mailFolders/{mapping.in_path(parent)}/childFolders", step, at)
            at = f"{at}/{step}"
        return parent

    async def _child(self, path: str, name: str, parent: str) -> str:
        names = []
        async for id_, display in self._folders(path):
            if mapping.same_name(display, name):
                return id_
            names.append(display)
        there = ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")
        raise FolderMissing(
            "There is no folder {name} in {parent}; there are: {folders}.",
            name=name,
            parent=parent,
            folders=there or "—",
        )

    async def _folders(self, path: str) -> AsyncIterator[tuple[str, str]]:
        link = self._wire.url(path, "$select=displayName&$top=100")
        followed: set[str] = set()
        while link:
            followed.add(link)
            data = await self._json(link)
            try:
                for item in mapping.dicts(data.get("value")):
                    yield mapping.text_of(item, "id"), str(item.get("displayName", ""))
            except ValueError as error:
                raise self._strange("JSON") from error
            link = str(data.get("@odata.nextLink") or "")
            if link and (not self._wire.is_ours(link) or link in followed):
                raise self._strange("@odata.nextLink")

    async def _json(self, url: str, *, prefer: str = _IDS) -> Mapping[str, Any]:
        headers = {"Prefer": prefer, "Accept": "application/json"}
        async with self._wire.ask("GET", url, headers) as response:
            body = await response.read()
            status = response.status
        if status != 200:
            raise self._error(mapping.fault(status, body))
        try:
            data = json.loads(body)
        except ValueError as error:
            raise self._strange("JSON") from error
        if not isinstance(data, dict):
            raise self._strange("JSON")
        return data

    def _error(self, fault: mapping.Fault) -> Exception:
        error = mapping.error_of(fault, host=self._wire.host, address=self._options.address)
        if fault.is_void_cursor:
            return _CursorVoid(error.message, **error.values)
        if fault.code == mapping.UNFIT_FILTER:
            return _FilterRefused(error.message, **error.values)
        return error

    def _strange(self, what: str) -> Unavailable:
        return Unavailable("{host} does not answer as it should: {reason}.", host=self._wire.host, reason=what)

    async def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        """See `Mailbox.read`. When the server goes away in between, the rest is `Unreadable` for now."""
        found: dict[str, RawLetter | Unreadable | None] = {}
        waiting = deque(keys)

        async def reader() -> None:
            while waiting:
                key = waiting.popleft()
                try:
                    found[key] = await self._letter(key)
                except BaseException:
                    waiting.clear()
                    raise

        ended = await asyncio.gather(*(reader() for _ in range(AT_ONCE)), return_exceptions=True)
        failures = [error for error in ended if error is not None]
        for error in failures:
            if not found or not isinstance(error, Unavailable):
                raise error
            found = {key: found.get(key, Unreadable(key, error)) for key in keys}
        return [letter for key in keys if (letter := found[key]) is not None]

    async def _letter(self, key: str) -> RawLetter | Unreadable | None:
        """One letter; None when it is gone. Raises what concerns more than this letter."""
        path = f"{self._user}/messages/{mapping.in_path(key)}"
        async with self._wire.ask("GET", self._wire.url(f"{path}/$value"), {"Prefer": _IDS}) as response:
            status = response.status
            data, dropped, size = await _bytes(response)
        if size:
            return too_large(key, size, data)
        if status == 200:
            return await self._dated(key, path, data, dropped)
        fault = mapping.fault(status, data)
        error = mapping.error_of(fault, host=self._wire.host, address=self._options.address)
        if fault.code in mapping.BROKEN:
            return Unreadable(key, Rejected("Exchange cannot show this letter ({code}).", code=fault.code))
        if not isinstance(error, Unavailable):
            raise error
        return None if status in (404, 410) or fault.code == mapping.STRANGE_ID else Unreadable(key, error)

    async def _dated(self, key: str, path: str, data: bytes, dropped: tuple[int, ...]) -> RawLetter | Unreadable | None:
        """The letter with its time of receipt, asked for where the last look did not say it."""
        received = self._received.get(key)
        if received is None:
            try:
                answer = await self._json(self._wire.url(path, "$select=receivedDateTime"))
            except _CursorVoid:
                return None
            received = mapping.moment(answer.get("receivedDateTime"))
        if received is None:
            return Unreadable(key, self._strange("receivedDateTime"))
        return RawLetter(key, data, received, dropped)

    async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
        """Send a letter (RFC 5322) from this mailbox, and keep it in its Sent Items.

        It is not sent with `Rejected`, `Unavailable` and `AuthFailed`; with `Uncertain` nobody knows. Graph sends to
        those whom To, Cc and Bcc name, so `recipients` must be these (https://learn.microsoft.com/graph/api/user-sendmail).
        """
        if len(message) > LARGEST_SENT:
            raise Rejected("The letter is larger than {limit} MB.", limit=LARGEST_SENT // 1024 // 1024)
        if not mapping.goes_to(message, recipients):
            raise Rejected("The letter does not name its recipients.")
        headers = {"Content-Type": "text/plain"}
        url = self._wire.url(f"{self._user}/sendMail")
        async with self._wire.ask("POST", url, headers, base64.b64encode(message)) as response:
            if response.status == 202:
                return
            fault = mapping.fault(response.status, await response.read())
        raise self._unsent(fault, sender)

    def _unsent(self, fault: mapping.Fault, sender: str) -> Exception:
        host, address = self._wire.host, self._options.address
        if fault.code in mapping.SEND_AS:
            return Rejected("The mailbox {address} may not send as {sender}.", address=address, sender=sender)
        if fault.status in (400, 413, 422):
            return Rejected("{host} does not take the letter: {reason}.", host=host, reason=fault.in_short)
        if fault.status < 400 or (fault.status >= 500 and fault.status != 503):
            return Uncertain("{host} may have taken the letter, or not: {reason}.", host=host, reason=fault.in_short)
        return mapping.error_of(fault, host=host, address=address, permission=mapping.MAY_NOT_SEND)

    async def wait(self, seconds: float) -> None:
        """Wait that long: to be told of new letters the assistant would need a public address."""
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """See `Mailbox.close`."""
        await self._wire.close()


async def _bytes(response: aiohttp.ClientResponse) -> tuple[bytes, tuple[int, ...], int]:
    """What was answered, and what was left out because it is large. Of what is too large the head, and a size."""
    size, data, thinner = response.content_length or 0, bytearray(), Thinner(LARGEST)
    seen = 0
    try:
        async for chunk in response.content.iter_chunked(65536):
            seen += len(chunk)
            if max(seen, size) > LARGEST:
                whole = bytes(data + chunk)
                data.clear()
                await in_thread("graph", partial(_feed, thinner, whole))
            else:
                data += chunk
            thinner.check(max(seen, size))
        thinner.end()
    except TooMuch:
        return bytes(data or thinner.kept)[:HEAD], (), max(seen, size)
    return bytes(data or thinner.kept), tuple(thinner.dropped), 0


def _feed(thinner: Thinner, data: bytes) -> None:
    for start in range(0, len(data), 1 << 20):
        thinner.feed(data[start : start + (1 << 20)])
