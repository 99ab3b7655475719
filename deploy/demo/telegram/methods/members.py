"""Methods about the people of a group: what each is, and making them something else."""

from typing import Any, Final

from deploy.demo.telegram import rights
from deploy.demo.telegram.access import find_chat, group, known_user, need
from deploy.demo.telegram.delivery import member_change
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.membership import appoint
from deploy.demo.telegram.methods.base import Api
from deploy.demo.telegram.model import Chat, Json
from deploy.demo.telegram.views import api_member

_SHORTEST: Final = 30  # seconds
_LONGEST: Final = 366 * 24 * 3600
_RESTRICTING: Final = "not enough rights to restrict/unrestrict chat member"


async def get_chat_member(api: Api, args: Json) -> Json:
    """What somebody is in a chat."""
    chat = find_chat(api.state, args["chat_id"])
    return api_member(api.state, chat, known_user(api.state, args["user_id"]))


async def get_chat_administrators(api: Api, args: Json) -> list[Json]:
    """The administrators of a group; other bots only on request."""
    chat = find_chat(api.state, args["chat_id"])
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    shown = [user for user in chat.admins if args.get("return_bots") or not api.state.users[user].is_bot]
    return [api_member(api.state, chat, user) for user in shown]


async def get_chat_member_count(api: Api, args: Json) -> int:
    """How many are in a chat, the bot included."""
    chat = find_chat(api.state, args["chat_id"])
    return 2 if chat.private else len(chat.members) + chat.bot_inside


def _restrictable(api: Api, chat: Chat, user: int) -> int:
    """Somebody the bot may restrict or remove: neither itself nor an administrator."""
    need(api.state, chat, "can_restrict_members", _RESTRICTING)
    known_user(api.state, user)
    if user == api.state.bot.id:
        raise bad_request("can't restrict self")
    if rights.is_owner(chat, user):
        raise bad_request("can't remove chat owner")
    if rights.is_admin(chat, user):
        raise bad_request("user is an administrator of the chat")
    return user


def _until(api: Api, args: Json) -> int:
    """Until when; 0, for good, unless that is 30 seconds to 366 days away."""
    moment: int = args.get("until_date", 0)
    return moment if _SHORTEST <= moment - api.state.now() <= _LONGEST else 0


async def ban_chat_member(api: Api, args: Json) -> bool:
    """Remove somebody, until a moment or for good."""
    chat = group(api.state, args["chat_id"])
    user = _restrictable(api, chat, args["user_id"])
    with member_change(api.state, chat, api.state.bot.id, user):
        chat.members = [member for member in chat.members if member != user]
        chat.restricted.pop(str(user), None)
        chat.banned[str(user)] = _until(api, args)
    return True


async def unban_chat_member(api: Api, args: Json) -> bool:
    """Let somebody come again; a member is removed, unless only the ban is to go."""
    chat = group(api.state, args["chat_id"], only_super=True)
    user = _restrictable(api, chat, args["user_id"])
    with member_change(api.state, chat, api.state.bot.id, user):
        if chat.banned.pop(str(user), None) is None and not args.get("only_if_banned"):
            chat.members = [member for member in chat.members if member != user]
    return True


async def restrict_chat_member(api: Api, args: Json) -> bool:
    """What somebody may do in a supergroup; everything lifts the restriction."""
    chat = group(api.state, args["chat_id"], only_super=True)
    user = _restrictable(api, chat, args["user_id"])
    allowed = [name for name in rights.PERMISSIONS if args["permissions"].get(name)]
    with member_change(api.state, chat, api.state.bot.id, user):
        chat.banned.pop(str(user), None)
        if len(allowed) == len(rights.PERMISSIONS):
            chat.restricted.pop(str(user), None)
        else:
            chat.restricted[str(user)] = {"allowed": allowed, "until": _until(api, args)}
    return True


async def promote_chat_member(api: Api, args: Json) -> bool:
    """Make somebody an administrator with the rights said; none of them makes a member again."""
    chat = group(api.state, args["chat_id"], only_super=True)
    bot, user = api.state.bot.id, known_user(api.state, args["user_id"])
    need(api.state, chat, "can_promote_members", "not enough rights")
    if user == bot:
        raise bad_request("can't promote self")
    if rights.is_owner(chat, user):
        raise bad_request("can't remove chat owner")
    if user not in chat.members:
        raise bad_request("USER_NOT_PARTICIPANT")
    if rights.is_admin(chat, user) and user not in chat.promoted:
        raise bad_request("CHAT_ADMIN_REQUIRED")
    wanted = [name for name in rights.ADMIN_RIGHTS if args.get(name)]
    if not set(wanted) <= set(rights.rights_of(chat, bot)):
        raise bad_request("RIGHT_FORBIDDEN")
    with member_change(api.state, chat, bot, user):
        appoint(chat, user, wanted, anonymous=bool(args.get("is_anonymous")))
        chat.promoted = [found for found in chat.promoted if found != user] + ([user] if wanted else [])
    return True


async def set_custom_title(api: Api, args: Json) -> bool:
    """The title beside the name of an administrator whom the bot promoted."""
    chat = group(api.state, args["chat_id"], only_super=True)
    user = known_user(api.state, args["user_id"])
    if not rights.is_admin(chat, user):
        raise bad_request("user is not an administrator")
    need(api.state, chat, "can_promote_members", "not enough rights to change custom title of the user")
    if user not in chat.promoted:
        raise bad_request("not enough rights to change custom title of the user")
    with member_change(api.state, chat, api.state.bot.id, user):
        chat.titles[str(user)] = args["custom_title"]
    return True


METHODS: Final[dict[str, Any]] = {
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "banChatMember": ban_chat_member,
    "unbanChatMember": unban_chat_member,
    "restrictChatMember": restrict_chat_member,
    "promoteChatMember": promote_chat_member,
    "setChatAdministratorCustomTitle": set_custom_title,
}
