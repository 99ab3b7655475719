"""Topics of a forum: how one comes and how one goes, whoever does it."""

from deploy.demo.telegram.delivery import announce
from deploy.demo.telegram.model import GENERAL, Chat, Json, Topic
from deploy.demo.telegram.state import State

NAME_LIMIT = 128


def clean_name(name: str) -> str:
    """A name as Telegram keeps it: blanks run together, 128 characters at most."""
    return " ".join(name.split())[:NAME_LIMIT]


def make_forum(chat: Chat) -> None:
    """Give a group topics, "General" to begin with."""
    if not chat.topics:
        chat.topics.append(Topic(GENERAL, "General"))
        chat.last_message = max(chat.last_message, GENERAL)


def add_topic(state: State, chat: Chat, creator: int, name: str, icon: Json | None = None) -> Topic:
    """A new topic; the service message that tells of it gives it its identifier."""
    look = icon or {}
    topic = Topic(chat.last_message + 1, name, creator)
    topic.icon_color = look.get("icon_color", topic.icon_color)
    topic.icon_emoji = look.get("icon_custom_emoji_id", "")
    chat.topics.append(topic)
    announce(state, chat, creator, {"forum_topic_created": topic.created()}, thread=topic.id, topic=True)
    state.save_chat(chat)
    return topic


def drop_topic(state: State, chat: Chat, topic: Topic) -> None:
    """A topic goes with all its messages."""
    chat.topics.remove(topic)
    for message in [found for found in state.messages.get(chat.id, {}).values() if found.thread == topic.id]:
        state.remove_message(message)
    state.save_chat(chat)
