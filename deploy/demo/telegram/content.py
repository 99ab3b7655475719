"""What may stand in a message: its text with entities, its keyboard, the message it replies to."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.demo.telegram.entities import parse_html, tidy, with_found
from deploy.demo.telegram.errors import ApiError, bad_request, forbidden
from deploy.demo.telegram.model import Chat, Json, Message
from deploy.demo.telegram.schema import utf16_length
from deploy.demo.telegram.state import State

TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
_BUTTONS_LIMIT: Final = 100
_LOOKS: Final = {"text", "icon_custom_emoji_id", "style"}  # fields of a button that are not its action
_STYLES: Final = {"danger", "success", "primary"}
_ADDRESS: Final = re.compile(r"[0-9.]+|\[.*\]")


def find_chat(state: State, chat_id: int | str) -> Chat:
    """The chat a call names, by id or @username; 400 when there is none, 403 where the bot may not speak."""
    if isinstance(chat_id, str):
        wanted = chat_id.removeprefix("@").lower()
        chat = next((c for c in state.chats.values() if c.username and c.username.lower() == wanted), None)
    else:
        chat = state.chats.get(chat_id)
    if chat is None:
        raise bad_request("chat not found")
    return chat


def speak_in(state: State, chat_id: int | str) -> Chat:
    """The chat a message is to go to; refused as the real server does where the bot may not write."""
    chat = find_chat(state, chat_id)
    if chat.private:
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
    elif not chat.bot_inside:
        raise forbidden("bot was kicked from the supergroup chat")
    return chat


def read_text(args: Json, name: str = "text") -> Json:
    """The `text` (or `caption`) of a call with its entities, after parsing; checked for emptiness and length."""
    entities_name = "entities" if name == "text" else "caption_entities"
    source, mode = args.get(name, ""), args.get("parse_mode", "").lower()
    if mode == "html":
        text, entities = parse_html(source)
    elif mode:
        raise ApiError(501, f"Not Implemented: parse_mode {args['parse_mode']} is not part of this server")
    else:
        text, entities = tidy(source, args.get(entities_name, []))
    if not text and name == "text":
        raise bad_request("message text is empty")
    if utf16_length(text) > (TEXT_LIMIT if name == "text" else CAPTION_LIMIT):
        raise bad_request("message is too long" if name == "text" else "message caption is too long")
    if not text:
        return {}
    entities = with_found(text, entities)
    return {name: text} | ({entities_name: entities} if entities else {})


def read_markup(args: Json) -> tuple[Json | None, Json | None]:
    """The inline keyboard and the other keyboard of a call, checked: one of them at most."""
    markup = args.get("reply_markup")
    if not markup:
        return None, None
    if "inline_keyboard" in markup:
        return read_inline(markup), None
    if "keyboard" in markup and not any(markup["keyboard"]):
        raise bad_request("reply keyboard has no buttons")
    return None, markup


def read_inline(markup: Json) -> Json | None:
    """A checked inline keyboard; None for an empty one."""
    rows = [row for row in markup["inline_keyboard"] if row]
    if sum(len(row) for row in rows) > _BUTTONS_LIMIT:
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    return {"inline_keyboard": rows} if rows else None


def _check_button(button: Json) -> None:
    if not button["text"].strip():
        raise bad_request("can't parse inline keyboard button: the text must be non-empty")
    actions = set(button) - _LOOKS
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    if button.get("style", "primary") not in _STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    if "url" in button:
        _check_url(button["url"])


def _check_url(url: str) -> None:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = parts.hostname or ""
    known = parts.scheme in {"http", "https"} and ("." in host or _ADDRESS.fullmatch(host))
    if parts.scheme != "tg" and not known:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def find_own(state: State, args: Json, action: str) -> Message:
    """The bot's own message a call is about to change; 400 when it is missing or somebody else's."""
    if "chat_id" not in args or "message_id" not in args:
        raise bad_request("message identifier is not specified")
    chat = find_chat(state, args["chat_id"])
    message = state.find(chat.id, args["message_id"])
    if message is None:
        raise bad_request(f"message to {action} not found")
    if message.sender != state.bot.id or "pinned_message" in message.content:
        raise bad_request(f"message can't be {action}ed")
    return message


def place_in(state: State, chat: Chat, args: Json) -> Json:
    """Where in the chat a message goes: its topic and what it replies to."""
    thread = args.get("message_thread_id", 0)
    if thread and thread not in chat.threads:
        raise bad_request("message thread not found")
    reply: dict[str, Any] = args.get("reply_parameters", {})
    replied = reply.get("message_id", 0)
    if replied and (reply.get("chat_id", chat.id) != chat.id or state.find(chat.id, replied) is None):
        if not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        replied = 0
    return {"thread": thread, "topic": bool(thread), "reply_to": replied}
