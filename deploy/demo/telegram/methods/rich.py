"""Methods that send rich messages; they are edited by `editMessageText`."""

from typing import Any, Final

from deploy.demo.telegram.access import speak_in
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.methods.base import Api, say
from deploy.demo.telegram.model import Json
from deploy.demo.telegram.rich import rich_content


async def send_rich_message(api: Api, args: Json) -> Json:
    """A message of blocks."""
    chat = speak_in(api.state, args["chat_id"])
    body = rich_content(api.state, args["rich_message"])
    return api.state.api_message(say(api, "sendRichMessage", args, chat, body))


async def send_rich_message_draft(api: Api, args: Json) -> bool:
    """A rich message that is still being written, shown for 30 seconds, in private chats."""
    chat = speak_in(api.state, args["chat_id"])
    if not chat.private:
        raise bad_request("PEER_ID_INVALID")
    if args["draft_id"] == 0:
        raise bad_request("draft_id must be non-zero")
    body = rich_content(api.state, args["rich_message"], draft=True)
    api.state.tell("draft", chat=chat.id, draft=args["draft_id"], **body)
    return True


METHODS: Final[dict[str, Any]] = {
    "sendRichMessage": send_rich_message,
    "sendRichMessageDraft": send_rich_message_draft,
}
