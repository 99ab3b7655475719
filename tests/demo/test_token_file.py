"""`vakhta demo --token-file`: the demo in a visitor's own Telegram, as a process against the strict Bot API server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from bot.cli import main
from deploy.demo.telegram import Message, Person, TelegramServer
from deploy.demo.words import LANGUAGES_SPOKEN
from tests.demo.conftest import DUTY, ENGINEER, LEAD, STRANGER, Caller
from tests.process.processes import POSIX, STOP_WITHIN, Running, run, started

pytestmark = pytest.mark.timeout(60)
crash = pytest.mark.crash
posix = pytest.mark.skipif(not POSIX, reason="Windows ends processes without a word")
SAID = LANGUAGES_SPOKEN["uk"]
WITHIN = 45.0
PANEL = "Вахта: демо"


@pytest.fixture
def folder(tmp_path: Path, telegram: TelegramServer) -> Path:
    (tmp_path / "token").write_text(f"{telegram.token}\n", "utf-8")
    return tmp_path


@asynccontextmanager
async def demo(folder: Path, telegram: TelegramServer) -> AsyncIterator[Running]:
    words = ("demo", "--token-file", "token", "--port", "0")
    with started(*words, cwd=folder, VAKHTA_TELEGRAM__API_BASE=telegram.base_url) as running:
        yield running


async def refused(folder: Path, telegram: TelegramServer, *more: str) -> str:
    """What it says to who calls it wrongly."""
    words = ("demo", "--token-file", "token", "--port", "0", *more)
    base = telegram.base_url
    ended: CompletedProcess[str] = await asyncio.to_thread(run, *words, cwd=folder, VAKHTA_TELEGRAM__API_BASE=base)
    assert ended.returncode == 2
    assert telegram.token not in ended.stderr
    return ended.stderr


async def heard(running: Running, part: str) -> str:
    return await asyncio.to_thread(running.line, part)


async def told(telegram: TelegramServer, text: str, chat: int = ENGINEER, after: int = 0) -> Message:
    def found() -> list[Message]:
        return [each for each in telegram.messages(chat) if each.id > after and text in each.text]

    await telegram.wait_for(found, WITHIN)
    return found()[-1]


async def ended(telegram: TelegramServer, running: Running) -> float:
    """Ask it to end, going on to serve it meanwhile; how long it took. It must exit 0."""
    began = time.monotonic()
    running.process.terminate()
    await telegram.wait_for(lambda: running.process.poll() is not None, timeout=15)
    assert running.process.returncode == 0
    return time.monotonic() - began


@posix
@crash
@pytest.mark.timeout(90)
async def test_the_evening_is_played_to_whoever_presses_start_first(
    folder: Path, telegram: TelegramServer, engineer: Person, stranger: Person
) -> None:
    await stranger.send("What is this?")
    async with demo(folder, telegram) as running:
        assert await heard(running, "t.me") == "https://t.me/vakhta_demo_bot?start=demo"
        await engineer.send("/start demo")
        await stranger.send("/start")
        assert "Оксана" in await heard(running, "visitor")
        assert "but to 127.0.0.1" in await heard(running, "Nothing leaves this machine")
        await told(telegram, PANEL)
        shown = "\n".join(telegram.texts(ENGINEER)).split("Заявка ")[1:]
        titles = (SAID.barrier, SAID.conditioner, SAID.radiator, SAID.light, SAID.lock, SAID.lift)
        assert [sum(title in each for each in shown) for title in titles] == [1, 2, 1, 1, 1, 1]  # one is reminded of
        assert [sum("Без новин" in text for text in telegram.texts(ENGINEER))] == [1]
        assert telegram.texts(STRANGER) == []
        assert await ended(telegram, running) < STOP_WITHIN
    secret = telegram.token.partition(":")[2].encode()
    holding = {path.name for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()}
    assert holding == {"token"}


@crash
@pytest.mark.timeout(120)
async def test_the_visitor_stays_the_same_after_a_kill_and_nobody_else_is_heard_anywhere(
    folder: Path, telegram: TelegramServer, engineer: Person, lead: Person
) -> None:
    async with demo(folder, telegram) as running:
        await heard(running, "t.me")
        await engineer.send("/start")
        panel = await told(telegram, PANEL)
        running.kill()
    await lead.send("/start")
    await lead.send("/start@vakhta_demo_bot", DUTY)
    await lead.group(DUTY).remove(telegram.state.bot.id)
    async with demo(folder, telegram) as running:
        assert "Оксана" in await heard(running, "visitor")
        await engineer.send("/start")
        await told(telegram, PANEL, after=panel.id)
        assert telegram.texts(LEAD) == telegram.texts(DUTY) == []
        running.kill()


async def test_waiting_ends_at_a_stop(folder: Path, telegram: TelegramServer) -> None:
    async with demo(folder, telegram) as running:
        await heard(running, "t.me")
        assert await ended(telegram, running) < STOP_WITHIN


async def test_a_token_that_telegram_does_not_know_is_refused(folder: Path, telegram: TelegramServer) -> None:
    (folder / "token").write_text("123456789:AAE-unknown-unknown-unknown-unknown-1", "utf-8")
    said = await refused(folder, telegram)
    assert "@BotFather" in said
    assert "AAE-unknown" not in said
    assert [path.name for path in folder.iterdir()] == ["token"]


async def test_where_telegram_cannot_be_reached_the_remedy_is_told(folder: Path, telegram: TelegramServer) -> None:
    await telegram.outage(True)
    words, base = ("demo", "--token-file", "token", "--port", "0"), telegram.base_url
    ended = await asyncio.to_thread(run, *words, cwd=folder, VAKHTA_TELEGRAM__API_BASE=base)
    assert ended.returncode == 1
    assert "Connection refused" in ended.stderr
    assert "→ Check the network of this machine. Where Telegram is blocked, set a proxy" in ended.stderr


async def test_a_bot_whose_updates_go_elsewhere_is_refused(
    folder: Path, telegram: TelegramServer, call: Caller
) -> None:
    await call.ok("setWebhook", url="https://crm.example/secret-path")
    said = await refused(folder, telegram)
    assert "its webhook leads to crm.example" in said
    assert "secret-path" not in said
    assert (await call.ok("getWebhookInfo"))["url"] == "https://crm.example/secret-path"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"vakhta_bot\n", "holds no bot token"),
        (b"700000001:short\n", "holds no bot token"),
        (b"123456789:AAE-one-one-one-one-one-one-one-1\n123456789:AAE-two-two-two-two-two-two-two-2", "holds no"),
        (b"\xff\xfe1\x002\x00", "cannot be read"),
    ],
)
def test_a_file_without_a_token_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    (tmp_path / "token").write_bytes(content)
    assert main(["demo", "--token-file", str(tmp_path / "token")]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert not any(part in said for part in ("AAE-one", "AAE-two", "700000001"))


def test_a_token_in_place_of_the_files_name_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--token-file", "123456789:AAE-one-one-one-one-one-one-one-1"]) == 2
    said = capsys.readouterr().err
    assert "wants the name of a file" in said
    assert "AAE-one" not in said


def test_the_bot_of_the_configuration_is_not_the_demos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VAKHTA_TELEGRAM__TOKEN", "123456789:AAE-one-one-one-one-one-one-one-1")
    (tmp_path / "token").write_text("123456789:AAE-two-two-two-two-two-two-two-2", "utf-8")
    assert main(["demo", "--token-file", "token"]) == 2
    assert "the bot of your configuration" in capsys.readouterr().err


async def test_a_folder_of_another_demo_is_refused(folder: Path, telegram: TelegramServer) -> None:
    data = folder / "data"
    data.mkdir()
    visit = {"bot_id": 5, "bot_name": "other_bot", "owner_id": 1, "owner_name": "Anna", "language": "en"}
    (data / ".vakhta-demo").write_text(json.dumps(visit), "utf-8")
    assert "holds the demo of @other_bot" in await refused(folder, telegram, "--dir", "data")
    (data / ".vakhta-demo").write_text("", "utf-8")
    (data / "world.db").touch()
    assert "holds the demo of the chat page" in await refused(folder, telegram, "--dir", "data")


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("run", "--once"),
        ("setup",),
        ("status",),
        ("doctor",),
        ("people", "list"),
        ("requests", "list"),
        ("letters", "check"),
        ("files", "scan"),
        ("db", "upgrade"),
        ("config", "check"),
    ],
)
@pytest.mark.parametrize("place", ["here", "database"])
def test_the_data_of_a_demo_is_opened_by_nothing_else(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    place: str,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / ".vakhta-demo").touch()
    (data / "vakhta.toml" if place == "here" else tmp_path / "vakhta.toml").write_text(
        "" if place == "here" else '[database]\nurl = "sqlite+aiosqlite:///data/vakhta.db"\n', "utf-8"
    )
    monkeypatch.chdir(data if place == "here" else tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert main(words) == 2
    said = capsys.readouterr().err
    assert f"{data} holds the data of a demo" in said
    assert len(said.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before
