"""The demo in a visitor's own Telegram: who the visitor is, and what the world's buttons do for them alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import bot.telegram  # noqa: F401  aiogram takes seconds to load: not within a test's time
from bot.app import App
from bot.bot_api import BotApi
from bot.demo import chat
from bot.demo.configuration import configuration
from bot.demo.owner import Owner, find_owner
from core.errors import UserError
from deploy.demo.clock import WorldClock
from deploy.demo.telegram import Message, Person, TelegramServer
from deploy.demo.visitor import VisitorWorld
from tests.demo.conftest import DUTY, LEAD, STRANGER, Caller

WITHIN = 20.0
pytestmark = pytest.mark.timeout(60)


@dataclass
class Visit:
    """The lead is the visitor; what the assistant shows them."""

    telegram: TelegramServer
    lead: Person
    panel: Message
    folder: Path

    async def press(self, *labels: str) -> str:
        """Press the world's buttons one after another; the last toast."""
        toast = ""
        for label in labels:
            rows = (await self.shows(self.panel, label)).inline or {}
            found = next(one for row in rows["inline_keyboard"] for one in row if label in one["text"])
            press = await self.lead.press(self.panel.id, found["callback_data"])
            toast = str((await self.telegram.answer(press)).get("text", ""))
        return toast

    async def shows(self, message: Message, part: str) -> Message:
        """Wait until a message has these words, in its text or on a button."""
        await self.telegram.wait_for(lambda: part in f"{self.now(message).text}{self.now(message).inline}", WITHIN)
        return self.now(message)

    def now(self, message: Message) -> Message:
        return next(found for found in self.telegram.messages(message.chat) if found.id == message.id)

    async def told(self, text: str) -> Message:
        def found() -> list[Message]:
            said = [message for message in self.telegram.messages(LEAD) if message.sender != LEAD]
            return [message for message in said if text in message.text]

        await self.telegram.wait_for(found, WITHIN)
        return found()[-1]


@pytest.fixture
async def visit(tmp_path: Path, telegram: TelegramServer, lead: Person, sqlite_template: Path) -> AsyncIterator[Visit]:
    (tmp_path / "vakhta.db").write_bytes(sqlite_template.read_bytes())
    clock = WorldClock()
    world = VisitorWorld(tmp_path, clock, "en")
    account = {"token": telegram.token, "api_base": telegram.base_url}
    mine = {"admins": [LEAD], "chats": {"duty": {"id": LEAD}}}
    app = App(
        configuration(tmp_path, 0, world, account | mine),
        clock,
        remind_every=0.2,
        prepare=lambda dispatcher: chat.prepare(dispatcher, world=world, owner_id=LEAD),
    )
    await app.open()
    await app.start()
    await lead.send("/start")
    await telegram.wait_for(lambda: telegram.texts(LEAD), WITHIN)
    async with asyncio.timeout(WITHIN):
        while not await is_watched(app):
            await app.services.db.wait_for_commit(1)
    yield Visit(telegram, lead, telegram.last(LEAD), world.shared)
    await app.stop()
    world.close()


async def is_watched(app: App) -> bool:
    """Whether the first look at the folder is over: what comes now is news."""
    async with app.services.db.reading() as connection:
        state = await app.services.files.find_watch(connection, "documents")
    return state is not None and state.first_seen_at is not None


async def test_a_letter_is_shown_as_it_came_and_moves_the_card(visit: Visit) -> None:
    await visit.lead.send("/new 101 12 Leak")
    card = await visit.told("Request 101/12")
    assert await visit.press("A letter arrives", "on the way") == "The letter is in the mailbox."
    assert "> Request 101 item 12" in (await visit.told("This letter came")).text
    await visit.shows(card, "🚗 En route since")


async def test_the_folder_is_away_and_comes_back_with_what_was_done_behind_it(visit: Visit) -> None:
    await visit.press("Unplug the shared folder")
    await visit.told("Folder documents is away")
    await visit.press("Plug it in again")
    await visit.told("3 changes found")


async def test_a_saved_file_is_told_and_one_that_is_gone_cannot_be_renamed(visit: Visit) -> None:
    assert await visit.press("Somebody saves a file", "notes.txt") == "Saved: notes.txt"
    await visit.told("notes.txt · ")
    await visit.shows(visit.panel, "Rename")
    (visit.folder / "notes.txt").unlink()
    assert await visit.press("Rename") == "There is no file notes.txt."


async def test_an_hour_later_a_silent_request_is_told_once(visit: Visit) -> None:
    await visit.lead.send("/new 101 Leak")
    await visit.told("Request 101")
    for _ in range(2):
        await visit.press("One hour later")
        await visit.told("No news for 60 minutes")
    assert sum("No news for" in text for text in visit.telegram.texts(LEAD)) == 1


async def test_nobody_but_the_visitor_is_heard_in_private_or_in_a_group(
    visit: Visit, stranger: Person, engineer: Person
) -> None:
    await stranger.send("/start")
    await engineer.send("/start@vakhta_demo_bot", DUTY)
    await visit.lead.send("/requests@vakhta_demo_bot", DUTY)
    await visit.telegram.wait_for(lambda: visit.telegram.texts(DUTY))
    assert visit.telegram.texts(DUTY) == ["No requests found."]
    assert visit.telegram.texts(STRANGER) == []


async def never(_seconds: float) -> None:
    raise AssertionError("it waits in vain")


async def test_the_first_start_in_private_is_the_visitors_and_stays_for_the_chat(
    telegram: TelegramServer, lead: Person, stranger: Person, call: Caller
) -> None:
    await lead.send("hello")
    await lead.send("/start@vakhta_demo_bot", DUTY)
    await stranger.send("/start demo")
    await lead.send("/start")
    async with BotApi(telegram.token, telegram.base_url) as api:
        assert await find_owner(api, never, "en") == Owner(STRANGER, "Іван", "ru")
    assert [update["message"]["text"] for update in await call.updates()][-2:] == ["/start demo", "/start"]


async def test_waiting_outlives_an_outage(telegram: TelegramServer, lead: Person) -> None:
    async def back(_seconds: float) -> None:
        await telegram.outage(False)
        await lead.send("/start")

    await telegram.outage(True)
    async with BotApi(telegram.token, telegram.base_url) as api:
        assert (await find_owner(api, back, "en")).id == LEAD


async def test_another_program_on_the_same_token_ends_the_waiting(telegram: TelegramServer) -> None:
    async def poll_too() -> None:
        async with BotApi(telegram.token, telegram.base_url) as other:
            while True:
                await other.ask("getUpdates", timeout=5)
                await asyncio.sleep(0)

    polling = asyncio.create_task(poll_too())
    try:
        async with BotApi(telegram.token, telegram.base_url) as api:
            with pytest.raises(UserError, match="Another program uses the same Telegram token"):
                await find_owner(api, asyncio.sleep, "en")
    finally:
        polling.cancel()
