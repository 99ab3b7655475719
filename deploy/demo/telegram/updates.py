"""Updates for the bot: getUpdates with its acknowledgement by offset, and the webhook that excludes it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from deploy.demo.telegram.errors import bad_request, conflict
from deploy.demo.telegram.faults import Pace
from deploy.demo.telegram.model import Json
from deploy.demo.telegram.state import State

_POLL_LIMIT: Final = 50.0  # seconds; the real server waits no longer either
_OTHER_POLLER: Final = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class Api:
    """The parts a method works with. `poller` counts getUpdates calls: a later one ends the earlier."""

    state: State
    pace: Pace
    poller: int = 0
    calls: deque[tuple[str, Json]] = field(default_factory=lambda: deque(maxlen=1000))  # the last accepted ones


async def get_updates(api: Api, args: Json) -> list[Json]:
    """Updates from an offset; those below it are acknowledged and gone."""
    state = api.state
    if state.session.webhook:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    if "allowed_updates" in args:
        state.session.allowed = args["allowed_updates"] or None
        state.save_session()
    api.poller += 1
    mine = api.poller
    state.wake()
    offset = args.get("offset", 0)
    state.acknowledge(offset if offset >= 0 else max(state.updates, default=0) + 1 + offset)
    state.store.commit()  # what is acknowledged is gone, also after a kill while this call waits
    time = asyncio.get_running_loop().time  # a network wait: the machine's own time, whatever the clock says
    deadline = time() + min(args.get("timeout", 0), _POLL_LIMIT)
    while not state.updates and not state.closing:
        left = deadline - time()
        if left <= 0:
            break
        await state.changed(left)
        if api.poller != mine:
            raise conflict(_OTHER_POLLER)
    limit = min(max(args.get("limit", 100), 1), 100)
    return list(state.updates.values())[:limit]


async def set_webhook(api: Api, args: Json) -> bool:
    """Remember a webhook. Updates stay queued: this server does not call it."""
    url = args["url"]
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    api.state.session.webhook = url
    if "allowed_updates" in args:
        api.state.session.allowed = args["allowed_updates"] or None
    return _drop_pending(api, args)


async def delete_webhook(api: Api, args: Json) -> bool:
    """Back to getUpdates."""
    api.state.session.webhook = ""
    return _drop_pending(api, args)


def _drop_pending(api: Api, args: Json) -> bool:
    if args.get("drop_pending_updates"):
        api.state.acknowledge(api.state.session.next_update)
    api.state.save_session()
    api.poller += 1  # a waiting getUpdates must not go on under a webhook
    api.state.wake()
    return True


async def get_webhook_info(api: Api, _args: Json) -> Json:
    """What is set, and how many updates wait."""
    session = api.state.session
    found: Json = {
        "url": session.webhook,
        "has_custom_certificate": False,
        "pending_update_count": len(api.state.updates),
    }
    return found | ({"allowed_updates": session.allowed} if session.allowed else {})
