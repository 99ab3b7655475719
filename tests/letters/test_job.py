"""A mailbox looked through: real files in a maildir, a real database."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.engine import Database
from core.errors import AuthFailed, Unavailable
from core.letters import store
from core.letters.mailboxes import MailboxState
from core.letters.record import Reason
from core.letters.service import LettersService
from jobs.connectors.maildir.client import Maildir
from jobs.letters.job import BATCH, GIVEN_UP, TRIES, Intake, MailboxJob
from jobs.letters.mailbox import Changes, Entry, Mailbox, RawLetter, Unreadable
from tests.conftest import NOON, ManualClock
from tests.letters.crashing import Numbered
from tests.letters.post import OKSANA, Post, post_of, raw

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    path = tmp_path / "mail"
    for folder in ("new", "cur", "tmp"):
        (path / folder).mkdir(parents=True)
    return path


@pytest.fixture
def post(sqlite_db: Database, clock: ManualClock) -> Post:
    return post_of(sqlite_db, clock)


def put(maildir: Path, name: str, data: bytes) -> Path:
    path = maildir / "new" / name
    path.write_bytes(data)
    return path


def mailbox_job(post: Post, maildir: Path, *senders: str) -> MailboxJob:
    return job_of(post, Maildir(maildir), senders=senders)


def job_of(post: Post, mailbox: Mailbox, *, senders: tuple[str, ...] = (), batch: int = BATCH) -> MailboxJob:
    return MailboxJob(post.db, post.clock, post.letters, mailbox, Intake("contractor", senders, batch=batch))


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


class Server:
    """A mailbox on a server, as the connectors of such are: keys and cursors hold as long as `validity` does."""

    has_history = True

    def __init__(self, clock: ManualClock, identity: str = "imap://duty@mail.example/INBOX") -> None:
        self.clock = clock
        self.identity = identity
        self.validity = 1
        self.letters: list[tuple[bytes, datetime]] = []
        self.locked: set[int] = set()
        self.asked: list[str | None] = []
        self.closed = False
        self.comes_after: float | None = None
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    def put(self, data: bytes, received_at: datetime | None = None) -> None:
        self.letters.append((data, received_at or self.clock.now()))

    async def changes(self, cursor: str | None, since: datetime) -> Changes:
        self.asked.append(cursor)
        validity, _, after = (cursor or "0:0").partition(":")
        continued = int(validity) == self.validity
        if continued:
            found = list(range(int(after), len(self.letters)))
        else:
            found = [uid for uid, (_, received) in enumerate(self.letters) if received >= since]
        entries = tuple(Entry(f"{self.validity}:{uid}", self.letters[uid][1]) for uid in found)
        return Changes(entries, f"{self.validity}:{len(self.letters)}", continued)

    async def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        found: list[RawLetter | Unreadable] = []
        for key in keys:
            uid = int(key.partition(":")[2])
            if uid in self.locked:
                found.append(Unreadable(key, Unavailable("The letter {name} cannot be read.", name=key)))
            else:
                found.append(RawLetter(key, *self.letters[uid]))
        return found

    async def wait(self, seconds: float) -> None:
        if self.comes_after is not None and self.comes_after < seconds:
            self.clock.advance(seconds=self.comes_after)
            self.put(news(len(self.letters)))
        else:
            self.clock.advance(seconds=seconds)
        if self.meanwhile is not None:
            await self.meanwhile()

    async def close(self) -> None:
        self.closed = True


@dataclass
class Beats:
    """Signs of life, by the clock's seconds; the last one wanted ends the job."""

    clock: ManualClock
    wanted: int
    heard: list[float] = field(default_factory=list)

    def __call__(self) -> None:
        self.heard.append(self.clock.elapsed)
        if len(self.heard) == self.wanted:
            raise AuthFailed("The password is refused.")


@pytest.fixture
def server(clock: ManualClock) -> Server:
    return Server(clock)


def news(n: int, text: str = "Бригада выехала.", *, minutes: float = 0) -> bytes:
    return raw("Заявка 101", text, message_id=f"{n}@x", sent=NOON - timedelta(minutes=minutes))


async def state_of(post: Post) -> MailboxState:
    async with post.db.reading() as connection:
        state = await post.letters.mailbox(connection, "contractor")
    assert state is not None
    return state


async def moves(post: Post, name: str = "101") -> list[str | None]:
    return [entry.new for entry in await post.history(name) if entry.kind == "status"]


async def test_what_lay_in_a_mailbox_on_a_server_before_is_history_and_changes_nothing(
    db: Database, clock: ManualClock
) -> None:
    post, server = post_of(db, clock), Server(clock)
    await post.make("101")
    server.put(news(1), NOON - timedelta(minutes=20))
    job = job_of(post, server)
    assert await job.once() == 1
    assert await moves(post) == []
    state = await state_of(post)
    assert (state.history, state.cursor) == ("asked", "1:1")
    clock.advance(minutes=1)
    server.put(news(2, "Бригада прибыла на место."))
    assert await job.once() == 1
    assert await moves(post) == ["on_site"]


async def test_history_is_applied_oldest_first_when_a_person_says_so(post: Post, server: Server) -> None:
    await post.make("101")
    server.put(news(1, "Бригада прибыла на место.", minutes=10), NOON - timedelta(minutes=9))
    server.put(news(2, "Бригада выехала.", minutes=20), NOON - timedelta(minutes=8))
    job = job_of(post, server, batch=1)
    await job.once()
    async with post.db.transaction() as tx:
        await post.letters.decide_history(tx, "contractor", "apply", OKSANA)
    assert await job.once() == 0
    assert await moves(post) == ["en_route", "on_site"]
    assert (await state_of(post)).history == "applied"


async def test_the_answer_about_the_history_is_followed_soon(post: Post, server: Server, clock: ManualClock) -> None:
    await post.make("101")
    server.put(news(1), NOON - timedelta(minutes=20))

    async def answer() -> None:
        async with post.db.transaction() as tx:
            await post.letters.decide_history(tx, "contractor", "apply", OKSANA)

    server.meanwhile = answer
    beats = Beats(clock, 4)
    with pytest.raises(AuthFailed):
        await MailboxJob(post.db, clock, post.letters, server, Intake("contractor", check_every=600), beats).run()
    assert await moves(post) == ["en_route"]
    assert clock.elapsed <= 10


async def test_the_first_look_goes_back_as_far_as_configured(post: Post, server: Server) -> None:
    server.put(news(1), NOON - timedelta(days=2))
    server.put(news(2), NOON - timedelta(hours=2))
    assert await job_of(post, server).once() == 1


async def test_the_cursor_stays_until_the_last_letter_is_stored(post: Post, server: Server) -> None:
    job = job_of(post, server, batch=2)
    await job.once()
    for n in range(5):
        server.put(news(n))
    server.locked = {3}
    with pytest.raises(Unavailable):
        await job.once()
    assert len(await post.all()) == 4
    assert (await state_of(post)).cursor == "1:0"
    server.locked = set()
    assert await job.once() == 1
    assert (await state_of(post)).cursor == "1:5"


async def test_a_letter_that_is_never_handed_over_is_told_of_and_holds_nothing_up(
    post: Post, server: Server, clock: ManualClock
) -> None:
    await job_of(post, server).once()
    server.put(news(0))
    server.locked = {0}
    for _ in range(TRIES):
        with pytest.raises(Unavailable):
            await job_of(post, server).once()  # each after a restart
        clock.advance(minutes=30)
    assert await post.all() == []
    clock.advance(hours=1)
    server.put(news(1))
    assert await job_of(post, server).once() == 1
    _, told = await post.all()
    assert (told.state, told.moment, told.outcome) == ("triage", NOON, "triage")
    assert told.reason == Reason(GIVEN_UP, {"reason": "The letter 1:0 cannot be read."})
    server.locked = set()
    assert await job_of(post, server).once() == 0
    assert ((await state_of(post)).cursor, (await state_of(post)).tried) == ("1:2", {})


async def test_a_server_that_hands_over_nothing_makes_no_letter_be_given_up(
    post: Post, server: Server, clock: ManualClock
) -> None:
    await job_of(post, server).once()
    server.put(news(0))
    server.put(news(1))
    server.locked = {0, 1}
    for _ in range(TRIES + 2):
        with pytest.raises(Unavailable):
            await job_of(post, server).once()
        clock.advance(hours=1)
    assert await post.all() == []
    assert (await state_of(post)).tried["1:1"].times == TRIES + 2
    server.locked = set()
    assert await job_of(post, server).once() == 2


async def test_the_cursor_goes_with_the_transaction_of_the_last_letter(post: Post, server: Server) -> None:
    cursors = []

    class Watched(LettersService):
        async def advance(self, tx: AsyncConnection, name: str, cursor: str | None, *, complete: bool) -> MailboxState:
            stored = len(await store.list_letters(tx, limit=10))
            async with post.db.reading() as connection:
                committed = len(await store.list_letters(connection, limit=10))
            cursors.append((cursor, committed, stored))
            return await super().advance(tx, name, cursor, complete=complete)

    job = job_of(post_of(post.db, post.clock, Watched), server)
    await job.once()
    server.put(news(1))
    server.put(news(2))
    await job.once()
    assert cursors == [("1:0", 0, 0), ("1:2", 1, 2)]


async def test_a_pass_in_which_nothing_happened_writes_nothing(post: Post, server: Server, clock: ManualClock) -> None:
    job = job_of(post, server)
    await job.once()
    noted = (await state_of(post)).synced_at
    clock.advance(minutes=30)
    await job.once()
    assert (await state_of(post)).synced_at == noted
    clock.advance(minutes=31)
    await job.once()
    assert (await state_of(post)).synced_at == clock.now()


async def test_a_restored_mailbox_replays_nothing(post: Post, server: Server, clock: ManualClock) -> None:
    """Another UIDVALIDITY: every key is new and the cursor void; only what never came before is news."""
    await post.make("101")
    job = job_of(post, server)
    await job.once()
    server.put(news(1))
    await job.once()
    before = await post.history("101")
    server.validity = 2
    clock.advance(minutes=1)
    assert await job.once() == 0
    assert await post.history("101") == before
    assert (await state_of(post)).cursor == "2:1"
    server.put(news(2, "Бригада прибыла на место."))
    assert await job.once() == 1
    assert await moves(post) == ["en_route", "on_site"]


async def test_a_mailbox_that_was_emptied_and_filled_again_replays_nothing(post: Post, maildir: Path) -> None:
    await post.make("101")
    job = mailbox_job(post, maildir)
    path = put(maildir, "1.host", news(1))
    await job.once()
    before = await post.history("101")
    path.unlink()
    assert await job.once() == 0
    put(maildir, "other.host", news(1))
    assert await job.once() == 0
    assert await post.history("101") == before


async def test_a_mailbox_of_another_kind_replays_nothing(
    post: Post, server: Server, maildir: Path, clock: ManualClock
) -> None:
    """From a server to a maildir that holds years of letters, and back: what never came before waits for a yes."""
    await post.make("101")
    await job_of(post, server).once()
    server.put(news(1))
    await job_of(post, server).once()
    before = await post.history("101")
    clock.advance(minutes=5)
    for name, data in (("known", news(1)), ("old", news(9, "Бригада прибыла на место.", minutes=10_000))):
        os.utime(put(maildir, name, data), ((NOON - timedelta(days=7)).timestamp(),) * 2)
    assert await mailbox_job(post, maildir).once() == 1
    assert await post.history("101") == before
    assert (await state_of(post)).history == "asked"
    clock.advance(minutes=5)
    assert await job_of(post, server).once() == 0
    assert server.asked == [None, "1:0", None]
    assert await post.history("101") == before


async def test_with_confirm_each_reading_waits_for_a_yes_until_it_is_trusted(post: Post, server: Server) -> None:
    await post.make("101")
    job = MailboxJob(post.db, post.clock, post.letters, server, Intake("contractor", apply="confirm"))
    await job.once()
    server.put(news(1))
    await job.once()
    assert ((await post.last()).state, await moves(post)) == ("proposed", [])
    async with post.db.transaction() as tx:
        await post.letters.trust(tx, "contractor", OKSANA)
    server.put(news(2, "Бригада прибыла на место."))
    await job.once()
    assert await moves(post) == ["on_site"]


async def test_an_old_letter_that_was_put_there_since_is_news_by_its_own_time(post: Post, server: Server) -> None:
    await post.make("101")
    job = job_of(post, server)
    await job.once()
    server.put(news(1), NOON - timedelta(hours=2))
    await job.once()
    assert await moves(post) == ["en_route"]


async def test_an_old_letter_that_nobody_knows_when_it_came_waits_for_a_yes(post: Post, server: Server) -> None:
    await post.make("101")
    job = job_of(post, server)
    await job.once()
    server.validity += 1
    server.put(news(1), NOON - timedelta(hours=2))
    await job.once()
    assert ((await post.last()).state, await moves(post)) == ("proposed", [])


async def test_what_comes_after_the_first_look_is_news_by_a_servers_slow_clock_too(post: Post, server: Server) -> None:
    await post.make("101")
    job = job_of(post, server)
    await job.once()
    server.put(news(1), NOON - timedelta(minutes=4))
    await job.once()
    assert await moves(post) == ["en_route"]


async def test_a_letter_that_comes_meanwhile_is_not_waited_for(post: Post, server: Server, clock: ManualClock) -> None:
    server.comes_after = 10.0
    beats = Beats(clock, 5)
    with pytest.raises(AuthFailed):
        await MailboxJob(post.db, clock, post.letters, server, Intake("contractor", check_every=60), beats).run()
    assert len(await post.all()) == 1
    assert beats.heard == [0, 10, 10, 10, 20]


async def test_a_mailbox_that_is_looked_at_seldom_gives_signs_of_life(
    post: Post, server: Server, clock: ManualClock
) -> None:
    beats = Beats(clock, 5)
    with pytest.raises(AuthFailed):
        await MailboxJob(post.db, clock, post.letters, server, Intake("contractor", check_every=150), beats).run()
    assert beats.heard == [0, 60, 120, 150, 150]
    assert len(server.asked) == 2


async def test_a_preview_changes_nothing(post: Post, server: Server) -> None:
    await post.make("101")
    server.put(news(1))
    found = await job_of(post, server).preview()
    assert [(each.key, each.outcome, each.updates[0].status) for each in found] == [("1:0", "update", "en_route")]
    assert "history" not in found[0].reason  # it came at this very moment: news
    async with post.db.reading() as connection:
        assert await post.letters.mailbox(connection, "contractor") is None
    assert await post.all() == []


async def test_a_preview_says_what_would_wait(post: Post, server: Server, clock: ManualClock) -> None:
    server.put(news(1), NOON - timedelta(minutes=20))
    assert "history" in (await job_of(post, server).preview())[0].reason
    job = MailboxJob(post.db, post.clock, post.letters, server, Intake("contractor", apply="confirm"))
    await job.once()
    clock.advance(minutes=1)
    server.put(news(2))
    assert [each.reason for each in await job.preview()] == ["It waits for a person's yes."]


async def test_a_preview_asks_about_strangers_but_not_about_known_contractors(post: Post, server: Server) -> None:
    server.put(news(1))
    job = job_of(post, server, senders=("*@elsewhere.example",))
    assert [each.outcome for each in await job.preview()] == ["triage"]
    async with post.db.transaction() as tx:
        contractor = await post.contractors.create(tx, "Contractor", OKSANA)
        await post.contractors.add_pattern(tx, contractor.id, "@contractor.example", OKSANA)
    assert [each.outcome for each in await job.preview()] == ["update"]


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
