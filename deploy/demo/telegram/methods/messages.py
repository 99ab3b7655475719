"""Methods that say, pass on and take back messages."""

from typing import Any, Final

from deploy.demo.telegram import content, rights
from deploy.demo.telegram.access import find_chat, find_message, speak_in
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.media import kind_of
from deploy.demo.telegram.methods.base import Api, age, say
from deploy.demo.telegram.model import Chat, Json, Message

_DELETE_WITHIN: Final = 48 * 3600  # seconds
_AT_ONCE: Final = 100  # messages one call forwards, copies or deletes
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


async def send_message(api: Api, args: Json) -> Json:
    """A text message."""
    text = content.read_text(api.state, args)
    chat = speak_in(api.state, args["chat_id"])
    return api.state.api_message(say(api, "sendMessage", args, chat, text))


async def send_chat_action(api: Api, args: Json) -> bool:
    """ "typing…" under the chat's title, for five seconds."""
    chat = speak_in(api.state, args["chat_id"])
    if args["action"] not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    place = content.place_in(api.state, chat, args)
    api.state.tell("action", chat=chat.id, thread=place["thread"], action=args["action"])
    return True


async def send_message_draft(api: Api, args: Json) -> bool:
    """A message that is still being written, shown for 30 seconds, in private chats."""
    chat = speak_in(api.state, args["chat_id"])
    if not chat.private:
        raise bad_request("PEER_ID_INVALID")
    if args["draft_id"] == 0:
        raise bad_request("draft_id must be non-zero")
    text = content.read_text(api.state, args) if args.get("text") else {"text": ""}
    api.state.tell("draft", chat=chat.id, draft=args["draft_id"], **text)
    return True


# Passing on


async def forward_message(api: Api, args: Json) -> Json:
    """A message as it is, saying whose it was."""
    return api.state.api_message(_forward(api, args, args["message_id"]))


async def forward_messages(api: Api, args: Json) -> list[Json]:
    """Up to 100 messages; those that are gone are left out."""
    return [{"message_id": _forward(api, args, number).id} for number in _present(api, args, "forward")]


async def copy_message(api: Api, args: Json) -> Json:
    """The content of a message, as if it were the bot's own."""
    return {"message_id": _copy(api, args, args["message_id"]).id}


async def copy_messages(api: Api, args: Json) -> list[Json]:
    """The contents of up to 100 messages; those that are gone are left out."""
    return [{"message_id": _copy(api, args, number).id} for number in _present(api, args, "copy")]


def _present(api: Api, args: Json, action: str) -> list[int]:
    numbers: list[int] = args["message_ids"]
    if not numbers:
        raise bad_request(f"there are no messages to {action}")
    if len(numbers) > _AT_ONCE:
        raise bad_request(f"too many messages to {action}")
    if numbers != sorted(set(numbers)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    source = find_chat(api.state, args["from_chat_id"], old=True)
    found = [number for number in numbers if api.state.find(source.id, number)]
    if not found:
        raise bad_request(f"message to {action} not found")
    return found


def _original(api: Api, args: Json, number: int, action: str, done: str) -> Message:
    source = find_chat(api.state, args["from_chat_id"], old=True)
    message = find_message(api.state, source, number, action)
    if message.service or (message.protected and action == "forward"):
        raise bad_request(f"the message can't be {done}")
    return message


def _forward(api: Api, args: Json, number: int) -> Message:
    message = _original(api, args, number, "forward", "forwarded")
    chat = speak_in(api.state, args["chat_id"], kind_of(message.content))
    origin = message.origin or _origin(api, message)
    return say(api, "forwardMessage", args, chat, message.content, origin=origin)


def _origin(api: Api, message: Message) -> Json:
    if message.in_name_of:
        found: Json = {"type": "chat", "sender_chat": api.state.api_chat(api.state.chats[message.in_name_of])}
        found |= {"author_signature": message.signature} if message.signature else {}
    else:
        found = {"type": "user", "sender_user": api.state.users[message.sender].api()}
    return found | {"date": message.date}


def _copy(api: Api, args: Json, number: int) -> Message:
    message = _original(api, args, number, "copy", "copied")
    kind = kind_of(message.content)
    chat = speak_in(api.state, args["chat_id"], kind)
    body = message.content
    if kind != "text" and ("caption" in args or args.get("remove_caption")):
        named = ("caption", "caption_entities", "show_caption_above_media")
        body = {name: value for name, value in body.items() if name not in named}
        body |= content.read_text(api.state, args, "caption")
    return say(api, "copyMessage", args, chat, body)


# Taking back


async def delete_message(api: Api, args: Json) -> bool:
    """Delete the bot's own message, anybody's in a private chat or with the right to, within 48 hours."""
    chat = find_chat(api.state, args["chat_id"])
    message = find_message(api.state, chat, args["message_id"], "delete")
    _check_deletable(api, chat, message)
    api.state.remove_message(message)
    return True


async def delete_messages(api: Api, args: Json) -> bool:
    """Delete up to 100 messages, all or none; those that are gone already are left out."""
    chat, numbers = find_chat(api.state, args["chat_id"]), args["message_ids"]
    if not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > _AT_ONCE:
        raise bad_request("too many message identifiers specified")
    found = [message for message in (api.state.find(chat.id, number) for number in dict.fromkeys(numbers)) if message]
    for message in found:
        _check_deletable(api, chat, message)
    for message in found:
        api.state.remove_message(message)
    return True


def _check_deletable(api: Api, chat: Chat, message: Message) -> None:
    if age(api, message.date) > _DELETE_WITHIN:
        raise bad_request("message can't be deleted for everyone")
    own = message.sender == api.state.bot.id
    if not (own or chat.private or rights.has_right(chat, api.state.bot.id, "can_delete_messages")):
        raise bad_request("message can't be deleted")
    if "forum_topic_created" in message.content or "supergroup_chat_created" in message.content:
        raise bad_request("message can't be deleted")


METHODS: Final[dict[str, Any]] = {
    "sendMessage": send_message,
    "sendChatAction": send_chat_action,
    "sendMessageDraft": send_message_draft,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
