"""Who may do what in a chat, as the Bot API names it. Pure questions about a `Chat`."""

from typing import Final

from deploy.demo.telegram.model import Chat

ADMIN_RIGHTS: Final = (
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
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
    "can_manage_tags",
)
"""The rights of an administrator of a group; `can_manage_topics` only in supergroups."""

PERMISSIONS: Final = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
"""What a member may do where nobody restricts it."""

SENDS: Final = {
    "text": ("can_send_messages", "text messages"),
    "photo": ("can_send_photos", "photos"),
    "video": ("can_send_videos", "videos"),
    "document": ("can_send_documents", "documents"),
    "audio": ("can_send_audios", "music"),
    "voice": ("can_send_voice_notes", "voice notes"),
    "animation": ("can_send_other_messages", "animations"),
}
"""Kind of message → the permission it needs and the word of the refusal."""


def is_owner(chat: Chat, user: int) -> bool:
    """Whether this is the owner of the group."""
    return chat.admins[:1] == [user]


def is_admin(chat: Chat, user: int) -> bool:
    """Whether this is an administrator of the group."""
    return user in chat.admins


def rights_of(chat: Chat, user: int) -> tuple[str, ...]:
    """The rights of an administrator; none for anybody else."""
    if not is_admin(chat, user):
        return ()
    if is_owner(chat, user):
        return ADMIN_RIGHTS
    return tuple(right for right in ADMIN_RIGHTS if right in chat.rights.get(str(user), ADMIN_RIGHTS))


def has_right(chat: Chat, user: int, right: str) -> bool:
    """Whether an administrator has a right."""
    return right in rights_of(chat, user)


def may(chat: Chat, user: int, permission: str) -> bool:
    """Whether somebody in the chat may do what members may be forbidden."""
    if chat.private or is_admin(chat, user):
        return True
    restricted = chat.restricted.get(str(user))
    if restricted and permission not in restricted["allowed"]:
        return False
    return chat.permissions is None or permission in chat.permissions


def forget_ended(chat: Chat, now: int) -> None:
    """Bans and restrictions until a moment end then; no update tells of it, as on the real server."""
    for user in [user for user, until in chat.banned.items() if 0 < until <= now]:
        del chat.banned[user]
    for user in [user for user, found in chat.restricted.items() if 0 < found["until"] <= now]:
        del chat.restricted[user]


def writes_in_closed(chat: Chat, user: int, thread: int) -> bool:
    """Whether somebody may write in a topic even if it is closed."""
    topic = chat.topic(thread)
    return topic is None or topic.creator == user or has_right(chat, user, "can_manage_topics")


def status_of(chat: Chat, user: int, bot: int) -> str:
    """The Bot API's `ChatMember.status` of somebody."""
    if is_owner(chat, user):
        return "creator"
    if is_admin(chat, user):
        return "administrator"
    inside = chat.bot_inside if user == bot else user in chat.members
    if user == bot and not inside:
        return "left" if chat.bot_left else "kicked"
    if str(user) in chat.banned:
        return "kicked"
    if str(user) in chat.restricted:
        return "restricted"
    return "member" if inside else "left"
