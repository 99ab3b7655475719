"""Mailboxes, how they send, and how long their secrets are good."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bot.findings import Finding
from core.clock import SystemClock
from core.errors import AuthFailed, Unavailable, VakhtaError
from core.settings_letters import MailboxSection, SmtpSection
from core.text import N_, Translator
from jobs.letters.mailbox import FolderMissing, Untrusted

MAILBOX_TIMEOUT: Final = 25.0
"""Seconds for signing in and listing; servers of mail think for a while."""
DAY: Final = timedelta(days=1)


async def mailbox(name: str, section: MailboxSection, t: Translator) -> Finding:
    """Whether it can be read."""
    check = t("mailbox {name}", name=name)
    try:
        seen = await look_into(section)
    except VakhtaError as error:
        remedy = t(remedy_of(error, section.kind, section.auth))
        return Finding(check, ok=False, found=t(error.message, **error.values), remedy=remedy)
    return Finding(check, ok=True, found=seen.identity.removeprefix("maildir:"))


@dataclass(frozen=True, slots=True)
class Seen:
    """Which folder of which mailbox was listed, and how many letters came in the last day."""

    identity: str
    letters: int


async def look_into(section: MailboxSection) -> Seen:
    """Sign in and list; reads no letter. Raises `AuthFailed`, `Unavailable` or `ConfigError`."""
    from bot.mailboxes import open_mailbox

    clock = SystemClock()
    box = open_mailbox(section, clock)
    try:
        async with asyncio.timeout(MAILBOX_TIMEOUT):
            return Seen(box.identity, len((await box.changes(None, clock.now() - DAY)).entries))
    except TimeoutError as error:
        raise Unavailable("The mailbox does not answer.") from error
    finally:
        with suppress(TimeoutError, VakhtaError):  # it was tried, which is what is told; the farewell adds nothing
            async with asyncio.timeout(1):
                await box.close()


def remedy_of(error: VakhtaError, kind: str, auth: str) -> str:
    """What to do when a mailbox of that kind cannot be read, in English."""
    if isinstance(error, FolderMissing):
        return N_("Write the folder as it is named there, with / between levels (folder).")
    if isinstance(error, Untrusted):
        return N_(
            "If the certificate is of your company's own authority, name the authority's file (ca_file, PEM). "
            "If not, something in between opens the connection."
        )
    if isinstance(error, AuthFailed) and (kind == "graph" or auth == "oauth"):
        return N_(
            "Check tenant, client and secret, and whether an administrator lets the application into this mailbox."
        )
    if isinstance(error, AuthFailed):
        return N_(
            "Check user name and password. Gmail, mail.ru and others want an app password from the account's page."
        )
    return _WHERE.get(kind, "")


_WHERE: Final = {
    "maildir": N_("Check the path and the share."),
    "imap": N_("Check the network, and the server's name, port and encryption (host, port, tls)."),
    "ews": N_("Check the network and the server's address (url or host)."),
    "graph": N_("Check the network of this machine; Microsoft 365 is asked through HTTPS_PROXY where that is set."),
}


async def smtp(name: str, section: SmtpSection, ca_file: Path | None, t: Translator) -> Finding:
    """Connects, encrypts and logs in as for a letter; sends none."""
    from bot.mailboxes import open_smtp

    check = t("SMTP of mailbox {name}", name=name)
    try:
        async with asyncio.timeout(MAILBOX_TIMEOUT):
            await open_smtp(section, ca_file).check()
    except TimeoutError:
        found = t("does not answer")
        remedy = t("Check the network and host, port and tls in mailbox.{name}.smtp.", name=name)
    except AuthFailed as error:
        found = t(error.message, **error.values)
        remedy = t("Check username and password in mailbox.{name}.smtp.", name=name)
    except VakhtaError as error:
        found = t(error.message, **error.values)
        remedy = t("Check the network and host, port and tls in mailbox.{name}.smtp.", name=name)
    else:
        logged_in = t("logs in as {name}", name=section.username) if section.username else t("takes letters unasked")
        return Finding(check, ok=True, found=f"{section.host}:{section.port}, {logged_in}")
    return Finding(check, ok=False, found=found, remedy=remedy)


def secret(name: str, expires: date, t: Translator) -> Finding:
    """How long the client secret is good, as the configuration says."""
    from jobs.letters.secrets import THRESHOLDS, days_left

    check, days = t("client secret of mailbox {name}", name=name), days_left(expires, SystemClock().now())
    remedy = t("Make a new one in Microsoft Entra; put it and its date into mailbox.{name}.", name=name)
    if days < 0:
        return Finding(check, ok=False, found=t("expired on {date}", date=expires), remedy=remedy)
    found = t.many("expires in {n} day, on {date}", "expires in {n} days, on {date}", days, date=expires)
    return Finding(check, ok=True, found=found, remedy=remedy if days <= max(THRESHOLDS) else "")
