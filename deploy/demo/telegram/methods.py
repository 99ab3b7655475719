"""The methods of the Bot API that this server does. A method is a function of the server's parts and its arguments.

Arguments come checked by the schema. A result is what stands under `"result"`. `ApiError` is the refusal.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from deploy.demo.telegram import content
from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.model import Chat, Json, Message
from deploy.demo.telegram.schema import Upload
from deploy.demo.telegram.updates import (
    Api,
    delete_webhook,
    get_updates,
    get_webhook_info,
    set_webhook,
)

_DOWNLOAD_LIMIT: Final = 20 * 1024 * 1024
_UPLOAD_LIMIT: Final = 50 * 1024 * 1024
_DELETE_WITHIN: Final = 48 * 3600  # seconds
_ANSWER_WITHIN: Final = 60.0  # seconds; the real server's limit is unpublished
_COMMANDS_LIMIT: Final = 100
_NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
_CHAT_ACTIONS: Final = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


Method = Callable[[Api, Json], Awaitable[Any]]


# About the bot


async def get_me(api: Api, _args: Json) -> Json:
    """The bot itself."""
    return api.state.bot.api() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def farewell(_api: Api, _args: Json) -> bool:
    """`logOut` and `close`: nothing to leave here."""
    return True


def _commands_key(args: Json) -> str:
    scope = args.get("scope", {"type": "default"})
    place = ":".join(str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope)
    return f"{place}/{args.get('language_code', '')}"


async def set_my_commands(api: Api, args: Json) -> bool:
    """The menu for a scope and a language."""
    commands = args["commands"]
    if len(commands) > _COMMANDS_LIMIT:
        raise bad_request("too many commands specified")
    for command in commands:
        name = command["command"]
        if not (name.isascii() and name.replace("_", "").isalnum() and name == name.lower()):
            raise bad_request("BOT_COMMAND_INVALID")
    return _keep_commands(api, args, commands)


async def delete_my_commands(api: Api, args: Json) -> bool:
    """No menu of its own for a scope and a language."""
    return _keep_commands(api, args, [])


def _keep_commands(api: Api, args: Json, commands: list[Json]) -> bool:
    session = api.state.session
    if commands:
        session.commands[_commands_key(args)] = commands
    else:
        session.commands.pop(_commands_key(args), None)
    api.state.save_session()
    api.state.tell("commands")
    return True


async def get_my_commands(api: Api, args: Json) -> list[Json]:
    """The menu of exactly this scope and language."""
    return api.state.session.commands.get(_commands_key(args), [])


# Messages


def _send(api: Api, method: str, args: Json, body: Json, chat: Chat) -> Message:
    inline, keyboard = content.read_markup(args)
    place = content.place_in(api.state, chat, args)
    api.pace.admit(chat.id, private=chat.private)
    message = api.state.add_message(
        chat,
        api.state.bot.id,
        body,
        inline=inline,
        keyboard=keyboard,
        silent=bool(args.get("disable_notification")),
        **place,
    )
    api.pace.note(chat.id, method, message.id)
    return message


async def send_message(api: Api, args: Json) -> Json:
    """A text message."""
    chat = content.speak_in(api.state, args["chat_id"])
    return api.state.api_message(_send(api, "sendMessage", args, content.read_text(args), chat))


async def send_document(api: Api, args: Json) -> Json:
    """A file, uploaded or already known by its id."""
    chat = content.speak_in(api.state, args["chat_id"])
    caption = content.read_text(args, "caption")
    document = args["document"]
    if isinstance(document, Upload):
        if not document.content:
            raise bad_request("file must be non-empty")
        if len(document.content) > _UPLOAD_LIMIT:
            raise ApiError(413, "Request Entity Too Large")
        body = api.state.keep_file(document).document()
    elif document in api.state.files:
        body = api.state.files[document].document()
    else:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return api.state.api_message(_send(api, "sendDocument", args, {"document": body} | caption, chat))


def _edit(api: Api, method: str, message: Message, body: Json, inline: Json | None) -> Json:
    if message.content == body and message.inline == inline:
        raise bad_request(_NOT_MODIFIED)
    chat = content.speak_in(api.state, message.chat)
    api.pace.admit(chat.id, private=chat.private)
    if message.content != body:
        message.edited = int(api.state.clock.now().timestamp())
    message.content, message.inline = body, inline
    api.state.change_message(message)
    api.pace.note(chat.id, method, message.id)
    return api.state.api_message(message)


async def edit_message_text(api: Api, args: Json) -> Json:
    """Another text, and keyboard, for a message of the bot."""
    message = content.find_own(api.state, args, "edit")
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    inline, _ = content.read_markup(args)
    return _edit(api, "editMessageText", message, content.read_text(args), inline)


async def edit_message_reply_markup(api: Api, args: Json) -> Json:
    """Another inline keyboard, or none."""
    message = content.find_own(api.state, args, "edit")
    inline, _ = content.read_markup(args)
    return _edit(api, "editMessageReplyMarkup", message, message.content, inline)


async def delete_message(api: Api, args: Json) -> bool:
    """Delete the bot's own message, or anybody's in a private chat, within 48 hours."""
    chat = content.find_chat(api.state, args["chat_id"])
    message = api.state.find(chat.id, args["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    old = api.state.clock.now().timestamp() - message.date > _DELETE_WITHIN
    if old or (message.sender != api.state.bot.id and not chat.private):
        raise bad_request("message can't be deleted for everyone" if old else "message can't be deleted")
    api.state.remove_message(message)
    return True


async def pin_chat_message(api: Api, args: Json) -> bool:
    """Pin a message; a service message tells of it."""
    chat = content.speak_in(api.state, args["chat_id"])
    message = api.state.find(chat.id, args["message_id"])
    if message is None:
        raise bad_request("message to pin not found")
    if message.id in chat.pinned:
        return True
    chat.pinned.append(message.id)
    api.state.save(chat)
    api.state.tell("pinned", chat=chat.id, pinned=chat.pinned)
    notice = api.state.add_message(
        chat, api.state.bot.id, {"pinned_message": message.id}, silent=bool(args.get("disable_notification"))
    )
    api.state.push("message", api.state.api_message(notice))
    return True


async def unpin_chat_message(api: Api, args: Json) -> bool:
    """Unpin a message, or the latest pinned one."""
    chat = content.find_chat(api.state, args["chat_id"])
    wanted = args.get("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    api.state.save(chat)
    api.state.tell("pinned", chat=chat.id, pinned=chat.pinned)
    return True


async def set_message_reaction(api: Api, args: Json) -> bool:
    """The bot's reaction to a message: one emoji, or none."""
    chat = content.find_chat(api.state, args["chat_id"])
    message = api.state.find(chat.id, args["message_id"])
    if message is None:
        raise bad_request("message to react not found")
    reaction = args.get("reaction", [])
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(found.get("type") != "emoji" for found in reaction):
        raise bad_request("REACTION_INVALID")
    message.reactions.pop(str(api.state.bot.id), None)
    if reaction:
        message.reactions[str(api.state.bot.id)] = reaction
    api.state.change_message(message)
    return True


async def answer_callback_query(api: Api, args: Json) -> bool:
    """Answer a press of a button: silently, by a toast or by a dialog. Once, and soon."""
    press = api.state.presses.get(args["callback_query_id"])
    if press is None or press.answer is not None or _age(api, press.date) > _ANSWER_WITHIN:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    press.answer = {name: args[name] for name in ("text", "show_alert", "url") if name in args}
    api.state.save(press)
    api.state.tell("answer", query=press.id, user=press.user, chat=press.chat, message=press.message, **press.answer)
    return True


def _age(api: Api, moment: float) -> float:
    return api.state.clock.now().timestamp() - moment


async def send_chat_action(api: Api, args: Json) -> bool:
    """ "typing…" under the chat's title, for five seconds."""
    chat = content.speak_in(api.state, args["chat_id"])
    if args["action"] not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    content.place_in(api.state, chat, args)
    api.state.tell("action", chat=chat.id, action=args["action"])
    return True


# Chats and files


async def get_chat(api: Api, args: Json) -> Json:
    """What is known about a chat."""
    chat = content.find_chat(api.state, args["chat_id"])
    found = api.state.api_chat(chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        ),
    }
    pinned = api.state.find(chat.id, chat.pinned[-1]) if chat.pinned else None
    return found | ({"pinned_message": api.state.api_message(pinned, with_reply=False)} if pinned else {})


def _member(api: Api, chat: Chat, user_id: int) -> Json:
    user = api.state.users.get(user_id)
    if user is None:
        raise bad_request("user not found")
    if user_id == api.state.bot.id:
        status = "member" if chat.bot_inside else "kicked"
    elif user_id in chat.admins[:1]:
        status = "creator"
    elif user_id in chat.admins:
        status = "administrator"
    else:
        status = "member" if user_id in chat.members else "left"
    rights: dict[str, Json] = {
        "creator": {"is_anonymous": False},
        "administrator": dict.fromkeys(_ADMIN_RIGHTS, True) | {"is_anonymous": False, "can_be_edited": False},
        "kicked": {"until_date": 0},
    }
    return {"status": status, "user": user.api()} | rights.get(status, {})


_ADMIN_RIGHTS: Final = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


async def get_chat_member(api: Api, args: Json) -> Json:
    """What somebody is in a chat."""
    return _member(api, content.find_chat(api.state, args["chat_id"]), args["user_id"])


async def get_chat_administrators(api: Api, args: Json) -> list[Json]:
    """The administrators of a group."""
    chat = content.find_chat(api.state, args["chat_id"])
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    return [_member(api, chat, user_id) for user_id in chat.admins]


async def get_file(api: Api, args: Json) -> Json:
    """Where a file of up to 20 MB can be fetched."""
    file = api.state.files.get(args["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > _DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }


METHODS: Final[Mapping[str, Method]] = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getMe": get_me,
    "logOut": farewell,
    "close": farewell,
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    "getMyCommands": get_my_commands,
    "sendMessage": send_message,
    "sendDocument": send_document,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "setMessageReaction": set_message_reaction,
    "answerCallbackQuery": answer_callback_query,
    "sendChatAction": send_chat_action,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getFile": get_file,
}
