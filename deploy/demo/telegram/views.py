"""What is known, in the Bot API's words: chats, members, messages; and what a client sees beyond them."""

from typing import TYPE_CHECKING, Any, Final

from deploy.demo.telegram import rights
from deploy.demo.telegram.model import GROUP_ANONYMOUS_BOT, Chat, Json, Message

if TYPE_CHECKING:
    from deploy.demo.telegram.state import State

_GIFTS: Final = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def api_chat(state: "State", chat: Chat) -> Json:
    """The Bot API's `Chat`."""
    if chat.private:
        user = state.users[chat.id].api()
        return {"id": chat.id, "type": "private"} | {
            name: user[name] for name in ("first_name", "last_name", "username") if name in user
        }
    found: Json = {"id": chat.id, "type": chat.type, "title": chat.title}
    if chat.username:
        found["username"] = chat.username
    return found | ({"is_forum": True} if chat.forum else {})


def full_chat(state: "State", chat: Chat) -> Json:
    """The Bot API's `ChatFullInfo`."""
    found = api_chat(state, chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    if chat.description:
        found["description"] = chat.description
    if not chat.private:
        found["permissions"] = {
            name: chat.permissions is None or name in chat.permissions for name in rights.PERMISSIONS
        }
        primary = next((link for link in chat.links.values() if link["is_primary"] and not link["is_revoked"]), None)
        found |= {"invite_link": primary["invite_link"]} if primary else {}
    pinned = state.find(chat.id, max(chat.pinned)) if chat.pinned else None
    return found | ({"pinned_message": api_message(state, pinned, with_reply=False)} if pinned else {})


def api_member(state: "State", chat: Chat, user: int) -> Json:
    """The Bot API's `ChatMember`; in a private chat the bot and the person are members."""
    if chat.private:
        status = "kicked" if user == state.bot.id and chat.blocked else "member"
    else:
        status = rights.status_of(chat, user, state.bot.id)
    found: Json = {"status": status, "user": state.users[user].api()}
    if status in {"creator", "administrator"}:
        found["is_anonymous"] = user in chat.anonymous
        title = chat.titles.get(str(user))
        found |= {"custom_title": title} if title else {}
    if status == "administrator":
        held = rights.rights_of(chat, user)
        found["can_be_edited"] = user in chat.promoted
        found |= {name: name in held for name in rights.ADMIN_RIGHTS}
    elif status == "restricted":
        restricted = chat.restricted[str(user)]
        inside = chat.bot_inside if user == state.bot.id else user in chat.members
        found |= {"is_member": inside, "until_date": restricted["until"]}
        found |= {name: name in restricted["allowed"] for name in rights.PERMISSIONS}
    elif status == "kicked":
        found["until_date"] = chat.banned.get(str(user), 0)
    return found


def _sender(state: "State", message: Message) -> Json:
    if not message.in_name_of:
        return {"from": state.users[message.sender].api()}
    found: Json = {"from": GROUP_ANONYMOUS_BOT.api()}
    found["sender_chat"] = api_chat(state, state.chats[message.in_name_of])
    return found | ({"author_signature": message.signature} if message.signature else {})


def _replied(state: "State", message: Message) -> Json | None:
    """The message replied to; in a topic, without any, the one that created the topic, as the real server shows it."""
    target = message.reply_to or (message.thread if message.topic and message.id != message.thread else 0)
    found = state.find(message.chat, target)
    return api_message(state, found, with_reply=False) if found else None


def api_message(state: "State", message: Message, *, with_reply: bool = True) -> Json:
    """The Bot API's `Message`. A replied message is shown without the one it replies to."""
    found: Json = {
        "message_id": 0 if message.receiver else message.id,
        **_sender(state, message),
        "chat": api_chat(state, state.chats[message.chat]),
        "date": message.date,
    }
    optional: dict[str, Any] = {
        "message_thread_id": message.thread,
        "is_topic_message": message.topic,
        "reply_to_message": _replied(state, message) if with_reply else None,
        "quote": message.quote,
        "edit_date": message.edited,
        "media_group_id": message.album,
        "has_protected_content": message.protected,
        "reply_markup": message.inline,
        "via_bot": state.bot.api() if message.inline_id else None,
    }
    found |= {name: value for name, value in optional.items() if value}
    if message.receiver:
        found |= {"ephemeral_message_id": message.id, "receiver_user": state.users[message.receiver].api()}
    if message.origin:
        found |= {"forward_origin": message.origin}
    pinned = message.content.get("pinned_message")
    if isinstance(pinned, int):
        target = state.find(message.chat, pinned)
        gone = {"chat": found["chat"], "message_id": pinned, "date": 0}
        return found | {"pinned_message": api_message(state, target, with_reply=False) if target else gone}
    return found | message.content


def client_message(state: "State", message: Message) -> Json:
    """What a Telegram client shows: the Bot API's fields and those only a client sees.

    `client.receiver` is the only person who sees it (an ephemeral message), 0 for everybody.
    """
    return api_message(state, message) | {
        "client": {
            "keyboard": message.keyboard,
            "silent": message.silent,
            "reactions": message.reactions,
            "reply_to": message.reply_to,
            "receiver": message.receiver,
            "sender": message.sender,
        }
    }


def client_chat(state: "State", chat: Chat) -> Json:
    """A chat as its members' clients show it: who is in it and as what, its topics, what is pinned, where the bot is.

    Of topics `id` 1 is "General"; a forum's messages without a thread belong there.
    """
    people = [*chat.members, *([] if chat.private else [state.bot.id])]
    return {
        "id": chat.id,
        "type": chat.type,
        "title": chat.title or state.users[chat.id].full_name,
        "description": chat.description,
        "members": [api_member(state, chat, user) for user in people if user in state.users],
        "topics": [
            topic.created() | {"id": topic.id, "closed": topic.closed, "hidden": topic.hidden} for topic in chat.topics
        ],
        "pinned": chat.pinned,
        "started": chat.started,
        "blocked": chat.blocked,
        "bot_inside": chat.private or chat.bot_inside,
        "migrated_to": chat.migrated_to,
        "waiting": chat.waiting,
    }
