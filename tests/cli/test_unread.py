"""What a command does whose reader has gone, through a real pipe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import UNREAD
from tests.cli.conftest import LETTER

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "words",
    [
        ("--version",),
        ("config", "example"),
        ("config", "show", "--json"),
        ("letters", "read", "mail"),
        ("letters", "read", "mail", "--json"),
    ],
)
def test_a_command_ends_quietly_when_nobody_reads_on(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "mail").mkdir()
    for n in range(3):
        (tmp_path / "mail" / f"{n}.eml").write_text(LETTER, "utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (UNREAD, b"")
