"""Contractors as records, on both databases."""

from datetime import timedelta

import pytest

from core.alerts.service import AlertsService
from core.db.engine import Database
from core.errors import UserError
from core.people import store as people_store
from core.people.model import Actor, Reader
from core.people.service import PeopleService
from core.requests import store as request_store
from core.requests.contractors import ContractorsService
from core.requests.model import DAYS, WORKFLOW, Contractor, Draft, WorkingHours
from core.requests.service import RequestsService
from tests.conftest import ManualClock

TARAS = Actor("Тарас", 1, "chat:1")


@pytest.fixture
def service(clock: ManualClock) -> ContractorsService:
    return ContractorsService(clock, PeopleService(clock, (), Reader("uk", "UTC")))


async def make(db: Database, service: ContractorsService, name: str, *patterns: str) -> Contractor:
    async with db.transaction() as tx:
        made = await service.create(tx, name, TARAS)
        for pattern in patterns:
            made = await service.add_pattern(tx, made.id, pattern, TARAS)
    return made


async def test_a_contractor_has_a_name_and_patterns(db: Database, service: ContractorsService) -> None:
    made = await make(db, service, "Ліфт Сервіс", "@Lift.example", "ivan@gmail.com")
    assert (made.name, made.patterns, made.working_hours) == ("Ліфт Сервіс", ("@lift.example", "ivan@gmail.com"), "")
    async with db.reading() as connection:
        assert await service.list(connection) == [made]
        assert await service.get(connection, made.id) == made


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        ("Ivan@Lift.example", "Lift"),
        ("ivan@mail.lift.example", "Lift"),
        ("head@lift.example", "Head"),
        ("ivan@pumps.lift.example", "Pumps"),
        ("ivan@deep.pumps.lift.example", "Pumps"),
        ("ivan@gmail.com", "Lift"),
        ("petro@gmail.com", None),
        ("ivan@notlift.example", None),
        ("", None),
    ],
)
async def test_an_address_belongs_to_the_nearest_pattern(
    db: Database, service: ContractorsService, address: str, owner: str | None
) -> None:
    await make(db, service, "Lift", "@lift.example", "ivan@gmail.com")
    await make(db, service, "Head", "head@lift.example")
    await make(db, service, "Pumps", "@pumps.lift.example")
    async with db.reading() as connection:
        found = await service.of_address(connection, address)
    assert (found.name if found else None) == owner


async def test_a_pattern_belongs_to_one_contractor(db: Database, service: ContractorsService) -> None:
    lift = await make(db, service, "Lift", "@lift.example")
    pumps = await make(db, service, "Pumps")
    async with db.transaction() as tx:
        assert await service.add_pattern(tx, lift.id, "@lift.example", TARAS) == lift
        with pytest.raises(UserError, match="belongs to") as caught:
            await service.add_pattern(tx, pumps.id, "@LIFT.example", TARAS)
    assert caught.value.values["name"] == "Lift"


async def test_a_name_is_taken_whatever_its_case(db: Database, service: ContractorsService) -> None:
    lift, pumps = await make(db, service, "Ліфт"), await make(db, service, "Насоси")
    async with db.transaction() as tx:
        with pytest.raises(UserError, match="already"):
            await service.create(tx, "ЛІФТ", TARAS)
        with pytest.raises(UserError, match="already"):
            await service.rename(tx, pumps.id, "ліфт", TARAS)
        assert (await service.rename(tx, lift.id, "ЛІФТ", TARAS)).name == "ЛІФТ"


async def test_hours_are_set_and_taken_back(db: Database, service: ContractorsService) -> None:
    lift = await make(db, service, "Lift")
    async with db.transaction() as tx:
        working = await service.set_hours(tx, lift.id, "09:00-18:00", ["fri", "mon"], TARAS)
        assert (working.working_hours, working.working_days) == ("09:00-18:00", ("mon", "fri"))
        assert await service.set_hours(tx, lift.id, "", (), TARAS) == lift
        with pytest.raises(UserError):
            await service.set_hours(tx, lift.id, "9-18", DAYS, TARAS)


async def test_an_archived_contractor_frees_its_addresses_and_takes_no_change(
    db: Database, service: ContractorsService
) -> None:
    lift = await make(db, service, "Lift", "@lift.example")
    async with db.transaction() as tx:
        await service.archive(tx, lift.id, TARAS)
    pumps = await make(db, service, "Pumps", "@lift.example")
    async with db.transaction() as tx:
        assert await service.list(tx) == [pumps]
        assert (await service.get(tx, lift.id)).archived_at
        with pytest.raises(UserError, match="archived"):
            await service.add_pattern(tx, lift.id, "@other.example", TARAS)
        with pytest.raises(UserError, match="archived"):
            await service.rename(tx, pumps.id, "lift", TARAS)


async def test_the_name_of_an_archived_contractor_brings_it_back(db: Database, service: ContractorsService) -> None:
    lift = await make(db, service, "Lift", "@lift.example")
    async with db.transaction() as tx:
        await service.archive(tx, lift.id, TARAS)
    again = await make(db, service, "LIFT")
    assert (again.id, again.name, again.patterns, again.archived_at) == (lift.id, "LIFT", (), None)


async def test_every_change_is_in_the_audit_trail(db: Database, service: ContractorsService) -> None:
    lift = await make(db, service, "Lift", "@lift.example")
    async with db.transaction() as tx:
        await service.rename(tx, lift.id, "Lift Service", TARAS)
        await service.set_hours(tx, lift.id, "09:00-18:00", ["mon"], TARAS)
        await service.remove_pattern(tx, lift.id, "@lift.example", TARAS)
        await service.remove_pattern(tx, lift.id, "@lift.example", TARAS)
        await service.archive(tx, lift.id, TARAS)
        audit = await people_store.list_audit(tx, subject=f"contractor:{lift.id}")
    assert sorted((entry.action, entry.details) for entry in audit) == [
        ("contractor-address-added", "@lift.example"),
        ("contractor-address-removed", "@lift.example"),
        ("contractor-archived", "Lift Service"),
        ("contractor-created", "Lift"),
        ("contractor-hours", "mon 09:00-18:00"),
        ("contractor-renamed", "Lift → Lift Service"),
    ]


async def test_a_request_gets_a_contractor_and_keeps_it_when_archived(
    db: Database, service: ContractorsService, clock: ManualClock
) -> None:
    people = PeopleService(clock, (), Reader("uk", "UTC"))
    desk = RequestsService(
        clock, WORKFLOW, people, AlertsService(clock, ()), late_after=timedelta(hours=1), working_hours=WorkingHours()
    )
    lift = await make(db, service, "Lift")
    async with db.transaction() as tx:
        request = await desk.create(tx, Draft("101", "", "Leak"), TARAS)
        given = await desk.set_contractor(tx, request.id, lift.id, TARAS)
        assert await desk.set_contractor(tx, request.id, lift.id, TARAS) == given
        assert (given.contractor_id, given.contractor) == (lift.id, "Lift")
        await service.archive(tx, lift.id, TARAS)
        assert (await desk.get(tx, request.id)).contractor == "Lift"
        assert (await desk.set_contractor(tx, request.id, None, TARAS)).contractor_id is None
        with pytest.raises(UserError, match="does not exist"):
            await desk.set_contractor(tx, request.id, lift.id, TARAS)
        history = await request_store.list_history(tx, request.id)
    assert [(entry.kind, entry.text) for entry in history[:2]] == [("contractor", ""), ("contractor", "Lift")]
