"""Letters of ours, from the draft to whatever became of them."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import AuthFailed, Rejected, Unavailable, Uncertain, UserError
from core.letters import store as letters_store
from core.letters.record import Reason
from core.letters.store import ignored_senders
from core.people.store import audit
from tests.conftest import NOON, ManualClock
from tests.letters.outgoing_desk import HONCHAR, OKSANA, OURS, TARAS, TO, Desk, Sent, desk_of


@pytest.fixture
async def desk(sqlite_db: Database, clock: ManualClock) -> Desk:
    return desk_of(sqlite_db, clock)


@pytest.fixture
async def on_both(db: Database, clock: ManualClock) -> Desk:
    return desk_of(db, clock)


# --- to whom, in which thread


async def test_an_answer_goes_where_it_is_wanted_if_that_is_the_same_company(on_both: Desk) -> None:
    desk = on_both
    request = await desk.make(contractor="@contractor.example")
    assert request.contractor_id is not None
    async with desk.db.transaction() as tx:
        await desk.contractors.add_pattern(tx, request.contractor_id, "office@honchar.example", OKSANA)
    wanted = {
        "office@contractor.example": "office@contractor.example",
        "office@honchar.example": "office@honchar.example",
        "office@stranger.example": HONCHAR,
        "noreply@contractor.example": HONCHAR,
        "duty@vakhta.example": HONCHAR,
        "": HONCHAR,
    }
    for n, (reply_to, address) in enumerate(wanted.items(), 1):
        came = await desk.came([request], n=n, contractor_id=request.contractor_id, reply_to=reply_to)
        assert (await desk.answer(came)).recipients == (address,)
        desk.clock.advance(hours=1)
        assert (await desk.nudge(request)).recipients == (address,)
    machine = await desk.came(n=9, sender="noreply@contractor.example", reply_to="desk@contractor.example")
    assert (await desk.answer(machine)).recipients == ("desk@contractor.example",)


async def test_a_question_answers_the_last_letter_about_the_request(on_both: Desk) -> None:
    request, other = await on_both.make("101/12"), await on_both.make("102")
    await on_both.came([request], n=1, sender="first@contractor.example")
    await on_both.came([other, request], n=2, subject="Re: both")
    await on_both.came([other], n=3, sender="elsewhere@contractor.example")
    letter = await on_both.nudge(request)
    assert (letter.state, letter.kind, letter.source) == ("draft", "nudge", "contractor")
    assert (letter.recipients, letter.subject) == (TO, "Re: №101/12 both")
    assert letter.thread == ("0@contractor.example", "2@contractor.example")
    assert letter.message_id.endswith("@vakhta.example")
    assert "request 101, position 12 stands: Leak" in letter.text


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "ignore", "state": "ignored"},
        {"sender": "noreply@contractor.example"},
        {"sender": OURS},
        {"sender": "spare@vakhta.example"},
        {"sender": ""},
    ],
)
async def test_machines_bulk_mail_and_ourselves_are_passed_over(desk: Desk, changes: dict[str, Any]) -> None:
    request = await desk.make()
    await desk.came([request], n=1)
    await desk.came([request], n=2, **changes)
    assert (await desk.nudge(request)).thread[-1] == "1@contractor.example"


async def test_a_letter_of_another_contractor_is_not_answered_about_this_request(desk: Desk) -> None:
    request = await desk.make(contractor="desk@lift.example")
    other = await desk.make("102", contractor="office@other.example")
    letter_id = await desk.came([request], sender="office@other.example")
    async with desk.db.transaction() as tx:
        where = letters_store.letters.c.id == letter_id
        await tx.execute(letters_store.letters.update().where(where).values(contractor_id=other.contractor_id))
    letter = await desk.nudge(request)
    assert (letter.recipients, letter.subject, letter.thread) == (("desk@lift.example",), "№101/12 Leak", ())


async def test_nobody_known_to_write_to_says_what_to_do(desk: Desk) -> None:
    with pytest.raises(UserError, match="/contractors"):
        await desk.nudge(await desk.make())
    with pytest.raises(UserError, match="/contractors"):
        await desk.nudge(await desk.make("102", contractor="@lift.example"))


async def test_without_a_mailbox_that_sends_one_is_told_what_to_configure(
    sqlite_db: Database, clock: ManualClock
) -> None:
    desk = desk_of(sqlite_db, clock, senders={})
    assert not desk.outgoing.can_send
    request = await desk.make()
    letter_id = await desk.came([request])
    for attempt in (desk.nudge(request), desk.answer(letter_id)):
        with pytest.raises(UserError, match="smtp"):
            await attempt


async def test_two_people_asking_at_once_prepare_one_question(desk: Desk) -> None:
    request = await desk.make()
    await desk.came([request])
    first = await desk.nudge(request)
    assert (await desk.nudge(request, TARAS)).id == first.id
    desk.clock.advance(minutes=11)
    assert (await desk.nudge(request)).id != first.id


async def test_an_answer_is_empty_until_a_person_writes_it(desk: Desk) -> None:
    request = await desk.make()
    letter = await desk.answer(await desk.came([request], subject="Request 101/12"))
    assert (letter.kind, letter.text, letter.subject) == ("answer", "", "Re: Request 101/12")
    with pytest.raises(UserError, match="empty"):
        await desk.do("queue", letter)
    with pytest.raises(UserError, match="empty"):
        await desk.do("write", letter, " \n ")
    await desk.do("write", letter, "The key is at the desk.")
    await desk.do("queue", letter, actor=TARAS)
    assert await desk.job().once() == 1
    assert await desk.comments(request.id) == [("Taras", "✉️ Answered the contractor: The key is at the desk.")]


async def test_an_answer_may_be_about_no_request(desk: Desk) -> None:
    letter = await desk.answer(await desk.came(subject="Hello", state="triage", outcome="triage"))
    await desk.do("write", letter, "Which request?")
    await desk.do("queue", letter)
    assert await desk.job().once() == 1
    assert desk.post.header("subject") == "Re: Hello"


async def test_automatic_and_ignored_mail_is_never_answered(desk: Desk) -> None:
    ignored = await desk.came(n=2, sender="news@shop.example")
    async with desk.db.transaction() as tx:
        values = {"sender": "news@shop.example", "ignored_by": "Oksana", "ignored_at": NOON}
        await tx.execute(ignored_senders.insert().values(values))
    for letter_id in (await desk.came(n=1, outcome="ignore", state="ignored"), ignored):
        with pytest.raises(UserError, match="not answered"):
            await desk.answer(letter_id)
    with pytest.raises(UserError, match="machine"):
        await desk.answer(await desk.came(n=3, sender="no-reply@contractor.example"))
    with pytest.raises(UserError, match="our own"):
        await desk.answer(await desk.came(n=4, sender=OURS))


# --- pressing


async def test_pressing_twice_sends_once(desk: Desk) -> None:
    letter = await desk.queued()
    again = await desk.do("queue", letter, actor=TARAS)
    assert (again.author, again.queued_at) == ("Oksana", letter.queued_at)
    assert await desk.job().once() == 1
    assert (await desk.do("queue", letter)).state == "sent"
    assert await desk.job().once() == 0
    assert len(desk.post.letters) == 1


async def test_a_cancelled_letter_is_not_sent(desk: Desk) -> None:
    letter = await desk.queued()
    assert (await desk.do("discard", letter, actor=TARAS)).state == "discarded"
    assert await desk.job().once() == 0
    with pytest.raises(UserError, match="cancelled"):
        await desk.do("queue", letter)
    with pytest.raises(UserError, match="cannot be changed"):
        await desk.do("write", letter, "Other words")


async def test_a_few_letters_an_hour_are_enough(desk: Desk) -> None:
    request = await desk.make()
    letter_id = await desk.came([request])

    async def one_more() -> None:
        letter = await desk.do("write", await desk.answer(letter_id), "Please hurry.")
        await desk.do("queue", letter)

    for _ in range(3):
        await one_more()
    with pytest.raises(UserError, match="3 letters"):
        await one_more()
    desk.clock.advance(minutes=61)
    await one_more()


async def test_whoever_sends_is_woken_once_it_is_committed(desk: Desk) -> None:
    woken: list[str] = []
    desk.outgoing.on_queued(woken.append)
    request = await desk.make()
    await desk.came([request])
    letter = await desk.nudge(request)
    with pytest.raises(ZeroDivisionError):
        async with desk.db.transaction() as tx:
            await desk.outgoing.queue(tx, letter.id, OKSANA)
            raise ZeroDivisionError
    assert woken == []
    await desk.do("queue", letter)
    assert woken == ["contractor"]


# --- sending


async def test_what_was_sent_is_in_the_history_and_in_the_audit_trail(desk: Desk) -> None:
    letter = await desk.queued()
    desk.clock.advance(minutes=5)
    assert await desk.job().once() == 1
    sent = await desk.now(letter)
    assert (sent.state, sent.sent_at) == ("sent", NOON + timedelta(minutes=5))
    assert desk.post.header("message-id") == f"<{letter.message_id}>"
    assert desk.post.header("in-reply-to") == f"<{letter.thread[-1]}>"
    [(actor, text)] = await desk.comments(letter.request_id)
    assert (actor, text[:40]) == ("Oksana", "✉️ Asked the contractor: Hello! Please t")
    async with desk.db.reading() as connection:
        actions = list((await connection.execute(select(audit.c.action).order_by(audit.c.id))).scalars())
    assert [action for action in actions if action.startswith("letter")] == [
        "letter-drafted",
        "letter-queued",
        "letter-sent",
    ]


async def test_of_two_processes_one_sends(on_both: Desk) -> None:
    for n in range(4):
        await on_both.queued(f"10{n}")
    assert sum(await asyncio.gather(*(on_both.job().once() for _ in range(3)))) == 4
    assert len(set(on_both.post.letters)) == len(on_both.post.letters) == 4


async def test_a_server_that_is_away_keeps_the_letter_and_lets_others_pass(desk: Desk) -> None:
    letter = await desk.queued("101")
    desk.clock.advance(seconds=1)
    other = await desk.queued("102")
    desk.clock.advance(seconds=1)
    desk.post.errors = [Unavailable("{host} cannot be reached: {reason}.", host="mail", reason="refused")]
    job = desk.job()
    with pytest.raises(Unavailable):
        await job.once()
    waits = await desk.now(letter)
    assert (waits.state, waits.reason) == (
        "queued",
        Reason("{host} cannot be reached: {reason}.", {"host": "mail", "reason": "refused"}),
    )
    assert await job.once() == 2
    assert [desk.post.header("subject", n)[4:8] for n in range(2)] == ["№102", "№101"]
    assert (await desk.now(other)).reason is (await desk.now(letter)).reason is None
    assert await desk.alarms() == []


async def test_refused_credentials_stop_the_job_and_keep_the_letter(desk: Desk) -> None:
    letter = await desk.queued()
    desk.post.errors = [AuthFailed("{host} does not accept the login: {reason}", host="mail", reason="535")]
    with pytest.raises(AuthFailed):
        await desk.job().once()
    kept = await desk.now(letter)
    assert (kept.state, kept.reason is not None) == ("queued", True)
    assert (await desk.queued("102")).reason == kept.reason  # nobody is at work there: it does not look as if


async def test_a_refused_letter_is_told_with_the_reason_to_whoever_sent_it(desk: Desk) -> None:
    letter = await desk.queued()
    desk.post.errors = [Rejected("{host} does not take it: {reason}", host="mail", reason="550 no such user")]
    assert await desk.job().once() == 0
    refused = await desk.now(letter)
    assert refused.state == "refused"
    assert refused.reason is not None
    assert refused.reason.values["reason"] == "550 no such user"
    assert await desk.alarms() == [7]
    await desk.do("write", letter, "In other words")
    await desk.do("queue", letter)
    assert await desk.job().once() == 1
    assert desk.post.header("message-id") == f"<{letter.message_id}>"


async def test_an_uncertain_letter_is_asked_about_once_and_never_repeated_by_itself(on_both: Desk) -> None:
    letter = await on_both.queued()
    on_both.post.errors = [Uncertain("The connection to {host} broke after the letter had left.", host="mail")]
    for _ in range(3):
        assert await on_both.job().once() == 0
        on_both.clock.advance(hours=30)
    assert (await on_both.now(letter)).state == "unknown"
    assert (await on_both.alarms(), on_both.post.letters) == ([7], [])
    assert await on_both.comments(letter.request_id) == []


async def test_an_uncertain_letter_is_sent_again_with_the_same_id(desk: Desk) -> None:
    letter = await desk.queued()
    desk.post.errors = [Uncertain("Nobody knows.")]
    await desk.job().once()
    await desk.do("queue", letter, actor=TARAS)
    assert await desk.job().once() == 1
    assert desk.post.header("message-id") == f"<{letter.message_id}>"
    assert [actor for actor, _ in await desk.comments(letter.request_id)] == ["Taras"]


async def test_an_uncertain_letter_that_arrived_was_sent(desk: Desk) -> None:
    letter = await desk.queued()
    desk.post.errors = [Uncertain("Nobody knows.")]
    await desk.job().once()
    desk.clock.advance(hours=1)
    for _ in range(2):
        arrived = await desk.do("arrived", letter, actor=TARAS)
    assert (arrived.state, arrived.sent_at) == ("sent", NOON)
    assert len(await desk.comments(letter.request_id)) == 1


async def test_a_server_that_never_says_yes_or_no_leaves_it_uncertain(desk: Desk) -> None:
    letter = await desk.queued()

    class Silent(Sent):
        async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
            raise TimeoutError

    desk.post = Silent()
    assert await desk.job().once() == 0
    assert (await desk.now(letter)).state == "unknown"


async def test_a_letter_that_could_not_be_sent_for_a_day_is_given_up(desk: Desk) -> None:
    letter = await desk.queued()
    desk.clock.advance(hours=25)
    assert await desk.job().once() == 0
    given_up = await desk.now(letter)
    assert (given_up.state, given_up.reason) == ("refused", Reason("The mailbox could not send it for a day."))


async def test_after_a_crash_a_person_is_asked_once(on_both: Desk) -> None:
    letter = await on_both.queued()
    async with on_both.db.transaction() as tx:
        assert await on_both.outgoing.claim(tx, "contractor")
    assert await on_both.job().once() == 0
    assert (await on_both.now(letter)).state == "sending"  # perhaps another process is at it
    on_both.clock.advance(seconds=121)
    for _ in range(2):
        assert await on_both.job().once() == 0
    assert (await on_both.now(letter)).state == "unknown"
    assert (await on_both.alarms(), on_both.post.letters) == ([7], [])


async def test_a_sender_that_was_thought_dead_and_succeeds_puts_it_right(desk: Desk) -> None:
    letter = await desk.queued()
    async with desk.db.transaction() as tx:
        claimed = await desk.outgoing.claim(tx, "contractor")
        assert claimed is not None
    desk.clock.advance(seconds=121)
    await desk.job().once()
    async with desk.db.transaction() as tx:
        await desk.outgoing.sent(tx, claimed)
    assert (await desk.now(letter)).state == "sent"


async def test_what_was_pressed_survives_a_kill(desk: Desk, sqlite_url: str) -> None:
    """The process dies while the server reads the letter: nothing is lost, nothing sent twice, a person is asked."""
    letter = await desk.queued()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.letters.dying_post", sqlite_url)
    assert await process.wait() == 9
    assert (await desk.now(letter)).state == "sending"
    desk.clock.advance(minutes=5)
    await desk.job().once()
    assert ((await desk.now(letter)).state, desk.post.letters) == ("unknown", [])


async def test_a_stop_lets_the_letter_on_its_way_arrive_and_takes_no_other(desk: Desk) -> None:
    for name in ("101", "102"):
        await desk.queued(name)
    reading, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Sent):
        async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
            reading.set()
            await go_on.wait()
            self.letters.append(message)

    desk.post = Slow()
    job = desk.job()
    running = asyncio.create_task(job.run())
    await reading.wait()
    await job.drain(1)
    go_on.set()
    await asyncio.wait_for(running, 5)
    assert len(desk.post.letters) == 1
