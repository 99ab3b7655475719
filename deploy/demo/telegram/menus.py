"""Which command menu a person sees: the narrowest scope that has one, in the person's own language first."""

from typing import Any

from deploy.demo.telegram import rights
from deploy.demo.telegram.model import Chat, User
from deploy.demo.telegram.state import State


def menu_of(state: State, chat: Chat, user: User) -> list[dict[str, Any]]:
    """The commands a person sees in a chat."""
    commands = state.session.commands
    for scope in _scopes(chat, user.id):
        for language in (user.language_code, ""):
            if f"{scope}/{language}" in commands:
                return commands[f"{scope}/{language}"]
    return []


def _scopes(chat: Chat, user: int) -> list[str]:
    """The order in which the Bot API says scopes are looked up ("Determining list of commands")."""
    if chat.private:
        return [f"chat:{chat.id}", "all_private_chats", "default"]
    admin = rights.is_admin(chat, user)
    return [
        f"chat_member:{chat.id}:{user}",
        *([f"chat_administrators:{chat.id}"] if admin else []),
        f"chat:{chat.id}",
        *(["all_chat_administrators"] if admin else []),
        "all_group_chats",
        "default",
    ]
