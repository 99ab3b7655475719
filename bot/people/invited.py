"""Opening an invitation: the deep link that makes somebody admin (or what it invites to)."""

from dataclasses import dataclass

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import ANYONE, Here
from bot.chat.talk import Talk
from bot.people import cards
from core.alerts.model import Destination, Telling
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.errors import UserError
from core.people import store
from core.people.invitations import InvitationsService
from core.people.model import Person


@dataclass(frozen=True, slots=True)
class InvitedChat:
    """What the assistant answers to somebody who opened a link."""

    db: Database
    invitations: InvitationsService
    alerts: AlertsService

    async def open(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/start CODE`: the role it gives; else one sentence, and the way to ask."""
        try:
            async with self.db.transaction() as tx:
                person = await self.invitations.accept(tx, command.args or "", here.person, here.actor)
                if person.role != here.person.role:
                    await self._tell(tx, person)
        except UserError as error:
            await talk.say(cards.no_invitation_card(here.t, here.person, here.t(error.message, **error.values)))
        else:
            await talk.say(cards.welcome_card(here.t, person))

    async def openly(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/start CODE` where others read it: whoever is quickest would get the role, so nobody does."""
        async with self.db.transaction() as tx:
            known = await self.invitations.withdraw(tx, command.args or "", here.actor)
        if not known:
            raise SkipHandler
        await talk.say(cards.open_invitation_card(here.t))

    async def _tell(self, tx: AsyncConnection, person: Person) -> None:
        """The other admins hear of it at once: nobody becomes one behind their backs."""
        others = tuple(Destination(admin) for admin in await store.admin_ids(tx) if admin != person.id)
        subject = f"invited:{person.id}"
        dedup = f"{subject}:{await store.last_audited(tx)}"
        await self.alerts.tell(tx, Telling("invited", subject, dedup, "admins", "new", to=others, priority=1))


def router(chat: InvitedChat) -> Router:
    """Goes before the menu, which answers `/start` without a code."""
    router = Router(name="invited")
    link, flags = CommandStart(deep_link=True), {"role": ANYONE}
    router.message.register(chat.open, F.chat.type == "private", link, flags=flags)
    router.message.register(chat.openly, link, flags=flags)
    return router
