"""What a person has just done to a request, that person can undo for two minutes."""

import pytest
from sqlalchemy import select

from core.alerts import cards_store
from core.alerts import store as alerts_store
from core.alerts.model import Destination, LiveCard
from core.db.engine import Database
from core.errors import UserError
from core.letters import store as letters_store
from core.people.model import Actor
from core.requests import store
from core.requests.model import Draft, Request
from core.requests.service import RequestsService
from core.requests.undoing import TooLateError
from tests.conftest import ManualClock
from tests.duty import GROUP, Duty, labels
from tests.requests.test_undo import OKSANA, ROBOT, make_service

TARAS = Actor("Тарас", 8, "chat:8")


@pytest.fixture
def service(clock: ManualClock) -> RequestsService:
    return make_service(clock)


async def made(db: Database, service: RequestsService, by: Actor = OKSANA) -> Request:
    async with db.transaction() as tx:
        return await service.create(tx, Draft("101", "12", "Leak"), by)


async def moved(db: Database, service: RequestsService, request: Request, status: str, by: Actor = OKSANA) -> Request:
    async with db.transaction() as tx:
        return await service.set_status(tx, request.id, status, by)


async def offered(db: Database, service: RequestsService, request: Request) -> int:
    """The press whose undoing the card offers; 0 when it offers none."""
    async with db.reading() as connection:
        press = await service.last_press(connection, request.id)
    return press.id if press else 0


async def undone(db: Database, service: RequestsService, request: Request, press: int, by: Actor) -> Request | None:
    async with db.transaction() as tx:
        return await service.undo(tx, request.id, press, by)


async def test_a_press_is_undone_and_the_history_says_so(db: Database, service: RequestsService) -> None:
    request = await made(db, service)
    await moved(db, service, request, "declined")
    after = await undone(db, service, request, await offered(db, service, request), OKSANA)
    assert after is not None
    assert (after.status, after.moved_at) == ("sent", None)
    async with db.reading() as connection:
        kinds = [entry.kind for entry in await store.list_history(connection, request.id)]
    assert kinds == ["undone", "status", "created"]


async def test_after_two_minutes_it_stays(db: Database, service: RequestsService, clock: ManualClock) -> None:
    request = await moved(db, service, await made(db, service), "accepted")
    press = await offered(db, service, request)
    clock.advance(minutes=2)
    assert await offered(db, service, request) == 0
    with pytest.raises(TooLateError):
        await undone(db, service, request, press, OKSANA)


async def test_nobody_undoes_what_somebody_else_did(db: Database, service: RequestsService) -> None:
    request = await moved(db, service, await made(db, service), "accepted")
    with pytest.raises(UserError, match="Only Оксана can undo"):
        await undone(db, service, request, await offered(db, service, request), TARAS)


async def test_only_the_last_press_is_undone(db: Database, service: RequestsService) -> None:
    request = await moved(db, service, await made(db, service), "accepted")
    press = await offered(db, service, request)
    await moved(db, service, request, "on_site", TARAS)
    with pytest.raises(TooLateError):
        await undone(db, service, request, press, OKSANA)


async def test_what_the_robot_did_is_undone_where_its_letter_is_shown(db: Database, service: RequestsService) -> None:
    request = await moved(db, service, await made(db, service), "en_route", ROBOT)
    assert await offered(db, service, request) == 0


async def test_a_creation_is_undone_and_its_number_is_free_again(db: Database, service: RequestsService) -> None:
    request = await made(db, service)
    assert await undone(db, service, request, await offered(db, service, request), OKSANA) is None
    again = await made(db, service, TARAS)
    assert again.author == "Тарас"


async def test_a_creation_that_was_commented_on_stays(db: Database, service: RequestsService) -> None:
    request = await made(db, service)
    async with db.transaction() as tx:
        await service.comment(tx, request.id, "The key is at the desk", TARAS)
    assert await offered(db, service, request) == 0


async def test_a_request_that_a_letter_speaks_of_is_not_unmade(
    db: Database, service: RequestsService, clock: ManualClock
) -> None:
    request = await made(db, service)
    async with db.transaction() as tx:
        known = {"owner": "lift.example", "ticket": "SR-1", "request_id": request.id, "learned_at": clock.now()}
        await tx.execute(letters_store.tickets.insert().values(known))
    with pytest.raises(UserError, match="Cancel it instead"):
        await undone(db, service, request, await offered(db, service, request), OKSANA)


async def test_cards_lose_the_button_when_its_time_is_over(
    db: Database, service: RequestsService, clock: ManualClock
) -> None:
    request = await made(db, service)
    async with db.transaction() as tx:
        shown = LiveCard(Destination(-100, 0), 5, "request", f"request:{request.id}", "", clock.now())
        await cards_store.save_cards(tx, (shown,))

    async def redrawn() -> int:
        async with db.transaction() as tx:
            await service.end_offers(tx)
            rows = await tx.execute(select(alerts_store.notices.c.id).where(alerts_store.notices.c.mode == "refresh"))
            return len(rows.all())

    assert await redrawn() == 0
    clock.advance(minutes=2)
    assert await redrawn() == 1
    assert await redrawn() == 1


async def test_the_chat_undoes_a_status_and_then_the_request_itself(duty: Duty) -> None:
    card = await duty.answer(duty.engineer, "/new 101 12 Leak")
    told = await duty.told("Request 101/12")
    await duty.press(duty.engineer, card, "Declined")
    await duty.shows(card, "Declined since")
    await duty.press(duty.engineer, duty.now(card), "Undo")
    await duty.shows(card, "Sent since")
    await duty.press(duty.engineer, duty.now(card), "Undo")
    await duty.shows(card, "taken back by Oksana")
    assert "taken back by Oksana" in (await duty.shows(told, "taken back")).text


async def test_what_is_undone_at_once_is_taken_back_in_the_chat_too(duty: Duty) -> None:
    card = await duty.answer(duty.engineer, "/new 101 12 Leak")
    told = await duty.told("Request 101/12")
    await duty.press(duty.engineer, duty.now(card), "Undo")
    await duty.shows(told, "taken back by Oksana")


async def test_what_is_made_after_one_was_taken_back_has_messages_of_its_own(duty: Duty) -> None:
    told = []
    for number in ("101", "102", "103"):
        card = await duty.answer(duty.engineer, f"/new {number} 12 Leak")
        told.append(await duty.told(f"Request {number}/12"))
        await duty.press(duty.engineer, duty.now(card), "Undo")
        await duty.shows(told[-1], f"Request {number}/12 was taken back")
    assert [message.id for message in duty.of_bot(GROUP)] == [message.id for message in told]
    assert len(told) == len({message.id for message in told})


async def test_somebody_else_is_told_whose_it_is(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    told = await duty.told("Request 101/12")
    assert any("Undo" in label for label in labels(told))
    answer = await duty.press(duty.lead, told, "Undo")
    assert answer["text"].startswith("Only Oksana can undo this")
