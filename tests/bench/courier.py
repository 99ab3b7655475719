"""The courier: 10,000 notices to 200 chats, at the limits' rate, and what the database costs."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiosqlite
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.courier import Courier
from bot.chat.cards import Card
from bot.chat.outbound import Outbound
from core.alerts.model import Destination, Notice, Telling
from core.alerts.rules import ALL_REPLIES, Answer
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.db.migrations import upgrade
from core.health.service import HealthService
from core.people.model import Reader

NOTICES: Final = 10_000
CHATS: Final = 200
START: Final = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class VirtualClock:
    """Time that passes only while somebody waits and nothing else can happen."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        self.elapsed += seconds


class MeteredDatabase(Database):
    """The real database, with the time that is spent between asking it and having its answer."""

    spent = 0.0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        began = time.perf_counter()
        async with super().transaction() as tx:
            yield tx
        self.spent += time.perf_counter() - began

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        began = time.perf_counter()
        async with super().reading() as connection:
            yield connection
        self.spent += time.perf_counter() - began


class InstantLine:
    """A line that takes everything at once."""

    def __init__(self) -> None:
        self.sent = 0

    async def send(self, to: Destination, card: Card, *, reply_to: int | None = None) -> Answer:
        self.sent += 1
        return Answer("ok", self.sent)

    async def edit(self, chat_id: int, message_id: int, card: Card) -> Answer:
        return Answer("ok", message_id)

    async def ping(self) -> Answer:
        return Answer("ok")


async def _render(_tx: AsyncConnection, notice: Notice, _reader: Reader) -> Card:
    return Card(Markup("Notice ") + str(notice.id), subject=notice.subject)


async def _reader_of(_tx: AsyncConnection, _chat_id: int) -> Reader:
    return Reader("en", "UTC")


def _spawn(name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(work, name=name)


async def _fill(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        for number in range(NOTICES):
            to = (Destination(1000 + number % CHATS),)
            telling = Telling("bench", f"bench:{number}", f"bench:{number}", "requests", "new", to=to)
            await alerts.tell(tx, telling)


async def _single_row_commits(path: Path, rows: int) -> float:
    """Milliseconds for committing one row with aiosqlite alone, on the same disk."""
    async with aiosqlite.connect(path) as connection:
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=NORMAL")
        await connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
        began = time.perf_counter()
        for number in range(rows):
            await connection.execute("INSERT INTO t (text) VALUES (?)", (f"row {number}",))
            await connection.commit()
        return (time.perf_counter() - began) / rows * 1000


async def run() -> list[tuple[str, float, str]]:
    """Name, value and goal of each measure."""
    with tempfile.TemporaryDirectory() as folder:
        db = MeteredDatabase(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        await upgrade(db)
        clock, line = VirtualClock(), InstantLine()
        alerts = AlertsService(clock, ())
        await _fill(db, alerts)
        courier = Courier(
            db,
            clock,
            Outbound(line, clock),
            {"bench": _render},
            _reader_of,
            _spawn,
            alerts=alerts,
            health=HealthService(clock, alerts),
            holder="bench",
        )
        db.spent = 0.0
        await courier.once()
        rate = line.sent / clock.elapsed
        cost = db.spent / line.sent * 1000
        await db.close()
        bare = await _single_row_commits(Path(folder) / "bare.db", 2000)
    if line.sent != NOTICES:
        raise RuntimeError(f"{line.sent} of {NOTICES} notices were sent")
    return [
        ("courier: rate, of what the limits allow", rate / ALL_REPLIES.count, "≥ 0.95"),
        ("courier: database work, ms a message", cost, "≤ 2"),
        ("courier: database work, of a bare aiosqlite commit", cost / bare, "shown"),
    ]
