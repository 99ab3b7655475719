import asyncio
import json
from datetime import timedelta
from pathlib import Path

import aiohttp

from core.clock import ShiftedClock
from deploy.demo.telegram import Person, TelegramServer
from deploy.demo.telegram.store import Store
from tests.demo.conftest import DUTY, ENGINEER, Caller


def texts(updates: list[dict[str, dict[str, str]]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_an_update_stays_until_a_higher_offset_is_asked_for(call: Caller, engineer: Person) -> None:
    await engineer.send("one")
    await engineer.send("two")
    first = await call.ok("getUpdates")
    assert texts(first) == texts(await call.ok("getUpdates")) == ["one", "two"]
    rest = await call.ok("getUpdates", offset=first[1]["update_id"])
    assert texts(rest) == ["two"]
    assert texts(await call.ok("getUpdates")) == ["two"]


async def test_a_negative_offset_forgets_all_but_the_last(call: Caller, engineer: Person) -> None:
    for word in ("one", "two", "three"):
        await engineer.send(word)
    assert texts(await call.ok("getUpdates", offset=-1)) == ["three"]
    assert texts(await call.ok("getUpdates")) == ["three"]


async def test_the_limit_holds(call: Caller, engineer: Person) -> None:
    await engineer.send("one")
    await engineer.send("two")
    assert texts(await call.ok("getUpdates", limit=1)) == ["one"]


async def test_a_waiting_poll_answers_as_soon_as_something_happens(call: Caller, engineer: Person) -> None:
    waiting = asyncio.create_task(call.ok("getUpdates", timeout=8))
    await call.telegram.wait_for(lambda: call.telegram.api.poller)
    await engineer.send("now")
    assert texts(await asyncio.wait_for(waiting, 2)) == ["now"]


async def test_a_second_poller_ends_the_first_with_409(call: Caller, engineer: Person) -> None:
    first = asyncio.create_task(call.raw("getUpdates", timeout=8))
    await call.telegram.wait_for(lambda: call.telegram.api.poller == 1)
    second = asyncio.create_task(call.ok("getUpdates", timeout=8))
    refusal = await asyncio.wait_for(first, 2)
    assert refusal["error_code"] == 409
    assert "make sure that only one bot instance is running" in refusal["description"]
    await engineer.send("for the second")
    assert texts(await second) == ["for the second"]


async def test_polling_is_refused_under_a_webhook(call: Caller) -> None:
    assert "HTTPS" in await call.refused("setWebhook", url="http://bot.example")
    await call.ok("setWebhook", url="https://bot.example/hook")
    assert (await call.ok("getWebhookInfo"))["url"] == "https://bot.example/hook"
    assert (await call.refused("getUpdates")).startswith("Conflict: can't use getUpdates method while webhook")
    await call.ok("deleteWebhook", drop_pending_updates="true")
    assert await call.ok("getUpdates") == []


async def test_the_kinds_asked_for_are_remembered(call: Caller, engineer: Person) -> None:
    await call.ok("getUpdates", allowed_updates=json.dumps(["callback_query"]))
    await engineer.send("unheard")
    assert await call.ok("getUpdates") == []
    await call.ok("getUpdates", allowed_updates="[]")
    await engineer.send("heard")
    assert texts(await call.ok("getUpdates")) == ["heard"]


async def test_a_group_in_privacy_mode_lets_commands_and_replies_through(call: Caller, engineer: Person) -> None:
    sent = await call.ok("sendMessage", chat_id=DUTY, text="card")
    await engineer.send("just talk", DUTY)
    await engineer.send("/status", DUTY)
    await engineer.send("/status@vakhta_demo_bot", DUTY)
    await engineer.send("/status@another_bot", DUTY)
    await engineer.send("on my way", DUTY, reply_to=sent["message_id"])
    assert texts(await call.ok("getUpdates")) == ["/status", "/status@vakhta_demo_bot", "on my way"]


async def test_blocking_the_bot_is_an_update(call: Caller, engineer: Person) -> None:
    await engineer.block()
    [update] = await call.ok("getUpdates")
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"


async def test_what_nobody_fetches_for_a_day_is_gone() -> None:
    clock = ShiftedClock()
    async with TelegramServer(clock=clock) as telegram, aiohttp.ClientSession() as session:
        person = telegram.add_user(ENGINEER, "Оксана")
        await person.send("early")
        clock.shift += timedelta(hours=23)
        await person.send("late")
        clock.shift += timedelta(hours=2)
        assert texts(await Caller(session, telegram).ok("getUpdates")) == ["late"]


async def test_what_an_earlier_release_kept_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "telegram.db")
    store.put("chat", str(DUTY), {"id": DUTY, "type": "supergroup", "title": "Duty", "threads": [5]})
    store.close()
    async with TelegramServer(tmp_path / "telegram.db") as telegram:
        assert telegram.state.chats[DUTY].title == "Duty"


async def test_everything_is_there_after_the_server_starts_again(tmp_path: Path) -> None:
    path = tmp_path / "telegram.db"
    async with TelegramServer(path) as before:
        person = before.add_user(ENGINEER, "Оксана")
        await person.send("not yet read")
        async with aiohttp.ClientSession() as session:
            url = f"{before.base_url}/bot{before.token}/sendMessage"
            markup = '{"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}'
            fields = {"chat_id": str(ENGINEER), "text": "hello", "reply_markup": markup}
            assert (await session.post(url, data=fields)).status == 200
    async with TelegramServer(path) as after:
        assert [message.text for message in after.messages(ENGINEER)] == ["not yet read", "hello"]
        assert [update["message"]["text"] for update in after.state.updates.values()] == ["not yet read"]
        press = await after.person(ENGINEER).press(after.last(ENGINEER).id, "Go")
        assert press.data == "go"


async def test_a_waiting_poll_ends_when_the_clock_is_moved() -> None:
    clock = ShiftedClock()
    async with TelegramServer(clock=clock) as telegram, aiohttp.ClientSession() as session:
        caller = Caller(session, telegram)
        waiting = asyncio.create_task(caller.ok("getUpdates", timeout=30))
        await telegram.wait_for(lambda: telegram.api.poller)
        clock.shift += timedelta(hours=1)
        telegram.state.tell("world")
        assert await asyncio.wait_for(waiting, 2) == []
