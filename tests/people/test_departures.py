"""Leaving, on both databases: the role, who may, and what each capability is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.engine import Database
from core.errors import UserError
from core.people import store
from core.people.departures import UNDO_WITHIN, AlreadyLeftError, DeparturesService
from core.people.model import Actor, Departure, Person, Reader
from core.people.service import PeopleService
from tests.conftest import ManualClock

TARAS, OKSANA, MARIA = 1, 2, 3
LEAD, OTHER = Actor("Taras", TARAS, "chat:1"), Actor("Maria", MARIA, "chat:3")


class Keys:
    """Something that people hold: bunches of keys, each with its holder."""

    def __init__(self) -> None:
        self.holders: dict[str, int | None] = {"front door": OKSANA, "server room": OKSANA}

    async def held(self, _connection: AsyncConnection, person_id: int) -> Mapping[str, int]:
        return {"keys": sum(holder == person_id for holder in self.holders.values())}

    async def hand_over(
        self, _tx: AsyncConnection, person: Person, heir: Person | None, _actor: Actor
    ) -> list[dict[str, Any]]:
        handed = [key for key, holder in self.holders.items() if holder == person.id]
        self.holders |= dict.fromkeys(handed, heir.id if heir else None)
        return [{"shown": key} for key in handed]

    async def give_back(
        self, _tx: AsyncConnection, handed: Sequence[Mapping[str, Any]], person: Person, _heir: Person | None
    ) -> None:
        self.holders |= dict.fromkeys((each["shown"] for each in handed), person.id)


class Team:
    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db = db
        self.keys = Keys()
        self.people = PeopleService(clock, (), Reader("en", "UTC"))
        self.departures = DeparturesService(clock, self.people, {"keys": self.keys})

    async def begin(self, roles: Mapping[int, str]) -> None:
        async with self.db.transaction() as tx:
            for person_id, name in ((TARAS, "Taras"), (OKSANA, "Oksana"), (MARIA, "Maria")):
                await self.people.meet(tx, Person(person_id, name))
            for person_id, role in roles.items():
                await self.people.change_role(tx, person_id, role, LEAD)

    async def leaves(self, person_id: int = OKSANA, heir_id: int | None = MARIA) -> Departure:
        async with self.db.transaction() as tx:
            return await self.departures.leave(tx, person_id, heir_id, LEAD)

    async def undone(self, departure: Departure, by: Actor = LEAD) -> Departure:
        async with self.db.transaction() as tx:
            return await self.departures.undo(tx, departure.id, by)

    async def set_role(self, person_id: int, role: str | None) -> None:
        async with self.db.transaction() as tx:
            await self.people.change_role(tx, person_id, role, LEAD)

    async def role(self, person_id: int = OKSANA) -> str | None:
        async with self.db.reading() as connection:
            person = await store.find_person(connection, person_id)
        return person.role if person else None


@pytest.fixture
async def team(db: Database, clock: ManualClock) -> Team:
    team = Team(db, clock)
    await team.begin({TARAS: "admin", OKSANA: "operator", MARIA: "viewer"})
    return team


async def test_the_role_goes_and_the_heir_has_everything(team: Team) -> None:
    departure = await team.leaves()
    assert await team.role() is None
    assert set(team.keys.holders.values()) == {MARIA}
    assert departure.handed == {"keys": [{"shown": "front door"}, {"shown": "server room"}]}


async def test_undone_everything_is_as_before(team: Team) -> None:
    assert (await team.undone(await team.leaves())).undone_at is not None
    assert await team.role() == "operator"
    assert set(team.keys.holders.values()) == {OKSANA}


async def test_it_is_undone_once_in_time_and_by_whoever_did_it(team: Team, clock: ManualClock) -> None:
    departure = await team.leaves()
    with pytest.raises(UserError, match="Only Taras can undo"):
        await team.undone(departure, OTHER)
    clock.advance(seconds=UNDO_WITHIN.total_seconds())
    with pytest.raises(UserError, match="cannot be undone any more"):
        await team.undone(departure)
    clock.advance(seconds=-1)
    await team.undone(departure)
    with pytest.raises(UserError, match="cannot be undone any more"):
        await team.undone(departure)


async def test_a_role_given_meanwhile_stays(team: Team) -> None:
    departure = await team.leaves()
    await team.set_role(OKSANA, "viewer")
    await team.undone(departure)
    assert await team.role() == "viewer"


@pytest.mark.parametrize("heir", [OKSANA, 77])
async def test_only_somebody_else_with_a_role_takes_over(team: Team, heir: int) -> None:
    with pytest.raises(UserError, match="somebody else who has a role"):
        await team.leaves(heir_id=heir)
    await team.set_role(MARIA, None)
    with pytest.raises(UserError, match="somebody else who has a role"):
        await team.leaves()
    assert await team.role() == "operator"
    assert set(team.keys.holders.values()) == {OKSANA}


async def test_the_only_admin_stays(team: Team) -> None:
    with pytest.raises(UserError, match="Taras is the only admin"):
        await team.leaves(TARAS)
    assert await team.role(TARAS) == "admin"


async def test_whose_role_went_before_still_hands_over_and_then_has_left(team: Team) -> None:
    await team.set_role(OKSANA, None)
    departure = await team.leaves()
    assert set(team.keys.holders.values()) == {MARIA}
    with pytest.raises(AlreadyLeftError) as already:
        await team.leaves()
    assert already.value.departure == departure
    await team.undone(departure)
    assert await team.role() is None
