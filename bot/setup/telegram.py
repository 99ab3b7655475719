"""The first steps: language, the bot and the way to it, the time zone."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from bot.bot_api import BotAccount, WrongToken, who_is
from bot.commands.common import say
from bot.setup.console import Console
from bot.setup.draft import Draft
from bot.way import NoWay
from core.errors import UserError
from core.people.rules import known_zone
from core.settings import OFFICIAL_API, TelegramSection
from core.settings_faults import faults_of
from core.settings_values import machine_zone
from core.text import LANGUAGE_NAMES, LANGUAGES, Translator

_HERE: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Way:
    """How Telegram is reached."""

    base: str
    proxy: str


def choose_language(console: Console, draft: Draft) -> str:
    """The file's language, else the one that is chosen."""
    known = draft.values().get("language")
    if known in LANGUAGES:
        return str(known)
    say(" · ".join(f"{code} {LANGUAGE_NAMES[code]}" for code in LANGUAGES))
    return console.valid(console.t("Language"), _language, console.t.language)


def _language(text: str) -> str:
    if text.lower() not in LANGUAGES:
        raise UserError("I do not speak {language} yet.", language=text)
    return text.lower()


def connect(console: Console, draft: Draft, asked: dict[str, str], now: datetime) -> BotAccount:
    """The bot of the token that the file has, or that is asked for; tried, then saved. Raises `VakhtaError`.

    `asked` is the way to Telegram (`api_base`, `proxy`) that goes over the file's.
    """
    known, section = draft.settings().telegram, draft.settings({"telegram": asked}).telegram
    before = Way(known.api_base, known.proxy.get_secret_value())
    way = Way(section.api_base, section.proxy.get_secret_value())
    if way.base not in (OFFICIAL_API, before.base):
        _warn(console, way.base)
    token = tried = known.token.get_secret_value()
    if not token:
        _explain(console.t)
    while True:
        tried = tried or console.ask(console.t("Token (not shown)"), hidden=True)
        try:
            bot, way = _reach(console, tried, way)
        except WrongToken as error:
            console.tell(error)
            tried = ""
        else:
            break
    say(console.t("✓ This is @{name}.", name=bot.username))
    values = {"api_base": way.base} if way.base != before.base else {}
    secrets = {} if tried == token else {"token": tried}
    if way.proxy != before.proxy:
        (secrets if urlsplit(way.proxy).password else values)["proxy"] = way.proxy
    if values or secrets:
        draft.save("telegram", values, secrets, now)
    return bot


def _explain(t: Translator) -> None:
    say(t("A bot is made in Telegram, in two minutes:"))
    say(t("  1. Open https://t.me/BotFather and send /newbot."))
    say(t("  2. Choose a name, and a username that ends in “bot”."))
    say(t("  3. Copy the token he answers with; it looks like 123456789:AAE… Whoever has it, has the bot."))


def _reach(console: Console, token: str, way: Way) -> tuple[BotAccount, Way]:
    """Ask Telegram who the token is, by another way where it cannot be reached; and the way that worked."""
    t = console.t
    while True:
        try:
            return asyncio.run(who_is(token, way.base, way.proxy)), way
        except NoWay as error:
            console.tell(error)
        say(t("Enter: try again · p: through a proxy · a: another Bot API address · Ctrl+C: stop here"))
        choice = console.ask(t("Your choice"), "" if console.speaks_to_a_person else None).lower()
        if choice in ("p", "п"):
            way = replace(way, proxy=_ask_proxy(console))
        elif choice in ("a", "а"):
            base = console.valid(t("Address of the Bot API server"), _address)
            _warn(console, base)
            way = replace(way, base=base)


def _ask_proxy(console: Console) -> str:
    """Its address, with the name and password that it may want."""
    t = console.t
    proxy = console.valid(t("Proxy, like socks5://127.0.0.1:1080"), _proxy)
    if "@" in proxy:
        return proxy
    name = console.ask(t("User name at the proxy (empty: none)"), "")
    if not name:
        return proxy
    password = console.ask(t("Password (not shown)"), hidden=True)
    return proxy.replace("://", f"://{quote(name, safe='')}:{quote(password, safe='')}@", 1)


def _warn(console: Console, base: str) -> None:
    """What another address reveals; goes on only with a yes. Raises `UserError`."""
    t, address = console.t, urlsplit(base)
    say(t("Whoever runs {host} sees the token and every message, and could write as the bot.", host=address.hostname))
    if address.scheme == "http" and address.hostname not in _HERE:
        say(t("Without https, so does everybody on the way there."))
    if not console.agrees(t("Is it yours?"), default=False):
        raise UserError("Then it is not used. Nothing was changed.")


def _proxy(text: str) -> str:
    try:
        TelegramSection.model_validate({"proxy": text})
    except ValidationError as error:
        fault = next(faults_of(error, TelegramSection))
        raise UserError(fault.message, **fault.values) from None
    return text


def _address(text: str) -> str:
    try:
        TelegramSection.model_validate({"api_base": text})
    except ValueError:
        raise UserError("{text} is no address like https://host:port.", text=text) from None
    return text


def choose_zone(console: Console, draft: Draft) -> str:
    """The file's time zone, else the one that is chosen; the machine's is offered."""
    known = draft.values().get("timezone")
    return str(known) if known else console.valid(console.t("Time zone"), known_zone, machine_zone())
