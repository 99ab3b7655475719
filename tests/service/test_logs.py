"""The log's files: they rotate, warnings stand apart, secrets do not stand there."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.logs import ERRORS, LOG, Rotating, keep_in
from core.errors import ConfigError

log = logging.getLogger("tests.service")


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    found = logging.getLogger()
    before, level = list(found.handlers), found.level
    found.setLevel(logging.INFO)
    yield found
    found.setLevel(level)
    for handler in [handler for handler in found.handlers if handler not in before]:
        found.removeHandler(handler)
        handler.close()


@pytest.mark.usefixtures("root")
def test_warnings_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    keep_in(tmp_path / "logs", 1, 3)
    log.info("a letter came")
    log.warning("the share is away: 123456:AAAA-secret-secret-secret-secret")
    everything, wrong = ((tmp_path / "logs" / name).read_text("utf-8") for name in (LOG, ERRORS))
    assert "a letter came" in everything
    assert "the share is away" in everything
    assert "a letter came" not in wrong
    assert "the share is away: 123456:***" in wrong


@pytest.mark.usefixtures("root")
def test_files_rotate_and_only_so_many_are_kept(tmp_path: Path) -> None:
    keep_in(tmp_path, 0.001, 2)
    for number in range(100):
        log.info("line %d: привіт", number)
    assert sorted(path.name for path in tmp_path.iterdir()) == [ERRORS, LOG, f"{LOG}.1", f"{LOG}.2"]
    assert all(path.stat().st_size <= 1100 for path in tmp_path.iterdir())
    assert "line 99: привіт" in (tmp_path / LOG).read_text("utf-8")


def test_a_file_that_cannot_be_renamed_is_gone_on_with(tmp_path: Path) -> None:
    handler = Rotating(tmp_path / LOG, maxBytes=100, backupCount=1, encoding="utf-8")
    (tmp_path / f"{LOG}.1" / "held").mkdir(parents=True)  # in its way, as a program that holds the file is on Windows
    lines = [f"line {number}" for number in range(50)]
    for line in lines:
        handler.handle(logging.makeLogRecord({"msg": line}))
    handler.close()
    assert (tmp_path / LOG).read_text("utf-8").splitlines() == lines


def test_a_folder_that_cannot_be_written_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="No log can be written"):
        keep_in(tmp_path / "file" / "logs", 1, 1)


@pytest.mark.timeout(60)
def test_run_logs_where_the_configuration_says(tmp_path: Path) -> None:
    config = tmp_path / "vakhta.toml"
    config.write_text('[log]\nfolder = "logs"\n[watch.gone]\npath = "gone"\n', "utf-8")
    command = [
        sys.executable,
        "-m",
        "bot",
        "run",
        "--once",
        "--only",
        "files",
        "--config",
        str(tmp_path / "vakhta.toml"),
    ]
    subprocess.run(command, capture_output=True, timeout=50, check=False)
    assert "watch.gone" in (tmp_path / "logs" / ERRORS).read_text("utf-8")
