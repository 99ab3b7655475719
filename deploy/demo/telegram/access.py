"""Where a call leads and whether the bot may go there: the chat, the message, the right; refused in the real words."""

from deploy.demo.telegram import rights
from deploy.demo.telegram.errors import bad_request, forbidden, upgraded
from deploy.demo.telegram.model import Chat, Json, Message
from deploy.demo.telegram.state import State


def find_chat(state: State, chat_id: int | str, *, old: bool = False) -> Chat:
    """The chat a call names, by id or @username; 400 when there is none, 403 when the bot is outside.

    `old`: a group that became a supergroup is found, too, as `getChat` does.
    """
    if isinstance(chat_id, str):
        wanted = chat_id.removeprefix("@").lower()
        chat = next((c for c in state.chats.values() if c.username and c.username.lower() == wanted), None)
    else:
        chat = state.chats.get(chat_id)
    if chat is None:
        raise bad_request("chat not found")
    rights.forget_ended(chat, state.now())
    if chat.migrated_to and not old:
        raise upgraded(chat.migrated_to)
    if not chat.private and not chat.bot_inside:
        kind = "supergroup chat" if chat.type == "supergroup" else "group chat"
        raise forbidden(f"bot is not a member of the {kind}" if chat.bot_left else f"bot was kicked from the {kind}")
    return chat


def speak_in(state: State, chat_id: int | str, kind: str = "text") -> Chat:
    """The chat a message of a kind is to go to; refused as the real server does where the bot may not write."""
    chat = find_chat(state, chat_id)
    if chat.private:
        if chat.deactivated:
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat
    permission, words = rights.SENDS[kind]
    if not rights.may(chat, state.bot.id, permission):
        raise bad_request(f"not enough rights to send {words} to the chat")
    return chat


def group(state: State, chat_id: int | str, *, only_super: bool = False) -> Chat:
    """A group or supergroup a call names; 400 for a private chat, with `only_super` for a basic group, too."""
    chat = find_chat(state, chat_id)
    if chat.private:
        raise bad_request("method is available only for supergroups" if only_super else "chat is not a group")
    if only_super and chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    return chat


def need(state: State, chat: Chat, right: str, refusal: str) -> None:
    """400 with the refusal unless the bot is an administrator with the right; in private chats it needs none."""
    if not chat.private and not rights.has_right(chat, state.bot.id, right):
        raise bad_request(refusal)


def find_message(state: State, chat: Chat, message_id: int, action: str) -> Message:
    """A message of a chat; 400 when it is missing."""
    message = state.find(chat.id, message_id)
    if message is None:
        raise bad_request(f"message to {action} not found")
    return message


def find_own(state: State, args: Json, refusal: str = "message can't be edited") -> Message:
    """The bot's own message a call is about to change; 400 when it is missing, somebody else's or not to be changed."""
    if "inline_message_id" in args:
        return _find_inline(state, args["inline_message_id"])
    if "chat_id" not in args or "message_id" not in args:
        raise bad_request("message identifier is not specified")
    chat = find_chat(state, args["chat_id"])
    message = find_message(state, chat, args["message_id"], "edit")
    fixed = message.service or message.origin or message.keyboard
    if message.sender != state.bot.id or fixed:
        raise bad_request(refusal)
    return message


def _find_inline(state: State, inline_id: str) -> Message:
    for messages in state.messages.values():
        for message in messages.values():
            if message.inline_id == inline_id:
                return message
    raise bad_request("MESSAGE_ID_INVALID")


def known_user(state: State, user: int) -> int:
    """A person the bot has heard of; 400 otherwise."""
    if user not in state.users:
        raise bad_request("user not found")
    return user
