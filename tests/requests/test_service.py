"""What happens to a request, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.alerts import store as alerts_store
from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.errors import UserError
from core.people import store as people_store
from core.people.model import Actor, Reader
from core.people.service import PeopleService
from core.requests import store
from core.requests.model import WORKFLOW, Draft, Filter, Request, WorkingHours
from core.requests.service import AlreadyExistsError, RequestsService
from tests.conftest import ManualClock

DUTY = Destination(-100, 0)
OKSANA = Actor("Оксана", 7, "chat:7")
ROBOT = Actor("Робот", None, "letter:<1@x>")
LEAK = Draft("101", "12", "Протікає труба")


@pytest.fixture
def service(clock: ManualClock) -> RequestsService:
    people = PeopleService(clock, (), Reader("uk", "UTC"))
    alerts = AlertsService(clock, (Route(DUTY, ("requests",)),))
    return RequestsService(clock, WORKFLOW, people, alerts, late_after=timedelta(hours=1), working_hours=WorkingHours())


async def make(db: Database, service: RequestsService, draft: Draft = LEAK) -> Request:
    async with db.transaction() as tx:
        return await service.create(tx, draft, OKSANA)


async def told(db: Database) -> list[str]:
    async with db.reading() as connection:
        rows = await connection.execute(select(alerts_store.notices.c.kind).order_by(alerts_store.notices.c.id))
        return list(rows.scalars())


async def test_a_new_request_is_sent_and_told_with_its_history(db: Database, service: RequestsService) -> None:
    request = await make(db, service)
    assert (request.name, request.status, request.author) == ("101/12", "sent", "Оксана")
    async with db.reading() as connection:
        history = await store.list_history(connection, request.id)
        audit = await people_store.list_audit(connection, subject=f"request:{request.id}")
    assert [entry.kind for entry in history] == ["created"]
    assert [(entry.actor, entry.action, entry.origin) for entry in audit] == [("Оксана", "request-created", "chat:7")]
    assert await told(db) == ["request"]


async def test_the_same_pair_exists_once(db: Database, service: RequestsService) -> None:
    first = await make(db, service)
    with pytest.raises(AlreadyExistsError) as caught:
        await make(db, service)
    assert caught.value.request.id == first.id
    assert await told(db) == ["request"]


async def test_a_number_may_have_several_positions_and_none(db: Database, service: RequestsService) -> None:
    for position in ("", "12", "3"):
        await make(db, service, Draft("101", position, "Leak"))
    async with db.reading() as connection:
        found = await store.find(connection, "101")
    assert [request.position for request in found] == ["", "3", "12"]


async def test_a_move_is_recorded_with_who_and_when(db: Database, service: RequestsService, clock: ManualClock) -> None:
    request = await make(db, service)
    clock.advance(minutes=5)
    async with db.transaction() as tx:
        moved = await service.set_status(tx, request.id, "en_route", OKSANA)
    assert (moved.status, moved.status_updated_at) == ("en_route", clock.now())
    async with db.reading() as connection:
        entry = (await store.list_history(connection, request.id))[0]
    assert (entry.kind, entry.old, entry.new, entry.actor) == ("status", "sent", "en_route", "Оксана")


async def test_the_status_it_has_already_is_no_change(db: Database, service: RequestsService) -> None:
    request = await make(db, service)
    async with db.transaction() as tx:
        await service.set_status(tx, request.id, "sent", OKSANA)
    assert await told(db) == ["request"]


async def test_a_letter_counts_by_its_own_time(db: Database, service: RequestsService, clock: ManualClock) -> None:
    request = await make(db, service)
    clock.advance(hours=2)
    written = clock.now() - timedelta(minutes=30)
    async with db.transaction() as tx:
        moved = await service.set_status(tx, request.id, "on_site", ROBOT, at=written)
    assert moved.status_updated_at == written


async def test_an_older_letter_never_turns_a_status_back(
    db: Database, service: RequestsService, clock: ManualClock
) -> None:
    request = await make(db, service)
    clock.advance(hours=2)
    async with db.transaction() as tx:
        await service.set_status(tx, request.id, "on_site", ROBOT, at=clock.now())
        after = await service.set_status(tx, request.id, "en_route", ROBOT, at=clock.now() - timedelta(hours=1))
    assert after.status == "on_site"


async def test_a_letter_from_the_future_counts_as_now(
    db: Database, service: RequestsService, clock: ManualClock
) -> None:
    request = await make(db, service)
    async with db.transaction() as tx:
        moved = await service.set_status(tx, request.id, "on_site", ROBOT, at=clock.now() + timedelta(days=1))
    assert moved.status_updated_at == clock.now()


async def test_the_same_message_makes_one_comment(db: Database, service: RequestsService) -> None:
    request = await make(db, service)
    for _ in range(2):
        async with db.transaction() as tx:
            commented = await service.comment(tx, request.id, "call first", OKSANA, ref="tg:7:55")
    assert (commented.comment, commented.comment_author) == ("call first", "Оксана")
    async with db.reading() as connection:
        kinds = [entry.kind for entry in await store.list_history(connection, request.id)]
    assert kinds == ["comment", "created"]


async def test_an_unknown_status_or_request_is_refused(db: Database, service: RequestsService) -> None:
    request = await make(db, service)
    with pytest.raises(UserError):
        async with db.transaction() as tx:
            await service.set_status(tx, request.id, "lost", OKSANA)
    with pytest.raises(UserError):
        async with db.transaction() as tx:
            await service.comment(tx, 999, "hello", OKSANA)


async def remind(db: Database, service: RequestsService) -> list[str]:
    async with db.transaction() as tx:
        return [request.name for request in await service.remind(tx)]


async def test_a_silence_is_reminded_of_once(db: Database, service: RequestsService, clock: ManualClock) -> None:
    await make(db, service)
    assert await remind(db, service) == []
    clock.advance(hours=1)
    assert await remind(db, service) == ["101/12"]
    clock.advance(hours=5)
    assert await remind(db, service) == []
    assert await told(db) == ["request", "reminder"]


async def test_a_new_silence_is_reminded_of_again(db: Database, service: RequestsService, clock: ManualClock) -> None:
    request = await make(db, service)
    clock.advance(hours=1)
    await remind(db, service)
    async with db.transaction() as tx:
        await service.set_status(tx, request.id, "accepted", OKSANA)
    clock.advance(hours=1)
    assert await remind(db, service) == ["101/12"]


async def test_a_finished_request_is_never_late(db: Database, service: RequestsService, clock: ManualClock) -> None:
    request = await make(db, service)
    async with db.transaction() as tx:
        await service.set_status(tx, request.id, "left", OKSANA)
    clock.advance(days=3)
    assert await remind(db, service) == []


async def test_a_snoozed_reminder_comes_at_its_time(db: Database, service: RequestsService, clock: ManualClock) -> None:
    request = await make(db, service)
    clock.advance(hours=1)
    await remind(db, service)
    async with db.transaction() as tx:
        await service.snooze(tx, request.id, clock.now() + timedelta(hours=4), OKSANA)
    clock.advance(hours=3)
    assert await remind(db, service) == []
    clock.advance(hours=1)
    assert await remind(db, service) == ["101/12"]
    assert await remind(db, service) == []


async def test_a_dry_run_reminds_nobody(db: Database, service: RequestsService, clock: ManualClock) -> None:
    await make(db, service)
    clock.advance(hours=1)
    async with db.transaction() as tx:
        assert len(await service.remind(tx, dry_run=True)) == 1
    assert await told(db) == ["request"]


async def test_reminders_wait_for_working_hours(db: Database, clock: ManualClock) -> None:
    from datetime import time

    people = PeopleService(clock, (), Reader("uk", "UTC"))
    hours = WorkingHours(time(8), time(12), (0, 1, 2, 3, 4, 5, 6), "UTC")
    service = RequestsService(
        clock, WORKFLOW, people, AlertsService(clock, ()), late_after=timedelta(hours=1), working_hours=hours
    )
    await make(db, service)
    clock.advance(hours=1)
    assert await remind(db, service) == []
    clock.advance(hours=19)
    assert await remind(db, service) == ["101/12"]


@pytest.mark.parametrize("word", ["ТРУБА", "протік", "101/12"])
async def test_requests_are_found_by_words_whatever_the_case(db: Database, service: RequestsService, word: str) -> None:
    await make(db, service)
    await make(db, service, Draft("7", "", "100% _ broken"))
    async with db.reading() as connection:
        found = await store.list_requests(connection, Filter(text=word))
        assert [request.number for request in found] == ["101"]
        assert await store.count(connection, Filter(text="100%")) == 1
        assert await store.count(connection, Filter(text="1%k")) == 0


async def test_lists_are_newest_first_and_late_ones_longest_silence_first(
    db: Database, service: RequestsService, clock: ManualClock
) -> None:
    for number in ("1", "2", "3"):
        await make(db, service, Draft(number, "", "Leak"))
        clock.advance(minutes=30)
    async with db.reading() as connection:
        newest = await store.list_requests(connection, Filter(), limit=2)
        late = await store.list_requests(connection, service.late(), finals=WORKFLOW.finals)
        assert await store.count_by_status(connection) == {"sent": 3}
        assert await store.open_numbers(connection, WORKFLOW.finals) == {"1", "2", "3"}
    assert [request.number for request in newest] == ["3", "2"]
    assert [request.number for request in late] == ["1", "2"]
