"""A person with a Telegram client: what tests and the chat page do in a person's name, and nothing more."""

from typing import Any, Final

from core.errors import UserError
from deploy.demo.telegram.entities import find_entities, tidy
from deploy.demo.telegram.model import Chat, Json, Message, Press, User
from deploy.demo.telegram.schema import Upload, utf16_length
from deploy.demo.telegram.state import State

_TEXT_LIMIT: Final = 4096
_PRESSES_KEPT: Final = 500


class Person:
    """A person's client. Without a chat, things happen in the private chat with the bot."""

    def __init__(self, state: State, user: User) -> None:
        self._state = state
        self.user = user
        self.id = user.id

    async def start(self, payload: str = "") -> Message:
        """Press Start in the private chat (again, after it was blocked)."""
        return await self.send(f"/start {payload}".strip())

    async def send(self, text: str, chat: int | None = None, *, reply_to: int = 0, thread: int = 0) -> Message:
        """Write a text, perhaps as a reply to a message of that chat. `UserError` if no client would send it."""
        text, _ = tidy(text, [])
        if not 1 <= utf16_length(text) <= _TEXT_LIMIT:
            raise UserError("A message has 1 to {n} characters.", n=_TEXT_LIMIT)
        found = find_entities(text)
        body: Json = {"text": text} | ({"entities": found} if found else {})
        return self._say(chat, body, reply_to=reply_to, thread=thread)

    async def upload(
        self,
        name: str,
        content: bytes,
        chat: int | None = None,
        *,
        caption: str = "",
        mime: str = "application/octet-stream",
        reply_to: int = 0,
    ) -> Message:
        """Send a file."""
        file = self._state.keep_file(Upload(name, mime, content))
        body: Json = {"document": file.document()} | ({"caption": caption} if caption else {})
        return self._say(chat, body, reply_to=reply_to)

    async def press(self, message_id: int, button: str, chat: int | None = None) -> Press:
        """Press an inline button named by its label or its data. `UserError` when the message has no such button."""
        message = self._message(message_id, chat)
        rows = (message.inline or {}).get("inline_keyboard", [])
        for found in (button_ for row in rows for button_ in row):
            if button in (found["text"], found.get("callback_data")):
                if "callback_data" not in found:
                    raise UserError("The button “{button}” asks the assistant nothing.", button=button)
                return self._press(message, found["callback_data"])
        raise UserError("This message no longer has that button.")

    async def forge(self, message_id: int, data: str, chat: int | None = None) -> Press:
        """Send callback data that no button has, as a modified client can."""
        return self._press(self._message(message_id, chat), data)

    async def react(self, message_id: int, emoji: str, chat: int | None = None) -> None:
        """Set one's reaction to a message, or take it back with an empty text."""
        message = self._message(message_id, chat)
        old = message.reactions.pop(str(self.id), [])
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        if new:
            message.reactions[str(self.id)] = new
        self._state.change_message(message)
        self._state.push(
            "message_reaction",
            {
                "chat": self._state.api_chat(self._state.chats[message.chat]),
                "message_id": message.id,
                "user": self.user.api(),
                "date": int(self._state.clock.now().timestamp()),
                "old_reaction": old,
                "new_reaction": new,
            },
        )
        self._state.store.commit()

    async def block(self) -> None:
        """Block the bot: it can write no more until the next Start."""
        chat = self._chat(None)
        chat.blocked = True
        self._member_update(chat, "member", "kicked")
        self._state.save(chat)
        self._state.store.commit()

    def _say(self, chat_id: int | None, body: Json, *, reply_to: int, thread: int = 0) -> Message:
        chat = self._chat(chat_id)
        if reply_to and self._state.find(chat.id, reply_to) is None:
            raise UserError("This message is gone.")
        if thread and thread not in chat.threads:
            raise UserError("This topic is gone.")
        if chat.private:
            if chat.blocked:
                chat.blocked = False
                self._member_update(chat, "kicked", "member")
            chat.started = True
        message = self._state.add_message(chat, self.id, body, reply_to=reply_to, thread=thread, topic=bool(thread))
        if self._bot_sees(chat, message):
            self._state.push("message", self._state.api_message(message))
        self._state.store.commit()
        return message

    def _bot_sees(self, chat: Chat, message: Message) -> bool:
        """Privacy mode: in a group a bot gets commands that may be its own, and replies to its messages."""
        if chat.private or self._state.bot.id in chat.admins:
            return True
        if not chat.bot_inside:
            return False
        replied = self._state.find(chat.id, message.reply_to)
        if replied and replied.sender == self._state.bot.id:
            return True
        first = message.text.split(maxsplit=1)[0] if message.text else ""
        _, at, name = first.partition("@")
        return first.startswith("/") and (not at or name.lower() == self._state.bot.username.lower())

    def _press(self, message: Message, data: str) -> Press:
        state = self._state
        press = Press(
            id=str(4_611_686_000_000_000_000 + state.number()),
            user=self.id,
            chat=message.chat,
            message=message.id,
            data=data,
            date=state.clock.now().timestamp(),
        )
        state.presses[press.id] = press
        if len(state.presses) > _PRESSES_KEPT:
            oldest = next(iter(state.presses))
            del state.presses[oldest]
            state.store.drop("press", oldest)
        state.save(press)
        state.push(
            "callback_query",
            {
                "id": press.id,
                "from": self.user.api(),
                "message": state.api_message(message),
                "chat_instance": str(-message.chat),
                "data": data,
            },
        )
        state.store.commit()
        return press

    def _member_update(self, chat: Chat, old: str, new: str) -> None:
        def member(status: str) -> Json:
            found: Json = {"status": status, "user": self._state.bot.api()}
            return found | ({"until_date": 0} if status == "kicked" else {})

        self._state.push(
            "my_chat_member",
            {
                "chat": self._state.api_chat(chat),
                "from": self.user.api(),
                "date": int(self._state.clock.now().timestamp()),
                "old_chat_member": member(old),
                "new_chat_member": member(new),
            },
        )

    def _chat(self, chat_id: int | None) -> Chat:
        return self._state.chat_of_member(self.id if chat_id is None else chat_id, self.id)

    def _message(self, message_id: int, chat_id: int | None) -> Message:
        chat = self._chat(chat_id)
        message = self._state.find(chat.id, message_id)
        if message is None:
            raise UserError("This message is gone.")
        return message

    def menu(self, chat_id: int | None = None) -> list[dict[str, Any]]:
        """The command menu this person sees in a chat: the narrowest scope that has one, own language first."""
        chat = self._chat(chat_id)
        commands = self._state.session.commands
        for scope in self._scopes(chat):
            for language in (self.user.language_code, ""):
                if f"{scope}/{language}" in commands:
                    return commands[f"{scope}/{language}"]
        return []

    def _scopes(self, chat: Chat) -> list[str]:
        """The order in which the Bot API says scopes are looked up."""
        if chat.private:
            return [f"chat:{chat.id}", "all_private_chats", "default"]
        admin = [f"chat_administrators:{chat.id}"] if self.id in chat.admins else []
        admins = ["all_chat_administrators"] if self.id in chat.admins else []
        return [
            f"chat_member:{chat.id}:{self.id}",
            *admin,
            f"chat:{chat.id}",
            *admins,
            "all_group_chats",
            "default",
        ]
