"""A log is read once and whole, however it is rotated."""

import os
import shutil
from pathlib import Path

import pytest

from core.errors import Unavailable
from jobs.files.tail import PIECE, LogTail, Look, Place


class Reader:
    """Reads lines of a log; what stands in `places` is what a database would keep."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: list[list[int | str]] | None = None
        self.lines: list[str] = []
        self.now = 1_000_000_000_000.0
        self.restart()

    def restart(self) -> None:
        """As after a kill: only what was kept is known."""
        self.tail = LogTail(self.path)

    def look(self) -> Look:
        def understand(data: bytes, *, quiet: bool) -> int:  # noqa: ARG001  a line is whole without
            whole = data.rfind(b"\n") + 1
            self.lines += data[:whole].decode().splitlines()
            return whole

        places = None if self.places is None else [Place.of(each) for each in self.places]
        look = self.tail.read(places, understand, self.now)
        self.places = [place.plain() for place in look.places]
        return look

    def all(self) -> list[str]:
        """Look until there is no more; the lines since the last time."""
        self.lines = []
        while self.look().more:
            pass
        return self.lines


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


@pytest.fixture
def reader(path: Path) -> Reader:
    path.write_text("1\n2\n")
    reader = Reader(path)
    assert reader.all() == ["1", "2"]
    reader.now = path.stat().st_mtime
    return reader


def add(path: Path, text: str) -> None:
    with path.open("a") as log:
        log.write(text)


def test_only_what_is_new_is_read(reader: Reader, path: Path) -> None:
    assert reader.all() == []
    add(path, "3\n")
    assert reader.all() == ["3"]


def test_half_a_line_waits(reader: Reader, path: Path) -> None:
    add(path, "thr")
    assert reader.all() == []
    add(path, "ee\n")
    assert reader.all() == ["three"]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_file_that_was_rotated_is_finished_first(reader: Reader, path: Path, restarted: bool) -> None:
    add(path, "3\n")
    path.rename(path.with_name("audit.log.1"))
    path.write_text("4\n")
    if restarted:
        reader.restart()
    look = reader.look()
    assert reader.lines[-2:] == ["3", "4"]
    assert not look.lost
    add(path.with_name("audit.log.1"), "late\n")  # a process that has not opened the new one yet
    assert reader.all() == ["late"]


def test_a_file_between_two_rotations_is_read_too(reader: Reader, path: Path) -> None:
    old = path.with_name("audit.log.2")
    path.rename(old)
    add(old, "3\n")
    between = path.with_name("audit.log.1")
    between.write_text("4\n")
    path.write_text("5\n")
    for age, file in ((20, old), (10, between), (0, path)):
        os.utime(file, (reader.now - age, reader.now - age))
    reader.restart()
    assert reader.all() == ["3", "4", "5"]
    assert reader.all() == []


def test_a_file_that_rests_is_forgotten(reader: Reader, path: Path) -> None:
    path.rename(path.with_name("audit.log.1"))
    path.write_text("3\n")
    reader.now = path.stat().st_mtime + 10_000
    assert reader.all() == ["3"]
    assert reader.places is not None
    assert len(reader.places) == 1


@pytest.mark.parametrize("after", ["4\n", "4\n5\n6\n7\n"])
def test_a_copied_and_truncated_log_is_read_once(reader: Reader, path: Path, after: str) -> None:
    add(path, "3\n")
    shutil.copy2(path, path.with_name("audit.log.1"))
    path.write_text(after)  # truncates the same file
    assert reader.all() == ["3", *after.split()]
    assert reader.all() == []


def test_what_was_gone_before_it_was_read_is_told(reader: Reader, path: Path) -> None:
    path.write_text("other\n")
    look = reader.look()
    assert look.lost
    assert reader.lines[-1] == "other"


def test_a_log_that_is_not_made_again_yet_is_no_fault(reader: Reader, path: Path) -> None:
    add(path, "3\n")
    path.rename(path.with_name("audit.log.1"))
    assert reader.all() == ["3"]


def test_a_log_that_is_not_there_is_unavailable(path: Path) -> None:
    with pytest.raises(Unavailable, match=r"audit\.log"):
        Reader(path).look()


def test_a_log_longer_than_a_piece_is_read_in_pieces(path: Path) -> None:
    lines = [f"{n:030d}" for n in range(PIECE // 30)]
    path.write_text("\n".join(lines) + "\n")
    reader = Reader(path)
    assert reader.look().more
    assert len(reader.lines) < len(lines)
    first = list(reader.lines)
    assert first + reader.all() == lines


def test_a_line_longer_than_a_piece_is_passed_over_and_told(path: Path) -> None:
    path.write_text("x" * PIECE + "x\n1\n")
    reader = Reader(path)
    assert reader.look().lost
    assert reader.all()[-1] == "1"
