"""The evening before the visitor comes: what people write, which letters come, what is saved, and when.

It is lived through quickly, once: the clock stands in the past, each thing happens outside, and the assistant does
one cycle of its work. So its requests, cards, letters and files are what they are in life.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from email.headerregistry import Address
from typing import Final, Protocol

from core.errors import UserError
from deploy.demo.chat.texts import strings
from deploy.demo.clock import WorldClock
from deploy.demo.letters import Letter
from deploy.demo.telegram.client import Person
from deploy.demo.telegram.model import Message
from deploy.demo.telegram.server import TelegramServer
from deploy.demo.telegram.store import Store
from deploy.demo.words import LANGUAGES_SPOKEN, Words

log = logging.getLogger(__name__)

_KEY: Final = ("world", "evening")

Cycle = Callable[[], Awaitable[object]]
"""The assistant does what there is to do."""


class Around(Protocol):
    """What the evening happens in."""

    language: str

    def arrive(self, letter: Letter) -> None:
        """A letter comes."""
        ...

    def put_file(self, name: str, like: str) -> None:
        """Somebody saves a file."""
        ...


class Scene(ABC):
    """What people can do in a step of the evening. `UserError` or `LookupError` if it cannot be."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self.words: Words = LANGUAGES_SPOKEN[around.language]

    @abstractmethod
    async def say(self, who: str, text: str) -> None:
        """Somebody writes in the group."""

    @abstractmethod
    async def answer(self, who: str, words: str, text: str) -> None:
        """Somebody replies to what the assistant said last with these words."""

    @abstractmethod
    async def press(self, who: str, words: str, status: str) -> None:
        """Somebody presses a status on the card with these words."""

    @abstractmethod
    async def like(self, who: str, words: str) -> None:
        """Somebody puts a thumb up under what another person wrote."""

    async def letter(self, name: str) -> None:
        """One of the evening's letters comes."""
        sender, address, subject, text = self.words.letters[name]
        self._around.arrive(Letter(Address(sender, addr_spec=address), subject, text))

    async def save(self, name: str, like: str) -> None:
        """Somebody saves a file in the shared folder."""
        self._around.put_file(name, like)


class GroupScene(Scene):
    """The group in the miniature Telegram. `engineer`, `lead` and `chat` are Telegram's identifiers."""

    def __init__(self, around: Around, telegram: TelegramServer, engineer: int, lead: int, chat: int) -> None:
        super().__init__(around)
        self.labels: Mapping[str, str] = strings(around.language)
        self._telegram = telegram
        self._chat = chat
        self._people = {"engineer": engineer, "lead": lead}

    def _person(self, who: str) -> Person:
        return self._telegram.person(self._people[who])

    def _said(self, words: str, *, by_bot: bool = True) -> Message:
        bot = self._telegram.state.bot.id
        found = [
            message
            for message in self._telegram.messages(self._chat)
            if words in message.text and (message.sender == bot) == by_bot
        ]
        if not found:
            raise LookupError(words)
        return found[-1]

    async def say(self, who: str, text: str) -> None:
        """Somebody writes in the group."""
        await self._person(who).send(text, self._chat)

    async def answer(self, who: str, words: str, text: str) -> None:
        """Somebody replies to what the assistant said last with these words."""
        await self._person(who).send(text, self._chat, reply_to=self._said(words).id)

    async def press(self, who: str, words: str, status: str) -> None:
        """Somebody presses a status on the card with these words."""
        card, label = self._said(words), self.labels[f"status_{status}"]
        buttons = [button["text"] for row in (card.inline or {})["inline_keyboard"] for button in row]
        await self._person(who).press(card.id, next(text for text in buttons if label in text), self._chat)

    async def like(self, who: str, words: str) -> None:
        """Somebody puts a thumb up under what another person wrote."""
        await self._person(who).react(self._said(words, by_bot=False).id, "👍", self._chat)


async def _folder(scene: Scene) -> None:
    await scene.save("contract.docx", "contract.docx")
    await scene.save("schedule.xlsx", "schedule.xlsx")


async def _barrier(scene: Scene) -> None:
    await scene.say("engineer", f"/new 87 {scene.words.barrier}")


async def _conditioner(scene: Scene) -> None:
    await scene.say("engineer", f"/new 96 2 {scene.words.conditioner}")


async def _barrier_done(scene: Scene) -> None:
    await scene.letter("barrier")


async def _conditioner_accepted(scene: Scene) -> None:
    await scene.press("lead", scene.words.conditioner, "accepted")


async def _barrier_accepted(scene: Scene) -> None:
    await scene.press("lead", scene.words.barrier, "accepted")


async def _radiator(scene: Scene) -> None:
    await scene.say("lead", f"/new 92 {scene.words.radiator}")


async def _act(scene: Scene) -> None:
    await scene.save(scene.words.act, "contract.docx")


async def _light(scene: Scene) -> None:
    await scene.say("engineer", f"/new 95 4 {scene.words.light}")


async def _light_told(scene: Scene) -> None:
    await scene.answer("lead", scene.words.light, scene.words.key)


async def _radiator_accepted(scene: Scene) -> None:
    await scene.press("engineer", scene.words.radiator, "accepted")


async def _lock(scene: Scene) -> None:
    await scene.say("lead", f"/new 99 {scene.words.lock}")


async def _silence(_scene: Scene) -> None:
    """Nothing happens: the conditioner has been silent for an hour."""


async def _lock_cancelled(scene: Scene) -> None:
    await scene.press("lead", scene.words.lock, "cancelled")


async def _light_crew(scene: Scene) -> None:
    await scene.letter("light")


async def _asked(scene: Scene) -> None:
    await scene.say("engineer", scene.words.called)


async def _radiator_crew(scene: Scene) -> None:
    await scene.letter("radiator")


async def _schedule(scene: Scene) -> None:
    await scene.save("schedule.xlsx", "schedule.xlsx")


async def _lift(scene: Scene) -> None:
    await scene.say("engineer", f"/new 98 {scene.words.lift}")


async def _lift_called(scene: Scene) -> None:
    await scene.say("lead", scene.words.phoned)


async def _thanks(scene: Scene) -> None:
    await scene.like("engineer", scene.words.phoned)


EVENING: Final[tuple[tuple[int, Callable[[Scene], Awaitable[None]]], ...]] = (
    (178, _folder),
    (171, _barrier),
    (141, _conditioner),
    (120, _conditioner_accepted),
    (118, _barrier_accepted),
    (110, _radiator),
    (103, _act),
    (84, _light),
    (79, _light_told),
    (75, _radiator_accepted),
    (66, _lock),
    (61, _barrier_done),
    (59, _silence),
    (47, _lock_cancelled),
    (44, _schedule),
    (38, _light_crew),
    (31, _asked),
    (24, _radiator_crew),
    (9, _lift),
    (6, _lift_called),
    (5, _thanks),
)
"""How many minutes before the visitor came, and what happened then. The last file is saved long enough before
(`core.files.rules.QUIET`) that the visitor's first one is told in a message of its own."""


class Evening:
    """Plays the evening once. How far it has come outlives kill -9: a step is left out then rather than done twice.

    Each thing happens in a context of `acting`.
    """

    def __init__(
        self, clock: WorldClock, store: Store, acting: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._clock = clock
        self._store = store
        self._acting = acting
        known = self._store.get(*_KEY) or {}
        self._present: float = known.get("present", 0.0)
        self._next: int = known.get("next", len(EVENING))

    @property
    def is_to_come(self) -> bool:
        """Whether it is to be played, or played on."""
        return self._next < len(EVENING)

    def plan(self) -> None:
        """It is to be played, and ends now."""
        self._present, self._next = self._clock.now().timestamp(), 0
        self._keep()

    def begin(self) -> None:
        """The clock goes back to where the play has come."""
        minutes, _ = EVENING[self._next]
        self._clock.stand_at(self._moment(minutes))

    async def play(self, scene: Callable[[], Scene], cycle: Cycle) -> None:
        """Live through what is left of it and come back to the present. `scene` is asked for at each step.

        A last cycle is for the present, or else nobody was at work since the last step.
        """
        while self.is_to_come:
            minutes, happens = EVENING[self._next]
            self._clock.stand_at(self._moment(minutes))
            self._next += 1
            self._keep()
            try:
                with self._acting():
                    await happens(scene())
            except (UserError, LookupError, StopIteration) as error:
                log.warning("the evening goes on without %s: %s", happens.__name__.strip("_"), error)
            await cycle()
        self._clock.come_back()
        await cycle()

    def _moment(self, minutes: int) -> datetime:
        return datetime.fromtimestamp(self._present, self._clock.now().tzinfo) - timedelta(minutes=minutes)

    def _keep(self) -> None:
        self._store.put(*_KEY, {"present": self._present, "next": self._next})
        self._store.commit()
