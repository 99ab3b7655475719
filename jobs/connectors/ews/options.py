"""What is asked of an Exchange mailbox, and what of an answer outlives the exchange library. Imports nothing heavy."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from core.errors import Unavailable
from core.text import N_

LARGEST: Final = 25 * 1024 * 1024
"""Bytes of the largest letter that is read."""
_ONLINE: Final = "outlook.office365.com"
"""Where the mailboxes of Microsoft 365 are, unless a national cloud is named by `host` or `url`."""


@dataclass(frozen=True, slots=True)
class Options:
    """A folder of a mailbox, where its server is, and how to sign in.

    `url` is the EWS endpoint; else `host` (with a port where it is not 443) names the server; with neither the server
    is found by autodiscover (Microsoft 365 with `oauth`). `auth` "password": NTLM or Basic, as the server offers.
    `timeout` is in seconds, for one answer. `ca_file` is trusted beside the system's authorities.
    """

    address: str
    url: str = ""
    host: str = ""
    auth: Literal["password", "basic", "ntlm", "oauth"] = "password"
    username: str = ""
    password: str = field(default="", repr=False)
    tenant_id: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    authority: str = "https://login.microsoftonline.com"
    folder: str = "Inbox"
    max_messages: int = 1000
    ca_file: Path | None = None
    timeout: float = 60.0
    largest: int = LARGEST

    @property
    def endpoint(self) -> str:
        """The address of the web service; empty where autodiscover has to find it."""
        host = self.host or (_ONLINE if self.auth == "oauth" else "")
        return self.url or (f"https://{host}/EWS/Exchange.asmx" if host else "")

    @property
    def server(self) -> str:
        """Who is spoken of in errors: the server's name, or the domain of the mailbox where it must be found yet."""
        return urlsplit(self.endpoint).netloc.rpartition("@")[2].lower() or self.address.rpartition("@")[2].lower()

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the folders on the way."""
        return tuple(step.strip() for step in self.folder.split("/") if step.strip()) or ("Inbox",)

    @property
    def identity(self) -> str:
        """Which folder of which mailbox of which server."""
        first, *others = self.steps
        inbox = "Inbox" if first.casefold() == "inbox" else first
        return f"ews:{self.server}/{self.address.lower()}/{'/'.join((inbox, *others))}"


class Busy(Unavailable):
    """The server asks not to be asked again for `seconds`."""

    def __init__(self, server: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(N_("{server} is busy and asks to wait {seconds} s."), server=server, seconds=round(seconds))
