"""Every method of the server, called rightly and wrongly over HTTP. `$name` is something of the scene."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.demo.telegram import BOT, Person
from deploy.demo.telegram.methods import METHODS
from tests.demo.conftest import DUTY, ENGINEER, HALL, LEAD, OFFICE, PICTURE, REPAIRS, STRANGER, Caller

KEYBOARD = {"inline_keyboard": [[{"text": "Take", "callback_data": "take"}]]}
CARD = {"chat_id": ENGINEER, "message_id": 2}
PICTURE_POST = {"chat_id": ENGINEER, "message_id": 3}
GENERAL_POST = {"chat_id": OFFICE, "message_id": 9}
WHISPER = {"chat_id": OFFICE, "receiver_user_id": ENGINEER, "ephemeral_message_id": "$whisper"}
IN_REPAIRS = {"chat_id": OFFICE, "message_thread_id": REPAIRS}
TABLE = {"html": "<h2>Open</h2><table><tr><th>No</th></tr><tr><td>101</td></tr></table>"}
ARTICLE = {"type": "article", "id": "1", "title": "101", "input_message_content": {"message_text": "Request 101"}}
MENU = [{"command": "status", "description": "How it stands"}]
ALL_RIGHTS = {"can_send_messages": True}
OF_ENGINEER = {"chat_id": OFFICE, "user_id": ENGINEER}
MISSING = "Bad Request: chat not found"
PINNING = "Bad Request: not enough rights to manage pinned messages in the chat"
NOT_MODIFIED = "Bad Request: message is not modified"
NO_EPHEMERAL = "Bad Request: MESSAGE_ID_INVALID"
OLD_QUERY = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@dataclass
class Scene:
    """A caller, and the names of what is there."""

    call: Caller
    names: dict[str, Any]

    def fill(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("$"):
            return self.names[value[1:]]
        if isinstance(value, dict):
            return {name: self.fill(found) for name, found in value.items()}
        if isinstance(value, list):
            return [self.fill(found) for found in value]
        return value

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        filled = {name: self.fill(value) for name, value in params.items()}
        return await self.call.raw(
            method, **{name: json.dumps(v) if isinstance(v, list | dict) else v for name, v in filled.items()}
        )


@pytest.fixture
async def scene(call: Caller, lead: Person, engineer: Person, stranger: Person) -> Scene:
    keyboard = json.dumps(KEYBOARD)
    await engineer.send("hello")
    await call.ok("sendMessage", chat_id=ENGINEER, text="card", reply_markup=keyboard)
    pictured = await call.up("sendPhoto", {"photo": ("a.png", PICTURE, "image/png")}, chat_id=ENGINEER, caption="old")
    filed = await engineer.upload("a.txt", b"text")
    await call.ok("sendMessage", chat_id=DUTY, text="card")
    await engineer.send("in general", OFFICE)
    await call.ok("sendMessage", chat_id=OFFICE, text="board")
    await call.ok("sendMessage", **IN_REPAIRS, text="in repairs")
    await call.ok("pinChatMessage", chat_id=OFFICE, message_id=10)
    topic = await call.ok("createForumTopic", chat_id=OFFICE, name="Ours")
    wish = json.dumps({"receiver_user_id": ENGINEER})
    whisper = await call.ok(
        "sendMessage", chat_id=OFFICE, text="psst", ephemeral_message_parameters=wish, reply_markup=keyboard
    )
    link = await call.ok("createChatInviteLink", chat_id=OFFICE, creates_join_request=True)
    await stranger.open(link["invite_link"])
    await lead.group(OFFICE).restrict(ENGINEER, ["can_send_messages"])
    await engineer.react(9, "👍", OFFICE)
    names = {
        "photo": pictured["result"]["photo"][0]["file_id"],
        "document": filed.content["document"]["file_id"],
        "topic": topic["message_thread_id"],
        "whisper": whisper["ephemeral_message_id"],
        "press": (await engineer.press(2, "Take")).id,
        "query": (await engineer.ask("101")).id,
        "link": link["invite_link"],
        "primary": await call.ok("exportChatInviteLink", chat_id=OFFICE),
    }
    return Scene(call, names)


RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("getUpdates", {"limit": 1, "allowed_updates": ["message"]}),
    ("setWebhook", {"url": "https://bot.example:8443/hook", "secret_token": "s-1_A", "max_connections": 5}),
    ("deleteWebhook", {"drop_pending_updates": True}),
    ("getWebhookInfo", {}),
    ("getMe", {}),
    ("logOut", {}),
    ("close", {}),
    ("setMyCommands", {"commands": MENU, "scope": {"type": "chat", "chat_id": DUTY}, "language_code": "uk"}),
    ("getMyCommands", {"scope": {"type": "all_group_chats"}}),
    ("deleteMyCommands", {"scope": {"type": "chat_member", "chat_id": DUTY, "user_id": LEAD}}),
    ("setMyName", {"name": "Duty", "language_code": "en"}),
    ("getMyName", {}),
    ("setMyDescription", {"description": "What it is for"}),
    ("getMyDescription", {"language_code": "uk"}),
    ("setMyShortDescription", {"short_description": "Short"}),
    ("getMyShortDescription", {}),
    ("setChatMenuButton", {"chat_id": ENGINEER, "menu_button": {"type": "commands"}}),
    ("getChatMenuButton", {"chat_id": ENGINEER}),
    ("sendMessage", {"chat_id": OFFICE, "text": "<b>x</b>", "parse_mode": "HTML", "reply_markup": KEYBOARD}),
    ("sendMessage", {"chat_id": OFFICE, "text": "*x*", "parse_mode": "MarkdownV2"}),
    ("sendMessage", {**IN_REPAIRS, "text": "x", "reply_parameters": {"message_id": 10, "quote": "repairs"}}),
    ("sendMessage", {"chat_id": ENGINEER, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 1}]}),
    ("sendMessage", {"chat_id": ENGINEER, "text": "https://e.example", "link_preview_options": {"is_disabled": True}}),
    ("sendChatAction", {**IN_REPAIRS, "action": "typing"}),
    ("sendMessageDraft", {"chat_id": ENGINEER, "draft_id": 5, "text": "I am th"}),
    ("sendRichMessage", {"chat_id": OFFICE, "rich_message": TABLE}),
    ("sendRichMessageDraft", {"chat_id": ENGINEER, "draft_id": 5, "rich_message": TABLE}),
    ("forwardMessage", {"chat_id": ENGINEER, "from_chat_id": OFFICE, "message_id": 8}),
    ("forwardMessages", {"chat_id": ENGINEER, "from_chat_id": OFFICE, "message_ids": [8, 9, 999]}),
    ("copyMessage", {"chat_id": DUTY, "from_chat_id": ENGINEER, "message_id": 3, "caption": "new"}),
    ("copyMessages", {"chat_id": DUTY, "from_chat_id": ENGINEER, "message_ids": [1, 3], "remove_caption": True}),
    ("deleteMessage", {"chat_id": OFFICE, "message_id": 8}),
    ("deleteMessages", {"chat_id": ENGINEER, "message_ids": [1, 4, 999]}),
    ("editMessageText", {**CARD, "text": "new"}),
    ("editMessageCaption", {**PICTURE_POST, "caption": "<i>new</i>", "parse_mode": "HTML"}),
    ("editMessageMedia", {**PICTURE_POST, "media": {"type": "document", "media": "$document"}}),
    ("editMessageReplyMarkup", {**CARD, "reply_markup": KEYBOARD}),
    ("editEphemeralMessageText", {**WHISPER, "text": "new"}),
    ("editEphemeralMessageMedia", {**WHISPER, "media": {"type": "photo", "media": "$photo", "caption": "c"}}),
    ("editEphemeralMessageReplyMarkup", {**WHISPER, "reply_markup": KEYBOARD}),
    ("deleteEphemeralMessage", {**WHISPER}),
    ("sendPhoto", {"chat_id": OFFICE, "photo": "$photo", "caption": "again", "show_caption_above_media": True}),
    ("sendDocument", {**IN_REPAIRS, "document": "$document"}),
    ("sendMediaGroup", {"chat_id": OFFICE, "media": [{"type": "photo", "media": "$photo"}] * 2}),
    ("getFile", {"file_id": "$document"}),
    ("pinChatMessage", {**GENERAL_POST, "disable_notification": True}),
    ("unpinChatMessage", {"chat_id": OFFICE}),
    ("unpinAllChatMessages", {"chat_id": OFFICE}),
    ("unpinAllForumTopicMessages", IN_REPAIRS),
    ("unpinAllGeneralForumTopicMessages", {"chat_id": OFFICE}),
    ("setMessageReaction", {**GENERAL_POST, "reaction": [{"type": "emoji", "emoji": "❤️"}], "is_big": True}),
    ("deleteMessageReaction", {**GENERAL_POST, "user_id": ENGINEER}),
    ("createForumTopic", {"chat_id": OFFICE, "name": "New", "icon_color": 9367192}),
    ("editForumTopic", {**IN_REPAIRS, "name": "Renamed"}),
    ("closeForumTopic", IN_REPAIRS),
    ("deleteForumTopic", IN_REPAIRS),
    ("editGeneralForumTopic", {"chat_id": OFFICE, "name": "Hall"}),
    ("closeGeneralForumTopic", {"chat_id": OFFICE}),
    ("hideGeneralForumTopic", {"chat_id": OFFICE}),
    ("getForumTopicIconStickers", {}),
    ("getChat", {"chat_id": OFFICE}),
    ("setChatTitle", {"chat_id": OFFICE, "title": "New office"}),
    ("setChatDescription", {"chat_id": OFFICE, "description": "What for"}),
    ("setChatPermissions", {"chat_id": OFFICE, "permissions": ALL_RIGHTS}),
    ("getUserProfilePhotos", {"user_id": LEAD}),
    ("exportChatInviteLink", {"chat_id": OFFICE}),
    ("createChatInviteLink", {"chat_id": OFFICE, "name": "Guests", "member_limit": 3}),
    ("editChatInviteLink", {"chat_id": OFFICE, "invite_link": "$link", "name": "Friends"}),
    ("revokeChatInviteLink", {"chat_id": OFFICE, "invite_link": "$link"}),
    ("approveChatJoinRequest", {"chat_id": OFFICE, "user_id": STRANGER}),
    ("getChatMember", {"chat_id": DUTY, "user_id": BOT.id}),
    ("getChatAdministrators", {"chat_id": OFFICE, "return_bots": True}),
    ("getChatMemberCount", {"chat_id": DUTY}),
    ("answerCallbackQuery", {"callback_query_id": "$press", "url": f"https://t.me/{BOT.username}?start=r_101"}),
    ("answerInlineQuery", {"inline_query_id": "$query", "results": [ARTICLE], "is_personal": True}),
    ("restrictChatMember", {**OF_ENGINEER, "permissions": ALL_RIGHTS}),
    ("banChatMember", {"chat_id": OFFICE, "user_id": STRANGER}),
    ("unbanChatMember", {"chat_id": OFFICE, "user_id": STRANGER, "only_if_banned": True}),
    ("promoteChatMember", {**OF_ENGINEER, "can_pin_messages": True}),
    ("leaveChat", {"chat_id": DUTY}),
]

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("getUpdates", {"allowed_updates": "message"}, "can't parse allowed updates JSON object"),
    ("setWebhook", {"url": "https://bot.example:444/"}, "Webhook can be set up only on ports 80, 88, 443 or 8443"),
    ("setWebhook", {"url": "https://127.0.0.1/"}, "IP address 127.0.0.1 is reserved"),
    ("setWebhook", {"url": "https://bot.example/", "secret_token": "a b"}, "secret token contains unallowed char"),
    ("setMyCommands", {"commands": MENU, "language_code": "eng"}, "invalid language code specified"),
    ("setMyCommands", {"commands": MENU, "scope": {"type": "chat", "chat_id": 9}}, MISSING),
    ("setMyCommands", {"commands": MENU * 101}, "too many commands specified"),
    ("setMyCommands", {"commands": MENU, "scope": {"type": "everybody"}}, 'type "everybody" is unsupported'),
    ("getMyCommands", {"scope": {"type": "chat_administrators", "chat_id": LEAD}}, "bot command scope in private"),
    ("setMyName", {"name": "x" * 65}, "setMyName.name"),
    ("setMyDescription", {"description": "x" * 513}, "setMyDescription.description"),
    ("setMyShortDescription", {"short_description": "x" * 121}, "setMyShortDescription.short_description"),
    ("setChatMenuButton", {"chat_id": DUTY}, "chat_id must be a private chat"),
    ("sendMessage", {"chat_id": OFFICE, "message_thread_id": 99, "text": "x"}, "message thread not found"),
    ("sendMessage", {"chat_id": OFFICE, "message_thread_id": 1, "text": "x"}, "message thread not found"),
    ("sendMessage", {"chat_id": DUTY, "message_thread_id": REPAIRS, "text": "x"}, "message thread not found"),
    ("sendMessage", {"chat_id": OFFICE, "text": "x.", "parse_mode": "MarkdownV2"}, "'.' is reserved"),
    ("sendMessage", {"chat_id": OFFICE, "text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    (
        "sendMessage",
        {"chat_id": OFFICE, "text": "x", "reply_parameters": {"message_id": 8, "quote": "nowhere"}},
        "QUOTE_TEXT_INVALID",
    ),
    (
        "sendMessage",
        {"chat_id": OFFICE, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
        "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
    ),
    (
        "sendMessage",
        {"chat_id": OFFICE, "text": "x", "entities": [{"type": "huge", "offset": 0, "length": 1}]},
        "can't parse MessageEntity: Unsupported type specified",
    ),
    ("sendMessage", {"chat_id": OFFICE, "text": "x", "reply_markup": {"keyboard": []}}, "keyboard has no buttons"),
    (
        "sendMessage",
        {"chat_id": OFFICE, "text": "x", "reply_markup": {"inline_keyboard": [KEYBOARD["inline_keyboard"][0] * 101]}},
        "reply markup is too long",
    ),
    ("sendChatAction", {"chat_id": OFFICE, "action": "dancing"}, "wrong parameter action in request"),
    ("sendMessageDraft", {"chat_id": OFFICE, "draft_id": 1, "text": "x"}, "PEER_ID_INVALID"),
    ("sendMessageDraft", {"chat_id": ENGINEER, "draft_id": 0, "text": "x"}, "draft_id must be non-zero"),
    ("sendRichMessage", {"chat_id": OFFICE, "rich_message": {}}, "exactly one of the fields"),
    ("sendRichMessageDraft", {"chat_id": OFFICE, "draft_id": 1, "rich_message": TABLE}, "PEER_ID_INVALID"),
    ("forwardMessage", {"chat_id": ENGINEER, "from_chat_id": 9, "message_id": 8}, MISSING),
    ("forwardMessage", {"chat_id": ENGINEER, "from_chat_id": OFFICE, "message_id": 99}, "message to forward not found"),
    ("forwardMessage", {"chat_id": ENGINEER, "from_chat_id": OFFICE, "message_id": 11}, "can't be forwarded"),
    (
        "forwardMessages",
        {"chat_id": ENGINEER, "from_chat_id": OFFICE, "message_ids": [9, 8]},
        "message identifiers must be in a strictly increasing order",
    ),
    ("copyMessage", {"chat_id": ENGINEER, "from_chat_id": OFFICE, "message_id": 99}, "message to copy not found"),
    ("copyMessages", {"chat_id": ENGINEER, "from_chat_id": OFFICE, "message_ids": []}, "there are no messages to copy"),
    ("deleteMessage", {"chat_id": OFFICE, "message_id": 99}, "message to delete not found"),
    ("deleteMessages", {"chat_id": OFFICE, "message_ids": [*range(101)]}, "too many message identifiers specified"),
    ("deleteMessages", {"chat_id": OFFICE, "message_ids": [8, "$topic"]}, "message can't be deleted"),
    ("editMessageText", {**CARD, "text": "card", "reply_markup": KEYBOARD}, NOT_MODIFIED),
    ("editMessageText", {**PICTURE_POST, "text": "x"}, "there is no text in the message to edit"),
    ("editMessageText", {"text": "x"}, "message identifier is not specified"),
    ("editMessageText", {"inline_message_id": "no-such", "text": "x"}, "MESSAGE_ID_INVALID"),
    ("editMessageCaption", {**CARD, "caption": "x"}, "there is no caption in the message to edit"),
    ("editMessageCaption", {**PICTURE_POST, "caption": "x" * 1025}, "message caption is too long"),
    ("editMessageMedia", {**PICTURE_POST, "media": {"type": "sticker", "media": "x"}}, 'type "sticker" is unsupported'),
    (
        "editMessageMedia",
        {**PICTURE_POST, "media": {"type": "document", "media": "$photo"}},
        "can't use file of type Photo as Document",
    ),
    ("editMessageReplyMarkup", {**CARD, "reply_markup": KEYBOARD}, NOT_MODIFIED),
    ("editEphemeralMessageText", {**WHISPER, "receiver_user_id": LEAD, "text": "x"}, NO_EPHEMERAL),
    ("editEphemeralMessageCaption", {**WHISPER, "caption": "x"}, "there is no caption in the message to edit"),
    (
        "editEphemeralMessageMedia",
        {**WHISPER, "ephemeral_message_id": 1, "media": {"type": "photo", "media": "$photo"}},
        NO_EPHEMERAL,
    ),
    ("editEphemeralMessageReplyMarkup", {**WHISPER, "reply_markup": KEYBOARD}, NOT_MODIFIED),
    ("deleteEphemeralMessage", {**WHISPER, "chat_id": DUTY}, NO_EPHEMERAL),
    ("sendPhoto", {"chat_id": OFFICE, "photo": "$document"}, "can't use file of type Document as Photo"),
    ("sendPhoto", {"chat_id": OFFICE, "photo": "https://e.example/a.png"}, "failed to get HTTP URL content"),
    ("sendPhoto", {"chat_id": OFFICE, "photo": "attach://none"}, 'there is no part "none"'),
    ("sendDocument", {"chat_id": OFFICE}, '"document" is required'),
    ("sendVideo", {"chat_id": OFFICE, "video": "no-such"}, "wrong file identifier/HTTP URL specified"),
    ("sendAudio", {"chat_id": OFFICE, "audio": "$photo"}, "can't use file of type Photo as Audio"),
    ("sendVoice", {"chat_id": 9, "voice": "$document"}, MISSING),
    ("sendAnimation", {"chat_id": OFFICE, "animation": "no-such"}, "wrong file identifier/HTTP URL specified"),
    ("sendMediaGroup", {"chat_id": OFFICE, "media": []}, "there are no messages to send"),
    ("sendMediaGroup", {"chat_id": OFFICE, "media": [{"type": "photo", "media": "$photo"}] * 11}, "too many messages"),
    (
        "sendMediaGroup",
        {
            "chat_id": OFFICE,
            "media": [{"type": "photo", "media": "$photo"}, {"type": "document", "media": "$document"}],
        },
        "document can't be mixed with other media types",
    ),
    ("sendMediaGroup", {"chat_id": OFFICE, "media": [{"type": "animation", "media": "x"}]}, 'type "animation"'),
    ("getFile", {"file_id": "no-such"}, "invalid file_id"),
    ("pinChatMessage", {"chat_id": DUTY, "message_id": 1}, PINNING),
    ("pinChatMessage", {"chat_id": OFFICE, "message_id": 99}, "message to pin not found"),
    ("unpinChatMessage", {"chat_id": OFFICE, "message_id": 8}, "message to unpin not found"),
    ("unpinAllChatMessages", {"chat_id": DUTY}, PINNING),
    ("unpinAllForumTopicMessages", {"chat_id": OFFICE, "message_thread_id": 99}, "message thread not found"),
    ("unpinAllGeneralForumTopicMessages", {"chat_id": DUTY}, "the chat is not a forum"),
    ("setMessageReaction", {"chat_id": OFFICE, "message_id": 99}, "message to react not found"),
    ("setMessageReaction", {**GENERAL_POST, "reaction": [{"type": "emoji", "emoji": "🦖"}]}, "REACTION_INVALID"),
    ("setMessageReaction", {**GENERAL_POST, "reaction": [{"type": "paid"}]}, "REACTION_INVALID"),
    ("setMessageReaction", {**GENERAL_POST, "reaction": [{"type": "emoji", "emoji": "👍"}] * 2}, "REACTIONS_TOO_MANY"),
    ("deleteMessageReaction", {**GENERAL_POST, "user_id": LEAD}, "reaction not found"),
    ("createForumTopic", {"chat_id": DUTY, "name": "x"}, "the chat is not a forum"),
    ("createForumTopic", {"chat_id": ENGINEER, "name": "x"}, "chat is not a group"),
    ("createForumTopic", {"chat_id": OFFICE, "name": "x", "icon_color": 5}, "invalid icon color specified"),
    ("createForumTopic", {"chat_id": OFFICE, "name": " "}, "title must be non-empty"),
    ("editForumTopic", {**IN_REPAIRS, "name": f"Topic {REPAIRS}"}, "TOPIC_NOT_MODIFIED"),
    ("editForumTopic", {"chat_id": OFFICE, "message_thread_id": 99, "name": "x"}, "TOPIC_ID_INVALID"),
    ("closeForumTopic", {"chat_id": OFFICE, "message_thread_id": 0}, "invalid forum topic identifier specified"),
    ("reopenForumTopic", IN_REPAIRS, "TOPIC_NOT_MODIFIED"),
    ("deleteForumTopic", {"chat_id": OFFICE, "message_thread_id": 1}, "TOPIC_ID_INVALID"),
    ("editGeneralForumTopic", {"chat_id": OFFICE, "name": "General"}, "TOPIC_NOT_MODIFIED"),
    ("closeGeneralForumTopic", {"chat_id": DUTY}, "the chat is not a forum"),
    ("reopenGeneralForumTopic", {"chat_id": OFFICE}, "TOPIC_NOT_MODIFIED"),
    ("hideGeneralForumTopic", {"chat_id": HALL}, "the chat is not a forum"),
    ("unhideGeneralForumTopic", {"chat_id": OFFICE}, "TOPIC_NOT_MODIFIED"),
    ("getChat", {"chat_id": "@nobody"}, MISSING),
    ("setChatTitle", {"chat_id": DUTY, "title": "x"}, "not enough rights to change chat title"),
    ("setChatDescription", {"chat_id": OFFICE}, "chat description is not modified"),
    ("setChatPermissions", {"chat_id": DUTY, "permissions": ALL_RIGHTS}, "rights to change chat permissions"),
    ("leaveChat", {"chat_id": ENGINEER}, "chat is not a group"),
    ("getUserProfilePhotos", {"user_id": 9}, "user not found"),
    ("exportChatInviteLink", {"chat_id": DUTY}, "not enough rights to manage chat invite link"),
    ("createChatInviteLink", {"chat_id": OFFICE, "member_limit": 2, "creates_join_request": True}, "member limit"),
    ("editChatInviteLink", {"chat_id": OFFICE, "invite_link": "$primary"}, "CHAT_INVITE_PERMANENT"),
    ("revokeChatInviteLink", {"chat_id": OFFICE, "invite_link": "https://t.me/+x"}, "INVITE_HASH_INVALID"),
    ("approveChatJoinRequest", {"chat_id": OFFICE, "user_id": ENGINEER}, "USER_ALREADY_PARTICIPANT"),
    ("declineChatJoinRequest", {"chat_id": DUTY, "user_id": STRANGER}, "rights to manage chat join requests"),
    ("getChatMember", {"chat_id": DUTY, "user_id": 9}, "user not found"),
    ("getChatAdministrators", {"chat_id": ENGINEER}, "there are no administrators in the private chat"),
    ("getChatMemberCount", {"chat_id": 9}, MISSING),
    ("banChatMember", {"chat_id": OFFICE, "user_id": LEAD}, "can't remove chat owner"),
    ("unbanChatMember", {"chat_id": HALL, "user_id": ENGINEER}, "method is available only for supergroups"),
    ("restrictChatMember", {"chat_id": DUTY, "user_id": ENGINEER, "permissions": {}}, "restrict/unrestrict chat mem"),
    ("restrictChatMember", {**OF_ENGINEER, "user_id": BOT.id, "permissions": {}}, "can't restrict self"),
    ("promoteChatMember", {**OF_ENGINEER, "chat_id": DUTY, "can_pin_messages": True}, "not enough rights"),
    ("promoteChatMember", {**OF_ENGINEER, "user_id": STRANGER}, "USER_NOT_PARTICIPANT"),
    ("setChatAdministratorCustomTitle", {**OF_ENGINEER, "custom_title": "x"}, "user is not an administrator"),
    ("answerCallbackQuery", {"callback_query_id": "0"}, OLD_QUERY),
    ("answerCallbackQuery", {"callback_query_id": "$press", "url": "https://e.example"}, "URL_INVALID"),
    ("answerInlineQuery", {"inline_query_id": "0", "results": []}, OLD_QUERY),
    ("answerInlineQuery", {"inline_query_id": "$query", "results": [ARTICLE] * 2}, "RESULT_ID_DUPLICATE"),
    (
        "answerInlineQuery",
        {"inline_query_id": "$query", "results": [ARTICLE | {"id": str(n)} for n in range(51)]},
        "RESULTS_TOO_MUCH",
    ),
    (
        "answerInlineQuery",
        {"inline_query_id": "$query", "results": [], "button": {"text": "x", "start_parameter": "a b"}},
        "START_PARAM_INVALID",
    ),
]

UPLOADS = {"sendVideo", "sendAudio", "sendVoice", "sendAnimation"}
IN_STEPS = {
    "declineChatJoinRequest",
    "editEphemeralMessageCaption",
    "reopenForumTopic",
    "reopenGeneralForumTopic",
    "unhideGeneralForumTopic",
    "setChatAdministratorCustomTitle",
}
ALWAYS_RIGHT = {
    *("deleteWebhook", "getWebhookInfo", "getMe", "logOut", "close", "deleteMyCommands", "getForumTopicIconStickers"),
    *("getMyName", "getMyDescription", "getMyShortDescription", "getChatMenuButton"),
}


def test_no_method_is_left_out() -> None:
    assert {method for method, _ in RIGHT} | UPLOADS | IN_STEPS == set(METHODS)
    assert {method for method, _, _ in WRONG} | ALWAYS_RIGHT == set(METHODS)


async def test_a_right_call_is_done(scene: Scene) -> None:
    failed = []
    for method, params in RIGHT:
        body = await scene.ask(method, params)
        if not body["ok"]:
            failed.append((method, params, body))
    assert failed == []


async def test_a_wrong_call_is_refused_in_telegrams_words(scene: Scene) -> None:
    said = []
    for method, params, words in WRONG:
        body = await scene.ask(method, params)
        if body["ok"] or words not in body["description"]:
            said.append((method, words, body))
    assert said == []


async def test_an_unknown_parameter_is_refused(call: Caller) -> None:
    for method in METHODS:
        assert await call.refused(method, colour="red") == 'Bad Request: unknown parameter "colour"'


@pytest.mark.parametrize("method", sorted(UPLOADS))  # every worker in one order
async def test_a_film_or_a_sound_goes_up(call: Caller, method: str) -> None:
    kind = method.removeprefix("send").lower()
    sent = await call.up(method, {kind: ("a.bin", b"abc", "application/x")}, chat_id=OFFICE, duration=7, caption="c")
    assert sent["result"][kind]["duration"] == 7


async def test_what_was_done_can_be_taken_back(scene: Scene) -> None:
    """The methods that need another one first."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("declineChatJoinRequest", {"chat_id": OFFICE, "user_id": STRANGER}),
        ("closeForumTopic", IN_REPAIRS),
        ("reopenForumTopic", IN_REPAIRS),
        ("hideGeneralForumTopic", {"chat_id": OFFICE}),
        ("unhideGeneralForumTopic", {"chat_id": OFFICE}),
        ("reopenGeneralForumTopic", {"chat_id": OFFICE}),
        ("editEphemeralMessageMedia", {**WHISPER, "media": {"type": "photo", "media": "$photo"}}),
        ("editEphemeralMessageCaption", {**WHISPER, "caption": "x"}),
        ("promoteChatMember", {**OF_ENGINEER, "can_pin_messages": True}),
        ("setChatAdministratorCustomTitle", {**OF_ENGINEER, "custom_title": "Second"}),
    ]
    for method, params in steps:
        body = await scene.ask(method, params)
        assert body["ok"], (method, body)
    chat = scene.call.telegram.state.chats[OFFICE]
    assert [topic.closed for topic in chat.topics[:2]] == [False, False]
    assert chat.titles == {str(ENGINEER): "Second"}
