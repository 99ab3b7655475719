"""The courier: reads the notices and tells the right chats, once.

One sender at a time (a lease), each chat in order, chats side by side, at the pace that Telegram allows. A row is
marked as leaving before its message leaves, so a crash at any point loses nothing and repeats nothing unmarked.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.cards import repeated
from bot.alerts.parcels import Delivered, LineState, Parcel
from bot.chat.cards import Card
from bot.chat.outbound import Outbound
from core.alerts.model import Account, Destination, Head, Notice
from core.alerts.outbox import LEASE, LeaseLost, Outbox
from core.alerts.rules import Answer, Batch, backoff, decide
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database
from core.errors import AuthFailed
from core.health.service import HealthService
from core.people.model import Reader
from core.text import N_, translator

log = logging.getLogger(__name__)

SOURCE: Final = "telegram"
IN_FLIGHT: Final = 16
LOOK_EVERY: Final = 1.0
"""Seconds between looks when nothing wakes the courier: rows of other processes, rows held until a moment."""
RENEW_EVERY: Final = 3.0
REFUSED: Final = N_("Telegram refuses the bot's token.")

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]
"""Makes the card of a notice from the present state; None when there is nothing to show any more."""
ReaderOf = Callable[[AsyncConnection, int], Awaitable[Reader]]
"""For whom a push into that chat is written."""
Introduce = Callable[[AsyncConnection, Account], Awaitable[object]]
"""Learns which bot we are, before anything is delivered: messages of another one cannot be edited."""


class Running(Protocol):
    """Work that was started and can be ended: an `asyncio.Task`."""

    def cancel(self) -> bool:
        """End it."""
        ...


Spawn = Callable[[str, Coroutine[Any, Any, None]], Running]


class Courier:
    """Delivers notices until drained. `spawn` starts a delivery beside the loop; `beat` is called at each look.

    With `introduce`, nothing is delivered before Telegram has said who we are.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        outbound: Outbound,
        renderers: Mapping[str, Renderer],
        reader_of: ReaderOf,
        spawn: Spawn,
        *,
        alerts: AlertsService,
        health: HealthService,
        holder: str,
        introduce: Introduce | None = None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._line = outbound.line
        self._pace = outbound.pace
        self._renderers = renderers
        self._reader_of = reader_of
        self._spawn = spawn
        self._alerts = alerts
        self._health = health
        self._introduce = introduce
        self._beat = beat
        self._outbox = Outbox(clock, holder)
        self._wake = asyncio.Event()
        self._leaving: dict[int, Parcel] = {}  # by chat: at most one is on its way
        self._back: list[Delivered] = []
        self._line_state = LineState(unknown=introduce is not None)
        self._held: dict[int, tuple[int, float]] = {}  # by chat: failures in a row, until when it is left alone
        self._lease_ends: float | None = None
        self._renewed = 0.0
        self._waiting = False
        self._closing = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Deliver until drained. Raises `AuthFailed` when the bot's token is refused, `StorageUnavailable`."""
        await self._deliver_while(lambda: not self._closing)

    async def once(self) -> None:
        """Deliver what is due now, then end. Raises as `run`.

        Ends early when Telegram cannot be reached, and at once when another courier is at work.
        """
        if await self._take_lease():
            self._waiting = True
            await self._deliver_while(lambda: self._waiting and not self._line_state.down)

    async def drain(self, seconds: float) -> bool:
        """Take up nothing new and wait, at most so long, for what is on its way; whether all came back."""
        self._closing = True
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        return self._idle.is_set()

    async def _deliver_while(self, wanted: Callable[[], bool]) -> None:
        self._idle.clear()
        listener = self._spawn("courier: commits", self._listen())
        try:
            while wanted() or self._leaving:
                self._wake.clear()
                rest = await self._cycle()
                if wanted() or self._leaving:
                    await self._rest(rest)
            await self._release()
        finally:
            listener.cancel()
            self._idle.set()

    async def _listen(self) -> None:
        while True:
            await self._db.wait_for_commit(60)
            self._wake.set()

    async def _rest(self, seconds: float) -> None:
        if seconds <= 0:
            return
        alarm = self._spawn("courier: alarm", self._alarm(seconds))
        try:
            await self._wake.wait()
        finally:
            alarm.cancel()

    async def _alarm(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._wake.set()

    # --- one look

    async def _cycle(self) -> float:
        """Settle what came back, send off what may go; seconds until it is worth looking again."""
        self._beat()
        now = self._clock.monotonic()
        if self._lease_ends is None and not await self._take_lease():
            return LOOK_EVERY
        self._ask_if_due(now)
        parcels, rest = await self._choose(now)
        if parcels or self._back or self._line_state.news or now - self._renewed >= RENEW_EVERY:
            try:
                await self._write(parcels)
            except LeaseLost:
                log.warning("another courier has taken over; this one waits")
                self._lease_ends = None
                return LOOK_EVERY
        return min(rest, LOOK_EVERY)

    async def _take_lease(self) -> bool:
        now = self._clock.monotonic()
        mine = [row.id for parcel in self._mine() for row in parcel.batch.rows]
        async with self._db.transaction() as tx:
            taken = await self._outbox.take(tx, mine)
        if taken:
            self._lease_ends, self._renewed = now + LEASE.total_seconds(), now
        return taken

    def _mine(self) -> list[Parcel]:
        return [*self._leaving.values(), *(back.parcel for back in self._back)]

    async def _choose(self, now: float) -> tuple[list[Parcel], float]:
        """What may leave now, and in how many seconds more may."""
        free = IN_FLIGHT - len(self._leaving)
        hold_up = self._pace.wait_all(now, reply=False)
        if self._closing or self._line_state.asks or free <= 0 or hold_up > 0:
            return [], hold_up or LOOK_EVERY
        async with self._db.reading() as connection:
            heads = await self._outbox.heads(connection)
            self._waiting = bool(heads)
            chosen, rest = self._admit(heads, free, now)
            batches = await self._outbox.batches(connection, chosen) if chosen else []
            return [await self._pack(connection, batch) for batch in batches], rest

    def _admit(self, heads: Sequence[Head], free: int, now: float) -> tuple[list[int], float]:
        chosen: list[int] = []
        rest = LOOK_EVERY
        for head in heads:
            if head.chat_id in self._leaving:
                continue
            if len(chosen) == free:
                break
            held = self._held.get(head.chat_id, (0, now))[1] - now
            room = (self._pace.wait(head.chat_id, now, reply=False, edit=edit) for edit in (False, True))
            wait = max(held, min(room))
            if wait > 0:
                rest = min(rest, wait)
            else:
                chosen.append(head.id)
        return chosen, rest

    async def _pack(self, connection: AsyncConnection, batch: Batch) -> Parcel:
        shown = batch.shown
        try:
            reader = await self._reader_of(connection, shown.to.chat_id)
            card = await self._renderers[shown.kind](connection, shown, reader)
        except (OperationalError, InterfaceError):
            raise  # the database's trouble, not this notice's
        except Exception:  # a fault in one renderer must not silence all chats
            log.exception("notice %s of kind %s cannot be shown", batch.first.id, shown.kind)
            return Parcel(batch, mistake="cannot be shown, see the log")
        if card is None:
            return Parcel(batch)
        return Parcel(batch, repeated(translator(reader.language), card) if batch.repeat else card, card.digest)

    async def _write(self, parcels: Sequence[Parcel]) -> None:
        """One transaction: what came back is settled, what leaves is marked. Then it leaves."""
        now, moment = self._clock.monotonic(), self._clock.now()
        leaving = [parcel for parcel in parcels if parcel.leaves and self._has_room(parcel, now)]
        quiet = [p for p in parcels if not p.leaves]
        back, news = tuple(self._back), tuple(self._line_state.news)
        async with self._db.transaction() as tx:
            await self._outbox.renew(tx)
            if now - self._renewed >= RENEW_EVERY:
                await self._outbox.expire(tx)
            outcomes = [decide(b.parcel.batch, b.answer, b.parcel.digest, moment) for b in back]
            await self._outbox.settle(tx, outcomes)
            await self._note_moves(tx, back)
            await self._outbox.leave(tx, [p.batch for p in (*leaving, *quiet)])
            await self._outbox.settle(tx, [p.unsent(moment) for p in quiet])
            await self._record_line(tx, news)
        self._lease_ends = now + LEASE.total_seconds()
        self._renewed = now if now - self._renewed >= RENEW_EVERY else self._renewed
        del self._line_state.news[: len(news)]
        del self._back[: len(back)]
        for each in back:
            del self._leaving[each.parcel.chat_id]
        for parcel in leaving:
            self._leaving[parcel.chat_id] = parcel
            self._spawn(f"courier: notice {parcel.batch.first.id}", self._deliver(parcel))
        self._raise_if_refused(back)

    def _has_room(self, parcel: Parcel, now: float) -> bool:
        wait = self._pace.reserve(parcel.chat_id, now, reply=False, edit=parcel.edits)
        if wait:
            failures = self._held.get(parcel.chat_id, (0, now))[0]
            self._held[parcel.chat_id] = (failures, now + wait)
        return wait == 0

    async def _note_moves(self, tx: AsyncConnection, back: Sequence[Delivered]) -> None:
        for each in back:
            if each.answer.moved_to is not None:
                log.info("chat %s became %s", each.parcel.chat_id, each.answer.moved_to)
                await self._alerts.chat_moved(tx, each.parcel.chat_id, each.answer.moved_to)

    async def _record_line(self, tx: AsyncConnection, news: Sequence[str | None]) -> None:
        for reason in news:
            if reason is None:
                await self._health.up(tx, SOURCE)
            else:
                await self._health.down(tx, SOURCE, reason, None)

    def _raise_if_refused(self, back: Sequence[Delivered]) -> None:
        if any(each.answer.meaning == "unauthorized" for each in back):
            raise AuthFailed(REFUSED)

    async def _release(self) -> None:
        if self._lease_ends is not None:
            async with self._db.transaction() as tx:
                await self._outbox.release(tx)
            self._lease_ends = None

    # --- one delivery, beside the loop

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            answer = await self._call(parcel)
        except Exception as error:  # whatever the line did: the row must come back, and nobody knows what arrived
            log.exception("notice %s: the line failed", parcel.batch.first.id)
            answer = Answer("unknown", reason=type(error).__name__)
        self._note(parcel, answer)
        self._back.append(Delivered(parcel, answer))
        self._wake.set()

    async def _call(self, parcel: Parcel) -> Answer:
        batch, card = parcel.batch, parcel.card
        if card is None or self._lease_ends is None or self._clock.monotonic() >= self._lease_ends:
            return Answer("kept")
        if batch.card is not None:
            return await self._line.edit(batch.card.to.chat_id, batch.card.message_id, card)
        to = batch.first.to
        answer = await self._line.send(to, card)
        if answer.meaning == "no_thread" and to.thread_id:
            log.warning("chat %s has no thread %s any more: told outside of it", to.chat_id, to.thread_id)
            wait = self._pace.reserve(to.chat_id, self._clock.monotonic(), reply=True)
            if wait:
                return Answer("slow_down", retry_after=wait)
            return await self._line.send(Destination(to.chat_id), card)
        return answer

    def _note(self, parcel: Parcel, answer: Answer) -> None:
        """What the answer says about the line and the chat."""
        now, chat_id = self._clock.monotonic(), parcel.chat_id
        if answer.meaning == "slow_down":
            log.info("chat %s: Telegram asks for %.0f s", chat_id, answer.retry_after)
            self._pace.refused(chat_id, now, answer.retry_after + random.random() / 2)
        elif answer.meaning == "kept":
            return
        elif answer.line_is_down:
            self._line_state.broke(answer.reason, now)
            if answer.meaning != "unreachable":
                failures = self._held.get(chat_id, (0, 0.0))[0] + 1
                self._held[chat_id] = (failures, now + backoff(failures, random.random()))
        else:
            self._line_state.worked()
            self._held.pop(chat_id, None)
        if answer.meaning in ("refused", "unknown"):
            log.warning("notice %s for chat %s: %s: %s", parcel.batch.first.id, chat_id, answer.meaning, answer.reason)

    # --- is anybody there, and who are we there?

    def _ask_if_due(self, now: float) -> None:
        if self._line_state.refused:
            raise AuthFailed(REFUSED)
        if self._line_state.asks and not self._line_state.probing and now >= self._line_state.probe_at:
            self._line_state.probing = True
            self._spawn("courier: is Telegram there", self._ask())

    async def _ask(self) -> None:
        try:
            answer = await self._line.ping()
            if answer.account is not None and self._line_state.unknown and self._introduce is not None:
                async with self._db.transaction() as tx:
                    await self._introduce(tx, answer.account)
            self._line_state.heard(answer, self._clock.monotonic())
        finally:
            self._line_state.probing = False
            self._wake.set()
