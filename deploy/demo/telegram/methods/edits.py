"""Methods that change a message in place: everybody's, one sent through inline mode, or an ephemeral one."""

from typing import Any, Final

from deploy.demo.telegram import content
from deploy.demo.telegram.access import find_chat, find_own, speak_in
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.keyboards import read_markup
from deploy.demo.telegram.media import body_of, kind_of, read_file
from deploy.demo.telegram.methods.base import Api
from deploy.demo.telegram.model import Json, Message
from deploy.demo.telegram.rich import rich_content

_NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
_CAPTION: Final = ("caption", "caption_entities", "show_caption_above_media")
_ALBUM_SWAPS: Final = ({"photo", "video"}, {"document"}, {"audio"})


def _apply(api: Api, method: str, message: Message, body: Json, args: Json) -> Json | bool:
    """Put the new content and keyboard in place; a call without a keyboard takes it away."""
    inline, _ = read_markup(args)
    if message.content == body and message.inline == inline:
        raise bad_request(_NOT_MODIFIED)
    chat = api.state.chats[message.chat]
    if not message.inline_id:
        speak_in(api.state, chat.id)
    api.pace.admit(chat.id, private=chat.private)
    if message.content != body:
        message.edited = api.state.now()
    message.content, message.inline = body, inline
    api.state.change_message(message)
    api.pace.note(chat.id, method, message.id)
    return True if message.inline_id or message.receiver else api.state.api_message(message)


def _new_text(api: Api, message: Message, args: Json) -> Json:
    if "rich_message" in args:
        if args.get("text"):
            raise bad_request("text and rich_message can't be specified together")
        return rich_content(api.state, args["rich_message"])
    if "text" not in message.content and "rich_message" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return content.read_text(api.state, args)


def _new_caption(api: Api, message: Message, args: Json) -> Json:
    if kind_of(message.content) == "text":
        raise bad_request("there is no caption in the message to edit")
    rest = {name: value for name, value in message.content.items() if name not in _CAPTION}
    return rest | content.read_text(api.state, args, "caption")


def _new_media(api: Api, message: Message, args: Json) -> Json:
    media: Json = args["media"]
    kind, was = media["type"], kind_of(message.content)
    if kind not in {"photo", "document", "video", "audio", "animation"}:
        raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    if message.album and not any({kind, was} <= group for group in _ALBUM_SWAPS):
        raise bad_request("message media can't be edited")
    caption = content.read_text(api.state, media, "caption")
    return body_of(read_file(api.state, kind, media["media"], media)) | caption


async def edit_message_text(api: Api, args: Json) -> Json | bool:
    """Another text, and keyboard, for a message of the bot."""
    message = find_own(api.state, args)
    return _apply(api, "editMessageText", message, _new_text(api, message, args), args)


async def edit_message_caption(api: Api, args: Json) -> Json | bool:
    """Another caption, or none."""
    message = find_own(api.state, args)
    return _apply(api, "editMessageCaption", message, _new_caption(api, message, args), args)


async def edit_message_media(api: Api, args: Json) -> Json | bool:
    """Another file, with its caption, in place of a file or a text."""
    message = find_own(api.state, args, "message media can't be edited")
    return _apply(api, "editMessageMedia", message, _new_media(api, message, args), args)


async def edit_message_reply_markup(api: Api, args: Json) -> Json | bool:
    """Another inline keyboard, or none."""
    message = find_own(api.state, args)
    return _apply(api, "editMessageReplyMarkup", message, message.content, args)


# Ephemeral messages


def _find_ephemeral(api: Api, args: Json) -> Message:
    chat = find_chat(api.state, args["chat_id"])
    message = api.state.find_ephemeral(chat.id, args["ephemeral_message_id"])
    if message is None or message.receiver != args["receiver_user_id"] or message.sender != api.state.bot.id:
        raise bad_request("MESSAGE_ID_INVALID")
    return message


async def edit_ephemeral_text(api: Api, args: Json) -> Json | bool:
    """Another text for an ephemeral message."""
    message = _find_ephemeral(api, args)
    return _apply(api, "editEphemeralMessageText", message, _new_text(api, message, args), args)


async def edit_ephemeral_caption(api: Api, args: Json) -> Json | bool:
    """Another caption for an ephemeral message."""
    message = _find_ephemeral(api, args)
    return _apply(api, "editEphemeralMessageCaption", message, _new_caption(api, message, args), args)


async def edit_ephemeral_media(api: Api, args: Json) -> Json | bool:
    """Another file for an ephemeral message."""
    message = _find_ephemeral(api, args)
    return _apply(api, "editEphemeralMessageMedia", message, _new_media(api, message, args), args)


async def edit_ephemeral_markup(api: Api, args: Json) -> Json | bool:
    """Another keyboard for an ephemeral message."""
    message = _find_ephemeral(api, args)
    return _apply(api, "editEphemeralMessageReplyMarkup", message, message.content, args)


async def delete_ephemeral(api: Api, args: Json) -> bool:
    """Take an ephemeral message away."""
    api.state.remove_message(_find_ephemeral(api, args))
    return True


METHODS: Final[dict[str, Any]] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editEphemeralMessageText": edit_ephemeral_text,
    "editEphemeralMessageCaption": edit_ephemeral_caption,
    "editEphemeralMessageMedia": edit_ephemeral_media,
    "editEphemeralMessageReplyMarkup": edit_ephemeral_markup,
    "deleteEphemeralMessage": delete_ephemeral,
}
