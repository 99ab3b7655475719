"""What happens to a letter: it is applied to the requests it speaks of, or a person is asked which one it means."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.clock import iso
from core.errors import UserError
from core.letters import content_store, store
from core.letters.deciding import Deciding
from core.letters.desk import OTHERS, SEVERAL, STRANGER, UNKNOWN, AlreadyDecidedError, is_listed
from core.letters.record import SPOKEN, KeptAttachment, Record
from core.requests.rules import is_working, working_time

__all__ = ["OTHERS", "SEVERAL", "STRANGER", "UNKNOWN", "AlreadyDecidedError", "LettersService", "is_listed"]

REMINDER_LIFE: Final = timedelta(hours=6)


class LettersService(Deciding):
    """The use cases of letters; joins the caller's transaction. A letter is applied once, whatever happens."""

    async def unseen(self, connection: AsyncConnection, source: str, keys: Sequence[str]) -> list[str]:
        """Those of a mailbox's keys that it has not shown before, in their order."""
        seen = await store.seen(connection, source, keys)
        return [key for key in keys if key not in seen]

    async def attachments(
        self, connection: AsyncConnection, *, letter_id: int | None = None, request_id: int | None = None
    ) -> list[KeptAttachment]:
        """The files that came with a letter, or with the letters about a request, oldest first; refused ones too."""
        if letter_id is not None:
            return await content_store.attachments_of_letter(connection, letter_id)
        return [] if request_id is None else await content_store.attachments_of_request(connection, request_id)

    async def attachment_content(self, connection: AsyncConnection, digest: str) -> bytes:
        """A kept file. Raises `UserError` when there is none of that digest."""
        found = await content_store.file(connection, digest)
        if found is None:
            raise UserError("This file is not kept any more.")
        return found

    async def may_change(self, connection: AsyncConnection, sender: str, senders: Sequence[str]) -> bool:
        """Whether letters from there may change a request: it is on the list, or a known contractor's address."""
        if is_listed(sender, senders):
            return True
        return bool(sender) and await self._contractors.of_address(connection, sender) is not None

    async def reopened(self, connection: AsyncConnection, record: Record) -> frozenset[str]:
        """The names of finished requests that a yes to this letter, or a link to one it may be about, would reopen."""
        if not record.waits:
            return frozenset()
        asked = [(each.request, each.position, each.status) for each in record.updates if record.state == "proposed"]
        found = [
            request
            for number, position, status in asked
            if self._goes_on(status)
            for request in await self._requests.find(connection, number, position)
        ]
        if self._goes_on(record.status):
            found += await self._all(connection, [each.request_id for each in record.candidates])
        finals = self.workflow.finals
        return frozenset(request.name for request in found if request.status in finals)

    def _goes_on(self, status: str | None) -> bool:
        """Whether a request with that status is not finished."""
        return self._known(status) is not None and status not in self.workflow.finals

    async def remind(
        self, tx: AsyncConnection, *, remind_after: timedelta | None = None, dry_run: bool = False
    ) -> list[Record]:
        """Tell of the letters that wait for a person for too long, each once; held outside working hours.

        `remind_after`: how much working time is too long, else the options'. `dry_run`: only find them.
        """
        now, hours = self._clock.now(), self.options.working_hours
        limit = self.options.remind_after if remind_after is None else remind_after
        if not dry_run and not is_working(hours, now):
            return []
        found = [
            record
            for record in await store.waiting(tx, now - limit, but=SPOKEN)
            if working_time(hours, record.waiting_since or record.recorded_at, now) >= limit
        ]
        if found and not dry_run:
            ids = [record.id for record in found]
            await store.set_reminded(tx, ids, now)
            telling = Telling(
                kind="letters_waiting",
                subject="letters:waiting",
                dedup=f"letters:waiting:{iso(now)}",
                topic="requests",
                mode="new",
                data={"ids": ids},
                expires_after=REMINDER_LIFE,
            )
            await self._alerts.tell(tx, telling)
        return found
