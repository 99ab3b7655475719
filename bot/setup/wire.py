"""The two things the command line asks Telegram itself: who a token is, and whether it may be reached so."""

import asyncio
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp_socks import ProxyConnector

from bot.proxy import PROXY_ERRORS, fault_of
from core.errors import AuthFailed, Unavailable

TIMEOUT: Final = 15.0
"""Seconds for one answer; a proxy may be slow."""
LINK: Final = "https://t.me/{username}?start={code}"
"""A deep link into the private chat (core.telegram.org/bots/features, deep linking)."""
_FAILURES: Final = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class BotAccount:
    """What Telegram says of a token (Bot API, getMe)."""

    id: int
    username: str
    sees_all: bool
    """It hears everything in groups: privacy mode is off."""

    def link(self, code: str) -> str:
        """What opens the private chat with it and hands it the code."""
        return LINK.format(username=self.username, code=code)


async def who_is(token: str, api_base: str, proxy: str = "") -> BotAccount:
    """The bot of a token. Raises `AuthFailed` for a token it does not know, `Unavailable` when nothing answers."""
    try:
        connector = ProxyConnector.from_url(proxy) if proxy else None
        async with (
            asyncio.timeout(TIMEOUT),
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"{api_base.rstrip('/')}/bot{token}/getMe") as response,
        ):
            body = await response.json(content_type=None)
    except PROXY_ERRORS as error:
        fault = fault_of(error, proxy)  # never AuthFailed here: that is about the token, and asks for another
        raise Unavailable(fault.message, **fault.values) from None
    except _FAILURES as error:  # the error would name the address, and with it the token
        raise Unavailable("Telegram cannot be reached ({kind}).", kind=type(error).__name__) from None
    if not isinstance(body, dict) or "ok" not in body:
        raise Unavailable("What answers there is not Telegram.")
    if body["ok"]:
        me = body["result"]
        return BotAccount(int(me["id"]), str(me["username"]), bool(me.get("can_read_all_group_messages")))
    if body.get("error_code") in (401, 404):  # an unknown token is either
        raise AuthFailed("Telegram does not know this token.")
    wait = (body.get("parameters") or {}).get("retry_after", 0)
    raise Unavailable("Telegram is busy now; try again in {n} s.", n=wait or 5)
