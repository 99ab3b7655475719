"""Somebody leaves: their role is taken away, and what they hold goes to whoever takes over, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.errors import UserError
from core.people import departures_store, store
from core.people.model import Actor, Departure, Person
from core.people.service import PeopleService
from core.text import N_

UNDO_WITHIN: Final = timedelta(minutes=2)
"""So long may whoever let somebody leave take it back."""


class Estate(Protocol):
    """What people hold in one capability. Its methods join the transaction or connection they are given."""

    async def held(self, connection: AsyncConnection, person_id: int) -> Mapping[str, int]:
        """How much of each kind a person holds; kinds without any may be left out."""
        ...

    async def hand_over(
        self, tx: AsyncConnection, person: Person, heir: Person | None, actor: Actor
    ) -> list[dict[str, Any]]:
        """Give everything to the heir, or to nobody. Of each thing what `give_back` needs (JSON) and, as `shown`, a
        name.
        """
        ...

    async def give_back(
        self, tx: AsyncConnection, handed: Sequence[Mapping[str, Any]], person: Person, heir: Person | None
    ) -> None:
        """Undo `hand_over`, except where a thing has gone to somebody else since."""
        ...


class AlreadyLeftError(UserError):
    """There is nothing left to take away; `departure` is how the person left, if they did."""

    def __init__(self, person: Person, departure: Departure | None) -> None:
        super().__init__(N_("{name} has left already."), name=person.name)
        self.departure = departure


class DeparturesService:
    """Lets people leave. Its methods join the transaction or connection they are given."""

    def __init__(self, clock: Clock, people: PeopleService, estates: Mapping[str, Estate]) -> None:
        self._clock = clock
        self._people = people
        self._estates = estates

    async def held(self, connection: AsyncConnection, person_id: int) -> dict[str, int]:
        """How much of each kind a person holds, without the kinds they hold nothing of."""
        found: dict[str, int] = {}
        for estate in self._estates.values():
            found |= await estate.held(connection, person_id)
        return {kind: n for kind, n in found.items() if n}

    async def leave(self, tx: AsyncConnection, person_id: int, heir_id: int | None, actor: Actor) -> Departure:
        """Take a person's role away and hand over what they hold, to nobody when `heir_id` is None.

        Raises `UserError` where the heir has no role or the person may not lose theirs (`PeopleService.check_revoke`),
        `AlreadyLeftError` when there is nothing to do.
        """
        person = await self._people.check_revoke(tx, person_id)
        if person.role is None and not await self.held(tx, person_id):
            raise AlreadyLeftError(person, await departures_store.latest(tx, person_id))
        heir = None if heir_id is None else await self._heir(tx, person, heir_id)
        if person.role is not None:
            await self._people.change_role(tx, person_id, None, actor)
        handed = {name: await estate.hand_over(tx, person, heir, actor) for name, estate in self._estates.items()}
        told = [f"{name}: {len(things)}" for name, things in handed.items()]
        details = f"{person.role or '-'} → {heir.name if heir else '-'}; {', '.join(told)}"
        await self._people.audit(tx, actor, "left", f"person:{person_id}", details)
        now = self._clock.now()
        return await departures_store.add(
            tx, Departure(0, person_id, heir_id, person.role, actor.id, actor.name, now, handed)
        )

    async def _heir(self, tx: AsyncConnection, person: Person, heir_id: int) -> Person:
        heir = await store.find_person(tx, heir_id)
        if heir is None or heir.role is None or heir.id == person.id:
            raise UserError("Only somebody else who has a role can take over. Choose again.")
        return heir

    async def find(self, connection: AsyncConnection, departure_id: int) -> Departure | None:
        """A departure by its id."""
        return await departures_store.find(connection, departure_id)

    async def latest(self, connection: AsyncConnection, person_id: int) -> Departure | None:
        """How a person left last."""
        return await departures_store.latest(connection, person_id)

    def may_undo(self, departure: Departure) -> bool:
        """Whether there is still time to take it back."""
        return departure.undone_at is None and self._clock.now() < departure.at + UNDO_WITHIN

    async def undo(self, tx: AsyncConnection, departure_id: int, actor: Actor) -> Departure:
        """Let the person have their role again, and what is still where it was handed to. Whoever was given another
        role meanwhile keeps that.

        Raises `UserError` for somebody else than who let them leave, and when the time is over.
        """
        departure = await departures_store.find(tx, departure_id)
        if departure is None or not self.may_undo(departure):
            raise UserError("This cannot be undone any more.")
        if departure.by_id != actor.id:
            raise UserError("Only {name} can undo this.", name=departure.by)
        person = await self._people.known(tx, departure.person_id)
        if person.role is None and departure.role is not None:
            person = await self._people.change_role(tx, person.id, departure.role, actor)
        heir = None if departure.heir_id is None else await self._people.known(tx, departure.heir_id)
        for name, estate in self._estates.items():
            await estate.give_back(tx, departure.handed.get(name, ()), person, heir)
        await departures_store.mark_undone(tx, departure.id, self._clock.now())
        await self._people.audit(tx, actor, "left-undone", f"person:{person.id}", f"- → {person.role or '-'}")
        return await departures_store.find(tx, departure.id) or departure
