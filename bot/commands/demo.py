"""`vakhta demo`: the assistant with the outside world in miniature, on a page of its own or in a visitor's Telegram."""

import argparse
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.app import App
from bot.commands.common import config_of, say
from bot.commands.run import serve, stop_signals, to_the_end
from bot.demo.folder import prepare, visit_in
from bot.services import build_services, open_database
from core.clock import Clock
from core.errors import ConfigError
from core.people import store as people
from core.people.model import Actor, Person
from core.settings import Settings, TelegramSection, load
from core.settings_sources import PREFIX
from core.text import Translator
from jobs.supervisor import Supervisor

if TYPE_CHECKING:
    from deploy.demo.world import World

FOLDER: Final = "vakhta-demo"
VISIT_FOLDER: Final = "vakhta-demo-telegram"


def call(options: argparse.Namespace, t: Translator) -> int:
    """Run until SIGINT or SIGTERM."""
    if options.token_file is not None:
        return _visit(options, t)
    folder = Path(options.dir or FOLDER).absolute()
    prepare(folder, fresh=options.fresh)
    if (visit := visit_in(folder)) is not None:
        raise ConfigError(
            "{path} holds the demo of @{name}. Name another folder with --dir, or begin anew with --fresh.",
            path=folder,
            name=visit.bot_name,
        )
    _forget_environment()
    return to_the_end(_play(folder, options.port, options.chat_port, t))


def _visit(options: argparse.Namespace, t: Translator) -> int:
    """In the Telegram of whoever opens the link, by the bot of the token in the file."""
    from bot.demo.token_file import read_token
    from bot.demo.visit import play

    token = read_token(Path(options.token_file))
    way = load(config_of(options)).telegram
    _refuse_own_bot(token, way)
    _forget_environment()
    folder = Path(options.dir or VISIT_FOLDER).absolute()
    return to_the_end(play(folder, options.port, token, way, t, fresh=options.fresh))


def _refuse_own_bot(token: str, section: TelegramSection) -> None:
    if token.partition(":")[0] == section.token.get_secret_value().partition(":")[0]:
        raise ConfigError("This is the bot of your configuration. Make one for the demo at @BotFather: /newbot.")


def _forget_environment() -> None:
    """The settings of a real bot are not the demo's."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        del os.environ[name]


async def _play(folder: Path, port: int, chat_port: int, t: Translator) -> int:
    from bot.demo.configuration import configuration
    from deploy.demo.clock import WorldClock
    from deploy.demo.world import LEAD_ID, World

    clock = WorldClock()
    world = World(folder, chat_port, clock, t.language, lived_in=True)
    with stop_signals() as stop:
        await world.start()
        say(t("Chat page:   {url}", url=world.chat_url))
        try:
            telegram = {
                "token": world.token,
                "api_base": world.api_base,
                "admins": [LEAD_ID],
                "chats": world.chats,
            }
            settings = configuration(folder, port, world, telegram)
            await _introduce(settings, clock, world.engineer_name)
            app = App(settings, clock, remind_every=2.0, opening=partial(_live_through, world))
            await app.open()
            world.on_language = partial(_speak, app)
            world.on_language(world.language)  # it may have been chosen since the settings were made
            world.status_url = app.page_url
            say(t("Status page: {url}", url=app.page_url))
            say(t("Nothing leaves this machine. Data: {path}. Ctrl+C stops.", path=folder))
            await serve(app, stop)
        finally:
            await world.stop()
    return 0


async def _live_through(world: "World", supervisor: Supervisor) -> None:
    """The evening before, if it is still to come, in cycles of what works for people."""
    jobs = ("chat", "mailbox.contractor", "watch.documents", "reminders", "courier")
    await world.play_evening(partial(supervisor.run_once, jobs))


def _speak(app: App, language: str) -> None:
    """Whoever did not choose a language in /settings, and the group, are spoken to in this one from now on."""
    people_service = app.services.people
    people_service.default = replace(people_service.default, language=language)


async def _introduce(settings: Settings, clock: Clock, name: str) -> None:
    """The engineer works here already; the stranger does not. What a person changed later stays changed."""
    from deploy.demo.world import ENGINEER_ID

    db = await open_database(settings)
    services = build_services(settings, clock, db)
    async with db.transaction() as tx:
        if await people.find_person(tx, ENGINEER_ID) is None:
            await services.people.meet(tx, Person(ENGINEER_ID, name, "oksana_demo"))
            await services.people.change_role(tx, ENGINEER_ID, "operator", Actor("demo", None, "config"))
    await db.close()
