"""The one-time link, made by the command line: for the first admin, or when none is left."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.commands.common import say
from bot.services import build_services, open_database
from bot.setup.wire import BotAccount, who_is
from core.clock import SystemClock
from core.errors import Unavailable, UserError
from core.people.model import Actor, Invitation
from core.settings import Settings
from core.text import Translator


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
            bot = await who_is(token, telegram.api_base, telegram.proxy)
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


def say_link(made: Link, zone: str, t: Translator) -> None:
    """Print it, with what it does and until when."""
    until = made.invitation.expires_at.astimezone(ZoneInfo(zone)).strftime("%d.%m %H:%M")
    if made.link:
        say(t("Open this link in Telegram; whoever does so first becomes {role}:", role=made.invitation.role))
        say(f"    {made.link}")
    else:
        say(
            t(
                "Telegram cannot be reached now. Later write this to your bot; whoever does so first becomes {role}:",
                role=made.invitation.role,
            )
        )
        say(f"    /start {made.invitation.code}")
    say(t("It works once, until {time}. Show it to nobody else.", time=until))
