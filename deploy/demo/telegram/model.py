"""What the miniature Telegram knows: people, chats, messages, presses of buttons, files."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


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


@dataclass(slots=True)
class Chat:
    """A private chat with the bot (its id is the person's) or a supergroup."""

    id: int
    type: str
    title: str = ""
    username: str = ""
    members: list[int] = field(default_factory=list)
    admins: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    started: bool = False  # private: the person pressed Start
    blocked: bool = False  # private: the person blocked the bot
    bot_inside: bool = True  # group: the bot is a member
    last_message: int = 0

    @property
    def private(self) -> bool:
        """Whether this is one person's chat with the bot."""
        return self.type == "private"


@dataclass(slots=True)
class Message:
    """A message as stored. `content` holds the Bot API's fields of what was said: text or caption, document…"""

    chat: int
    id: int
    sender: int
    date: int
    content: Json
    thread: int = 0
    reply_to: int = 0
    inline: Json | None = None  # the inline keyboard
    keyboard: Json | None = (
        None  # reply keyboard, its removal, or a forced reply: what the sender asks the client to show
    )
    edited: int = 0
    silent: bool = False
    topic: bool = False
    reactions: dict[str, list[Json]] = field(default_factory=dict)  # user id → what that user set

    @property
    def text(self) -> str:
        """Its text or caption."""
        return str(self.content.get("text") or self.content.get("caption") or "")


@dataclass(slots=True)
class Press:
    """A press of an inline button, waiting for `answerCallbackQuery` or answered."""

    id: str
    user: int
    chat: int
    message: int
    data: str
    date: float
    answer: Json | None = None


@dataclass(slots=True)
class StoredFile:
    """An uploaded file; its bytes stay in the database."""

    id: str
    unique_id: str
    name: str
    mime: str
    size: int

    @property
    def path(self) -> str:
        """Where `getFile` says it can be fetched."""
        return f"documents/{self.unique_id}/{self.name}"

    def document(self) -> Json:
        """The Bot API's `Document`."""
        return {
            "file_id": self.id,
            "file_unique_id": self.unique_id,
            "file_name": self.name,
            "mime_type": self.mime,
            "file_size": self.size,
        }


@dataclass(slots=True)
class Session:
    """What the server remembers about the bot between calls."""

    next_update: int = 400_000_001
    allowed: list[str] | None = None
    webhook: str = ""
    commands: dict[str, list[Json]] = field(default_factory=dict)  # scope and language → commands
    next_number: int = 1
