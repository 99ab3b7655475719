"""The token changes: of the same bot that is no news; another bot posts anew what people act on."""

import asyncio
from datetime import timedelta
from pathlib import Path

from core.people.model import Actor
from deploy.demo.telegram import BOT, TelegramServer, User
from deploy.demo.telegram.model import Message
from tests.duty import GROUP, LEAD, Duty, labels, on_duty

OTHER = User(700000002, "Вахта", username="vakhta_new_bot", is_bot=True)
OTHER_TOKEN = f"{OTHER.id}:BBG-vakhta-demo-token-9876543210fedcba"


def become(telegram: TelegramServer, bot: User, token: str, *, known: bool = True) -> None:
    """The people's bot is another one from now on; `known`: they have added and started it already."""
    telegram.state.users[BOT.id], telegram.state.users[bot.id] = BOT, bot
    telegram.state.bot, telegram.token = bot, token
    for chat in telegram.state.chats.values():
        chat.started = chat.bot_inside = known


def shown(duty: Duty, text: str, chat: int = GROUP) -> list[Message]:
    return [message for message in duty.of_bot(chat) if text in message.text]


async def until_refused(duty: Duty, count: int) -> None:
    async def refused() -> bool:
        async with duty.app.services.db.reading() as connection:
            return (await duty.app.services.alerts.counts(connection)).get("dead", 0) == count

    async with asyncio.timeout(6):
        while not await refused():
            await duty.telegram.state.changed(0.1)


async def evening(duty: Duty) -> None:
    """Two open requests and one that is finished, each with its card in the group."""
    for number in ("101", "102", "103"):
        await duty.answer(duty.engineer, f"/new {number} 1 Leak")
        await duty.told(f"Request {number}/1")
    await duty.press(duty.engineer, await duty.told("Request 103/1"), "Cancelled")
    await duty.shows(shown(duty, "Request 103/1")[0], "Cancelled since")


async def test_a_new_token_of_the_same_bot_changes_nothing(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        await evening(duty)
    telegram.token = f"{BOT.id}:CCG-vakhta-demo-token-1111111111111111"
    async with on_duty(tmp_path, telegram) as duty:
        card = await duty.told("Request 101/1")
        await duty.press(duty.engineer, card, "On site")
        await duty.shows(card, "On site since")
        assert len(shown(duty, "Request 101/1")) == 1
        assert shown(duty, "I am @", LEAD) == []


async def test_another_bot_posts_open_cards_anew_once(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        await evening(duty)
    become(telegram, OTHER, OTHER_TOKEN)
    for start in range(2):
        async with on_duty(tmp_path, telegram) as duty:
            card = await duty.told("Request 101/1")
            duty.clock.shift += timedelta(seconds=5)
            await duty.told("Request 102/1")
            notice = await duty.told("@vakhta_new_bot now", LEAD)
            assert "@vakhta_demo_bot" in notice.text
            await duty.press(duty.engineer, card, "On site" if start == 0 else "Left")
            await duty.shows(card, "On site since" if start == 0 else "Left since")
        assert [len(shown(duty, f"Request {number}/1")) for number in (101, 102, 103)] == [1, 1, 0]
        assert len(shown(duty, "@vakhta_new_bot now", LEAD)) == 1


async def test_another_bot_names_anew_who_reads_along_without_a_role(tmp_path: Path, telegram: TelegramServer) -> None:
    for person, name in ((301, "Oleh"), (302, "Petro")):
        telegram.add_user(person, name, language_code="en")
    async with on_duty(tmp_path, telegram) as duty:
        for person, name in ((301, "Oleh"), (302, "Petro")):
            await telegram.person(person).group(GROUP).join()
            await duty.told(f"{name} joined", LEAD)
        async with duty.app.services.db.transaction() as tx:
            await duty.app.services.people.change_role(tx, 302, "viewer", Actor("test"))
    become(telegram, OTHER, OTHER_TOKEN)
    async with on_duty(tmp_path, telegram) as duty:
        await duty.told("@vakhta_new_bot now", LEAD)
        duty.clock.shift += timedelta(seconds=10)
        assert labels(await duty.told("Oleh joined", LEAD)) == ["🔑 Give a role"]
        assert shown(duty, "Petro joined", LEAD) == []


async def test_who_lets_the_other_bot_in_later_is_told_then(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        await evening(duty)
    become(telegram, OTHER, OTHER_TOKEN, known=False)
    async with on_duty(tmp_path, telegram) as duty:
        duty.clock.shift += timedelta(seconds=10)
        await until_refused(duty, 3)
        await duty.lead.start()
        await duty.told("@vakhta_new_bot now", LEAD)
        assert shown(duty, "Request 101/1") == []
        await duty.lead.group(GROUP).add(OTHER.id)
        await duty.told("Request 101/1")
        duty.clock.shift += timedelta(seconds=5)
        await duty.told("Request 102/1")
