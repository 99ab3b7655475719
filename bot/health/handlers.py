"""`/status` in the chat."""

from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import TelegramObject

from bot.chat.access import Here
from bot.chat.menu import MenuButton
from bot.chat.talk import Talk
from bot.health import cards
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database
from core.health.service import HealthService


@dataclass(frozen=True, slots=True)
class HealthChat:
    """What the assistant answers about itself."""

    db: Database
    clock: Clock
    health: HealthService
    alerts: AlertsService

    async def status(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """`/status`: jobs, sources that are away, the outbox."""
        async with self.db.reading() as connection:
            jobs = await self.health.list_jobs(connection)
            outages = await self.health.open_outages(connection)
            outbox = await self.alerts.counts(connection)
        await talk.show(cards.status_card(jobs, outages, outbox, here.reader, self.clock.now()))


def router(chat: HealthChat) -> Router:
    """The handlers of the assistant's own state."""
    router = Router(name="health")
    router.message.register(chat.status, Command("status"))
    router.callback_query.register(chat.status, MenuButton.filter(F.name == "status"))
    return router
