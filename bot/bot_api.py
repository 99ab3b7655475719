"""The few questions that the command line asks the Bot API itself: who a token is, and whether it may be reached so."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp_socks import ProxyConnector

from bot.way import FAILURES, NoWay, fault_of, where
from core.errors import AuthFailed
from core.text import N_

TIMEOUT: Final = 10.0
"""Seconds for one answer; a proxy may be slow."""
LINK: Final = "https://t.me/{username}?start={code}"
"""A deep link into the private chat (core.telegram.org/bots/features, deep linking)."""
_MOST: Final = 1024 * 1024
"""Bytes of an answer that are read; Telegram's are far shorter, a stranger's may not end."""


class WrongToken(AuthFailed):
    """Telegram does not know the token; `remedy` as in `NoWay`."""

    remedy = N_("Copy it again at @BotFather: /mybots, your bot, API Token. /revoke there makes a new one.")

    def __init__(self) -> None:
        super().__init__(N_("Telegram does not know this token."))


@dataclass(frozen=True, slots=True)
class BotAccount:
    """What Telegram says of a token (Bot API, getMe)."""

    id: int
    username: str

    def link(self, code: str) -> str:
        """What opens the private chat with it and hands it the code."""
        return LINK.format(username=self.username, code=code)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is the Bot API's: `error` is its code, 0 for none. `date`: Telegram's clock."""

    error: int
    result: Any
    date: datetime | None


class BotApi:
    """Asks at `api_base`, through `proxy` unless that is ''. The address holds the token, and so stands in no error."""

    def __init__(self, token: str, api_base: str, proxy: str = "") -> None:
        self._base = f"{api_base.rstrip('/')}/bot{token}"
        self._host = where(urlsplit(api_base))
        self._way = (api_base, proxy)

    async def __aenter__(self) -> Self:
        proxy = self._way[1]
        self._session = aiohttp.ClientSession(connector=ProxyConnector.from_url(proxy) if proxy else None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def me(self) -> tuple[BotAccount, datetime | None]:
        """Who the token is, and Telegram's clock. Raises `WrongToken`, `NoWay`."""
        answer = await self.ask("getMe")
        if answer.error:
            raise self._refused(answer.error)
        try:
            return BotAccount(int(answer.result["id"]), str(answer.result["username"])), answer.date
        except (KeyError, TypeError, ValueError):
            raise self._stranger("getMe") from None

    async def ask(self, method: str, *, held: float = 0, **parameters: int | str) -> Answer:
        """One question, whose answer Telegram may hold back for that many seconds. Raises `WrongToken`, `NoWay`."""
        try:
            async with (
                asyncio.timeout(TIMEOUT + held),
                self._session.post(f"{self._base}/{method}", data=parameters, allow_redirects=False) as response,
            ):
                body = await _body(response)
        except FAILURES as error:
            raise fault_of(error, *self._way) from None  # the error would name the address, and with it the token
        return self._answer(response.status, response.headers, body)

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if not isinstance(found, dict) or not isinstance(found.get("ok"), bool):
            raise self._no_telegram(status, headers, body)
        if found["ok"]:
            return Answer(0, found.get("result"), _moment(headers.get("Date", "")))
        said = found.get("error_code")
        code = said if isinstance(said, int) else status
        if code in (401, 404):  # an unknown token is either
            raise WrongToken
        if code == 429:
            raise _busy((found.get("parameters") or {}).get("retry_after"))
        return Answer(code, None, _moment(headers.get("Date", "")))

    def _no_telegram(self, status: int, headers: Mapping[str, str], body: bytes) -> NoWay:
        """What speaks in place of Telegram."""
        if status == 429:
            return _busy(headers.get("Retry-After"))
        if status >= 500 and status != 511:  # Network Authentication Required is a sign-in page's (RFC 6585)
            return self._refused(status)
        if status == 511 or 300 <= status < 400 or (status == 200 and body.lstrip()[:1] == b"<"):
            return NoWay(
                N_("A web page answers in place of {host}."),
                N_(
                    "If this network has a sign-in page, sign in with a browser on this machine; "
                    "else Telegram is blocked here: set a proxy (telegram.proxy)."
                ),
                host=self._host,
            )
        return self._stranger(f"HTTP {status}")

    def _refused(self, code: int) -> NoWay:
        return NoWay(
            N_("{host} answers with an error (HTTP {status})."),
            N_("Try again in a few minutes. If it stays so, check telegram.api_base and telegram.proxy."),
            host=self._host,
            status=code,
        )

    def _stranger(self, said: str) -> NoWay:
        return NoWay(
            N_("What answers at {host} is not Telegram ({said})."),
            N_("Check telegram.api_base; where Telegram is blocked, set a proxy (telegram.proxy)."),
            host=self._host,
            said=said,
        )


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > _MOST:
            break
    return bytes(body)


def _moment(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


def _busy(seconds: object) -> NoWay:
    wait = int(seconds) if isinstance(seconds, int) or (isinstance(seconds, str) and seconds.isdigit()) else 5
    return NoWay(
        N_("Telegram is busy and asks to wait {n} s."),
        N_("Wait so long, then try again. If it comes again and again, another program uses this token."),
        n=wait,
    )


async def who_is(token: str, api_base: str, proxy: str = "") -> BotAccount:
    """The bot of a token. Raises `WrongToken`; `NoWay` when nothing answers, or not Telegram."""
    async with BotApi(token, api_base, proxy) as api:
        return (await api.me())[0]
