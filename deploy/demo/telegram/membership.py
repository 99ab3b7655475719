"""How people come into a group, go, and become something in it, whoever does it."""

from deploy.demo.telegram.delivery import announce, member_change
from deploy.demo.telegram.model import Chat
from deploy.demo.telegram.state import State


def appoint(chat: Chat, user: int, wanted: list[str], *, anonymous: bool = False) -> None:
    """Make somebody an administrator with these rights, or a member again with none."""
    chat.admins = [found for found in chat.admins if found != user] + ([user] if wanted else [])
    chat.anonymous = [found for found in chat.anonymous if found != user] + ([user] if wanted and anonymous else [])
    chat.rights.pop(str(user), None)
    if wanted:
        chat.rights[str(user)] = wanted
    else:
        chat.titles.pop(str(user), None)


def let_in(state: State, chat: Chat, user: int, by: int) -> None:
    """Somebody, or the bot, is in the group from now on; the chat is told."""
    with member_change(state, chat, by, user):
        if user == state.bot.id:
            chat.bot_inside, chat.bot_left = True, False
        else:
            chat.members.append(user)
            chat.waiting = [found for found in chat.waiting if found != user]
    announce(state, chat, by, {"new_chat_members": [state.users[user].api()]})


def see_off(state: State, chat: Chat, user: int, by: int, *, banned: bool = False) -> None:
    """Somebody, or the bot, is out of the group from now on; the chat is told, and so is a bot that goes."""
    with member_change(state, chat, by, user):
        appoint(chat, user, [])
        if user == state.bot.id:
            chat.bot_inside, chat.bot_left = False, by == user
        else:
            chat.members = [found for found in chat.members if found != user]
            if banned:
                chat.banned[str(user)] = 0
    announce(state, chat, by, {"left_chat_member": state.users[user].api()})
