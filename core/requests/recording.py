"""What every change of a request writes: its history, its audit line and its notices."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.errors import UserError
from core.people.model import Actor
from core.people.service import PeopleService
from core.requests import store
from core.requests.model import HistoryEntry, Request, Workflow, WorkingHours


class Recording:
    """Requests and what is written of each change; joins the caller's transaction.

    `late_after`: silence that makes a request late.
    """

    def __init__(
        self,
        clock: Clock,
        workflow: Workflow,
        people: PeopleService,
        alerts: AlertsService,
        *,
        late_after: timedelta,
        working_hours: WorkingHours,
    ) -> None:
        self._clock = clock
        self.workflow = workflow
        self._people = people
        self._alerts = alerts
        self.late_after = late_after
        self._working_hours = working_hours

    async def get(self, tx: AsyncConnection, request_id: int) -> Request:
        """A request by its id. Raises `UserError` when there is none."""
        request = await store.get(tx, request_id)
        if request is None:
            raise UserError("This request does not exist any more.")
        return request

    async def _show_last_comment(self, tx: AsyncConnection, request_id: int) -> None:
        shown = await store.last_comment(tx, request_id)
        await store.change(
            tx,
            request_id,
            comment=shown.text if shown else "",
            comment_author=shown.actor if shown else "",
            commented_at=shown.at if shown else None,
        )

    async def _record(self, tx: AsyncConnection, entry: HistoryEntry, actor: Actor, ref: str | None) -> bool:
        """History, audit and notices of one change; False when this `ref` was recorded before."""
        return bool(await self._record_all(tx, {ref: entry}, actor))

    async def _record_all(
        self, tx: AsyncConnection, entries: Mapping[str, HistoryEntry] | Mapping[str | None, HistoryEntry], actor: Actor
    ) -> set[str]:
        """The same of several changes of one request by their `ref`, told once; the kinds of those that are new."""
        kinds: set[str] = set()
        last: int | None = None
        for ref, entry in entries.items():
            entry_id = await store.add_history(tx, entry, actor_id=actor.id, ref=ref)
            if entry_id is None:
                continue
            last = entry_id
            kinds.add(entry.kind)
            details = f"{entry.old} → {entry.new}" if entry.new else entry.text
            await self._people.audit(tx, actor, f"request-{entry.kind}", f"request:{entry.request_id}", details)
        if last is not None:
            subject = f"request:{next(iter(entries.values())).request_id}"
            dedup = f"{subject}:{last}"
            await self._alerts.tell(tx, Telling("request", subject, dedup, "requests", shown_in=actor.chat_id))
        return kinds
