"""What editors do while they save, told as the one change it is."""

import pytest

from core.files.model import Change, FileState
from core.files.rules import Comparing, pair_moves
from core.files.saves import GRACE, LONGEST, Saves, is_draft, is_lock


@pytest.mark.parametrize("name", ["~$report.docx", ".~lock.report.odt#", ".report.txt.swp", ".a.swo"])
def test_a_lock_is_known_by_its_name(name: str) -> None:
    assert is_lock(name)


@pytest.mark.parametrize(
    "name",
    [
        "~WRD0001.tmp",
        "~WRL0002.tmp",
        "5E3A1000",
        "notes.txt~",
        "4913",
        ".goutputstream-X1Y2Z3",
        "sedAb1Cd2",
        "lu123.tmp",
        "a.py___jb_tmp___",
        "#notes#",
    ],
)
def test_a_draft_is_known_by_its_name(name: str) -> None:
    assert is_draft(name)


@pytest.mark.parametrize("name", ["report.docx", "~report", ".bashrc", "template", "sedan", "12345678.pdf", "#1.txt"])
def test_an_ordinary_file_is_neither(name: str) -> None:
    assert not is_lock(name)
    assert not is_draft(name)


def state(inode: int, size: int = 5) -> FileState:
    return FileState(size, 1, 1, inode)


def come(name: str, inode: int, size: int = 5) -> Change:
    return Change("created", "", name, None, state(inode, size))


def gone(name: str, inode: int) -> Change:
    return Change("deleted", "", name, state(inode), None)


def rewritten(name: str, before: int, after: int) -> Change:
    return Change("modified", "", name, state(before), state(after))


def told(changes: list[Change]) -> list[tuple[str | None, str]]:
    return [(each.kind, each.name) for each in pair_moves(changes, recognise_saves=True)]


def test_word_saving_in_five_steps_is_one_change() -> None:
    saves = Saves()
    assert saves.hold_back([come("~WRD0001.tmp", 2)], 0) == []
    assert saves.hold_back([gone("a.docx", 1), come("~WRD0001.tmp", 2), come("~WRL0002.tmp", 1)], 0.5) == []
    half = saves.hold_back([rewritten("a.docx", 1, 2), come("~WRL0002.tmp", 1)], 0.7)
    assert told(half) == [("modified", "a.docx")]


def test_a_backup_that_stays_is_a_file_of_its_own() -> None:
    saves = Saves()
    assert told(saves.hold_back([rewritten("notes", 1, 2), come("notes~", 1)], 0)) == [("modified", "notes")]
    assert told(saves.hold_back([come("notes~", 1)], GRACE)) == [("created", "notes~")]


def test_a_document_that_does_not_come_back_was_deleted() -> None:
    saves = Saves()
    assert saves.hold_back([gone("a.docx", 1), come("x.tmp", 2)], 0) == []
    assert saves.paths == ["x.tmp", "a.docx"]
    assert told(saves.hold_back([gone("a.docx", 1), come("x.tmp", 2)], GRACE)) == [
        ("deleted", "a.docx"),
        ("created", "x.tmp"),
    ]
    assert saves.paths == []


def test_a_draft_is_waited_for_while_it_is_written_but_not_for_ever() -> None:
    saves = Saves()
    now = 0.0
    while now < LONGEST:
        assert saves.hold_back([come("a.tmp", 1, size=int(now))], now) == []
        now += 1
    assert told(saves.hold_back([come("a.tmp", 1, size=999)], now)) == [("created", "a.tmp")]


def test_a_deletion_elsewhere_does_not_wait() -> None:
    away = Change("deleted", "b", "x", state(1), None)
    assert Saves().hold_back([away, come("a.tmp", 2)], 0) == [away]


def test_what_went_without_a_trace_is_forgotten() -> None:
    saves = Saves()
    saves.hold_back([come("a.tmp", 1)], 0)
    saves.forget(1, 5)
    assert saves.paths == []


def test_a_draft_long_told_of_that_becomes_a_known_document_is_its_change() -> None:
    assert told([gone("~WRD1.tmp", 2), rewritten("a.docx", 1, 2)]) == [
        ("deleted", "~WRD1.tmp"),
        ("modified", "a.docx"),
    ]


def test_a_draft_that_becomes_a_new_file_has_moved() -> None:
    assert told([gone("b.tmp", 2), come("b.docx", 2)]) == [("moved", "b.docx")]


def test_without_recognition_the_names_say_nothing() -> None:
    changes = [rewritten("notes", 1, 2), come("notes~", 1)]
    assert [each.kind for each in pair_moves(changes)] == ["created", "moved"]
    assert Comparing().recognise_saves is False
