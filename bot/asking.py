"""Which cards still want something of somebody: what another bot posts anew, because the buttons of this one's end."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from core.alerts.model import LiveCard, Notice
from core.alerts.service import Asks
from core.files import orders_store, processing_store
from core.files.processing_model import KIND as PROCESS
from core.files.watches import MOVED
from core.health.accounts import ACCOUNT
from core.letters import mailbox_store, outgoing_store
from core.letters import store as letters
from core.people import store as people
from core.requests import store as requests

Look = Callable[[AsyncConnection, str], Awaitable[bool]]
"""Whether a thing still wants something, by what its subject says after the first colon."""

_UNSENT = ("draft", "unknown", "refused")


async def _letter(connection: AsyncConnection, of: str) -> bool:
    found = await letters.get(connection, int(of))
    return found is not None and found.waits


async def _outgoing(connection: AsyncConnection, of: str) -> bool:
    found = await outgoing_store.get(connection, int(of))
    return found is not None and found.state in _UNSENT


async def _first_pass(connection: AsyncConnection, of: str) -> bool:
    found = await mailbox_store.get(connection, of)
    return found is not None and found.history == "asked"


async def _trust(connection: AsyncConnection, of: str) -> bool:
    found = await mailbox_store.get(connection, of)
    return found is not None and found.trusted_at is None


async def _moved(connection: AsyncConnection, of: str) -> bool:
    return (await orders_store.find(connection, of)).waits


async def _process(connection: AsyncConnection, of: str) -> bool:
    process_id, _, run_id = of.partition(":")
    found = await processing_store.find_process(connection, int(process_id))
    return found is not None and found.failing_since is not None and found.told_run_id == int(run_id)


async def _access(connection: AsyncConnection, of: str) -> bool:
    found = await people.find_access_request(connection, int(of))
    return found is not None and found.state == "asked"


async def _joined(connection: AsyncConnection, of: str) -> bool:
    person = await people.find_person(connection, int(of.rpartition(":")[2]))
    return person is not None and person.role is None


async def _gone(connection: AsyncConnection, of: str) -> bool:
    person = await people.find_person(connection, int(of.rpartition(":")[2]))
    return person is not None and person.role is not None


async def _always(_connection: AsyncConnection, _of: str) -> bool:
    return True


_LOOKS: Final[Mapping[str, Look]] = {
    ACCOUNT: _always,
    "access": _access,
    "first_pass": _first_pass,
    "gone": _gone,
    "joined": _joined,
    "letter": _letter,
    MOVED: _moved,
    "outgoing": _outgoing,
    PROCESS: _process,
    "trust": _trust,
    "unsent": _outgoing,
}


def asking(services: Services) -> Asks:
    """Asks the capability whose card it is; of a kind that is only told nobody wants anything."""
    finals = services.requests.workflow.finals

    async def request(connection: AsyncConnection, of: str) -> bool:
        found = await requests.get(connection, int(of))
        return found is not None and found.status not in finals

    looks = dict(_LOOKS) | {"reminder": request, "request": request}

    async def asks(connection: AsyncConnection, shown: LiveCard | Notice) -> bool:
        look = looks.get(shown.kind)
        return look is not None and await look(connection, shown.subject.partition(":")[2])

    return asks
