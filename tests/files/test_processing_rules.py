"""What a piece of the history asks for, and what a command is given."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files.model import EventType, FileEvent
from core.files.naming import details, shown
from core.files.processing_model import Ended, Process, ProcessSettings, Run
from core.files.processing_rules import Choice, arguments, digest, failed, is_retried, retry_after, variables
from tests.conftest import NOON

DOCX = ProcessSettings("convert", watch=("documents",), patterns=("*.docx",), command=("convert", "{path}"))


def event(n: int, kind: EventType, name: str, old: str | None = None, *, watch: str = "documents") -> FileEvent:
    before = None if old is None else f"/srv/{old}"
    told = details("/srv", {}, old_path=before)
    return FileEvent(n, NOON + timedelta(seconds=n), kind, shown(f"/srv/{name}"), "", "", 1, None, told, watch)


def run(**values: object) -> Run:
    plain = {"id": 7, "process_id": 1, "state": "running", "trigger": "file_change", "event": "created", "event_id": 1}
    rest = {"watch": "documents", "path": "/srv/a", "old_path": "", "queued_at": NOON, "due_at": NOON, "owner": "me"}
    return Run(**{**plain, **rest, **values})  # type: ignore[arg-type]  # a test's own words


def asked(process: ProcessSettings, *events: FileEvent) -> dict[str, str]:
    return {path: each.event for path, each in digest(Choice(process), events).asked.items()}


def test_only_its_folders_patterns_and_events_count() -> None:
    found = asked(
        DOCX,
        event(1, "created", "a.docx"),
        event(2, "created", "b.txt"),
        event(3, "deleted", "c.docx"),
        event(4, "created", "d.docx", watch="scans"),
        event(5, "created", "deep/e.docx"),
    )
    assert found == {"/srv/a.docx": "created", "/srv/deep/e.docx": "created"}


def test_several_changes_of_a_file_are_one_run_due_after_the_last() -> None:
    found = digest(Choice(DOCX), [event(1, "created", "a.docx"), event(9, "modified", "a.docx")]).asked
    assert [(each.event, each.due_at) for each in found.values()] == [("modified", NOON + timedelta(seconds=11))]


def test_a_run_follows_its_file_when_moves_do_not_count() -> None:
    process = ProcessSettings("x", watch=("documents",), patterns=("*.docx",), on=("created",))
    found = asked(process, event(1, "created", "a.docx"), event(2, "moved", "b.docx", "a.docx"))
    assert found == {"/srv/b.docx": "created"}


def test_a_waiting_run_follows_a_chain_of_moves() -> None:
    process = ProcessSettings("x", watch=("documents",), on=("created",))
    found = digest(Choice(process), [event(1, "moved", "b", "a"), event(2, "moved", "c", "b")])
    assert found.moved == {"/srv/a": "/srv/c", "/srv/b": "/srv/c"}


def test_a_file_that_moves_to_a_name_nobody_asked_for_is_still_said_to_be_gone() -> None:
    assert asked(DOCX, event(1, "created", "a.docx"), event(2, "moved", "a.bak", "a.docx")) == {
        "/srv/a.docx": "created"
    }


def test_a_saved_temporary_file_is_processed_under_its_final_name() -> None:
    found = asked(DOCX, event(1, "created", "a.tmp"), event(2, "moved", "a.docx", "a.tmp"))
    assert found == {"/srv/a.docx": "moved"}


NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1)


@given(NAMES, NAMES)
def test_a_name_arrives_as_it_is_in_one_argument(name: str, old: str) -> None:
    process = ProcessSettings("x", command=("p", "{path}", "--from={old_path}", "{trigger}", "{other}", "{{path}}"))
    found = arguments(process, run(), f"/srv/{name}", f"/srv/{old}")
    assert found == ["p", f"/srv/{name}", f"--from=/srv/{old}", "file_change", "{other}", f"{{/srv/{name}}}"]


def test_none_of_our_variables_reach_a_command() -> None:
    ours = {
        "PATH": "/bin",
        "LC_ALL": "uk",
        "VAKHTA_TELEGRAM__TOKEN": "hunter2",
        "AWS_SECRET": "hunter2",
        "HOME": "/root",
    }
    process = ProcessSettings("x", env={"TARGET": "pdf"})
    found = variables(process, run(), "/srv/a", "", ours)
    assert {name: value for name, value in found.items() if not name.startswith("VAKHTA_")} == {
        "PATH": "/bin",
        "LC_ALL": "uk",
        "HOME": "/root",
        "TARGET": "pdf",
    }
    assert "hunter2" not in found.values()
    assert (found["VAKHTA_PATH"], found["VAKHTA_TRIGGER"]) == ("/srv/a", "file_change")


@pytest.mark.parametrize(
    ("ended", "attempts", "again"),
    [
        (Ended("exit", 75), 1, True),
        (Ended("exit", 75), 3, True),
        (Ended("exit", 75), 4, False),
        (Ended("exit", 1), 1, False),
        (Ended("timeout", -9), 1, False),
        (Ended("", 0), 1, False),
    ],
)
def test_named_exit_codes_are_tried_again_so_often(ended: Ended, attempts: int, again: bool) -> None:
    assert is_retried(DOCX, run(attempts=attempts), ended) == again


def test_tries_are_further_and_further_apart_but_never_more_than_an_hour() -> None:
    assert [retry_after(n).total_seconds() for n in (1, 2, 3, 12, 999)] == [10, 20, 40, 3600, 3600]


def test_failures_are_told_by_one_message_an_hour() -> None:
    process = Process(1, "here", "convert", {}, 0)
    told = []
    for minute in range(0, 130, 10):
        process, fresh = failed(process, minute, NOON + timedelta(minutes=minute))
        told += [minute] if fresh else []
    assert told == [0, 60, 120]
    assert process.failures == 13
