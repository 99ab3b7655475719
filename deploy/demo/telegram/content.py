"""What may stand in a message: its text with entities, its link preview, the message it replies to, its topic."""

from typing import Any, Final

from deploy.demo.telegram import rights
from deploy.demo.telegram.access import find_chat
from deploy.demo.telegram.entities import check_entities, parse_html, tidy, with_found
from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.keyboards import read_markup
from deploy.demo.telegram.markdown import parse_markdown
from deploy.demo.telegram.model import GENERAL, Chat, Json
from deploy.demo.telegram.schema import utf16_length
from deploy.demo.telegram.state import State

TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
_SOLID: Final = {"bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji", "date_time"}


def formatted(state: State, args: Json, name: str, entities: str, mode: str = "parse_mode") -> tuple[str, list[Json]]:
    """A text and its entities, after parsing as the call wishes; 501 for a mode that this server does not have."""
    source, wanted = args.get(name, ""), args.get(mode, "").lower()
    if wanted == "html":
        text, found = parse_html(source)
    elif wanted == "markdownv2":
        text, found = parse_markdown(source)
    elif wanted == "markdown":
        raise ApiError(501, f"Not Implemented: parse_mode {args[mode]} is not part of this server")
    elif wanted:
        raise bad_request("unsupported parse_mode")
    else:
        text, found = tidy(source, check_entities(source, args.get(entities, [])))
    return text, [_named(state, entity) for entity in found]


def _named(state: State, entity: Json) -> Json:
    """A mention by id carries the whole person, where the bot knows one."""
    if entity["type"] != "text_mention":
        return entity
    number = entity["user"]["id"]
    user = state.users.get(number)
    return entity | {"user": user.api() if user else {"id": number, "is_bot": False, "first_name": ""}}


def read_text(state: State, args: Json, name: str = "text") -> Json:
    """The `text` (or `caption`) of a call with its entities, after parsing; checked for emptiness and length."""
    entities_name = "entities" if name == "text" else "caption_entities"
    text, entities = formatted(state, args, name, entities_name)
    if not text and name == "text":
        raise bad_request("message text is empty")
    if utf16_length(text) > (TEXT_LIMIT if name == "text" else CAPTION_LIMIT):
        raise bad_request("message is too long" if name == "text" else "message caption is too long")
    if not text:
        return {}
    entities = with_found(text, entities)
    found = {name: text} | ({entities_name: entities} if entities else {})
    if name == "caption":
        return found | ({"show_caption_above_media": True} if args.get("show_caption_above_media") else {})
    return found | _link_preview(args, entities)


def _link_preview(args: Json, entities: list[Json]) -> Json:
    """Kept as Telegram keeps them: `is_disabled` only where there is a link, sizes only with an address."""
    options: Json = args.get("link_preview_options", {})
    linked = any(entity["type"] in {"url", "text_link"} for entity in entities)
    kept = {name: value for name, value in options.items() if value and (name != "is_disabled" or linked)}
    if "url" not in kept:
        kept = {name: kept[name] for name in ("is_disabled", "show_above_text") if name in kept and linked}
    return {"link_preview_options": kept} if kept else {}


def place_in(state: State, chat: Chat, args: Json) -> Json:
    """Where in the chat a message goes: its topic and what it replies to. 400 for what is not there or is closed."""
    thread = args.get("message_thread_id", 0)
    if thread and (thread == GENERAL or chat.topic(thread) is None):
        raise bad_request("message thread not found")
    topic = chat.topic(thread)
    if topic and topic.closed and not rights.writes_in_closed(chat, state.bot.id, thread):
        raise bad_request("TOPIC_CLOSED")
    reply: dict[str, Any] = args.get("reply_parameters", {})
    replied = reply.get("message_id", 0)
    source = find_chat(state, reply["chat_id"]) if "chat_id" in reply else chat
    target = state.find(source.id, replied)
    if replied and (target is None or source is not chat):
        if not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        replied = 0
    quote = _quote(state, reply, target.text) if target and replied and "quote" in reply else None
    return {"thread": thread, "topic": bool(thread), "reply_to": replied, "quote": quote}


def _quote(state: State, reply: Json, original: str) -> Json:
    text, entities = formatted(state, reply, "quote", "quote_entities", "quote_parse_mode")
    if utf16_length(text) > CAPTION_LIMIT or text not in original:
        raise bad_request("QUOTE_TEXT_INVALID")
    kept = [entity for entity in entities if entity["type"] in _SOLID]
    position = reply.get("quote_position", utf16_length(original[: original.find(text)]))
    return {"text": text, "position": position, "is_manual": True} | ({"entities": kept} if kept else {})


def envelope(state: State, chat: Chat, args: Json) -> Json:
    """What every message of the bot has besides its content: keyboard, place, silence, protection."""
    inline, keyboard = read_markup(args)
    return place_in(state, chat, args) | {
        "inline": inline,
        "keyboard": keyboard,
        "silent": bool(args.get("disable_notification")),
        "protected": bool(args.get("protect_content")),
    }
