"""People who come into a group that is told things, and who go.

The admins hear of whoever comes without a role, and of whoever goes with one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from aiogram import F, Router
from aiogram.types import Chat, ChatMemberUpdated, Message, User
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import ANYONE
from bot.people.groups import is_inside
from core.alerts.model import Destination, Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database
from core.people import store
from core.people.model import Person
from core.people.rules import clean_name
from core.people.service import PeopleService

_EVER: Final = datetime.min.replace(tzinfo=UTC)
_SAME: Final = timedelta(minutes=5)
"""Two updates about somebody going that are less apart are about the same; it bears a clock that is not quite right."""


@dataclass(frozen=True, slots=True)
class MembersChat:
    """What the assistant does about the members of its groups.

    Telegram tells of each coming and going twice where the assistant is an administrator: as a change (`chat_member`)
    and as a service message; elsewhere by the message alone.
    """

    db: Database
    clock: Clock
    people: PeopleService
    alerts: AlertsService

    async def changed(self, event: ChatMemberUpdated) -> None:
        """Somebody came, went, or became something else."""
        was, now = is_inside(event.old_chat_member), is_inside(event.new_chat_member)
        if now and not was:
            await self._came(event.chat, event.new_chat_member.user, event.from_user)
        elif was and not now:
            await self._went(event.chat, event.new_chat_member.user, event.from_user, event.date)

    async def came(self, message: Message) -> None:
        """The service message about people who came."""
        for who in message.new_chat_members or ():
            await self._came(message.chat, who, message.from_user)

    async def went(self, message: Message) -> None:
        """The service message about somebody who went."""
        if message.left_chat_member is not None:
            await self._went(message.chat, message.left_chat_member, message.from_user, message.date)

    async def _came(self, group: Chat, who: User, by: User | None) -> None:
        """Told once for each person and group; again only to whom a role was given and taken away since."""
        if who.is_bot:
            return
        async with self.db.transaction() as tx:
            if not await self.alerts.is_bound(tx, group.id):
                return
            person = await self.people.meet(tx, as_person(who))
            since = await store.role_changed_at(tx, person.id) or _EVER
            subject = f"joined:{group.id}:{person.id}"
            if person.role is not None or await self.alerts.was_told(tx, subject, since):
                return
            await self._tell(tx, "joined", subject, group, by, who)

    async def _went(self, group: Chat, who: User, by: User | None, at: datetime) -> None:
        """Told each time, with the way to hand over what they hold."""
        async with self.db.transaction() as tx:
            person = await store.find_person(tx, who.id)
            if person is None or person.role is None or not await self.alerts.is_bound(tx, group.id):
                return
            subject = f"gone:{group.id}:{person.id}"
            if not await self.alerts.was_told(tx, subject, at - _SAME):
                await self._tell(tx, "gone", subject, group, by, who)

    async def _tell(
        self, tx: AsyncConnection, kind: str, subject: str, group: Chat, by: User | None, who: User
    ) -> None:
        data = {"title": group.title or "", "by": _name_of_another(by, who)}
        dedup = f"{subject}:{self.clock.now().isoformat()}"
        others = tuple(Destination(admin) for admin in await store.admin_ids(tx) if admin != who.id)
        await self.alerts.tell(tx, Telling(kind, subject, dedup, "admins", "new", data=data, to=others, priority=1))


def as_person(user: User) -> Person:
    """A Telegram user as the assistant knows people."""
    return Person(user.id, clean_name(user.first_name, user.last_name), user.username)


def _name_of_another(by: User | None, who: User) -> str:
    """Whoever did it to somebody; '' for themselves, and where Telegram does not say (an anonymous administrator)."""
    return "" if by is None or by.is_bot or by.id == who.id else as_person(by).name


def router(chat: MembersChat) -> Router:
    """The handlers of members; goes before the features, to which service messages mean nothing."""
    router = Router(name="members")
    router.chat_member.register(chat.changed, F.chat.type.in_({"group", "supergroup"}))
    router.message.register(chat.came, F.new_chat_members, flags={"role": ANYONE})
    router.message.register(chat.went, F.left_chat_member, flags={"role": ANYONE})
    return router
