"""Parameters of every Bot API method, checked against the names, types and limits of Bot API 10.3.

`schema.json` holds facts only: `"chat_id": "int|str!"` is a required integer or string, `"[X]"` an array of X.
Unknown parameters are refused (the real server ignores them), so that a typing error shows up in a test.
"""

import functools
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import IO, Any, Final, Self

from deploy.demo.telegram.errors import ApiError, bad_request

# The real server names these by a code of its own.
_OWN_WORDS: Final = {
    "InlineKeyboardButton.callback_data": "BUTTON_DATA_INVALID",
    "RichMessageButton.callback_data": "BUTTON_DATA_INVALID",
    "answerCallbackQuery.text": "MESSAGE_TOO_LONG",
}
_EMPTY_WORDS: Final = {"chat_id": "chat_id is empty", "text": "message text is empty"}
_INTEGER: Final = re.compile(r"-?\d{1,19}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came as a part of a multipart body; large ones wait on the disk, not in memory."""

    name: str
    content_type: str
    stream: IO[bytes]
    size: int

    @classmethod
    def of(cls, name: str, content_type: str, content: bytes) -> Self:
        """A file whose content is at hand."""
        return cls(name, content_type, io.BytesIO(content), len(content))

    def head(self, size: int = 65_536) -> bytes:
        """Its first bytes; the stream stands at the start again."""
        self.stream.seek(0)
        found = self.stream.read(size)
        self.stream.seek(0)
        return found


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a method or one field of an object."""

    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """What the Bot API takes: methods and objects by name, the members of each union, limits of lengths.

    `tags` is what the field `type` of an object says, where it tells the members of a union apart.
    """

    methods: Mapping[str, Mapping[str, Field]]
    types: Mapping[str, Mapping[str, Field]]
    unions: Mapping[str, list[str]]
    limits: Mapping[str, list[Any]]
    tags: Mapping[str, str]


def _fields(table: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Field]]:
    return {
        owner: {name: Field(kind.rstrip("!"), kind.endswith("!")) for name, kind in fields.items()}
        for owner, fields in table.items()
    }


@functools.cache
def schema() -> Schema:
    """The schema, read once."""
    raw = json.loads(resources.files(__package__).joinpath("schema.json").read_text("utf-8"))
    return Schema(_fields(raw["methods"]), _fields(raw["types"]), raw["unions"], raw["limits"], raw["tags"])


def check_call(method: str, params: Mapping[str, Any], uploads: Mapping[str, Upload]) -> dict[str, Any]:
    """The parameters of a call, typed. Strings are read as the type wants; `attach://` names become `Upload`s.

    Raises `ApiError` 404 for a method that Bot API 10.3 does not have, 400 for a wrong parameter.
    """
    name = method_name(method)
    if name is None:
        raise ApiError(404, "Not Found")
    return _Checker(uploads).object(name, schema().methods[name], params, of_method=True)


def method_name(name: str) -> str | None:
    """A method's own spelling (names are case-insensitive), or None when there is no such method."""
    return _spellings().get(name.lower())


@functools.cache
def _spellings() -> dict[str, str]:
    return {name.lower(): name for name in schema().methods}


class _Checker:
    def __init__(self, uploads: Mapping[str, Upload]) -> None:
        self._uploads = uploads
        self._scalars: dict[str, Callable[[str, Any], Any]] = {
            "int": _integer,
            "float": _number,
            "bool": _boolean,
            "str": _string,
            "file": self._file,
        }

    def object(
        self, owner: str, fields: Mapping[str, Field], values: Mapping[str, Any], *, of_method: bool = False
    ) -> dict[str, Any]:
        what = "parameter" if of_method else f"field of {owner}"
        for name in values:
            if name not in fields:
                raise bad_request(f'unknown {what} "{name}"')
        checked: dict[str, Any] = {}
        for name, field in fields.items():
            value = values.get(name)
            if of_method and name in self._uploads and field.type.startswith("file"):
                checked[name] = self._uploads[name]
            elif value is None or (of_method and value == ""):
                if field.required:
                    raise bad_request(_EMPTY_WORDS.get(name if of_method else "", f'{what} "{name}" is required'))
            else:
                checked[name] = self._limited(f"{owner}.{name}", self.value(name, field.type, value))
        return checked

    def value(self, name: str, kind: str, value: Any) -> Any:
        if kind in self._scalars:
            return self._scalars[kind](name, value)
        if kind.startswith("["):
            return self._array(name, kind[1:-1], value)
        members = schema().unions.get(kind) or kind.split("|")
        if len(members) > 1 or kind in schema().unions:
            return self._any_of(name, members, value)
        return self.object(kind, schema().types[kind], self._mapping(name, value))

    def _array(self, name: str, kind: str, value: Any) -> list[Any]:
        items = _parsed(name, value)
        if not isinstance(items, list):
            raise bad_request(f'"{name}" must be an Array')
        return [self.value(name, kind, item) for item in items]

    def _any_of(self, name: str, members: list[str], value: Any) -> Any:
        if {"int", "str"} == set(members):
            return int(value) if _INTEGER.fullmatch(str(value)) else _string(name, value)
        if "file" in members and isinstance(value, str):
            return self._file(name, value) if value.startswith("attach://") else value
        decoded = _parsed(name, value)
        if isinstance(decoded, dict):
            return self.value(name, _best_member(members, decoded), decoded)
        for member in members:
            if member == "str" and isinstance(decoded, str):
                return decoded
            if member.startswith("[") and isinstance(decoded, list):
                return self.value(name, member, decoded)
        raise bad_request(f'"{name}" must be an Object')

    def _mapping(self, name: str, value: Any) -> dict[str, Any]:
        decoded = _parsed(name, value)
        if isinstance(decoded, str) and name == "keyboard":
            return {"text": decoded}  # a reply keyboard's button may be a bare string
        if not isinstance(decoded, dict):
            raise bad_request(f"can't parse {_spaced(name)} JSON object: an Object is expected")
        return decoded

    def _file(self, name: str, value: Any) -> Upload:
        part = str(value).removeprefix("attach://")
        if part not in self._uploads:
            raise bad_request(f'there is no part "{part}" for "{name}" in the request')
        return self._uploads[part]

    def _limited(self, key: str, value: Any) -> Any:
        limit = schema().limits.get(key)
        if limit and isinstance(value, str):
            size = len(value.encode()) if "bytes" in limit else utf16_length(value)
            if not limit[0] <= size <= limit[1]:
                raise bad_request(_OWN_WORDS.get(key, f"{key} must be {limit[0]}-{limit[1]} long, not {size}"))
        return value


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, the unit of every offset and most limits of the Bot API."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def _best_member(members: list[str], value: Mapping[str, Any]) -> str:
    """Which object of a union is meant: the one its `type` names, else the one that shares most names."""
    types, tags = schema().types, schema().tags
    kind = value.get("type")
    if isinstance(kind, str) and any(member in tags for member in members):
        members = [member for member in members if tags.get(member) == kind]
        if not members:
            raise bad_request(f'type "{kind}" is unsupported')

    def score(member: str) -> tuple[bool, int]:
        fields = types.get(member, {})
        complete = all(name in value for name, field in fields.items() if field.required)
        return complete, sum(name in fields for name in value)

    objects = [member for member in members if member in types]
    if not objects:
        raise bad_request("an Object is not expected here")
    return max(objects, key=score)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _parsed(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        if name in {"keyboard", "text"}:
            return value
        raise bad_request(f"can't parse {_spaced(name)} JSON object") from None


def _integer(name: str, value: Any) -> int:
    if not isinstance(value, bool) and _INTEGER.fullmatch(str(value)):
        return int(value)
    raise bad_request(f'"{name}" must be an Integer')


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise bad_request(f'"{name}" must be a Number') from None


def _boolean(name: str, value: Any) -> bool:
    word = str(value).lower()
    if word in {"true", "1", "false", "0"}:
        return word in {"true", "1"}
    raise bad_request(f'"{name}" must be a Boolean')


def _string(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise bad_request(f'"{name}" must be of type String')
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return value
