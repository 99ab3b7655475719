"""Status, doctor, one cycle of the jobs, and what keeps the assistant from starting."""

import json
import re
import socket
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import CONFIG, LETTER, Shell, write


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
    assert not found["Telegram TCP"]["ok"]
    assert found["Telegram TCP"]["remedy"]
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
address = "duty@vakhta.example"
[mailbox.office.smtp]
host = "127.0.0.1"
port = {port}
password = "mail-secret"
"""
    write(vakhta.folder, CONFIG.replace("123456:secret-secret-secret-secret-secret", "") + server)
    (vakhta.folder / "mail").rmdir()
    found = {finding["check"]: finding for finding in vakhta.json("doctor", status=1)}
    assert {name: finding["ok"] for name, finding in found.items() if "mailbox" in name} == {
        "mailbox contractor": False,
        "mailbox office": False,
        "SMTP of mailbox office": False,
        "client secret of mailbox office": True,
    }
    remedy = "Check the network, and the server's name, port and encryption (host, port, tls)."
    assert found["mailbox office"]["remedy"] == remedy
    assert found["SMTP of mailbox office"]["found"] == "127.0.0.1 cannot be reached: Connection refused."
    assert found["SMTP of mailbox office"]["remedy"] == (
        "Check the network and host, port and tls in mailbox.office.smtp."
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
