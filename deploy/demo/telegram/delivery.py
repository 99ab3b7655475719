"""What reaches the bot as an update, and what does not: privacy mode, rights, changes of membership."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deploy.demo.telegram import rights
from deploy.demo.telegram.model import Chat, Json, Message
from deploy.demo.telegram.state import State
from deploy.demo.telegram.views import api_member


def hand_over(state: State, message: Message, kind: str = "message") -> None:
    """Give a person's message, or its edit, to the bot if it may see it."""
    if hears(state, state.chats[message.chat], message):
        state.push(kind, state.api_message(message))


def hears(state: State, chat: Chat, message: Message) -> bool:
    """Privacy mode: in a group a bot gets service messages, commands that may be its own and replies to its messages.

    Source: https://core.telegram.org/bots/features#privacy-mode
    """
    if chat.private:
        return True
    if not chat.bot_inside:
        return False
    if not state.settings.privacy or rights.is_admin(chat, state.bot.id) or message.service or message.inline_id:
        return True
    replied = state.find(chat.id, message.reply_to)
    if replied and replied.sender == state.bot.id:
        return True
    first = message.text.split(maxsplit=1)[0] if message.text else ""
    _, at, name = first.partition("@")
    return first.startswith("/") and (not at or name.lower() == state.bot.username.lower())


def announce(state: State, chat: Chat, sender: int, content: Json, **fields: Any) -> Message:
    """A service message; the bot gets it wherever it is, and the one that says that it was removed."""
    message = state.add_message(chat, sender, content, **fields)
    removed = content.get("left_chat_member", {}).get("id") == state.bot.id
    if chat.private or chat.bot_inside or removed:
        state.push("message", state.api_message(message))
    return message


@contextmanager
def member_change(state: State, chat: Chat, by: int, whom: int) -> Iterator[None]:
    """Around a change of what somebody is in a chat: stored, shown, and told to the bot if it may know.

    Of itself the bot always hears (`my_chat_member`), of others only as an administrator who asked for `chat_member`.
    """
    before = api_member(state, chat, whom)
    yield
    after = api_member(state, chat, whom)
    if before == after:
        return
    state.save_chat(chat)
    own = whom == state.bot.id
    if own or rights.is_admin(chat, state.bot.id):
        body: Json = {
            "chat": state.api_chat(chat),
            "from": state.users[by].api(),
            "date": state.now(),
            "old_chat_member": before,
            "new_chat_member": after,
        }
        state.push("my_chat_member" if own else "chat_member", body)
