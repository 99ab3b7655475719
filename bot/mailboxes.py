"""The configured mailboxes, each made by the connector of its kind; a connector is imported only when it is used."""

from datetime import timedelta

from core.errors import ConfigError
from core.settings import MailboxSection
from jobs.letters.job import Intake
from jobs.letters.mailbox import Mailbox


def open_mailbox(name: str, section: MailboxSection) -> Mailbox:
    """The mailbox of that section, not yet connected. Raises `ConfigError` for a kind that is not there."""
    if section.kind == "maildir" and section.path is not None:
        from jobs.connectors.maildir.client import Maildir

        return Maildir(section.path)
    raise ConfigError("mailbox.{name}: this kind of mailbox cannot be read yet.", name=name)


def intake_of(name: str, section: MailboxSection) -> Intake:
    """How that mailbox is looked through."""
    return Intake(
        name, section.senders, check_every=section.check_every, lookback=timedelta(minutes=section.lookback_minutes)
    )
