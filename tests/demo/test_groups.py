"""Groups: who is in them and as what, anonymity, the way to a supergroup, links, what privacy mode lets through."""

from datetime import timedelta

import aiohttp
import pytest

from core.clock import ShiftedClock
from core.errors import UserError
from deploy.demo.telegram import BOT, Person, TelegramServer
from deploy.demo.telegram.rights import ADMIN_RIGHTS
from tests.demo.conftest import DUTY, ENGINEER, HALL, LEAD, OFFICE, STRANGER, Caller

LINK = f"https://t.me/{BOT.username}"


async def test_members_are_told_apart(call: Caller) -> None:
    found = [await call.ok("getChatMember", chat_id=DUTY, user_id=user) for user in (LEAD, ENGINEER, STRANGER, BOT.id)]
    assert [member["status"] for member in found] == ["creator", "member", "left", "member"]
    bot = await call.ok("getChatMember", chat_id=OFFICE, user_id=BOT.id)
    assert (bot["status"], bot["can_manage_topics"], bot["is_anonymous"]) == ("administrator", True, False)
    [creator] = await call.ok("getChatAdministrators", chat_id=OFFICE)
    assert creator["user"]["id"] == LEAD
    assert await call.ok("getChatMemberCount", chat_id=DUTY) == 3


async def test_the_bot_hears_what_becomes_of_it_and_an_administrator_of_others(
    call: Caller, lead: Person, engineer: Person
) -> None:
    await call.updates("my_chat_member", "chat_member")
    await lead.group(DUTY).promote(BOT.id, ["can_pin_messages"])
    await lead.group(DUTY).remove(BOT.id)
    await engineer.group(OFFICE).leave()
    mine, gone, theirs = await call.updates()
    assert mine["my_chat_member"]["new_chat_member"]["can_pin_messages"] is True
    assert gone["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert theirs["chat_member"]["old_chat_member"]["status"] == "member"
    assert theirs["chat_member"]["new_chat_member"]["status"] == "left"
    refused = await call.raw("sendMessage", chat_id=DUTY, text="x")
    assert (refused["error_code"], refused["description"]) == (
        403,
        "Forbidden: bot was kicked from the supergroup chat",
    )


async def test_a_bot_that_left_is_told_so_and_may_be_added_again(call: Caller, lead: Person) -> None:
    await call.ok("leaveChat", chat_id=DUTY)
    assert await call.refused("getChat", chat_id=DUTY) == "Forbidden: bot is not a member of the supergroup chat"
    await lead.group(DUTY).add(BOT.id)
    told = [update["message"] for update in await call.updates() if "message" in update]
    assert told[-1]["new_chat_members"][0]["id"] == BOT.id
    await call.ok("sendMessage", chat_id=DUTY, text="back")


async def test_somebody_may_be_silenced_removed_and_promoted(call: Caller, engineer: Person) -> None:
    of_engineer = {"chat_id": OFFICE, "user_id": ENGINEER}
    await call.ok("restrictChatMember", **of_engineer, permissions='{"can_send_photos": true}')
    with pytest.raises(UserError):
        await engineer.send("x", OFFICE)
    await call.ok("promoteChatMember", **of_engineer, can_pin_messages=True)
    member = await call.ok("getChatMember", **of_engineer)
    assert (member["status"], member["can_be_edited"], member["can_pin_messages"]) == ("administrator", True, True)
    await call.ok("promoteChatMember", **of_engineer)
    await call.ok("banChatMember", **of_engineer)
    assert (await call.ok("getChatMember", **of_engineer))["status"] == "kicked"
    with pytest.raises(UserError):
        await engineer.group(OFFICE).join()
    await call.ok("unbanChatMember", **of_engineer)
    await engineer.group(OFFICE).join()


async def test_a_restriction_and_a_ban_end_when_they_said() -> None:
    clock = ShiftedClock()
    async with TelegramServer(clock=clock) as telegram, aiohttp.ClientSession() as session:
        call = Caller(session, telegram)
        lead, engineer = telegram.add_user(LEAD, "Тарас"), telegram.add_user(ENGINEER, "Оксана")
        telegram.add_group(OFFICE, "Office", [LEAD, ENGINEER], admins=[LEAD], bot_rights=ADMIN_RIGHTS)
        soon = int(clock.now().timestamp()) + 60
        of_engineer = {"chat_id": OFFICE, "user_id": ENGINEER}
        await call.ok("restrictChatMember", **of_engineer, permissions="{}", until_date=soon)
        with pytest.raises(UserError):
            await engineer.send("x", OFFICE)
        clock.shift += timedelta(seconds=61)
        await engineer.send("x", OFFICE)
        await call.ok("banChatMember", **of_engineer, until_date=soon + 60)
        clock.shift += timedelta(seconds=61)
        assert (await call.ok("getChatMember", **of_engineer))["status"] == "left"
        await lead.group(OFFICE).add(ENGINEER)


async def test_a_bot_grants_only_rights_it_has(call: Caller, lead: Person) -> None:
    await lead.group(OFFICE).promote(BOT.id, ["can_promote_members"])
    refused = await call.refused("promoteChatMember", chat_id=OFFICE, user_id=ENGINEER, can_pin_messages=True)
    assert refused == "Bad Request: RIGHT_FORBIDDEN"


async def test_where_members_may_not_write_neither_may_the_bot(call: Caller, lead: Person) -> None:
    await lead.group(DUTY).promote(BOT.id, ["can_restrict_members"])
    await call.ok("setChatPermissions", chat_id=DUTY, permissions='{"can_send_messages": false}')
    await lead.group(DUTY).demote(BOT.id)
    refused = await call.refused("sendMessage", chat_id=DUTY, text="x")
    assert refused == "Bad Request: not enough rights to send text messages to the chat"


async def test_an_anonymous_administrator_speaks_in_the_groups_name(call: Caller, lead: Person) -> None:
    await lead.group(OFFICE).promote(LEAD, anonymous=True, title="Boss")
    post = await lead.send("/status", OFFICE)
    await call.updates("message", "message_reaction")
    await lead.react(post.id, "👍", OFFICE)
    await lead.send("hello", OFFICE)
    reaction, said = await call.updates()
    assert reaction["message_reaction"]["actor_chat"]["id"] == OFFICE
    assert "user" not in reaction["message_reaction"]
    message = said["message"]
    assert (message["from"]["id"], message["from"]["username"]) == (1087968824, "GroupAnonymousBot")
    assert (message["sender_chat"]["id"], message["author_signature"]) == (OFFICE, "Boss")
    await lead.group(OFFICE).be_anonymous(on=False)
    await lead.send("it is me", OFFICE)
    assert (await call.updates())[-1]["message"]["from"]["id"] == LEAD


async def test_an_upgraded_group_is_elsewhere(call: Caller, lead: Person, engineer: Person) -> None:
    await call.ok("sendMessage", chat_id=HALL, text="before")
    new = await lead.group(HALL).upgrade()
    old_told, new_told = [update["message"] for update in await call.updates()]
    assert (old_told["chat"]["id"], old_told["migrate_to_chat_id"]) == (HALL, new.id)
    assert (new_told["chat"]["id"], new_told["migrate_from_chat_id"]) == (new.id, HALL)
    body = await call.raw("sendMessage", chat_id=HALL, text="x")
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert body["parameters"] == {"migrate_to_chat_id": new.id}
    await call.ok("sendMessage", chat_id=new.id, text="after")
    assert (await call.ok("getChat", chat_id=new.id))["type"] == "supergroup"
    await engineer.send("/here", new.id)


async def test_a_link_starts_the_bot_with_its_payload(call: Caller, stranger: Person) -> None:
    await stranger.open(f"{LINK}?start=invite_Ab-1")
    [update] = await call.updates()
    assert update["message"]["text"] == "/start invite_Ab-1"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    await call.ok("sendMessage", chat_id=STRANGER, text="welcome")
    await stranger.open(f"tg://resolve?domain={BOT.username}&start=bad%20payload")
    assert (await call.updates())[-1]["message"]["text"] == "/start"
    for nowhere in ("https://t.me/somebody_else", "https://e.example/?start=x", "https://t.me/+unknown"):
        with pytest.raises(UserError):
            await stranger.open(nowhere)


async def test_a_link_adds_the_bot_to_a_group_as_an_administrator(
    call: Caller, telegram: TelegramServer, lead: Person, engineer: Person
) -> None:
    telegram.add_group(-100777, "Depot", [LEAD, ENGINEER], admins=[LEAD], bot_inside=False)
    url = f"{LINK}?startgroup=depot&admin=pin_messages+manage_topics"
    with pytest.raises(UserError):
        await engineer.open(url, -100777)
    await lead.open(url, -100777)
    told = await call.updates()
    assert [next(iter(set(update) - {"update_id"})) for update in told] == [
        "my_chat_member",
        "message",
        "my_chat_member",
        "message",
    ]
    assert told[2]["my_chat_member"]["new_chat_member"]["can_manage_topics"] is True
    assert told[3]["message"]["text"] == f"/start@{BOT.username} depot"


async def test_people_come_by_invitation_at_once_or_after_a_question(call: Caller, stranger: Person) -> None:
    asking = await call.ok("createChatInviteLink", chat_id=OFFICE, creates_join_request=True)
    await stranger.open(asking["invite_link"])
    [asked] = await call.updates()
    assert asked["chat_join_request"]["from"]["id"] == STRANGER
    await call.ok("declineChatJoinRequest", chat_id=OFFICE, user_id=STRANGER)
    open_link = await call.ok("exportChatInviteLink", chat_id=OFFICE)
    assert (await call.ok("getChat", chat_id=OFFICE))["invite_link"] == open_link
    await stranger.open(open_link)
    [came] = await call.updates()
    assert came["message"]["new_chat_members"][0]["id"] == STRANGER
    await call.ok("revokeChatInviteLink", chat_id=OFFICE, invite_link=open_link)
    await stranger.group(OFFICE).leave()
    with pytest.raises(UserError):
        await stranger.open(open_link)


async def test_an_administrator_and_a_bot_without_privacy_hear_everything(
    call: Caller, telegram: TelegramServer, engineer: Person
) -> None:
    await engineer.send("in the office", OFFICE)
    await engineer.send("in the duty group", DUTY)
    telegram.state.settings.privacy = False
    assert (await call.ok("getMe"))["can_read_all_group_messages"] is True
    await engineer.send("now heard", DUTY)
    assert [update["message"]["text"] for update in await call.updates()] == ["in the office", "now heard"]


async def test_in_a_group_without_topics_a_reply_has_a_thread_that_is_no_topic(call: Caller, engineer: Person) -> None:
    card = await call.ok("sendMessage", chat_id=DUTY, text="card")
    first = await engineer.send("on my way", DUTY, reply_to=card["message_id"])
    await engineer.send("/here", DUTY, reply_to=first.id)
    for update in await call.updates():
        assert update["message"]["message_thread_id"] == card["message_id"]
        assert "is_topic_message" not in update["message"]
    refused = await call.refused("sendMessage", chat_id=DUTY, text="x", message_thread_id=card["message_id"])
    assert refused == "Bad Request: message thread not found"


async def test_an_edit_by_a_person_reaches_the_bot(call: Caller, engineer: Person) -> None:
    said = await engineer.send("/new 101")
    await engineer.edit(said.id, "/new 102")
    first, second = await call.updates()
    assert (first["message"]["text"], second["edited_message"]["text"]) == ("/new 101", "/new 102")
    assert second["edited_message"]["edit_date"]


async def test_a_stranger_to_a_group_can_do_nothing_in_it(stranger: Person, engineer: Person) -> None:
    for act in (stranger.send("x", DUTY), stranger.group(DUTY).leave(), engineer.group(DUTY).promote(ENGINEER)):
        with pytest.raises(UserError):
            await act
