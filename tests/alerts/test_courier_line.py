"""The courier over a line whose answers and slowness the test decides."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.alerts.courier import Courier
from bot.chat.cards import Card
from bot.chat.outbound import Outbound
from core.alerts import cards_store
from core.alerts.model import Destination, Route
from core.alerts.rules import Answer
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.health.service import HealthService
from core.people import store as people
from jobs.supervisor import Supervisor
from tests.alerts.conftest import DUTY, telling
from tests.alerts.world import ANNA, JumpingClock, courier_of

SUPERGROUP = -1009


@dataclass
class ScriptedLine:
    """Takes everything, `slow` seconds a message, unless the script has another answer for it."""

    slow: float = 0.0
    script: list[Answer] = field(default_factory=list)
    began: list[tuple[int, str]] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)
    edits: int = 0
    broken: bool = False

    async def send(self, to: Destination, card: Card, *, reply_to: int | None = None) -> Answer:
        if self.broken:
            raise KeyError("a fault of the line")
        said = (to.chat_id, str(card.text))
        self.began.append(said)
        await asyncio.sleep(self.slow)
        self.ended.append(said)
        return self.script.pop(0) if self.script else Answer("ok", len(self.ended))

    async def edit(self, chat_id: int, message_id: int, card: Card) -> Answer:
        self.edits += 1
        return Answer("ok", message_id)

    async def ping(self) -> Answer:
        return Answer("ok")


@dataclass
class Stand:
    db: Database
    clock: JumpingClock
    alerts: AlertsService
    supervisor: Supervisor
    line: ScriptedLine
    courier: Courier

    async def tell(self, *texts: str, **changes: object) -> None:
        async with self.db.transaction() as tx:
            for text in texts:
                await self.alerts.tell(tx, telling(text, data={"text": text}, **changes))

    async def counts(self) -> dict[str, int]:
        async with self.db.reading() as connection:
            return await self.alerts.counts(connection)

    async def until(self, **counts: int) -> None:
        deadline = time.monotonic() + 6
        while await self.counts() != counts:
            assert time.monotonic() < deadline, f"waited in vain; {await self.counts()}"
            await asyncio.sleep(0.02)


@pytest.fixture
async def stand(sqlite_db: Database) -> AsyncIterator[Stand]:
    clock, line = JumpingClock(), ScriptedLine()
    alerts = AlertsService(clock, (Route(DUTY, ("requests",)),))
    supervisor = Supervisor(clock, sqlite_db, HealthService(clock, alerts), host="here")
    courier = courier_of(sqlite_db, clock, Outbound(line, clock), supervisor, alerts, "here")
    supervisor.loop("courier", courier.run, drain=courier.drain)
    yield Stand(sqlite_db, clock, alerts, supervisor, line, courier)
    await supervisor.stop(2.0)


async def test_a_chats_next_message_waits_for_the_one_before_while_others_go(stand: Stand) -> None:
    stand.line.slow = 0.2
    await stand.tell("1", "2", mode="new")
    await stand.tell("a", mode="new", to=(Destination(ANNA),))
    await stand.supervisor.start()
    await stand.until(sent=3)
    assert stand.line.began[:2] == [(DUTY.chat_id, "1"), (ANNA, "a")]
    assert stand.line.ended[:2] == stand.line.began[:2]


async def test_notices_go_no_faster_than_a_group_may_be_told(stand: Stand) -> None:
    await stand.tell(*map(str, range(20)), mode="new")
    await stand.supervisor.start()
    await stand.until(sent=14, new=6)
    await asyncio.sleep(0.3)
    assert len(stand.line.ended) == 14


async def test_a_persons_notices_are_a_second_apart(stand: Stand) -> None:
    await stand.tell("1", "2", mode="new", to=(Destination(ANNA),))
    began = time.monotonic()
    await stand.supervisor.start()
    await stand.until(sent=2)
    assert time.monotonic() - began >= 1


async def test_a_draining_courier_finishes_what_is_on_its_way_and_begins_nothing(stand: Stand) -> None:
    stand.line.slow = 0.3
    await stand.tell("1", "2", mode="new")
    await stand.supervisor.start()
    await stand.until(sending=1, new=1)
    draining = asyncio.create_task(stand.courier.drain(2.0))
    await stand.tell("a", mode="new", to=(Destination(ANNA),))
    assert await draining
    assert await stand.counts() == {"sent": 1, "new": 2}


async def test_what_waits_for_a_group_follows_it_when_it_becomes_a_supergroup(stand: Stand) -> None:
    stand.line.script = [Answer("moved", moved_to=SUPERGROUP)]
    await stand.tell("1", "2", mode="new")
    await stand.supervisor.start()
    await stand.until(sent=2)
    assert stand.line.ended == [(DUTY.chat_id, "1"), (SUPERGROUP, "1"), (SUPERGROUP, "2")]
    async with stand.db.reading() as connection:
        moved = await people.find_chat(connection, DUTY.chat_id)
    assert moved is not None
    assert moved.moved_to == SUPERGROUP


async def test_a_card_that_looks_the_same_costs_no_call(stand: Stand) -> None:
    await stand.supervisor.start()
    await stand.tell("same")
    await stand.until(sent=1)
    async with stand.db.transaction() as tx:
        await stand.alerts.tell(tx, telling("again", data={"text": "same"}))
    await stand.until(sent=2)
    assert (len(stand.line.ended), stand.line.edits) == (1, 0)


async def test_a_message_too_late_for_its_lease_does_not_leave(stand: Stand) -> None:
    jumps, departures = [11.0], list[str]()

    def late(name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if name.startswith("courier: notice"):
            departures.append(name)
            stand.clock.ahead += jumps.pop() if jumps else 0
        return stand.supervisor.spawn(name, work)

    stand.courier._spawn = late
    await stand.tell("1", mode="new")
    await stand.supervisor.start()
    await stand.until(sent=1)
    assert stand.line.ended == [(DUTY.chat_id, "1")]
    assert len(departures) == 2
    async with stand.db.reading() as connection:
        assert await HealthService(stand.clock, stand.alerts).open_outages(connection) == []


async def test_a_line_that_fails_unexpectedly_counts_as_unknown(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    stand.line.broken = True
    await stand.tell("1", mode="new")
    await stand.supervisor.start()
    await stand.until(unknown=1)
    assert "a fault of the line" in caplog.text


async def test_an_edit_keeps_the_message_it_made(stand: Stand) -> None:
    await stand.supervisor.start()
    await stand.tell("first")
    await stand.until(sent=1)
    await stand.tell("second")
    await stand.until(sent=2)
    async with stand.db.reading() as connection:
        shown = await cards_store.live_cards(connection, ("request:7",), stand.clock.now() - timedelta(hours=1))
    assert ([card.message_id for card in shown], stand.line.edits) == ([1], 1)
