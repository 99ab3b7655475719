"""Keyboards under messages and instead of the letters: what may stand in them."""

import re
from typing import Final
from urllib.parse import urlsplit

from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.model import Json

_BUTTONS_LIMIT: Final = 100
_LOOKS: Final = {"text", "icon_custom_emoji_id", "style"}  # fields of a button that are not its action
_STYLES: Final = {"danger", "success", "primary"}
_ADDRESS: Final = re.compile(r"[0-9.]+|\[.*\]")
_ASKS: Final = {"request_users", "request_chat", "request_contact", "request_location", "request_poll", "web_app"}


def read_markup(args: Json) -> tuple[Json | None, Json | None]:
    """The inline keyboard and the other keyboard of a call, checked: one of them at most."""
    markup = args.get("reply_markup")
    if not markup:
        return None, None
    if "inline_keyboard" in markup:
        return read_inline(markup), None
    if "keyboard" in markup:
        _check_reply_keyboard(markup["keyboard"])
    return None, markup


def _check_reply_keyboard(rows: list[list[Json]]) -> None:
    if not any(rows):
        raise bad_request("reply keyboard has no buttons")
    for button in (button for row in rows for button in row):
        if not button["text"].strip():
            raise bad_request("keyboard button text must be non-empty")
        if len(set(button) & _ASKS) > 1:
            raise bad_request("BUTTON_TYPE_INVALID")


def read_inline(markup: Json) -> Json | None:
    """A checked inline keyboard; None for an empty one."""
    rows = [row for row in markup["inline_keyboard"] if row]
    if sum(len(row) for row in rows) > _BUTTONS_LIMIT:
        raise bad_request("reply markup is too long")
    for button in (button for row in rows for button in row):
        check_button(button)
    return {"inline_keyboard": rows} if rows else None


def check_button(button: Json, where: str = "can't parse inline keyboard button") -> None:
    """400 for a button without text, without an action, with two of them, or with an address nobody can open."""
    if isinstance(button["text"], str) and not button["text"].strip():
        raise bad_request(f"{where}: the text must be non-empty")
    actions = set(button) - _LOOKS
    if not actions:
        raise bad_request(f"{where}: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    if button.get("style", "primary") not in _STYLES:
        raise bad_request(f"{where}: invalid button style specified")
    if "url" in button:
        _check_url(button["url"])


def _check_url(url: str) -> None:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = parts.hostname or ""
    known = parts.scheme in {"http", "https"} and ("." in host or _ADDRESS.fullmatch(host))
    if parts.scheme != "tg" and not known:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
