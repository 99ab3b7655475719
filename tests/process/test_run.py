"""`vakhta run` as a process against the strict Bot API server: ended gently, killed in the middle, slow to begin."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from core.requests.model import WORKFLOW
from deploy.demo.telegram import Person, TelegramServer
from deploy.demo.telegram.model import Message
from tests.duty import GROUP, LEAD
from tests.process.processes import POSIX, STOP_WITHIN, Running, environment, run, started

crash = pytest.mark.crash
posix = pytest.mark.skipif(not POSIX, reason="Windows ends processes without a word")


def configure(folder: Path, telegram: TelegramServer) -> None:
    (folder / "vakhta.toml").write_text(
        f'language = "en"\n[telegram]\ntoken = "{telegram.token}"\napi_base = "{telegram.base_url}"\n'
        f"admins = [{LEAD}]\n[telegram.chats.duty]\nid = {GROUP}\n[page]\nport = 0\n",
        "utf-8",
    )


async def says(telegram: TelegramServer, text: str, chat: int = LEAD) -> None:
    await telegram.wait_for(lambda: any(text in said for said in telegram.texts(chat)), timeout=30)


def status(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "vakhta.db")) as connection:
        found = connection.execute("SELECT status FROM requests").fetchone()
    return str(found[0])


async def pressed(telegram: TelegramServer, lead: Person, card: int, label: str, then: str) -> None:
    """Press a button and wait until its card shows something."""

    def shown() -> Message:
        return next(message for message in telegram.messages(LEAD) if message.id == card)

    rows = (shown().inline or {})["inline_keyboard"]
    full = next(button["text"] for row in rows for button in row if label in button["text"])
    await lead.press(card, full)
    await telegram.wait_for(lambda: then in shown().text, timeout=30)


async def request_made(telegram: TelegramServer, lead: Person) -> int:
    """Make a request in the chat; the id of the message with its card."""
    await lead.send("/new 101 12 Leak")
    await says(telegram, "Request 101/12")
    return next(message.id for message in telegram.messages(LEAD) if "Request 101/12" in message.text)


async def ended(telegram: TelegramServer, running: Running) -> float:
    """Ask the process to end, going on to serve it meanwhile; how long it took. It must exit 0."""
    began = time.monotonic()
    running.process.terminate()
    assert await telegram.wait_for(lambda: running.process.poll() is not None, timeout=15)
    assert running.process.returncode == 0
    return time.monotonic() - began


def comments(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "vakhta.db")) as connection:
        found = connection.execute("SELECT count(*) FROM request_history WHERE kind = 'comment'").fetchone()
    return int(found[0])


@posix
@crash
@pytest.mark.timeout(60)
async def test_what_is_being_handled_at_sigterm_is_finished(tmp_path: Path, telegram: TelegramServer) -> None:
    configure(tmp_path, telegram)
    lead: Person = telegram.person(LEAD)
    with started("run", cwd=tmp_path) as running:
        card = await request_made(telegram, lead)
        with closing(sqlite3.connect(tmp_path / "vakhta.db", isolation_level=None)) as other:
            await telegram.wait_for(lambda: not telegram.state.updates and taken(other))
            asked = telegram.api.poller
            await lead.send("Call before you come", reply_to=card)
            await telegram.wait_for(lambda: telegram.api.poller >= asked + 2)  # the answer before it brought the reply
            running.process.terminate()
            other.execute("ROLLBACK")
        assert await ended(telegram, running) < STOP_WITHIN
    assert comments(tmp_path) == 1
    await says(telegram, "Saved as a comment")
    assert telegram.state.updates == {}


@crash
@pytest.mark.timeout(60)
async def test_an_undo_that_a_kill_interrupts_counts_once_and_the_one_before_is_still_there(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    configure(tmp_path, telegram)
    lead: Person = telegram.person(LEAD)
    with started("run", cwd=tmp_path) as running:
        card = await request_made(telegram, lead)
        await pressed(telegram, lead, card, "Accepted", "Accepted since")
        await pressed(telegram, lead, card, "On site", "On site since")
        await telegram.wait_for(lambda: not telegram.state.updates)
        telegram.faults.add("reset", "getUpdates", seconds=60)
        await pressed(telegram, lead, card, "Undo", "Accepted since")
        running.kill()
    assert telegram.state.updates
    telegram.faults.clear()
    with started("run", cwd=tmp_path):
        await telegram.wait_for(lambda: not telegram.state.updates, timeout=30)
        assert status(tmp_path) == "accepted"
        await pressed(telegram, lead, card, "Undo", "Sent since")
        assert status(tmp_path) == "sent"


async def written_down(folder: Path, card: int) -> None:
    """Wait until it is in the database what that message shows, half a second after it was shown."""
    async with asyncio.timeout(10):
        while not cards_at(folder, card):  # noqa: ASYNC110  another process writes it, and tells nobody
            await asyncio.sleep(0.05)


def cards_at(folder: Path, message_id: int) -> int:
    with closing(sqlite3.connect(folder / "vakhta.db")) as connection:
        found = connection.execute("SELECT count(*) FROM cards WHERE message_id = ?", (message_id,)).fetchone()
    return int(found[0])


@crash
@pytest.mark.timeout(60)
async def test_what_a_kill_interrupts_comes_again_and_counts_once(tmp_path: Path, telegram: TelegramServer) -> None:
    configure(tmp_path, telegram)
    lead: Person = telegram.person(LEAD)
    with started("run", cwd=tmp_path) as running:
        card = await request_made(telegram, lead)
        await written_down(tmp_path, card)
        await telegram.wait_for(lambda: not telegram.state.updates)
        telegram.faults.add("reset", "getUpdates", seconds=60)
        await lead.send("Call before you come", reply_to=card)
        await says(telegram, "Saved as a comment")
        running.kill()
    assert telegram.state.updates
    telegram.faults.clear()
    with started("run", cwd=tmp_path) as running:
        await telegram.wait_for(lambda: sum("Saved" in said for said in telegram.texts(LEAD)) == 2, timeout=30)
        await telegram.wait_for(lambda: not telegram.state.updates, timeout=10)
        running.kill()
    assert comments(tmp_path) == 1


def taken(connection: sqlite3.Connection) -> bool:
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


@crash
@pytest.mark.timeout(30)
def test_a_document_is_alone_on_stdout_and_the_log_on_stderr(tmp_path: Path) -> None:
    done = run("requests", "add", "101", "Leak", "--json", "--log-level", "debug", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == WORKFLOW.codes[0]
    assert "INFO" in done.stderr


@crash
@pytest.mark.timeout(30)
def test_a_terminal_that_knows_few_letters_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["requests", "add", "101", "Протікання 💧"]) == 0
    listed = run("requests", "list", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (listed.returncode, "101" in listed.stdout) == (0, True)
    found = run("requests", "list", "--json", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert json.loads(found.stdout)[0]["title"] == "Протікання 💧"


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom bot.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'aiogram', 'aiohttp', 'sqlalchemy', 'pydantic', 'alembic', 'apscheduler', 'jinja2', 'babel'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr.strip() == "[]"
