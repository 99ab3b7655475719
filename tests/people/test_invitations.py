"""Invitations: the first to open one gets the role, and nobody else."""

import asyncio
import logging

import pytest

from core.db.engine import Database
from core.errors import UserError
from core.people import store
from core.people.invitations import InvitationsService
from core.people.model import Actor, Person, Reader
from core.people.service import PeopleService
from tests.conftest import ManualClock
from tests.duty import LEAD, STRANGER, Duty, labels

CLI = Actor("vakhta", None, "cli")
GONE = "used already or is too old"


@pytest.fixture
def invitations(clock: ManualClock) -> InvitationsService:
    return InvitationsService(clock, PeopleService(clock, (), Reader("en", "UTC")))


async def made(db: Database, invitations: InvitationsService, role: str = "admin") -> str:
    async with db.transaction() as tx:
        return (await invitations.invite(tx, role, CLI)).code


async def opens(db: Database, invitations: InvitationsService, code: str, person_id: int) -> str | None:
    person = Person(person_id, f"Person {person_id}")
    async with db.transaction() as tx:
        await store.save_person(tx, person, ManualClock().now())
        known = await store.find_person(tx, person_id) or person
        return (await invitations.accept(tx, code, known, Actor(person.name, person_id))).role


async def test_of_two_who_open_a_link_at_once_one_comes_in(db: Database, invitations: InvitationsService) -> None:
    code = await made(db, invitations)
    tries = (opens(db, invitations, code, 1), opens(db, invitations, code, 2))
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(str(each) for each in found if not isinstance(each, UserError)) == ["admin"]
    async with db.reading() as connection:
        assert len(await store.admin_ids(connection)) == 1


async def test_a_link_is_good_for_a_day(db: Database, invitations: InvitationsService, clock: ManualClock) -> None:
    code = await made(db, invitations)
    clock.advance(hours=24)
    with pytest.raises(UserError, match=GONE):
        await opens(db, invitations, code, 1)


async def test_a_new_link_revokes_the_unused_one(sqlite_db: Database, invitations: InvitationsService) -> None:
    old, viewer = await made(sqlite_db, invitations), await made(sqlite_db, invitations, "viewer")
    new = await made(sqlite_db, invitations)
    with pytest.raises(UserError, match=GONE):
        await opens(sqlite_db, invitations, old, 1)
    assert await opens(sqlite_db, invitations, viewer, 1) == "viewer"
    assert await opens(sqlite_db, invitations, new, 1) == "admin"


async def test_who_may_as_much_leaves_the_link_to_others(sqlite_db: Database, invitations: InvitationsService) -> None:
    assert await opens(sqlite_db, invitations, await made(sqlite_db, invitations), 1) == "admin"
    code = await made(sqlite_db, invitations, "operator")
    assert await opens(sqlite_db, invitations, code, 1) == "admin"
    assert await opens(sqlite_db, invitations, code, 2) == "operator"


async def test_opening_it_twice_is_opening_it_once(sqlite_db: Database, invitations: InvitationsService) -> None:
    """An update may come again after a crash."""
    code = await made(sqlite_db, invitations)
    assert [await opens(sqlite_db, invitations, code, 1) for _ in range(2)] == ["admin", "admin"]


async def test_whose_access_was_taken_away_does_not_come_back_by_the_old_link(
    sqlite_db: Database, invitations: InvitationsService
) -> None:
    code = await made(sqlite_db, invitations)
    await opens(sqlite_db, invitations, code, 1)
    async with sqlite_db.transaction() as tx:
        await store.set_role(tx, 1, None)
    with pytest.raises(UserError, match=GONE):
        await opens(sqlite_db, invitations, code, 1)


async def test_the_database_does_not_hold_the_code(sqlite_db: Database, invitations: InvitationsService) -> None:
    code = await made(sqlite_db, invitations)
    async with sqlite_db.reading() as connection:
        row = (await connection.execute(store.invitations.select())).one()
        trail = await store.list_audit(connection)
    assert len(code) == 32
    assert code not in repr(row)
    assert [(entry.action, entry.subject, entry.origin) for entry in trail] == [("invite", "role:admin", "cli")]


async def test_opened_in_the_chat(duty: Duty, caplog: pytest.LogCaptureFixture) -> None:
    """The opener is admin and told the next step, the other admins hear of it, a second one is turned away."""
    caplog.set_level(logging.DEBUG)
    async with duty.app.services.db.transaction() as tx:
        code = (await duty.app.services.invitations.invite(tx, "admin", CLI)).code
    welcome = await duty.answer(duty.stranger, f"/start {code}")
    assert "Your role is admin" in welcome.text
    assert "add me to your duty group" in welcome.text
    told = await duty.told("Ivan opened an invitation and is now admin", LEAD)
    assert "🚫 Take access away" in labels(told)
    late = await duty.answer(duty.engineer, f"/start {code}")
    assert GONE in late.text
    assert labels(late) == ["Menu"]
    assert not [message for message in duty.of_bot(STRANGER) if "opened an invitation" in message.text]
    assert code not in caplog.text


async def test_a_stranger_with_an_old_link_may_still_ask(duty: Duty) -> None:
    late = await duty.answer(duty.stranger, "/start nothing-of-ours")
    assert GONE in late.text
    assert labels(late) == ["🔑 Ask for access"]
    async with duty.app.services.db.reading() as connection:
        assert await store.admin_ids(connection) == [LEAD]
