"""A mailbox on a server looked through: its history, its cursor, what comes in it and what it never hands over."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.engine import Database
from core.errors import AuthFailed, Unavailable
from core.letters import store
from core.letters.mailboxes import MailboxState
from core.letters.record import Reason
from core.letters.service import LettersService
from jobs.letters.job import GIVEN_UP, TRIES, Intake, MailboxJob
from tests.conftest import NOON, ManualClock
from tests.letters.boxes import Beats, Server, job_of, mailbox_job, moves, news, put, state_of
from tests.letters.post import OKSANA, Post, post_of


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
        await MailboxJob(
            post.db, clock, post.letters, server, Intake("contractor", check_every=600), beats, beats
        ).run()
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
        await MailboxJob(post.db, clock, post.letters, server, Intake("contractor", check_every=60), beats, beats).run()
    assert len(await post.all()) == 1
    assert beats.heard == [0, 10, 10, 10, 20]


async def test_a_mailbox_that_is_looked_at_seldom_gives_signs_of_life_but_is_not_read_meanwhile(
    post: Post, server: Server, clock: ManualClock
) -> None:
    beats, lives = Beats(clock, 2), Beats(clock, 9)
    intake = Intake("contractor", check_every=150)
    with pytest.raises(AuthFailed):
        await MailboxJob(post.db, clock, post.letters, server, intake, beats, lives).run()
    assert (beats.heard, lives.heard) == ([0, 150], [60, 120, 150])
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
