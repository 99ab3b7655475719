"""The whole assistant on duty in a test: the real program against the strict Bot API server, over HTTP."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bot.telegram  # noqa: F401  aiogram takes seconds to load: not within a test's time
from bot.app import App
from core.clock import ShiftedClock
from core.settings import Settings, make
from deploy.demo.telegram import Person, TelegramServer
from deploy.demo.telegram.model import Message

LEAD, ENGINEER, STRANGER = 101, 102, 103
GROUP = -1001000000001


@dataclass
class Duty:
    """A running assistant, the people around it, and what they see."""

    app: App
    telegram: TelegramServer
    clock: ShiftedClock
    folder: Path
    lead: Person = field(init=False)
    engineer: Person = field(init=False)
    stranger: Person = field(init=False)

    def __post_init__(self) -> None:
        self.lead = self.telegram.person(LEAD)
        self.engineer = self.telegram.person(ENGINEER)
        self.stranger = self.telegram.person(STRANGER)

    async def answer(self, person: Person, text: str, chat: int | None = None, *, reply_to: int = 0) -> Message:
        """Write something and wait for the assistant's next message there."""
        where = person.id if chat is None else chat
        seen = len(self.of_bot(where))
        await person.send(text, chat, reply_to=reply_to)
        await self.telegram.wait_for(lambda: len(self.of_bot(where)) > seen)
        return self.of_bot(where)[-1]

    def of_bot(self, chat: int) -> list[Message]:
        """The assistant's messages in a chat, oldest first."""
        return [message for message in self.telegram.messages(chat) if message.sender == self.telegram.state.bot.id]

    async def press(self, person: Person, message: Message, button: str) -> dict[str, Any]:
        """Press a button by (a part of) its label or its data; what the press was answered with."""
        label = next(found for found in labels(message) if button in found)
        press = await person.press(message.id, label, message.chat)
        return await self.telegram.answer(press)

    async def shows(self, message: Message, text: str) -> Message:
        """Wait until a message shows a text."""
        return await self.until(lambda: self.now(message), lambda found: text in found.text)

    def now(self, message: Message) -> Message:
        """The message as it is now."""
        return next(found for found in self.telegram.messages(message.chat) if found.id == message.id)

    async def until(self, look: Callable[[], Message], good: Callable[[Message], bool]) -> Message:
        """Wait until what is looked at is good."""
        await self.telegram.wait_for(lambda: good(look()))
        return look()

    async def told(self, text: str, chat: int = GROUP) -> Message:
        """Wait until the assistant has said something with this text in a chat."""

        def found() -> list[Message]:
            return [message for message in self.of_bot(chat) if text in message.text]

        await self.telegram.wait_for(lambda: bool(found()))
        return found()[-1]


def labels(message: Message) -> list[str]:
    """The labels of a message's buttons, in order."""
    rows = (message.inline or {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def settings_for(telegram: TelegramServer, folder: Path, /, **more: Any) -> Settings:
    """A plain configuration: one group, one admin, English."""
    (folder / "shared").mkdir(exist_ok=True)
    (folder / "mail").mkdir(exist_ok=True)
    values: dict[str, Any] = {
        "language": "en",
        "timezone": "Europe/Kyiv",
        "telegram": {
            "token": telegram.token,
            "api_base": telegram.base_url,
            "admins": [LEAD],
            "chats": {"duty": {"id": GROUP}},
        },
        "page": {"port": 0},
        "watch": {"documents": {"path": str(folder / "shared"), "project": "CRM"}},
        "mailbox": {"contractor": {"path": str(folder / "mail"), "check_every": 0.2}},
    }
    return make(values | more, folder)


def add_people(telegram: TelegramServer) -> None:
    """A lead, an engineer, a stranger, and the group of the first two."""
    telegram.add_user(LEAD, "Taras", username="taras", language_code="en")
    telegram.add_user(ENGINEER, "Oksana", username="oksana", language_code="en")
    telegram.add_user(STRANGER, "Ivan", language_code="en")
    telegram.add_group(GROUP, "Duty", [LEAD, ENGINEER, STRANGER], admins=[LEAD])


TEMPLATES: list[Path] = []
"""A migrated, empty database, once a test has made one: copying it is quicker than migrating anew."""


@asynccontextmanager
async def on_duty(
    folder: Path, telegram: TelegramServer, clock: ShiftedClock | None = None, /, **more: Any
) -> AsyncIterator[Duty]:
    """Run the assistant; the engineer is an operator."""
    from core.people.model import Actor
    from core.people.model import Person as Human

    if TEMPLATES and not (folder / "vakhta.db").exists():
        shutil.copyfile(TEMPLATES[0], folder / "vakhta.db")
    clock = clock or ShiftedClock()
    app = App(settings_for(telegram, folder, **more), clock, remind_every=0.2)
    await app.open()
    async with app.services.db.transaction() as tx:
        await app.services.people.meet(tx, Human(ENGINEER, "Oksana", "oksana"))
        await app.services.people.change_role(tx, ENGINEER, "operator", Actor("test", None, "test"))
    await app.start()
    try:
        yield Duty(app, telegram, clock, folder)
    finally:
        await app.stop()
