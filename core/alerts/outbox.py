"""The outbox as its one sender sees it: who may send, what waits, what leaves, what became of it."""

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts import cards_store, store
from core.alerts.model import CARD_LIFE, Claim, Head
from core.alerts.rules import REPEAT_AFTER, TRIES, Batch, Outcome, merge
from core.clock import Clock

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=10)
"""How long a sender that stopped renewing keeps the others waiting. Hosts' clocks must agree to a few seconds."""
_FROM_AHEAD: Final = 2 * LEASE
"""A lease that ends later than that was written when the clock was ahead: it keeps nobody waiting."""
NAME: Final = "courier"


class LeaseLost(Exception):
    """Another sender has taken over: leave the rows alone."""


class Outbox:
    """The rows of notices for the sender named `holder`, which must differ between processes."""

    def __init__(self, clock: Clock, holder: str) -> None:
        self._clock = clock
        self.holder = holder

    async def take(self, tx: AsyncConnection, mine: Collection[int]) -> bool:
        """Become the one sender, unless another is alive; whether it worked.

        What the one before left on its way is put back; `mine` are rows that this sender has on their way itself.
        """
        now = self._clock.now()
        found = await store.lease(tx, NAME)
        if found and found[0] != self.holder and now < found[1] <= now + _FROM_AHEAD:
            return False
        await store.save_lease(tx, NAME, self.holder, now + LEASE)
        left = await store.recover(tx, mine, now, now + REPEAT_AFTER, TRIES)
        if left:
            log.warning("%d notices were on their way when the courier before stopped: they may be repeated", left)
        return True

    async def renew(self, tx: AsyncConnection) -> None:
        """Stay the one sender for another while. Raises `LeaseLost`."""
        if not await store.renew_lease(tx, NAME, self.holder, self._clock.now() + LEASE):
            raise LeaseLost

    async def release(self, tx: AsyncConnection) -> None:
        """Let another sender begin at once."""
        await store.drop_lease(tx, NAME, self.holder)

    async def expire(self, tx: AsyncConnection) -> None:
        """Close what nobody needs to be told any more."""
        expired = await store.expire(tx, self._clock.now(), TRIES)
        if expired:
            log.warning("%d notices expired before they could be told", expired)

    async def heads(self, connection: AsyncConnection) -> list[Head]:
        """The row that is next in each chat, the most urgent first."""
        return await store.heads(connection, self._clock.now(), TRIES)

    async def batches(self, connection: AsyncConnection, ids: Sequence[int]) -> list[Batch]:
        """These rows in that order, each with the others that the same message satisfies and the card it edits."""
        now = self._clock.now()
        found = {notice.id: notice for notice in await store.load_notices(connection, ids)}
        heads = [found[each] for each in ids if each in found]
        shown = [head for head in heads if head.mode != "new"]
        if not shown:
            return merge(heads, (), (), now)
        mates = await store.mates(connection, shown, now, TRIES)
        cards = await cards_store.live_cards(connection, {head.subject for head in shown}, now - CARD_LIFE)
        return merge(heads, mates, cards, now)

    async def leave(self, tx: AsyncConnection, batches: Sequence[Batch]) -> None:
        """Mark the rows of these batches as on their way."""
        claims = [Claim(row.id, b.card.message_id if b.card else None) for b in batches for row in b.rows]
        if claims:
            await store.claim(tx, claims)

    async def settle(self, tx: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
        """Write what became of rows that were on their way."""
        settlements = [each for outcome in outcomes for each in outcome.settlements]
        if settlements:
            await store.settle(tx, settlements)
        for outcome in outcomes:
            if outcome.forget:
                await cards_store.forget_card(tx, outcome.forget.to.chat_id, outcome.forget.message_id)
        await cards_store.save_cards(tx, [outcome.remember for outcome in outcomes if outcome.remember])
