"""What the miniature Telegram knows: people, chats, topics, messages, presses of buttons, inline queries, files."""

from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

GENERAL: Final = 1
"""The identifier of the topic "General" of every forum; its messages carry no thread."""


@dataclass(slots=True)
class User:
    """A person, or the bot. `language_code` is what the person's app is set to."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False

    def api(self) -> Json:
        """The Bot API's `User`."""
        found: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        optional = {
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language_code,
        }
        return found | {name: value for name, value in optional.items() if value}

    @property
    def full_name(self) -> str:
        """Both names, as shown."""
        return f"{self.first_name} {self.last_name}".strip()


GROUP_ANONYMOUS_BOT: Final = User(1087968824, "Group", username="GroupAnonymousBot", is_bot=True)
"""Whom the Bot API names as the sender of what an anonymous administrator writes."""


@dataclass(slots=True)
class Topic:
    """A topic of a forum; its id is the message that created it."""

    id: int
    name: str
    creator: int = 0
    icon_color: int = 0x6FB9F0
    icon_emoji: str = ""
    closed: bool = False
    hidden: bool = False

    def api(self) -> Json:
        """The Bot API's `ForumTopic`."""
        return {"message_thread_id": self.id} | self.created()

    def created(self) -> Json:
        """The Bot API's `ForumTopicCreated`."""
        found: Json = {"name": self.name, "icon_color": self.icon_color}
        return found | ({"icon_custom_emoji_id": self.icon_emoji} if self.icon_emoji else {})


@dataclass(slots=True)
class Chat:
    """A private chat with the bot (its id is the person's), a basic group or a supergroup.

    Dictionaries about people are keyed by the person's id as text, as JSON keeps them.
    """

    id: int
    type: str
    title: str = ""
    username: str = ""
    description: str = ""
    members: list[int] = field(default_factory=list)  # people; the bot's place is `bot_inside`
    admins: list[int] = field(default_factory=list)  # the first is the owner; the bot too, when it is one
    rights: dict[str, list[str]] = field(default_factory=dict)  # of administrators; one not named has all
    anonymous: list[int] = field(default_factory=list)  # administrators who write in the group's name
    titles: dict[str, str] = field(default_factory=dict)  # of administrators
    promoted: list[int] = field(default_factory=list)  # administrators the bot made: it may change them
    permissions: list[str] | None = None  # what members may do; None: everything
    restricted: dict[str, Json] = field(default_factory=dict)  # {"allowed": […], "until": seconds or 0}
    banned: dict[str, int] = field(default_factory=dict)  # until when, 0: for good
    links: dict[str, Json] = field(default_factory=dict)  # invite links
    waiting: list[int] = field(default_factory=list)  # who asked to join
    topics: list[Topic] = field(default_factory=list)  # of a forum, "General" first
    pinned: list[int] = field(default_factory=list)
    started: bool = False  # private: the person pressed Start
    blocked: bool = False  # private: the person blocked the bot
    deactivated: bool = False  # private: the person's account is no more
    bot_inside: bool = True  # group: the bot is a member
    bot_left: bool = False  # group: the bot is outside because it left, not because it was removed
    migrated_to: int = 0
    migrated_from: int = 0
    last_message: int = 0

    @property
    def private(self) -> bool:
        """Whether this is one person's chat with the bot."""
        return self.type == "private"

    @property
    def forum(self) -> bool:
        """Whether the group has topics."""
        return bool(self.topics)

    def topic(self, thread: int) -> Topic | None:
        """A topic by its id; 0 is "General"."""
        return next((topic for topic in self.topics if topic.id == (thread or GENERAL)), None)


@dataclass(slots=True)
class Message:
    """A message as stored. `content` holds the Bot API's fields of what was said: text or caption, document…"""

    chat: int
    id: int
    sender: int
    date: int
    content: Json
    thread: int = 0
    topic: bool = False  # `thread` is a forum's topic, not a chain of replies
    reply_to: int = 0
    quote: Json | None = None
    inline: Json | None = None  # the inline keyboard
    keyboard: Json | None = None  # reply keyboard, its removal or a forced reply: what the client is asked to show
    edited: int = 0
    silent: bool = False
    protected: bool = False
    album: str = ""  # shared by the messages of an album
    origin: Json | None = None  # of a forwarded message
    in_name_of: int = 0  # the group, when an anonymous administrator speaks
    signature: str = ""
    inline_id: str = ""  # sent by a person through the bot's inline mode: the bot's name for it
    receiver: int = 0  # the only person who sees this ephemeral message
    reactions: dict[str, list[Json]] = field(default_factory=dict)  # user id → what that user set

    @property
    def text(self) -> str:
        """Its text or caption."""
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def service(self) -> bool:
        """Whether it tells of an event in the chat instead of saying something."""
        return not self.content.keys().isdisjoint(SERVICE)


SERVICE: Final = frozenset(
    {
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "group_chat_created",
        "supergroup_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
    }
)
"""The fields that make a message a service message."""


@dataclass(slots=True)
class Press:
    """A press of an inline button, waiting for `answerCallbackQuery` or answered."""

    id: str
    user: int
    chat: int
    message: int  # of an ephemeral message: its own identifier
    data: str
    date: float
    answer: Json | None = None


@dataclass(slots=True)
class InlineQuery:
    """What a person types after the bot's @name, waiting for `answerInlineQuery` or answered."""

    id: str
    user: int
    chat: int
    query: str
    offset: str
    date: float
    answer: Json | None = None


@dataclass(slots=True)
class StoredFile:
    """An uploaded file; its bytes lie in the store's folder. `fields` are width, duration and the like."""

    id: str
    unique_id: str
    name: str
    mime: str
    size: int
    kind: str = "document"
    fields: Json = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where `getFile` says it can be fetched."""
        return f"{_FOLDERS.get(self.kind, 'documents')}/{self.unique_id}/{self.name}"


_FOLDERS: Final = {"photo": "photos", "video": "videos", "audio": "music", "voice": "voice", "animation": "animations"}


@dataclass(slots=True)
class BotSettings:
    """What its owner sets for a bot at @BotFather."""

    privacy: bool = True  # in groups it gets only what is meant for it
    inline: bool = True  # @name and a query work in any chat
    feedback: bool = True  # it is told which inline result was chosen
    join_groups: bool = True


@dataclass(slots=True)
class Webhook:
    """Where updates are posted, and how that goes."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""
    certificate: bool = False
    last_error: str = ""
    last_error_date: int = 0


@dataclass(slots=True)
class Session:
    """What the server remembers about the bot between calls."""

    next_update: int = 400_000_001
    allowed: list[str] | None = None
    commands: dict[str, list[Json]] = field(default_factory=dict)  # scope and language → commands
    texts: dict[str, str] = field(default_factory=dict)  # name, description… and language → text
    menu_buttons: dict[str, Json] = field(default_factory=dict)  # chat or "" → menu button
    next_number: int = 1
