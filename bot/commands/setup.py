"""`vakhta setup`: from nothing to a running real bot, by question and answer.

Each step is tried before it is saved and saved as a whole, so that it may be broken off anywhere and gone on with.
"""

import argparse
import asyncio
import logging
import os
import shlex
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.bot_api import BotAccount
from bot.commands.common import CLI, Result, refuse_demo, say
from bot.services import Services, build_services, open_database
from bot.setup.console import Console, InputEnded
from bot.setup.draft import Draft
from bot.setup.folders import add_watches
from bot.setup.inviting import make_link, say_link, wait_for_admin
from bot.setup.mailboxes import add_mailboxes
from bot.setup.telegram import choose_language, choose_zone, connect
from core.clock import SystemClock
from core.errors import VakhtaError
from core.people import store
from core.requests.contractor_rules import split_line
from core.settings import Settings
from core.settings_sources import DEFAULT_FILE
from core.text import Translator, translator

PATIENCE: Final = 600.0
"""Seconds to wait for the link to be opened; afterwards it opens with the running assistant."""


def call(options: argparse.Namespace, t: Translator) -> int:
    """Ask for what is missing; exit status 1 when it was broken off."""
    if options.log_level == "info":  # a dialogue is no place for what a service's log tells
        logging.getLogger().setLevel(logging.WARNING)
    console = Console(t)
    draft = Draft(Path(options.config or os.environ.get("VAKHTA_CONFIG") or DEFAULT_FILE))
    try:
        return _set_up(options, console, draft)
    except (KeyboardInterrupt, InputEnded):
        say()
        say(console.t("Stopped. What was saved stays.") if draft.saved else console.t("Stopped. Nothing was changed."))
        say(console.t("To go on: {command}", command=f"vakhta setup{_at(draft)}"))
        return 1


def _at(draft: Draft) -> str:
    """What names the configuration in a command."""
    return "" if draft.path == Path(DEFAULT_FILE).absolute() else f" --config {shlex.quote(str(draft.path))}"


def _set_up(options: argparse.Namespace, console: Console, draft: Draft) -> int:
    now = SystemClock().now()
    refuse_demo(draft.settings(), draft.path)  # a file with faults is told before anything is asked, too
    question = console.t("{path} is there. Go on with it? A copy is kept before it is changed.", path=draft.path)
    if draft.existed and not console.agrees(question, default=True):
        return 1
    language = choose_language(console, draft)
    console.t = t = translator(language)
    bot = connect(
        console, draft, {key: value for key in ("api_base", "proxy") if (value := getattr(options, key))}, now
    )
    top = {"language": language, "timezone": choose_zone(console, draft)}
    if any(draft.values().get(key) != value for key, value in top.items()):
        draft.save("", top, {}, now)
    if draft.saved:
        say(t("✓ Saved: {path}", path=draft.path))
    say()
    add_watches(console, draft, now)
    say()
    add_mailboxes(console, draft, now)
    settings = draft.settings()
    if settings.mailbox:
        say()
        _add_contractors(console, settings)
    say()
    _first_admin(console, settings, bot)
    _say_next(t, _at(draft))
    return 0


def _say_next(t: Translator, at: str) -> None:
    say(t("Ready. Next:"))
    for command, about in (
        ("doctor", t("looks at everything once more")),
        ("run", t("starts the assistant here, until Ctrl+C")),
        ("service install", t("starts it with the machine from now on")),
    ):
        say(f"    {f'vakhta {command}{at}':24}  # {about}")


def _add_contractors(console: Console, settings: Settings) -> None:
    """Ask for contractors until an empty answer; they are kept in the database."""
    t = console.t
    while line := console.ask(t("A contractor, like: Lift Service @liftservice.example (empty: no more)"), ""):
        name, patterns = split_line(line)

        async def add(services: Services, name: str = name, patterns: tuple[str, ...] = patterns) -> None:
            async with services.db.transaction() as tx:
                made = await services.contractors.create(tx, name, CLI)
                for pattern in patterns:
                    await services.contractors.add_pattern(tx, made.id, pattern, CLI)

        try:
            asyncio.run(_with_database(settings, add))
        except VakhtaError as error:
            console.tell(error)
        else:
            say(f"✓ {name}")


def _first_admin(console: Console, settings: Settings, bot: BotAccount) -> None:
    """A link for the first admin, unless there is one."""
    t = console.t

    async def has_admin(services: Services) -> bool:
        async with services.db.reading() as connection:
            return bool(await store.admin_ids(connection))

    known = asyncio.run(_with_database(settings, has_admin))
    if known or settings.telegram.admins:
        return
    say_link(asyncio.run(make_link(settings, "admin", CLI, bot)), settings.timezone, t)
    if console.agrees(t("Wait here until it is opened?"), default=True):
        name = ""
        with suppress(KeyboardInterrupt):
            say(t("Waiting for at most {n} minutes; Ctrl+C goes on without.", n=round(PATIENCE / 60)))
            name = asyncio.run(wait_for_admin(settings, PATIENCE))
        say(t("✓ {name} is admin.", name=name) if name else t("Not yet. It opens while vakhta run runs, too."))
    say()


async def _with_database(settings: Settings, work: Callable[[Services], Awaitable[Result]]) -> Result:
    db = await open_database(settings)
    try:
        return await work(build_services(settings, SystemClock(), db))
    finally:
        await db.close()
