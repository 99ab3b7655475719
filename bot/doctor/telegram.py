"""The way to Telegram, step by step: name, connection, encryption, token, webhook, clock, a second program."""

import asyncio
import socket
import ssl
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp_socks import ProxyConnector

from bot.doctor.machine import is_chat_at_work
from bot.findings import Finding
from bot.proxy import PROXY_ERRORS, fault_of
from core.clock import SystemClock
from core.errors import AuthFailed, Unavailable
from core.settings import Settings, TelegramSection, WebhookSection
from core.text import Translator
from jobs.threads import in_thread

TIMEOUT: Final = 8.0
"""Seconds for each step."""
CLOCK_OFF: Final = timedelta(seconds=5)
PROBE: Final = 6
"""Seconds in which a second program on the token shows itself: most ask again after 1 to 5."""
_PORTS: Final = {"https": 443, "http": 80, "socks5": 1080, "socks4": 1080}
_FAILURES: Final = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    ValueError,
    *PROXY_ERRORS,
)


async def telegram(settings: Settings, t: Translator) -> list[Finding]:
    """Each step on a line, up to the first that fails."""
    section = settings.telegram
    token = section.token.get_secret_value()
    if not token:
        return [Finding("Telegram", ok=True, found=t("no token: a dry run, messages go to the log"))]
    findings = await _way(section.proxy or section.api_base, t, encrypted=not section.proxy)
    if not findings[-1].ok:
        return findings
    connector = ProxyConnector.from_url(section.proxy) if section.proxy else None
    timeout = aiohttp.ClientTimeout(total=PROBE + TIMEOUT, sock_connect=TIMEOUT)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        api = _Api(session, section, t)
        return findings + await api.look(at_work=await is_chat_at_work(settings))


async def _way(address: str, t: Translator, *, encrypted: bool) -> list[Finding]:
    """Name, connection and, when it is not for a proxy to see, encryption."""
    url = urlsplit(address)
    host, port = url.hostname or "", url.port or _PORTS.get(url.scheme, 443)
    remedy = t("Check the network, telegram.proxy and telegram.api_base.")
    try:
        async with asyncio.timeout(TIMEOUT):
            await in_thread("name", lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, TimeoutError, UnicodeError):
        found = t("the name {host} is not known", host=host)
        dns = t("Check the DNS server of this machine; where Telegram is blocked, set telegram.proxy.")
        return [Finding("Telegram DNS", ok=False, found=found, remedy=dns)]
    findings = [Finding("Telegram DNS", ok=True, found=host)]
    try:
        async with asyncio.timeout(TIMEOUT):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
    except (OSError, TimeoutError) as error:
        if not encrypted:
            found, remedy = t("The proxy {where} cannot be reached.", where=f"{host}:{port}"), _start_proxy(t)
            return [*findings, Finding("Telegram TCP", ok=False, found=found, remedy=remedy)]
        found = t("{host}:{port} cannot be reached ({kind})", host=host, port=port, kind=type(error).__name__)
        return [*findings, Finding("Telegram TCP", ok=False, found=found, remedy=remedy)]
    findings.append(Finding("Telegram TCP", ok=True, found=f"{host}:{port}"))
    if encrypted and url.scheme == "https":
        findings.append(await _tls(host, port, t))
    return findings


async def _tls(host: str, port: int, t: Translator) -> Finding:
    try:
        async with asyncio.timeout(TIMEOUT):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
            version = writer.get_extra_info("ssl_object").version()
            writer.close()
    except ssl.SSLCertVerificationError as error:
        return Finding("Telegram TLS", ok=False, found=error.verify_message, remedy=_certificate(t))
    except (OSError, TimeoutError) as error:
        found = t("does not come about ({kind})", kind=type(error).__name__)
        return Finding("Telegram TLS", ok=False, found=found, remedy=_certificate(t))
    return Finding("Telegram TLS", ok=True, found=str(version))


def _certificate(t: Translator) -> str:
    return t(
        "Check this machine's clock and certificates. "
        "If they are right, something in between opens the connection: set telegram.proxy."
    )


def _start_proxy(t: Translator) -> str:
    return t("Start the proxy, or correct telegram.proxy.")


def _proxy_remedy(fault: AuthFailed | Unavailable, t: Translator) -> str:
    if isinstance(fault, AuthFailed):
        return t("Put the name and password into telegram.proxy: socks5://name:password@host:port.")
    return t("Ask whoever runs the proxy, or set another one in telegram.proxy.")


def _foreign_webhook(info: dict[str, Any], t: Translator) -> Finding:
    found = t("a webhook is set to {host}", host=urlsplit(info["url"]).hostname or "?")
    remedy = t("The start of the assistant removes it; make sure that the program there is not needed.")
    return Finding(t("webhook"), ok=False, found=found, remedy=remedy)


def _webhook(info: dict[str, Any], section: WebhookSection, t: Translator, *, at_work: bool) -> Finding:
    """Whether Telegram posts to us, and gets through (Bot API, getWebhookInfo)."""
    address, host = info.get("url", ""), urlsplit(section.url).hostname or "?"
    waiting, reason = int(info.get("pending_update_count", 0)), str(info.get("last_error_message", ""))
    if address not in ("", section.url):
        return _foreign_webhook(info, t)
    if not at_work:
        waits = t.many("{n} update waits for the assistant", "{n} updates wait for the assistant", waiting)
        sets = t("the start of the assistant sets it")
        return Finding(t("webhook"), ok=True, found=waits if address else sets)
    if not address:
        remedy = t("Stop the other program, or use another token.")
        return Finding(t("webhook"), ok=False, found=t("another program removed it"), remedy=remedy)
    if not (waiting and reason):
        return Finding(t("webhook"), ok=True, found=t("Telegram posts to {host}", host=host))
    found = t("Telegram cannot post to {host}: {reason}", host=host, reason=reason)
    remedy = t(
        "Let https://{host} lead to {listen}:{port} here, with a certificate everybody trusts; see docs/connect.md.",
        host=host,
        listen=section.host,
        port=section.port,
    )
    return Finding(t("webhook"), ok=False, found=found, remedy=remedy)


class _Api:
    """The Bot API at an address that holds the token, and so stands in no finding."""

    def __init__(self, session: aiohttp.ClientSession, section: TelegramSection, t: Translator) -> None:
        self._session = session
        self._section = section
        self._base = f"{section.api_base.rstrip('/')}/bot{section.token.get_secret_value()}"
        self._t = t

    async def look(self, *, at_work: bool) -> list[Finding]:
        """Token, clock, webhook, a second program; `at_work`: an assistant of ours takes the updates now."""
        t = self._t
        try:
            status, body, date = await self._call("getMe")
        except _FAILURES as error:
            found = t("cannot be reached ({kind})", kind=type(error).__name__)
            remedy = t("Check the network, telegram.proxy and telegram.api_base.")
            if isinstance(error, PROXY_ERRORS):
                fault = fault_of(error, self._section.proxy)
                found, remedy = t(fault.message, **fault.values), _proxy_remedy(fault, t)
            if isinstance(error, aiohttp.ClientSSLError):
                remedy = _certificate(t)
            return [Finding("Telegram", ok=False, found=found, remedy=remedy)]
        clock = [] if date is None else [self._clock(date)]
        if status in (401, 404):  # 404 is how a malformed token is refused
            remedy = t("Get the token from @BotFather and put it into telegram.token.")
            return [Finding("Telegram", ok=False, found=t("does not accept the token"), remedy=remedy), *clock]
        if status != 200:
            found = t("answers with HTTP status {status}", status=status)
            return [Finding("Telegram", ok=False, found=found, remedy=t("Try again in a few minutes.")), *clock]
        me = Finding("Telegram", ok=True, found=f"@{(body.get('result') or {}).get('username', '')}")
        return [me, *clock, *await self._updates(at_work=at_work)]

    def _clock(self, date: datetime) -> Finding:
        t, off = self._t, SystemClock().now() - date
        if abs(off) <= CLOCK_OFF:
            return Finding(t("clock"), ok=True, found=t("right"))
        found = t("{n} s away from Telegram's", n=round(off.total_seconds()))
        return Finding(
            t("clock"), ok=False, found=found, remedy=t("Let the machine set its clock by the network (NTP).")
        )

    async def _updates(self, *, at_work: bool) -> list[Finding]:
        t = self._t
        try:
            _, body, _ = await self._call("getWebhookInfo")
            info = body.get("result") or {}
            if self._section.mode == "webhook":
                return [_webhook(info, self._section.webhook, t, at_work=at_work)]
            if info.get("url"):
                return [_foreign_webhook(info, t)]
            if at_work:
                return [Finding(t("updates"), ok=True, found=t("this assistant takes them"))]
            return [await self._second()]
        except _FAILURES as error:
            found = t("cannot be reached ({kind})", kind=type(error).__name__)
            return [Finding(t("updates"), ok=False, found=found, remedy=t("Try again in a few minutes."))]

    async def _second(self) -> Finding:
        """Whether another program takes updates: getUpdates without an offset, which acknowledges none.

        It ends a question of the other program once; when that asks again, ours is answered 409.
        """
        t = self._t
        status, _, _ = await self._call("getUpdates", limit=1, timeout=PROBE)
        if status != 409:
            return Finding(t("updates"), ok=True, found=t("no other program takes them"))
        remedy = t("Stop the other program, or use another token.")
        return Finding(t("updates"), ok=False, found=t("another program takes them"), remedy=remedy)

    async def _call(self, method: str, **parameters: int) -> tuple[int, dict[str, Any], datetime | None]:
        async with self._session.post(f"{self._base}/{method}", data=parameters) as response:
            body = await response.json(content_type=None)
            said = response.headers.get("Date")
            date = parsedate_to_datetime(said) if said else None
            return response.status, body if isinstance(body, dict) else {}, date
