"""The command line: what it prints, on which stream, and how it exits."""

import asyncio
import json
import re
import shutil
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from core.db.engine import Database

CORPUS = Path(__file__).resolve().parents[1] / "letters" / "corpus"
LETTER = """From: Pavel <pavel@contractor.example>
To: duty@vakhta.example
Subject: Request 101 pos. 12
Message-ID: <one@contractor.example>
Date: Fri, 20 Nov 2026 12:00:00 +0000
Content-Type: text/plain; charset=utf-8

Request 101 pos. 12: we are on our way.
"""
CONFIG = """language = "en"
timezone = "UTC"
[telegram]
token = "123456:secret-secret-secret-secret-secret"
[page]
port = 0
token = "page-secret"
[watch.docs]
path = "docs"
project = "CRM"
compute_checksum = true
[mailbox.contractor]
path = "mail"
senders = ["*@contractor.example"]
"""
LETTER_KEYS = {"file", "outcome", "updates", "reason", "sender", "received_at", "message_id"}
COLUMNS = {
    "id",
    "request_number",
    "position_number",
    "title",
    "status",
    "comment",
    "comment_author",
    "created_at",
    "status_updated_at",
    "contractor",
}
EVENT_KEYS = {"id", "event_time", "event_type", "path", "project", "username", "file_size", "checksum", "details"}


class Shell:
    """Calls commands in a folder with a plain configuration."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *words: str, status: int = 0) -> str:
        """What the command says on stdout; it must exit so."""
        found = self.exits(*words)
        out, self.err = self._capsys.readouterr()
        assert found == status, (out, self.err)
        return out

    def exits(self, *words: str) -> int:
        try:
            return main(words)
        except SystemExit as ended:  # argparse
            return int(ended.code or 0)

    def json(self, *words: str, status: int = 0) -> Any:
        """The one document a command prints with --json."""
        return json.loads(self(*words, "--json", status=status))


@pytest.fixture
def vakhta(
    tmp_path: Path, sqlite_template: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    (tmp_path / "vakhta.toml").write_text(CONFIG, "utf-8")
    for name in ("docs", "mail"):
        (tmp_path / name).mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "vakhta.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "VAKHTA_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return Shell(tmp_path, capsys)


def write(folder: Path, text: str) -> None:
    (folder / "vakhta.toml").write_text(text, "utf-8")


# --- usage and configuration


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nonsense",),
        ("run", "--nonsense"),
        ("people",),
        ("people", "grant", "me", "admin"),
        ("people", "grant", "0", "admin"),
        ("people", "grant", "99999999999999999999", "admin"),
        ("requests", "set", "101"),
        ("demo", "--port", "99999"),
        ("demo", "--port", "x"),
        ("--log-level", "loud", "status"),
        ("run", "--only", "nonsense"),
        ("run", "--only", "page,,watch"),
        ("db", "prune", "--days", "-1"),
        ("remind", "--minutes", "x"),
        ("remind", "--minutes", "nan"),
        ("requests", "list", "--limit", "-1"),
        ("files", "search", "--limit", "0"),
    ],
)
def test_wrong_usage_is_exit_2(vakhta: Shell, words: tuple[str, ...]) -> None:
    vakhta(*words, status=2)
    assert "Traceback" not in vakhta.err


def test_help_is_exit_0(vakhta: Shell) -> None:
    said = vakhta("--help")
    for command in (
        "demo",
        "run",
        "status",
        "doctor",
        "config",
        "people",
        "requests",
        "remind",
        "letters",
        "files",
        "db",
    ):
        assert f"\n    {command} " in said
    assert "vakhta 0." in vakhta("--version")


@pytest.mark.parametrize("command", [("status",), ("run",), ("requests", "list"), ("doctor",), ("config", "check")])
def test_a_named_file_that_is_missing_is_exit_2(vakhta: Shell, command: tuple[str, ...]) -> None:
    vakhta(*command, "--config", "nowhere.toml", status=2)
    assert vakhta.err == "The configuration file nowhere.toml is not there.\n"
    vakhta("--config", "nowhere.toml", *command, status=2)


def test_a_file_named_in_the_environment_counts(vakhta: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAKHTA_CONFIG", "elsewhere.toml")
    vakhta("config", "check", status=2)
    (vakhta.folder / "elsewhere.toml").write_text('language = "ru"', "utf-8")
    assert vakhta.json("config", "show")["language"] == "ru"


def test_no_file_at_the_default_place_means_the_defaults(vakhta: Shell) -> None:
    (vakhta.folder / "vakhta.toml").unlink()
    assert vakhta.json("config", "show")["language"] == "uk"


def test_every_fault_is_told_and_nothing_is_started(vakhta: Shell) -> None:
    write(vakhta.folder, 'langauge = "uk"\n[page]\nport = "x"\n[requests]\nremind_after_minutes = -1\n')
    (vakhta.folder / "vakhta.db").unlink()
    vakhta("run", status=2)
    faults = vakhta.err.splitlines()
    assert len(faults) == 3
    assert "langauge: no such setting. Did you mean language?" in faults
    assert not (vakhta.folder / "vakhta.db").exists()


@pytest.mark.parametrize("command", [("config", "check"), ("run", "--once"), ("letters", "check")])
@pytest.mark.parametrize("setting", ['number_pattern = "(["', 'words = { gone = { en = ["we are gone"] } }'])
def test_words_of_letters_that_cannot_be_read_are_told_before_anything_starts(
    vakhta: Shell, command: tuple[str, ...], setting: str
) -> None:
    write(vakhta.folder, f"[letters]\n{setting}\n")
    (vakhta.folder / "vakhta.db").unlink()
    vakhta(*command, status=2)
    assert vakhta.err.startswith("letters.")
    assert not (vakhta.folder / "vakhta.db").exists()


def test_a_file_that_is_no_toml_is_told_alone(vakhta: Shell) -> None:
    write(vakhta.folder, "language = \n port")
    vakhta("config", "check", status=2)
    assert "is not valid TOML" in vakhta.err
    assert len(vakhta.err.splitlines()) == 1


def test_the_example_is_a_configuration_without_faults(vakhta: Shell) -> None:
    write(vakhta.folder, vakhta("config", "example"))
    assert vakhta("config", "check") == "The configuration is fine.\n"


def test_the_effective_values_hide_secrets(vakhta: Shell) -> None:
    for shown in (vakhta("config", "show"), json.dumps(vakhta.json("config", "show"))):
        assert "secret-secret" not in shown
        assert "page-secret" not in shown
        assert "**********" in shown
        assert "contractor.example" in shown


def test_a_secret_in_the_address_of_the_database_or_the_proxy_is_hidden(vakhta: Shell) -> None:
    write(
        vakhta.folder,
        '[database]\nurl = "postgresql+asyncpg://duty:hunter2@db.example/vakhta"\n'
        '[telegram]\nproxy = "socks5://duty:hunter3@proxy.example:1080"\n',
    )
    for shown in (vakhta("config", "show"), json.dumps(vakhta.json("config", "show"))):
        assert "hunter" not in shown
        assert "db.example" in shown
        assert "proxy.example" in shown


def test_the_terminals_language_is_spoken(vakhta: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "uk_UA.UTF-8")
    assert vakhta("requests", "list") == "Заявок не знайдено.\n"
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert vakhta("requests", "list") == "Заявок не найдено.\n"
    monkeypatch.setenv("LC_ALL", "pl_PL.UTF-8")
    assert vakhta("requests", "list") == "No requests found.\n"


# --- people


def test_roles_are_given_and_taken_also_when_no_admin_is_left(vakhta: Shell) -> None:
    assert "Nobody has access yet" in vakhta("people", "list")
    assert vakhta.json("people", "list") == []
    assert "101 (101) is now admin." in vakhta("people", "grant", "101", "admin")
    assert vakhta.json("people", "list") == [{"id": 101, "name": "101", "username": None, "role": "admin"}]
    vakhta("people", "revoke", "101", status=1)
    assert "only admin" in vakhta.err
    vakhta("people", "grant", "102", "admin")
    assert "has no access any more" in vakhta("people", "revoke", "101")
    assert [person["id"] for person in vakhta.json("people", "list")] == [102]


def test_an_unknown_role_or_person_is_a_sentence(vakhta: Shell) -> None:
    vakhta("people", "grant", "101", "emperor", status=1)
    assert "There is no role emperor. Roles are: viewer, operator, admin." in vakhta.err
    vakhta("people", "revoke", "424242", status=1)
    assert "424242" in vakhta.err


# --- requests and reminders


def test_requests_are_made_moved_shown_and_listed(vakhta: Shell) -> None:
    assert set(vakhta.json("requests", "add", "101", "12", "Leak", "in", "the", "hall")) == COLUMNS
    assert vakhta("requests", "set", "101/12", "on_site") == "101/12 is on_site.\n"
    assert vakhta("requests", "set", "101/12", "У дорозі") == "101/12 is en_route.\n"
    [shown] = vakhta.json("requests", "show", "101")
    assert (shown["request_number"], shown["position_number"], shown["status"]) == ("101", "12", "en_route")
    assert [entry["new"] for entry in shown["history"] if entry["kind"] == "status"] == ["en_route", "on_site"]
    vakhta("requests", "add", "102", "Window")
    assert [r["request_number"] for r in vakhta.json("requests", "list")] == ["102", "101"]
    assert [r["request_number"] for r in vakhta.json("requests", "list", "en_route")] == ["101"]
    assert [r["request_number"] for r in vakhta.json("requests", "list", "window")] == ["102"]
    assert vakhta.json("requests", "list", "--late") == []
    assert len(vakhta.json("requests", "list", "--limit", "1")) == 1
    assert "Leak in the hall" in vakhta("requests", "list")
    assert "on_site" in vakhta("requests", "show", "101/12")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "999"), "There is no request 999."),
        (("show", "leak"), "digits"),
        (("set", "999", "left"), "There is no request 999."),
        (("add", "101"), "what is wrong"),
        (("add", "7", "1", "Again"), "exists already"),
        (("set", "7/1", "flying"), "There is no status flying"),
        (("set", "7", "left"), "several positions: 7/1, 7/2"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_1(vakhta: Shell, words: tuple[str, ...], sentence: str) -> None:
    vakhta("requests", "add", "7", "1", "Leak")
    vakhta("requests", "add", "7", "2", "Leak")
    vakhta("requests", *words, status=1)
    assert sentence in vakhta.err
    assert len(vakhta.err.splitlines()) == 1


def test_the_export_is_csv_that_no_spreadsheet_runs(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "12", '=cmd|"x"')
    head, row = vakhta("requests", "export").splitlines()
    assert set(head.split(",")) == COLUMNS
    assert "'=cmd" in row
    assert len(vakhta.json("requests", "export")) == 1


def test_reminders_are_listed_and_written_once(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "Leak")
    assert vakhta.json("remind") == []
    assert [r["request_number"] for r in vakhta.json("remind", "--minutes", "0", "--dry-run")] == ["101"]
    assert [r["request_number"] for r in vakhta.json("remind", "--minutes", "0")] == ["101"]
    assert vakhta("remind", "--minutes", "0") == "Nothing is late.\n"


# --- letters


def test_letters_are_read_without_configuration_or_database(vakhta: Shell) -> None:
    write(vakhta.folder, "this is no toml")
    (vakhta.folder / "vakhta.db").unlink()
    (vakhta.folder / "one.eml").write_text(LETTER, "utf-8")
    [letter] = vakhta.json("letters", "read", "one.eml")
    assert set(letter) == LETTER_KEYS
    assert letter["outcome"] == "update"
    assert letter["updates"] == [{"request": "101", "position": "12", "status": "en_route"}]
    assert (letter["sender"], letter["message_id"]) == ("pavel@contractor.example", "one@contractor.example")
    assert letter["received_at"].startswith("2026-11-20T12:00:00")
    assert not (vakhta.folder / "vakhta.db").exists()
    assert "101/12 → en_route" in vakhta("letters", "read", "one.eml")


def test_folders_and_many_files_are_one_document(vakhta: Shell) -> None:
    found = vakhta.json("letters", "read", str(CORPUS), "vakhta.toml")
    assert len(found) > 100
    assert all(set(letter) == LETTER_KEYS for letter in found)
    assert {letter["outcome"] for letter in found} == {"update", "note", "triage", "ignore"}


def test_a_path_that_is_not_there_is_a_sentence(vakhta: Shell) -> None:
    vakhta("letters", "read", "nowhere", status=1)
    assert "There is no file or folder nowhere." in vakhta.err


def test_a_pass_over_the_mailboxes_can_be_tried_first(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "12", "Leak")
    (vakhta.folder / "mail" / "one.eml").write_text(LETTER, "utf-8")
    (vakhta.folder / "mail" / "two.eml").write_text(
        LETTER.replace("pavel@contractor", "eve@elsewhere").replace("one@", "two@"), "utf-8"
    )
    foreseen = vakhta.json("letters", "check", "--dry-run")
    first, second = sorted(foreseen["contractor"], key=lambda letter: letter["file"])
    assert set(first) == LETTER_KEYS
    assert (first["outcome"], first["updates"][0]["status"]) == ("update", "en_route")
    assert (second["outcome"], second["updates"]) == ("triage", [])
    assert "eve@elsewhere.example" in second["reason"]
    assert vakhta.json("requests", "list")[0]["status"] == "sent"
    assert vakhta.json("letters", "check") == {"contractor": 2}
    assert vakhta.json("requests", "list")[0]["status"] == "en_route"
    assert vakhta.json("letters", "check", "--dry-run") == {"contractor": []}


def test_an_unknown_or_missing_mailbox_is_exit_1(vakhta: Shell) -> None:
    vakhta("letters", "check", "--source", "nobody", status=1)
    assert "There is no mailbox nobody. Known are: contractor." in vakhta.err
    (vakhta.folder / "mail").rmdir()
    vakhta("letters", "check", status=1)
    assert "cannot be read" in vakhta.err


def test_a_mailbox_that_is_away_does_not_hold_up_the_others(vakhta: Shell) -> None:
    write(vakhta.folder, '[mailbox.away]\npath = "nowhere"\n[mailbox.contractor]\npath = "mail"\n')
    (vakhta.folder / "mail" / "one.eml").write_text(LETTER, "utf-8")
    assert vakhta.json("letters", "check", status=1) == {"contractor": 1}
    assert vakhta.err.startswith("away: The mail folder")


# --- files


def test_folders_are_scanned_and_their_history_searched(vakhta: Shell) -> None:
    assert vakhta.json("files", "scan")[0]["events"] == 0
    (vakhta.folder / "docs" / "plan.docx").write_bytes(b"plan")
    [scanned] = vakhta.json("files", "scan", "--watch", "docs")
    assert (scanned["watch"], scanned["events"], scanned["error"]) == ("docs", 1, None)
    [event] = vakhta.json("files", "search", "*.docx")
    assert set(event) >= EVENT_KEYS
    assert (event["event_type"], event["project"], event["file_size"]) == ("created", "CRM", 4)
    assert vakhta.json("files", "search", "*.xlsx") == []
    assert vakhta.json("files", "stats")["total"] == 1
    assert "plan.docx" in vakhta("files", "search")


def test_a_folder_that_is_away_is_exit_1(vakhta: Shell) -> None:
    (vakhta.folder / "docs").rmdir()
    assert vakhta.json("files", "scan", status=1)[0]["error"]
    vakhta("files", "scan", "--watch", "nobody", status=1)
    assert "Known are: docs." in vakhta.err


# --- database


def test_the_database_is_upgraded_copied_and_pruned(vakhta: Shell) -> None:
    (vakhta.folder / "vakhta.db").unlink()
    vakhta("db", "backup", status=1)
    assert "There is no database" in vakhta.err
    assert vakhta("db", "upgrade") == "The database is up to date.\n"
    vakhta("requests", "add", "101", "Leak")
    assert "A verified copy is at" in vakhta("db", "backup", "copy.db")
    with closing(sqlite3.connect("copy.db")) as copy:
        assert copy.execute("SELECT request_number FROM requests").fetchone() == ("101",)
    vakhta("db", "backup")
    assert list(vakhta.folder.glob("vakhta.db.*.backup"))
    vakhta("db", "prune", status=1)
    assert "Say how old is too old" in vakhta.err
    assert vakhta("db", "prune", "--days", "30") == "0 file events removed.\n"


def test_a_copy_goes_nowhere_it_cannot_and_over_nothing(vakhta: Shell) -> None:
    vakhta("db", "backup", "nowhere/copy.db", status=1)
    assert "could not be copied" in vakhta.err
    vakhta("db", "backup", "vakhta.db", status=1)
    vakhta("requests", "list")


@pytest.mark.parametrize("command", [("db", "upgrade"), ("requests", "list"), ("run",), ("people", "list")])
def test_a_database_of_a_newer_version_is_refused(vakhta: Shell, command: tuple[str, ...]) -> None:
    with closing(sqlite3.connect("vakhta.db")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    vakhta(*command, status=2)
    assert "made by a newer version" in vakhta.err
    assert len(vakhta.err.splitlines()) == 1


def test_a_file_that_is_no_database_is_a_sentence(vakhta: Shell) -> None:
    (vakhta.folder / "vakhta.db").write_bytes(b"this is no database at all" * 100)
    vakhta("requests", "list", status=1)
    assert "Traceback" not in vakhta.err
    vakhta("db", "backup", status=1)


def test_a_database_that_cannot_be_opened_is_a_sentence(vakhta: Shell) -> None:
    write(vakhta.folder, '[database]\nurl = "sqlite+aiosqlite:///nowhere/at/all/vakhta.db"\n')
    vakhta("status", status=1)
    assert "Traceback" not in vakhta.err
    write(vakhta.folder, '[database]\nurl = "mysql://x"\n')
    vakhta("status", status=2)


# --- status, doctor, run


def test_status_and_doctor_are_documents_too(vakhta: Shell) -> None:
    write(vakhta.folder, CONFIG.replace("123456:secret-secret-secret-secret-secret", ""))
    assert vakhta.json("status") == {"jobs": [], "away": [], "outbox": {}}
    assert "Nothing has run here yet" in vakhta("status")
    found = vakhta.json("doctor")
    assert all(set(finding) == {"check", "ok", "found", "remedy"} for finding in found)
    assert all(finding["ok"] for finding in found)
    (vakhta.folder / "docs").rmdir()
    faults = [finding for finding in vakhta.json("doctor", status=1) if not finding["ok"]]
    assert [bool(finding["remedy"]) for finding in faults] == [True]
    assert "✗ folder docs" in vakhta("doctor", status=1)


def test_a_doctor_without_telegram_says_what_to_do(vakhta: Shell) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    write(vakhta.folder, CONFIG.replace("[page]", f'api_base = "http://127.0.0.1:{port}"\n[page]'))
    found = {finding["check"]: finding for finding in vakhta.json("doctor", status=1)}
    assert not found["Telegram"]["ok"]
    assert "secret" not in json.dumps(found)


def test_a_doctor_tries_each_mailbox_and_looks_at_its_secret(vakhta: Shell) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    soon = (datetime.now(UTC) + timedelta(days=7)).date()
    server = f"""
[mailbox.office]
kind = "imap"
host = "127.0.0.1"
port = {port}
tls = "none"
username = "duty"
password = "mail-secret"
client_secret_expires = {soon}
"""
    write(vakhta.folder, CONFIG.replace("123456:secret-secret-secret-secret-secret", "") + server)
    (vakhta.folder / "mail").rmdir()
    found = {finding["check"]: finding for finding in vakhta.json("doctor", status=1)}
    assert {name: finding["ok"] for name, finding in found.items() if "mailbox" in name} == {
        "mailbox contractor": False,
        "mailbox office": False,
        "client secret of mailbox office": True,
    }
    assert found["mailbox office"]["remedy"] == (
        "Check the network, the server's address and the folder in mailbox.office."
    )
    assert found["client secret of mailbox office"]["found"] == f"expires in 7 days, on {soon}"
    assert found["client secret of mailbox office"]["remedy"]
    assert "secret-" not in json.dumps(found)
    assert "mail-secret" not in json.dumps(found)


def test_one_cycle_of_every_job(vakhta: Shell) -> None:
    write(vakhta.folder, CONFIG.replace("123456:secret-secret-secret-secret-secret", ""))
    (vakhta.folder / "mail" / "one.eml").write_text(LETTER, "utf-8")
    vakhta("requests", "add", "101", "12", "Leak")
    said = vakhta("run", "--once")
    assert "mailbox.contractor: done" in said
    assert "watch.docs: done" in said
    assert vakhta.json("requests", "list")[0]["status"] == "en_route"
    assert {job["name"] for job in vakhta.json("status")["jobs"]} >= {"watch.docs", "mailbox.contractor", "courier"}


def test_one_cycle_of_what_is_named(vakhta: Shell) -> None:
    said = vakhta("run", "--once", "--only", "files,letters")
    files = {"watch.docs", "checksums.docs", "folders", "followers", "maintenance"}
    assert {line.split(":")[0] for line in said.splitlines()} == {*files, "mailbox.contractor"}
    (vakhta.folder / "mail").rmdir()
    said = vakhta("run", "--once", "--only", "letters", status=1)
    assert "mailbox.contractor: The mail folder" in said


def test_a_port_that_is_taken_is_exit_2(vakhta: Shell) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        write(vakhta.folder, CONFIG.replace("port = 0", f"port = {port}"))
        vakhta("run", status=2)
    assert str(port) in vakhta.err
    assert len(vakhta.err.splitlines()) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.0.2.1", "vakhta.example"])  # noqa: S104  it must be refused
def test_beyond_loopback_needs_a_token(vakhta: Shell, host: str) -> None:
    write(vakhta.folder, f'[page]\nport = 0\nhost = "{host}"\n')
    vakhta("run", status=2)
    assert "set page.token" in vakhta.err


def test_a_token_that_cannot_be_one_is_exit_2(vakhta: Shell) -> None:
    write(vakhta.folder, '[telegram]\ntoken = "hello"\n[page]\nport = 0\n')
    vakhta("run", status=2)
    assert "does not look like a token" in vakhta.err
    assert not re.search(r"\bhello\b", vakhta.err)


def test_commands_close_what_they_open(vakhta: Shell) -> None:
    """Another program can take the database right after."""
    vakhta("requests", "add", "101", "Leak")

    async def take() -> None:
        db = Database(f"sqlite+aiosqlite:///{vakhta.folder / 'vakhta.db'}")
        async with db.transaction():
            pass
        await db.close()

    asyncio.run(take())


def test_an_old_history_comes_over_once_and_is_written_to_a_file(vakhta: Shell) -> None:
    old = sqlite3.connect(vakhta.folder / "old.db")
    old.execute("CREATE TABLE file_events (id INTEGER PRIMARY KEY, event_time TEXT, event_type TEXT, path TEXT)")
    old.execute("INSERT INTO file_events VALUES (7, '2025-09-22T10:00:00+03:00', 'created', '/srv/old/=акт.docx')")
    old.commit()
    old.close()
    assert vakhta("import", "file-events", "old.db", "--dry-run") == "1 event would be imported.\n"
    assert vakhta.json("import", "file-events", "old.db")["imported"] == 1
    assert vakhta.json("import", "file-events", "old.db")["known"] == 1
    assert "out.csv" in vakhta("files", "search", "created", "акт", "--csv", "out.csv")
    assert "/srv/old/=акт.docx" in (vakhta.folder / "out.csv").read_text("utf-8-sig")
    assert vakhta("import", "file-events", "vakhta.db", status=1) == ""
    assert "database itself" in vakhta.err
