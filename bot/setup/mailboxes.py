"""Mailboxes by question and answer: each is signed in to and listed before it is saved.

What fails is told with its remedy, and only what may be wrong is asked again, with the answers from before offered.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from bot.commands.common import say
from bot.doctor.mail import look_into, remedy_of
from bot.setup.console import Console
from bot.setup.draft import Draft
from bot.setup.names import ask_name
from core.errors import AuthFailed, ConfigError, UserError, VakhtaError
from jobs.letters.mailbox import FolderMissing, Untrusted

KINDS: Final = ("maildir", "imap", "ews", "graph")
_SECRETS: Final = ("password", "client_secret")
_RESERVED: Final = ("chat",)
"""Where words come from that people write to the assistant itself (`core.settings`)."""
_HERE: Final = ("127.0.0.1", "::1", "localhost")
_AUTHORITY: Final = "https://login.microsoftonline.com"
_GRAPH: Final = "https://graph.microsoft.com/v1.0"
_PORTS: Final = {"tls": "993", "starttls": "143", "none": "143"}


@dataclass(slots=True)
class Answers:
    """What was answered about one mailbox, by setting; asked again, it is what is offered."""

    kind: str
    name: str
    values: dict[str, Any] = field(default_factory=dict)

    def section(self) -> dict[str, Any]:
        """What stands below `[mailbox.NAME]`, with the secrets."""
        return {"kind": self.kind, "apply": "confirm", **self.values}

    def ask(
        self, console: Console, name: str, question: str, default: str | None = None, check: "Check | None" = None
    ) -> Any:
        """Ask for a setting; an empty answer to what may be left out leaves it out."""
        known = self.values.get(name)
        offer = default if known is None else str(known)
        answer = console.valid(question, check, offer) if check else console.ask(question, offer)
        self._keep(name, answer)
        return answer

    def ask_secret(self, console: Console, name: str, question: str) -> None:
        """Ask for a secret, unseen; it is never offered again."""
        self._keep(name, console.ask(question, hidden=True))

    def leave_out(self, *settings: str) -> None:
        """Forget what was answered."""
        for name in settings:
            self.values.pop(name, None)

    def _keep(self, name: str, answer: Any) -> None:
        self.leave_out(name)
        if answer != "":
            self.values[name] = answer


Check: TypeAlias = Callable[[str], Any]
Part: TypeAlias = Callable[[Console, Answers], None]
"""Questions that belong together, because the same fault calls them into question."""


def add_mailboxes(console: Console, draft: Draft, now: datetime) -> None:
    """Ask for mailboxes until an empty answer."""
    t = console.t
    while True:
        known = draft.values().get("mailbox", {})
        if known:
            say(t("Mailboxes: {names}", names=", ".join(known)))
        say(t("maildir: a folder of letters · imap: most servers · ews: Exchange · graph: Microsoft 365"))
        kind = console.valid(t("The kind of a mailbox with contractors' letters (empty: no more)"), _kind, "")
        if not kind:
            return
        answers = Answers(kind, ask_name(console, "contractor", {*known, *_RESERVED}))
        for part in _PARTS[kind]:
            part(console, answers)
        if _can_be_read(console, draft, answers):
            _save(console, draft, answers, now)


def _can_be_read(console: Console, draft: Draft, answers: Answers) -> bool:
    """Try until it can (True), or until it is left out (False)."""
    t = console.t
    while True:
        say(t("Trying…"))
        try:
            section = draft.settings({"mailbox": {answers.name: answers.section()}}).mailbox[answers.name]
            letters = asyncio.run(look_into(section)).letters
        except VakhtaError as error:
            console.tell(error, remedy_of(error, answers.kind, answers.values.get("auth", "")))
            if not console.agrees(t("Try again? No leaves this mailbox out."), default=True):
                return False
            for part in _in_question(error, answers.kind):
                part(console, answers)
        else:
            say(t("✓ The mailbox can be read. Letters since yesterday: {n}.", n=letters))
            return True


def _save(console: Console, draft: Draft, answers: Answers, now: datetime) -> None:
    t = console.t
    senders = console.ask(t("Whose letters may change requests, like *@contractor.example (empty: anybody's)"), "")
    values = answers.section()
    if senders:
        values["senders"] = [each for each in re.split(r"[\s,;]+", senders) if each]
    secrets = {str(name): str(values.pop(name)) for name in _SECRETS if name in values}
    try:
        draft.save(f"mailbox.{answers.name}", values, secrets, now)
    except ConfigError as error:
        console.tell(error)
    else:
        say(t('✓ Saved. What its letters would change waits for a person\'s yes (apply = "confirm").'))


def _in_question(error: VakhtaError, kind: str) -> tuple[Part, ...]:
    """What is asked again after that fault."""
    if isinstance(error, FolderMissing):
        return (_folder,)
    if isinstance(error, Untrusted):
        return (_authority,)
    if isinstance(error, AuthFailed):
        return _WHO[kind]
    return _WHERE[kind]


# --- the questions


def _path(console: Console, answers: Answers) -> None:
    answers.ask(console, "path", console.t("Its folder"), check=lambda text: str(Path(text).expanduser().absolute()))


def _imap_server(console: Console, answers: Answers) -> None:
    t = console.t
    host = answers.ask(console, "host", t("Mail server"), check=_host)
    tls = answers.ask(
        console, "tls", t("Encryption: tls, starttls or none"), "tls", lambda text: _one_of(text, tuple(_PORTS))
    )
    if tls == "none" and host not in _HERE:
        say(t("Without encryption, everybody on the way reads letters and password."))
    if answers.values.get("port") in (None, *map(int, _PORTS.values())):
        answers.leave_out("port")
    answers.ask(console, "port", t("Port"), _PORTS[tls], _port)


def _exchange_server(console: Console, answers: Answers) -> None:
    t = console.t
    known = answers.values.get("url") or answers.values.get("host") or ""
    question = t("Server, like mail.company.example or https://…/EWS/Exchange.asmx (empty: found by the address)")
    said = console.valid(question, _place, known)
    answers.leave_out("url", "host")
    if said:
        answers.values["url" if "://" in said else "host"] = said
    if said.startswith("http://") and urlsplit(said).hostname not in _HERE:
        say(t("Without encryption, everybody on the way reads letters and password."))


def _address(console: Console, answers: Answers) -> None:
    answers.ask(console, "address", console.t("Its e-mail address"), check=_mail_address)


def _imap_login(console: Console, answers: Answers) -> None:
    t = console.t
    answers.ask(console, "username", t("User name"), answers.values.get("address"))
    say(t("password · oauth: an application in Microsoft Entra (XOAUTH2)"))
    auth = answers.ask(
        console, "auth", t("How to sign in"), "password", lambda text: _one_of(text, ("password", "oauth"))
    )
    _credentials(console, answers, auth)


def _exchange_login(console: Console, answers: Answers) -> None:
    t = console.t
    say(t("password: NTLM or Basic, as the server offers · ntlm · basic · oauth: an application in Microsoft Entra"))
    ways = ("password", "ntlm", "basic", "oauth")
    auth = answers.ask(console, "auth", t("How to sign in"), "password", lambda text: _one_of(text, ways))
    if auth == "oauth":
        answers.leave_out("username")
    else:
        answers.ask(console, "username", t("User name"), answers.values.get("address"))
    _credentials(console, answers, auth)


def _credentials(console: Console, answers: Answers, auth: str) -> None:
    if auth == "oauth":
        answers.leave_out("password")
        _sign_in_service(console, answers)
        _application(console, answers)
    else:
        answers.leave_out("authority", "tenant_id", "client_id", "client_secret", "client_secret_expires")
        answers.ask_secret(console, "password", console.t("Password (not shown)"))


def _application(console: Console, answers: Answers) -> None:
    t = console.t
    answers.ask(console, "tenant_id", t("Directory (tenant) ID in Microsoft Entra"))
    answers.ask(console, "client_id", t("Application (client) ID"))
    answers.ask_secret(console, "client_secret", t("Client secret, its value (not shown)"))
    answers.ask(
        console, "client_secret_expires", t("When the secret ends, like 2027-11-20 (empty: not known)"), "", _date
    )


def _sign_in_service(console: Console, answers: Answers) -> None:
    question = console.t("Sign-in service; national clouds have their own")
    if answers.ask(console, "authority", question, _AUTHORITY, _https) == _AUTHORITY:
        answers.leave_out("authority")


def _graph_service(console: Console, answers: Answers) -> None:
    _sign_in_service(console, answers)
    if answers.ask(console, "url", console.t("Address of Microsoft Graph; likewise"), _GRAPH, _https) == _GRAPH:
        answers.leave_out("url")


def _folder(console: Console, answers: Answers) -> None:
    answers.ask(console, "folder", console.t("Folder, with / between levels"), "Inbox")


def _authority(console: Console, answers: Answers) -> None:
    question = console.t("The file of your authority's certificates (PEM; empty: none)")
    answers.ask(console, "ca_file", question, "", _certificates)


_WHERE: Final[dict[str, tuple[Part, ...]]] = {
    "maildir": (_path,),
    "imap": (_imap_server,),
    "ews": (_address, _exchange_server),
    "graph": (_graph_service,),
}
_WHO: Final[dict[str, tuple[Part, ...]]] = {
    "maildir": (_path,),
    "imap": (_imap_login,),
    "ews": (_address, _exchange_login),
    "graph": (_address, _application),
}
_PARTS: Final[dict[str, tuple[Part, ...]]] = {
    "maildir": (_path,),
    "imap": (_imap_server, _imap_login, _folder),
    "ews": (_address, _exchange_server, _exchange_login, _folder),
    "graph": (_address, _graph_service, _application, _folder),
}


# --- what an answer may be


def _kind(text: str) -> str:
    return _one_of(text, KINDS) if text else ""


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text.lower() not in known:
        raise UserError("{answer} is none of these: {known}.", answer=text, known=", ".join(known))
    return text.lower()


def _host(text: str) -> str:
    if not re.fullmatch(r"[^\s/@:]+|\[?[0-9a-fA-F:]+\]?", text):
        raise UserError("The server's name only, like mail.company.example; the port is asked next.")
    return text.strip("[]")


def _place(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^/\s]+\S*|[^\s/@]+", text):
        raise UserError("A name like mail.company.example or an address that begins with https:// is expected.")
    return text


def _https(text: str) -> str:
    if not re.fullmatch(r"https://[^/\s]+\S*", text):
        raise UserError("The address {url} must begin with https://.", url=text)
    return text.rstrip("/")


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise UserError("A port is a number from 1 to 65535.")
    return int(text)


def _mail_address(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise UserError("{text} is no e-mail address.", text=text)
    return text


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise UserError("A day is written like 2027-11-20.") from None


def _certificates(text: str) -> str:
    if not text:
        return ""
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise UserError("{path} is not there.", path=path)
    return str(path)
