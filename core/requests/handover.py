"""Unfinished requests go from somebody who leaves to whoever takes over."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.people.model import Actor, Person
from core.requests import responsible_store, store
from core.requests.model import HistoryEntry, Workflow

_TOGETHER: Final = 500
"""Ids in one statement."""


class RequestsHandover:
    """What people hold in requests (`core.people.departures.Estate`): the unfinished ones for which they answer."""

    def __init__(self, clock: Clock, workflow: Workflow, alerts: AlertsService) -> None:
        self._clock = clock
        self._workflow = workflow
        self._alerts = alerts

    async def held(self, connection: AsyncConnection, person_id: int) -> Mapping[str, int]:
        """`requests`, and of these `reminders`: those that are to be reminded of at a moment somebody chose."""
        requests, reminders = await responsible_store.count_open(connection, person_id, self._workflow.finals)
        return {"requests": requests, "reminders": reminders}

    async def hand_over(
        self, tx: AsyncConnection, person: Person, heir: Person | None, actor: Actor
    ) -> list[dict[str, Any]]:
        """Somebody else is responsible from now on, and histories and cards say so.

        Of each request its `id` and the `entry` of its history.
        """
        now, handed = self._clock.now(), []
        heir_id, heir_name = (heir.id, heir.name) if heir else (None, "")
        for held in await responsible_store.take_over(tx, person.id, heir_id, self._workflow.finals):
            entry = HistoryEntry(0, held.id, now, "responsible", actor.name, actor.origin, None, None, heir_name)
            entry_id = await store.add_history(tx, entry, actor_id=actor.id, ref=None)
            name = f"{held.number}/{held.position}" if held.position else held.number
            handed.append({"id": held.id, "shown": f"{name} {held.title}", "entry": entry_id})
            await self._redraw(tx, held.id, f"handed:{entry_id}")
        return handed

    async def give_back(
        self, tx: AsyncConnection, handed: Sequence[Mapping[str, Any]], person: Person, heir: Person | None
    ) -> None:
        """The person is responsible again for what the heir still is; the histories strike the change out."""
        entries = {each["id"]: each["entry"] for each in handed}
        for start in range(0, len(handed), _TOGETHER):
            ids = list(entries)[start : start + _TOGETHER]
            back = await responsible_store.give_back(tx, ids, heir.id if heir else None, person.id)
            await store.undo(tx, [entries[request_id] for request_id in back], self._clock.now())
            for request_id in back:
                await self._redraw(tx, request_id, f"back:{entries[request_id]}")

    async def _redraw(self, tx: AsyncConnection, request_id: int, mark: str) -> None:
        subject = f"request:{request_id}"
        await self._alerts.tell(tx, Telling("request", subject, f"{subject}:{mark}", "requests", "refresh"))
