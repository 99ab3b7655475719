"""The refusals of the Bot API, worded as the real server words them, because programs read these sentences."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A refused call: `{"ok": false, "error_code": …, "description": …, "parameters": …}`."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON object the caller gets."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = dict(self.parameters)
        return body


def bad_request(text: str) -> ApiError:
    """400: the call itself is wrong."""
    return ApiError(400, f"Bad Request: {text}")


def forbidden(text: str) -> ApiError:
    """403: the bot may not do this there."""
    return ApiError(403, f"Forbidden: {text}")


def upgraded(new_id: int) -> ApiError:
    """400 with the new id: the group is a supergroup now."""
    text = "Bad Request: group chat was upgraded to a supergroup chat"
    return ApiError(400, text, {"migrate_to_chat_id": new_id})


def conflict(text: str) -> ApiError:
    """409: somebody else receives the updates."""
    return ApiError(409, f"Conflict: {text}")


def too_many_requests(retry_after: int) -> ApiError:
    """429: wait `retry_after` seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})
