"""What became of a letter is taken back with one press, and can be decided anew; on both databases."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.engine import Database
from core.errors import UserError
from core.letters import store
from core.letters.model import Letter, Reading, Update
from core.letters.record import Mode, Record
from core.letters.service import AlreadyDecidedError
from core.people import store as people_store
from core.requests.model import Draft, Request
from tests.conftest import NOON, ManualClock
from tests.letters.post import CONTRACTOR, OKSANA, TARAS, Post, letter, post_of, reading, seen

EN_ROUTE = Update("101", "12", "en_route")
SD_9912 = Update("9912", None, "left")


SQLITE = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
"""For decisions that make no statement which another test does not make on both databases."""


@pytest.fixture
def post(db: Database, clock: ManualClock) -> Post:
    return post_of(db, clock)


async def asked(post: Post, came: Letter | None = None) -> int:
    """A letter about a request that does not exist."""
    await post.receive(reading(Update("777", "2", "accepted")), came)
    return (await post.last()).id


async def ignore(post: Post, letter_id: int) -> Record:
    async with post.db.transaction() as tx:
        return await post.letters.ignore_sender(tx, letter_id, OKSANA)


@SQLITE
async def test_what_was_applied_by_itself_goes_back_to_a_person(post: Post) -> None:
    (request,) = await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    record = await post.undo((await post.last()).id)
    assert (record.state, record.effects, record.request_id, record.status) == ("triage", (), None, "en_route")
    assert [each.name for each in record.candidates] == ["101/12"]
    found = await post.request("101/12")
    assert (found.status, found.comment, found.moved_at) == ("sent", "", None)
    assert await post.told() == [("card", f"letter:{record.id}")]
    assert (await post.link(record.id, request.id)).state == "linked"
    assert (await post.request("101/12")).status == "en_route"


async def test_a_link_is_taken_back_and_made_again(post: Post) -> None:
    first, second = await post.make("101/12", "102")
    letter_id = await asked(post)
    before = await post.last()
    await post.link(letter_id, first.id)
    record = await post.undo(letter_id, TARAS)
    assert (record.state, record.status, record.decided_by) == ("triage", "accepted", None)
    assert (record.candidates, record.reason) == (before.candidates, before.reason)
    assert (await post.request("101/12")).status == "sent"
    await post.link(letter_id, second.id)
    await post.undo(letter_id)
    await post.link(letter_id, first.id)
    assert [(await post.request(name)).status for name in ("101/12", "102")] == ["accepted", "sent"]
    async with post.db.reading() as connection:
        trail = await people_store.list_audit(connection, subject=f"letter:{letter_id}")
    undone = [entry.actor for entry in trail if entry.action == "letter-undone"]
    assert sorted(undone) == ["Oksana", "Taras"]


async def test_a_request_made_from_a_letter_is_cancelled_and_comes_back(post: Post) -> None:
    letter_id = await asked(post)
    await post.create(letter_id)
    await post.undo(letter_id)
    assert (await post.request("777/2")).status == "cancelled"
    record = await post.create(letter_id)
    assert (record.state, (await post.request("777/2")).status) == ("created", "accepted")
    await post.undo(letter_id)
    assert (await post.request("777/2")).status == "cancelled"


@SQLITE
async def test_a_dismissal_is_taken_back(post: Post) -> None:
    letter_id = await asked(post)
    await post.dismiss(letter_id)
    assert (await post.undo(letter_id)).state == "triage"
    assert (await post.create(letter_id)).state == "created"


async def test_of_a_letter_applied_in_part_the_decision_is_taken_back_first(post: Post) -> None:
    (request,) = await post.make("101/12")
    await post.receive(reading(EN_ROUTE, Update("777", None, "on_site")))
    letter_id = (await post.last()).id
    await post.link(letter_id, request.id)
    assert (await post.request("101/12")).status == "on_site"
    record = await post.undo(letter_id)
    assert (record.state, record.number, len(record.effects)) == ("triage", "777", 1)
    assert (await post.request("101/12")).status == "en_route"
    record = await post.undo(letter_id)
    assert (record.state, record.effects) == ("triage", ())
    assert (await post.request("101/12")).status == "sent"
    with pytest.raises(UserError):
        await post.undo(letter_id)


async def test_an_ignored_sender_is_not_heard_and_is_heard_again(post: Post) -> None:
    await post.make("101/12")
    waiting = await asked(post)
    letter_id = await asked(post, letter("2@x"))
    await ignore(post, letter_id)
    assert {each.state for each in await post.all()} == {"dismissed"}
    assert await post.receive(reading(EN_ROUTE), letter("3@x")) == "ignored"
    muted = await post.last()
    assert (muted.reason.values["sender"], muted.reason.values["by"]) == (CONTRACTOR, "Oksana")
    await post.undo(letter_id)
    assert [each.state for each in (await post.all())[:2]] == ["triage", "triage"]
    assert (await post.last()).state == "proposed"
    assert await post.receive(reading(EN_ROUTE), letter("4@x")) == "applied"
    with pytest.raises(UserError):
        await post.undo(waiting)


async def test_what_an_ignored_sender_wrote_meanwhile_waits_for_a_decision_once_that_is_undone(post: Post) -> None:
    await post.make("101/12")
    letter_id = await asked(post)
    await ignore(post, letter_id)
    await post.receive(reading(EN_ROUTE), letter("late@x"))
    await post.receive(reading(), letter("early@x", sent_at=NOON - timedelta(minutes=1)))
    await post.receive(reading(outcome="ignore"), letter("machine@x"))
    await post.receive(reading(EN_ROUTE), letter("other@x", sender="o@x.example"))
    async with post.db.reading() as connection:
        assert await post.letters.swallowed(connection, letter_id) == 2
    await post.undo(letter_id)
    states = {each.message_id: each.state for each in await post.all()}
    assert [states[each] for each in ("late@x", "early@x", "machine@x")] == ["proposed", "triage", "ignored"]
    names = {each.message_id: f"letter:{each.id}" for each in await post.all()}
    assert [subject for _, subject in await post.told()][-2:] == [names["early@x"], names["late@x"]]
    await post.confirm(int(names["late@x"].partition(":")[2]))
    assert (await post.request("101/12")).status == "en_route"
    await ignore(post, letter_id)
    async with post.db.reading() as connection:
        assert await post.letters.swallowed(connection, letter_id) == 0


@SQLITE
async def test_a_letter_without_a_sender_ignores_nobody(post: Post) -> None:
    with pytest.raises(UserError):
        await ignore(post, await asked(post, letter(sender="")))


async def test_a_ticket_learned_from_a_letter_is_forgotten_with_it(post: Post) -> None:
    first, second = await post.make("101/12", "102")
    ticket = {"new_text": "Ticket SD-9912: accepted."}
    said = reading(Update("9912", None, "on_site"))
    letter_id = await asked(post, letter("1@x", **ticket))
    await post.link(letter_id, first.id)
    relinked = await asked(post, letter("2@x", **ticket))
    await post.link(relinked, second.id)
    await post.undo(letter_id)
    await post.receive(said, letter("3@x", **ticket))
    assert (await post.last()).request_id == second.id  # what a later letter taught stays
    await post.undo((await post.last()).id)
    await post.undo(relinked)
    assert await post.receive(said, letter("4@x", **ticket)) == "triage"


@SQLITE
async def test_the_contractor_a_letter_brought_leaves_with_it(post: Post) -> None:
    await post.contractor("Lift Service", "@contractor.example")
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    await post.undo((await post.last()).id)
    assert (await post.request("101/12")).contractor_id is None


async def test_the_final_status_is_that_of_the_latest_letter_in_whatever_order_they_come(sqlite_db: Database) -> None:
    post = post_of(sqlite_db, ManualClock())
    statuses = ("accepted", "en_route", "on_site", "accepted")
    for n, order in enumerate(permutations(range(len(statuses)))):
        await post.make(str(n))
        for place in order:
            sent = NOON - timedelta(hours=len(statuses) - place)
            said = Reading("update", (Update(str(n), None, statuses[place]),), "", (), f"Words {place}")
            await post.receive(said, letter(f"{n}.{place}@x", sent_at=sent))
        found = await post.request(str(n))
        assert (found.status, found.comment) == ("accepted", "Words 3"), order


# --- reading again


async def test_reading_again_shows_the_difference_and_then_applies_it(post: Post) -> None:
    await post.make("101")
    came = letter(new_text="Request 101: we are on site.", text="Request 101: we are on site.")
    await post.receive(reading(Update("101", None, "en_route")), came)
    letter_id = (await post.last()).id
    async with post.db.reading() as connection:
        again = await post.letters.reread(connection, letter_id)
    assert again.differs
    assert [update.status for update in (*again.before.updates, *again.after.updates)] == ["en_route", "on_site"]
    assert (await post.request("101")).status == "en_route"
    async with post.db.transaction() as tx:
        record = await post.letters.apply_reread(tx, letter_id, OKSANA)
    assert (record.state, len(record.effects), (await post.request("101")).status) == ("applied", 1, "on_site")
    async with post.db.reading() as connection:
        assert not (await post.letters.reread(connection, letter_id)).differs


@SQLITE
async def test_what_a_person_decided_stays_unless_asked_for(post: Post) -> None:
    await post.make("101")
    came = letter(new_text="Request 101: we are on site.")
    await post.receive(reading(why=[seen("status", "on_site")]), came)
    letter_id = (await post.last()).id
    await post.dismiss(letter_id)
    async with post.db.transaction() as tx:
        with pytest.raises(AlreadyDecidedError):
            await post.letters.apply_reread(tx, letter_id, OKSANA)
    async with post.db.transaction() as tx:
        record = await post.letters.apply_reread(tx, letter_id, OKSANA, decided=True)
    assert (record.state, (await post.request("101")).status) == ("applied", "on_site")


# --- two at once


async def test_two_who_receive_or_decide_at_once_do_it_once(post: Post) -> None:
    await post.begin()
    await post.make("101/12")
    came = [post.receive(reading(EN_ROUTE), key=f"k{n}", mode="confirm") for n in range(4)]
    assert sorted(map(str, await asyncio.gather(*came))) == ["None", "None", "None", "proposed"]
    letter_id = (await post.last()).id
    found = await asyncio.gather(*(post.confirm(letter_id) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(each, AlreadyDecidedError) for each in found) == 3
    assert [entry.kind for entry in await post.history("101/12")] == ["status", "comment"]
    assert (await post.mailbox()).confirmed == 1


# --- whatever happens

COMING = st.tuples(
    st.lists(
        st.sampled_from(
            (Update("101", None, "en_route"), Update("102", None, "on_site"), Update("777", "1", "accepted"), SD_9912)
        ),
        unique=True,
        max_size=2,
    ),
    st.sampled_from((CONTRACTOR, "m@lift.example", "n@new.example")),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from(("apply", "confirm")),
)
"""What a letter says, who sends it, which letter it answers, whether it has a ticket, and how it is received."""
ACTS = st.sampled_from(
    ("link", "create_request", "dismiss", "ignore_sender", "same_contractor", "confirm", "wrong", "undo", "reread")
)
Coming = tuple[list[Update], str, int, bool, Mode]


class RolledBack(Exception):
    """So that each example begins with nothing."""


async def attempt(post: Post, tx: AsyncConnection, act: str, letter_id: int, request: Request) -> None:
    """Do what may not be possible."""
    assert isinstance(post.clock, ManualClock)
    post.clock.advance(seconds=1)
    with suppress(UserError):
        if act == "link":
            await post.letters.link(tx, letter_id, request.id, OKSANA)
        elif act == "reread":
            await post.letters.apply_reread(tx, letter_id, OKSANA, decided=True)
        else:
            await getattr(post.letters, act)(tx, letter_id, OKSANA)


async def nothing_is_left(post: Post, tx: AsyncConnection, requests: list[Request]) -> None:
    assert {each.state for each in await store.list_letters(tx, limit=100)} <= {"triage", "proposed"}
    for request in requests:
        now = await post.requests.get(tx, request.id)
        assert (now.status, now.comment, now.contractor_id) == ("sent", "", None)
    for table in (store.tickets, store.ignored_senders, store.letter_requests):
        assert (await tx.execute(select(table))).all() == []
    assert [each.patterns for each in await post.contractors.list(tx)] == [("@lift.example",)]
    state = await post.letters.mailbox(tx, "contractor")
    assert state is not None
    assert (state.confirmed, state.corrected) == (0, 0)


def test_when_everything_is_taken_back_nothing_is_left_of_any_decision(sqlite_url: str) -> None:
    """Letters come and people do anything with them in any order; then all is taken back, the oldest letter first."""
    clock = ManualClock()
    post = post_of(Database(sqlite_url), clock)

    async def play(story: list[tuple[Coming, list[tuple[str, int]]]]) -> None:
        async with post.db.transaction() as tx:
            made = [await post.requests.create(tx, Draft(name, "", "Leak"), OKSANA) for name in ("101", "102")]
            await post.letters.begin(tx, "contractor", "imap://a", has_history=False)
            lift = await post.contractors.create(tx, "Lift Service", OKSANA)
            await post.contractors.add_pattern(tx, lift.id, "@lift.example", OKSANA)
            first = None
            for n, ((updates, sender, answered, ticket, mode), acts) in enumerate(story):
                clock.advance(minutes=1)
                text = "Ticket SD-9912: done." if ticket else "Done."
                came = letter(f"{n}@x", sender=sender, references=(f"{answered}@x",), new_text=text)
                said = reading(*updates) if updates else reading(why=[seen("status", "left")])
                await post.letters.receive(tx, "contractor", str(n), came, said, senders=(), mode=mode)
                first = first or (await store.find_id(tx, came.message_id))
                for act, which in acts:
                    await attempt(post, tx, act, (first or 0) + which % (n + 1), made[which % 2])
            ids = [each.id for each in await store.list_letters(tx, limit=100)]
            for _ in range(12):
                for letter_id in ids:
                    await attempt(post, tx, "undo", letter_id, made[0])
            await nothing_is_left(post, tx, made)
            raise RolledBack

    @settings(max_examples=15)
    @given(st.lists(st.tuples(COMING, st.lists(st.tuples(ACTS, st.integers(0, 9)), max_size=3)), max_size=4))
    def check(story: list[tuple[Coming, list[tuple[str, int]]]]) -> None:
        with suppress(RolledBack):
            runner.run(play(story))

    with asyncio.Runner() as runner:
        check()
        runner.run(post.db.close())
