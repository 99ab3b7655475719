"""Letters too large for the memory: what they say is read all the same, or a person is told of them."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db.engine import Database
from jobs.connectors.maildir.client import LARGEST, Maildir
from jobs.letters.job import Intake, MailboxJob
from jobs.letters.mailbox import Unreadable
from jobs.letters.thinning import FETCHED, HEAD, Thinner, thinned
from tests.conftest import NOON, ManualClock
from tests.letters.post import post_of

MB = 1024 * 1024
LINE = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\r\n"


def head(subject: str = "Request 101") -> bytes:
    message = EmailMessage()
    message["From"] = "Pavlo Honchar <p.honchar@contractor.example>"
    message["Subject"] = subject
    message["Date"] = "Fri, 20 Nov 2026 11:59:00 +0000"
    message["Message-ID"] = "<large@contractor.example>"
    message.set_content("Request 101: we are on our way.")
    message.add_attachment(b"", maintype="video", subtype="mp4", filename="pump.mp4")
    before, _, _ = message.as_bytes().rpartition(b"\n\n--")
    return before + b"\n\n"


@given(st.lists(st.sampled_from([LINE, b"text\n", b"\n", b"x" * 100, b"=" * 50 + b"\n"])), st.integers(1, 200))
@settings(max_examples=50)
def test_nothing_is_lost_but_the_long_run_however_it_comes(pieces: list[bytes], step: int) -> None:
    whole = b"".join(pieces)
    one, other = Thinner(MB, keep=200), Thinner(MB, keep=200)
    one.feed(whole)
    for start in range(0, len(whole), step):
        other.feed(whole[start : start + step])
    one.end()
    other.end()
    assert (one.kept, one.dropped) == (other.kept, other.dropped)
    assert len(one.kept) + sum(one.dropped) == len(whole)


def test_a_letter_of_a_hundred_megabytes_is_held_in_one() -> None:
    thinner, piece = Thinner(LARGEST), LINE * (MB // len(LINE))
    thinner.feed(head())
    for _ in range(100):
        thinner.feed(piece)
    thinner.end()
    assert len(thinner.kept) < MB
    assert sum(thinner.dropped) > 98 * MB


def test_of_what_stays_too_large_the_head_is_known() -> None:
    begins = head()
    found = thinned("1", iter([begins, *[b"words and words\n" * 1000] * 100]), NOON, size=30 * MB, most=MB)
    assert isinstance(found, Unreadable)
    assert found.head == (begins + b"words and words\n" * 9000)[:HEAD]
    assert isinstance(
        thinned("1", iter([begins, b"a line\n" * 99999]), NOON, size=FETCHED + 1, most=LARGEST), Unreadable
    )


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
async def test_a_large_letter_is_applied_and_a_huge_one_is_a_question(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    post = post_of(db, clock)
    await post.make("101")
    (tmp_path / "new").mkdir()
    (tmp_path / "cur").mkdir()
    (tmp_path / "new" / "1").write_bytes(head() + LINE * (26 * MB // len(LINE)))
    (tmp_path / "new" / "2").write_bytes(head("Huge").replace(b"large@", b"huge@") + b"\xff some bytes\n" * (2 * MB))
    assert await MailboxJob(db, clock, post.letters, Maildir(tmp_path), Intake("contractor")).once() == 1
    applied, huge = await post.all()
    assert (applied.state, (await post.request("101")).status) == ("applied", "en_route")
    async with db.reading() as connection:
        (file,) = await post.letters.attachments(connection, letter_id=applied.id)
    assert (file.name, file.digest, file.size // MB) == ("pump.mp4", None, 19)
    assert (huge.state, huge.sender, huge.subject) == ("triage", "p.honchar@contractor.example", "Huge")
    assert huge.reason.values == {"size": "26"}
