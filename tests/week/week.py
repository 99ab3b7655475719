"""A week of an assistant: its clock, its process, the people and their chats, and what must hold at any time."""

import asyncio
import multiprocessing
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from core.requests.model import WORKFLOW
from deploy.demo.letters import compose, deliver, written
from deploy.demo.telegram import Person, TelegramServer
from deploy.demo.telegram.model import Message, Press
from tests.duty import labels
from tests.week import assistant
from tests.week.clock import SteeredClock

ZONE: Final = ZoneInfo("Europe/Kyiv")
PATIENCE: Final = 30.0
"""Real seconds that anything may take on a machine where others work, too."""
LOOK_EVERY: Final = 0.03
NUDGE: Final = 0.5
"""Seconds that pass for the assistant between two looks: what it puts off for seconds comes in a moment."""
HOUR: Final = (3600.0, 16.0)
"""An hour of the clock on the wall, in which the machine slept all but some seconds: enough for a look at requests."""
REPEAT: Final = "↻ Repeat: this may have reached you before."
REFUSED: Final = 2
"""The exit status of a start that cannot be."""

T = TypeVar("T")


class Refused(Exception):
    """The assistant did not begin, and says why."""


@dataclass
class Running:
    """A process of the assistant."""

    process: BaseProcess
    wire: Connection
    moves: int = 0
    """Moves of the clock that it has yet to notice."""

    def is_behind(self) -> bool:
        while self.wire.poll():
            self.wire.recv()
            self.moves -= 1
        return self.moves > 0


@dataclass
class Week:
    """The world around an assistant, by the assistant's own clock."""

    folder: Path
    telegram: TelegramServer
    clock: SteeredClock
    group: int
    running: Running | None = None
    known: dict[tuple[int, int], str] = field(default_factory=dict)
    """What each message of ours is about, by chat and message: whatever was written down at some time."""
    lost: list[str] = field(default_factory=list)
    """Requests of which a message was taken, and its sender not told so."""

    # --- the process

    async def start(self) -> Running:
        """Begin, and wait until it is open. Raises `Refused`."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.week.assistant"])
        wire, other = context.Pipe()
        arguments = (self.folder / "vakhta.toml", other, self.clock.shift, self.clock.passed)
        process = context.Process(target=assistant.run, args=arguments)
        await asyncio.to_thread(process.start)
        other.close()
        running = Running(process, wire)
        said = await self._heard(running)
        if said != "open":
            await asyncio.to_thread(process.join)
            assert process.exitcode == REFUSED
            raise Refused(said)
        self.running = running
        return running

    async def _heard(self, running: Running) -> str:
        async with asyncio.timeout(PATIENCE):
            while not running.wire.poll():  # noqa: ASYNC110  another process writes it
                await asyncio.sleep(LOOK_EVERY)
        return str(running.wire.recv())

    async def stop(self) -> float:
        """Ask it to end; how many seconds that took. It must exit 0."""
        running = self._at_work()
        began = time.monotonic()
        running.process.terminate()
        await asyncio.to_thread(running.process.join, PATIENCE)
        took = time.monotonic() - began
        assert running.process.exitcode == 0
        self._forget(running)
        return took

    async def kill(self) -> None:
        """End it without a word."""
        running = self._at_work()
        running.process.kill()
        await asyncio.to_thread(running.process.join)
        self._forget(running)

    def _forget(self, running: Running) -> None:
        running.wire.close()
        self.running = None

    async def footprint(self) -> tuple[float, int]:
        """The resident memory of the process in MB, and how many files it has open."""
        place = Path(f"/proc/{self._at_work().process.pid}")
        resident = re.search(r"VmRSS:\s+(\d+) kB", (place / "status").read_text())
        assert resident
        return int(resident[1]) / 1024, len(list((place / "fd").iterdir()))

    def _at_work(self) -> Running:
        assert self.running is not None
        return self.running

    # --- time

    @property
    def now(self) -> datetime:
        return self.clock.now().astimezone(ZONE)

    def put(self, shift: float, passed: float, *, ask: bool = False) -> None:
        """Move the clock on the wall, and what only ever grows. `ask` to be told when what that brought was done."""
        self.clock.put(self.clock.shift + shift, self.clock.passed + passed)
        if self.running is not None:
            assert self.running.process.is_alive(), self.report()
            self.running.wire.send((self.clock.shift, self.clock.passed, ask))
            self.running.moves += 1

    async def until(self, hour: int) -> None:
        """Live on, an hour at a time, until that hour of the day (24: the next midnight)."""
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        target = midnight + timedelta(hours=hour)
        while (left := (target - self.now).total_seconds()) > 0:
            await self.live(min(left, HOUR[0]))

    async def live(self, seconds: float = HOUR[0]) -> None:
        """Let so much time pass, an hour at most, and what it brings be told."""
        self.put(seconds, HOUR[1], ask=True)
        async with asyncio.timeout(PATIENCE):
            while self._at_work().is_behind():  # noqa: ASYNC110  another process notices it
                await asyncio.sleep(LOOK_EVERY)
        await self.calm()

    async def see(self, look: Callable[[], T | None], what: str = "") -> T:
        """Wait until there is something to be seen."""
        deadline = time.monotonic() + PATIENCE
        while not (found := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.now:%a %H:%M}: waited in vain for {what or look}\n{self.report()}")
            await asyncio.sleep(LOOK_EVERY)
            if self.running is None or not self.running.is_behind():  # time does not run away from a busy machine
                self.put(NUDGE, NUDGE)
        return found

    async def calm(self) -> None:
        """Wait until everything is handled, and told."""
        await self.see(self._is_calm, "calm")
        self.note()

    def _is_calm(self) -> bool:
        if self.telegram.state.updates or self.running is None:
            return self.running is None
        due = "not_before <= :now AND expires_at > :now"
        waits = f"state = 'sending' OR ((state = 'new' OR (state = 'unknown' AND attempts < 2)) AND {due})"
        moment = self.clock.now().isoformat(timespec="microseconds")
        return not self.rows(f"SELECT id FROM notices WHERE {waits}", now=moment)  # noqa: S608  made of constants

    # --- what is known

    def rows(self, query: str, **values: object) -> list[sqlite3.Row]:
        """What the assistant's database says."""
        return self._base.execute(query, values).fetchall()

    @cached_property
    def _base(self) -> sqlite3.Connection:
        base = sqlite3.connect(f"file:{self.folder / 'vakhta.db'}?mode=ro", uri=True, isolation_level=None)
        base.row_factory = sqlite3.Row
        return base

    async def end(self) -> None:
        """Leave nothing behind."""
        if self.running is not None:
            await self.kill()
        self._base.close()

    def note(self) -> None:
        """Learn which messages the assistant knows as its own."""
        told = "SELECT chat_id, message_id, subject FROM notices WHERE state = 'sent' AND message_id IS NOT NULL"
        for row in self.rows(f"{told} UNION SELECT chat_id, message_id, subject FROM cards"):  # noqa: S608  as above
            self.known[row["chat_id"], row["message_id"]] = row["subject"]

    def report(self) -> str:
        """What helps to understand a wait in vain."""
        chats = self.telegram.state.messages
        said = "\n".join(f"  {chat} {m.id} {m.text!r}" for chat in chats for m in self.telegram.messages(chat)[-8:])
        waiting = [tuple(row) for row in self.rows("SELECT * FROM notices WHERE state != 'sent'")]
        log = (self.folder / "log" / "vakhta.log").read_text("utf-8").splitlines()[-25:]
        return f"{said}\n{waiting}\n{self.telegram.state.updates}\n" + "\n".join(log)

    # --- people

    def told(self, chat: int | None = None) -> list[Message]:
        """The assistant's messages in a chat (the group), oldest first."""
        bot = self.telegram.state.bot.id
        return [found for found in self.telegram.messages(chat or self.group) if found.sender == bot]

    def shown(self, name: str, chat: int | None = None) -> list[Message]:
        """The messages that show a request."""
        return [found for found in self.told(chat) if f"Request {name}\n" in found.text]

    async def hears(self, text: str, chat: int | None = None) -> Message:
        """Wait until the assistant has said this in a chat, and nothing else is under way."""
        await self.see(lambda: [found for found in self.told(chat) if text in found.text], text)
        await self.calm()
        return next(found for found in reversed(self.told(chat)) if text in found.text)

    async def shows(self, name: str, status: str, chat: int | None = None) -> Message:
        """Wait until a request is shown with a status where it was shown last."""

        def found() -> bool:
            return bool(self.shown(name, chat)) and f"{status} since" in self.shown(name, chat)[-1].text

        await self.see(found, f"{name} {status} in {chat or self.group}")
        await self.calm()
        return self.shown(name, chat)[-1]

    async def says(
        self, person: Person, text: str, answer: str, chat: int | None = None, *, reply_to: int = 0, thread: int = 0
    ) -> Message:
        """Write something in private (or in a chat) and wait for an answer."""
        before = {found.id for found in self.told(chat or person.id)}
        await person.send(text, chat, reply_to=reply_to, thread=thread)

        def answered() -> list[Message]:
            return [said for said in self.told(chat or person.id) if said.id not in before and answer in said.text]

        found = await self.see(answered, f"{answer} to {text}")
        await self.calm()
        return found[-1]

    async def press(self, person: Person, message: Message, button: str) -> Press:
        """Press a button by (a part of) its label, as the message is now."""
        now = next(found for found in self.telegram.messages(message.chat) if found.id == message.id)
        label = next((found for found in labels(now) if button in found), None)
        assert label, f"{button} is not among {labels(now)}"
        return await person.press(now.id, label, now.chat)

    def letter(self, subject: str, text: str) -> None:
        """A letter of the contractor arrives."""
        letter = written("crew@lift.example", subject, text)
        deliver(self.folder / "mail", compose(letter, self.now), self.now)

    # --- what must hold

    def check(self, *, one_group: bool = True) -> None:
        """At the end of each day: the cards are true, and nothing was told twice, lost or refused.

        `one_group`: what was made that day has been told in the group as it is now.
        """
        self.note()
        self._cards_are_true()
        if one_group:
            self._each_has_one_card()
        self._nothing_was_told_twice()
        self._nothing_was_lost()
        self._log_is_clean()

    def _cards_are_true(self) -> None:
        """Of each request the last message in the group shows its status."""
        for row in self.rows("SELECT id, request_number, position_number, status FROM requests"):
            about = [found for found in self.told() if self._subject(found) == f"request:{row['id']}"]
            name = f"{row['request_number']}/{row['position_number']}"
            if about:  # else it was finished before the group, or the bot, was another one
                label = WORKFLOW.status(row["status"]).labels["en"]
                assert f"Request {name}\n" in about[-1].text, self.report()
                assert f"{label} since" in about[-1].text, f"{about[-1].text} is not {label}"

    def _each_has_one_card(self) -> None:
        """What was made today has one card in the group, and a message for each silence; and one for a lost answer."""
        yesterday = self.now - timedelta(hours=1)  # it is midnight
        since = yesterday.replace(hour=0, minute=0).astimezone(UTC).isoformat(timespec="microseconds")
        for row in self.rows("SELECT * FROM requests WHERE created_at >= :since", since=since):
            name, subject = f"{row['request_number']}/{row['position_number']}", f"request:{row['id']}"
            silences = len(self.rows(_REMINDERS, subject=subject, chat=self.group))
            assert len(self.shown(name)) == 1 + silences + self.lost.count(name), self.report()

    def _subject(self, message: Message) -> str:
        return self.known.get((message.chat, message.id), "")

    def _nothing_was_told_twice(self) -> None:
        """Each message in the group is one that the assistant knows, but for those of which it was not told.

        There is no way to know whether a message arrived whose answer was lost: it is sent once more, and says so.
        That is one too many for each lost answer, and never more.
        """
        strays = [found for found in self.told() if not self._subject(found) and "Use this" not in found.text]
        assert Counter(map(_name, strays)) <= Counter(self.lost), [found.text for found in strays]
        per_message = Counter((row["chat_id"], row["message_id"]) for row in self.rows(_NEW))
        assert set(per_message.values()) <= {1}

    def _nothing_was_lost(self) -> None:
        odd = "SELECT * FROM notices WHERE state NOT IN ('sent', 'new') AND COALESCE(error, '') NOT LIKE '%blocked%'"
        assert [dict(row) for row in self.rows(odd)] == []

    def _log_is_clean(self) -> None:
        lines = (self.folder / "log" / "vakhta-errors.log").read_text("utf-8").splitlines()
        assert [line for line in lines if " ERROR " in line or line.startswith("Traceback")] == []


_REMINDERS: Final = (
    "SELECT id FROM notices WHERE kind = 'reminder' AND mode = 'new' AND state = 'sent' "
    "AND subject = :subject AND chat_id = :chat"
)
_NEW: Final = "SELECT chat_id, message_id FROM notices WHERE state = 'sent' AND mode = 'new' AND message_id IS NOT NULL"


def _name(message: Message) -> str:
    found = re.search(r"Request (\S+)", message.text)
    return found[1] if found else message.text
