"""`vakhta demo`: the assistant with the outside world in miniature. Needs no token; nothing leaves the machine."""

import argparse
import os
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.app import App
from bot.commands.common import say
from bot.commands.run import serve, stop_signals, to_the_end
from bot.services import build_services, open_database
from core.clock import Clock
from core.errors import ConfigError
from core.people import store as people
from core.people.model import Actor, Person
from core.settings import Settings, make
from core.settings_sources import PREFIX
from core.text import Translator
from jobs.supervisor import Supervisor

if TYPE_CHECKING:
    from deploy.demo.world import World

MARK = ".vakhta-demo"
"""The file by which a data folder of the demo is known: nothing else is ever removed by `--fresh`."""


def call(options: argparse.Namespace, t: Translator) -> int:
    """Run until SIGINT or SIGTERM."""
    folder = Path(options.dir).absolute()
    _prepare(folder, fresh=options.fresh)
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        del os.environ[name]  # the settings of a real bot are not the demo's
    return to_the_end(_play(folder, options.port, options.chat_port, t))


def _prepare(folder: Path, *, fresh: bool) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise ConfigError("{path} holds something else than the demo's data. Name another folder: --dir", path=folder)
    if fresh and (folder / MARK).exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


async def _play(folder: Path, port: int, chat_port: int, t: Translator) -> int:
    from deploy.demo.clock import WorldClock
    from deploy.demo.world import World

    clock = WorldClock()
    world = World(folder, chat_port, clock, t.language, lived_in=True)
    with stop_signals() as stop:
        await world.start()
        say(t("Chat page:   {url}", url=world.chat_url))
        try:
            settings = make(_settings(folder, port, world), folder)
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


def _settings(folder: Path, port: int, world: "World") -> dict[str, Any]:
    from deploy.demo.world import LEAD_ID

    return {
        "language": world.language,
        "database": {"url": f"sqlite+aiosqlite:///{folder / 'vakhta.db'}"},
        "telegram": {
            "token": world.token,
            "api_base": world.api_base,
            "admins": [LEAD_ID],
            "chats": {"duty": {"id": world.duty_chat_id}},
        },
        "page": {"port": port},
        "watch": {"documents": {"path": world.shared, "project": "CRM", "compute_checksum": True, "exclude": ["~$*"]}},
        "process": {
            "check": {
                "watch": "documents",
                "patterns": ["*.json"],
                "command": [sys.executable, "-m", "json.tool", "{path}"],
            },
        },
        "mailbox": {"contractor": {"path": world.mailbox, "senders": ["*@contractor.example"], "check_every": 1.0}},
    }


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
