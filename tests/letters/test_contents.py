"""What is kept of a letter beside its record."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db.engine import Database
from core.errors import UserError
from core.letters import contents
from core.letters.mime import parse_letter
from core.letters.model import Attachment, Evidence, Reading, Update
from core.letters.record import Content, LettersOptions
from core.letters.rules import read
from tests.conftest import NOON, ManualClock
from tests.letters.post import letter, post_of, reading

CORPUS = Path(__file__).with_name("corpus")
PHOTO = Attachment("pump.jpg", "image/jpeg", 5, b"photo")
PROGRAM = Attachment("pump.exe", "application/octet-stream", 5, b"virus")
OPTIONS = LettersOptions(attachment_types=("image/*", "*.docx"), attachment_max=10)


@given(st.text(), st.text(), st.text())
def test_whatever_a_letter_says_is_given_back(text: str, subject: str, words: str) -> None:
    came = letter(new_text=text, subject=subject, references=("a@x",), sent_at=None)
    evidence = Evidence("request", "text", 0, 3, words, "101", counted=False, reason="No.")
    said = Reading("note", (Update("101", None, None),), "A reason.", (evidence,), words)
    assert contents.unpacked(contents.packed(came, said)) == Content(came, said)


def test_real_letters_are_given_back_without_their_files() -> None:
    for path in sorted(CORPUS.glob("*.eml"))[::40]:
        came = parse_letter(path.read_bytes(), datetime(2026, 11, 21, tzinfo=UTC))
        kept = contents.unpacked(contents.packed(came, read(came)))
        assert kept.reading == read(came)
        assert (kept.letter.text, kept.letter.moment) == (came.text, came.moment)
        assert all(file.content == b"" for file in kept.letter.attachments)


def test_an_endless_letter_is_kept_in_part() -> None:
    came = letter(text="word " * 100_000)
    assert len(contents.unpacked(contents.packed(came, reading())).letter.text) == contents.TEXT_KEPT


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (PHOTO, None),
        (Attachment("Act.DOCX", "application/octet-stream", 3, b"act"), None),
        (PROGRAM, contents.TYPE),
        (Attachment("pump.jpg", "image/jpeg", 11, b"large photo"), contents.SIZE),
        (Attachment("pump.jpg", "image/jpeg", 5, b""), contents.NOT_READ),
    ],
)
def test_files_are_kept_by_type_and_size(file: Attachment, expected: str | None) -> None:
    refused = contents.refusal(file, OPTIONS)
    assert (refused and refused.sentence) == expected


async def test_files_are_kept_once_and_found_by_letter_and_request(db: Database, clock: ManualClock) -> None:
    post = post_of(db, clock, options=OPTIONS)
    first, second = await post.make("101", "102")
    logo = Attachment("logo.png", "image/png", 9, inline=True)
    both = reading(Update("101", None, "on_site"), Update("102", None, "on_site"))
    await post.receive(both, letter(attachments=(PHOTO, logo, PROGRAM)))
    await post.receive(reading(Update("102", None, "left")), letter("2@x", attachments=(PHOTO,)))
    async with db.reading() as connection:
        kept = await post.letters.attachments(connection, letter_id=1)
        assert [(each.name, each.refused and each.refused.sentence) for each in kept] == [
            ("pump.jpg", None),
            ("pump.exe", contents.TYPE),
        ]
        of_first = await post.letters.attachments(connection, request_id=first.id)
        of_second = await post.letters.attachments(connection, request_id=second.id)
        assert ([each.letter_id for each in of_first], [each.letter_id for each in of_second]) == ([1, 1], [1, 1, 2])
        assert len({each.digest for each in of_second if each.digest}) == 1
        assert await post.letters.attachment_content(connection, kept[0].digest or "") == b"photo"
        with pytest.raises(UserError):
            await post.letters.attachment_content(connection, "0" * 64)
        content = await post.letters.content(connection, 1)
        assert content is not None
        assert (content.letter.new_text, content.reading) == (letter().new_text, both)
    await post.undo(1)
    async with db.reading() as connection:
        assert await post.letters.attachments(connection, request_id=first.id) == []
        assert len(await post.letters.attachments(connection, request_id=second.id)) == 1


async def test_the_files_of_automatic_mail_are_not_kept(sqlite_db: Database, clock: ManualClock) -> None:
    post = post_of(sqlite_db, clock)
    await post.receive(reading(outcome="ignore"), letter(attachments=(PHOTO,), sent_at=NOON))
    async with sqlite_db.reading() as connection:
        assert await post.letters.attachments(connection, letter_id=1) == []
        assert await post.letters.content(connection, 1) is not None
