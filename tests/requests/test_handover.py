"""Who is responsible for a request, and how unfinished ones go to somebody else and back, on both databases."""

from datetime import timedelta

import pytest

from core.alerts.service import AlertsService
from core.db.engine import Database
from core.people.model import Actor, Person, Reader
from core.people.service import PeopleService
from core.requests import store
from core.requests.handover import RequestsHandover
from core.requests.model import WORKFLOW, Draft, Request
from core.requests.service import RequestsService
from tests.conftest import ManualClock
from tests.requests.test_undo import OKSANA, make_service

CLI = Actor("vakhta", None, "cli")
LEAVER, HEIR, THIRD = Person(7, "Оксана"), Person(8, "Тарас"), Person(9, "Марія")


class Shift:
    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db = db
        self.clock = clock
        self.service: RequestsService = make_service(clock)
        self.handover = RequestsHandover(clock, WORKFLOW, AlertsService(clock, ()))

    async def begin(self) -> None:
        people = PeopleService(self.clock, (), Reader("uk", "UTC"))
        async with self.db.transaction() as tx:
            for person in (LEAVER, HEIR, THIRD):
                await people.meet(tx, person)

    async def made(self, number: str, by: Actor = OKSANA) -> Request:
        async with self.db.transaction() as tx:
            return await self.service.create(tx, Draft(number, "", "Leak"), by)

    async def goes(self, person: Person = LEAVER, heir: Person | None = HEIR) -> list[dict[str, object]]:
        async with self.db.transaction() as tx:
            return await self.handover.hand_over(tx, person, heir, CLI)

    async def returns(self, handed: list[dict[str, object]], heir: Person | None = HEIR) -> None:
        async with self.db.transaction() as tx:
            await self.handover.give_back(tx, handed, LEAVER, heir)

    async def responsible(self, request: Request) -> str:
        async with self.db.reading() as connection:
            return (await self.service.get(connection, request.id)).responsible

    async def held(self, person: Person = LEAVER) -> dict[str, int]:
        async with self.db.reading() as connection:
            return dict(await self.handover.held(connection, person.id))


@pytest.fixture
async def shift(db: Database, clock: ManualClock) -> Shift:
    shift = Shift(db, clock)
    await shift.begin()
    return shift


async def test_who_makes_a_request_is_responsible_for_it(shift: Shift) -> None:
    assert await shift.responsible(await shift.made("101")) == "Оксана"
    assert await shift.responsible(await shift.made("102", CLI)) == ""


async def test_unfinished_ones_with_their_reminders_are_held_and_go(shift: Shift) -> None:
    first, done, other = await shift.made("101"), await shift.made("102"), await shift.made("103", CLI)
    async with shift.db.transaction() as tx:
        await shift.service.snooze(tx, first.id, shift.clock.now() + timedelta(hours=1), OKSANA)
        await shift.service.set_status(tx, done.id, "left", OKSANA)
    assert await shift.held() == {"requests": 1, "reminders": 1}
    assert [each["shown"] for each in await shift.goes()] == ["101 Leak"]
    assert [await shift.responsible(each) for each in (first, done, other)] == ["Тарас", "Оксана", ""]
    assert await shift.held(HEIR) == {"requests": 1, "reminders": 1}


@pytest.mark.parametrize("heir", [HEIR, None])
async def test_they_come_back_and_the_history_strikes_it_out(shift: Shift, heir: Person | None) -> None:
    request = await shift.made("101")
    await shift.returns(await shift.goes(heir=heir), heir)
    assert await shift.responsible(request) == "Оксана"
    async with shift.db.reading() as connection:
        [entry, _created] = await store.list_history(connection, request.id)
    assert (entry.kind, entry.text, entry.actor) == ("responsible", heir.name if heir else "", "vakhta")
    assert entry.undone_at is not None


async def test_what_went_on_to_somebody_else_stays_there(shift: Shift) -> None:
    request = await shift.made("101")
    handed = await shift.goes()
    await shift.goes(HEIR, THIRD)
    await shift.returns(handed)
    assert await shift.responsible(request) == "Марія"


async def test_one_that_was_taken_back_meanwhile_is_passed_over(shift: Shift) -> None:
    request = await shift.made("101")
    handed = await shift.goes()
    async with shift.db.transaction() as tx:
        await store.remove(tx, request.id)
    await shift.returns(handed)
    async with shift.db.reading() as connection:
        assert await store.get(connection, request.id) is None
