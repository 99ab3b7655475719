"""The first steps: language, the bot and the way to it, the time zone."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from bot.commands.common import say
from bot.setup.console import Console
from bot.setup.draft import Draft
from bot.setup.wire import BotAccount, who_is
from core.errors import AuthFailed, Unavailable, UserError
from core.people.rules import known_zone
from core.settings import TelegramSection
from core.settings_faults import faults_of
from core.settings_values import machine_zone
from core.text import LANGUAGE_NAMES, LANGUAGES, Translator

OFFICIAL: Final = "https://api.telegram.org"


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
    way = Way(section.api_base, section.proxy)
    if way.base not in (OFFICIAL, known.api_base):
        _warn(console, way.base)
    token = known.token.get_secret_value()
    if not token:
        _explain(console.t)
    while True:
        tried = token or console.ask(console.t("Token (not shown)"), hidden=True)
        try:
            bot, way = _reach(console, tried, way)
        except AuthFailed as error:
            if token:
                raise
            console.tell(error)
        else:
            break
    say(console.t("✓ This is @{name}.", name=bot.username))
    values = {
        key: value
        for key, value, before in (("api_base", way.base, known.api_base), ("proxy", way.proxy, known.proxy))
        if value != before
    }
    if values or not token:
        draft.save("telegram", values, {} if token else {"token": tried}, now)
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
        except Unavailable as error:
            console.tell(error)
        say(t("p: through a proxy · a: another Bot API address · empty: try again"))
        choice = console.ask(t("How"), "" if console.speaks_to_a_person else None).lower()
        if choice in ("p", "п"):
            way = replace(way, proxy=console.valid(t("Proxy, like socks5://127.0.0.1:1080"), _proxy))
        elif choice in ("a", "а"):
            base = console.valid(t("Address of the Bot API server"), _address)
            _warn(console, base)
            way = replace(way, base=base)


def _warn(console: Console, base: str) -> None:
    """What another address reveals; goes on only with a yes. Raises `UserError`."""
    t, address = console.t, urlsplit(base)
    say(t("Whoever runs {host} sees the token and every message, and could write as the bot.", host=address.hostname))
    if address.scheme == "http" and address.hostname not in ("127.0.0.1", "localhost", "::1"):
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
