"""The visitor's side of the demo in their own Telegram: the world's buttons, for the visitor alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram import BaseMiddleware, Dispatcher, F, Router
from aiogram.filters import CommandStart
from aiogram.types import TelegramObject, User

from bot.chat.access import Here
from bot.chat.talk import Talk
from bot.demo import cards
from bot.demo.cards import WorldButton
from core.text import local_time
from deploy.demo.chat.texts import strings
from deploy.demo.surroundings import Surroundings


class OwnerOnly(BaseMiddleware):
    """Outermost middleware of updates: whatever anybody else does, here or in a group, is not heard."""

    def __init__(self, owner_id: int) -> None:
        self._owner_id = owner_id

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Let the owner's updates in."""
        user: User | None = data.get("event_from_user")
        if user is None or user.id != self._owner_id:
            return None
        return await handler(event, data)


@dataclass(frozen=True, slots=True)
class WorldChat:
    """What the world's buttons do."""

    world: Surroundings

    async def open(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """`/start`, and back from a choice: the world's buttons."""
        await talk.show(cards.world_card(here, self.world))

    async def letters(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """Which letter."""
        await talk.show(cards.letters_card(here.t))

    async def letter(self, _event: TelegramObject, callback_data: WorldButton, here: Here, talk: Talk) -> None:
        """A letter arrives, and is shown."""
        letter = self.world.deliver_letter(callback_data.name)
        await talk.toast(here.t("The letter is in the mailbox."))
        await talk.say(cards.letter_card(here.t, letter))
        await talk.show(cards.world_card(here, self.world))

    async def files(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """Which file."""
        await talk.show(cards.files_card(here.t, self.world))

    async def file(self, _event: TelegramObject, callback_data: WorldButton, here: Here, talk: Talk) -> None:
        """Somebody saves, renames, deletes or edits a file."""
        action = callback_data.action
        name = await self.world.touch_file(callback_data.name, action)
        done = {"save": "file_saved", "rename": "file_renamed", "delete": "file_deleted", "edit": "file_edited"}
        await talk.toast(strings(here.t.language)[done[action]].format(name=name))
        await talk.show(cards.files_card(here.t, self.world))

    async def share(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """The shared folder's cable is pulled, or put in again."""
        was_away = self.world.away
        self.world.plug(in_=was_away)
        await talk.toast(strings(here.t.language)["share_on" if was_away else "share_off"])
        await talk.show(cards.world_card(here, self.world))

    async def hour(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """The clock jumps ahead."""
        self.world.go_ahead(1)
        now = self.world.now()
        await talk.toast(here.t("It is now {time}.", time=local_time(now, here.reader.timezone, now)))
        await talk.show(cards.world_card(here, self.world))


def router(chat: WorldChat) -> Router:
    """Goes first: `/start` is the world's here."""
    router = Router(name="world")
    button = router.callback_query.register
    router.message.register(chat.open, F.chat.type == "private", CommandStart())
    button(chat.open, WorldButton.filter(F.action == "world"))
    button(chat.letters, WorldButton.filter(F.action == "letters"))
    button(chat.letter, WorldButton.filter(F.action == "letter"))
    button(chat.files, WorldButton.filter(F.action == "files"))
    button(chat.file, WorldButton.filter(F.action.in_({"save", "rename", "delete", "edit"})))
    button(chat.share, WorldButton.filter(F.action == "share"))
    button(chat.hour, WorldButton.filter(F.action == "hour"))
    return router


def prepare(dispatcher: Dispatcher, *, world: Surroundings, owner_id: int) -> None:
    """Let nobody but the owner into a chat to which nothing was added yet, and put the world's buttons first."""
    dispatcher.update.outer_middleware(OwnerOnly(owner_id))
    dispatcher.include_router(router(WorldChat(world)))
