"""A configuration to make services of, and a `systemctl` that writes down what it is told."""

import shutil
from pathlib import Path

import pytest

from tests.service.machine import Manager

CONFIG = """language = "en"
timezone = "UTC"
[telegram]
token = ""
[watch.docs]
path = "docs"
[mailbox.contractor]
path = "mail"
"""


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manager:
    found = Manager(tmp_path)
    for name, value in found.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return found


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration and what it names."""
    found = tmp_path / "vakhta"
    found.mkdir()
    (found / "vakhta.toml").write_text(CONFIG, "utf-8")
    for name in ("docs", "mail"):
        (found / name).mkdir()
    shutil.copyfile(sqlite_template, found / "vakhta.db")
    monkeypatch.chdir(found)
    monkeypatch.setenv("LANG", "C.UTF-8")
    return found
