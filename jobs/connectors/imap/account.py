"""What the IMAP connector must be told: the server, who asks, which folder, and the bounds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from jobs.connectors.imap.mapping import folder_parts

LARGEST: Final = 25 * 1024 * 1024
"""Bytes of the largest letter that is read."""
_PORTS: Final = {"tls": 993, "starttls": 143, "none": 143}


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """One folder of one account. With `token` the account logs in by XOAUTH2, else by `password`."""

    host: str
    username: str
    password: str = field(default="", repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)
    """Gives a valid access token; blocking, called in a thread at each connection. May raise `AuthFailed`,
    `Unavailable`."""
    port: int = 0
    """0: the usual port of that kind of `tls`."""
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: Path | None = None
    """Certificates (PEM) trusted beside the system's."""
    folder: str = "INBOX"
    """A path with `/` between levels, whatever the server puts there, or the folder's name as the server writes it."""
    max_messages: int = 1000
    """How many letters the first look lists, the newest of them."""
    timeout: float = 30.0
    """Seconds without a byte from the server after which it counts as away."""
    largest: int = LARGEST

    @property
    def effective_port(self) -> int:
        """The port that is connected to."""
        return self.port or _PORTS[self.tls]

    @property
    def identity(self) -> str:
        """`imap://user@host:port/folder`, without the password."""
        folder = "/".join(folder_parts(self.folder, "/"))
        return f"imap://{quote(self.username, safe='')}@{self.host.lower()}:{self.effective_port}/{folder}"
