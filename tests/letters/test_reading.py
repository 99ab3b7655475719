import json
from pathlib import Path

import pytest

from core.errors import UserError
from jobs.letters.reading import read_paths
from tests.letters.outlook import Message

LETTER = """\
From: Dispatch <Dispatch@contractor.example>
Subject: REQ-101/12
Date: Mon, 02 Mar 2026 09:30:00 +0200
Message-ID: <one@contractor.example>

The crew is on its way.
"""


def test_a_file_becomes_the_contracts_object(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_text(LETTER, "utf-8")
    assert list(read_paths([file])) == [
        {
            "file": str(file),
            "outcome": "update",
            "updates": [{"request": "101", "position": "12", "status": "en_route"}],
            "reason": "A request and its status were read.",
            "sender": "dispatch@contractor.example",
            "received_at": "2026-03-02T07:30:00.000000+00:00",
            "message_id": "one@contractor.example",
        }
    ]


def test_a_letter_without_a_date_has_its_files_time(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_text("Subject: x\n\ny", "utf-8")
    (found,) = read_paths([file])
    assert str(found["received_at"]).endswith("+00:00")
    assert str(found["message_id"]).startswith("sha256:")


def test_a_folder_is_read_through_in_order(tmp_path: Path) -> None:
    for name in ("b/2.eml", "a.eml", "b/1.EML", "b/notes.txt", "b/.x.eml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(LETTER, "utf-8")
    files = [Path(str(found["file"])).relative_to(tmp_path).as_posix() for found in read_paths([tmp_path])]
    assert files == ["a.eml", "b/1.EML", "b/2.eml"]


def test_a_maildir_is_read_whatever_its_files_are_called(tmp_path: Path) -> None:
    for name in ("new/1.host", "cur/2.host;2,S", "tmp/3.host"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(LETTER, "utf-8")
    assert [Path(str(found["file"])).name for found in read_paths([tmp_path])] == ["2.host;2,S", "1.host"]


def test_an_outlook_file_is_read_like_any_letter(tmp_path: Path) -> None:
    texts = {0x001A: "IPM.Note", 0x0037: "REQ-101", 0x5D01: "a@b.example", 0x1000: "The crew is on site."}
    (tmp_path / "a.msg").write_bytes(Message(texts).bytes())
    (tmp_path / "b.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 REQ-101 on site")
    good, broken = read_paths([tmp_path])
    assert (good["outcome"], good["sender"]) == ("update", "a@b.example")
    assert broken["outcome"] == "triage"


def test_an_unreadable_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="gone"):
        list(read_paths([tmp_path / "gone"]))


def test_the_object_is_plain_json(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text(LETTER, "utf-8")
    assert json.loads(json.dumps(list(read_paths([tmp_path]))))[0]["outcome"] == "update"
