"""The sections of what is kept of the assistant's own doings: its log, and the sign of life it gives to others."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from core.settings_values import Section


class LogSection(Section):
    """The log's files, beside what goes to stderr: they rotate at `max_mb` MB, `keep` old ones are kept of each."""

    folder: Path | None = None
    max_mb: float = Field(10, gt=0)
    keep: int = Field(9, ge=1, le=1000)


def _address(value: SecretStr) -> SecretStr:
    """An address of a monitoring service is known to that service and us: who knows it can pretend we live."""
    found = urlsplit(value.get_secret_value())
    if value.get_secret_value() and (found.scheme not in ("http", "https") or not found.hostname):
        raise ValueError("an address begins with https:// and a host")
    return value


class HealthSection(Section):
    """Whom to tell that all is well: `ping_url` is called each minute while loop, database and delivery work."""

    ping_url: Annotated[SecretStr, AfterValidator(_address)] = SecretStr("")
