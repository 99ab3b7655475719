"""Samba's audit log: every form of its lines is understood, and none speaks for somebody else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.files.model import AuditSettings
from core.files.naming import shown
from core.files.who import AuditEntry
from jobs.connectors.samba.mapping import SambaLog

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ROOT = "/srv/share"
HEADER = "[2026/11/21 07:23:31.557610,  1] ../../source3/modules/vfs_full_audit.c:643(do_log)"


def samba(**settings: str) -> SambaLog:
    chosen: dict[str, str] = {"timezone": "UTC", "root": ROOT, **settings}
    return SambaLog(AuditSettings("samba", Path("audit.log"), **chosen), "/mnt/documents")  # type: ignore[arg-type]  # all are texts


def record(text: str, header: str = HEADER) -> bytes:
    """A record as Samba 4.17 wrote it to a file of its own: further lines of the text are indented, too."""
    return (header + "\n  " + text.replace("\n", "\n  ") + "\n").encode("utf-8", "surrogateescape")


def read(text: str, **settings: str) -> list[AuditEntry]:
    return list(samba(**settings).parse(record(text), NOW, quiet=True).entries)


def deeds(text: str, **settings: str) -> list[tuple[str, str, str, str | None]]:
    return [(each.who, each.action, each.path, each.other) for each in read(text, **settings)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pwrite_send|ok|/srv/share/a.docx", [("anna", "wrote", "a.docx", "")]),
        ("pwrite|ok|/srv/share/2026/звіт.xlsx", [("anna", "wrote", "2026/звіт.xlsx", "")]),
        ("write|ok|/srv/share/a|b;c.docx", [("anna", "wrote", "a|b;c.docx", "")]),
        ("ftruncate|ok|/srv/share/a", [("anna", "wrote", "a", "")]),
        ("create_file|ok|0x12019f|file|overwrite_if|/srv/share/a", [("anna", "wrote", "a", "")]),
        ("create_file|ok|0x17019f|file|create|/srv/share/a", [("anna", "wrote", "a", "")]),
        ("unlinkat|ok|/srv/share/a", [("anna", "deleted", "a", "")]),
        ("unlink|ok|/srv/share/a", [("anna", "deleted", "a", "")]),
        ("renameat|ok|/srv/share/a|/srv/share/b/c", [("anna", "came", "b/c", "a"), ("anna", "went", "a", "b/c")]),
        ("rename|ok|/srv/share/a|/srv/other/c", [("anna", "went", "a", "")]),
    ],
)
def test_what_changes_a_file_is_an_entry(text: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert deeds(f"anna|10.0.0.7|pc7|documents|{text}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "openat|ok|w|/srv/share/a",  # opened for writing is not written
        "create_file|ok|0x12019f|file|open|/srv/share/a",
        "create_file|ok|0x80|dir|create|/srv/share/a",
        "mkdirat|ok|/srv/share/a",
        "close|ok|/srv/share/a",
        "unlinkat|fail (Permission denied)|/srv/share/a",
        "pwrite|ok|/srv/share2/a",
        "pwrite|ok|/srv/share",
    ],
)
def test_what_changes_no_file_here_is_none(text: str) -> None:
    assert deeds(f"anna|10.0.0.7|pc7|documents|{text}") == []


def test_an_entry_knows_its_moment_and_the_client() -> None:
    (entry,) = read("anna|10.0.0.7|pc7|documents|pwrite|ok|/srv/share/a")
    assert entry.at == entry.until == datetime(2026, 11, 21, 7, 23, 31, 557610, tzinfo=UTC)
    assert entry.client == "10.0.0.7"


@pytest.mark.parametrize(
    "header",
    [
        HEADER.replace(".557610", ""),
        HEADER.replace(",  1]", ",  1, pid=71, effective(0, 0), real(0, 0), class=full_audit]"),
        HEADER.replace("../../source3/modules/", "../source3/modules/").replace("643", "583"),
    ],
)
def test_other_forms_of_a_header_are_known(header: str) -> None:
    found = samba().parse(record("anna|10.0.0.7|pc7|documents|pwrite|ok|/srv/share/a", header), NOW, quiet=True)
    assert [entry.who for entry in found.entries] == ["anna"]


def test_other_records_of_the_same_file_are_passed_over() -> None:
    other = record("smbd version 4.17.12 started.", "[2026/11/21 07:23:29,  0] ../../source3/smbd/server.c:1741(main)")
    found = samba().parse(other + record("anna|1|pc|documents|pwrite|ok|/srv/share/a"), NOW, quiet=True)
    assert (len(found.entries), found.senseless) == (1, 0)


def test_a_record_without_its_end_waits() -> None:
    first, second = (record(f"anna|1|pc|documents|pwrite|ok|/srv/share/{name}") for name in "ab")
    for cut in range(1, len(second)):
        data = first + second[:cut]
        assert [entry.path for entry in samba().parse(data, NOW, quiet=False).entries] == ["a"]
        assert samba().parse(data, NOW, quiet=False).used == len(first)
    assert [entry.path for entry in samba().parse(first + second, NOW, quiet=True).entries] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "at", "seconds"),
    [
        ("Nov 21 07:23:31 fs smbd_audit: ", datetime(2026, 11, 21, 7, 23, 31, tzinfo=UTC), 1),
        ("<165>Nov  1 07:23:31 fs smbd_audit[71]: ", datetime(2026, 11, 1, 7, 23, 31, tzinfo=UTC), 1),
        ("Dec 31 23:59:59 fs smbd_audit: ", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), 1),
        ("2026-11-21T09:23:31.557610+02:00 fs smbd_audit: ", datetime(2026, 11, 21, 7, 23, 31, 557610, tzinfo=UTC), 0),
        ("2026-11-21T07:23:31+0000 fs smbd_audit[71]: ", datetime(2026, 11, 21, 7, 23, 31, tzinfo=UTC), 1),
    ],
)
def test_the_lines_of_a_syslog_daemon_are_known(line: str, at: datetime, seconds: int) -> None:
    text = f"{line}anna|10.0.0.7|pc7|documents|pwrite|ok|/srv/share/a b\n"
    half = text[: len(text) // 2]
    found = samba(form="syslog").parse((text + "Nov 21 07:23:31 fs cron: x\n" + half).encode(), NOW, quiet=True)
    (entry,) = found.entries
    assert (entry.who, entry.path, entry.at) == ("anna", "a b", at)
    assert round((entry.until - entry.at).total_seconds()) == seconds
    assert found.used == len(text + "Nov 21 07:23:31 fs cron: x\n")


def test_the_prefix_is_configured() -> None:
    assert deeds("s3cret CORP\\anna|x|documents|pwrite|ok|/srv/share/a", prefix="s3cret %u|%m|%S") == [
        ("CORP\\anna", "wrote", "a", "")
    ]
    assert deeds("other anna|x|documents|pwrite|ok|/etc/a", prefix="s3cret %u|%m|%S") == []
    with pytest.raises(ConfigError, match="%u"):
        samba(prefix="%U|%I")


def test_older_samba_writes_paths_below_the_share() -> None:
    assert deeds("anna|1|pc|d|rename|ok|a/x|b/y", root="sub") == []
    assert deeds("anna|1|pc|d|pwrite|ok|sub/x", root="sub") == [("anna", "wrote", "x", "")]
    assert deeds("anna|1|pc|d|rename|ok|x|./y") == [("anna", "came", "y", "x"), ("anna", "went", "x", "y")]


def test_the_share_matters_where_paths_are_relative_to_it() -> None:
    text = "anna|1|pc|{}|pwrite|ok|{}"
    assert deeds(text.format("Documents", "a"), share="documents")
    assert not deeds(text.format("scans", "a"), share="documents")
    assert deeds(text.format("everything", "/srv/share/a"), share="documents")  # two shares over one folder


def test_a_hole_in_a_log_is_no_record() -> None:
    assert [entry.action for entry in read("anna|1|pc|d|pwrite|ok|/srv/share/a\0\0")] == ["gap"]


def test_a_record_that_does_not_fit_the_prefix_leaves_a_gap() -> None:
    found = samba().parse(record("anna|pwrite|ok|/srv/share/a"), NOW, quiet=True)
    assert ([entry.action for entry in found.entries], found.senseless) == (["gap"], 1)


@pytest.mark.parametrize(
    "text",
    [
        "anna|1|pc|d|pwrite|ok|/srv/share/secret.docx\nrest",  # a name with a line break
        "anna|1|pc|d|renameat|ok|/srv/share/a|/srv/share/b|/srv/share/secret.docx",  # which part is which?
        "anna|1|pc|d|pwrite|ok|/srv/share/se\udcffcret.docx",  # not text: two names may be written alike
        "an,na|1|pc|d|pwrite|ok|/srv/share/secret.docx",
        "|1|pc|d|pwrite|ok|/srv/share/secret.docx",
    ],
)
def test_what_can_be_read_in_two_ways_names_nobody(text: str) -> None:
    assert {entry.who for entry in read(text)} == {""}


def test_what_a_daemon_escaped_names_nobody() -> None:
    line = b"Nov 21 07:23:31 fs smbd_audit: anna|1|pc|d|pwrite|ok|/srv/share/a#012b\n"
    assert [entry.who for entry in samba(form="syslog").parse(line, NOW, quiet=True).entries] == [""]


def test_the_hour_that_comes_twice_names_nobody() -> None:
    header = HEADER.replace("2026/11/21 07:23:31", "2026/10/25 03:30:00")
    found = samba(timezone="Europe/Kyiv").parse(record("anna|1|pc|d|pwrite|ok|/srv/share/a", header), NOW, quiet=True)
    assert [(entry.who, entry.at.hour) for entry in found.entries] == [("", 0), ("", 1)]


PIECES = st.sampled_from(
    [
        "petro",
        "|",
        "\n",
        "  ",
        "\r",
        "/",
        HEADER,
        "|1|pc|d|pwrite|ok|/srv/share/secret.docx",
        "ok",
        "\x85",
        "\udcff",
        "[",
        "#012",
    ]
)
HOSTILE = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join).filter(lambda text: "\0" not in text)


@given(
    name=HOSTILE,
    other=HOSTILE,
    operation=st.sampled_from(["pwrite|ok", "renameat|ok", "unlinkat|ok", "create_file|ok|0x2|file|create"]),
)
def test_no_name_of_a_file_can_speak_for_somebody_else(name: str, other: str, operation: str) -> None:
    ends = f"{ROOT}/{name}|{ROOT}/{other}" if operation.startswith("rename") else f"{ROOT}/{name}"
    hostile = record(
        f"anna|1|pc|d|{operation}|{ends}".encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    )
    honest = record("petro|2|pc|d|pwrite|ok|/srv/share/own.docx")
    found = samba().parse(honest + hostile + honest, NOW, quiet=True)
    assert {entry.who for entry in found.entries} <= {"anna", "petro", ""}
    assert {entry.path for entry in found.entries if entry.who == "petro"} == {"own.docx"}
    assert all(entry.path in (shown(name), shown(other)) for entry in found.entries if entry.who == "anna")
    assert found.used == len(honest + hostile + honest)


@given(name=HOSTILE)
def test_no_name_in_an_escaping_syslog_can_either(name: str) -> None:
    escaped = "".join(f"#{ord(each):03o}" if ord(each) < 32 else each for each in name)
    line = f"Nov 21 07:23:31 fs smbd_audit: anna|1|pc|d|pwrite|ok|{ROOT}/{escaped}\n".encode("utf-8", "surrogatepass")
    found = samba(form="syslog").parse(line, NOW, quiet=True)
    assert {entry.who for entry in found.entries} <= {"anna", ""}
