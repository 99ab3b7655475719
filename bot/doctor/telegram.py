"""The way to Telegram, step by step: name, connection, encryption, token, webhook, clock, a second program."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp_socks import ProxyConnectionError

from bot.bot_api import BotApi, WrongToken
from bot.doctor.machine import RunningChat, running_chat
from bot.findings import Finding
from bot.way import NoWay, fault_of
from core.clock import SystemClock
from core.settings import Settings, TelegramSection, WebhookSection
from core.text import N_, Translator
from jobs.threads import in_thread

TIMEOUT: Final = 8.0
"""Seconds for each step."""
CLOCK_OFF: Final = timedelta(seconds=5)
PROBE: Final = 6
"""Seconds in which a second program on the token shows itself: most ask again after 1 to 5."""
_PORTS: Final = {"https": 443, "http": 80, "socks5": 1080, "socks4": 1080}
_ONE_PROGRAM: Final = N_("Stop the other program, or use another token.")
_FAILURES: Final = (OSError, TimeoutError, UnicodeError)


async def telegram(settings: Settings, t: Translator) -> list[Finding]:
    """Each step on a line, up to the first that fails."""
    section = settings.telegram
    token, proxy = section.token.get_secret_value(), section.proxy.get_secret_value()
    if not token:
        return [Finding("Telegram", ok=True, found=t("no token: a dry run, messages go to the log"))]
    findings = [finding async for finding in _way(section.api_base, proxy, t)]
    if findings[-1].ok:
        async with BotApi(token, section.api_base, proxy) as api:
            findings += await _look(api, section, t, await running_chat(settings, t))
    return findings


async def _way(api_base: str, proxy: str, t: Translator) -> AsyncIterator[Finding]:
    """Name, connection and, when it is not for a proxy to see, encryption; ends with the first that fails."""
    address = urlsplit(proxy or api_base)
    host, port = address.hostname or "", address.port or _PORTS.get(address.scheme, 443)
    step = "Telegram DNS"
    try:
        async with asyncio.timeout(TIMEOUT):
            await in_thread("name", lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        yield Finding(step, ok=True, found=host)
        step = "Telegram TCP"
        async with asyncio.timeout(TIMEOUT):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
        yield Finding(step, ok=True, found=f"{host}:{port}")
        if not proxy and address.scheme == "https":
            step = "Telegram TLS"
            yield Finding(step, ok=True, found=await _tls(host, port))
    except _FAILURES as error:
        away = bool(proxy) and step == "Telegram TCP"
        yield _failed(step, fault_of(ProxyConnectionError() if away else error, address.geturl(), proxy), t)


async def _tls(host: str, port: int) -> str:
    """The version that is spoken. Raises `OSError`."""
    async with asyncio.timeout(TIMEOUT):
        _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
        version = writer.get_extra_info("ssl_object").version()
        writer.close()
    return str(version)


def _failed(check: str, fault: NoWay | WrongToken, t: Translator) -> Finding:
    return Finding(check, ok=False, found=t(fault.message, **fault.values), remedy=t(fault.remedy, **fault.values))


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
        return Finding(t("webhook"), ok=False, found=t("another program removed it"), remedy=t(_ONE_PROGRAM))
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


async def _look(api: BotApi, section: TelegramSection, t: Translator, ours: RunningChat | None) -> list[Finding]:
    """Token, clock, webhook, a second program; `ours` takes the updates now."""
    try:
        me, date = await api.me()
    except (NoWay, WrongToken) as fault:
        return [_failed("Telegram", fault, t)]
    findings = [Finding("Telegram", ok=True, found=f"@{me.username}")]
    if date is not None:
        findings.append(_clock(date, t))
    return findings + await _updates(api, section, t, ours)


def _clock(date: datetime, t: Translator) -> Finding:
    off = SystemClock().now() - date
    if abs(off) <= CLOCK_OFF:
        return Finding(t("clock"), ok=True, found=t("right"))
    found = t("{n} s away from Telegram's", n=round(off.total_seconds()))
    return Finding(t("clock"), ok=False, found=found, remedy=t("Let the machine set its clock by the network (NTP)."))


async def _updates(api: BotApi, section: TelegramSection, t: Translator, ours: RunningChat | None) -> list[Finding]:
    try:
        info = (await api.ask("getWebhookInfo")).result or {}
        if section.mode == "webhook":
            return [_webhook(info, section.webhook, t, at_work=ours is not None)]
        if info.get("url"):
            return [_foreign_webhook(info, t)]
        if ours is None:
            return [await _second(api, t)]
        if ours.waits:
            return [Finding(t("updates"), ok=False, found=ours.waits, remedy=t(_ONE_PROGRAM))]
        return [Finding(t("updates"), ok=True, found=t("this assistant takes them"))]
    except (NoWay, WrongToken) as fault:
        return [_failed(t("updates"), fault, t)]


async def _second(api: BotApi, t: Translator) -> Finding:
    """Whether another program takes updates: getUpdates without an offset, which acknowledges none.

    It ends a question of the other program once; when that asks again, ours is answered 409.
    """
    answer = await api.ask("getUpdates", held=PROBE, limit=1, timeout=PROBE)
    if answer.error != 409:
        return Finding(t("updates"), ok=True, found=t("no other program takes them"))
    return Finding(t("updates"), ok=False, found=t("another program takes them"), remedy=t(_ONE_PROGRAM))
