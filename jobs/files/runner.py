"""Runs one command: as a list of arguments, in a group of processes of its own, for a limited time, its output kept.

Never through a shell. A Python entry point runs in a new interpreter. Whatever the command has started ends with it.
On Windows the tree is ended by `taskkill` (written for it, not tested on it).
"""

import asyncio
import locale
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.files.processing_model import OUTPUT_KEPT, Ended, Reason
from jobs.threads import in_thread

log = logging.getLogger(__name__)

GRACE: Final = 3.0
"""Seconds between asking a command to end (SIGTERM, on Windows Ctrl+Break) and killing it."""
LAST_WORDS: Final = 1.0
"""Seconds for what is left in the pipe once everything has ended."""

_WINDOWS: Final = sys.platform == "win32"
_ASK: Final = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)
_KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)
_OWN_GROUP: Final = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
_PROC: Final = Path("/proc")

_CALL: Final = """
import importlib, os, sys
module, _, name = sys.argv[1].partition(":")
found = importlib.import_module(module)
for part in name.split("."):
    found = getattr(found, part)
found(os.environ["VAKHTA_PATH"] or None, os.environ["VAKHTA_TRIGGER"])
"""
"""What the new interpreter does with an entry point; its working directory is where modules are looked for first."""


def entry_command(entry: str) -> list[str]:
    """The command that calls `module:function(file_path, trigger_type)`."""
    return [sys.executable, "-u", "-c", _CALL, entry]  # what it wrote until it was ended is kept, too


class Tail:
    """The last bytes of an output of any length."""

    def __init__(self, limit: int = OUTPUT_KEPT) -> None:
        self.size = 0
        self._limit = limit
        self._kept = bytearray()

    def add(self, data: bytes) -> None:
        """The next piece."""
        self.size += len(data)
        self._kept += data
        if len(self._kept) > 2 * self._limit:
            del self._kept[: -self._limit]

    def text(self) -> str:
        """What is kept, read as UTF-8 or else as this machine writes, whatever it holds."""
        data = bytes(self._kept[-self._limit :])
        if self.size > self._limit:  # it may begin within a character
            start = next((at for at in range(min(4, len(data))) if data[at] & 0xC0 != 0x80), 0)
            data = data[start:]
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            usual = locale.getpreferredencoding(do_setlocale=False)
            text = data.decode("utf-8" if not _WINDOWS else usual, "replace")
        return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


class _Listener(asyncio.SubprocessProtocol):
    """Hears what a process writes, and that it has ended."""

    def __init__(self) -> None:
        self.tail = Tail()
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """A piece of the output."""
        self.tail.add(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Nobody can write any more."""
        self.closed.set()

    def process_exited(self) -> None:
        """The command itself has ended."""
        self.exited.set()


class Command:
    """One command, run once. `environment` is all it gets; `marker` occurs in it and in nobody else's."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], marker: str, folder: Path | None, timeout: float
    ) -> None:
        self._arguments = list(arguments)
        self._environment = dict(environment)
        self._marker = marker
        self._folder = folder
        self._timeout = timeout
        self._transport: asyncio.SubprocessTransport | None = None
        self._stopped = asyncio.Event()
        self._killed = False

    async def run(self) -> Ended:
        """Run it to its end, whatever that is. Cancelled, it is killed."""
        loop = asyncio.get_running_loop()
        listener = _Listener()
        if self._stopped.is_set():
            return Ended("stop")
        try:
            transport, _ = await loop.subprocess_exec(
                lambda: listener,
                *self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment,
                start_new_session=not _WINDOWS,
                creationflags=_OWN_GROUP,
            )
        except (OSError, ValueError) as error:
            return Ended("start", output=str(error))
        self._transport = transport
        try:
            if self._stopped.is_set():  # asked for while it began
                self._kill()
            reason = await self._wait(listener)
            await self._end_rest(listener, everything=reason != "")
        finally:
            self._kill()
            transport.close()
        code = transport.get_returncode()
        if reason == "" and code != 0:
            reason = "exit"
        return Ended(reason, code, listener.tail.text(), listener.tail.size)

    def stop(self, grace: float = GRACE) -> None:
        """Ask it to end, and kill it after so many seconds; `run` returns then."""
        self._stopped.set()
        if self._transport is not None:
            self._ask()
            asyncio.get_running_loop().call_later(grace, self._kill)

    async def _wait(self, listener: _Listener) -> Reason:
        """Until the command has ended; why it did, if not by itself."""
        try:
            async with asyncio.timeout(self._timeout):
                await listener.exited.wait()
        except TimeoutError:
            if not self._stopped.is_set():
                self._ask()
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await listener.exited.wait()
            if not listener.exited.is_set():
                self._signal(_KILL)
            with suppress(TimeoutError):  # what the kernel holds on to (a share that is away) dies when it may
                async with asyncio.timeout(GRACE):
                    await listener.exited.wait()
            return "stop" if self._stopped.is_set() else "timeout"
        return "stop" if self._stopped.is_set() else ""

    async def _end_rest(self, listener: _Listener, *, everything: bool) -> None:
        """End what the command has left behind; `everything`: also what has left its group."""
        self._kill()
        if everything:
            await in_thread("processing", lambda: kill_marked(self._marker))
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await listener.closed.wait()

    def _ask(self) -> None:
        if self._transport is not None and self._transport.get_returncode() is None:
            self._signal(_ASK)

    def _kill(self) -> None:
        """Kill the group, once: its number is nobody else's as long as one of its processes lives, but not for ever."""
        if not self._killed:
            self._killed = True
            self._signal(_KILL)

    def _signal(self, number: int) -> None:
        if self._transport is None:
            return
        pid = self._transport.get_pid()
        with suppress(OSError):  # it has just ended
            if not _WINDOWS:
                os.killpg(pid, number)
            elif number == _ASK:
                self._transport.send_signal(number)
            elif self._transport.get_returncode() is None:
                kill_tree(pid)


def kill_tree(pid: int) -> None:
    """Windows: end a process and all it has started."""
    program = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "taskkill.exe"
    subprocess.run(  # noqa: S603  the number is our child's
        [str(program), "/T", "/F", "/PID", str(pid)], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )


def kill_marked(marker: str) -> int:
    """Linux: kill every process that carries a run's mark, wherever it has gone; how many. Elsewhere none is found."""
    killed = 0
    for _ in range(5):  # what was started between two looks is found by the next
        found = _marked(marker)
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        if not found:
            break
    return killed


def _marked(marker: str) -> list[int]:
    wanted = f"VAKHTA_RUN={marker}".encode() + b"\0"
    found = []
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            if b"\0" + wanted in b"\0" + (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found
