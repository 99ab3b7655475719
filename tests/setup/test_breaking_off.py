"""A setup that is broken off anywhere: nothing is half written, and the next one goes on from there."""

import asyncio
import fcntl
import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from core.settings import load
from deploy.demo.telegram import TelegramServer
from tests.setup.terminal import Terminal, terminal_in

pytestmark = pytest.mark.timeout(60)


class Keys(io.StringIO):
    """What is typed, and then Ctrl+C."""

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # as in io.StringIO, whose stub says so, too
        if not (line := super().readline(size)):
            raise KeyboardInterrupt
        return line


@pytest.fixture
def setup(
    tmp_path: Path, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    return terminal_in(tmp_path, telegram, monkeypatch, capsys)


def saved(folder: Path) -> str:
    """What stands in the file, '' for none; it can be read with its secrets, and nothing unfinished lies about."""
    assert list(folder.rglob(".*")) == []
    if not (folder / "vakhta.toml").exists():
        assert {path.name for path in folder.iterdir()} == {"docs", "mail"}
        return ""
    assert load(folder / "vakhta.toml").telegram.token.get_secret_value()
    return (folder / "vakhta.toml").read_text("utf-8")


async def test_ctrl_c_at_each_question(
    setup: Terminal, telegram: TelegramServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was saved by then can be read; the last of them is gone on with and lacks nothing."""
    answers = ["en", "y", telegram.token, "UTC", "docs", "", "", "maildir", "", "mail", "*@lift.example", ""]
    answers += ["Lift @lift.example", ""]
    files = []
    for typed in range(len(answers) + 1):
        setup.folder = tmp_path / str(typed)
        for name in ("docs", "mail"):
            (setup.folder / name).mkdir(parents=True)
        monkeypatch.chdir(setup.folder)
        ended = (await setup(*answers[:typed], keys=Keys, status=1)).rpartition("Stopped. ")[2]
        files.append(saved(setup.folder))
        assert ended.startswith("What was saved stays." if files[-1] else "Nothing was changed.")
        assert "To go on: vakhta setup" in ended
    tables = [re.findall(r"^\[(.*)\]", text, re.MULTILINE) for text in files]
    assert [tables.index(found) for found in ([], ["telegram"], ["telegram", "watch.docs"])] == [0, 3, 6]
    assert tables[-1] == ["telegram", "watch.docs", "mailbox.contractor"]
    await setup("y", "", "", "", "n")
    assert saved(setup.folder) == files[-1]


async def test_ctrl_c_while_the_link_waits_ends_the_waiting_only(tmp_path: Path, telegram: TelegramServer) -> None:
    config = tmp_path / "vakhta.toml"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--config", str(config), "setup", "--api-base", telegram.base_url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "LC_MESSAGES": ""},
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    try:
        process.stdin.write(f"en\ny\n{telegram.token}\nUTC\n\n\ny\n".encode())
        await process.stdout.readuntil(b"Ctrl+C goes on without.")
        process.send_signal(signal.SIGINT)
        rest = (await process.stdout.read()).decode()
        assert await process.wait() == 0, rest + (await process.stderr.read()).decode()
    finally:
        if process.returncode is None:
            process.kill()
    assert "Not yet. It opens while vakhta run runs, too." in rest
    assert "vakhta run" in rest
    assert "Stopped" not in rest


def test_a_closed_standard_input_is_the_end_of_the_answers(tmp_path: Path) -> None:
    command = f"exec '{sys.executable}' -m bot --config '{tmp_path / 'vakhta.toml'}' setup <&-"
    said = subprocess.run(["/bin/sh", "-c", command], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert said.returncode == 1, said.stderr
    assert "vakhta setup" in said.stdout
    assert "Traceback" not in said.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("question", "key"), [("Language", b"\x03"), ("Token", b"\x03"), ("Token", b"\x04")])
async def test_the_keys_of_a_real_terminal(question: str, key: bytes, tmp_path: Path, telegram: TelegramServer) -> None:
    """Ctrl+C, and Ctrl+D, where a secret is typed, too: no trace, and the way on."""
    config = tmp_path / "vakhta.toml"
    status, screen = await asyncio.to_thread(on_a_terminal, config, telegram.base_url, question, key)
    assert status == 1, screen
    assert "Stopped. Nothing was changed." in screen
    assert "Traceback" not in screen
    assert f"vakhta setup --config {config}" in screen
    assert list(tmp_path.iterdir()) == []


def on_a_terminal(config: Path, api: str, question: str, key: bytes) -> tuple[int, str]:
    """The command in a terminal of its own; its exit status, and what the screen showed."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "VAKHTA_"))}
    command = [sys.executable, "-m", "bot", "--config", str(config), "setup", "--api-base", api]
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=Path(__file__).parents[2],
        env={**environment, "LANG": "C.UTF-8"},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that its keys become signals
    ) as process:
        os.close(theirs)
        try:
            screen = play(ours, question, key)
            status = process.wait(20)
        finally:
            process.kill()
    os.close(ours)
    return status, screen


def play(terminal: int, question: str, key: bytes) -> str:
    """Say yes until that question comes, then press the key; what the screen showed until the program ended."""
    screen, answered, deadline = "", 0, time.monotonic() + 40
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            screen += os.read(terminal, 65536).decode()
        except OSError:  # Linux says so when the other end is closed
            break
        last = screen[answered:].replace("\r\n", "\n").rpartition("\n")[2]
        if last.rstrip().endswith((":", "]")) and last.strip():
            os.write(terminal, key if last.startswith(question) else b"y\n" if "[y/N]" in last else b"en\n")
            answered = len(screen)
    return screen
