"""The real `vakhta run` under a service manager of the test's own: a socket, as systemd has one."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.clock import SystemClock
from jobs.health.manager import ServiceManager

INTERVAL = 0.6
"""Seconds of a watchdog in these tests."""


class Listener:
    """What a service manager hears."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)

    def hear(self, seconds: float) -> str:
        """The next message; '' when none comes within so long."""
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(4096).decode()
        except TimeoutError:
            return ""

    def until(self, text: str, seconds: float = 8) -> str:
        """The next message that holds a text."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            heard = self.hear(left)
            if text in heard:
                return heard
        raise AssertionError(f"{text} was not heard")

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing comes for so long, beside what is on its way already."""
        while self.hear(0.05):
            pass
        return not self.hear(seconds)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    found = Listener(str(tmp_path / "notify"))
    yield found
    found.close()


@contextmanager
def running(folder: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    (folder / "vakhta.toml").write_text('timezone = "UTC"\n[page]\nport = 0\n', "utf-8")
    command = [sys.executable, "-m", "bot", "run", "--config", str(folder / "vakhta.toml"), "--only", "page"]
    with subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


@pytest.mark.timeout(60)
def test_the_manager_hears_when_all_is_started_that_the_loop_turns_and_when_the_end_begins(
    tmp_path: Path, listener: Listener
) -> None:
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(int(INTERVAL * 1e6))}
    with running(tmp_path, **told) as process:
        assert "STATUS=http://127.0.0.1:" in listener.until("READY=1", 25)
        assert (tmp_path / "vakhta.db").exists()
        for _ in range(3):
            assert listener.hear(INTERVAL) == "WATCHDOG=1"
        process.send_signal(signal.SIGSTOP)
        assert listener.is_silent(2 * INTERVAL)
        process.send_signal(signal.SIGCONT)
        listener.until("WATCHDOG=1")
        process.send_signal(signal.SIGTERM)
        listener.until("STOPPING=1")
        assert process.wait(5) == 0


async def test_a_loop_that_is_blocked_gives_no_sign_of_life(tmp_path: Path, listener: Listener) -> None:
    manager = ServiceManager(str(tmp_path / "notify"), INTERVAL)
    alive = asyncio.create_task(manager.keep_alive(SystemClock()))
    await asyncio.sleep(0.01)
    assert listener.hear(0) == "WATCHDOG=1"
    assert listener.is_silent(INTERVAL)  # listening blocks the loop
    await asyncio.sleep(0.01)
    assert listener.hear(0) == "WATCHDOG=1"
    alive.cancel()


def test_what_the_manager_asks_is_read_once_and_kept_from_commands() -> None:
    variables = {"NOTIFY_SOCKET": "@vakhta", "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid()), "PATH": "x"}
    assert ServiceManager.from_environment(variables).watchdog == 60
    assert variables == {"PATH": "x"}


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"WATCHDOG_USEC": "60000000"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "0"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "soon"},
    ],
)
def test_a_watchdog_that_is_not_meant_for_us_is_none(variables: dict[str, str]) -> None:
    assert ServiceManager.from_environment(variables).watchdog is None


def test_an_abstract_socket_is_spoken_to() -> None:
    name = f"@vakhta-test-{os.getpid()}"
    listener = Listener(name)
    ServiceManager(name).ready("up")
    assert listener.hear(1) == "READY=1\nSTATUS=up"
    listener.close()


def test_a_manager_that_is_gone_is_no_fault(tmp_path: Path) -> None:
    ServiceManager(str(tmp_path / "nobody")).ready()
    ServiceManager().stopping()
