"""Methods about reactions under messages."""

from typing import Any, Final

from deploy.demo.telegram.access import find_chat, find_message, need
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.methods.base import Api
from deploy.demo.telegram.model import Json
from deploy.demo.telegram.reactions import EMOJI


async def set_message_reaction(api: Api, args: Json) -> bool:
    """The bot's reaction to a message: one emoji, or none."""
    chat = find_chat(api.state, args["chat_id"])
    message = find_message(api.state, chat, args["message_id"], "react")
    reaction: list[Json] = args.get("reaction", [])
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for found in reaction:
        known = found["type"] == "custom_emoji" or found.get("emoji", "").replace("\ufe0f", "") in EMOJI
        if not known:
            raise bad_request("REACTION_INVALID")
    if message.service:
        raise bad_request("MESSAGE_ID_INVALID")
    message.reactions.pop(str(api.state.bot.id), None)
    if reaction:
        message.reactions[str(api.state.bot.id)] = reaction
    api.state.change_message(message)
    return True


async def delete_message_reaction(api: Api, args: Json) -> bool:
    """Take somebody's reaction away."""
    chat = find_chat(api.state, args["chat_id"])
    message = find_message(api.state, chat, args["message_id"], "react")
    if "user_id" not in args:
        raise bad_request("reaction sender not found")
    need(api.state, chat, "can_delete_messages", "not enough rights to delete message reactions")
    if message.reactions.pop(str(args["user_id"]), None) is None:
        raise bad_request("reaction not found")
    api.state.change_message(message)
    return True


METHODS: Final[dict[str, Any]] = {
    "setMessageReaction": set_message_reaction,
    "deleteMessageReaction": delete_message_reaction,
}
