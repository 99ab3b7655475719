"""The way in: /start, /help, the command menu, and an answer to what nobody understood."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command, CommandStart
from aiogram.filters.callback_data import CallbackData
from aiogram.types import BotCommand, TelegramObject

from bot.chat.access import ANYONE, Here, role_name
from bot.chat.cards import Button, Card, clean, lines, rows_of
from bot.chat.talk import Talk
from core.text import Translator

OPEN = {"role": ANYONE}


class MenuButton(CallbackData, prefix="mn"):
    """A button of the menu; `name` is the command it stands for."""

    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as the menu shows it: its name, the role it needs, what it does (both made per language).

    `data` is what its button carries; '' for a command that has no button.
    """

    command: str
    role: str
    title: Callable[[Translator], str]
    about: Callable[[Translator], str]
    data: str = ""


@dataclass(slots=True)
class Menu:
    """The commands of the menu: those of what is configured now, which may change while everything runs."""

    entries: Sequence[Entry]


def menu_card(here: Here, entries: Sequence[Entry], *, asking: int = 0) -> Card:
    """The greeting: what this person may do, as buttons; admins see how many ask to be let in."""
    t = here.t
    text = lines(
        [
            t.html("Hello, {name}! I am on duty.", name=clean(here.person.name)),
            t.html("Your role: <b>{role}</b>. What shall we do?", role=role_name(t, here.person.role or "")),
            t.many_html("🔑 {n} person asks for access.", "🔑 {n} people ask for access.", asking) if asking else None,
        ]
    )
    buttons = [Button(entry.title(t), entry.data) for entry in entries if entry.data and here.person.may(entry.role)]
    return Card(text, rows_of(buttons, 2))


def help_card(here: Here, entries: Sequence[Entry]) -> Card:
    """Every command this person may use, with what it does."""
    t = here.t
    text = lines(
        [
            t.html("<b>What I can do</b>"),
            "",
            *(
                t.html("/{command} — {about}", command=entry.command, about=entry.about(t))
                for entry in entries
                if here.person.may(entry.role)
            ),
            "",
            t.html("Reply to a request's card, and your words become a comment."),
        ]
    )
    return Card(text)


def commands(t: Translator, entries: Sequence[Entry], *, role: str | None) -> list[BotCommand]:
    """The command menu for people of a role (Bot API, setMyCommands: at most 100, 256 characters each)."""
    order = ("viewer", "operator", "admin")
    return [
        BotCommand(command=entry.command, description=entry.about(t)[:256])
        for entry in entries
        if role is not None and order.index(role) >= order.index(entry.role)
    ]


@dataclass(frozen=True, slots=True)
class MenuChat:
    """What the assistant answers to a greeting, a call for help, and to what nobody understood.

    `greeted` is told of each private chat that greets: it hears us now, if it did not before.
    """

    menu: Menu
    stranger_card: Callable[[Here], Card]
    redraw: Callable[[int, int, Here], Awaitable[Card | None]]
    asking: Callable[[], Awaitable[int]]
    greeted: Callable[[int], Awaitable[None]]

    async def start(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """`/start`: the menu; for strangers the way to ask for access."""
        await talk.show(await self._menu(here) if here.person.role else self.stranger_card(here))
        if here.private and here.person.role:
            await self.greeted(here.chat_id)

    async def help(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """`/help`: every command."""
        await talk.show(help_card(here, self.menu.entries))

    async def lost(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """A message nobody understood. In a group it was not meant for the assistant."""
        if here.private:
            await talk.say(Card(here.t.html("I did not understand that. /help shows what I can do."), ()))

    async def outdated(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """A button nobody knows (any more): say so and redraw its card; the menu where there is no card."""
        await talk.toast(here.t("This button is out of date; here is what it stands for now."))
        card = await self.redraw(here.chat_id, talk.message.message_id if talk.message else 0, here)
        await talk.show(card or await self._menu(here))

    async def _menu(self, here: Here) -> Card:
        asking = await self.asking() if here.person.may("admin") else 0
        return menu_card(here, self.menu.entries, asking=asking)


def router(chat: MenuChat) -> Router:
    """Greeting and help; goes first."""
    router = Router(name="menu")
    router.message.register(chat.start, CommandStart(), flags=OPEN)
    router.message.register(chat.help, Command("help"))
    router.callback_query.register(chat.start, MenuButton.filter(F.name == "start"))
    router.callback_query.register(chat.help, MenuButton.filter(F.name == "help"))
    return router


def last_router(chat: MenuChat) -> Router:
    """What nobody before it took; goes last."""
    router = Router(name="lost")
    router.message.register(chat.lost, F.chat.type == "private")
    router.callback_query.register(chat.outdated)
    return router
