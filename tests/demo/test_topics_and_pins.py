"""Topics, pins and reactions: what changes, who is told, and whose rights count."""

import pytest

from core.errors import UserError
from deploy.demo.telegram import BOT, Person
from tests.demo.conftest import DUTY, ENGINEER, OFFICE, REPAIRS, Caller

IN_REPAIRS = {"chat_id": OFFICE, "message_thread_id": REPAIRS}


async def test_a_topic_is_made_named_and_told_of(call: Caller) -> None:
    topic = await call.ok("createForumTopic", chat_id=OFFICE, name="  Leak  in 101 ", icon_color=9367192)
    thread = topic["message_thread_id"]
    assert topic == {"message_thread_id": thread, "name": "Leak in 101", "icon_color": 9367192}
    sent = await call.ok("sendMessage", chat_id=OFFICE, message_thread_id=thread, text="x")
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
    assert sent["reply_to_message"]["forum_topic_created"]["name"] == "Leak in 101"
    await call.ok("editForumTopic", chat_id=OFFICE, message_thread_id=thread, name="Leak in 102")
    told = [update["message"] for update in await call.updates()]
    assert told[0]["forum_topic_created"]["icon_color"] == 9367192
    assert told[1]["forum_topic_edited"] == {"name": "Leak in 102"}


async def test_a_deleted_topic_takes_its_messages_and_is_found_no_more(
    call: Caller, lead: Person, engineer: Person
) -> None:
    await engineer.send("broken", OFFICE, thread=REPAIRS)
    await lead.group(OFFICE).delete_topic(REPAIRS)
    assert call.telegram.messages(OFFICE) == []
    refused = await call.refused("sendMessage", **IN_REPAIRS, text="x")
    assert refused == "Bad Request: message thread not found"
    with pytest.raises(UserError):
        await engineer.send("x", OFFICE, thread=REPAIRS)


async def test_in_a_closed_topic_only_administrators_write(call: Caller, lead: Person, engineer: Person) -> None:
    await lead.group(OFFICE).close_topic(REPAIRS)
    with pytest.raises(UserError):
        await engineer.send("x", OFFICE, thread=REPAIRS)
    await call.ok("sendMessage", **IN_REPAIRS, text="an administrator may")
    await lead.group(OFFICE).promote(BOT.id, ["can_manage_chat"])
    assert await call.refused("sendMessage", **IN_REPAIRS, text="x") == "Bad Request: TOPIC_CLOSED"
    await lead.group(OFFICE).reopen_topic(REPAIRS)
    await engineer.send("again", OFFICE, thread=REPAIRS)


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("createForumTopic", "not enough rights to create a topic"),
        ("editForumTopic", "not enough rights to edit the topic"),
        ("closeForumTopic", "not enough rights to close or open the topic"),
        ("deleteForumTopic", "not enough rights to delete the topic"),
        ("hideGeneralForumTopic", "not enough rights to close or open the topic"),
    ],
)
async def test_topics_need_the_right_to_manage_them(call: Caller, lead: Person, method: str, said: str) -> None:
    await lead.group(OFFICE).promote(BOT.id, ["can_manage_chat"])
    named = {"createForumTopic": {"name": "x"}, "hideGeneralForumTopic": {}}
    params = named.get(method, {"message_thread_id": REPAIRS, "name": "x"} if "edit" in method else IN_REPAIRS)
    assert await call.refused(method, **({"chat_id": OFFICE} | params)) == f"Bad Request: {said}"


async def test_general_is_hidden_and_shown_again(call: Caller, engineer: Person) -> None:
    await call.ok("hideGeneralForumTopic", chat_id=OFFICE)
    with pytest.raises(UserError):
        await engineer.send("x", OFFICE)
    await call.ok("reopenGeneralForumTopic", chat_id=OFFICE)
    await engineer.send("x", OFFICE)
    told = [set(update["message"]) for update in await call.updates()]
    assert "general_forum_topic_hidden" in told[0]
    assert "forum_topic_reopened" in told[1]
    assert "message_thread_id" not in told[1]


async def test_people_make_topics_and_the_bot_hears(call: Caller, engineer: Person) -> None:
    topic = await engineer.group(OFFICE).create_topic("Night")
    await engineer.group(OFFICE).rename_topic(topic.id, "Night shift")
    told = [update["message"] for update in await call.updates()]
    assert told[0]["from"]["id"] == ENGINEER
    assert told[1]["forum_topic_edited"] == {"name": "Night shift"}
    assert call.telegram.state.client_chat(call.telegram.state.chats[OFFICE])["topics"][-1]["name"] == "Night shift"


async def test_a_pin_is_told_shown_and_taken_away(call: Caller) -> None:
    sent = await call.ok("sendMessage", **IN_REPAIRS, text="board")
    target = {"chat_id": OFFICE, "message_id": sent["message_id"]}
    assert await call.ok("pinChatMessage", **target) is True
    assert (await call.ok("getChat", chat_id=OFFICE))["pinned_message"]["text"] == "board"
    [update] = await call.updates()
    assert update["message"]["pinned_message"]["text"] == "board"
    assert update["message"]["message_thread_id"] == REPAIRS
    assert await call.ok("unpinChatMessage", **target) is True
    assert await call.refused("unpinChatMessage", **target) == "Bad Request: message to unpin not found"


async def test_all_pins_of_one_topic_go(call: Caller, lead: Person) -> None:
    in_general = await lead.send("a", OFFICE)
    in_topic = await lead.send("b", OFFICE, thread=REPAIRS)
    for message in (in_general, in_topic):
        await lead.group(OFFICE).pin(message.id)
    await call.ok("unpinAllForumTopicMessages", **IN_REPAIRS)
    assert call.telegram.state.chats[OFFICE].pinned == [in_general.id]
    await call.ok("unpinAllGeneralForumTopicMessages", chat_id=OFFICE)
    assert call.telegram.state.chats[OFFICE].pinned == []


async def test_in_a_private_chat_a_pin_needs_no_right(call: Caller, engineer: Person) -> None:
    theirs = await engineer.send("remember")
    await call.ok("pinChatMessage", chat_id=ENGINEER, message_id=theirs.id)


async def test_a_reaction_of_the_bot_is_one_emoji(call: Caller, engineer: Person) -> None:
    theirs = await engineer.send("done")
    target = {"chat_id": ENGINEER, "message_id": theirs.id}
    await call.ok("setMessageReaction", **target, reaction='[{"type": "emoji", "emoji": "👍"}]')
    assert list(call.telegram.last(ENGINEER).reactions.values()) == [[{"type": "emoji", "emoji": "👍"}]]
    await call.ok("setMessageReaction", **target)
    assert call.telegram.last(ENGINEER).reactions == {}


async def test_reactions_reach_an_administrator_that_asked_for_them(call: Caller, engineer: Person) -> None:
    post = await call.ok("sendMessage", chat_id=OFFICE, text="x")
    await engineer.react(post["message_id"], "👀", OFFICE)
    assert await call.updates("message_reaction") == []
    await engineer.react(post["message_id"], "👍", OFFICE)
    [update] = await call.updates()
    told = update["message_reaction"]
    assert (told["user"]["id"], told["old_reaction"], told["new_reaction"]) == (
        ENGINEER,
        [{"type": "emoji", "emoji": "👀"}],
        [{"type": "emoji", "emoji": "👍"}],
    )
    card = await call.ok("sendMessage", chat_id=DUTY, text="x")
    await engineer.react(card["message_id"], "👍", DUTY)
    assert await call.updates() == []
