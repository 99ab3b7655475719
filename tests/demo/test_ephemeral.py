"""Ephemeral messages: seen by one person in a group, at any time from an administrator, else soon after an action."""

import json
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from core.clock import ShiftedClock
from deploy.demo.telegram import Person, TelegramServer
from tests.demo.conftest import DUTY, ENGINEER, LEAD, OFFICE, STRANGER, Caller

BUTTONS = json.dumps({"inline_keyboard": [[{"text": "Take", "callback_data": "take"}]]})


def only_for(user: int, **more: object) -> str:
    return json.dumps({"receiver_user_id": user} | more)


async def test_one_person_sees_it_and_presses_it(call: Caller, telegram: TelegramServer, engineer: Person) -> None:
    sent = await call.ok(
        "sendMessage",
        chat_id=OFFICE,
        text="yours",
        ephemeral_message_parameters=only_for(ENGINEER),
        reply_markup=BUTTONS,
    )
    assert (sent["message_id"], sent["receiver_user"]["id"]) == (0, ENGINEER)
    assert telegram.messages(OFFICE) == []
    number = sent["ephemeral_message_id"]
    event = telegram.state.events_after(0)
    assert event is not None
    assert event[-1]["message"]["client"]["receiver"] == ENGINEER
    await engineer.press(number, "Take", OFFICE)
    pressed = (await call.updates())[0]["callback_query"]
    assert pressed["message"]["ephemeral_message_id"] == number
    target = {"chat_id": OFFICE, "receiver_user_id": ENGINEER, "ephemeral_message_id": number}
    assert await call.ok("editEphemeralMessageText", **target, text="done") is True
    assert await call.ok("deleteEphemeralMessage", **target) is True
    assert await call.refused("deleteEphemeralMessage", **target) == "Bad Request: MESSAGE_ID_INVALID"


@pytest.mark.parametrize(
    ("chat", "wish", "said"),
    [
        (ENGINEER, {"receiver_user_id": ENGINEER}, "PEER_ID_INVALID"),
        (OFFICE, {"receiver_user_id": STRANGER}, "USER_NOT_PARTICIPANT"),
        (OFFICE, {"receiver_user_id": 700000001}, "USER_IS_BOT"),
        (DUTY, {"receiver_user_id": ENGINEER}, "CHAT_ADMIN_REQUIRED"),
        (DUTY, {"receiver_user_id": ENGINEER, "callback_query_id": "1"}, "query is too old"),
        (OFFICE, {"receiver_user_id": ENGINEER, "replace_callback_query_message": True}, "MESSAGE_ID_INVALID"),
        (OFFICE, {}, 'field of EphemeralMessageParameters "receiver_user_id" is required'),
    ],
)
async def test_a_wrong_one_is_refused(call: Caller, chat: int, wish: dict[str, object], said: str) -> None:
    refused = await call.refused("sendMessage", chat_id=chat, text="x", ephemeral_message_parameters=json.dumps(wish))
    assert said in refused


async def test_a_member_bot_answers_a_press_within_fifteen_seconds() -> None:
    clock = ShiftedClock()
    async with TelegramServer(clock=clock) as telegram, aiohttp.ClientSession() as session:
        call = Caller(session, telegram)
        person = telegram.add_user(ENGINEER, "Оксана")
        telegram.add_group(DUTY, "Duty", [ENGINEER])
        card = await call.ok("sendMessage", chat_id=DUTY, text="card", reply_markup=BUTTONS)
        press = await person.press(card["message_id"], "Take", DUTY)
        wish = only_for(ENGINEER, callback_query_id=press.id, replace_callback_query_message=True)
        await call.ok("sendMessage", chat_id=DUTY, text="for you", ephemeral_message_parameters=wish)
        stolen = only_for(LEAD, callback_query_id=press.id)
        assert "USER_NOT_PARTICIPANT" in await call.refused(
            "sendMessage", chat_id=DUTY, text="x", ephemeral_message_parameters=stolen
        )
        clock.shift += timedelta(seconds=16)
        assert "query is too old" in await call.refused(
            "sendMessage", chat_id=DUTY, text="x", ephemeral_message_parameters=wish
        )


async def test_an_ephemeral_command_is_seen_by_the_bot_alone_and_answered_so(
    call: Caller, telegram: TelegramServer, engineer: Person
) -> None:
    commands = json.dumps([{"command": "mine", "description": "My requests", "is_ephemeral": True}])
    await call.ok("setMyCommands", commands=commands)
    await engineer.send("/mine", DUTY)
    assert telegram.messages(DUTY) == []
    [update] = await call.updates()
    asked = update["message"]
    assert (asked["message_id"], asked["from"]["id"]) == (0, ENGINEER)
    reply = json.dumps({"ephemeral_message_id": asked["ephemeral_message_id"]})
    params = {"chat_id": DUTY, "text": "two", "reply_parameters": reply}
    assert "must be an ephemeral message" in await call.refused("sendMessage", **params)
    await call.ok("sendMessage", **params, ephemeral_message_parameters=only_for(ENGINEER))


async def test_it_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    async with TelegramServer(path) as before, aiohttp.ClientSession() as session:
        before.add_user(ENGINEER, "Оксана")
        before.add_group(OFFICE, "Office", [ENGINEER], bot_rights=())
        call = Caller(session, before)
        sent = await call.ok("sendMessage", chat_id=OFFICE, text="x", ephemeral_message_parameters=only_for(ENGINEER))
    async with TelegramServer(path) as after:
        assert after.messages(OFFICE) == []
        assert after.state.find_ephemeral(OFFICE, sent["ephemeral_message_id"]) is not None
