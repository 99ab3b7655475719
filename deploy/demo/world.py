"""The outside world in miniature: Telegram, a mailbox, a shared folder, a movable clock, and a page for it all."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from aiohttp import web

from core.errors import ConfigError, UserError
from deploy.demo.chat.page import ChatPage
from deploy.demo.clock import WorldClock
from deploy.demo.evening import Cycle, Evening, GroupScene
from deploy.demo.letters import LETTERS, release
from deploy.demo.surroundings import NAMES, Surroundings
from deploy.demo.telegram.model import GENERAL, Json
from deploy.demo.telegram.server import BOT, TelegramServer

LEAD_ID: Final = 510000001
ENGINEER_ID: Final = 510000002
STRANGER_ID: Final = 510000003
DUTY_CHAT_ID: Final = -1001000000045
OFFICE_CHAT_ID: Final = -1001000000046
"""A forum: its topics are told of requests and of files, each by itself."""
_REQUESTS_TOPIC: Final = 2
_FILES_TOPIC: Final = 3
_OFFICE: Final = {
    "uk": ("Експлуатація", "Заявки", "Файли"),
    "ru": ("Эксплуатация", "Заявки", "Файлы"),
    "en": ("Operations", "Requests", "Files"),
}
FIRST_VISIT: Final = 12.0
"""Seconds from the start that the evening waits for its visitor, whose page chooses the language it is spoken in."""
_PERSONAS: Final = {ENGINEER_ID: "engineer", LEAD_ID: "lead", STRANGER_ID: "stranger"}


class World(Surroundings):
    """Everything around the assistant, in one folder. The clock's shift and the chats outlive a restart and kill -9.

    `lived_in`: a new world has an evening behind it once `play_evening` was called, and until then what its visitor
    does reaches the assistant later.
    """

    def __init__(
        self, folder: Path, chat_port: int, clock: WorldClock, language: str = "uk", *, lived_in: bool = False
    ) -> None:
        super().__init__(folder, clock, language)
        self.status_url = ""
        self.chats: Json = {
            "duty": {"id": DUTY_CHAT_ID},
            "office_requests": {"id": OFFICE_CHAT_ID, "topic": _REQUESTS_TOPIC, "receives": ["requests"]},
            "office_files": {"id": OFFICE_CHAT_ID, "topic": _FILES_TOPIC, "receives": ["files"]},
        }
        """What the bot is given as `telegram.chats`."""
        self.on_language: Callable[[str], None] = _nobody_asks
        self._folder = folder
        self._chat_port = chat_port
        self._lived_in = lived_in
        self._evening: Evening | None = None
        self._visited = asyncio.Event()
        self._awaited_until = 0.0
        self._telegram: TelegramServer | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin. `ConfigError` when the chat page's port is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        is_new = not (self._folder / "world.db").exists()
        self._telegram = TelegramServer(self._folder / "world.db", clock=self._clock, bot=replace(BOT))
        self.furnish(self.telegram.state.store)
        self._expect_evening(is_new=is_new)
        self.language = self.telegram.state.store.get("world", "language") or self.language
        self._people()
        members = [ENGINEER_ID, LEAD_ID]
        self.telegram.add_group(DUTY_CHAT_ID, "Duty", members, admins=[LEAD_ID])
        topics = [_REQUESTS_TOPIC, _FILES_TOPIC]
        self.telegram.add_group(OFFICE_CHAT_ID, "", members, admins=[LEAD_ID], threads=topics)
        self._name_office()
        await self._open_page()
        self._awaited_until = asyncio.get_running_loop().time() + FIRST_VISIT
        await self.telegram.start()

    async def stop(self) -> None:
        """End: the page first, then Telegram."""
        if self._telegram is None:
            return
        self._telegram.state.close_down()
        if self._runner is not None:
            await self._runner.cleanup()
        await self._telegram.stop()

    # The evening before

    def _expect_evening(self, *, is_new: bool) -> None:
        self._evening = Evening(self._clock, self.telegram.state.store, self.telegram.state.queue.passing)
        if is_new and self._lived_in:
            self._evening.plan()
        self.telegram.state.queue.holding = self._evening.is_to_come
        if not self._evening.is_to_come:
            self._let_go()
        elif not is_new:
            self._evening.begin()  # it was broken off; whoever counts time since then shall not count it from today

    async def play_evening(self, cycle: Cycle) -> None:
        """Live through the evening, if it is still to come: after each thing `cycle` lets the assistant work."""
        if self._evening is None or not self._evening.is_to_come:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._awaited_until):
                await self._visited.wait()
        await self._evening.play(lambda: GroupScene(self, self.telegram, ENGINEER_ID, LEAD_ID, DUTY_CHAT_ID), cycle)
        self._let_go()

    def _let_go(self) -> None:
        """What the visitor did meanwhile reaches the assistant now."""
        release(self.mailbox)
        state = self.telegram.state
        state.queue.release()
        state.save_session()
        state.store.commit()
        state.tell("world")

    async def _open_page(self) -> None:
        self._runner = web.AppRunner(ChatPage(self.telegram, self).app(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._chat_port).start()
        except OSError as error:
            await self.stop()
            raise ConfigError(
                "Port {port} is taken by another program; choose another with --chat-port.", port=self._chat_port
            ) from error
        self._chat_port = self._runner.addresses[0][1]

    def _people(self) -> None:
        engineer, lead, stranger, bot = NAMES[self.language]
        add = self.telegram.add_user
        add(ENGINEER_ID, engineer, username="oksana_demo", language_code=self.language, started=False)
        add(LEAD_ID, lead, username="taras_demo", language_code=self.language, started=True)
        add(STRANGER_ID, stranger, username="ivan_demo", language_code=self.language, started=False)
        self.telegram.state.bot.first_name = bot

    def _name_office(self) -> None:
        """The forum and its topics, without "General", of which nothing is to be said here."""
        state = self.telegram.state
        office = state.chats[OFFICE_CHAT_ID]
        office.title, *names = _OFFICE[self.language]
        for topic in office.topics:
            topic.hidden = topic.id == GENERAL
        for topic, name in zip([topic for topic in office.topics if not topic.hidden], names, strict=False):
            topic.name = name
        state.save_chat(office)
        state.store.commit()

    @property
    def telegram(self) -> TelegramServer:
        """The miniature Telegram; `RuntimeError` before `start`."""
        if self._telegram is None:
            raise RuntimeError("the world has not begun")
        return self._telegram

    @property
    def chat_url(self) -> str:
        """The chat page's address."""
        return f"http://127.0.0.1:{self._chat_port}/"

    @property
    def api_base(self) -> str:
        """What the bot is given as `telegram.api_base`."""
        return self.telegram.base_url

    @property
    def token(self) -> str:
        """What the bot is given as `telegram.token`."""
        return self.telegram.token

    @property
    def engineer_name(self) -> str:
        """What the engineer is called."""
        return self.telegram.state.users[ENGINEER_ID].first_name

    @property
    def holding(self) -> bool:
        """Whether what the visitor does reaches the assistant later."""
        return self.telegram.state.queue.holding

    # What the page's buttons do

    def visited(self) -> None:
        """A visitor is there, and their page has said which language it speaks."""
        self._visited.set()

    def facts(self) -> Json:
        """What the world's panel shows."""
        return {
            "language": self.language,
            "evening": self.holding,
            "now": self.now().timestamp(),
            "ahead": self.ahead.total_seconds(),
            "status_url": self.status_url,
            "personas": [self.telegram.state.users[user].api() | {"role": role} for user, role in _PERSONAS.items()],
            "letters": list(LETTERS),
            "files": self.files(),
            "away": self.away,
        }

    def speak(self, language: str) -> None:
        """The people's apps are set to a language, and `on_language` hears of it. `UserError` for an unknown one."""
        if language not in NAMES:
            raise UserError("I do not speak {language} yet.", language=language)
        self.language = language
        self.telegram.state.store.put("world", "language", language)
        self._people()
        self._name_office()
        self.on_language(language)


def _nobody_asks(_language: str) -> None:
    pass
