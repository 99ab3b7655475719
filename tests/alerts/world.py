"""A courier at work: the real database, the real supervisor, the Bot API in miniature over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.courier import Courier
from bot.chat.cards import Button, Card
from bot.chat.line import TelegramLine
from bot.chat.outbound import Line, Outbound
from core.alerts.model import Destination, Notice, Route
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.health.service import HealthService
from core.people.model import Reader
from core.text import translator
from deploy.demo.telegram.server import TelegramServer
from jobs.supervisor import Stage, Supervisor
from tests.alerts.conftest import DUTY, telling

ANNA, BORIS = 11, 12


class JumpingClock:
    """The machine's clock, which the test may move ahead; who sleeps wakes when the moment has come."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    async def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:  # noqa: ASYNC110  the moment comes nearer in jumps
            await asyncio.sleep(min(left, 0.02))


async def show(_tx: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
    """The text is the notice's own; `gone` shows nothing, `broken` is a fault of the program."""
    text = str(notice.data.get("text", notice.subject))
    if text == "broken":
        raise ZeroDivisionError
    if text == "gone":
        return None
    return Card(translator(reader.language).html("{text}", text=text), ((Button("Open", "open:1"),),), notice.subject)


async def reads_english(_tx: AsyncConnection, _chat_id: int) -> Reader:
    return Reader("en", "UTC")


@dataclass
class World:
    db: Database
    clock: JumpingClock
    telegram: TelegramServer
    alerts: AlertsService
    health: HealthService
    line: Line
    outbound: Outbound
    supervisor: Supervisor
    courier: Courier

    async def tell(self, *texts: str, **changes: object) -> None:
        """Tell these texts, each an occurrence of its own."""
        async with self.db.transaction() as tx:
            for text in texts:
                await self.alerts.tell(tx, telling(text, data={"text": text}, **changes))

    async def rows(self) -> list[tuple[str, int]]:
        async with self.db.reading() as connection:
            query = select(notices.c.state, notices.c.attempts).order_by(notices.c.id)
            return [tuple(row) for row in await connection.execute(query)]

    async def until(self, reached: Callable[[], Awaitable[bool]], seconds: float = 6.0) -> None:
        deadline = time.monotonic() + seconds
        while not await reached():
            assert time.monotonic() < deadline, f"waited in vain; rows are {await self.rows()}"
            await asyncio.sleep(0.02)

    async def settled(self, *states: str) -> None:
        """Wait until the rows stand in these states."""

        async def reached() -> bool:
            return [state for state, _ in await self.rows()] == list(states)

        await self.until(reached)

    def texts(self, chat_id: int = DUTY.chat_id) -> list[str]:
        return self.telegram.texts(chat_id)


def courier_of(
    db: Database, clock: JumpingClock, outbound: Outbound, supervisor: Supervisor, alerts: AlertsService, holder: str
) -> Courier:
    return Courier(
        db,
        clock,
        outbound,
        {"request": show},
        reads_english,
        supervisor.spawn,
        alerts=alerts,
        health=HealthService(clock, alerts),
        holder=holder,
        beat=lambda: supervisor.beat("courier"),
    )


def bot_for(base_url: str, token: str) -> Bot:
    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(base_url)))


@asynccontextmanager
async def world(db: Database) -> AsyncIterator[World]:
    """Everything, running."""
    clock = JumpingClock()
    alerts = AlertsService(clock, (Route(DUTY, ("requests",)),))
    health = HealthService(clock, alerts)
    supervisor = Supervisor(clock, db, health, host="here")
    async with TelegramServer() as telegram:
        telegram.add_user(ANNA, "Anna")
        telegram.add_user(BORIS, "Boris")
        telegram.add_group(DUTY.chat_id, "Duty", [ANNA, BORIS], threads=[5])
        bot = bot_for(telegram.base_url, telegram.token)
        line = TelegramLine(bot)
        outbound = Outbound(line, clock)
        courier = courier_of(db, clock, outbound, supervisor, alerts, "here")
        supervisor.loop("courier", courier.run, stage=Stage.DELIVERY, drain=courier.drain, once=courier.once)
        try:
            yield World(db, clock, telegram, alerts, health, line, outbound, supervisor, courier)
        finally:
            await supervisor.stop(2.0)
            await bot.session.close()


PRIVATE = (Destination(ANNA),)
