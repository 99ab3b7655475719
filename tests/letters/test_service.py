"""What a letter does to requests, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core.alerts import cards_store
from core.alerts.model import LiveCard
from core.db.engine import Database
from core.errors import Rejected, UserError
from core.letters import service, triage
from core.letters.model import Update
from core.letters.record import Effect, Reason
from core.letters.service import AlreadyDecidedError
from core.people import store as people_store
from core.requests.model import ROBOT
from tests.conftest import NOON, ManualClock
from tests.letters.post import CONTRACTOR, DUTY, OKSANA, TARAS, Post, letter, post_of, reading, seen

EN_ROUTE = Update("101", "12", "en_route")
EARLIER = NOON - timedelta(minutes=30)


@pytest.fixture
def post(db: Database, clock: ManualClock) -> Post:
    return post_of(db, clock)


# --- what is surely meant is applied


async def test_an_update_moves_the_status_as_of_the_letters_own_time_and_comments(post: Post) -> None:
    (request,) = await post.make("101/12")
    assert await post.receive(reading(EN_ROUTE), letter(sent_at=EARLIER)) == "applied"
    found = await post.request("101/12")
    assert (found.status, found.status_updated_at) == ("en_route", EARLIER)
    assert (found.comment, found.comment_author) == ("We are on our way.", ROBOT)
    origins = {(entry.actor, entry.origin) for entry in await post.history("101/12")}
    assert origins == {(ROBOT, "letter:1@contractor.example")}
    record = await post.last()
    assert (record.state, record.request_id) == ("applied", request.id)
    assert record.effects == (Effect(request.id, "101/12", "en_route", moved=True),)
    assert await post.told() == []


async def test_a_note_only_comments(post: Post) -> None:
    await post.make("101/12")
    assert await post.receive(reading(Update("101", "12", None))) == "noted"
    found = await post.request("101/12")
    assert (found.status, found.comment) == ("sent", "We are on our way.")


async def test_automatic_mail_is_kept_and_changes_nothing(post: Post) -> None:
    await post.make("101/12")
    assert await post.receive(reading(EN_ROUTE, outcome="ignore"), senders=["nobody"]) == "ignored"
    assert (await post.last()).state == "ignored"
    assert await post.history("101/12") == []
    assert await post.told() == []


async def test_without_a_position_the_only_row_of_a_number_is_meant(post: Post) -> None:
    await post.make("101/12")
    assert await post.receive(reading(Update("101", None, "on_site"))) == "applied"
    assert (await post.request("101/12")).status == "on_site"


async def test_a_request_named_twice_is_changed_once(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(Update("101", None, None), Update("101", "12", "en_route")))
    assert [entry.kind for entry in await post.history("101/12")] == ["status", "comment"]


async def test_an_older_letter_never_turns_a_status_back(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(Update("101", "12", "on_site")), letter("2@x"), key="2")
    assert await post.receive(reading(EN_ROUTE), letter("1@x", sent_at=EARLIER), key="1") == "applied"
    assert (await post.request("101/12")).status == "on_site"
    assert not (await post.last()).effects[0].moved


async def test_the_same_letter_is_applied_once_wherever_it_turns_up(post: Post) -> None:
    await post.make("101/12")
    await post.receive(reading(EN_ROUTE))
    before = await post.history("101/12")
    assert await post.receive(reading(EN_ROUTE), key="moved") is None
    assert await post.receive(reading(EN_ROUTE), key="k") is None
    assert await post.history("101/12") == before
    assert len(await post.all()) == 1
    async with post.db.reading() as connection:
        assert await post.letters.unseen(connection, "contractor", ["k", "new", "moved"]) == ["new"]


async def test_a_status_the_workflow_does_not_know_is_only_a_comment(post: Post) -> None:
    await post.make("101/12")
    assert await post.receive(reading(Update("101", "12", "teleported"))) == "applied"
    assert [entry.kind for entry in await post.history("101/12")] == ["comment"]


async def test_the_numbers_of_open_requests_are_known(post: Post) -> None:
    first, _ = await post.make("101/12", "102")
    async with post.db.transaction() as tx:
        await post.requests.set_status(tx, first.id, "left", OKSANA)
    async with post.db.reading() as connection:
        assert await post.letters.open_numbers(connection) == {"102"}


# --- the rest waits for a person


async def test_an_unknown_number_is_asked_about_with_what_would_be_made(post: Post) -> None:
    await post.make("778/1")
    assert await post.receive(reading(Update("777", "2", "accepted"))) == "triage"
    record = await post.last()
    assert record.reason == Reason(service.UNKNOWN, {"name": "777/2"})
    assert (record.number, record.position, record.status) == ("777", "2", "accepted")
    assert [(each.name, each.reason.sentence) for each in record.candidates] == [("778/1", triage.ONE_DIGIT)]
    assert await post.told() == [("card", f"letter:{record.id}")]


async def test_a_number_with_several_positions_is_asked_about(post: Post) -> None:
    await post.make("101/12", "101/3")
    assert await post.receive(reading(Update("101", None, "on_site"))) == "triage"
    record = await post.last()
    assert record.reason.sentence == service.SEVERAL
    assert record.number is None
    assert [each.name for each in record.candidates] == ["101/3", "101/12"]
    assert {(await post.request(name)).status for name in ("101/3", "101/12")} == {"sent"}


async def test_of_several_updates_the_known_are_applied_and_the_rest_is_asked_about(post: Post) -> None:
    (request,) = await post.make("101/12")
    said = reading(EN_ROUTE, Update("777", None, "on_site"))
    assert await post.receive(said) == "triage"
    assert (await post.request("101/12")).status == "en_route"
    record = await post.last()
    assert (record.request_id, record.number, record.status) == (request.id, "777", "on_site")


async def test_a_sender_outside_the_list_changes_nothing_by_himself(post: Post) -> None:
    await post.make("101/12")
    assert await post.receive(reading(EN_ROUTE), senders=["*@other.example"]) == "triage"
    record = await post.last()
    assert record.reason == Reason(service.STRANGER, {"sender": CONTRACTOR})
    assert await post.history("101/12") == []
    assert [(each.name, each.reason.sentence) for each in record.candidates] == [("101/12", triage.NAMED)]
    assert (record.number, record.status) == (None, "en_route")


@pytest.mark.parametrize("standing", ["list", "contractor"])
async def test_where_an_answer_is_wanted_gives_no_right_to_change_a_request(post: Post, standing: str) -> None:
    (request,) = await post.make("101/12")
    if standing == "contractor":
        await post.give(request.id, (await post.contractor("Lifts", CONTRACTOR)).id)
    stranger = letter(sender="eve@stranger.example", reply_to=CONTRACTOR)
    senders = [CONTRACTOR] if standing == "list" else []
    assert await post.receive(reading(EN_ROUTE), stranger, senders=senders) == "triage"
    assert (await post.last()).reply_to == CONTRACTOR


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
async def test_a_letter_that_moves_a_request_takes_few_statements_and_is_told_once(post: Post) -> None:
    await post.make("101/12")
    before = len(await post.told("request"))
    made: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        made.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert await post.receive(reading(EN_ROUTE)) == "applied"
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(made) <= 18
    assert len(await post.told("request")) == before + 1
    assert [entry.kind for entry in await post.history("101/12")] == ["status", "comment"]


async def test_the_list_of_senders_takes_any_case(post: Post) -> None:
    await post.make("101/12")
    assert await post.receive(reading(EN_ROUTE), senders=["someone", "*@Contractor.Example"]) == "applied"


async def test_a_letter_without_a_number_offers_its_thread_and_sender(post: Post) -> None:
    await post.make("101/12", "102", "103", "104")
    await post.receive(reading(EN_ROUTE), letter("1@x"), key="1")
    await post.receive(reading(Update("103", None, None)), letter("2@x", references=("ours@x",)), key="2")
    said = reading(why=[seen("status", "declined")])
    await post.receive(said, letter("3@x", in_reply_to="1@x", sender="new@contractor.example"), key="3")
    record = await post.last()
    assert record.status == "declined"
    assert (record.candidates[0].name, record.candidates[0].reason.sentence) == ("101/12", triage.THREAD)
    await post.receive(reading(), letter("4@x", references=("ours@x", "lost@x")), key="4")
    names = [(each.name, each.reason.sentence) for each in (await post.last()).candidates]
    assert names[:2] == [("103", triage.THREAD), ("101/12", triage.SENDER)]


async def test_a_file_nobody_can_read_is_shown_to_a_person_once(post: Post) -> None:
    error = Rejected("The letter {name} is larger than {limit} MB.", name="big", limit=25)
    async with post.db.transaction() as tx:
        assert await post.letters.unreadable(tx, "contractor", "big", error) == "triage"
    async with post.db.transaction() as tx:
        assert await post.letters.unreadable(tx, "contractor", "big", error) is None
    record = await post.last()
    assert (record.subject, record.reason.values) == ("big", {"name": "big", "limit": "25"})
    assert await post.told() == [("card", f"letter:{record.id}")]


# --- a person decides


async def asked(post: Post) -> int:
    await post.receive(
        reading(Update("777", "2", "accepted")), letter(subject="Re: Fwd: Pump  is leaking", sent_at=EARLIER)
    )
    return (await post.last()).id


async def test_a_linked_letter_does_what_it_says_and_who_chose_is_recorded(post: Post) -> None:
    (request,) = await post.make("101/12")
    letter_id = await asked(post)
    record = await post.link(letter_id, request.id)
    assert (record.state, record.decided_by, record.request_id) == ("linked", "Oksana", request.id)
    found = await post.request("101/12")
    assert (found.status, found.status_updated_at, found.comment_author) == ("accepted", EARLIER, ROBOT)
    async with post.db.reading() as connection:
        (entry,) = await people_store.list_audit(connection, subject=f"letter:{letter_id}")
    assert (entry.actor, entry.action, entry.details) == ("Oksana", "letter-linked", f"request:{request.id}")


async def test_whoever_decides_second_is_told_who_was_first(post: Post) -> None:
    (request,) = await post.make("101/12")
    letter_id = await asked(post)
    await post.dismiss(letter_id, TARAS)
    for second in (post.link(letter_id, request.id), post.create(letter_id), post.dismiss(letter_id)):
        with pytest.raises(AlreadyDecidedError) as caught:
            await second
        assert (caught.value.record.state, caught.value.record.decided_by) == ("dismissed", "Taras")
    assert await post.history("101/12") == []


async def test_a_new_request_is_made_from_the_letter_and_takes_its_news(post: Post) -> None:
    record = await post.create(await asked(post))
    made = await post.request("777/2")
    assert (record.state, record.request_id, made.author) == ("created", made.id, "Oksana")
    assert (made.title, made.status, made.comment) == ("Pump is leaking", "accepted", "We are on our way.")


async def test_a_request_made_meanwhile_is_linked(post: Post) -> None:
    letter_id = await asked(post)
    await post.make("777/2")
    assert (await post.create(letter_id)).state == "linked"
    assert (await post.request("777/2")).status == "accepted"


async def test_a_letter_without_a_number_makes_no_request(post: Post) -> None:
    await post.receive(reading())
    with pytest.raises(UserError):
        await post.create((await post.last()).id)
    assert (await post.last()).state == "triage"


async def test_a_letter_that_says_nothing_but_a_number_gives_the_title_what_it_has(post: Post) -> None:
    said = reading(Update("777", None, None))
    await post.receive(said, letter(subject="Re: ", new_text=""))
    record = await post.create((await post.last()).id)
    assert record.state == "created"
    assert (await post.request("777")).title == "We are on our way."


async def test_a_dismissed_letter_changes_nothing(post: Post) -> None:
    await post.make("101/12")
    letter_id = await asked(post)
    record = await post.dismiss(letter_id)
    assert (record.state, record.effects, record.request_id) == ("dismissed", (), None)
    assert await post.history("101/12") == []


async def test_every_card_of_a_letter_is_drawn_anew_after_the_decision(post: Post) -> None:
    letter_id = await asked(post)
    async with post.db.transaction() as tx:
        shown = LiveCard(DUTY, 5, "letter", f"letter:{letter_id}", "digest", NOON)
        await cards_store.save_cards(tx, (shown,))
    await post.dismiss(letter_id)
    assert await post.told() == [("card", f"letter:{letter_id}"), ("refresh", f"letter:{letter_id}")]


async def test_a_letter_or_request_that_is_not_there_is_said(post: Post) -> None:
    with pytest.raises(UserError):
        await post.dismiss(999)
    letter_id = await asked(post)
    with pytest.raises(UserError):
        await post.link(letter_id, 999)
    assert (await post.last()).state == "triage"
