"""What can be done with requests. Each change is written with its history, its audit line and its notices at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock, iso
from core.errors import UserError
from core.people.model import Actor
from core.people.service import PeopleService
from core.requests import contractor_store, rules, store
from core.requests.model import Draft, Filter, HistoryEntry, Press, Request, Workflow, WorkingHours

REMINDER_LIFE = timedelta(hours=6)
UNDO_WITHIN = timedelta(minutes=2)
"""So long may the author of a press take it back."""
RECENT = 500
"""Rows of the history that are looked at after a start for offers whose time ended meanwhile."""
_LETTER = "letter:"
"""How the ref of what a letter brought begins: that is taken back where the letter is shown."""


class AlreadyExistsError(UserError):
    """The (number, position) pair is taken; `request` is the one that has it."""

    def __init__(self, request: Request) -> None:
        super().__init__("Request {name} exists already.", name=request.name)
        self.request = request


class TooLateError(UserError):
    """What was done to `request` cannot be undone any more: its time is over, or something came after it."""

    def __init__(self, request: Request) -> None:
        super().__init__("This cannot be undone any more. Press the status that is right.")
        self.request = request


class RequestsService:
    """The use cases of requests; joins the caller's transaction. `late_after`: silence that makes one late."""

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
        self._offers_ended: int | None = None

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
            },
        )
        if request_id is None:
            raise AlreadyExistsError((await store.find(tx, draft.number, draft.position))[0])
        entry = HistoryEntry(0, request_id, now, "created", actor.name, actor.origin, None, None, draft.title)
        await self._record(tx, entry, actor, ref)
        return await self.get(tx, request_id)

    async def get(self, tx: AsyncConnection, request_id: int) -> Request:
        """A request by its id. Raises `UserError` when there is none."""
        request = await store.get(tx, request_id)
        if request is None:
            raise UserError("This request does not exist any more.")
        return request

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

    async def take_back(self, tx: AsyncConnection, request_id: int, refs: Sequence[str], actor: Actor) -> Request:
        """Undo the move and the comment that were recorded under these refs, which may then be used again.

        The request is as if they had never been, unless it has moved since: then its status stays. What was taken
        back stays in the history, marked. Refs that recorded nothing: no change.
        """
        request = await self.get(tx, request_id)
        entries = await store.recorded(tx, request.id, refs)
        return await self._take_back(tx, request, entries, actor) if entries else request

    async def last_press(self, connection: AsyncConnection, request_id: int) -> Press | None:
        """What a person did to a request last, if that may still be undone: within `UNDO_WITHIN`.

        A creation only while nothing else has happened to the request.
        """
        found = await store.last_press(connection, request_id)
        if found is None:
            return None
        entry, author_id, ref = found
        until = entry.at + UNDO_WITHIN
        if author_id is None or (ref or "").startswith(_LETTER) or self._clock.now() >= until:
            return None
        return Press(entry.id, entry.kind, author_id, entry.actor, until)

    async def undo(self, tx: AsyncConnection, request_id: int, press_id: int, actor: Actor) -> Request | None:
        """Take back what the actor has just done; the request as it is then, None when its creation was taken back.

        Raises `TooLateError`, and `UserError` for somebody else's press.
        """
        request = await self.get(tx, request_id)
        press = await self.last_press(tx, request.id)
        if press is None or press.id != press_id:
            raise TooLateError(request)
        if press.author_id != actor.id:
            raise UserError("Only {name} can undo this. Press the status that is right.", name=press.author)
        entry = await store.last_press(tx, request.id)
        if press.kind == "status" and entry is not None:
            return await self._take_back(tx, request, [entry[0]], actor)
        await self._unmake(tx, request, actor)
        return None

    async def end_offers(self, tx: AsyncConnection) -> None:
        """Let cards lose the button for undoing where its time is over. To be called now and then."""
        if self._offers_ended is None:
            self._offers_ended = max(0, await store.last_entry_id(tx) - RECENT)
        for entry in await store.presses(tx, self._offers_ended, self._clock.now() - UNDO_WITHIN):
            subject = f"request:{entry.request_id}"
            await self._alerts.tell(
                tx, Telling("request", subject, f"{subject}:{entry.id}:kept", "requests", "refresh")
            )
            self._offers_ended = entry.id

    async def _unmake(self, tx: AsyncConnection, request: Request, actor: Actor) -> None:
        """Delete a request as if it had never been made; its cards say so."""
        try:
            async with tx.begin_nested():
                await store.remove(tx, request.id)
        except IntegrityError as error:
            raise UserError("A letter speaks of this request already. Cancel it instead.") from error
        subject = f"request:{request.id}"
        await self._people.audit(tx, actor, "request-undone", subject, f"{request.name} {request.title}")
        data = {"unmade": request.name, "by": actor.name}
        await self._alerts.tell(
            tx, Telling("request", subject, f"{subject}:unmade", "requests", mode="refresh", data=data)
        )

    async def _take_back(
        self, tx: AsyncConnection, request: Request, entries: Sequence[HistoryEntry], actor: Actor
    ) -> Request:
        now = self._clock.now()
        last = await store.last_move(tx, request.id)
        await store.undo(tx, [entry.id for entry in entries], now)
        moved_back = last is not None and last.id in {entry.id for entry in entries}
        if moved_back:
            await self._move_back(tx, request)
        await self._show_last_comment(tx, request.id)
        after = await self.get(tx, request.id)
        entry = HistoryEntry(
            id=0,
            request_id=request.id,
            at=now,
            kind="undone",
            actor=actor.name,
            origin=actor.origin,
            old=next((entry.new for entry in reversed(entries) if entry.kind == "status"), None),
            new=after.status if moved_back else None,
            text=next((entry.text for entry in reversed(entries) if entry.kind == "comment"), ""),
        )
        await self._record(tx, entry, actor, None)
        return after

    async def _move_back(self, tx: AsyncConnection, request: Request) -> None:
        """Let the status, its moments and the reminders be what the moves that still count make them.

        A silence that was reminded of before is not told again: its notice is known by the silence's beginning.
        """
        last = await store.last_move(tx, request.id)
        status = last.new if last else await store.first_status(tx, request.id)
        await store.change(
            tx,
            request.id,
            status=status or self.workflow.statuses[0].code,
            status_updated_at=last.at if last else request.created_at,
            moved_at=last.at if last else None,
            reminded_at=None,
            remind_at=await store.last_snooze(tx, request.id, after=last.id if last else 0),
        )

    async def _show_last_comment(self, tx: AsyncConnection, request_id: int) -> None:
        shown = await store.last_comment(tx, request_id)
        await store.change(
            tx,
            request_id,
            comment=shown.text if shown else "",
            comment_author=shown.actor if shown else "",
            commented_at=shown.at if shown else None,
        )

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
