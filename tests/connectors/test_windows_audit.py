"""Security events of Windows: their XML is understood, and bounded."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Rejected, Unavailable
from core.files.model import AuditSettings
from jobs.connectors.windows_audit.client import SecurityLog
from jobs.connectors.windows_audit.mapping import LONGEST, WindowsLog, read_event, split_events

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
ROOT = r"D:\Shares\Documents"


def event(
    name: str = ROOT + r"\2026\Договір.docx",
    *,
    mask: str = "0x6",
    kind: int = 4663,
    record: int = 1,
    user: str = "anna",
    **data: str,
) -> str:
    """An event as `wevtutil qe Security /f:xml` prints it."""
    values = {
        "SubjectUserSid": "S-1-5-21-1-2-3-1104",
        "SubjectUserName": user,
        "SubjectDomainName": "CORP",
        "SubjectLogonId": "0x4367b",
        "ObjectServer": "Security",
        "ObjectType": "File",
        "ObjectName": name,
        "HandleId": "0x1bc",
        "AccessList": "%%4417\r\n\t\t\t\t%%4418\r\n\t\t\t\t",
        "AccessMask": mask,
        "ProcessId": "0x4",
        "ProcessName": "",
        **data,
    }
    named = "".join(f"<Data Name='{key}'>{escape(value)}</Data>" for key, value in values.items())
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>"
        f"<EventID>{kind}</EventID><Version>1</Version><TimeCreated SystemTime='2026-11-21T07:23:31.1234567Z'/>"
        f"<EventRecordID>{record}</EventRecordID><Channel>Security</Channel><Computer>fs.corp.local</Computer>"
        f"</System><EventData>{named}</EventData></Event>"
    )


def windows(root: str = ROOT) -> WindowsLog:
    return WindowsLog(AuditSettings("windows", root=root), "/mnt/documents")


def deeds(*events: str) -> list[tuple[str, str, str, str | None]]:
    found = windows().parse("\r\n".join(events).encode(), NOW, quiet=True)
    return [(each.who, each.action, each.path, each.other) for each in found.entries]


def test_a_right_that_was_used_is_an_entry() -> None:
    assert deeds(event()) == [("CORP\\anna", "wrote", "2026/Договір.docx", "")]
    assert deeds(event(mask="0x10000")) == [("CORP\\anna", "went", "2026/Договір.docx", None)]
    assert deeds(event(name=ROOT.lower() + r"\a", mask="0x2")) == [("CORP\\anna", "wrote", "a", "")]


def test_what_changes_no_file_here_is_none() -> None:
    assert deeds(event(mask="0x1"), event(ROOT), event(ROOT + r"2\a"), event(kind=4656), event(ObjectType="Key")) == []


def test_its_moment_is_exact_and_its_client_is_known_by_the_logon() -> None:
    share = event(kind=5145, IpAddress="10.0.0.7", ShareName=r"\\*\Documents")
    (entry,) = windows().parse((share + event()).encode(), NOW, quiet=True).entries
    assert entry.at == datetime(2026, 11, 21, 7, 23, 31, 123456, tzinfo=UTC)
    assert entry.client == "10.0.0.7"


def test_an_event_without_a_user_names_nobody() -> None:
    assert [who for who, *_ in deeds(event(user="-"), event(user="a,b"))] == ["", ""]


def test_half_an_event_waits_and_the_frame_of_a_file_is_passed_over() -> None:
    whole = "\ufeff<?xml version='1.0'?><Events>" + event() + "\r\n"
    found = windows().parse((whole + event()[:-3]).encode(), NOW, quiet=True)
    assert (len(found.entries), found.senseless) == (1, 0)
    assert found.used == len(whole.rstrip().encode())


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE Event [<!ENTITY a 'b'>]>" + event(),
        event().replace("<System>", "<!-- x --><System>"),
        event().replace("<EventID>", "<EventID>x"),
        event().replace("'2026-11", "'then"),
        event().replace("</System>", ""),
        event("x" * LONGEST),
        "<Event></Event>",
    ],
)
def test_what_is_no_event_of_windows_is_put_aside(text: str) -> None:
    with pytest.raises(Rejected):
        read_event(text.encode())


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_no_name_of_a_file_can_speak_for_somebody_else(name: str) -> None:
    hostile = event(ROOT + "\\" + name + "</Data></EventData></Event>" + event(user="petro"))
    assert {who for who, *_ in deeds(hostile, event())} <= {"CORP\\anna"}


class Wevtutil:
    """The tool of Windows over a list of events, given out as it does: UTF-16, so many, either end first."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def __call__(self, arguments: Sequence[str]) -> bytes:
        options = dict(each[1:].split(":", 1) for each in arguments[2:])
        known = split_events("".join(self.events).encode())[0]
        after = int(options["q"].split("EventRecordID>")[1].split(")")[0]) if "Record" in options["q"] else -1
        wanted = [text for text, each in zip(self.events, known, strict=True) if each.record > after]
        wanted = wanted[::-1] if options["rd"] == "true" else wanted
        return "\r\n".join(wanted[: int(options["c"])]).encode("utf-16")


def test_the_log_of_this_machine_is_read_from_where_it_stood() -> None:
    tool = Wevtutil()
    log = SecurityLog(windows(), tool)
    tool.events = [event(record=1), event(record=2)]
    first = log.read(None, NOW)
    assert (first.entries, first.lost) == ((), False)
    tool.events.append(event(record=3, user="petro"))
    second = log.read(first.position, NOW)
    assert [entry.who for entry in second.entries] == ["CORP\\petro"]
    assert not second.lost
    assert log.read(second.position, NOW).entries == []
    tool.events = [event(record=9)]  # the log went round
    assert log.read(second.position, NOW).lost
    tool.events = [event(record=1, user="petro")]  # or was cleared
    cleared = log.read({"record": 9}, NOW)
    assert cleared.lost
    assert [entry.who for entry in log.read(cleared.position, NOW).entries] == ["CORP\\petro"]


def test_elsewhere_than_on_windows_it_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="Windows"):
        SecurityLog(windows()).read(None, NOW)
