"""Telegram in miniature: a strict Bot API server over real HTTP, for the demo and for tests.

Three sides: the bot's, a person's, and the one that looks on.

- **The bot** calls the methods in `methods/` (`METHODS` names them all) at `TelegramServer.base_url`. They take what
  Bot API 10.3 takes (`schema.json`) and refuse the rest in Telegram's words. `faults` scripts what goes wrong, `pace`
  counts and limits, `fronts` says where a webhook's host is.
- **A person** (`TelegramServer.person`) writes, presses, reacts, asks inline, follows links; `Person.group` joins,
  leaves, promotes, makes topics, pins, upgrades. Whatever no client would allow is a `UserError`.
- **Who looks on** (a test, the chat page) reads `state` and its feed: `state.sequence`, `state.events_after(n)`, and
  `state.changed(seconds)` to wait. `state.client_chat` and `state.client_message` are what a client shows.

Events of the feed, each with the fields named: `message`, `edited` (message), `deleted` (chat, id, pinned), `ephemeral`
(message: new or changed, for `message.client.receiver` and its sender only), `ephemeral_deleted` (chat, id), `chat`
(chat: who is in it, topics, whether it moved), `pinned` (chat, pinned), `action` (chat, thread, action), `draft` (chat,
draft, text or rich_message), `answer` (query, user, chat, message, text, show_alert, url), `inline` (query, user, chat,
results, next_offset, button), `commands`, `outage` (on), `world`.
"""

from deploy.demo.telegram.client import Person
from deploy.demo.telegram.errors import ApiError
from deploy.demo.telegram.group import Group
from deploy.demo.telegram.model import Chat, InlineQuery, Message, Press, User
from deploy.demo.telegram.server import BOT, TOKEN, TelegramServer

__all__ = [
    "BOT",
    "TOKEN",
    "ApiError",
    "Chat",
    "Group",
    "InlineQuery",
    "Message",
    "Person",
    "Press",
    "TelegramServer",
    "User",
]
