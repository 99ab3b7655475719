"""Letting people in and out, on both databases."""

import pytest

from core.db.engine import Database
from core.errors import UserError
from core.people import store
from core.people.model import Actor, Chat, Person, Reader
from core.people.service import PeopleService
from tests.conftest import ManualClock

LEAD = Actor("Тарас", 1, "chat:1")
IVAN = Person(3, "Іван", "ivan")


@pytest.fixture
def people(clock: ManualClock) -> PeopleService:
    return PeopleService(clock, (1,), Reader("uk", "Europe/Kyiv"))


async def meet(db: Database, people: PeopleService, person: Person = IVAN) -> Person:
    async with db.transaction() as tx:
        await people.install_admins(tx)
        return await people.meet(tx, person)


async def test_the_configured_admin_is_admin_from_the_start(db: Database, people: PeopleService) -> None:
    for _ in range(2):
        async with db.transaction() as tx:
            await people.install_admins(tx)
    lead = await people.person(db, 1)
    assert lead is not None
    assert lead.may("admin")
    async with db.reading() as connection:
        assert len(await store.list_audit(connection)) == 1


async def test_somebody_new_has_no_access(db: Database, people: PeopleService) -> None:
    assert not (await meet(db, people)).may("viewer")


async def test_a_new_name_is_learned_and_the_role_kept(db: Database, people: PeopleService) -> None:
    await meet(db, people)
    async with db.transaction() as tx:
        await people.change_role(tx, 3, "operator", LEAD)
        renamed = await people.meet(tx, Person(3, "Іван Петренко", None))
    assert (renamed.name, renamed.username, renamed.role) == ("Іван Петренко", None, "operator")


async def test_access_is_asked_for_once_while_it_is_open(db: Database, people: PeopleService) -> None:
    ivan = await meet(db, people)
    async with db.transaction() as tx:
        first = await people.ask_access(tx, ivan)
        second = await people.ask_access(tx, ivan)
    assert first.id == second.id
    async with db.reading() as connection:
        assert [person.id for _, person in await store.list_open_access_requests(connection)] == [3]


async def test_a_granted_role_closes_the_request_for_it(db: Database, people: PeopleService) -> None:
    ivan = await meet(db, people)
    async with db.transaction() as tx:
        request = await people.ask_access(tx, ivan)
        granted = await people.change_role(tx, 3, "operator", LEAD)
    assert granted.may("operator")
    assert not granted.may("admin")
    async with db.reading() as connection:
        decided = await store.find_access_request(connection, request.id)
        trail = await store.list_audit(connection, subject="person:3")
    assert decided is not None
    assert (decided.state, decided.role, decided.decided_by) == ("granted", "operator", "Тарас")
    assert [entry.action for entry in trail] == ["grant", "ask-access"]


async def test_access_is_taken_away_at_once(db: Database, people: PeopleService) -> None:
    await meet(db, people)
    async with db.transaction() as tx:
        await people.change_role(tx, 3, "viewer", LEAD)
    assert (await people.person(db, 3) or IVAN).role == "viewer"
    async with db.transaction() as tx:
        await people.change_role(tx, 3, None, LEAD)
    assert (await people.person(db, 3) or LEAD_PERSON).role is None


LEAD_PERSON = Person(1, "Тарас", role="admin")


async def test_a_change_by_another_process_is_seen_within_a_second(
    db: Database, people: PeopleService, clock: ManualClock
) -> None:
    await meet(db, people)
    await people.person(db, 3)
    other = PeopleService(clock, (1,), Reader("uk", "UTC"))
    async with db.transaction() as tx:
        await other.change_role(tx, 3, "viewer", LEAD)
    clock.advance(seconds=1)
    found = await people.person(db, 3)
    assert found is not None
    assert found.role == "viewer"


async def test_who_has_access_does_not_ask_for_it(db: Database, people: PeopleService) -> None:
    await meet(db, people)
    async with db.transaction() as tx:
        ivan = await people.change_role(tx, 3, "viewer", LEAD)
        with pytest.raises(UserError):
            await people.ask_access(tx, ivan)


async def test_the_configured_admin_stays_admin(db: Database, people: PeopleService) -> None:
    await meet(db, people)
    async with db.transaction() as tx:
        with pytest.raises(UserError, match=r"telegram\.admins"):
            await people.change_role(tx, 1, None, LEAD)


async def test_the_last_admin_stays(db: Database, clock: ManualClock) -> None:
    people = PeopleService(clock, (), Reader("uk", "UTC"))
    async with db.transaction() as tx:
        await people.change_role(tx, 5, "admin", Actor("vakhta", None, "cli"))
        with pytest.raises(UserError, match="only admin"):
            await people.change_role(tx, 5, "viewer", LEAD)


@pytest.mark.parametrize(("person_id", "role"), [(99, None), (3, "king")])
async def test_nobody_and_no_such_role_are_refused(
    db: Database, people: PeopleService, person_id: int, role: str | None
) -> None:
    await meet(db, people)
    async with db.transaction() as tx:
        with pytest.raises(UserError):
            await people.change_role(tx, person_id, role, LEAD)


async def test_language_and_zone_are_each_persons_own(db: Database, people: PeopleService) -> None:
    await meet(db, people)
    async with db.transaction() as tx:
        await people.set_reader(tx, 3, language="ru")
        ivan = await people.set_reader(tx, 3, timezone="Europe/Warsaw")
        with pytest.raises(UserError):
            await people.set_reader(tx, 3, timezone="Europe/Nowhere")
        with pytest.raises(UserError):
            await people.set_reader(tx, 99, language="ru")
    assert people.reader(ivan) == Reader("ru", "Europe/Warsaw")
    async with db.reading() as connection:
        assert await people.reader_of(connection, 3) == Reader("ru", "Europe/Warsaw")
        assert await people.reader_of(connection, 1) == Reader("uk", "Europe/Kyiv")


async def test_a_group_is_told_things_in_its_own_language(db: Database, people: PeopleService) -> None:
    assert people.reader(await people.chat(db, -100)).language == "uk"
    async with db.transaction() as tx:
        await people.set_chat_language(tx, -100, "en", LEAD)
    assert await people.chat(db, -100) == Chat(-100, language="en")
    async with db.reading() as connection:
        assert (await people.reader_of(connection, -100)).language == "en"


async def test_a_form_survives_and_an_empty_one_is_forgotten(db: Database, clock: ManualClock) -> None:
    async with db.transaction() as tx:
        await store.save_form(tx, "k", "NewRequest:title", {"number": "101"}, clock.now())
    async with db.reading() as connection:
        assert await store.load_form(connection, "k") == ("NewRequest:title", {"number": "101"})
    async with db.transaction() as tx:
        await store.save_form(tx, "k", None, {}, clock.now())
    async with db.reading() as connection:
        assert await store.load_form(connection, "k") is None
