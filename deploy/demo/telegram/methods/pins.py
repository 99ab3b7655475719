"""Methods that pin messages and take the pins away. In groups they need `can_pin_messages`."""

from collections.abc import Callable
from typing import Any, Final

from deploy.demo.telegram.access import find_chat, find_message, group, need, speak_in
from deploy.demo.telegram.delivery import announce
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.methods.base import Api
from deploy.demo.telegram.model import GENERAL, Chat, Json, Message

_RIGHT: Final = "can_pin_messages"
_REFUSAL: Final = "not enough rights to manage pinned messages in the chat"


async def pin_chat_message(api: Api, args: Json) -> bool:
    """Pin a message; a service message tells of it."""
    chat = speak_in(api.state, args["chat_id"])
    message = find_message(api.state, chat, args["message_id"], "pin")
    need(api.state, chat, _RIGHT, _REFUSAL)
    if message.service:
        raise bad_request("message can't be pinned")
    if message.id in chat.pinned:
        return True
    chat.pinned.append(message.id)
    _tell(api, chat)
    silent = bool(args.get("disable_notification"))
    place = {"thread": message.thread if message.topic else 0, "topic": message.topic}
    announce(api.state, chat, api.state.bot.id, {"pinned_message": message.id}, silent=silent, **place)
    return True


async def unpin_chat_message(api: Api, args: Json) -> bool:
    """Unpin a message, or the latest of the pinned ones."""
    chat = find_chat(api.state, args["chat_id"])
    wanted = args.get("message_id") or max(chat.pinned, default=0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    need(api.state, chat, _RIGHT, _REFUSAL)
    chat.pinned.remove(wanted)
    _tell(api, chat)
    return True


def _unpin_where(api: Api, chat: Chat, chosen: Callable[[Message], bool]) -> bool:
    need(api.state, chat, _RIGHT, _REFUSAL)
    found = [api.state.find(chat.id, number) for number in chat.pinned]
    gone = {message.id for message in found if message and chosen(message)}
    chat.pinned = [number for number in chat.pinned if number not in gone]
    _tell(api, chat)
    return True


async def unpin_all(api: Api, args: Json) -> bool:
    """Nothing is pinned in the chat any more."""
    return _unpin_where(api, find_chat(api.state, args["chat_id"]), lambda _message: True)


async def unpin_all_in_topic(api: Api, args: Json) -> bool:
    """Nothing is pinned in a topic any more."""
    chat, thread = group(api.state, args["chat_id"]), args["message_thread_id"]
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if thread != GENERAL and chat.topic(thread) is None:
        raise bad_request("message thread not found")
    wanted = 0 if thread == GENERAL else thread
    return _unpin_where(api, chat, lambda message: message.thread == wanted)


async def unpin_all_in_general(api: Api, args: Json) -> bool:
    """Nothing is pinned in the topic "General" any more."""
    return await unpin_all_in_topic(api, args | {"message_thread_id": GENERAL})


def _tell(api: Api, chat: Chat) -> None:
    api.state.save(chat)
    api.state.tell("pinned", chat=chat.id, pinned=chat.pinned)


METHODS: Final[dict[str, Any]] = {
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all,
    "unpinAllForumTopicMessages": unpin_all_in_topic,
    "unpinAllGeneralForumTopicMessages": unpin_all_in_general,
}
