"""The state of the miniature Telegram: in memory for reading, in the store for a restart, with a feed of changes."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any, Final, TypeVar

from core.clock import Clock
from core.errors import UserError
from deploy.demo.telegram import rights, views
from deploy.demo.telegram.model import (
    BotSettings,
    Chat,
    InlineQuery,
    Json,
    Message,
    Press,
    Session,
    StoredFile,
    Topic,
    User,
    Webhook,
)
from deploy.demo.telegram.queue import UpdateQueue
from deploy.demo.telegram.store import Store

_FEED_KEPT: Final = 2000
_ASKED_KEPT: Final = 500  # presses and inline queries
_KINDS: Final = {
    User: "user",
    Chat: "chat",
    Message: "message",
    Press: "press",
    InlineQuery: "inline_query",
    StoredFile: "file",
}

T = TypeVar("T")


class State:
    """Everything the server knows. Every change is stored, told to the feed and wakes those who wait."""

    def __init__(self, store: Store, clock: Clock, bot: User) -> None:
        self.clock = clock
        self.bot = bot
        self.store = store
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.ephemeral: dict[int, dict[int, Message]] = {}  # by chat and ephemeral identifier
        self.presses: dict[str, Press] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.files: dict[str, StoredFile] = {}
        self.session = Session()
        self.webhook = Webhook()
        self.settings = BotSettings()
        self.epoch = secrets.token_hex(4)
        self.feed: list[tuple[int, Json]] = []
        self.closing = False
        self.watchers: list[Callable[[], None]] = []  # asked to look at every change
        self._sequence = 0
        self._wake = asyncio.Event()
        self._load()
        self.queue = UpdateQueue(store, clock, self.session)

    def _load(self) -> None:
        store = self.store
        self.users |= {user.id: user for user in (_made(User, doc) for doc in store.all("user"))}
        for doc in store.all("chat"):
            chat = _made(Chat, doc)
            chat.topics = [_made(Topic, topic) for topic in doc.get("topics", [])]
            self.chats[chat.id] = chat
        for message in sorted((_made(Message, doc) for doc in store.all("message")), key=lambda found: found.id):
            kept = self.ephemeral if message.receiver else self.messages
            kept.setdefault(message.chat, {})[message.id] = message
        self.presses = {press.id: press for press in (_made(Press, doc) for doc in store.all("press"))}
        queries = (_made(InlineQuery, doc) for doc in store.all("inline_query"))
        self.inline_queries = {query.id: query for query in queries}
        self.files = {file.id: file for file in (_made(StoredFile, doc) for doc in store.all("file"))}
        self.session = _made(Session, store.get("session", "") or {})
        self.webhook = _made(Webhook, store.get("webhook", "") or {})
        self.settings = _made(BotSettings, store.get("settings", "") or {})

    # Waiting

    async def changed(self, timeout: float) -> None:
        """Wait for the next change, at most `timeout` seconds."""
        try:
            await asyncio.wait_for(self._wake.wait(), max(0.0, timeout))
        except TimeoutError:
            return

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._wake.set()
        self._wake = asyncio.Event()
        for look in self.watchers:
            look()

    def close_down(self) -> None:
        """Nobody shall wait any more: the server is about to stop."""
        self.closing = True
        self.wake()

    # The feed of the chat page

    def tell(self, event: str, **fields: Any) -> None:
        """Put an event on the feed of the chat page and wake those who wait."""
        self._sequence += 1
        self.feed.append((self._sequence, {"event": event, **fields}))
        del self.feed[:-_FEED_KEPT]
        self.wake()

    @property
    def sequence(self) -> int:
        """The number of the last event."""
        return self._sequence

    def events_after(self, sequence: int) -> list[Json] | None:
        """The events since a number; None when they are no longer kept, so that the asker must start over."""
        if not self._sequence - len(self.feed) <= sequence <= self._sequence:
            return None
        return [event for number, event in self.feed if number > sequence]

    # Writing

    def save(self, *things: User | Chat | Message | Press | InlineQuery | StoredFile) -> None:
        """Write what was changed."""
        for thing in things:
            self.store.put(_KINDS[type(thing)], _key(thing), asdict(thing))

    def save_session(self) -> None:
        """Write what is remembered about the bot."""
        self.store.put("session", "", asdict(self.session))

    def save_setup(self) -> None:
        """Write the webhook and what the bot's owner set."""
        self.store.put("webhook", "", asdict(self.webhook))
        self.store.put("settings", "", asdict(self.settings))

    def save_chat(self, chat: Chat) -> None:
        """Write a changed chat and tell the feed what it is now."""
        self.save(chat)
        self.tell("chat", chat=self.client_chat(chat))

    def number(self) -> int:
        """The next number for callback queries and the like."""
        self.session.next_number += 1
        self.save_session()
        return self.session.next_number

    def keep_press(self, press: Press) -> None:
        """Remember a press until it is answered; the oldest are forgotten."""
        self.presses[press.id] = press
        self._forget(self.presses, "press")
        self.save(press)

    def keep_query(self, query: InlineQuery) -> None:
        """Remember an inline query until it is answered; the oldest are forgotten."""
        self.inline_queries[query.id] = query
        self._forget(self.inline_queries, "inline_query")
        self.save(query)

    def _forget(self, asked: dict[str, Any], kind: str) -> None:
        if len(asked) > _ASKED_KEPT:
            oldest = next(iter(asked))
            del asked[oldest]
            self.store.drop(kind, oldest)

    # Messages

    def add_message(self, chat: Chat, sender: int, content: Json, **fields: Any) -> Message:
        """Store a new message in a chat and tell the feed."""
        chat.last_message += 1
        message = Message(chat.id, chat.last_message, sender, self.now(), content, **fields)
        self.messages.setdefault(chat.id, {})[message.id] = message
        self.save(chat, message)
        self.tell("message", message=self.client_message(message))
        return message

    def add_ephemeral(self, chat: Chat, receiver: int, content: Json, **fields: Any) -> Message:
        """Store a message that only the bot and one person in the group see; it takes no number of the chat's.

        From the bot, unless a `sender` is named.
        """
        sender = fields.pop("sender", self.bot.id)
        message = Message(chat.id, self.number(), sender, self.now(), content, receiver=receiver, **fields)
        self.ephemeral.setdefault(chat.id, {})[message.id] = message
        self.change_message(message)
        return message

    def change_message(self, message: Message) -> None:
        """Store a changed message and tell the feed; of an ephemeral one, also when it is new."""
        self.save(message)
        self.tell("ephemeral" if message.receiver else "edited", message=self.client_message(message))

    def remove_message(self, message: Message) -> None:
        """Delete a message everywhere."""
        chat = self.chats[message.chat]
        kept = self.ephemeral if message.receiver else self.messages
        del kept[message.chat][message.id]
        self.store.drop("message", _key(message))
        if message.receiver:
            self.tell("ephemeral_deleted", chat=chat.id, id=message.id)
            return
        if message.id in chat.pinned:
            chat.pinned.remove(message.id)
            self.save(chat)
        self.tell("deleted", chat=chat.id, id=message.id, pinned=chat.pinned)

    def find(self, chat_id: int, message_id: int) -> Message | None:
        """A message of a chat, or None."""
        return self.messages.get(chat_id, {}).get(message_id)

    def find_ephemeral(self, chat_id: int, ephemeral_id: int) -> Message | None:
        """An ephemeral message of a chat, or None."""
        return self.ephemeral.get(chat_id, {}).get(ephemeral_id)

    def now(self) -> int:
        """The present moment, as the Bot API writes dates: whole seconds since 1970."""
        return int(self.clock.now().timestamp())

    def api_chat(self, chat: Chat) -> Json:
        """The Bot API's `Chat`."""
        return views.api_chat(self, chat)

    def api_message(self, message: Message) -> Json:
        """The Bot API's `Message`."""
        return views.api_message(self, message)

    def client_message(self, message: Message) -> Json:
        """What a Telegram client shows of a message."""
        return views.client_message(self, message)

    def client_chat(self, chat: Chat) -> Json:
        """What a Telegram client shows of a chat."""
        return views.client_chat(self, chat)

    # Updates for the bot

    @property
    def updates(self) -> dict[int, Json]:
        """The updates that wait for the bot, by number."""
        return self.queue.items

    def push(self, kind: str, body: Json) -> None:
        """Queue an update for the bot if it wants this kind."""
        if self.queue.wants(kind):
            self.queue.add(kind, body)
            self.save_session()
            self.wake()

    def acknowledge(self, offset: int) -> None:
        """Forget the updates below an offset: the bot has them."""
        self.queue.acknowledge(offset)

    def chat_of_member(self, chat_id: int, user_id: int) -> Chat:
        """A chat as one of its people sees it; `UserError` for a stranger to it."""
        chat = self.chats.get(chat_id)
        if chat is None or user_id not in chat.members:
            raise UserError("You are not in this chat.")
        rights.forget_ended(chat, self.now())
        return chat


def _key(thing: User | Chat | Message | Press | InlineQuery | StoredFile) -> str:
    if isinstance(thing, Message):
        return f"{thing.chat}/{'e' if thing.receiver else ''}{thing.id}"
    return str(thing.id)


def _made(kind: type[T], doc: Json) -> T:
    """A stored thing; fields that an earlier release kept and this one does not know are left out."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # only dataclasses are stored
    return kind(**{name: value for name, value in doc.items() if name in known})
