"""The one-time link, made by the command line: for the first admin, or when none is left."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from bot.app import App
from bot.bot_api import BotAccount, who_is
from bot.commands.common import say
from bot.services import build_services, open_database
from core.clock import Clock, SystemClock
from core.db.engine import Database
from core.errors import Unavailable, UserError
from core.health.runs import SecondCopy
from core.people import store
from core.people.model import ADMIN, Actor, Invitation
from core.settings import Settings
from core.text import Translator

LOOK_EVERY: Final = 0.5
GREETING: Final = 1.0
"""Seconds between two looks for an admin, and for the welcome to leave before the chat is closed."""


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation and where it is opened; '' when Telegram could not be asked for the bot's name."""

    invitation: Invitation
    link: str


async def make_link(settings: Settings, role: str, actor: Actor, bot: BotAccount | None = None) -> Link:
    """Write the invitation down. Raises `UserError` without a token or for an unknown role, `AuthFailed`."""
    telegram = settings.telegram
    token = telegram.token.get_secret_value()
    if not token:
        raise UserError("There is no bot yet: telegram.token is empty. vakhta setup asks for it.")
    if bot is None:
        try:
            bot = await who_is(token, telegram.api_base, telegram.proxy.get_secret_value())
        except Unavailable:
            bot = None  # its name is missing then; the code works all the same
    db = await open_database(settings)
    try:
        services = build_services(settings, SystemClock(), db)
        async with db.transaction() as tx:
            invitation = await services.invitations.invite(tx, role, actor)
    finally:
        await db.close()
    return Link(invitation, bot.link(invitation.code) if bot else "")


async def wait_for_admin(settings: Settings, seconds: float) -> str:
    """Until somebody is admin, at most so long; their name, '' when nobody came. Raises `ConfigError`.

    The chat runs here meanwhile, unless an assistant is at work, which opens the link as well.
    """
    clock = SystemClock()
    app = App(settings, clock, only=("chat", "courier"))
    try:
        await app.open()
    except SecondCopy:
        db = await open_database(settings)
        try:
            return await _admin(db, clock, seconds)
        finally:
            await db.close()
    try:
        await app.start()
        name = await _admin(app.services.db, clock, seconds)
        if name:
            await clock.sleep(GREETING)
        return name
    finally:
        await app.stop()


async def _admin(db: Database, clock: Clock, seconds: float) -> str:
    end = clock.monotonic() + seconds
    while clock.monotonic() < end:
        async with db.reading() as connection:
            admins = [person for person in await store.list_people(connection) if person.may(ADMIN)]
        if admins:
            return admins[0].name
        await clock.sleep(LOOK_EVERY)
    return ""


def say_link(made: Link, zone: str, t: Translator) -> None:
    """Print it, with what it does and until when."""
    role = t(made.invitation.role)
    until = made.invitation.expires_at.astimezone(ZoneInfo(zone)).strftime("%d.%m %H:%M")
    if made.link:
        say(t("Open this link in Telegram; whoever does so first becomes {role}:", role=role))
        say(f"    {made.link}")
    else:
        say(
            t(
                "Telegram cannot be reached now. Later write this to your bot; whoever does so first becomes {role}:",
                role=role,
            )
        )
        say(f"    /start {made.invitation.code}")
    say(t("It works once, until {time}. Show it to nobody else.", time=until))
