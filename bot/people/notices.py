"""The cards of notices about people, made from the present state."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.cards import Card
from bot.people import cards, group_cards
from core.alerts.model import Notice
from core.alerts.service import AlertsService
from core.people import store
from core.people.model import Reader
from core.text import translator

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


def renderers(alerts: AlertsService) -> dict[str, Renderer]:
    """By kind: `access` somebody asks to be let in, `decision` what they are told, `invited` who opened a link,
    `joined` who came into a group.

    `group` is what the assistant sees in a group, `left_group` that it is not in one any more.
    """

    async def access(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        request = await store.find_access_request(connection, int(notice.subject.partition(":")[2]))
        person = await store.find_person(connection, request.person_id) if request else None
        return cards.access_request_card(request, person, reader) if request and person else None

    async def decision(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return cards.decision_card(notice.data.get("role"), reader, had=notice.data.get("had", True))

    async def invited(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        person = await store.find_person(connection, int(notice.subject.partition(":")[2]))
        return cards.invited_card(person, reader) if person else None

    async def joined(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        person = await store.find_person(connection, int(notice.subject.rpartition(":")[2]))
        return cards.joined_card(person, notice.data, notice.subject, reader) if person else None

    async def group(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        sight = group_cards.Sight.of(notice.data)
        receives = await alerts.receives(connection, notice.to)
        return group_cards.group_card(translator(reader.language), notice.to, sight, receives) if sight else None

    async def left_group(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return group_cards.left_card(translator(reader.language), notice.data)

    return {
        "group": group,
        "left_group": left_group,
        "access": access,
        "decision": decision,
        "invited": invited,
        "joined": joined,
    }
