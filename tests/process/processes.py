"""Real processes of the program: started, watched line by line, ended as a user or a crash ends them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STOP_WITHIN = 3.0
POSIX = sys.platform != "win32"


def environment(**more: str) -> dict[str, str]:
    """The environment without settings of ours, in English."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("VAKHTA_")}
    return kept | {"LANG": "C", "LC_ALL": "C", "PYTHONUNBUFFERED": ""} | more


def run(*words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, cwd=cwd, env=environment(**more), capture_output=True, timeout=30, check=False, encoding="utf-8"
    )


@dataclass
class Running:
    """A process that goes on."""

    process: subprocess.Popen[str]
    began: float

    def line(self, part: str) -> str:
        """The next line on stdout that holds this."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if part in line:
                return line.strip()
        raise AssertionError(f"it ended before it said {part!r}: {self.process.wait()}")

    def url(self, part: str) -> str:
        """The address on the next line that holds this."""
        return self.line(part).split()[-1]

    def stop(self) -> float:
        """Ask it to end as a service manager does; how many seconds that took. It must exit 0."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=15) == 0
        return time.monotonic() - began

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.wait(timeout=15)


@contextmanager
def started(*words: str, cwd: Path, **more: str) -> Iterator[Running]:
    """A command that goes on until it is ended; killed at the latest here. Its log goes to `log` there."""
    command = [sys.executable, "-m", "bot", *words]
    began = time.monotonic()
    with (
        (cwd / "log").open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=cwd, env=environment(**more), stdout=subprocess.PIPE, stderr=log, encoding="utf-8"
        ) as process,
    ):
        try:
            yield Running(process, began)
        finally:
            process.kill()
