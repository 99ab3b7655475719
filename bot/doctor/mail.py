"""Mailboxes, how they send, and how long their secrets are good."""

import asyncio
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bot.findings import Finding
from core.clock import SystemClock
from core.errors import AuthFailed, VakhtaError
from core.settings_letters import MailboxSection, SmtpSection
from core.text import Translator

MAILBOX_TIMEOUT: Final = 25.0
"""Seconds for signing in and listing; servers of mail think for a while."""
JUST_NOW: Final = timedelta(minutes=5)


async def mailbox(name: str, section: MailboxSection, t: Translator) -> Finding:
    """Connects, and lists what came in the last minutes; reads no letter."""
    from bot.mailboxes import open_mailbox

    check, clock = t("mailbox {name}", name=name), SystemClock()
    try:
        box = open_mailbox(section, clock)
        try:
            async with asyncio.timeout(MAILBOX_TIMEOUT):
                await box.changes(None, clock.now() - JUST_NOW)
        finally:
            with suppress(TimeoutError, VakhtaError):
                async with asyncio.timeout(1):
                    await box.close()
    except TimeoutError:
        found, remedy = (
            t("does not answer"),
            t("Check the network and the server's address in mailbox.{name}.", name=name),
        )
    except AuthFailed as error:
        found = t(error.message, **error.values)
        remedy = t("Check who logs in, the secret and the rights in mailbox.{name}.", name=name)
    except VakhtaError as error:
        found = t(error.message, **error.values)
        if section.kind == "maildir":
            remedy = t("Check the path and the share.")
        else:
            remedy = t("Check the network, the server's address and the folder in mailbox.{name}.", name=name)
    else:
        return Finding(check, ok=True, found=box.identity.removeprefix("maildir:"))
    return Finding(check, ok=False, found=found, remedy=remedy)


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
