"""What can be done with contractors. Each change is in the audit trail."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.errors import UserError
from core.people.model import Actor
from core.people.service import PeopleService
from core.requests import contractor_rules as rules
from core.requests import contractor_store as store
from core.requests.model import Contractor, Workflow


class ContractorsService:
    """The use cases of contractors; joins the caller's transaction.

    Every change raises `UserError` for a contractor that is archived or was never there.
    """

    def __init__(self, clock: Clock, people: PeopleService) -> None:
        self._clock = clock
        self._people = people

    async def get(self, connection: AsyncConnection, contractor_id: int) -> Contractor:
        """A contractor by its id, archived or not. Raises `UserError` when there is none."""
        found = await store.get(connection, contractor_id)
        if found is None:
            raise UserError("This contractor does not exist any more.")
        return found

    async def list(self, connection: AsyncConnection) -> list[Contractor]:
        """The contractors that are not archived, by name."""
        return await store.list_contractors(connection)

    async def find(self, connection: AsyncConnection, name: str) -> Contractor | None:
        """The contractor of that name, whatever its case; None when there is none or it is archived."""
        found = await store.find(connection, " ".join(name.split()))
        return None if found is None or found.archived_at else found

    async def of_address(self, connection: AsyncConnection, address: str) -> Contractor | None:
        """Whose that address is: by the exact address, else by its domain, else by the nearest domain above."""
        patterns = rules.patterns_of(address)
        owners = await store.owners(connection, patterns)
        owner = next((owners[each] for each in patterns if each in owners), None)
        return None if owner is None else await self.get(connection, owner)

    async def count_open(self, connection: AsyncConnection, contractor_id: int, workflow: Workflow) -> int:
        """How many unfinished requests a contractor has."""
        return len(await store.open_requests(connection, contractor_id, workflow.finals))

    async def create(self, tx: AsyncConnection, name: str, actor: Actor) -> Contractor:
        """Make a contractor; an archived one of that name is brought back. Raises `UserError` for a taken name."""
        name = rules.check_name(name)
        known = await self._free_name(tx, name)
        if known is None:
            contractor_id = await store.add(tx, name, self._clock.now())
        else:
            contractor_id = known.id
            await store.change(tx, contractor_id, name=name, archived_at=None)
        return await self._changed(tx, contractor_id, actor, "created", name)

    async def rename(self, tx: AsyncConnection, contractor_id: int, name: str, actor: Actor) -> Contractor:
        """Call a contractor something else. Raises `UserError` for a taken name."""
        contractor, name = await self._present(tx, contractor_id), rules.check_name(name)
        if await self._free_name(tx, name, but=contractor_id):
            raise UserError("An archived contractor is called {name}.", name=name)
        await store.change(tx, contractor_id, name=name)
        return await self._changed(tx, contractor_id, actor, "renamed", f"{contractor.name} → {name}")

    async def add_pattern(self, tx: AsyncConnection, contractor_id: int, pattern: str, actor: Actor) -> Contractor:
        """Say that letters from an address or a domain are the contractor's.

        Raises `UserError` when another contractor has it, or strangers share the domain (a public mail provider).
        """
        contractor, pattern = await self._present(tx, contractor_id), rules.check_pattern(pattern)
        owner = (await store.owners(tx, [pattern])).get(pattern)
        if owner == contractor_id:
            return contractor
        if owner is not None:
            raise UserError("{pattern} belongs to {name}.", pattern=pattern, name=(await self.get(tx, owner)).name)
        await store.add_pattern(tx, contractor_id, pattern)
        return await self._changed(tx, contractor_id, actor, "address-added", pattern)

    async def remove_pattern(self, tx: AsyncConnection, contractor_id: int, pattern: str, actor: Actor) -> Contractor:
        """Letters from there are not the contractor's any more. One it does not have: no change."""
        contractor = await self._present(tx, contractor_id)
        if not await store.remove_patterns(tx, contractor_id, pattern):
            return contractor
        return await self._changed(tx, contractor_id, actor, "address-removed", pattern)

    async def set_hours(
        self, tx: AsyncConnection, contractor_id: int, hours: str, days: Sequence[str], actor: Actor
    ) -> Contractor:
        """Say when a contractor works: `09:00-18:00` on these days (`DAYS`); '' and () for not said."""
        await self._present(tx, contractor_id)
        hours, days = rules.check_hours(hours, days)
        await store.change(tx, contractor_id, working_hours=hours, working_days=[*days])
        return await self._changed(tx, contractor_id, actor, "hours", f"{','.join(days)} {hours}".strip())

    async def archive(self, tx: AsyncConnection, contractor_id: int, actor: Actor) -> Contractor:
        """Do not offer a contractor any more: its addresses are free, its requests keep it. Twice: no change."""
        contractor = await self.get(tx, contractor_id)
        if contractor.archived_at:
            return contractor
        await store.remove_patterns(tx, contractor_id)
        await store.change(tx, contractor_id, archived_at=self._clock.now())
        return await self._changed(tx, contractor_id, actor, "archived", contractor.name)

    async def _present(self, tx: AsyncConnection, contractor_id: int) -> Contractor:
        contractor = await self.get(tx, contractor_id)
        if contractor.archived_at:
            raise UserError(
                "{name} is archived. /contractors makes a contractor of that name again.", name=contractor.name
            )
        return contractor

    async def _free_name(self, tx: AsyncConnection, name: str, *, but: int | None = None) -> Contractor | None:
        """The archived contractor of that name, if any. Raises `UserError` when it is a present one's."""
        known = await store.find(tx, name)
        if known is None or known.id == but:
            return None
        if not known.archived_at:
            raise UserError("There is a contractor {name} already.", name=known.name)
        return known

    async def _changed(
        self, tx: AsyncConnection, contractor_id: int, actor: Actor, action: str, details: str
    ) -> Contractor:
        await self._people.audit(tx, actor, f"contractor-{action}", f"contractor:{contractor_id}", details)
        return await self.get(tx, contractor_id)
