"""Pure: what Microsoft Graph says, and what it means to us."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

from core.errors import AuthFailed, Unavailable, VakhtaError
from core.text import N_
from jobs.letters.mailbox import Entry

PAUSE: Final = 10.0
"""Seconds to wait when told to wait, but not how long."""
SHORTEST: Final = 1.0
"""Seconds of the shortest pause, so that patience ends."""

_NO_MAILBOX: Final = frozenset(
    {
        "ErrorInvalidUser",
        "ErrorNonExistentMailbox",
        "MailboxNotEnabledForRESTAPI",
        "MailboxNotSupportedForRESTAPI",
        "Request_ResourceNotFound",
        "ResourceNotFound",
    }
)
_VOID: Final = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "errorinvalidsyncstatedata"})
"""In small letters: Graph has written them in both ways."""
UNFIT_FILTER: Final = "ErrorInvalidUrlQuery"
"""Some mailboxes have refused the documented filter (microsoftgraph/msgraph-sdk-dotnet#1512)."""
STRANGE_ID: Final = "ErrorInvalidIdMalformed"
"""A key from elsewhere: there is no such letter here."""
SEND_AS: Final = frozenset({"ErrorSendAsDenied", "SendAsDenied"})
BROKEN: Final = frozenset(
    {"ErrorMimeContentConversionFailed", "ErrorContentConversionFailed", "ErrorMimeContentInvalid", "ErrorCorruptData"}
)
"""Exchange cannot make this one letter into MIME, and never will."""

MAY_NOT_READ: Final = N_(
    "The application may not read the mailbox {address} ({code}): it needs the application permission Mail.Read with "
    "an administrator's consent, and no access policy that leaves this mailbox out."
)
MAY_NOT_SEND: Final = N_(
    "The application may not send as {address} ({code}): it needs the application permission Mail.Send with an "
    "administrator's consent, and no access policy that leaves this mailbox out."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that is an error. `code` is empty where somebody else than Graph answered, a proxy perhaps."""

    status: int
    code: str
    message: str

    @property
    def is_void_cursor(self) -> bool:
        """The place where the last look ended is forgotten, or its folder is gone: begin again."""
        if self.status == 404:
            return self.code not in _NO_MAILBOX
        return self.status == 410 or self.code.lower() in _VOID

    @property
    def in_short(self) -> str:
        """For a sentence: `500 ErrorInternalServerError`."""
        return f"{self.status} {self.code}".strip()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a look. Exactly one of the links is there."""

    entries: tuple[Entry, ...]
    next_link: str
    delta_link: str


def fault(status: int, body: bytes) -> Fault:
    """An error's code and words (https://learn.microsoft.com/graph/errors); the innermost code says most."""
    try:
        error = json.loads(body)["error"]
        return Fault(status, str(error["code"]), str(error.get("message", "")))
    except (ValueError, LookupError, TypeError, AttributeError):
        return Fault(status, "", "")


def error_of(fault: Fault, *, host: str, address: str, permission: str = MAY_NOT_READ) -> VakhtaError:
    """What happens next after that answer."""
    values = {"host": host, "address": address, "code": fault.code}
    if (fault.status == 403 and fault.code) or fault.code == "NoPermissionsInAccessToken":
        return AuthFailed(permission, **values)
    if fault.status == 401 and fault.code:
        return AuthFailed("{host} does not take the application's token ({code}): check tenant_id and url.", **values)
    if fault.code in _NO_MAILBOX and 400 <= fault.status < 500:
        return AuthFailed(
            "Microsoft 365 keeps no mailbox {address} ({code}): check the address, its licence, and that it is not on "
            "a server of your own.",
            **values,
        )
    return Unavailable("{host} does not answer as it should: {reason}.", host=host, reason=fault.in_short)


def pause(status: int, headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the server asks to wait before the same request is made again; None where it does not ask."""
    told = headers.get("Retry-After", "").strip()
    if status != 429 and (status != 503 or not told):
        return None
    if told.isascii() and told.isdigit():
        return max(SHORTEST, float(told))
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return PAUSE
    return max(SHORTEST, (_aware(moment) - now).total_seconds())


def moment(text: object) -> datetime | None:
    """`2026-11-20T12:00:00Z` → aware, UTC; None for anything else."""
    try:
        return _aware(datetime.fromisoformat(str(text)))
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def page(data: Mapping[str, Any]) -> Page:
    """A page of changes; what was removed is left out. `ValueError` if it is none."""
    links = str(data.get("@odata.nextLink") or ""), str(data.get("@odata.deltaLink") or "")
    if bool(links[0]) == bool(links[1]):
        raise ValueError("a page of changes has one link")
    return Page(tuple(_entries(data.get("value"))), *links)


def _entries(items: object) -> Iterator[Entry]:
    for item in dicts(items):
        if "@removed" not in item:
            yield Entry(text_of(item, "id"), moment(item.get("receivedDateTime")), moment(item.get("sentDateTime")))


def dicts(items: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list. `ValueError` if it is none."""
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("a list of objects is expected")
    yield from items


def text_of(item: Mapping[str, Any], name: str) -> str:
    """A property that must be there. `ValueError` if it is not."""
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def oldest_first(entries: Iterable[Entry]) -> list[Entry]:
    """By receipt; those whose time is not known come last."""
    latest = datetime.max.replace(tzinfo=UTC)
    return sorted(entries, key=lambda entry: entry.received_at or latest)


def first_query(since: datetime, *, filtered: bool) -> str:
    """The query of a first look (https://learn.microsoft.com/graph/delta-query-messages)."""
    query = "$select=receivedDateTime,sentDateTime"
    return f"{query}&$filter=receivedDateTime%20ge%20{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if filtered else query


def steps(folder: str) -> list[str]:
    """`Inbox/Contracts` → its steps, each a folder's name; no steps at all are the inbox."""
    return [step.strip() for step in folder.split("/") if step.strip()] or ["Inbox"]


def same_name(one: str, other: str) -> bool:
    """Whether two folder names are one, whatever their case."""
    return one.strip().casefold() == other.strip().casefold()


def in_path(text: str) -> str:
    """An id or an address as one step of a URL's path."""
    return quote(text, safe="@")


def addressed(message: bytes) -> set[str]:
    """To whom a letter goes by its own headers, in small letters: Graph knows no envelope."""
    headers = BytesParser(policy=policy.compat32).parsebytes(message, headersonly=True)
    fields = [str(value) for name in ("to", "cc", "bcc") for value in headers.get_all(name, [])]
    return {address.lower() for _, address in getaddresses(fields) if address}


def goes_to(message: bytes, recipients: Sequence[str]) -> bool:
    """Whether that letter's headers name these recipients and nobody else."""
    return addressed(message) == {recipient.lower() for recipient in recipients}
