"""The further steps: watched folders and mailboxes, each tried before it is saved."""

import asyncio
import os
import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.commands.common import say
from bot.mailboxes import open_mailbox
from bot.setup.console import Console
from bot.setup.draft import Draft
from core.clock import SystemClock
from core.errors import AuthFailed, ConfigError, Unavailable, UserError, VakhtaError
from core.settings_letters import MailboxSection

PATIENCE: Final = 30.0
"""Seconds for a mailbox to sign in and list."""
RECENT: Final = timedelta(minutes=5)
KINDS: Final = ("maildir", "imap", "ews", "graph")
_ASKED: Final = {
    "maildir": ("path",),
    "imap": ("host", "username", "password"),
    "ews": ("address", "username", "password"),
    "graph": ("address", "tenant_id", "client_id", "client_secret"),
}
_SECRETS: Final = ("password", "client_secret")


def add_watches(console: Console, draft: Draft, now: datetime) -> None:
    """Ask for folders until an empty answer."""
    t = console.t
    while True:
        known = draft.values().get("watch", {})
        if known:
            say(t("Watched: {names}", names=", ".join(known)))
        path = console.ask(t("A folder whose changes are told (empty: no more)"), "")
        if not path:
            return
        try:
            folder = readable(Path(path).expanduser())
            name = console.valid(t("A name for it"), lambda text: _free(text, known), _name_of(folder.name, known))  # noqa: B023  asked at once
            draft.save(f"watch.{name}", {"path": str(folder)}, {}, now)
        except VakhtaError as error:
            console.tell(error)
        else:
            say(t("✓ {path} can be read.", path=folder))


def readable(path: Path) -> Path:
    """The folder, made absolute, when this account can list it. Raises `UserError`."""
    try:
        with os.scandir(path) as entries:
            next(entries, None)
    except OSError as error:
        raise UserError("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error) from error
    return path.absolute()


def add_mailboxes(console: Console, draft: Draft, now: datetime) -> None:
    """Ask for mailboxes until an empty answer."""
    t = console.t
    while True:
        known = draft.values().get("mailbox", {})
        if known:
            say(t("Mailboxes: {names}", names=", ".join(known)))
        say(t("maildir: a folder of letters · imap · ews: Exchange · graph: Microsoft 365"))
        kind = console.ask(t("The kind of a mailbox with contractors' letters (empty: no more)"), "").lower()
        if not kind:
            return
        try:
            _add_mailbox(console, draft, _kind(kind), known, now)
        except VakhtaError as error:
            console.tell(error)


def _add_mailbox(console: Console, draft: Draft, kind: str, known: Collection[str], now: datetime) -> None:
    t = console.t
    name = console.valid(t("A name for it"), lambda text: _free(text, known), _name_of("contractor", known))
    given = {field: console.ask(_question(console, field), hidden=field in _SECRETS) for field in _ASKED[kind]}
    senders = console.ask(t("Whose letters may change requests, like *@contractor.example (empty: anybody's)"), "")
    values: dict[str, Any] = {"kind": kind, "apply": "confirm", **given}
    if senders:
        values["senders"] = re.split(r"[\s,;]+", senders)
    section = draft.settings({"mailbox": {name: values}}).mailbox[name]
    asyncio.run(try_mailbox(section))
    secrets = {str(field): str(values.pop(field)) for field in _SECRETS if field in values}
    draft.save(f"mailbox.{name}", values, secrets, now)
    say(t('✓ The mailbox can be read. What its letters would change waits for a person\'s yes (apply = "confirm").'))


async def try_mailbox(section: MailboxSection) -> None:
    """Sign in and list; reads no letter. Raises `AuthFailed`, `Unavailable` or `ConfigError`."""
    clock = SystemClock()
    box = open_mailbox(section, clock)
    try:
        async with asyncio.timeout(PATIENCE):
            await box.changes(None, clock.now() - RECENT)
    except TimeoutError as error:
        raise Unavailable("The mailbox does not answer.") from error
    finally:
        with suppress(TimeoutError, AuthFailed, Unavailable):
            async with asyncio.timeout(1):
                await box.close()


def _question(console: Console, field: str) -> str:
    t = console.t
    return {
        "path": t("Its folder"),
        "host": t("Mail server"),
        "address": t("Its e-mail address"),
        "username": t("User name"),
        "password": t("Password (not shown)"),
        "tenant_id": t("Tenant id (Microsoft Entra)"),
        "client_id": t("Client id (Microsoft Entra)"),
        "client_secret": t("Client secret (not shown)"),
    }[field]


def _kind(text: str) -> str:
    if text not in KINDS:
        raise UserError("There is no kind {kind}. Kinds are: {kinds}.", kind=text, kinds=", ".join(KINDS))
    return text


def _free(name: str, known: Collection[str]) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise ConfigError("A name is made of small latin letters, digits and _.")
    if name in known:
        raise ConfigError("There is one of that name already.")
    return name


def _name_of(text: str, known: Collection[str]) -> str:
    """A free name like that one."""
    base = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    base = base if base[:1].isalpha() else "documents"
    return next(name for name in (base, *(f"{base}_{n}" for n in range(2, 99))) if name not in known)
