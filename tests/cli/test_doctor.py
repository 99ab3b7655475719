"""`vakhta doctor` against the strict Bot API server, and against everything that may be wrong on the way to it."""

import asyncio
import json
import shutil
import socket
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import insert

from bot.commands.doctor import examine
from bot.doctor import telegram as way
from bot.findings import Finding
from core.db.engine import Database
from core.health.model import JobState, State
from core.health.store import runs, save_jobs
from core.settings import make
from core.text import translator
from deploy.demo.telegram import TelegramServer
from tests.connectors.dovecot import server_context, write_certificate
from tests.duty import ENGINEER
from tests.web import web_server

TOKEN = "123456:" + "secret" * 6


@pytest.fixture(autouse=True)
def quick_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way, "PROBE", 1)


async def found(folder: Path, /, **values: Any) -> dict[str, Finding]:
    """What the doctor finds, by check; no secret may be among it."""
    findings = await examine(make({"language": "en", "timezone": "UTC"} | values, folder), translator("en"))
    assert "secret" not in json.dumps([asdict(finding) for finding in findings])
    assert all(finding.remedy for finding in findings if not finding.ok)
    return {finding.check: finding for finding in findings}


async def faults(folder: Path, **telegram: Any) -> dict[str, str]:
    """The checks that fail, with what they found."""
    known = await found(folder, telegram={"token": TOKEN} | telegram)
    return {check: finding.found for check, finding in known.items() if not finding.ok}


@asynccontextmanager
async def answering(*, tls: ssl.SSLContext | None = None, **headers: str) -> AsyncIterator[int]:
    """A server that answers every question like getMe, and with these headers; its port."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"id": 1, "username": "duty_bot"}}, headers=headers)

    async with web_server(answer, tls=tls) as port:
        yield port


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_all_is_well(tmp_path: Path, telegram: TelegramServer, sqlite_template: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "vakhta.db")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "plan.txt").write_text("x", "utf-8")
    section = {"token": telegram.token, "api_base": telegram.base_url}
    known = await found(tmp_path, telegram=section, watch={"docs": {"path": "docs"}})
    assert all(finding.ok for finding in known.values()), known
    assert {check for check in known if "Telegram" in check} == {"Telegram DNS", "Telegram TCP", "Telegram"}
    assert known["clock"].found == "right"
    assert known["updates"].found == "no other program takes them"
    assert "sound" in known["database"].found
    assert known["at work"].found == "no assistant runs on this database now"


async def test_a_wrong_token(tmp_path: Path, telegram: TelegramServer) -> None:
    assert await faults(tmp_path, api_base=telegram.base_url) == {"Telegram": "Telegram does not know this token."}


async def test_a_second_program_shows_itself_and_no_update_is_lost(tmp_path: Path, telegram: TelegramServer) -> None:
    url = f"{telegram.base_url}/bot{telegram.token}/getUpdates?timeout=20"

    async def polls(session: aiohttp.ClientSession) -> None:
        while True:
            async with session.get(url) as answer:
                await answer.read()
            await asyncio.sleep(0.05)

    async with aiohttp.ClientSession() as session:
        other = asyncio.create_task(polls(session))
        assert await telegram.wait_for(lambda: bool(telegram.api.poller))
        known = await faults(tmp_path, token=telegram.token, api_base=telegram.base_url)
        other.cancel()
        with suppress(asyncio.CancelledError):
            await other
    assert known == {"updates": "another program takes them"}


async def test_what_the_running_assistant_says_of_a_second_program(
    tmp_path: Path, telegram: TelegramServer, sqlite_db: Database
) -> None:
    """It takes the updates itself, so it is believed: asking would interrupt it."""
    sentence = "Another program uses the same Telegram token. Stop it, or use another token."
    now = datetime.now(UTC)
    async with sqlite_db.transaction() as tx:
        await tx.execute(insert(runs).values(host="one", pid=7, parts=["chat"], started_at=now, seen_at=now))
    section = {"token": telegram.token, "api_base": telegram.base_url}
    known: tuple[tuple[State, str], ...] = (("running", "this assistant takes them"), ("waiting", sentence))
    for state, says in known:
        async with sqlite_db.transaction() as tx:
            await save_jobs(tx, [JobState("chat", "one", state, now, last_error=sentence)])
        updates = (await found(tmp_path, telegram=section))["updates"]
        assert (updates.ok, updates.found) == (state == "running", says)
        assert updates.remedy == ("" if updates.ok else "Stop the other program, or use another token.")
    assert telegram.api.poller == 0


async def test_a_webhook_that_is_set_while_we_poll(tmp_path: Path, telegram: TelegramServer) -> None:
    url = f"{telegram.base_url}/bot{telegram.token}/setWebhook"
    async with aiohttp.ClientSession() as session:
        await session.post(url, data={"url": "https://other.example/hook/secret"})
    known = await faults(tmp_path, token=telegram.token, api_base=telegram.base_url)
    assert known == {"webhook": "a webhook is set to other.example"}


async def test_a_webhook_of_ours_that_telegram_does_not_reach(
    tmp_path: Path, telegram: TelegramServer, sqlite_template: Path
) -> None:
    section: dict[str, Any] = {"token": telegram.token, "api_base": telegram.base_url, "mode": "webhook"}
    section |= {"webhook": {"url": "https://bot.example/hook"}}
    assert (await found(tmp_path, telegram=section))["webhook"].found == "the start of the assistant sets it"
    async with aiohttp.ClientSession() as session:
        await session.post(f"{telegram.base_url}/bot{telegram.token}/setWebhook", data=section["webhook"])
    await telegram.person(ENGINEER).send("hello")
    assert (await found(tmp_path, telegram=section))["webhook"].found == "1 update waits for the assistant"
    await telegram.wait_for(lambda: bool(telegram.state.webhook.last_error))
    shutil.copyfile(sqlite_template, tmp_path / "vakhta.db")
    statement = "INSERT INTO runs (host, pid, parts, started_at, seen_at) VALUES (?, 7, '[\"chat\"]', ?, ?)"
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    with closing(sqlite3.connect(tmp_path / "vakhta.db")) as connection, connection:
        connection.execute(statement, ("one", now, now))
    known = (await found(tmp_path, telegram=section))["webhook"]
    assert known.found == "Telegram cannot post to bot.example: Connection refused"
    assert "lead to 127.0.0.1:8082 here" in known.remedy


async def test_a_clock_that_is_wrong(tmp_path: Path) -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    async with answering(Date=ahead) as port:
        known = await faults(tmp_path, api_base=f"http://127.0.0.1:{port}")
    assert list(known) == ["clock"]
    assert "s away from Telegram's" in known["clock"]


async def test_a_certificate_that_has_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = write_certificate(tmp_path, good_for=timedelta(days=-1))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # else nobody would vouch for it in the first place
    async with answering(tls=server_context(certificate)) as port:
        known = await faults(tmp_path, api_base=f"https://localhost:{port}")
    assert known == {"Telegram TLS": f"The certificate of localhost:{port} is not trusted: certificate has expired."}


async def test_nobody_there(tmp_path: Path) -> None:
    port = closed_port()
    assert list(await faults(tmp_path, api_base=f"http://127.0.0.1:{port}")) == ["Telegram TCP"]
    assert list(await faults(tmp_path, proxy=f"socks5://127.0.0.1:{port}")) == ["Telegram TCP"]
    assert list(await faults(tmp_path, api_base="http://nowhere.invalid")) == ["Telegram DNS"]


async def test_the_database_tells_who_is_at_work_that_it_is_damaged_or_newer(
    tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "vakhta.db"
    assert "is made at the first start" in (await found(tmp_path))["database"].found
    shutil.copyfile(sqlite_template, path)
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    statement = "INSERT INTO runs (host, pid, parts, started_at, seen_at) VALUES (?, 7, '[\"chat\"]', ?, ?)"
    for host, ok in (("one", True), ("other", False)):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement, (host, now, now))
        known = (await found(tmp_path))["at work"]
        assert (known.ok, f"process 7 on {host}" in known.found) == (ok, True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in (await found(tmp_path))["database"].found
    path.write_bytes(b"no database at all" * 100)
    assert not (await found(tmp_path))["database"].ok


async def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    watches = {"gone": {"path": "gone"}, "file": {"path": "file"}}
    known = await found(tmp_path, watch=watches)
    assert [known[f"folder {name}"].ok for name in watches] == [False, False]
