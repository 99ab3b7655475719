"""A person with a Telegram client: what tests and the chat page do in a person's name, and nothing more.

`Person` writes, presses, asks; `Person.group` does what a member or an administrator does to a group.
"""

from collections.abc import Sequence
from typing import Any, Final

from core.errors import UserError
from deploy.demo.telegram import rights
from deploy.demo.telegram.delivery import hand_over, member_change
from deploy.demo.telegram.entities import find_entities, tidy
from deploy.demo.telegram.errors import ApiError
from deploy.demo.telegram.group import Group
from deploy.demo.telegram.links import follow
from deploy.demo.telegram.media import body_of, keep_file
from deploy.demo.telegram.menus import menu_of
from deploy.demo.telegram.model import Chat, InlineQuery, Json, Message, Press, User
from deploy.demo.telegram.reactions import EMOJI
from deploy.demo.telegram.schema import Upload, utf16_length
from deploy.demo.telegram.state import State

_TEXT_LIMIT: Final = 4096
_CAPTION_LIMIT: Final = 1024
_ALBUM: Final = range(2, 11)
_ASK_NUMBERS: Final = 4_611_686_000_000_000_000

Sent = tuple[str, bytes, str]
"""A file a person sends: its name, its content, its MIME type."""


class Person:
    """A person's client. Without a chat, things happen in the private chat with the bot.

    Every act raises `UserError` where no client would let the person do it.
    """

    def __init__(self, state: State, user: User) -> None:
        self._state = state
        self.user = user
        self.id = user.id

    def group(self, chat: int) -> Group:
        """What this person may do to a group."""
        return Group(self._state, self.user, chat)

    # Writing

    async def start(self, payload: str = "") -> Message:
        """Press Start in the private chat (again, after it was blocked)."""
        return await self.send(f"/start {payload}".strip())

    async def send(self, text: str, chat: int | None = None, *, reply_to: int = 0, thread: int = 0) -> Message:
        """Write a text, perhaps as a reply to a message of that chat or in one of its topics."""
        return self._say(chat, self._text(text, "text", _TEXT_LIMIT), reply_to=reply_to, thread=thread)

    def _text(self, text: str, name: str, limit: int) -> Json:
        text, _ = tidy(text, [])
        if name == "caption" and not text:
            return {}
        if not 1 <= utf16_length(text) <= limit:
            raise UserError("A message has 1 to {n} characters.", n=limit)
        found = find_entities(text)
        return {name: text} | ({"caption_entities" if name == "caption" else "entities": found} if found else {})

    async def upload(
        self,
        name: str,
        content: bytes,
        chat: int | None = None,
        *,
        caption: str = "",
        mime: str = "application/octet-stream",
        reply_to: int = 0,
        thread: int = 0,
        kind: str = "document",
    ) -> Message:
        """Send a file: as a document, or as `kind` photo, video, audio, voice or animation."""
        body = self._file((name, content, mime), kind) | self._text(caption, "caption", _CAPTION_LIMIT)
        return self._say(chat, body, reply_to=reply_to, thread=thread)

    async def album(
        self,
        files: Sequence[Sent],
        chat: int | None = None,
        *,
        caption: str = "",
        kind: str = "photo",
        reply_to: int = 0,
        thread: int = 0,
    ) -> list[Message]:
        """Send 2 to 10 files together; the bot gets a message for each, with one `media_group_id`."""
        if len(files) not in _ALBUM:
            raise UserError("An album has 2 to {n} files.", n=_ALBUM[-1])
        bodies = [self._file(file, kind) for file in files]
        bodies[0] |= self._text(caption, "caption", _CAPTION_LIMIT)
        album = str(_ASK_NUMBERS + self._state.number())
        return [self._say(chat, body, reply_to=reply_to, thread=thread, album=album) for body in bodies]

    def _file(self, file: Sent, kind: str) -> Json:
        name, content, mime = file
        try:
            return body_of(keep_file(self._state, Upload.of(name, mime, content), kind))
        except ApiError as error:
            raise UserError("This file cannot be sent: {reason}", reason=error.description) from error

    async def edit(self, message_id: int, text: str, chat: int | None = None) -> Message:
        """Change one's own message; the bot gets it as an edited one."""
        message = self._message(message_id, chat)
        if message.sender != self.id:
            raise UserError("Only one's own messages can be changed.")
        name, limit = ("text", _TEXT_LIMIT) if "text" in message.content else ("caption", _CAPTION_LIMIT)
        kept = {
            key: value for key, value in message.content.items() if key not in {name, "entities", "caption_entities"}
        }
        message.content = kept | self._text(text, name, limit)
        message.edited = self._state.now()
        self._state.change_message(message)
        hand_over(self._state, message, "edited_message")
        self._state.store.commit()
        return message

    async def delete(self, message_id: int, chat: int | None = None) -> None:
        """Take back one's own message, or as an administrator anybody's. The bot is not told."""
        message = self._message(message_id, chat)
        where = self._state.chats[message.chat]
        if (
            message.sender != self.id
            and not where.private
            and not rights.has_right(where, self.id, "can_delete_messages")
        ):
            raise UserError("Only an administrator of the chat can do this.")
        self._state.remove_message(message)
        self._state.store.commit()

    async def react(self, message_id: int, emoji: str, chat: int | None = None) -> None:
        """Set one's reaction to a message, or take it back with an empty text.

        A bot hears of it in private chats, and as an administrator that asked for `message_reaction`.
        """
        message = self._message(message_id, chat)
        if emoji and emoji.replace("\ufe0f", "") not in EMOJI:
            raise UserError("There is no reaction {emoji}.", emoji=emoji)
        old = message.reactions.pop(str(self.id), [])
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        if new:
            message.reactions[str(self.id)] = new
        self._state.change_message(message)
        where = self._state.chats[message.chat]
        if where.private or rights.is_admin(where, self._state.bot.id):
            self._state.push("message_reaction", self._reaction(where, message, old, new))
        self._state.store.commit()

    def _reaction(self, chat: Chat, message: Message, old: list[Json], new: list[Json]) -> Json:
        hidden = self.id in chat.anonymous
        actor = {"actor_chat": self._state.api_chat(chat)} if hidden else {"user": self.user.api()}
        return {
            "chat": self._state.api_chat(chat),
            "message_id": message.id,
            **actor,
            "date": self._state.now(),
            "old_reaction": old,
            "new_reaction": new,
        }

    async def block(self) -> None:
        """Block the bot: it can write no more until the next Start."""
        chat = self._chat(None)
        with member_change(self._state, chat, self.id, self._state.bot.id):
            chat.blocked = True
        self._state.store.commit()

    async def vanish(self) -> None:
        """Delete one's account: whoever writes to it is refused."""
        chat = self._chat(None)
        chat.deactivated = True
        self._state.save_chat(chat)
        self._state.store.commit()

    def _unblock(self, chat: Chat) -> None:
        with member_change(self._state, chat, self.id, self._state.bot.id):
            chat.blocked = False

    # Buttons, links, inline mode

    async def press(self, message_id: int, button: str, chat: int | None = None) -> Press:
        """Press an inline button named by its label or its data; of an ephemeral message, by its own identifier."""
        message = self._visible(message_id, chat)
        rows = (message.inline or {}).get("inline_keyboard", [])
        for found in (button_ for row in rows for button_ in row):
            if button in (found["text"], found.get("callback_data")):
                if "callback_data" not in found:
                    raise UserError("The button “{button}” asks the assistant nothing.", button=button)
                return self._press(message, found["callback_data"])
        raise UserError("This message no longer has that button.")

    async def forge(self, message_id: int, data: str, chat: int | None = None) -> Press:
        """Send callback data that no button has, as a modified client can."""
        return self._press(self._visible(message_id, chat), data)

    def _press(self, message: Message, data: str) -> Press:
        state = self._state
        number = str(_ASK_NUMBERS + state.number())
        press = Press(number, self.id, message.chat, message.id, data, state.clock.now().timestamp())
        state.keep_press(press)
        sent = message.inline_id
        shown: Json = {"inline_message_id": sent} if sent else {"message": state.api_message(message)}
        body: Json = {"id": press.id, "from": self.user.api(), **shown}
        state.push("callback_query", body | {"chat_instance": str(-message.chat), "data": data})
        state.store.commit()
        return press

    async def open(self, url: str, to: int | None = None) -> Message | None:
        """Follow a link to the bot (`?start=…`, `?startgroup=…` into the group `to`) or an invitation."""
        message = follow(self._state, self, url, to)
        self._state.store.commit()
        return message

    async def ask(self, query: str, chat: int | None = None, *, offset: str = "") -> InlineQuery:
        """Type the bot's @name and a query in a chat, of which the bot need not be a member."""
        if not self._state.settings.inline:
            raise UserError("The assistant offers nothing here.")
        where = self._chat(chat)
        number = str(_ASK_NUMBERS + self._state.number())
        asked = InlineQuery(number, self.id, where.id, query, offset, self._state.clock.now().timestamp())
        self._state.keep_query(asked)
        kind = "sender" if where.private else where.type
        body: Json = {"id": asked.id, "from": self.user.api(), "query": query, "offset": offset, "chat_type": kind}
        self._state.push("inline_query", body)
        self._state.store.commit()
        return asked

    async def choose(self, asked: InlineQuery, result: str, *, thread: int = 0, reply_to: int = 0) -> Message:
        """Send one of the offered results, by its identifier, into the chat where it was asked for."""
        offered = (asked.answer or {}).get("results", [])
        chosen = next((found for found in offered if found["id"] == result), None)
        if chosen is None:
            raise UserError("The assistant offers nothing here.")
        inline_id = f"AQAAA{_ASK_NUMBERS + self._state.number():x}"
        message = self._say(
            asked.chat,
            chosen["content"],
            reply_to=reply_to,
            thread=thread,
            inline=chosen["reply_markup"],
            inline_id=inline_id,
        )
        if self._state.settings.feedback:
            body: Json = {"result_id": result, "from": self.user.api(), "query": asked.query}
            known = {"inline_message_id": inline_id} if message.inline else {}
            self._state.push("chosen_inline_result", body | known)
        self._state.store.commit()
        return message

    # What all of this stands on

    def _say(self, chat_id: int | None, body: Json, *, reply_to: int, thread: int = 0, **more: Any) -> Message:
        chat = self._chat(chat_id)
        place = self._place(chat, reply_to, thread)
        if not rights.may(chat, self.id, "can_send_messages"):
            raise UserError("You may not write here.")
        if chat.private:
            if chat.blocked:
                self._unblock(chat)
            chat.started = True
        elif self.id in chat.anonymous:
            more |= {"in_name_of": chat.id, "signature": chat.titles.get(str(self.id), "")}
        if self._is_ephemeral(chat, body):
            message = self._state.add_ephemeral(chat, self._state.bot.id, body, sender=self.id)
            self._state.push("message", self._state.api_message(message))
        else:
            message = self._state.add_message(chat, self.id, body, reply_to=reply_to, **place, **more)
            hand_over(self._state, message)
        self._state.store.commit()
        return message

    def _place(self, chat: Chat, reply_to: int, thread: int) -> Json:
        """The topic; in a group without topics a reply belongs to the thread of what it replies to."""
        replied = self._state.find(chat.id, reply_to)
        if reply_to and replied is None:
            raise UserError("This message is gone.")
        if not chat.forum:
            if thread:
                raise UserError("This topic is gone.")
            root = replied.thread or replied.id if replied and chat.type == "supergroup" else 0
            return {"thread": root, "topic": False}
        thread = thread or (replied.thread if replied else 0)
        topic = chat.topic(thread)
        if topic is None:
            raise UserError("This topic is gone.")
        if topic.closed and not rights.writes_in_closed(chat, self.id, thread):
            raise UserError("This topic is closed.")
        return {"thread": thread, "topic": bool(thread)}

    def _is_ephemeral(self, chat: Chat, body: Json) -> bool:
        """A command that the bot's menu marks so is seen by the sender and the bot only."""
        text: str = body.get("text", "")
        if chat.private or not chat.bot_inside or not text.startswith("/"):
            return False
        name = text[1:].split(maxsplit=1)[0].partition("@")[0]
        return any(command["command"] == name and command.get("is_ephemeral") for command in self.menu(chat.id))

    def _chat(self, chat_id: int | None) -> Chat:
        return self._state.chat_of_member(self.id if chat_id is None else chat_id, self.id)

    def _message(self, message_id: int, chat_id: int | None) -> Message:
        message = self._state.find(self._chat(chat_id).id, message_id)
        if message is None:
            raise UserError("This message is gone.")
        return message

    def _visible(self, message_id: int, chat_id: int | None) -> Message:
        """A message of the chat, or an ephemeral one for this person."""
        found = self._state.find_ephemeral(self._chat(chat_id).id, message_id)
        return found if found and found.receiver == self.id else self._message(message_id, chat_id)

    def menu(self, chat_id: int | None = None) -> list[dict[str, Any]]:
        """The command menu this person sees in a chat."""
        return menu_of(self._state, self._chat(chat_id), self.user)
