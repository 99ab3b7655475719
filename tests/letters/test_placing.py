"""Where a letter belongs that its words alone do not place, on both databases: thread, ticket, contractor."""

from datetime import timedelta

import pytest

from core.db.engine import Database
from core.letters import desk, placing, rules, triage
from core.letters.model import Letter, Reading, Update
from core.letters.record import Reason
from tests.conftest import NOON, ManualClock
from tests.letters.post import OKSANA, Post, letter, post_of, reading, seen

EN_ROUTE = Update("101", "12", "en_route")
STRANGER = "p.honchar@new.example"


SQLITE = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
"""For decisions that make no statement which another test does not make on both databases."""


@pytest.fixture
def post(db: Database, clock: ManualClock) -> Post:
    return post_of(db, clock)


def arrived(status: str = "on_site") -> Reading:
    """`We are there.`"""
    return Reading("triage", (), rules.NO_NUMBER, (seen("status", status),), "We are there.")


def answer(message_id: str = "2@x", to: str = "1@contractor.example", **changes: object) -> Letter:
    values: dict[str, object] = {"references": (to,), "subject": "Re: pump", "new_text": "We are there."}
    return letter(message_id, **(values | changes))


# --- the thread


async def test_an_answer_without_a_number_belongs_to_the_one_request_of_its_thread(post: Post) -> None:
    await post.make("101/12", "102")
    await post.receive(reading(EN_ROUTE))
    assert await post.receive(arrived(), answer()) == "applied"
    assert (await post.request("101/12")).status == "on_site"
    assert (await post.last()).reason == Reason(placing.BY_THREAD, {"name": "101/12"})
    thanks = Reading("triage", (), rules.NOTHING, (), "Thanks.")
    assert await post.receive(thanks, answer("3@x", to="2@x")) == "noted"


async def test_an_answer_to_our_own_letter_belongs_to_its_request(post: Post) -> None:
    (request,) = await post.make("101/12")
    await post.wrote("ours@vakhta.example", request.id)
    assert await post.receive(arrived(), answer(to="ours@vakhta.example")) == "applied"


@SQLITE
async def test_a_draft_that_never_left_is_no_thread(post: Post) -> None:
    (request,) = await post.make("101/12")
    await post.wrote("ours@vakhta.example", request.id, state="draft")
    assert await post.receive(arrived(), answer(to="ours@vakhta.example")) == "triage"


async def test_a_thread_about_two_requests_is_asked_about(post: Post) -> None:
    await post.make("101/12", "102")
    await post.receive(reading(EN_ROUTE, Update("102", None, "accepted")))
    assert await post.receive(arrived(), answer()) == "triage"
    names = [(each.name, each.reason.sentence) for each in (await post.last()).candidates]
    assert names[0] == ("101/12", triage.THREAD)


@SQLITE
async def test_a_thread_with_an_open_question_is_asked_about(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    await post.receive(reading(Update("777", None, "accepted")), answer("2@x"))
    assert await post.receive(arrived(), answer("3@x")) == "triage"


@SQLITE
async def test_somebody_new_in_a_thread_is_asked_about(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    assert await post.receive(arrived(), answer(sender=STRANGER)) == "triage"
    assert await post.receive(arrived(), answer("3@x"), senders=["*@other.example"]) == "triage"


@SQLITE
async def test_a_closed_request_is_not_opened_by_an_answer_that_does_not_name_it(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(Update("101", "12", "left")))
    assert await post.receive(arrived(), answer()) == "triage"
    assert (await post.last()).reason == Reason(placing.FINISHED, {"name": "101/12"})
    assert (await post.request("101/12")).status == "left"


@SQLITE
async def test_an_answer_about_another_position_is_asked_about(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    other = Reading("triage", (), rules.NO_NUMBER, (seen("status", "left"), seen("position", "3")), "3 is done.")
    assert await post.receive(other, answer()) == "triage"


# --- the contractor's own ticket


def with_ticket(message_id: str = "t1@x", number: str = "SD-9912", **changes: object) -> Letter:
    return letter(message_id, subject=f"[{number}] pump", new_text=f"Ticket {number}: we are there.", **changes)


async def test_a_ticket_is_learned_from_a_linked_letter_and_found_next_time(post: Post) -> None:
    (request,) = await post.make("101/12")
    await post.receive(reading(Update("9912", None, "accepted")), with_ticket())
    await post.link((await post.last()).id, request.id)
    assert await post.receive(reading(Update("9912", None, "en_route")), with_ticket("t2@x")) == "applied"
    assert (await post.last()).reason == Reason(placing.BY_TICKET, {"ticket": "SD-9912", "name": "101/12"})
    assert await post.receive(arrived(), with_ticket("t3@x")) == "applied"
    assert (await post.request("101/12")).status == "on_site"


@SQLITE
async def test_a_ticket_is_learned_from_an_applied_letter(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE), with_ticket())
    assert await post.receive(arrived(), with_ticket("t2@x")) == "applied"


@SQLITE
async def test_another_companys_ticket_of_the_same_number_is_not_ours(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE), with_ticket())
    assert await post.receive(arrived(), with_ticket("t2@x", sender="a@other.example")) == "triage"


@SQLITE
async def test_ticket_and_thread_that_differ_are_asked_about(post: Post) -> None:
    await post.make("101/12", "102")
    await post.receive(reading(EN_ROUTE), with_ticket())
    await post.receive(reading(Update("102", None, "accepted")), letter("1@contractor.example"))
    assert await post.receive(arrived(), with_ticket("t2@x", references=("1@contractor.example",))) == "triage"
    reasons = [(each.name, each.reason.sentence) for each in (await post.last()).candidates]
    assert reasons[:2] == [("101/12", triage.TICKET), ("102", triage.THREAD)]


@SQLITE
async def test_a_letter_with_two_tickets_teaches_nothing(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE), letter("t1@x", new_text="Ticket 5512, see also ticket 5400."))
    assert await post.receive(arrived(), with_ticket("t2@x", "5512")) == "triage"


@SQLITE
async def test_a_number_that_is_ours_counts_before_the_ticket(post: Post) -> None:
    await post.make("101/12", "102")
    await post.receive(reading(EN_ROUTE), with_ticket())
    assert await post.receive(reading(Update("102", None, "on_site")), with_ticket("t2@x")) == "applied"
    assert (await post.request("101/12")).status == "en_route"


# --- contractors


async def test_a_contractors_letters_count_though_the_mailbox_does_not_list_him(post: Post) -> None:
    contractor = await post.contractor("Lift Service", "@contractor.example")
    await post.make("101/12")
    assert await post.receive(reading(EN_ROUTE), senders=["*@other.example"]) == "applied"
    assert (await post.request("101/12")).contractor_id == contractor.id
    assert (await post.last()).contractor_id == contractor.id


@SQLITE
async def test_what_a_contractor_says_in_anothers_thread_is_asked_about(post: Post) -> None:
    other = await post.contractor("Pipe Service", "@pipes.example")
    (request,) = await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    await post.give(request.id, other.id)
    await post.contractor("Lift Service", "@contractor.example")
    assert await post.receive(arrived(), answer()) == "triage"
    assert (await post.last()).reason.sentence == desk.OTHERS


@SQLITE
async def test_a_contractor_does_not_speak_of_anothers_request(post: Post) -> None:
    other = await post.contractor("Pipe Service", "@pipes.example")
    await post.contractor("Lift Service", "@contractor.example")
    (request,) = await post.make("101/12")
    await post.give(request.id, other.id)
    assert await post.receive(reading(EN_ROUTE), senders=["*@contractor.example"]) == "triage"
    record = await post.last()
    assert record.reason == Reason(desk.OTHERS, {"name": "101/12", "contractor": "Pipe Service"})
    assert (await post.request("101/12")).status == "sent"


@SQLITE
async def test_nobody_unknown_speaks_of_a_contractors_request(post: Post) -> None:
    other = await post.contractor("Pipe Service", "@pipes.example")
    (request,) = await post.make("101/12")
    await post.give(request.id, other.id)
    assert await post.receive(reading(EN_ROUTE)) == "triage"
    assert await post.receive(reading(EN_ROUTE), letter("2@x"), senders=["*@contractor.example"]) == "applied"


@SQLITE
async def test_a_new_address_in_a_contractors_thread_waits_until_an_admin_knows_it(post: Post) -> None:
    contractor = await post.contractor("Lift Service", "@contractor.example")
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    on_site = reading(Update("101", "12", "on_site"))
    assert await post.receive(on_site, answer(sender=STRANGER)) == "triage"
    record = await post.last()
    assert record.reason == Reason(placing.NEW_ADDRESS, {"sender": STRANGER, "contractor": "Lift Service"})
    assert (record.new_pattern, record.offer and record.offer.contractor) == ("@new.example", "Lift Service")
    async with post.db.transaction() as tx:
        record = await post.letters.same_contractor(tx, record.id, OKSANA)
    assert (record.state, record.contractor_id, record.decided_by) == ("applied", contractor.id, "Oksana")
    assert (await post.request("101/12")).status == "on_site"
    assert await post.receive(reading(Update("101", "12", "left")), letter("3@x", sender=STRANGER)) == "applied"


async def test_taking_back_the_same_contractor_makes_the_address_unknown_again(post: Post) -> None:
    contractor = await post.contractor("Lift Service", "@contractor.example")
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    await post.receive(reading(Update("101", "12", "on_site")), answer(sender=STRANGER))
    letter_id = (await post.last()).id
    async with post.db.transaction() as tx:
        await post.letters.same_contractor(tx, letter_id, OKSANA)
    record = await post.undo(letter_id)
    assert (record.state, record.new_pattern, record.contractor_id) == ("triage", "@new.example", None)
    assert (await post.request("101/12")).status == "en_route"
    async with post.db.reading() as connection:
        assert (await post.contractors.get(connection, contractor.id)).patterns == ("@contractor.example",)
    async with post.db.transaction() as tx:
        assert (await post.letters.same_contractor(tx, letter_id, OKSANA)).state == "applied"


@SQLITE
async def test_a_sender_whose_clock_is_ahead_does_not_outdate_what_comes_next(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE), letter("1@x", sent_at=NOON + timedelta(days=400)))
    post.clock.advance(minutes=1)  # type: ignore[attr-defined]  # the clock is the tests' own
    late = letter("2@x", sent_at=post.clock.now())
    assert await post.receive(reading(Update("101", "12", "on_site")), late) == "applied"
    assert (await post.request("101/12")).status == "on_site"
