"""What a link to Telegram does when a person opens it: start the bot, add it to a group, join by an invitation.

Source: https://core.telegram.org/api/links#bot-links, https://core.telegram.org/bots/features#deep-linking.
"""

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from core.errors import UserError
from deploy.demo.telegram import rights
from deploy.demo.telegram.delivery import hand_over, member_change
from deploy.demo.telegram.entities import find_entities
from deploy.demo.telegram.membership import appoint, let_in
from deploy.demo.telegram.model import Chat, Message
from deploy.demo.telegram.state import State

if TYPE_CHECKING:
    from deploy.demo.telegram.client import Person

_PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{0,64}")
_HOSTS: Final = {"t.me", "telegram.me", "telegram.dog"}


def follow(state: State, person: "Person", url: str, to: int | None) -> Message | None:
    """Do what the link says; the message that came of it, if any. `UserError` for a link that leads nowhere."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    path = parts.path.strip("/")
    if parts.scheme == "tg" and parts.netloc == "resolve":
        path = query.pop("domain", "")
    elif parts.hostname not in _HOSTS:
        raise UserError("This link opens nothing.")
    if path.startswith("+"):
        _join(state, person, f"https://t.me/{path}")
        return None
    if path.lower() != state.bot.username.lower():
        raise UserError("This link opens nothing.")
    if "startgroup" in query:
        return _add_bot(state, person, query, to)
    payload = query.get("start", "")
    return _start(state, person, payload if _PAYLOAD.fullmatch(payload) else "")


def _start(state: State, person: "Person", payload: str) -> Message:
    chat = state.chats[person.id]
    if chat.blocked:
        with member_change(state, chat, person.id, state.bot.id):
            chat.blocked = False
    chat.started = True
    return _command(state, chat, person, "/start", payload)


def _command(state: State, chat: Chat, person: "Person", command: str, payload: str) -> Message:
    text = f"{command} {payload}".strip()
    message = state.add_message(chat, person.id, {"text": text, "entities": find_entities(command)})
    hand_over(state, message)
    return message


def _add_bot(state: State, person: "Person", query: dict[str, str], to: int | None) -> Message | None:
    if to is None or not state.settings.join_groups:
        raise UserError("This link opens nothing.")
    chat, bot = state.chat_of_member(to, person.id), state.bot.id
    wanted = [f"can_{name}" for name in query.get("admin", "").replace(" ", "+").split("+") if name]
    right = "can_promote_members" if wanted else "can_invite_users"
    if not (rights.has_right(chat, person.id, right) or (not wanted and rights.may(chat, person.id, right))):
        raise UserError("Only an administrator of the chat can do this.")
    if not chat.bot_inside:
        let_in(state, chat, bot, person.id)
    if wanted:
        held = [*rights.rights_of(chat, bot), "can_manage_chat", *wanted]
        with member_change(state, chat, person.id, bot):
            appoint(chat, bot, [name for name in rights.ADMIN_RIGHTS if name in held])
    payload = query["startgroup"]
    if not payload or not _PAYLOAD.fullmatch(payload):
        return None
    return _command(state, chat, person, f"/start@{state.bot.username}", payload)


def _join(state: State, person: "Person", address: str) -> None:
    chat = next((found for found in state.chats.values() if address in found.links), None)
    link = chat.links[address] if chat else {"is_revoked": True}
    if chat is None or link["is_revoked"] or str(person.id) in chat.banned or person.id in chat.members:
        raise UserError("This link opens nothing.")
    if 0 < link.get("expire_date", 0) < state.now():
        raise UserError("This link opens nothing.")
    if not link["creates_join_request"]:
        let_in(state, chat, person.id, person.id)
        return
    chat.waiting = [*(found for found in chat.waiting if found != person.id), person.id]
    state.save_chat(chat)
    if rights.has_right(chat, state.bot.id, "can_invite_users"):
        body = {
            "chat": state.api_chat(chat),
            "from": person.user.api(),
            "user_chat_id": person.id,
            "date": state.now(),
            "invite_link": link,
        }
        state.push("chat_join_request", body)
