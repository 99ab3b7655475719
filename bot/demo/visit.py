"""The demo in a visitor's own Telegram, by the token of a bot of theirs."""

import logging
from contextlib import closing
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from bot.app import App
from bot.bot_api import BotAccount, BotApi
from bot.commands.common import say
from bot.commands.run import Stop, serve, stop_signals
from bot.demo import folder as data
from bot.demo.configuration import configuration
from bot.demo.folder import Visit
from bot.demo.owner import find_owner
from bot.demo.scene import Colleagues
from bot.way import NoWay
from core.clock import SystemClock
from core.errors import AuthFailed, ConfigError
from core.settings import TelegramSection
from core.text import Translator, translator
from deploy.demo.clock import WorldClock
from deploy.demo.visitor import VisitorWorld
from jobs.supervisor import Supervisor
from jobs.threads import begin_in_thread

if TYPE_CHECKING:
    from aiogram import Dispatcher

log = logging.getLogger(__name__)

WORKING: Final = ("mailbox.contractor", "watch.documents", "reminders")
"""What the assistant does in the evening. It tells of it afterwards: Telegram takes a message a second."""
INVITED: Final = "demo"
"""What the link carries, so that Telegram shows Start also to somebody who knows the bot already."""


async def play(folder: Path, port: int, token: str, way: TelegramSection, t: Translator, *, fresh: bool) -> int:
    """Play until SIGINT or SIGTERM. `way` says how Telegram is reached. Raises `VakhtaError`."""
    visit: Visit | None = None
    proxy = way.proxy.get_secret_value()

    async def receive() -> None:
        nonlocal visit
        async with BotApi(token, way.api_base, proxy) as api:
            visit = await _receive(folder, api, t, fresh=fresh)

    with stop_signals() as stop:
        await stop.cuts_short(receive())
        if visit is not None:
            telegram = {"token": token, "api_base": way.api_base, "proxy": proxy}
            await _run(folder, port, telegram, visit, stop, t)
    return 0


async def _receive(folder: Path, api: BotApi, t: Translator, *, fresh: bool) -> Visit:
    """Whose visit it is: the one that the folder holds, else of whoever presses Start first."""
    bot = await _usable_bot(api)
    say(t("✓ This is @{name}.", name=bot.username))
    known = _known_visit(folder, bot, fresh=fresh)
    if known is None:
        say(t("Open this link in Telegram and press Start. Only who does so first is answered:"))
        say(f"    {bot.link(INVITED)}")
        begin_in_thread("import", partial(import_module, "bot.telegram"))  # seconds that the visitor need not wait
        owner = await find_owner(api, SystemClock().sleep, t.language)
        known = Visit(bot.id, bot.username, owner.id, owner.name, owner.language)
        data.keep(folder, known)
        await _greet(api, known)
    say(t("The visitor is {name}; nobody else is answered. With --fresh somebody else can be.", name=known.owner_name))
    return known


async def _usable_bot(api: BotApi) -> BotAccount:
    """The bot of the token, which nobody else uses. Raises `ConfigError`, `NoWay`."""
    try:
        bot, _ = await api.me()
        hook = await api.ask("getWebhookInfo")
    except AuthFailed as error:
        raise ConfigError("Telegram does not know this token. Copy it again at @BotFather: /mybots.") from error
    url = (hook.result or {}).get("url")
    if url:
        raise ConfigError(
            "Another program uses @{name}: its webhook leads to {host}. "
            "Make a bot for the demo at @BotFather: /newbot.",
            name=bot.username,
            host=urlsplit(url).hostname or "?",
        )
    return bot


def _known_visit(folder: Path, bot: BotAccount, *, fresh: bool) -> Visit | None:
    """What the folder holds of this bot. Raises `ConfigError` for one that belongs to another demo."""
    data.prepare(folder, fresh=fresh)
    known = data.visit_in(folder)
    if known is None and data.has_begun(folder):
        raise ConfigError(
            "{path} holds the demo of the chat page. Name another folder with --dir, or begin anew with --fresh.",
            path=folder,
        )
    if known is not None and known.bot_id != bot.id:
        raise ConfigError(
            "{path} holds the demo of @{name}. Name another folder with --dir, or begin anew with --fresh.",
            path=folder,
            name=known.bot_name,
        )
    return known


async def _greet(api: BotApi, visit: Visit) -> None:
    """At once, because the evening takes its seconds."""
    t = translator(visit.language)
    text = t(
        "Hello, {name}! Three hours of a duty shift pass in a moment; what came of them follows. Then it is your turn.",
        name=visit.owner_name,
    )
    try:
        await api.ask("sendMessage", chat_id=visit.owner_id, text=text)
    except NoWay as error:
        log.info("the greeting did not reach Telegram: %s", error)


async def _run(folder: Path, port: int, telegram: dict[str, Any], visit: Visit, stop: Stop, t: Translator) -> None:
    clock = WorldClock()
    with closing(VisitorWorld(folder, clock, visit.language)) as world:
        mine = {"admins": [visit.owner_id], "chats": {"duty": {"id": visit.owner_id}}}
        settings = configuration(folder, port, world, telegram | mine)

        def prepare(dispatcher: "Dispatcher") -> None:
            from bot.demo import chat  # it needs aiogram, which is loaded by then

            chat.prepare(dispatcher, world=world, owner_id=visit.owner_id)

        async def opening(supervisor: Supervisor) -> None:
            if world.evening_is_to_come:
                await world.play_evening(Colleagues(world, app.services), partial(supervisor.run_once, WORKING))
                await supervisor.run_once(("courier",))

        app = App(settings, clock, remind_every=2.0, opening=opening, prepare=prepare)
        await app.open()
        say(t("Status page: {url}", url=app.page_url))
        host = urlsplit(settings.telegram.api_base).hostname
        say(t("Nothing leaves this machine but to {host}. Data: {path}. Ctrl+C stops.", host=host, path=folder))
        await serve(app, stop)
