"""What sections are made of: the table itself, and values like lists, time zones, working hours and schedules."""

import json
import re
from datetime import time
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, SecretStr
from pydantic_core import PydanticCustomError

from core.files.timing import parse_crontab, parse_every

Language = Literal["uk", "ru", "en"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Section(BaseModel):
    """A table of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def working_hours(value: str) -> tuple[time, time]:
    """`09:00-18:00` → the two times; `00:00-24:00` is every hour. Raises `ValueError`."""
    found = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", value)
    if not found:
        raise ValueError("working hours look like 09:00-18:00")
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    return time(start_hour, start_minute), time(end_hour % 24, end_minute)


def _listed(value: Any) -> Any:
    """A list given in the environment: JSON, or words between commas."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.startswith("[") else [part.strip() for part in value.split(",") if part.strip()]


def _arguments(value: Any) -> Any:
    """A command given in the environment is JSON: words between commas would be a guess."""
    return json.loads(value) if isinstance(value, str) and value.startswith("[") else value


def hide_password(address: str) -> str:
    """`scheme://name:***@host`: an address as it may be shown."""
    return re.sub(r"(://[^/@:\s]*):[^/\s]*@", r"\1:***@", address)


def _shown_address(secret: SecretStr) -> str:
    return hide_password(secret.get_secret_value())


def _proxy(secret: SecretStr) -> SecretStr:
    """What python_socks takes; it drops a name without a password, and raises `ValueError` for the rest."""
    value = secret.get_secret_value()
    if not value:
        return secret
    if not re.match(r"(http|socks5|socks4)://", value):
        raise PydanticCustomError("proxy_scheme", "another scheme", {})
    try:
        url = urlsplit(value)
    except ValueError:
        raise PydanticCustomError("proxy_host", "no host", {}) from None
    if not url.hostname or re.search(r"\s", value):
        raise PydanticCustomError("proxy_host", "no host", {})
    try:
        port = url.port
    except ValueError:
        port = None
    if not port:
        raise PydanticCustomError("proxy_port", "no port", {})
    if url.username is not None and url.password is None:
        raise PydanticCustomError("proxy_login", "no password", {})
    return secret


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (LookupError, OSError, ValueError) as error:
        raise ValueError(f"there is no time zone {value}") from error
    return value


def _zone_or_none(value: str) -> str:
    return _zone(value) if value else value


def machine_zone() -> str:
    """The time zone of this machine; UTC when it names none."""
    from tzlocal import get_localzone_name  # asks the registry on Windows: only when nobody chose a zone

    try:
        return _zone(get_localzone_name())
    except (ValueError, LookupError, OSError):
        return "UTC"


def _hours(value: str) -> str:
    working_hours(value)
    return value


def _every(value: str) -> str:
    if value:
        parse_every(value)
    return value


def _cron(value: str) -> str:
    if value:
        parse_crontab(value)
    return value


def _entry(value: str) -> str:
    module, _, name = value.partition(":")
    if value and not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise ValueError(f"{value!r} is no entry point; write it like package.module:function")
    return value


def checksum_algorithms() -> frozenset[str]:
    """What `checksum_algorithm` may be: what hashlib has everywhere, but shake, whose digests have no length."""
    import hashlib

    return frozenset(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake_"))


def _algorithm(value: str) -> str:
    if value not in checksum_algorithms():
        raise ValueError(f"{value} is none that this machine has")
    return value


def _prefix(value: str) -> str:
    if "%u" not in value:
        raise ValueError("the prefix must hold %u, the user")
    return value


List = BeforeValidator(_listed)
Zone = Annotated[str, AfterValidator(_zone)]
Proxy = Annotated[SecretStr, AfterValidator(_proxy), PlainSerializer(_shown_address, when_used="json")]
ZoneOrNone = Annotated[str, AfterValidator(_zone_or_none)]
Hours = Annotated[str, AfterValidator(_hours)]
Every = Annotated[str, AfterValidator(_every)]
Cron = Annotated[str, AfterValidator(_cron)]
Algorithm = Annotated[str, AfterValidator(_algorithm)]
Arguments = Annotated[tuple[str, ...], BeforeValidator(_arguments)]
Entry = Annotated[str, AfterValidator(_entry)]
AuditPrefix = Annotated[str, AfterValidator(_prefix)]
