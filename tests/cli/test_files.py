"""Watched folders and their history from the command line."""

import sqlite3

from tests.cli.conftest import Shell

EVENT_KEYS = {"id", "event_time", "event_type", "path", "project", "username", "file_size", "checksum", "details"}


def test_folders_are_scanned_and_their_history_searched(vakhta: Shell) -> None:
    assert vakhta.json("files", "scan")[0]["events"] == 0
    (vakhta.folder / "docs" / "plan.docx").write_bytes(b"plan")
    [scanned] = vakhta.json("files", "scan", "--watch", "docs")
    assert (scanned["watch"], scanned["events"], scanned["error"]) == ("docs", 1, None)
    [event] = vakhta.json("files", "search", "*.docx")
    assert set(event) >= EVENT_KEYS
    assert (event["event_type"], event["project"], event["file_size"]) == ("created", "CRM", 4)
    assert vakhta.json("files", "search", "*.xlsx") == []
    assert vakhta.json("files", "stats")["total"] == 1
    assert "plan.docx" in vakhta("files", "search")


def test_a_folder_that_is_away_is_exit_1(vakhta: Shell) -> None:
    (vakhta.folder / "docs").rmdir()
    assert vakhta.json("files", "scan", status=1)[0]["error"]
    vakhta("files", "scan", "--watch", "nobody", status=1)
    assert "Known are: docs." in vakhta.err


def test_an_old_history_comes_over_once_and_is_written_to_a_file(vakhta: Shell) -> None:
    old = sqlite3.connect(vakhta.folder / "old.db")
    old.execute("CREATE TABLE file_events (id INTEGER PRIMARY KEY, event_time TEXT, event_type TEXT, path TEXT)")
    old.execute("INSERT INTO file_events VALUES (7, '2025-09-22T10:00:00+03:00', 'created', '/srv/old/=акт.docx')")
    old.commit()
    old.close()
    assert vakhta("import", "file-events", "old.db", "--dry-run") == "1 event would be imported.\n"
    assert vakhta.json("import", "file-events", "old.db")["imported"] == 1
    assert vakhta.json("import", "file-events", "old.db")["known"] == 1
    assert "out.csv" in vakhta("files", "search", "created", "акт", "--csv", "out.csv")
    assert "/srv/old/=акт.docx" in (vakhta.folder / "out.csv").read_text("utf-8-sig")
    assert vakhta("import", "file-events", "vakhta.db", status=1) == ""
    assert "database itself" in vakhta.err
