"""Methods about the topics of a forum. What TDLib's ForumTopicManager refuses is refused in its words."""

from typing import Any, Final

from deploy.demo.telegram import rights
from deploy.demo.telegram.access import group, need
from deploy.demo.telegram.delivery import announce
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.methods.base import Api
from deploy.demo.telegram.model import GENERAL, Chat, Json, Topic
from deploy.demo.telegram.topics import add_topic, clean_name, drop_topic

_COLORS: Final = {7322096, 16766590, 13338331, 9367192, 16749490, 16478047}
_NO_FORUM: Final = "the chat is not a forum"


def _forum(api: Api, args: Json) -> Chat:
    chat = group(api.state, args["chat_id"])
    if not chat.forum:
        raise bad_request(_NO_FORUM)
    return chat


def _topic(api: Api, args: Json, refusal: str) -> tuple[Chat, Topic]:
    """A topic other than "General" that the bot may change: it made the topic, or has `can_manage_topics`."""
    chat, thread = _forum(api, args), args["message_thread_id"]
    if thread <= 0:
        raise bad_request("invalid forum topic identifier specified")
    topic = chat.topic(thread)
    if topic is None or thread == GENERAL:
        raise bad_request("TOPIC_ID_INVALID")
    if topic.creator != api.state.bot.id:
        need(api.state, chat, "can_manage_topics", refusal)
    return chat, topic


def _general(api: Api, args: Json, refusal: str) -> tuple[Chat, Topic]:
    chat = _forum(api, args)
    need(api.state, chat, "can_manage_topics", refusal)
    return chat, chat.topics[0]


async def create_topic(api: Api, args: Json) -> Json:
    """A new topic."""
    chat = _forum(api, args)
    if not rights.has_right(chat, api.state.bot.id, "can_manage_topics"):
        raise bad_request("not enough rights to create a topic")
    if args.get("icon_color", 7322096) not in _COLORS:
        raise bad_request("invalid icon color specified")
    icon: Json = {name: args[name] for name in ("icon_color", "icon_custom_emoji_id") if name in args}
    return add_topic(api.state, chat, api.state.bot.id, _name(args["name"]), icon).api()


def _name(given: str) -> str:
    name = clean_name(given)
    if not name:
        raise bad_request("title must be non-empty")
    return name


async def edit_topic(api: Api, args: Json) -> bool:
    """Another name or picture for a topic; an empty name keeps the old one."""
    chat, topic = _topic(api, args, "not enough rights to edit the topic")
    changed: Json = {}
    if args.get("name"):
        changed["name"] = _name(args["name"])
    if "icon_custom_emoji_id" in args:
        changed["icon_custom_emoji_id"] = args["icon_custom_emoji_id"]
    return _rename(api, chat, topic, changed)


async def edit_general(api: Api, args: Json) -> bool:
    """Another name for "General"."""
    chat, topic = _general(api, args, "not enough rights to edit the topic")
    return _rename(api, chat, topic, {"name": _name(args["name"])})


def _rename(api: Api, chat: Chat, topic: Topic, changed: Json) -> bool:
    if not changed:
        return True
    before = {"name": topic.name, "icon_custom_emoji_id": topic.icon_emoji}
    if all(before[name] == value for name, value in changed.items()):
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = changed.get("name", topic.name)
    topic.icon_emoji = changed.get("icon_custom_emoji_id", topic.icon_emoji)
    return _announce(api, chat, topic, {"forum_topic_edited": changed})


def _set_closed(api: Api, chat: Chat, topic: Topic, *, closed: bool) -> bool:
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    topic.hidden = topic.hidden and closed  # reopening shows it again
    return _announce(api, chat, topic, {"forum_topic_closed" if closed else "forum_topic_reopened": {}})


def _set_hidden(api: Api, chat: Chat, topic: Topic, *, hidden: bool) -> bool:
    if topic.hidden == hidden:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.hidden = hidden
    topic.closed = topic.closed or hidden
    name = "general_forum_topic_hidden" if hidden else "general_forum_topic_unhidden"
    return _announce(api, chat, topic, {name: {}})


def _announce(api: Api, chat: Chat, topic: Topic, content: Json) -> bool:
    api.state.save_chat(chat)
    thread = 0 if topic.id == GENERAL else topic.id
    announce(api.state, chat, api.state.bot.id, content, thread=thread, topic=bool(thread))
    return True


_CLOSING: Final = "not enough rights to close or open the topic"


async def close_topic(api: Api, args: Json) -> bool:
    """Only administrators and its maker write in it from now on."""
    return _set_closed(api, *_topic(api, args, _CLOSING), closed=True)


async def reopen_topic(api: Api, args: Json) -> bool:
    """Everybody writes in it again."""
    return _set_closed(api, *_topic(api, args, _CLOSING), closed=False)


async def close_general(api: Api, args: Json) -> bool:
    """Only administrators write in "General" from now on."""
    return _set_closed(api, *_general(api, args, _CLOSING), closed=True)


async def reopen_general(api: Api, args: Json) -> bool:
    """Everybody writes in "General" again; it is shown, too."""
    return _set_closed(api, *_general(api, args, _CLOSING), closed=False)


async def hide_general(api: Api, args: Json) -> bool:
    """ "General" is closed and not shown."""
    return _set_hidden(api, *_general(api, args, _CLOSING), hidden=True)


async def unhide_general(api: Api, args: Json) -> bool:
    """ "General" is shown again."""
    return _set_hidden(api, *_general(api, args, _CLOSING), hidden=False)


async def delete_topic(api: Api, args: Json) -> bool:
    """A topic goes with all its messages; no update tells of it."""
    chat, thread = _forum(api, args), args["message_thread_id"]
    topic = chat.topic(thread)
    if topic is None or thread == GENERAL or thread <= 0:
        raise bad_request("TOPIC_ID_INVALID")
    need(api.state, chat, "can_delete_messages", "not enough rights to delete the topic")
    drop_topic(api.state, chat, topic)
    return True


async def get_icon_stickers(_api: Api, _args: Json) -> list[Json]:
    """The pictures a topic may have; this server has none."""
    return []


METHODS: Final[dict[str, Any]] = {
    "createForumTopic": create_topic,
    "editForumTopic": edit_topic,
    "closeForumTopic": close_topic,
    "reopenForumTopic": reopen_topic,
    "deleteForumTopic": delete_topic,
    "editGeneralForumTopic": edit_general,
    "closeGeneralForumTopic": close_general,
    "reopenGeneralForumTopic": reopen_general,
    "hideGeneralForumTopic": hide_general,
    "unhideGeneralForumTopic": unhide_general,
    "getForumTopicIconStickers": get_icon_stickers,
}
