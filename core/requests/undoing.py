"""Taking back what was done to a request: by its author within two minutes, or with the letter that said it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.errors import UserError
from core.people.model import Actor
from core.requests import store
from core.requests.model import HistoryEntry, Press, Request
from core.requests.recording import Recording
from core.text import N_

UNDO_WITHIN = timedelta(minutes=2)
"""So long may the author of a press take it back."""
RECENT = 500
"""Rows of the history that are looked at after a start for offers whose time ended meanwhile."""
_LETTER = "letter:"
"""How the ref of what a letter brought begins: that is taken back where the letter is shown."""


class TooLateError(UserError):
    """What was done to `request` cannot be undone any more: its time is over, or something came after it."""

    def __init__(self, request: Request) -> None:
        super().__init__(N_("This cannot be undone any more. Press the status that is right."))
        self.request = request


class Undoing(Recording):
    """The use cases of taking back."""

    _offers_ended: int | None = None
    """The last row of the history whose offer was ended; None before the first look."""

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
