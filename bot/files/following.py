"""`/follow`: a person or a topic follows a project, a folder or a pattern."""

from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import TelegramObject

from bot.chat.access import Here
from bot.chat.talk import Talk
from bot.files import follow_cards
from bot.files.keyboards import FollowButton
from core.clock import Clock
from core.db.engine import Database
from core.errors import NotAllowed, UserError
from core.files.following import FollowingService
from core.files.follows import Follow
from core.files.service import FilesService


@dataclass(frozen=True, slots=True)
class FollowingChat:
    """What the assistant answers about subscriptions. In a group an admin decides what everybody there is told."""

    db: Database
    clock: Clock
    files: FilesService
    following: FollowingService

    async def follow(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/follow`, `/follow *.docx CRM`, `/follow 18:30 CRM`."""
        wish = (command.args or "").strip()
        if not wish:
            await self._list(here, talk)
            return
        await self._begin(wish, here, talk)

    async def listed(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """What is followed here."""
        await self._list(here, talk)

    async def open(self, _event: TelegramObject, callback_data: FollowButton, here: Here, talk: Talk) -> None:
        """One subscription."""
        follow = await self._mine(callback_data.id, talk)
        await talk.show(follow_cards.follow_card(follow, here.reader))

    async def query(self, _event: TelegramObject, callback_data: FollowButton, here: Here, talk: Talk) -> None:
        """Follow what a search found."""
        async with self.db.reading() as connection:
            words = await self.files.recall_query(connection, callback_data.id)
        if words is None:
            raise UserError("I have forgotten what was asked here. Please ask again: /files")
        await self._begin(words, here, talk)

    async def at(self, _event: TelegramObject, callback_data: FollowButton, here: Here, talk: Talk) -> None:
        """Tell daily at that time, or at once."""
        self._check(here)
        follow = await self._mine(callback_data.id, talk)
        try:
            at = follow_cards.time_of(callback_data.value) if callback_data.action == "at" else None
        except ValueError as error:
            raise UserError("This button is out of date.") from error
        async with self.db.transaction() as tx:
            follow = await self.following.tell_at(tx, follow.id, at)
        await talk.show(follow_cards.follow_card(follow, here.reader))

    async def stop(self, _event: TelegramObject, callback_data: FollowButton, here: Here, talk: Talk) -> None:
        """Follow no longer."""
        self._check(here)
        follow = await self._mine(callback_data.id, talk)
        async with self.db.transaction() as tx:
            await self.following.stop(tx, follow.id)
        await talk.toast(here.t("I no longer follow {words}.", words=follow.words))
        await self._list(here, talk)

    async def _begin(self, wish: str, here: Here, talk: Talk) -> None:
        self._check(here)
        if len(wish) > LONGEST:
            raise UserError("That is too long to search for. Use a few words, at most {n} characters.", n=LONGEST)
        async with self.db.transaction() as tx:
            follow = await self.following.follow(tx, talk.to, here.person.id, wish)
        await talk.say(follow_cards.follow_card(follow, here.reader, made=True))

    def _check(self, here: Here) -> None:
        if not here.private and not here.person.may("admin"):
            raise NotAllowed("In a group an admin decides what is followed. In private you may follow what you like.")

    async def _list(self, here: Here, talk: Talk) -> None:
        async with self.db.reading() as connection:
            follows = await self.following.list_of(connection, talk.to)
        await talk.show(follow_cards.follows_card(follows, here.reader))

    async def _mine(self, follow_id: int, talk: Talk) -> Follow:
        """A subscription of this chat. Raises `UserError` for another's, as for one that ended."""
        async with self.db.reading() as connection:
            follow = await self.following.find(connection, follow_id)
        if follow is None or follow.to.chat_id != talk.to.chat_id:
            raise UserError("This subscription has ended already.")
        return follow


LONGEST = 300
"""Characters of what is followed."""


def router(chat: FollowingChat) -> Router:
    """The handlers of subscriptions: whoever may see files may follow them."""
    router = Router(name="following")
    router.message.register(chat.follow, Command("follow"))
    buttons = router.callback_query
    buttons.register(chat.listed, FollowButton.filter(F.action == "list"))
    buttons.register(chat.open, FollowButton.filter(F.action == "open"))
    buttons.register(chat.query, FollowButton.filter(F.action == "query"))
    buttons.register(chat.at, FollowButton.filter(F.action.in_({"at", "now"})))
    buttons.register(chat.stop, FollowButton.filter(F.action == "stop"))
    return router
