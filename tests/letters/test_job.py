"""A mailbox looked through: real files in a maildir, a real database."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from core.db.engine import Database
from core.errors import Unavailable
from jobs.connectors.maildir.client import Maildir
from jobs.letters.mailbox import RawLetter, Unreadable
from tests.conftest import NOON, ManualClock
from tests.letters.boxes import job_of, mailbox_job, put
from tests.letters.crashing import Numbered
from tests.letters.post import Post, post_of, raw

ROOT = Path(__file__).resolve().parents[2]


async def test_a_letter_in_the_maildir_changes_its_request(db: Database, clock: ManualClock, maildir: Path) -> None:
    post = post_of(db, clock)
    await post.make("101/12")
    sent = NOON - timedelta(minutes=20)
    put(maildir, "1.host", raw("Заявка 101", "Заявка 101 п.12 — выехали, будем через 30 минут.", sent=sent))
    assert await mailbox_job(post, maildir, "*@contractor.example").once() == 1
    found = await post.request("101/12")
    assert (found.status, found.status_updated_at) == ("en_route", sent)


async def test_a_second_pass_reads_only_what_is_new(post: Post, maildir: Path) -> None:
    await post.make("101")
    job = mailbox_job(post, maildir)
    path = put(maildir, "1.host", raw("Заявка 101", "Бригада выехала.", message_id="1@x"))
    assert await job.once() == 1
    path.rename(maildir / "cur" / "1.host:2,S" if os.name != "nt" else maildir / "cur" / "1.host;2,S")
    assert await job.once() == 0
    put(maildir, "2.host", raw("Заявка 101", "Бригада прибыла на место.", message_id="2@x", sent=NOON))
    assert await job.once() == 1
    assert [entry.kind for entry in await post.history("101")] == ["status", "comment", "status", "comment"]


async def test_the_same_letter_under_another_name_changes_nothing(post: Post, maildir: Path) -> None:
    await post.make("101")
    job = mailbox_job(post, maildir)
    data = raw("Заявка 101", "Бригада выехала.")  # without a Message-ID: known by its bytes
    put(maildir, "1.host", data)
    assert await job.once() == 1
    before = await post.history("101")
    put(maildir, "copy.host", data)
    assert await job.once() == 0
    assert await post.history("101") == before


@pytest.mark.parametrize("batch", [1, 200])
async def test_letters_are_applied_by_their_own_time_not_as_they_lie(post: Post, maildir: Path, batch: int) -> None:
    await post.make("101")
    texts = {"b": "Бригада выехала.", "a": "Бригада прибыла на место.", "c": "Заявка принята."}
    for name, minutes in (("b", 20), ("a", 10), ("c", 30)):
        put(maildir, name, raw("Заявка 101", texts[name], message_id=name, sent=NOON - timedelta(minutes=minutes)))
    job = job_of(post, Maildir(maildir), batch=batch)
    assert await job.once() == 3
    moves = [entry.new for entry in await post.history("101") if entry.kind == "status"]
    assert moves == ["accepted", "en_route", "on_site"]


async def test_a_mailbox_that_is_away_is_said_and_read_later(post: Post, maildir: Path) -> None:
    job = mailbox_job(post, maildir)
    put(maildir, "1.host", raw("Заявка 101", "Бригада выехала."))
    maildir.rename(maildir.with_name("away"))
    with pytest.raises(Unavailable):
        await job.run()
    maildir.with_name("away").rename(maildir)
    assert await job.once() == 1


async def test_a_letter_too_large_is_put_aside_for_a_person_once(post: Post, maildir: Path) -> None:
    put(maildir, "1.host", b"x" * 2000)
    put(maildir, "2.host", raw("Hello", "Nothing."))
    job = job_of(post, Maildir(maildir, largest=1000))
    assert await job.once() == 1
    assert await job.once() == 0
    assert sorted(record.subject for record in await post.all()) == ["1.host", "Hello"]


class Faulty(Maildir):
    """A maildir in which some letters cannot be read now, and some vanish before they are."""

    def __init__(self, path: Path, locked: str = "", vanishing: str = "") -> None:
        super().__init__(path)
        self.locked = locked
        self.vanishing = vanishing

    async def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        if self.vanishing in keys:
            (self.path / "new" / self.vanishing).unlink(missing_ok=True)
        away = Unavailable("The letter {name} cannot be read: {reason}.", name=self.locked, reason="locked")
        return [Unreadable(each.key, away) if each.key == self.locked else each for each in await super().read(keys)]


async def test_a_letter_locked_by_another_program_does_not_hold_up_the_others(post: Post, maildir: Path) -> None:
    put(maildir, "1.host", raw("First", "Nothing.", message_id="1@x"))
    put(maildir, "2.host", raw("Second", "Nothing.", message_id="2@x"))
    mailbox = Faulty(maildir, locked="1.host")
    job = job_of(post, mailbox)
    with pytest.raises(Unavailable):
        await job.once()
    assert [record.subject for record in await post.all()] == ["Second"]
    mailbox.locked = ""
    assert await job.once() == 1


async def test_a_letter_that_vanished_meanwhile_is_no_matter(post: Post, maildir: Path) -> None:
    put(maildir, "1.host", raw("First", "Nothing."))
    mailbox = Faulty(maildir, vanishing="1.host")
    assert await job_of(post, mailbox).once() == 0
    assert await post.all() == []


@pytest.mark.parametrize(
    "data", [b"", b"\0\xff\xfe", b"Subject: =?utf-8?b?!!!?=\n\n\xd0", b"From: \n\n" + b"\x80" * 99]
)
async def test_whatever_lies_there_becomes_a_letter(
    db: Database, clock: ManualClock, maildir: Path, data: bytes
) -> None:
    post = post_of(db, clock)
    put(maildir, "1.host", data)
    assert await mailbox_job(post, maildir).once() == 1
    assert (await post.last()).state == "triage"


LETTERS = 30
KILLS = 20


@pytest.mark.crash
@pytest.mark.timeout(60)
async def test_killed_twenty_times_in_the_middle_of_a_pass_each_letter_is_applied_exactly_once(
    sqlite_url: str, clock: ManualClock, maildir: Path
) -> None:
    post = post_of(Database(sqlite_url), clock)
    await post.make(*(str(100 + n) for n in range(LETTERS)))
    for n in range(LETTERS):
        moment = NOON - timedelta(minutes=n)
        put(maildir, f"{n:02}.host", raw(f"Заявка {100 + n}", "Бригада выехала.", message_id=f"{n}@x", sent=moment))
    points = [str(Random(n).randrange(1, 60)) for n in range(KILLS)]
    for together in [points] if hasattr(os, "fork") else [[point] for point in points]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.letters.crashing", sqlite_url, str(maildir), *together, cwd=ROOT
        )
        assert await process.wait() == (0 if hasattr(os, "fork") else 9)
    left = LETTERS - len(await post.all())
    assert 0 < left < LETTERS
    assert await job_of(post, Numbered(maildir)).once() == left
    for n in range(LETTERS):
        assert [entry.kind for entry in await post.history(str(100 + n))] == ["status", "comment"]
    assert [record.state for record in await post.all()] == ["applied"] * LETTERS
    await post.db.close()
