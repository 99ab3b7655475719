"""Subscriptions go from somebody who leaves to whoever takes over."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Destination
from core.files import following_store
from core.files.following import FollowingService
from core.people.model import Actor, Person


class FollowsHandover:
    """What people hold in files (`core.people.departures.Estate`): what they follow in private.

    What they wished for a group stays the group's.
    """

    def __init__(self, following: FollowingService) -> None:
        self._following = following

    async def held(self, connection: AsyncConnection, person_id: int) -> Mapping[str, int]:
        """`follows`: subscriptions."""
        return {"follows": await following_store.count_of(connection, Destination(person_id))}

    async def hand_over(
        self, tx: AsyncConnection, person: Person, heir: Person | None, _actor: Actor
    ) -> list[dict[str, Any]]:
        """The heir is told from now on; without one, and where the heir follows the same words, it ends.

        Of each the whole `follow`.
        """
        handed = []
        for follow in await following_store.list_of(tx, Destination(person.id)):
            handed.append({"shown": follow.words, "follow": following_store.as_data(follow)})
            if heir is None or not await self._following.pass_on(tx, follow, heir.id):
                await following_store.drop(tx, follow.id)
        return handed

    async def give_back(
        self, tx: AsyncConnection, handed: Sequence[Mapping[str, Any]], person: Person, heir: Person | None
    ) -> None:
        """The person is told again, also of what ended by the handing over or by the heir since."""
        for each in handed:
            before = following_store.of_data(each["follow"])
            now = await following_store.find(tx, before.id)
            if now is None:
                now = replace(before, message=before.message + 1)  # the heir's had that number
            elif heir is None or now.to != Destination(heir.id):
                continue
            await self._following.pass_on(tx, now, person.id)
