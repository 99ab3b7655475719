"""Letters from the command line: read from files, and from the mailboxes."""

import shutil
from pathlib import Path

from tests.cli.conftest import LETTER, Shell, write

CORPUS = Path(__file__).resolve().parents[1] / "letters" / "corpus"
LETTER_KEYS = {"file", "outcome", "updates", "reason", "sender", "received_at", "message_id"}


def test_letters_are_read_without_configuration_or_database(vakhta: Shell) -> None:
    write(vakhta.folder, "this is no toml")
    (vakhta.folder / "vakhta.db").unlink()
    (vakhta.folder / "one.eml").write_text(LETTER, "utf-8")
    [letter] = vakhta.json("letters", "read", "one.eml")
    assert set(letter) == LETTER_KEYS
    assert letter["outcome"] == "update"
    assert letter["updates"] == [{"request": "101", "position": "12", "status": "en_route"}]
    assert (letter["sender"], letter["message_id"]) == ("pavel@contractor.example", "one@contractor.example")
    assert letter["received_at"].startswith("2026-11-20T12:00:00")
    assert not (vakhta.folder / "vakhta.db").exists()
    assert "101/12 → en_route" in vakhta("letters", "read", "one.eml")


def test_folders_and_many_files_are_one_document(vakhta: Shell) -> None:
    for letter in sorted(CORPUS.glob("*.eml"))[::40]:
        shutil.copy(letter, vakhta.folder / "docs")
    found = vakhta.json("letters", "read", "docs", "vakhta.toml")
    assert len(found) > 100
    assert all(set(letter) == LETTER_KEYS for letter in found)
    assert {letter["outcome"] for letter in found} == {"update", "note", "triage", "ignore"}


def test_a_path_that_is_not_there_is_a_sentence(vakhta: Shell) -> None:
    vakhta("letters", "read", "nowhere", status=1)
    assert "There is no file or folder nowhere." in vakhta.err


def test_a_pass_over_the_mailboxes_can_be_tried_first(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "12", "Leak")
    (vakhta.folder / "mail" / "one.eml").write_text(LETTER, "utf-8")
    (vakhta.folder / "mail" / "two.eml").write_text(
        LETTER.replace("pavel@contractor", "eve@elsewhere").replace("one@", "two@"), "utf-8"
    )
    foreseen = vakhta.json("letters", "check", "--dry-run")
    first, second = sorted(foreseen["contractor"], key=lambda letter: letter["file"])
    assert set(first) == LETTER_KEYS
    assert (first["outcome"], first["updates"][0]["status"]) == ("update", "en_route")
    assert (second["outcome"], second["updates"]) == ("triage", [])
    assert "eve@elsewhere.example" in second["reason"]
    assert vakhta.json("requests", "list")[0]["status"] == "sent"
    assert vakhta.json("letters", "check") == {"contractor": 2}
    assert vakhta.json("requests", "list")[0]["status"] == "en_route"
    assert vakhta.json("letters", "check", "--dry-run") == {"contractor": []}


def test_an_unknown_or_missing_mailbox_is_exit_1(vakhta: Shell) -> None:
    vakhta("letters", "check", "--source", "nobody", status=1)
    assert "There is no mailbox nobody. Known are: contractor." in vakhta.err
    (vakhta.folder / "mail").rmdir()
    vakhta("letters", "check", status=1)
    assert "cannot be read" in vakhta.err


def test_a_mailbox_that_is_away_does_not_hold_up_the_others(vakhta: Shell) -> None:
    write(vakhta.folder, '[mailbox.away]\npath = "nowhere"\n[mailbox.contractor]\npath = "mail"\n')
    (vakhta.folder / "mail" / "one.eml").write_text(LETTER, "utf-8")
    assert vakhta.json("letters", "check", status=1) == {"contractor": 1}
    assert vakhta.err.startswith("away: The mail folder")
