"""Who is there, and may they? Decided here, in one place, before any handler runs.

A handler states the role it needs with `flags={"role": …}`; without a flag a viewer may use it, nobody less.
`ANYONE` is for what strangers may do: greet, choose a language, ask to be let in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.dispatcher.flags import get_flag
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject, Update, User

from bot.chat.cardbook import CardBook
from bot.chat.cards import Card
from bot.chat.outbound import Outbound
from bot.chat.talk import Talk
from core.clock import Clock
from core.db.engine import Database
from core.errors import NotAllowed, StorageUnavailable
from core.people import rules
from core.people.model import VIEWER, Actor, Person, Reader
from core.people.service import PeopleService
from core.text import Translator, translator

ANYONE: Final = "anyone"
ROLE: Final = "role"
ANSWER_AFTER: Final = 1.0
"""Seconds a handler may take before the press of a button is answered without it."""

Spawn = Callable[[str, Coroutine[Any, Any, None]], object]
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Here:
    """What every handler is told about its update: who, for whom the answer is written, and where from."""

    person: Person
    reader: Reader
    t: Translator
    actor: Actor
    chat_id: int

    @property
    def private(self) -> bool:
        """Whether this is a conversation under four eyes."""
        return self.chat_id > 0


class Entrance(BaseMiddleware):
    """Outer middleware of updates: recognises the person and hands `here` and `talk` to everything after it."""

    def __init__(self, db: Database, clock: Clock, people: PeopleService, outbound: Outbound, book: CardBook) -> None:
        self._db = db
        self._clock = clock
        self._people = people
        self._outbound = outbound
        self._book = book

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Let updates of persons in; everything else (channels, services) passes by unheard."""
        inner = event.event if isinstance(event, Update) else None
        if isinstance(inner, ChatMemberUpdated):  # nobody asks for anything, so nobody is answered
            return await handler(event, data)
        if not isinstance(inner, Message | CallbackQuery) or inner.from_user is None:
            return None
        talk = data["talk"] = Talk(inner, self._outbound, self._book, self._clock)
        person = await self._recognise(inner.from_user)
        reader = self._people.reader(person)
        actor = Actor(person.name, person.id, f"chat:{talk.chat_id}")
        data["here"] = Here(person, reader, translator(reader.language), actor, talk.chat_id)
        return await handler(event, data)

    async def _recognise(self, user: User) -> Person:
        name = rules.clean_name(user.first_name, user.last_name)
        known = await self._people.person(self._db, user.id)
        if known and (known.name, known.username) == (name, user.username):
            return known
        try:
            async with self._db.transaction() as tx:
                return await self._people.meet(tx, Person(user.id, name, user.username))
        except StorageUnavailable:
            if known is None:
                raise
            return known  # the new name is written another time; what they ask for may need no writing


class Gate(BaseMiddleware):
    """Inner middleware of messages and buttons: the role a handler needs, or a kind refusal."""

    def __init__(self, stranger_card: Callable[[Here], Card], spawn: Spawn) -> None:
        self._stranger_card = stranger_card
        self._spawn = spawn

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Run the handler when the person may; tell strangers how to ask for access."""
        here: Here = data["here"]
        talk: Talk = data["talk"]
        needed = get_flag(data, ROLE, default=VIEWER)
        if needed == ANYONE or here.person.may(needed):
            await self._answer_in_time(handler, event, data, talk)
            return None
        if here.person.role is not None:
            raise NotAllowed(
                "This needs the role “{role}”. An admin can give it to you.", role=role_name(here.t, needed)
            )
        if isinstance(event, CallbackQuery):
            await talk.toast(here.t("You have no access here. Write to me in private to ask for it."), alert=True)
        elif here.private:
            await talk.say(self._stranger_card(here))
        elif isinstance(event, Message) and (event.text or "").startswith("/"):
            await talk.say(Card(here.t.html("You have no access here. Write to me in private to ask for it.")))
        return None

    async def _answer_in_time(self, handler: Handler, event: TelegramObject, data: dict[str, Any], talk: Talk) -> None:
        """A press is answered by the handler, or after a second for it, and in any case."""
        loop = asyncio.get_running_loop()
        slow = loop.call_later(ANSWER_AFTER, lambda: self._spawn("answer", talk.toast("")))
        try:
            await handler(event, data)
        finally:
            slow.cancel()
        await talk.toast("")


def role_name(t: Translator, role: str) -> str:
    """A role in the reader's language."""
    names = {"viewer": t("viewer"), "operator": t("operator"), "admin": t("admin")}
    return names.get(role, role)
