"""The cards of notices about files, made from what has happened until they are sent."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.cards import Card
from bot.files import cards
from core.alerts.model import Notice
from core.clock import Clock
from core.files.model import KIND
from core.files.service import FilesService
from core.people.model import Reader

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


def renderers(files: FilesService, clock: Clock) -> dict[str, Renderer]:
    """By kind: `files` is the message of a burst."""

    async def burst(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        burst_id = notice.subject.rpartition(":")[2]  # a card that is redrawn has no data, its subject says it all
        found = await files.burst(connection, int(burst_id), cards.BURST_SHOWN) if burst_id.isdigit() else None
        return cards.burst_card(*found, reader, clock.now()) if found else None

    return {KIND: burst}
