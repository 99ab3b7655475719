"""The outside world in miniature: Telegram, a mailbox, a shared folder, a movable clock, and a page for it all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from aiohttp import web

from core.errors import ConfigError, UserError
from deploy.demo.chat.page import ChatPage
from deploy.demo.clock import WorldClock
from deploy.demo.evening import Cycle, Evening, Scene
from deploy.demo.files import SharedFolder
from deploy.demo.letters import LETTERS, Letter, compose, deliver, make_maildir, release, shown, written
from deploy.demo.telegram.model import Json
from deploy.demo.telegram.server import BOT, TelegramServer

LEAD_ID: Final = 510000001
ENGINEER_ID: Final = 510000002
STRANGER_ID: Final = 510000003
DUTY_CHAT_ID: Final = -1001000000045
_PERSONAS: Final = {ENGINEER_ID: "engineer", LEAD_ID: "lead", STRANGER_ID: "stranger"}
_NAMES: Final = {
    "uk": ("Оксана", "Тарас", "Іван", "Вахта"),
    "ru": ("Оксана", "Тарас", "Иван", "Вахта"),
    "en": ("Oksana", "Taras", "Ivan", "Vakhta"),
}
_MOST_HOURS: Final = 24 * 7
_READ_OVER: Final = 1.5
"""Seconds in which nobody renames what they have just saved: a person is not quicker, and a watcher looks meanwhile."""


class World:
    """Everything around the assistant, in one folder. The clock's shift and the chats outlive a restart and kill -9.

    `lived_in`: a new world has an evening behind it once `play_evening` was called, and until then what its visitor
    does reaches the assistant later.
    """

    def __init__(
        self, folder: Path, chat_port: int, clock: WorldClock, language: str = "uk", *, lived_in: bool = False
    ) -> None:
        self.mailbox = folder / "mail"
        self.shared = folder / "shared"
        self.status_url = ""
        self.duty_chat_id = DUTY_CHAT_ID
        self.language = language
        self.on_language: Callable[[str], None] = _nobody_asks
        self._folder = folder
        self._chat_port = chat_port
        self._clock = clock
        self._lived_in = lived_in
        self._evening: Evening | None = None
        self._files = SharedFolder(self.shared)
        self._telegram: TelegramServer | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin. `ConfigError` when the chat page's port is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._files.make()
        make_maildir(self.mailbox)
        is_new = not (self._folder / "world.db").exists()
        self._telegram = TelegramServer(self._folder / "world.db", clock=self._clock, bot=replace(BOT))
        self._clock.ahead = timedelta(seconds=self.telegram.state.store.get("world", "shift") or 0)
        self._expect_evening(is_new=is_new)
        self.language = self.telegram.state.store.get("world", "language") or self.language
        self._people()
        self.telegram.add_group(DUTY_CHAT_ID, "Duty", [ENGINEER_ID, LEAD_ID], admins=[LEAD_ID])
        await self._open_page()
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
        self._evening = Evening(self._clock, self.telegram)
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
        await self._evening.play(lambda: Scene(self, ENGINEER_ID, LEAD_ID, DUTY_CHAT_ID), cycle)
        self._let_go()

    def _let_go(self) -> None:
        """What the visitor did meanwhile reaches the assistant now."""
        release(self.mailbox)
        state = self.telegram.state
        state.queue.release()
        state.save_session()
        state.store.commit()
        state.tell("world")

    def arrive(self, letter: Letter) -> None:
        """A letter of the evening comes."""
        deliver(self.mailbox, compose(letter, self.now()), self.now())

    def put_file(self, name: str, like: str) -> None:
        """Somebody saves a file of the evening, whose content is like that of one of the three."""
        self._files.put(name, like, self.now())

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
        engineer, lead, stranger, bot = _NAMES[self.language]
        add = self.telegram.add_user
        add(ENGINEER_ID, engineer, username="oksana_demo", language_code=self.language, started=False)
        add(LEAD_ID, lead, username="taras_demo", language_code=self.language, started=True)
        add(STRANGER_ID, stranger, username="ivan_demo", language_code=self.language, started=False)
        self.telegram.state.bot.first_name = bot

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

    def now(self) -> datetime:
        """The world's present moment: the machine's, plus the hours gone ahead."""
        return self._clock.now()

    # What the page's buttons do

    def facts(self) -> Json:
        """What the world's panel shows."""
        return {
            "language": self.language,
            "evening": self.telegram.state.queue.holding,
            "now": self.now().timestamp(),
            "ahead": self._clock.ahead.total_seconds(),
            "status_url": self.status_url,
            "personas": [self.telegram.state.users[user].api() | {"role": role} for user, role in _PERSONAS.items()],
            "letters": list(LETTERS),
            "files": self._files.facts(),
            "away": self._files.away,
        }

    def speak(self, language: str) -> None:
        """The people's apps are set to a language, and `on_language` hears of it. `UserError` for an unknown one."""
        if language not in _NAMES:
            raise UserError("I do not speak {language} yet.", language=language)
        self.language = language
        self.telegram.state.store.put("world", "language", language)
        self._people()
        self.on_language(language)

    def deliver_letter(self, name: str) -> Json:
        """One of the prepared letters arrives; as a mail program shows it."""
        if name not in LETTERS:
            raise UserError("There is no letter {name}.", name=name)
        return self._deliver(LETTERS[name](self.now(), self.language))

    def write_letter(self, sender: str, subject: str, text: str) -> Json:
        """A letter written on the page arrives; as a mail program shows it."""
        return self._deliver(written(sender, subject, text))

    def _deliver(self, letter: Letter) -> Json:
        make_maildir(self.mailbox)
        message = compose(letter, self.now())
        deliver(self.mailbox, message, self.now(), hold=self.telegram.state.queue.holding)
        return shown(message) | {"at": self.now().timestamp()}

    async def touch_file(self, name: str, action: str) -> str:
        """Somebody saves, renames or deletes a file in the shared folder; or edits one and then renames it."""
        touched = self._files.act(name, action, self.now())
        if action != "edit":
            return touched
        await self._clock.sleep(_READ_OVER)
        return self._files.act(name, "rename", self.now())

    def plug(self, *, in_: bool) -> None:
        """The shared folder's cable is pulled, or put in again."""
        if in_:
            self._files.plug_in()
        else:
            self._files.unplug(self.now())

    def go_ahead(self, hours: int) -> None:
        """The clock jumps ahead by 1 to 168 hours."""
        if not 1 <= hours <= _MOST_HOURS:
            raise UserError("The clock goes ahead by 1 to {n} hours.", n=_MOST_HOURS)
        self._clock.ahead += timedelta(hours=hours)
        store = self.telegram.state.store
        store.put("world", "shift", self._clock.ahead.total_seconds())
        store.commit()


def _nobody_asks(_language: str) -> None:
    pass
