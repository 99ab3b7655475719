"""Security events of Windows understood: their XML → audit entries. Pure.

4663 "an attempt was made to access an object" says that a right was used: WriteData (0x2), AppendData (0x4) or
DELETE (0x10000). It is enough by itself: 4660 "an object was deleted" names no file, and 5145 "a network share
object was checked" says what was asked for, not what was done; but it knows the client's address, and shares the
logon with the 4663 events of that client. Renaming uses DELETE on the old name, and the log does not name the new one.
(Microsoft, "Advanced security auditing": 4660, 4663, 5145.)

The XML is parsed by `xml.etree`, one event of bounded size at a time, and only if it declares nothing: without a
DOCTYPE there are no entities to expand or fetch. (lxml is not ours: it comes with the Exchange library, which is not
loaded unless a mailbox needs it.)
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from core.errors import Rejected
from core.files.model import AuditSettings
from core.files.naming import shown
from core.files.who import AuditEntry, Parsed

LONGEST: Final = 64 * 1024
"""Bytes of one event; a real one has 2 KB."""

_WRITE: Final = 0x2 | 0x4
_DELETE: Final = 0x10000
_EVENT: Final = re.compile(rb"<Event[\s>].*?</Event>", re.DOTALL)
_BETWEEN: Final = re.compile(rb"(?:\s|\xef\xbb\xbf|<\?xml[^>]*\?>|</?Events>)*")
_NAMESPACE: Final = "{http://schemas.microsoft.com/win/2004/08/events/event}"
_SYSTEM: Final = f"{_NAMESPACE}System/{_NAMESPACE}"
_SYSTEM_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.\d{1,6})?\d*Z")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f,|]{1,256}")


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """What is read of an event: number, kind, time and named data."""

    record: int
    kind: int
    at: datetime
    data: Mapping[str, str]


class WindowsLog:
    """Understands security events of one folder. `here`: where that folder is on this machine."""

    def __init__(self, settings: AuditSettings, here: str) -> None:
        self._root = (settings.root or here).replace("/", "\\").rstrip("\\").casefold()

    def parse(self, data: bytes, now: datetime, *, quiet: bool) -> Parsed:
        """The entries of the whole events of a piece, UTF-8."""
        events, used, senseless = split_events(data)
        return Parsed(self.entries(events), used, senseless)

    def entries(self, events: list[SecurityEvent]) -> list[AuditEntry]:
        """What the events say of the watched folder."""
        clients = {
            event.data.get("SubjectLogonId", ""): event.data.get("IpAddress", "")
            for event in events
            if event.kind == 5145
        }
        return [entry for event in events if event.kind == 4663 for entry in self._entries(event, clients)]

    def _entries(self, event: SecurityEvent, clients: Mapping[str, str]) -> Iterator[AuditEntry]:
        data = event.data
        path = self._below(data.get("ObjectName", ""))
        if path is None or data.get("ObjectType") != "File":
            return
        rights = _rights(data)
        domain, name = data.get("SubjectDomainName", ""), data.get("SubjectUserName", "")
        who = f"{domain}\\{name}" if domain not in ("", "-") else name
        who = who if name not in ("", "-") and _NAME.fullmatch(who) else ""
        client = clients.get(data.get("SubjectLogonId", ""), "")
        if rights & _WRITE:
            yield AuditEntry(event.at, event.at, who, client, "wrote", path)
        if rights & _DELETE:
            yield AuditEntry(event.at, event.at, who, client, "went", path, None)

    def _below(self, name: str) -> str | None:
        folded = name.casefold()
        if len(folded) != len(name) or not folded.startswith(self._root + "\\"):
            return None
        return shown(name[len(self._root) + 1 :].replace("\\", "/")) or None


def _rights(data: Mapping[str, str]) -> int:
    try:
        return int(data.get("AccessMask", "0"), 16)
    except ValueError:
        return 0


def split_events(data: bytes) -> tuple[list[SecurityEvent], int, int]:
    """The whole events at the beginning of a piece, how many bytes they take, and how many made no sense.

    What stands between events but space and their frame is none of Windows: it is passed over and counted.
    """
    events: list[SecurityEvent] = []
    used = senseless = 0
    for match in _EVENT.finditer(data):
        if _BETWEEN.fullmatch(data, used, match.start()) is None:
            senseless += 1
        used = match.end()
        try:
            events.append(read_event(match.group()))
        except Rejected:
            senseless += 1
    return events, used, senseless


def read_event(text: bytes) -> SecurityEvent:
    """One event. Raises `Rejected`."""
    if len(text) > LONGEST or b"<!" in text:
        raise Rejected("This is no event of Windows.")
    try:
        root = ET.fromstring(text.decode("utf-8"))  # noqa: S314  nothing is declared, so nothing expands
        time = root.find(f"{_SYSTEM}TimeCreated")
        return SecurityEvent(
            int(root.findtext(f"{_SYSTEM}EventRecordID", "")),
            int(root.findtext(f"{_SYSTEM}EventID", "")),
            _moment("" if time is None else time.get("SystemTime", "")),
            {
                each.get("Name", ""): each.text or ""
                for each in root.iterfind(f"{_NAMESPACE}EventData/{_NAMESPACE}Data")
            },
        )
    except (ET.ParseError, ValueError) as error:
        raise Rejected("This is no event of Windows.") from error


def _moment(text: str) -> datetime:
    """`2026-11-21T07:23:31.1234567Z`: ten millionths of a second."""
    told = _SYSTEM_TIME.fullmatch(text)
    if told is None:
        raise ValueError(text)
    return datetime.fromisoformat(told[1] + (told[2] or "")).replace(tzinfo=UTC)
