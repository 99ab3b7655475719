"""What can be done with requests. Each change is written with its history, its audit line and its notices at once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.clock import iso
from core.errors import UserError
from core.people.model import Actor
from core.requests import contractor_store, rules, store
from core.requests.model import Draft, Filter, HistoryEntry, Request
from core.requests.undoing import Undoing
from core.text import N_

REMINDER_LIFE = timedelta(hours=6)


class AlreadyExistsError(UserError):
    """The (number, position) pair is taken; `request` is the one that has it."""

    def __init__(self, request: Request) -> None:
        super().__init__(N_("Request {name} exists already."), name=request.name)
        self.request = request


class RequestsService(Undoing):
    """The use cases of requests; joins the caller's transaction."""

    async def create(self, tx: AsyncConnection, draft: Draft, actor: Actor, *, ref: str | None = None) -> Request:
        """Make a request. Raises `AlreadyExistsError` when its pair is taken."""
        now = self._clock.now()
        request_id = await store.add(
            tx,
            {
                "request_number": rules.check_number(draft.number),
                "position_number": rules.check_position(draft.position),
                "title": rules.check_title(draft.title),
                "status": self.workflow.statuses[0].code,
                "created_at": now,
                "status_updated_at": now,
                "author": actor.name,
                "responsible_id": actor.id,
            },
        )
        if request_id is None:
            raise AlreadyExistsError((await store.find(tx, draft.number, draft.position))[0])
        while await self._alerts.told_of(tx, f"request:{request_id}"):  # SQLite gives the id of one taken back again
            request_id = await store.renumber(tx, request_id)
        entry = HistoryEntry(0, request_id, now, "created", actor.name, actor.origin, None, None, draft.title)
        await self._record(tx, entry, actor, ref)
        return await self.get(tx, request_id)

    async def find(self, tx: AsyncConnection, number: str, position: str | None = None) -> list[Request]:
        """The requests with that number; with a position at most one, else all positions in their order."""
        return await store.find(tx, number, position)

    async def unfinished(self, tx: AsyncConnection, *, limit: int) -> list[Request]:
        """The requests of which something is still expected, those with the latest news first."""
        final = self.workflow.finals
        wanted = Filter(statuses=tuple(code for code in self.workflow.codes if code not in final))
        return await store.list_requests(tx, wanted, limit=limit)

    async def open_numbers(self, tx: AsyncConnection) -> set[str]:
        """The numbers of requests of which something is still expected."""
        return await store.open_numbers(tx, self.workflow.finals)

    async def set_status(
        self,
        tx: AsyncConnection,
        request_id: int,
        status: str,
        actor: Actor,
        *,
        at: datetime | None = None,
        ref: str | None = None,
    ) -> Request:
        """Move a request to a status as of `at` (the letter's own time; default now). The same status: no change.

        A move as of a moment before the last one is history, not news: it is not applied.
        """
        rules.check_status(self.workflow, status)
        request = await self.get(tx, request_id)
        moment = min(at or self._clock.now(), self._clock.now())
        if not self._is_news(request, status, moment):
            return request
        entry = HistoryEntry(0, request_id, moment, "status", actor.name, actor.origin, request.status, status, "")
        if await self._record(tx, entry, actor, ref):
            await store.change(
                tx,
                request_id,
                status=status,
                status_updated_at=moment,
                moved_at=moment,
                reminded_at=None,
                remind_at=None,
            )
        return await self.get(tx, request_id)

    async def comment(
        self,
        tx: AsyncConnection,
        request_id: int,
        text: str,
        actor: Actor,
        *,
        at: datetime | None = None,
        ref: str | None = None,
    ) -> Request:
        """Add a comment as of `at` (the letter's own time; default now). The same `ref` counts once.

        All are in the history; the card shows the one with the latest moment, so that an old letter that comes late
        does not replace newer words.
        """
        text = rules.check_comment(text)
        request = await self.get(tx, request_id)
        moment = min(at or self._clock.now(), self._clock.now())
        entry = HistoryEntry(0, request.id, moment, "comment", actor.name, actor.origin, None, None, text)
        if await self._record(tx, entry, actor, ref):
            await self._show_last_comment(tx, request_id)
        return await self.get(tx, request_id)

    async def report(
        self, tx: AsyncConnection, request: Request, status: str | None, text: str, actor: Actor, at: datetime, ref: str
    ) -> bool:
        """What a letter says of a request that this transaction has just found: a status, words, or both; told once.

        As `set_status` with the `ref` `REF:status` and `comment` with `REF:comment`; whether the status moved.
        """
        moment = min(at, self._clock.now())
        moves = status is not None and self._is_news(request, status, moment)
        wanted: dict[str, HistoryEntry] = {}
        if status is not None and moves:
            rules.check_status(self.workflow, status)
            wanted[f"{ref}:status"] = HistoryEntry(
                0, request.id, moment, "status", actor.name, actor.origin, request.status, status, ""
            )
        if text:
            text = rules.check_comment(text)
            wanted[f"{ref}:comment"] = HistoryEntry(
                0, request.id, moment, "comment", actor.name, actor.origin, None, None, text
            )
        kinds = await self._record_all(tx, wanted, actor) if wanted else set()
        changes: dict[str, Any] = {}
        if "status" in kinds:
            changes |= {"status": status, "status_updated_at": moment, "moved_at": moment}
            changes |= {"reminded_at": None, "remind_at": None}
        if "comment" in kinds and (request.commented_at is None or moment >= request.commented_at):
            changes |= {"comment": text, "comment_author": actor.name, "commented_at": moment}
        if changes:
            await store.change(tx, request.id, **changes)
        return "status" in kinds

    def _is_news(self, request: Request, status: str, moment: datetime) -> bool:
        """Whether that status as of that moment moves the request."""
        return request.status != status and not (request.moved_at and moment < request.moved_at)

    async def set_contractor(
        self, tx: AsyncConnection, request_id: int, contractor_id: int | None, actor: Actor
    ) -> Request:
        """Say who answers a request, or that nobody does (None). Raises `UserError` for one who is archived or gone."""
        request = await self.get(tx, request_id)
        if request.contractor_id == contractor_id:
            return request
        contractor = None if contractor_id is None else await contractor_store.get(tx, contractor_id)
        if contractor_id is not None and (contractor is None or contractor.archived_at):
            raise UserError("This contractor does not exist any more.")
        await store.change(tx, request.id, contractor_id=contractor_id)
        name = contractor.name if contractor else ""
        now = self._clock.now()
        entry = HistoryEntry(0, request.id, now, "contractor", actor.name, actor.origin, None, None, name)
        await self._record(tx, entry, actor, None)
        return await self.get(tx, request_id)

    async def redraw(self, tx: AsyncConnection, contractor_id: int) -> None:
        """Let the cards of a contractor's unfinished requests show its present name."""
        now = self._clock.now().isoformat()
        for request_id in await contractor_store.open_requests(tx, contractor_id, self.workflow.finals):
            subject = f"request:{request_id}"
            await self._alerts.tell(
                tx, Telling("request", subject, f"{subject}:contractor:{now}", "requests", mode="refresh")
            )

    async def redraw_open(self, tx: AsyncConnection, mark: str) -> None:
        """Let the cards of unfinished requests show what holds now; `mark` names the occasion."""
        found = await store.open_ids(tx, self.workflow.finals)
        await self._alerts.redraw(tx, [f"request:{request_id}" for request_id in found], mark)

    async def snooze(self, tx: AsyncConnection, request_id: int, until: datetime, actor: Actor) -> Request:
        """Remind of this request at that moment instead, if its status has not moved by then."""
        request = await self.get(tx, request_id)
        now = self._clock.now()
        entry = HistoryEntry(0, request.id, now, "snooze", actor.name, actor.origin, None, None, iso(until))
        await store.add_history(tx, entry, actor_id=actor.id, ref=None)
        await store.change(tx, request.id, remind_at=until)
        await self._people.audit(tx, actor, "snooze", f"request:{request.id}", until.isoformat())
        return await self.get(tx, request_id)

    async def remind(
        self, tx: AsyncConnection, *, late_after: timedelta | None = None, dry_run: bool = False
    ) -> list[Request]:
        """Tell of the requests whose silence is too long, once for each silence; held outside working hours."""
        now = self._clock.now()
        if not dry_run and not rules.is_working(self._working_hours, now):
            return []
        late = await store.due(
            tx,
            finals=self.workflow.finals,
            now=now,
            silent_since=now - (self.late_after if late_after is None else late_after),
        )
        for request in [] if dry_run else late:
            await store.change(tx, request.id, reminded_at=now, remind_at=None)
            await self._alerts.tell(
                tx,
                Telling(
                    kind="reminder",
                    subject=f"request:{request.id}",
                    dedup=f"reminder:{request.id}:{(request.remind_at or request.status_updated_at).isoformat()}",
                    topic="requests",
                    mode="new",
                    expires_after=REMINDER_LIFE,
                ),
            )
        return late

    def late(self) -> Filter:
        """The filter for requests without news for too long, as of now."""
        return Filter(late_since=self._clock.now() - self.late_after)
