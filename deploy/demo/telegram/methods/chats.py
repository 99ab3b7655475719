"""Methods about a chat as a whole: what it is called, what members may do in it, who comes by which link."""

import secrets
from typing import Any, Final

from deploy.demo.telegram import rights
from deploy.demo.telegram.access import find_chat, group, known_user, need
from deploy.demo.telegram.delivery import announce
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.membership import let_in, see_off
from deploy.demo.telegram.methods.base import Api
from deploy.demo.telegram.model import Chat, Json
from deploy.demo.telegram.views import full_chat

_LINK_MEMBERS: Final = 100_000


async def get_chat(api: Api, args: Json) -> Json:
    """What is known about a chat."""
    return full_chat(api.state, find_chat(api.state, args["chat_id"], old=True))


async def set_chat_title(api: Api, args: Json) -> bool:
    """Another name for a group."""
    chat = group(api.state, args["chat_id"])
    need(api.state, chat, "can_change_info", "not enough rights to change chat title")
    title = " ".join(args["title"].split())
    if not title:
        raise bad_request("title must be non-empty")
    if title != chat.title:
        chat.title = title
        api.state.save_chat(chat)
        announce(api.state, chat, api.state.bot.id, {"new_chat_title": title})
    return True


async def set_chat_description(api: Api, args: Json) -> bool:
    """Another description for a group."""
    chat = group(api.state, args["chat_id"])
    need(api.state, chat, "can_change_info", "not enough rights to set chat description")
    description = args.get("description", "").strip()
    if description == chat.description:
        raise bad_request("chat description is not modified")
    chat.description = description
    api.state.save_chat(chat)
    return True


async def set_chat_permissions(api: Api, args: Json) -> bool:
    """What members may do."""
    chat = group(api.state, args["chat_id"])
    need(api.state, chat, "can_restrict_members", "not enough rights to change chat permissions")
    chat.permissions = [name for name in rights.PERMISSIONS if args["permissions"].get(name)]
    api.state.save_chat(chat)
    return True


async def leave_chat(api: Api, args: Json) -> bool:
    """The bot leaves a group."""
    chat = group(api.state, args["chat_id"])
    see_off(api.state, chat, api.state.bot.id, api.state.bot.id)
    return True


async def get_user_profile_photos(api: Api, args: Json) -> Json:
    """Nobody here has a picture."""
    known_user(api.state, args["user_id"])
    return {"total_count": 0, "photos": []}


# Invite links


def _inviting(api: Api, args: Json) -> Chat:
    chat = group(api.state, args["chat_id"])
    need(api.state, chat, "can_invite_users", "not enough rights to manage chat invite link")
    return chat


def _new_link(api: Api, chat: Chat, *, primary: bool, **fields: Any) -> Json:
    address = f"https://t.me/+{secrets.token_urlsafe(12)}"
    link: Json = {
        "invite_link": address,
        "creator": api.state.bot.api(),
        "creates_join_request": False,
        "is_primary": primary,
        "is_revoked": False,
    }
    chat.links[address] = link | fields
    api.state.save(chat)
    return chat.links[address]


async def export_invite_link(api: Api, args: Json) -> str:
    """A new main link; the old one opens nothing any more."""
    chat = _inviting(api, args)
    for link in chat.links.values():
        link["is_revoked"] = link["is_revoked"] or link["is_primary"]
    return str(_new_link(api, chat, primary=True)["invite_link"])


async def create_invite_link(api: Api, args: Json) -> Json:
    """A link besides the main one."""
    return _new_link(api, _inviting(api, args), primary=False, **_link_fields(args))


def _link_fields(args: Json) -> Json:
    fields = {
        name: args[name] for name in ("name", "expire_date", "member_limit", "creates_join_request") if args.get(name)
    }
    if not 0 <= fields.get("member_limit", 0) <= _LINK_MEMBERS:
        raise bad_request("member limit must be from 1 to 99999")
    if "member_limit" in fields and fields.get("creates_join_request"):
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    return fields


def _own_link(api: Api, args: Json) -> tuple[Chat, Json]:
    chat = _inviting(api, args)
    link = chat.links.get(args["invite_link"])
    if link is None:
        raise bad_request("INVITE_HASH_INVALID")
    return chat, link


async def edit_invite_link(api: Api, args: Json) -> Json:
    """Other terms for a link; what is not said goes back to its default."""
    chat, link = _own_link(api, args)
    if link["is_primary"]:
        raise bad_request("CHAT_INVITE_PERMANENT")
    kept = ("invite_link", "creator", "is_primary", "is_revoked")
    changed = {name: link[name] for name in kept} | {"creates_join_request": False} | _link_fields(args)
    chat.links[link["invite_link"]] = changed
    api.state.save(chat)
    return changed


async def revoke_invite_link(api: Api, args: Json) -> Json:
    """A link opens nothing any more."""
    chat, link = _own_link(api, args)
    link["is_revoked"] = True
    api.state.save(chat)
    return link


def _asking(api: Api, args: Json) -> tuple[Chat, int]:
    chat = group(api.state, args["chat_id"])
    need(api.state, chat, "can_invite_users", "not enough rights to manage chat join requests")
    user = known_user(api.state, args["user_id"])
    if user in chat.members:
        raise bad_request("USER_ALREADY_PARTICIPANT")
    if user not in chat.waiting:
        raise bad_request("HIDE_REQUESTER_MISSING")
    chat.waiting.remove(user)
    return chat, user


async def approve_join_request(api: Api, args: Json) -> bool:
    """Let somebody in who asked."""
    chat, user = _asking(api, args)
    let_in(api.state, chat, user, api.state.bot.id)
    return True


async def decline_join_request(api: Api, args: Json) -> bool:
    """Keep somebody out who asked."""
    chat, _ = _asking(api, args)
    api.state.save_chat(chat)
    return True


METHODS: Final[dict[str, Any]] = {
    "getChat": get_chat,
    "setChatTitle": set_chat_title,
    "setChatDescription": set_chat_description,
    "setChatPermissions": set_chat_permissions,
    "leaveChat": leave_chat,
    "getUserProfilePhotos": get_user_profile_photos,
    "exportChatInviteLink": export_invite_link,
    "createChatInviteLink": create_invite_link,
    "editChatInviteLink": edit_invite_link,
    "revokeChatInviteLink": revoke_invite_link,
    "approveChatJoinRequest": approve_join_request,
    "declineChatJoinRequest": decline_join_request,
}
