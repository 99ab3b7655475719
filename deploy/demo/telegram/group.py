"""What a person does to a group: joining and leaving, making administrators, topics, pins, the way to a supergroup."""

from collections.abc import Collection
from typing import Final

from core.errors import UserError
from deploy.demo.telegram import rights
from deploy.demo.telegram.delivery import announce, member_change
from deploy.demo.telegram.membership import appoint, let_in, see_off
from deploy.demo.telegram.model import GENERAL, Chat, Json, Topic, User
from deploy.demo.telegram.state import State
from deploy.demo.telegram.topics import add_topic, clean_name, drop_topic, make_forum

_SUPERGROUPS: Final = -1_000_000_000_000


class Group:
    """A group in the hands of one person. Every act raises `UserError` where the person may not do it."""

    def __init__(self, state: State, user: User, chat: int) -> None:
        self._state = state
        self._user = user
        self._id = chat

    def _chat(self, right: str = "") -> Chat:
        chat = self._state.chat_of_member(self._id, self._user.id)
        if right and not rights.has_right(chat, self._user.id, right):
            raise UserError("Only an administrator of the chat can do this.")
        return chat

    def _somebody(self, chat: Chat, user: int) -> int:
        if user != self._state.bot.id and user not in chat.members:
            raise UserError("This person is not in the chat.")
        return user

    # Coming and going

    async def leave(self) -> None:
        """Leave the group."""
        see_off(self._state, self._chat(), self._user.id, self._user.id)
        self._state.store.commit()

    async def join(self) -> None:
        """Come into a group one is not in, as by its public name."""
        chat = self._state.chats.get(self._id)
        if chat is None or self._user.id in chat.members or str(self._user.id) in chat.banned or chat.private:
            raise UserError("This link opens nothing.")
        let_in(self._state, chat, self._user.id, self._user.id)
        self._state.store.commit()

    async def add(self, user: int) -> None:
        """Bring somebody, or the bot, into the group."""
        chat = self._chat()
        if not rights.may(chat, self._user.id, "can_invite_users"):
            raise UserError("Only an administrator of the chat can do this.")
        bot = user == self._state.bot.id
        if bot and not self._state.settings.join_groups:
            raise UserError("The assistant offers nothing here.")
        if not (chat.bot_inside if bot else user in chat.members):
            let_in(self._state, chat, user, self._user.id)
        self._state.store.commit()

    async def remove(self, user: int, *, ban: bool = False) -> None:
        """Remove somebody, or the bot, perhaps for good."""
        chat = self._chat("can_restrict_members")
        if rights.is_owner(chat, self._somebody(chat, user)):
            raise UserError("Only an administrator of the chat can do this.")
        see_off(self._state, chat, user, self._user.id, banned=ban)
        self._state.store.commit()

    # Who is what

    async def promote(
        self, user: int, wanted: Collection[str] = rights.ADMIN_RIGHTS, *, anonymous: bool = False, title: str = ""
    ) -> None:
        """Make somebody, or the bot, an administrator with these rights and no others."""
        chat = self._chat("can_promote_members")
        with member_change(self._state, chat, self._user.id, self._somebody(chat, user)):
            if not rights.is_owner(chat, user):
                held = [right for right in rights.ADMIN_RIGHTS if right in wanted]
                appoint(chat, user, held, anonymous=anonymous)
            elif anonymous and user not in chat.anonymous:
                chat.anonymous.append(user)
            if title:
                chat.titles[str(user)] = title
        self._state.store.commit()

    async def demote(self, user: int) -> None:
        """Make an administrator a member again."""
        chat = self._chat("can_promote_members")
        if rights.is_owner(chat, self._somebody(chat, user)):
            raise UserError("Only an administrator of the chat can do this.")
        with member_change(self._state, chat, self._user.id, user):
            appoint(chat, user, [])
        self._state.store.commit()

    async def restrict(self, user: int, allowed: Collection[str] = ()) -> None:
        """What somebody may still do; everything lifts the restriction."""
        chat = self._chat("can_restrict_members")
        with member_change(self._state, chat, self._user.id, self._somebody(chat, user)):
            chat.restricted.pop(str(user), None)
            if set(allowed) != set(rights.PERMISSIONS):
                chat.restricted[str(user)] = {"allowed": list(allowed), "until": 0}
        self._state.store.commit()

    async def be_anonymous(self, *, on: bool) -> None:
        """As an administrator, write in the group's name from now on, or no more."""
        chat = self._chat("can_manage_chat")
        with member_change(self._state, chat, self._user.id, self._user.id):
            chat.anonymous = [user for user in chat.anonymous if user != self._user.id] + (
                [self._user.id] if on else []
            )
        self._state.store.commit()

    # The group itself

    async def rename(self, title: str) -> None:
        """Another name for the group."""
        chat = self._chat("can_change_info")
        chat.title = clean_name(title) or chat.title
        self._state.save_chat(chat)
        announce(self._state, chat, self._user.id, {"new_chat_title": chat.title})
        self._state.store.commit()

    async def pin(self, message: int) -> None:
        """Pin a message; a service message tells of it."""
        chat = self._chat("can_pin_messages")
        found = self._state.find(chat.id, message)
        if found is None:
            raise UserError("This message is gone.")
        if message not in chat.pinned:
            self._set_pinned(chat, [*chat.pinned, message])
            place = {"thread": found.thread if found.topic else 0, "topic": found.topic}
            announce(self._state, chat, self._user.id, {"pinned_message": message}, **place)
        self._state.store.commit()

    async def unpin(self, message: int) -> None:
        """Take a pin away."""
        chat = self._chat("can_pin_messages")
        self._set_pinned(chat, [found for found in chat.pinned if found != message])
        self._state.store.commit()

    def _set_pinned(self, chat: Chat, pinned: list[int]) -> None:
        chat.pinned = pinned
        self._state.save(chat)
        self._state.tell("pinned", chat=chat.id, pinned=chat.pinned)

    async def upgrade(self) -> Chat:
        """Make a basic group a supergroup: another chat with another id, where everybody is. Only its owner can."""
        old = self._chat()
        if old.type != "group" or not rights.is_owner(old, self._user.id):
            raise UserError("Only an administrator of the chat can do this.")
        new = Chat(
            _SUPERGROUPS + old.id,
            "supergroup",
            old.title,
            members=list(old.members),
            admins=list(old.admins),
            rights=dict(old.rights),
            bot_inside=old.bot_inside,
            migrated_from=old.id,
        )
        self._state.chats[new.id] = new
        announce(self._state, old, self._user.id, {"migrate_to_chat_id": new.id})
        old.migrated_to, old.members, old.admins = new.id, [], []
        self._state.save_chat(old)
        self._state.save_chat(new)
        announce(self._state, new, self._user.id, {"migrate_from_chat_id": old.id})
        self._state.store.commit()
        return new

    # Topics

    async def make_forum(self) -> None:
        """Give the group topics."""
        chat = self._chat("can_change_info")
        make_forum(chat)
        self._state.save_chat(chat)
        self._state.store.commit()

    async def create_topic(self, name: str) -> Topic:
        """A new topic."""
        chat = self._chat()
        if not (chat.forum and rights.may(chat, self._user.id, "can_manage_topics")):
            raise UserError("Only an administrator of the chat can do this.")
        topic = add_topic(self._state, chat, self._user.id, clean_name(name) or "…")
        self._state.store.commit()
        return topic

    def _topic(self, thread: int) -> tuple[Chat, Topic]:
        chat = self._chat()
        topic = chat.topic(thread)
        if topic is None:
            raise UserError("This topic is gone.")
        if topic.creator != self._user.id and not rights.has_right(chat, self._user.id, "can_manage_topics"):
            raise UserError("Only an administrator of the chat can do this.")
        return chat, topic

    def _changed(self, chat: Chat, topic: Topic, content: Json) -> None:
        self._state.save_chat(chat)
        thread = 0 if topic.id == GENERAL else topic.id
        announce(self._state, chat, self._user.id, content, thread=thread, topic=bool(thread))
        self._state.store.commit()

    async def rename_topic(self, thread: int, name: str) -> None:
        """Another name for a topic."""
        chat, topic = self._topic(thread)
        topic.name = clean_name(name) or topic.name
        self._changed(chat, topic, {"forum_topic_edited": {"name": topic.name}})

    async def close_topic(self, thread: int) -> None:
        """Only administrators write in it from now on."""
        chat, topic = self._topic(thread)
        topic.closed = True
        self._changed(chat, topic, {"forum_topic_closed": {}})

    async def reopen_topic(self, thread: int) -> None:
        """Everybody writes in it again."""
        chat, topic = self._topic(thread)
        topic.closed = False
        self._changed(chat, topic, {"forum_topic_reopened": {}})

    async def delete_topic(self, thread: int) -> None:
        """A topic goes with all its messages; the bot is not told."""
        chat, topic = self._topic(thread)
        if topic.id == GENERAL:
            raise UserError("Only an administrator of the chat can do this.")
        drop_topic(self._state, chat, topic)
        self._state.store.commit()
