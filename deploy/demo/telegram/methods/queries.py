"""Methods that answer what people ask by a button or in inline mode."""

import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from deploy.demo.telegram import content
from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.keyboards import read_inline
from deploy.demo.telegram.media import body_of, read_file
from deploy.demo.telegram.methods.base import Api, age
from deploy.demo.telegram.model import Json
from deploy.demo.telegram.rich import rich_content

_ANSWER_WITHIN: Final = 60.0  # seconds; the real server's limit is unpublished
_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"
_RESULTS_LIMIT: Final = 50
_OFFSET_LIMIT: Final = 64  # bytes
_START: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILES: Final = ("photo", "document", "video", "voice", "audio")


async def answer_callback_query(api: Api, args: Json) -> bool:
    """Answer a press of a button: silently, by a toast, a dialog or a link to the bot. Once, and soon."""
    press = api.state.presses.get(args["callback_query_id"])
    if press is None or press.answer is not None or age(api, press.date) > _ANSWER_WITHIN:
        raise bad_request(_TOO_OLD)
    if "url" in args:
        _check_link(api, args["url"])
    press.answer = {name: args[name] for name in ("text", "show_alert", "url") if name in args}
    api.state.save(press)
    api.state.tell("answer", query=press.id, user=press.user, chat=press.chat, message=press.message, **press.answer)
    return True


def _check_link(api: Api, url: str) -> None:
    """Only a link that starts this bot may be opened (Bot API, `answerCallbackQuery.url`)."""
    parts = urlsplit(url)
    name = parts.path.strip("/").lower()
    ours = parts.scheme == "https" and parts.hostname == "t.me" and name == api.state.bot.username.lower()
    if not (ours and "start" in parse_qs(parts.query)):
        raise bad_request("URL_INVALID")


async def answer_inline_query(api: Api, args: Json) -> bool:
    """Offer at most 50 results for what a person typed after the bot's name."""
    query = api.state.inline_queries.get(args["inline_query_id"])
    if query is None or query.answer is not None or age(api, query.date) > _ANSWER_WITHIN:
        raise bad_request(_TOO_OLD)
    results: list[Json] = args["results"]
    if len(results) > _RESULTS_LIMIT:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    if not all(1 <= len(result["id"].encode()) <= _OFFSET_LIMIT for result in results):
        raise bad_request("RESULT_ID_INVALID")
    if len(args.get("next_offset", "").encode()) > _OFFSET_LIMIT:
        raise bad_request("NEXT_OFFSET_INVALID")
    button: Json = args.get("button", {})
    if button and "web_app" not in button and not _START.fullmatch(button.get("start_parameter", "")):
        raise bad_request("START_PARAM_INVALID")
    query.answer = {
        "results": [_offered(api, result) for result in results],
        "next_offset": args.get("next_offset", ""),
        "button": button,
    }
    api.state.save(query)
    api.state.tell("inline", query=query.id, user=query.user, chat=query.chat, **query.answer)
    return True


def _offered(api: Api, result: Json) -> Json:
    """A result as a person sees it in the list, with the message it will be in `content`."""
    shown = {
        name: result[name] for name in ("type", "id", "title", "description", "url", "thumbnail_url") if name in result
    }
    markup = read_inline(result["reply_markup"]) if "reply_markup" in result else None
    return shown | {"content": _message(api, result), "reply_markup": markup}


def _message(api: Api, result: Json) -> Json:
    given: Json = result.get("input_message_content", {})
    if "message_text" in given:
        named = {"text": given["message_text"]} | {
            name: value for name, value in given.items() if name != "message_text"
        }
        return content.read_text(api.state, named)
    if "rich_message" in given:
        return rich_content(api.state, given["rich_message"])
    kind = result["type"]
    if kind in _FILES and f"{kind}_file_id" in result:
        file = read_file(api.state, kind, result[f"{kind}_file_id"])
        return body_of(file) | content.read_text(api.state, result, "caption")
    if given:
        raise ApiError(501, "Not Implemented: this content of an inline result is not part of this server")
    if kind == "article":
        raise bad_request("message text is empty")
    raise bad_request("WEBDOCUMENT_URL_INVALID")  # results from the web: nothing is fetched here


METHODS: Final[dict[str, Any]] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
}
