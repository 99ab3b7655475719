"""Updates for the bot: getUpdates with its acknowledgement by offset, and the webhook that excludes it."""

import asyncio
import ipaddress
import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from deploy.demo.telegram.errors import bad_request, conflict
from deploy.demo.telegram.methods.base import Api
from deploy.demo.telegram.model import Json, Webhook

_POLL_LIMIT: Final = 50.0  # seconds; the real server waits no longer either
_MOVED: Final = 60.0  # seconds by which the demo's clock goes ahead at least
_OTHER_POLLER: Final = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_ACTIVE: Final = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_PORTS: Final = {80, 88, 443, 8443}
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{0,256}")
_CONNECTIONS: Final = 100


async def get_updates(api: Api, args: Json) -> list[Json]:
    """Updates from an offset; those below it are acknowledged and gone."""
    state = api.state
    if state.webhook.url:
        raise conflict(_WEBHOOK_ACTIVE)
    _remember_kinds(api, args)
    api.poller += 1
    mine = api.poller
    state.wake()
    offset = args.get("offset", 0)
    state.acknowledge(offset if offset >= 0 else max(state.updates, default=0) + 1 + offset)
    state.queue.expire()
    state.store.commit()  # what is acknowledged is gone, also after a kill while this call waits
    time = asyncio.get_running_loop().time  # a network wait: the machine's own time, whatever the clock says
    deadline = time() + min(args.get("timeout", 0), _POLL_LIMIT)
    shift = state.clock.now().timestamp() - time()
    while not state.updates and not state.closing:
        left = deadline - time()
        if left <= 0:
            break
        await state.changed(left)
        if abs(state.clock.now().timestamp() - time() - shift) > _MOVED:
            break  # else whoever waits here seems to have been silent since the clock was moved
        if api.poller != mine:
            raise conflict("terminated by setWebhook request" if state.webhook.url else _OTHER_POLLER)
    limit = min(max(args.get("limit", 100), 1), 100)
    return list(state.updates.values())[:limit]


def _remember_kinds(api: Api, args: Json) -> None:
    if "allowed_updates" in args:
        api.state.session.allowed = args["allowed_updates"] or None
        api.state.save_session()


async def set_webhook(api: Api, args: Json) -> bool:
    """Where updates are posted from now on; an empty address ends that."""
    url = args["url"]
    if not url:
        return await delete_webhook(api, args)
    _check_address(url)
    if not _SECRET.fullmatch(args.get("secret_token", "")):
        raise bad_request("secret token contains unallowed characters")
    _remember_kinds(api, args)
    wanted = Webhook(
        url=url,
        secret=args.get("secret_token", ""),
        max_connections=min(max(args.get("max_connections", 40), 1), _CONNECTIONS),
        ip_address=args.get("ip_address", ""),
        certificate="certificate" in args,
    )
    if wanted != replace(api.state.webhook, last_error="", last_error_date=0):
        api.state.webhook = wanted
    return _changed(api, args)


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        port = parts.port or 443
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    if port not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return
    if not address.is_global:
        raise bad_request(f"bad webhook: IP address {address} is reserved")


async def delete_webhook(api: Api, args: Json) -> bool:
    """Back to getUpdates."""
    api.state.webhook = Webhook()
    return _changed(api, args)


def _changed(api: Api, args: Json) -> bool:
    if args.get("drop_pending_updates"):
        api.state.acknowledge(api.state.session.next_update)
    api.state.save_setup()
    api.poller += 1  # a waiting getUpdates must not go on under a webhook
    api.state.wake()
    return True


async def get_webhook_info(api: Api, _args: Json) -> Json:
    """What is set, how many updates wait, and why the last post failed."""
    webhook, session = api.state.webhook, api.state.session
    found: Json = {
        "url": webhook.url,
        "has_custom_certificate": webhook.certificate,
        "pending_update_count": len(api.state.updates),
    }
    if webhook.url:
        found["max_connections"] = webhook.max_connections
    if webhook.ip_address:
        found["ip_address"] = webhook.ip_address
    if webhook.last_error:
        found |= {"last_error_date": webhook.last_error_date, "last_error_message": webhook.last_error}
    return found | ({"allowed_updates": session.allowed} if session.allowed else {})


METHODS: Final = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
