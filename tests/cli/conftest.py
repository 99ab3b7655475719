"""The command line, called in a folder with a plain configuration."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

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
