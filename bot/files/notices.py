"""The cards of notices about files, made from what has happened until they are sent."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.cards import Card
from bot.files import cards, follow_cards, watch_cards
from bot.files.disk_cards import disk_card
from core.alerts.model import Notice
from core.clock import Clock
from core.files.disk import DISK
from core.files.following import FollowingService
from core.files.follows import FOLLOW
from core.files.model import KIND
from core.files.service import FilesService
from core.files.watches import MOVED, NEW_ROOT, WatchesService
from core.people.model import Reader

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


def renderers(
    files: FilesService, watches: WatchesService, following: FollowingService, clock: Clock
) -> dict[str, Renderer]:
    """By kind: `files` a burst, `follow` news for a follower, `moved_watch` and `new_root` a folder at another path."""

    async def burst(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        burst_id = notice.subject.rpartition(":")[2]  # a card that is redrawn has no data, its subject says it all
        found = await files.burst(connection, int(burst_id), cards.BURST_SHOWN) if burst_id.isdigit() else None
        if found is None:
            return None
        machines = [state for state in await files.list_watches(connection) if state.name == found[0].watch]
        return cards.burst_card(*found, reader, clock.now(), with_host=len(machines) > 1)

    async def news(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        data = dict(notice.data)
        found = await following.find(connection, data["follow"]) if data else None
        if found is not None and not await following.allowed(connection, found):
            return None  # access was taken away while this waited
        if found is None:
            return None  # stopped, or never there
        if found.message == data["message"]:  # it has grown since the notice was written
            data |= {"first": found.first_event_id, "last": found.last_event_id, "counts": found.counts}
        words, first, last = data["words"], data["first"], data["last"]
        events = await following.last_events(connection, words, first, last, cards.BURST_SHOWN)
        return follow_cards.news_card(data, events, reader, clock.now())

    async def moved(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        name = notice.subject.removeprefix(f"{MOVED}:")
        state, orders = await files.find_watch(connection, name), await watches.orders(connection, name)
        return watch_cards.moved_card(name, state, orders, reader)

    async def new_root(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return watch_cards.new_root_card(notice.data, reader) if notice.data else None

    async def disk(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return disk_card(notice.data, reader) if notice.data else None

    return {DISK: disk, KIND: burst, FOLLOW: news, MOVED: moved, NEW_ROOT: new_root}
