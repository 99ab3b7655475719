"""Groups: being added, being removed, and what a group or a topic of it is used for."""

import re
from dataclasses import dataclass, replace
from typing import Final

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberOwner,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
    TelegramObject,
    User,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import ANYONE, Here
from bot.chat.line import FAILURES
from bot.chat.talk import Talk
from bot.people import group_cards
from bot.people.group_cards import ALL, TOPICS, BindButton, Sight
from core.alerts.model import Destination, Mode, Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database
from core.errors import NotAllowed, Unavailable, UserError
from core.health.accounts import AccountsService
from core.people import store
from core.people.model import ADMIN, Actor, Binding, Chat
from core.people.rules import clean_name
from core.people.service import PeopleService

DEEP_LINK: Final = re.compile(r"group_(-\d{1,20})_(\d{1,18})")
"""What `/start` carries to the card of a group or topic in private."""


@dataclass(frozen=True, slots=True)
class GroupsChat:
    """What the assistant does about the groups it is in."""

    db: Database
    clock: Clock
    people: PeopleService
    alerts: AlertsService
    accounts: AccountsService

    async def member(self, event: ChatMemberUpdated, bot: Bot) -> None:
        """The assistant was added to a group, removed from it, or given or denied something there."""
        was, now = is_inside(event.old_chat_member), is_inside(event.new_chat_member)
        who = Actor(clean_name(event.from_user.first_name, event.from_user.last_name), event.from_user.id)
        if now:
            me, forum = await _me(bot), bool(event.chat.is_forum)
            sight = _sight(event.new_chat_member, me, forum=forum)
            wrote = was and _sight(event.old_chat_member, me, forum=forum).writes
            await self._come(event, sight, who, anew=not was, muted=not sight.writes and (wrote or not was))
        elif was:
            await self._go(event, who)

    async def _come(self, event: ChatMemberUpdated, sight: Sight, who: Actor, *, anew: bool, muted: bool) -> None:
        chat_id = event.chat.id
        async with self.db.transaction() as tx:
            if anew:
                known = await store.find_chat(tx, chat_id) or Chat(chat_id)
                await store.save_chat(tx, replace(known, title=event.chat.title or ""))
                await self.alerts.silence(tx, chat_id, silent=False, by=who.name)
                await self.people.audit(tx, who, "group-joined", f"chat:{chat_id}", event.chat.title or "")
            await self._tell(tx, Destination(chat_id), sight, mode="card" if anew else "refresh")
            if muted:  # the card with the remedy cannot be read where nothing can be written
                await self._tell_admins(tx, "muted_group", event, who)
            if anew:
                await self.accounts.let_in(tx, chat_id)

    async def _go(self, event: ChatMemberUpdated, who: Actor) -> None:
        chat_id, title = event.chat.id, event.chat.title or ""
        async with self.db.transaction() as tx:
            await self.alerts.silence(tx, chat_id, silent=True, by=who.name)
            await self.people.audit(tx, who, "group-left", f"chat:{chat_id}", title)
            await self._tell_admins(tx, "left_group", event, who)

    async def _tell_admins(self, tx: AsyncConnection, kind: str, event: ChatMemberUpdated, who: Actor) -> None:
        chat_id = event.chat.id
        bound = bool(await store.list_bindings(tx, chat_id))
        data = {"title": event.chat.title or "", "who": who.name, "bound": bound}
        subject = f"{kind}:{chat_id}"
        dedup = f"{subject}:{self.clock.now().isoformat()}"
        admins = tuple(Destination(admin) for admin in await store.admin_ids(tx))
        await self.alerts.tell(tx, Telling(kind, subject, dedup, "admins", "new", data=data, to=admins))

    async def here(self, event: Message, bot: Bot, here: Here, talk: Talk) -> None:
        """`/group`: the card of this group or topic."""
        if here.private:
            raise UserError("This is for groups.")
        if event.sender_chat is not None and event.sender_chat.id == here.chat_id:
            me = await bot.me()
            link = f"https://t.me/{me.username}?start=group_{talk.to.chat_id}_{talk.to.thread_id}"
            await talk.say(group_cards.anonymous_card(here.t, link))
            return
        await self._show(talk.to, bot, here, talk)

    async def private(self, _event: TelegramObject, command: CommandObject, bot: Bot, here: Here, talk: Talk) -> None:
        """The deep link of an anonymous administrator: the same card, where it can be seen who they are."""
        found = DEEP_LINK.fullmatch(command.args or "")
        if found:
            await self._show(Destination(int(found[1]), int(found[2])), bot, here, talk)

    async def press(self, _event: TelegramObject, callback_data: BindButton, bot: Bot, here: Here, talk: Talk) -> None:
        """Use a group or topic for something, or no more."""
        if callback_data.what not in (*TOPICS, ALL):
            raise UserError("This button is out of date.")
        to = Destination(callback_data.chat, callback_data.thread)
        sight = await look(bot, to.chat_id)
        async with self.db.transaction() as tx:
            present = next((b for b in await store.list_bindings(tx, to.chat_id) if b.thread_id == to.thread_id), None)
            known = present.receives if present else ()
            if callback_data.what in set(await self.alerts.receives(tx, to)) - set(known):
                raise UserError("The configuration says so (telegram.chats); it is changed there.")
            chosen = toggled(known, callback_data.what)
            await self.alerts.bind(tx, Binding(to.chat_id, to.thread_id, chosen), here.person.name)
            subject = f"chat:{to.chat_id}:{to.thread_id}"
            await self.people.audit(tx, here.actor, "bind", subject, ",".join(chosen))
            await self._tell(tx, to, sight, mode="refresh")
        await self._show(to, bot, here, talk, sight)

    async def _show(self, to: Destination, bot: Bot, here: Here, talk: Talk, sight: Sight | None = None) -> None:
        if not here.person.may(ADMIN):
            raise NotAllowed("Only an admin of the assistant decides what a group is used for.")
        sight = sight or await look(bot, to.chat_id)
        async with self.db.reading() as connection:
            receives = await self.alerts.receives(connection, to)
        await talk.show(group_cards.group_card(here.t, to, sight, receives))

    async def _tell(self, tx: AsyncConnection, to: Destination, sight: Sight, mode: Mode) -> None:
        subject = f"group:{to.chat_id}:{to.thread_id}"
        dedup = f"{subject}:{self.clock.now().isoformat()}"
        await self.alerts.tell(tx, Telling("group", subject, dedup, "admins", mode, data=sight.data(), to=(to,)))


def toggled(receives: tuple[str, ...], what: str) -> tuple[str, ...]:
    """What is received after a press: `all` turns everything on, or off when it was."""
    if what == ALL:
        return () if set(TOPICS) <= set(receives) else TOPICS
    return tuple(topic for topic in TOPICS if (topic in receives) != (topic == what))


async def look(bot: Bot, chat_id: int) -> Sight:
    """What the assistant can do in a group now. Raises `UserError` when it is not there, `Unavailable`."""
    try:
        me = await bot.get_me()
        chat = await bot.get_chat(chat_id)
        member = await bot.get_chat_member(chat_id, me.id)
    except (TelegramBadRequest, TelegramForbiddenError) as error:
        raise UserError("I am not in that group any more.") from error
    except FAILURES as error:
        raise Unavailable("Telegram does not answer me. Please try again in a minute.") from error
    return _sight(member, me, forum=bool(chat.is_forum))


async def _me(bot: Bot) -> User:
    """Who we are now: privacy mode may have been changed at @BotFather since the start."""
    try:
        return await bot.get_me()
    except FAILURES:  # what was known at the start is better than no card in the group
        return await bot.me()


def _sight(member: TelegramObject, me: User, *, forum: bool) -> Sight:
    admin = isinstance(member, ChatMemberAdministrator | ChatMemberOwner)
    return Sight(
        writes=not isinstance(member, ChatMemberRestricted) or bool(member.can_send_messages),
        hears=admin or bool(me.can_read_all_group_messages),
        reacts=admin,
        pins=isinstance(member, ChatMemberAdministrator) and bool(member.can_pin_messages),
        forum=forum,
    )


def is_inside(member: TelegramObject) -> bool:
    """Whether somebody of whom Telegram says this is in the group."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return not isinstance(member, ChatMemberLeft | ChatMemberBanned)


def router(chat: GroupsChat) -> Router:
    """The handlers of groups; goes before the menu, which answers every other `/start`."""
    router = Router(name="groups")
    start = CommandStart(deep_link=True, magic=F.args.regexp(DEEP_LINK.pattern))
    router.message.register(chat.private, F.chat.type == "private", start, flags={"role": ADMIN})
    router.message.register(chat.here, Command("group"), flags={"role": ANYONE})
    router.callback_query.register(chat.press, BindButton.filter(), flags={"role": ADMIN})
    router.my_chat_member.register(chat.member, F.chat.type.in_({"group", "supergroup"}))
    return router
