"""The state of the miniature Telegram: in memory for reading, in the store for a restart, with a feed of changes."""

import asyncio
import secrets
from dataclasses import asdict
from typing import Any, Final

from core.clock import Clock
from core.errors import UserError
from deploy.demo.telegram.model import Chat, Json, Message, Press, Session, StoredFile, User
from deploy.demo.telegram.schema import Upload
from deploy.demo.telegram.store import Store

# Kinds that a bot gets only when it asks for them by name.
_ON_REQUEST: Final = {"chat_member", "message_reaction", "message_reaction_count"}
_FEED_KEPT: Final = 2000


class State:
    """Everything the server knows. Every change is stored, told to the feed and wakes those who wait."""

    def __init__(self, store: Store, clock: Clock, bot: User) -> None:
        self.clock = clock
        self.bot = bot
        self.store = store
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.presses: dict[str, Press] = {}
        self.files: dict[str, StoredFile] = {}
        self.updates: dict[int, Json] = {}
        self.session = Session()
        self.epoch = secrets.token_hex(4)
        self.feed: list[tuple[int, Json]] = []
        self.closing = False
        self._sequence = 0
        self._wake = asyncio.Event()
        self._load()

    def _load(self) -> None:
        store = self.store
        self.users |= {user.id: user for user in (User(**doc) for doc in store.all("user"))}
        self.chats = {chat.id: chat for chat in (Chat(**doc) for doc in store.all("chat"))}
        for message in sorted((Message(**doc) for doc in store.all("message")), key=lambda found: found.id):
            self.messages.setdefault(message.chat, {})[message.id] = message
        self.presses = {press.id: press for press in (Press(**doc) for doc in store.all("press"))}
        self.files = {file.id: file for file in (StoredFile(**doc) for doc in store.all("file"))}
        waiting = sorted(store.all("update"), key=lambda doc: int(doc["update_id"]))
        self.updates = {doc["update_id"]: doc for doc in waiting}
        session = store.get("session", "")
        if session:
            self.session = Session(**session)

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

    def close_down(self) -> None:
        """Nobody shall wait any more: the server is about to stop."""
        self.closing = True
        self.wake()

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

    # Keeping

    def save(self, *things: User | Chat | Message | Press | StoredFile) -> None:
        """Write things to the store; they become lasting with the store's next commit."""
        for thing in things:
            kind = "file" if isinstance(thing, StoredFile) else type(thing).__name__.lower()
            key = f"{thing.chat}/{thing.id}" if isinstance(thing, Message) else str(thing.id)
            self.store.put(kind, key, asdict(thing))

    def save_session(self) -> None:
        """Write what is remembered about the bot."""
        self.store.put("session", "", asdict(self.session))

    def number(self) -> int:
        """The next number for callback queries and the like."""
        self.session.next_number += 1
        self.save_session()
        return self.session.next_number

    # Messages

    def add_message(self, chat: Chat, sender: int, content: Json, **fields: Any) -> Message:
        """Store a new message in a chat and tell the feed."""
        chat.last_message += 1
        message = Message(
            chat=chat.id,
            id=chat.last_message,
            sender=sender,
            date=int(self.clock.now().timestamp()),
            content=content,
            **fields,
        )
        self.messages.setdefault(chat.id, {})[message.id] = message
        self.save(chat, message)
        self.tell("message", message=self.client_message(message))
        return message

    def change_message(self, message: Message) -> None:
        """Store a changed message and tell the feed."""
        self.save(message)
        self.tell("edited", message=self.client_message(message))

    def remove_message(self, message: Message) -> None:
        """Delete a message everywhere."""
        del self.messages[message.chat][message.id]
        self.store.drop("message", f"{message.chat}/{message.id}")
        chat = self.chats[message.chat]
        if message.id in chat.pinned:
            chat.pinned.remove(message.id)
            self.save(chat)
        self.tell("deleted", chat=message.chat, id=message.id, pinned=chat.pinned)

    def find(self, chat_id: int, message_id: int) -> Message | None:
        """A message of a chat, or None."""
        return self.messages.get(chat_id, {}).get(message_id)

    def api_chat(self, chat: Chat) -> Json:
        """The Bot API's `Chat`."""
        if chat.private:
            user = self.users[chat.id].api()
            return {"id": chat.id, "type": "private"} | {
                name: user[name] for name in ("first_name", "last_name", "username") if name in user
            }
        found: Json = {"id": chat.id, "type": chat.type, "title": chat.title}
        if chat.username:
            found["username"] = chat.username
        return found | ({"is_forum": True} if chat.threads else {})

    def api_message(self, message: Message, *, with_reply: bool = True) -> Json:
        """The Bot API's `Message`. A replied message is shown without the one it replies to."""
        found: Json = {
            "message_id": message.id,
            "from": self.users[message.sender].api(),
            "chat": self.api_chat(self.chats[message.chat]),
            "date": message.date,
        }
        if message.thread:
            found["message_thread_id"] = message.thread
            found["is_topic_message"] = message.topic
        replied = self.find(message.chat, message.reply_to)
        if replied and with_reply:
            found["reply_to_message"] = self.api_message(replied, with_reply=False)
        if message.edited:
            found["edit_date"] = message.edited
        if message.inline:
            found["reply_markup"] = message.inline
        pinned = message.content.get("pinned_message")
        if isinstance(pinned, int):
            target = self.find(message.chat, pinned)
            gone = {"chat": found["chat"], "message_id": pinned, "date": 0}
            return found | {"pinned_message": self.api_message(target, with_reply=False) if target else gone}
        return found | message.content

    def client_message(self, message: Message) -> Json:
        """What a Telegram client shows: the Bot API's fields and those only a client sees."""
        return self.api_message(message) | {
            "client": {
                "keyboard": message.keyboard,
                "silent": message.silent,
                "reactions": message.reactions,
                "reply_to": message.reply_to,
            }
        }

    # Updates for the bot

    def push(self, kind: str, body: Json) -> None:
        """Queue an update for the bot if it wants this kind."""
        wanted = self.session.allowed
        if (kind not in wanted) if wanted else (kind in _ON_REQUEST):
            return
        update_id = self.session.next_update
        self.session.next_update += 1
        self.updates[update_id] = {"update_id": update_id, kind: body}
        self.store.put("update", str(update_id), self.updates[update_id])
        self.save_session()
        self.wake()

    def acknowledge(self, offset: int) -> None:
        """Forget the updates below an offset: the bot has them."""
        for update_id in [found for found in self.updates if found < offset]:
            del self.updates[update_id]
            self.store.drop("update", str(update_id))

    # Files

    def keep_file(self, upload: Upload) -> StoredFile:
        """Store an uploaded file."""
        file = StoredFile(
            id="BQACAgIAAxkBAAI" + secrets.token_urlsafe(18),
            unique_id="AgAD" + secrets.token_hex(5),
            name=upload.name.replace("/", "_").replace("\\", "_") or "file",
            mime=upload.content_type or "application/octet-stream",
            size=len(upload.content),
        )
        self.files[file.id] = file
        self.store.put_file(file.id, upload.content)
        self.save(file)
        return file

    def chat_of_member(self, chat_id: int, user_id: int) -> Chat:
        """A chat as one of its people sees it; `UserError` for a stranger to it."""
        chat = self.chats.get(chat_id)
        if chat is None or user_id not in chat.members:
            raise UserError("You are not in this chat.")
        return chat
