"""Forwarding, copying and deleting messages."""

import json
from datetime import timedelta

import aiohttp
import pytest

from core.clock import ShiftedClock
from core.errors import UserError
from deploy.demo.telegram import Person, TelegramServer
from tests.demo.conftest import DUTY, ENGINEER, LEAD, OFFICE, Caller


async def test_a_forward_says_whose_it_was_and_a_copy_does_not(call: Caller, lead: Person) -> None:
    theirs = await lead.send("<look>", OFFICE)
    source = {"from_chat_id": OFFICE, "message_id": theirs.id}
    forwarded = await call.ok("forwardMessage", chat_id=ENGINEER, **source)
    assert forwarded["forward_origin"]["sender_user"]["id"] == LEAD
    again = await call.ok("forwardMessage", chat_id=DUTY, from_chat_id=ENGINEER, message_id=forwarded["message_id"])
    assert again["forward_origin"] == forwarded["forward_origin"]
    copied = await call.ok("copyMessage", chat_id=ENGINEER, **source)
    assert "forward_origin" not in call.telegram.state.api_message(call.telegram.last(ENGINEER))
    await call.ok("editMessageText", chat_id=ENGINEER, message_id=copied["message_id"], text="mine now")
    target = {"chat_id": ENGINEER, "message_id": forwarded["message_id"]}
    assert await call.refused("editMessageText", **target, text="x") == "Bad Request: message can't be edited"
    await lead.group(OFFICE).be_anonymous(on=True)
    hidden = await lead.send("as the group", OFFICE)
    told = await call.ok("forwardMessage", chat_id=ENGINEER, from_chat_id=OFFICE, message_id=hidden.id)
    assert (told["forward_origin"]["type"], told["forward_origin"]["sender_chat"]["id"]) == ("chat", OFFICE)


async def test_a_copy_takes_another_caption_or_none(call: Caller, engineer: Person) -> None:
    theirs = await engineer.upload("a.txt", b"a", caption="old")
    source = {"chat_id": DUTY, "from_chat_id": ENGINEER}
    await call.ok("copyMessage", **source, message_id=theirs.id, caption="<b>new</b>", parse_mode="HTML")
    assert call.telegram.last(DUTY).text == "new"
    await call.ok("copyMessages", **source, message_ids=json.dumps([theirs.id]), remove_caption=True)
    assert call.telegram.last(DUTY).text == ""


async def test_protected_content_is_copied_only(call: Caller) -> None:
    sent = await call.ok("sendMessage", chat_id=DUTY, text="secret", protect_content=True)
    assert sent["has_protected_content"] is True
    source = {"chat_id": ENGINEER, "from_chat_id": DUTY, "message_id": sent["message_id"]}
    assert await call.refused("forwardMessage", **source) == "Bad Request: the message can't be forwarded"
    await call.ok("copyMessage", **source)


async def test_deleting_takes_the_message_away_once(call: Caller, telegram: TelegramServer) -> None:
    sent = await call.ok("sendMessage", chat_id=DUTY, text="x")
    target = {"chat_id": DUTY, "message_id": sent["message_id"]}
    assert await call.ok("deleteMessage", **target) is True
    assert telegram.messages(DUTY) == []
    assert await call.refused("deleteMessage", **target) == "Bad Request: message to delete not found"


async def test_somebody_elses_message_is_deleted_only_with_the_right_to(call: Caller, engineer: Person) -> None:
    theirs = await engineer.send("mine", DUTY)
    refused = await call.refused("deleteMessage", chat_id=DUTY, message_id=theirs.id)
    assert refused == "Bad Request: message can't be deleted"
    theirs = await engineer.send("mine", OFFICE)
    await call.ok("deleteMessage", chat_id=OFFICE, message_id=theirs.id)


async def test_several_are_deleted_all_or_none(call: Caller, engineer: Person) -> None:
    own = await call.ok("sendMessage", chat_id=DUTY, text="x")
    theirs = await engineer.send("mine", DUTY)
    both = json.dumps([own["message_id"], theirs.id, 999])
    assert "can't be deleted" in await call.refused("deleteMessages", chat_id=DUTY, message_ids=both)
    assert len(call.telegram.messages(DUTY)) == 2
    await call.ok("deleteMessages", chat_id=DUTY, message_ids=json.dumps([own["message_id"], 999]))
    assert [message.id for message in call.telegram.messages(DUTY)] == [theirs.id]


async def test_after_two_days_a_message_stays() -> None:
    clock = ShiftedClock()
    async with TelegramServer(clock=clock) as telegram:
        telegram.add_user(ENGINEER, "Оксана")
        async with aiohttp.ClientSession() as session:
            call = Caller(session, telegram)
            sent = await call.ok("sendMessage", chat_id=ENGINEER, text="x")
            clock.shift += timedelta(hours=49)
            refused = await call.refused("deleteMessage", chat_id=ENGINEER, message_id=sent["message_id"])
            assert refused == "Bad Request: message can't be deleted for everyone"


async def test_people_delete_what_is_theirs(lead: Person, engineer: Person, telegram: TelegramServer) -> None:
    theirs = await lead.send("x", DUTY)
    with pytest.raises(UserError):
        await engineer.delete(theirs.id, DUTY)
    mine = await engineer.send("y", DUTY)
    await lead.delete(mine.id, DUTY)
    assert telegram.messages(DUTY) == [theirs]
