"""What every method works with, and how the bot says something: to everybody in a chat, or to one person there.

A method is a function of the server's parts and its arguments, which come checked by the schema. Its result is what
stands under `"result"`; `ApiError` is the refusal.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.demo.telegram import rights
from deploy.demo.telegram.content import envelope
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.model import Chat, Json, Message
from deploy.demo.telegram.pace import Pace
from deploy.demo.telegram.state import State

_WHISPER_WITHIN: Final = 15.0  # seconds after a press or an ephemeral command (Bot API, "Ephemeral messages")


@dataclass(slots=True)
class Api:
    """The parts a method works with. `poller` counts getUpdates calls: a later one ends the earlier."""

    state: State
    pace: Pace
    poller: int = 0
    calls: deque[tuple[str, Json]] = field(default_factory=lambda: deque(maxlen=1000))  # the last accepted ones


Method = Callable[[Api, Json], Awaitable[Any]]


def age(api: Api, moment: float) -> float:
    """Seconds since a moment."""
    return api.state.clock.now().timestamp() - moment


def say(api: Api, method: str, args: Json, chat: Chat, content: Json, **more: Any) -> Message:
    """The bot's message with the content, where and how the call wishes; counted, and refused when it is too fast."""
    fields = envelope(api.state, chat, args) | more
    wish: Json | None = args.get("ephemeral_message_parameters")
    reply_to_whisper = args.get("reply_parameters", {}).get("ephemeral_message_id", 0)
    if reply_to_whisper and wish is None:
        raise bad_request("a reply to an ephemeral message must be an ephemeral message")
    if wish is not None:
        _check_whisper(api, chat, wish, reply_to_whisper)
    api.pace.admit(chat.id, private=chat.private)
    if wish is None:
        message = api.state.add_message(chat, api.state.bot.id, content, **fields)
    else:
        message = api.state.add_ephemeral(chat, wish["receiver_user_id"], content, **fields)
    api.pace.note(chat.id, method, message.id)
    return message


def _check_whisper(api: Api, chat: Chat, wish: Json, reply_to: int) -> None:
    """An ephemeral message goes to a member of a group: from an administrator at any time, else soon after an action.

    The Bot API documents the rule, not its errors; these are those of neighbouring methods.
    """
    receiver = wish["receiver_user_id"]
    if chat.private:
        raise bad_request("PEER_ID_INVALID")
    if receiver == api.state.bot.id:
        raise bad_request("USER_IS_BOT")
    if receiver not in chat.members:
        raise bad_request("USER_NOT_PARTICIPANT")
    press = api.state.presses.get(wish.get("callback_query_id", ""))
    pressed = press and (press.user, press.chat) == (receiver, chat.id) and age(api, press.date) <= _WHISPER_WITHIN
    if wish.get("callback_query_id") and not pressed:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if wish.get("replace_callback_query_message") and (
        press is None or api.state.find_ephemeral(chat.id, press.message) is not None
    ):
        raise bad_request("MESSAGE_ID_INVALID")
    command = api.state.find_ephemeral(chat.id, reply_to)
    asked = command and command.sender == receiver and age(api, command.date) <= _WHISPER_WITHIN
    if reply_to and not asked:
        raise bad_request("message to be replied not found")
    if not (pressed or asked or rights.is_admin(chat, api.state.bot.id)):
        raise bad_request("CHAT_ADMIN_REQUIRED")
