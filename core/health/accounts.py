"""The bots that the assistant was at Telegram. With another one, what people act on is posted anew: once."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Account, Telling
from core.alerts.service import AlertsService, Asks
from core.clock import Clock, iso
from core.health import accounts_store as store

ACCOUNT: Final = "account"
"""The kind of the notice that another bot speaks now; its data: `before` and `now`, their user names."""


class AccountsService:
    """Knows which bot we are. A message can be edited, and its buttons answered, only by the bot that sent it."""

    def __init__(self, clock: Clock, alerts: AlertsService, asks: Asks) -> None:
        self._clock = clock
        self._alerts = alerts
        self._asks = asks

    async def met(self, tx: AsyncConnection, account: Account) -> bool:
        """Telegram says that this is who we are; whether it is another bot than before.

        Then every card that still asks for something is posted anew in its chat, and the admins are told. Another
        token of the same bot, or another name, is no news.
        """
        before = await store.current(tx)
        now = self._clock.now()
        if before == account:
            return False
        if before is None or before.id == account.id:
            await store.save(tx, account, now, anew=before is None)
            return False
        await store.save(tx, account, now, anew=True)
        mark = f"{ACCOUNT}:{account.id}:{iso(now)}"
        await self._alerts.post_anew(tx, self._asks, mark)
        data = {"before": before.username, "now": account.username}
        await self._alerts.tell(tx, Telling(ACCOUNT, ACCOUNT, mark, "admins", "new", data, priority=2))
        return True

    async def missed(self, connection: AsyncConnection, chat_id: int) -> bool:
        """Whether a chat refused something that was for it when another bot began to speak."""
        return await self._alerts.refused(connection, chat_id, f"{ACCOUNT}:")

    async def let_in(self, tx: AsyncConnection, chat_id: int) -> int:
        """A chat hears us that did not when another bot began to speak: what was for it is told now; how much."""
        return await self._alerts.tell_again(tx, chat_id, f"{ACCOUNT}:", self._asks)
