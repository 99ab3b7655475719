"""What people do about watched folders: pause, resume, rescan, and say whether a moved folder is the same one."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock, iso
from core.errors import UserError
from core.files import orders_store, snapshots
from core.files.model import Snapshot, WatchState
from core.files.naming import join, shown
from core.files.orders import Answer, Orders, is_the_same
from core.people.model import Actor
from core.people.service import PeopleService

MOVED: Final = "moved_watch"
"""The kind of the notice that asks about a moved folder; its data: `watch`. What the card shows is in the orders."""

NEW_ROOT: Final = "new_root"
"""The kind of the notice that a watch begins anew at another path; its data: `watch`, `old`, `new`."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A watch as `/watch` shows it: where it stands and what was decided about it. `files`: how many it knows."""

    state: WatchState
    orders: Orders
    files: int


class WatchesService:
    """Decisions about watched folders, kept in the database: they survive a restart and reach every process.

    `host` is this machine's name in the snapshots, '' where only one machine watches.
    """

    def __init__(self, clock: Clock, people: PeopleService, alerts: AlertsService, *, host: str = "") -> None:
        self._clock = clock
        self._people = people
        self._alerts = alerts
        self.host = host
        self._host = host or None

    async def orders(self, connection: AsyncConnection, watch: str) -> Orders:
        """What was decided about a watch."""
        return await orders_store.find(connection, watch)

    async def every_order(self, connection: AsyncConnection) -> dict[str, Orders]:
        """What was decided, by watch."""
        return await orders_store.every(connection)

    async def overview(self, connection: AsyncConnection) -> list[Overview]:
        """Every watch that was ever looked at, by name."""
        decided = await orders_store.every(connection)
        return [
            Overview(
                state,
                decided.get(state.name) or Orders(state.name),
                await snapshots.count_files(connection, state.name, state.host),
            )
            for state in await snapshots.list_watches(connection)
        ]

    async def pause(self, tx: AsyncConnection, watch: str, actor: Actor) -> Orders:
        """Write nothing of this folder until it is resumed."""
        orders = await self._known(tx, watch)
        if orders.paused:
            return orders
        await self._people.audit(tx, actor, "watch-pause", f"watch:{watch}", "")
        return await self._put(tx, replace(orders, paused_at=self._clock.now(), paused_by=actor.name))

    async def resume(self, tx: AsyncConnection, watch: str, actor: Actor) -> Orders:
        """Go on; what changed meanwhile is found by comparing."""
        orders = await self._known(tx, watch)
        if not orders.paused:
            return orders
        await self._people.audit(tx, actor, "watch-resume", f"watch:{watch}", "")
        return await self._put(tx, replace(orders, paused_at=None, paused_by=""))

    async def rescan(self, tx: AsyncConnection, watch: str, actor: Actor) -> Orders:
        """Compare the whole folder now. Raises `UserError` while it is paused or away."""
        orders = await self._known(tx, watch)
        if orders.paused:
            raise UserError("The folder {watch} is paused. Resume it first.", watch=watch)
        await self._people.audit(tx, actor, "watch-rescan", f"watch:{watch}", "")
        return await self._put(tx, replace(orders, rescan_at=self._clock.now()))

    async def rescan_begun(self, tx: AsyncConnection, watch: str) -> None:
        """The comparison that was asked for has begun."""
        orders = await orders_store.find(tx, watch)
        await self._put(tx, replace(orders, rescan_at=None))

    async def moved(self, tx: AsyncConnection, watch: str, root: str, *, matched: int, sampled: int) -> Orders:
        """The watch has another path now, where so many of the files looked for were found again.

        When most were, people are asked, and nothing is written until they answer; else the watch begins anew
        there, and they are told so.
        """
        state = await snapshots.find_watch(tx, watch, self._host)
        old = state.root if state else ""
        now = self._clock.now()
        orders = replace(
            await orders_store.find(tx, watch),
            asked_root=shown(root),
            asked_host=self._host or "",
            asked_at=now,
            matched=matched,
            sampled=sampled,
            answer=None if is_the_same(matched, sampled) else "new",
            answered_by="",
        )
        subject = f"{MOVED}:{watch}"
        dedup = f"{subject}:{iso(now)}"
        if orders.waits:
            told = Telling(MOVED, subject, dedup, "admins", data={"watch": watch}, expires_after=timedelta(days=7))
        else:
            values = {"watch": watch, "old": old, "new": shown(root)}
            told = Telling(NEW_ROOT, f"{NEW_ROOT}:{watch}", dedup, "admins", mode="new", data=values)
        await self._alerts.tell(tx, told)
        return await self._put(tx, orders)

    async def answer(self, tx: AsyncConnection, watch: str, root: str, answer: Answer, actor: Actor) -> Orders:
        """Somebody says whether this is the same folder. Raises `UserError` when nobody asks (any more)."""
        orders = await orders_store.find(tx, watch)
        if not orders.waits or (root and orders.asked_root != root):
            raise UserError("That has been decided already.")
        await self._people.audit(tx, actor, f"watch-{answer}", f"watch:{watch}", orders.asked_root)
        orders = await self._put(tx, replace(orders, answer=answer, answered_by=actor.name))
        subject = f"{MOVED}:{watch}"
        dedup = f"{subject}:{iso(self._clock.now())}"
        await self._alerts.tell(
            tx, Telling(MOVED, subject, dedup, "admins", "refresh", {"watch": watch}, shown_in=actor.chat_id)
        )
        return orders

    async def settle(self, tx: AsyncConnection, watch: str) -> None:
        """Act on the answer: the same folder keeps its snapshot at its new path, a new one begins without.

        The next comparison records what differs at the new path, or takes the first snapshot in silence.
        """
        orders = await orders_store.find(tx, watch)
        state = await snapshots.find_watch(tx, watch, self._host)
        if not orders.asked_root or orders.answer is None or state is None:
            return
        if orders.answer == "same":
            await snapshots.forget_places(tx, watch, self._host)
            await snapshots.touch_watch(tx, watch, self._host, root=orders.asked_root, revision=state.revision + 1)
        else:
            await snapshots.forget_snapshot(tx, watch, self._host)
            await snapshots.touch_watch(
                tx,
                watch,
                self._host,
                root=orders.asked_root,
                revision=state.revision + 1,
                first_seen_at=None,
                scanned_at=None,
                away_since=None,
            )
        await self._put(tx, replace(orders, asked_root="", asked_at=None))

    async def drop_question(self, tx: AsyncConnection, watch: str) -> None:
        """The watch is at its known path again: there is nothing to ask."""
        orders = await orders_store.find(tx, watch)
        await self._put(tx, replace(orders, asked_root="", asked_at=None, answer=None, answered_by=""))
        subject = f"{MOVED}:{watch}"
        dedup = f"{subject}:{iso(self._clock.now())}"
        await self._alerts.tell(tx, Telling(MOVED, subject, dedup, "admins", "refresh", {"watch": watch}))

    async def _known(self, tx: AsyncConnection, watch: str) -> Orders:
        if await snapshots.find_watch(tx, watch) is None:
            raise UserError("I do not watch a folder {watch}.", watch=watch)
        return await orders_store.find(tx, watch)

    async def _put(self, tx: AsyncConnection, orders: Orders) -> Orders:
        await orders_store.put(tx, orders)
        return orders


def known_paths(snapshot: Snapshot) -> list[str]:
    """Every file of a snapshot by its path under the root."""
    return [join(folder, name) for folder, files in snapshot.items() for name in files]
