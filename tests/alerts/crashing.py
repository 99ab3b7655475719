"""A courier that dies right after its Nth message was accepted, and one after it that lives until it is killed.

`python -m tests.alerts.crashing DATABASE API_BASE TOKEN N`. Where the system can fork, both come of one process, which
imports everything only once; else the first one ends the process, and N = 0 begins the second.
"""

import asyncio
import os
import sys

from aiogram import Bot

from bot.chat.cards import Card
from bot.chat.line import TelegramLine
from bot.chat.outbound import Outbound
from core.alerts.model import Destination
from core.alerts.rules import Answer
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.health.service import HealthService
from jobs.supervisor import Stage, Supervisor
from tests.alerts.world import JumpingClock, bot_for, courier_of

DIED = 9


class MortalLine(TelegramLine):
    def __init__(self, bot: Bot, messages: int) -> None:
        super().__init__(bot)
        self._left = messages

    async def send(self, to: Destination, card: Card, *, reply_to: int | None = None) -> Answer:
        answer = await super().send(to, card, reply_to=reply_to)
        self._left -= 1
        if self._left == 0:
            os._exit(DIED)  # as kill -9 would: nothing is closed, nothing is written
        return answer


async def main(url: str, base_url: str, token: str, messages: str) -> None:
    db, clock = Database(url), JumpingClock()
    alerts = AlertsService(clock, ())
    supervisor = Supervisor(clock, db, HealthService(clock, alerts), host="crashing")
    outbound = Outbound(MortalLine(bot_for(base_url, token), int(messages)), clock)
    courier = courier_of(db, clock, outbound, supervisor, alerts, "crashing")
    supervisor.loop("courier", courier.run, stage=Stage.DELIVERY)
    await supervisor.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    url, base_url, token, messages = sys.argv[1:]
    if sys.platform != "win32":
        if os.fork() == 0:
            asyncio.run(main(url, base_url, token, messages))
        assert os.waitstatus_to_exitcode(os.wait()[1]) == DIED
        messages = "0"
    asyncio.run(main(url, base_url, token, messages))
