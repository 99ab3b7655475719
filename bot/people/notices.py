"""The cards of notices about people, made from the present state."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.cards import Card
from bot.people import cards, group_cards, leave_cards
from bot.people.leave_cards import DEPARTURE, HANDED
from core.alerts.model import Destination, Notice, Telling
from core.alerts.service import AlertsService
from core.people import store
from core.people.departures import DeparturesService
from core.people.model import Departure, Person, Reader
from core.text import translator

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


def decision(person_id: int, role: str | None, mark: str, *, had: bool = True) -> Telling:
    """What a person is told when their role changes; `had`: they had access, or at least had not asked for it."""
    return Telling(
        kind="decision",
        subject=f"person:{person_id}",
        dedup=f"role:{mark}",
        topic="admins",
        mode="new",
        data={"role": role, "had": had},
        to=(Destination(person_id),),
    )


async def departure_card(
    connection: AsyncConnection, departures: DeparturesService, departure: Departure, reader: Reader
) -> Card:
    """A departure as it is now."""
    person = await store.find_person(connection, departure.person_id) or Person(departure.person_id, "?")
    heir = None if departure.heir_id is None else await store.find_person(connection, departure.heir_id)
    return leave_cards.departure_card(departure, person, heir, reader, may_undo=departures.may_undo(departure))


def renderers(alerts: AlertsService, departures: DeparturesService) -> dict[str, Renderer]:
    """By kind: `access` somebody asks to be let in, `decision` what they are told, `invited` who opened a link,
    `joined` who came into a group
    without a role, `gone` who with a role is in one no more, `departure` and `handed` who left the team.

    `group` is what the assistant sees in a group, `muted_group` that it may not write in one, `left_group` that it is
    not in one any more.
    """

    async def access(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        request = await store.find_access_request(connection, int(notice.subject.partition(":")[2]))
        person = await store.find_person(connection, request.person_id) if request else None
        return cards.access_request_card(request, person, reader) if request and person else None

    async def decided(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return cards.decision_card(notice.data.get("role"), reader, had=notice.data.get("had", True))

    async def invited(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        person = await store.find_person(connection, int(notice.subject.partition(":")[2]))
        return cards.invited_card(person, reader) if person else None

    async def joined(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        person = await store.find_person(connection, int(notice.subject.rpartition(":")[2]))
        return cards.joined_card(person, notice.data, notice.subject, reader) if person else None

    async def gone(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        person = await store.find_person(connection, int(notice.subject.rpartition(":")[2]))
        return leave_cards.gone_card(person, notice.data, notice.subject, reader) if person else None

    async def departure(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await departures.find(connection, int(notice.subject.partition(":")[2]))
        return await departure_card(connection, departures, found, reader) if found else None

    async def handed(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await departures.find(connection, int(notice.subject.partition(":")[2]))
        person = await store.find_person(connection, found.person_id) if found else None
        return leave_cards.handed_card(found, person, reader) if found and person else None

    return {
        **_group_renderers(alerts),
        "access": access,
        "decision": decided,
        "invited": invited,
        "joined": joined,
        "gone": gone,
        DEPARTURE: departure,
        HANDED: handed,
    }


def _group_renderers(alerts: AlertsService) -> dict[str, Renderer]:
    async def group(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        sight = group_cards.Sight.of(notice.data)
        receives = await alerts.receives(connection, notice.to)
        return group_cards.group_card(translator(reader.language), notice.to, sight, receives) if sight else None

    async def left_group(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return group_cards.left_card(translator(reader.language), notice.data)

    async def muted_group(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return group_cards.muted_card(translator(reader.language), notice.data)

    return {"group": group, "muted_group": muted_group, "left_group": left_group}
