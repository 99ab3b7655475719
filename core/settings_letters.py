"""The sections of mailboxes and of reading their letters."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from core.settings_values import Language, List, Section


class SmtpSection(Section):
    """Where letters are sent through when the mailbox itself cannot send, or shall not."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")


_NEEDED: Final = {
    "maildir": ("path",),
    "imap": ("host", "username"),
    "ews": ("address",),
    "graph": ("address", "tenant_id", "client_id", "client_secret"),
}
"""What each kind of mailbox cannot do without."""


class MailboxSection(Section):
    """A mailbox whose letters are read. `check_every` in seconds; `senders` are patterns of addresses.

    `lookback_minutes` and `max_messages` bound the first look of a mailbox on a server. `apply = "confirm"`: each
    reading waits for a person's yes.
    """

    kind: Literal["maildir", "imap", "ews", "graph"] = "maildir"
    path: Path | None = None
    senders: Annotated[tuple[str, ...], List] = ()
    check_every: float = Field(60.0, gt=0)
    apply: Literal["auto", "confirm"] = "auto"
    lookback_minutes: float = Field(1440, gt=0)
    max_messages: int = Field(1000, ge=1)
    folder: str = "Inbox"
    address: str = Field("", pattern=r"^$|^[^@\s]+@[^@\s]+$")
    host: str = ""
    port: int = Field(0, ge=0, le=65535)
    tls: Literal["tls", "starttls", "none"] = "tls"
    url: str = Field("", pattern=r"^$|^https?://[^/\s]+")
    auth: Literal["password", "basic", "ntlm", "oauth"] = "password"
    username: str = ""
    password: SecretStr = SecretStr("")
    tenant_id: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    client_secret_expires: date | None = None
    authority: str = Field("https://login.microsoftonline.com", pattern=r"^https?://[^/\s]+")
    ca_file: Path | None = None
    smtp: SmtpSection | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        needed = (*_NEEDED[self.kind], *(("tenant_id", "client_id", "client_secret") if self.auth == "oauth" else ()))
        missing = [name for name in dict.fromkeys(needed) if not _filled(getattr(self, name))]
        if missing:
            raise PydanticCustomError("needs", "needs {names}", {"kind": self.kind, "names": ", ".join(missing)})
        if self.smtp and not self.sender:
            raise PydanticCustomError("needs", "needs {names}", {"kind": self.kind, "names": "address"})
        return self

    @property
    def sender(self) -> str:
        """The address its letters are sent from; '' when it has none."""
        known = (self.address, self.username, self.smtp.username if self.smtp else "")
        return next((each for each in known if re.fullmatch(r"[^@\s]+@[^@\s]+", each)), "")

    @property
    def sends(self) -> bool:
        """Whether letters can be sent from it."""
        return bool(self.sender) and (self.smtp is not None or self.kind in ("ews", "graph"))


def _filled(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


class LettersSection(Section):
    """How letters are read, beside what the reader knows by itself, and what is kept of them.

    `number_pattern`: a regular expression of request numbers. `words`: by status and language, further phrases.
    """

    number_pattern: str = ""
    words: dict[str, dict[Language, Annotated[tuple[str, ...], List]]] = Field(default_factory=dict)
    remind_after_minutes: float = Field(60, gt=0)
    attachment_types: Annotated[tuple[str, ...], List] = (
        "image/*",
        "application/pdf",
        "text/plain",
        "text/csv",
        "*.docx",
        "*.xlsx",
        "*.doc",
        "*.xls",
        "*.odt",
        "*.ods",
    )
    attachment_max_mb: float = Field(10, gt=0, le=50)
