"""Mailboxes: how far each was read, what becomes of what lay there before, and how far its readings are trusted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Mode as Shown
from core.alerts.model import Telling
from core.clock import iso
from core.errors import UserError
from core.letters import mailbox_store, store, triage
from core.letters.mailboxes import ANSWERS_TO_TRUST, MailboxState, Tried
from core.letters.placing import Placing
from core.letters.record import SPOKEN, Answer, Effect, HistorySummary, Record
from core.people.model import Actor


class Histories(Placing):
    """History is not news: what a mailbox held before the watch began changes nothing until a person says so."""

    async def mailbox(self, connection: AsyncConnection, name: str) -> MailboxState | None:
        """What is remembered of a mailbox; None when it was never looked into."""
        return await mailbox_store.get(connection, name)

    async def mailbox_names(self, connection: AsyncConnection) -> list[str]:
        """The mailboxes that were ever looked into."""
        return await mailbox_store.names(connection)

    async def begin(self, tx: AsyncConnection, name: str, identity: str, *, has_history: bool) -> MailboxState:
        """The mailbox, remembered from now on. Another `identity` than before starts anew; trust stays."""
        known = await mailbox_store.get(tx, name)
        if known is not None and known.identity == identity:
            return known
        state = MailboxState(name, identity, self._clock.now(), "collecting" if has_history else "none")
        if known is not None:
            state = replace(state, confirmed=known.confirmed, corrected=known.corrected, trusted_at=known.trusted_at)
            state = replace(state, late_since=known.late_since)
        await mailbox_store.save(tx, state)
        return state

    async def advance(self, tx: AsyncConnection, name: str, cursor: str | None, *, complete: bool) -> MailboxState:
        """Move the cursor. `complete`: a whole pass went well, which ends the collecting of history.

        Then a person is asked what shall become of it, if there is any.
        """
        state = replace(await self._mailbox(tx, name), cursor=cursor)
        if complete:
            state = replace(state, synced_at=self._clock.now(), tried={})
            if state.history == "collecting":
                summary = await self._summary(tx, state)
                state = replace(state, history="asked" if summary.letters else "skipped", summary=summary)
        await mailbox_store.save(tx, state)
        if complete and state.history == "asked" and state.summary is not None:
            await self._tell_of_mailbox(tx, state, "first_pass", f"first_pass:{name}:{iso(state.started_at)}", "new")
        return state

    async def note_tried(self, tx: AsyncConnection, name: str, tried: Mapping[str, Tried]) -> None:
        """Remember which letters of a mailbox could not be had, in place of what was remembered of that."""
        await mailbox_store.save(tx, replace(await self._mailbox(tx, name), tried=tried))

    async def late_mailboxes(self, connection: AsyncConnection) -> dict[str, datetime]:
        """The mailboxes that were not read for so long that what is known may be old, and since when."""
        return await mailbox_store.late(connection, self.options.mailboxes)

    async def note_late(self, tx: AsyncConnection, late: Mapping[str, datetime | None]) -> None:
        """Remember since when each of these mailboxes was not read, None: it is read again.

        What is news redraws the cards of open requests.
        """
        news = [name for name, since in late.items() if await mailbox_store.set_late(tx, name, since)]
        if news:
            await self._requests.redraw_open(tx, f"late:{','.join(news)}:{iso(self._clock.now())}")

    async def decide_history(
        self, tx: AsyncConnection, name: str, choice: Literal["apply", "skip"], actor: Actor
    ) -> MailboxState:
        """Say what becomes of a mailbox's history, once; later answers change nothing and are given the state."""
        state = await self._mailbox(tx, name)
        if state.history != "asked":
            return state
        state = replace(state, history="applying" if choice == "apply" else "skipped")
        await mailbox_store.save(tx, state)
        await self._people.audit(tx, actor, f"history-{choice}", f"mailbox:{name}", "")
        await self._redraw(tx, state)
        return state

    async def apply_history(self, tx: AsyncConnection, name: str, limit: int) -> bool:
        """Apply so many letters of a mailbox's history, oldest first by their own time; whether more are left."""
        state = await self._mailbox(tx, name)
        if state.history != "applying":
            return False
        batch = await store.history(tx, name, state.started_at, limit)
        for record in batch:
            effects = await self._apply_old(tx, record)
            requests = (*state.changed_requests, *(effect.request_id for effect in effects))
            state = replace(
                state,
                changed_letters=state.changed_letters + bool(effects),
                changed_requests=tuple(dict.fromkeys(requests)),
            )
        if len(batch) < limit:
            letters = state.summary.letters if state.summary else 0
            done = HistorySummary(letters, state.changed_letters, len(state.changed_requests))
            state = replace(state, history="applied", summary=done)
            await self._redraw(tx, state)
        await mailbox_store.save(tx, state)
        return state.history == "applying"

    async def trust(self, tx: AsyncConnection, name: str, actor: Actor) -> MailboxState:
        """Let a mailbox's readings be applied by themselves from now on. Said before: no change."""
        state = await self._mailbox(tx, name)
        if state.trusted_at is None:
            state = replace(state, trusted_at=self._clock.now())
            await mailbox_store.save(tx, state)
            await self._people.audit(tx, actor, "mailbox-trusted", f"mailbox:{name}", _score(state))
            await self._tell_of_mailbox(tx, state, "trust", f"trusted:{name}:{iso(self._clock.now())}", "refresh")
        return state

    # --- the parts

    async def _mailbox(self, connection: AsyncConnection, name: str) -> MailboxState:
        state = await mailbox_store.get(connection, name)
        if state is None:
            raise UserError("This mailbox is not known any more.")
        return state

    async def _summary(self, connection: AsyncConnection, state: MailboxState) -> HistorySummary:
        """How many letters there are, how many speak of requests that are surely meant, and of how many."""
        found = await store.history(connection, state.name, state.started_at)
        changing, requests = 0, set[int]()
        for kept in found:
            record = await self._with_contractor(connection, kept)
            if record.is_another or (record.contractor_id is None and record.standing == "stranger"):
                continue
            placed, _, _ = await self._place(connection, record, record.updates)
            changing += bool(placed)
            requests.update(request.id for request, _ in placed)
        return HistorySummary(len(found), changing, len(requests))

    async def _apply_old(self, tx: AsyncConnection, record: Record) -> tuple[Effect, ...]:
        """Do what a letter of the history says, as if it came now."""
        content = await self.content(tx, record.id)
        if content is None:  # nobody could read it
            return (await self._ask(tx, record, triage.Waiting())).effects
        record = await self._with_contractor(tx, replace(record, state="triage"))
        return (await self._settle(tx, record, content, mode="apply")).effects

    async def _answer(self, tx: AsyncConnection, record: Record, answer: Answer, *, back: bool = False) -> None:
        """Count what a person said of a reading; with enough answers, offer to apply by itself. `back`: unsaid."""
        if record.source == SPOKEN or not answer:
            return
        one = -1 if back else 1
        await mailbox_store.count_answer(
            tx, record.source, confirmed=one * (answer == "confirmed"), corrected=one * (answer == "corrected")
        )
        state = await mailbox_store.get(tx, record.source)
        if back or state is None or state.trusted_at is not None:
            return
        if state.confirmed + state.corrected >= ANSWERS_TO_TRUST:
            await self._tell_of_mailbox(tx, state, "trust", f"trust:{state.name}", "new")

    async def _redraw(self, tx: AsyncConnection, state: MailboxState) -> None:
        dedup = f"first_pass:{state.name}:{iso(state.started_at)}:{state.history}"
        await self._tell_of_mailbox(tx, state, "first_pass", dedup, "refresh")

    async def _tell_of_mailbox(
        self, tx: AsyncConnection, state: MailboxState, kind: str, dedup: str, mode: Shown
    ) -> None:
        await self._alerts.tell(tx, Telling(kind, f"mailbox:{state.name}", dedup, "requests", mode))


def _score(state: MailboxState) -> str:
    return f"{state.confirmed} of {state.confirmed + state.corrected}"
