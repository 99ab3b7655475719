"""The configured mailboxes, each made by the connector of its kind; a connector is imported only when it is used."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import Clock
from core.settings_letters import MailboxSection, SmtpSection
from jobs.letters.job import Intake
from jobs.letters.mailbox import Mailbox
from jobs.letters.post import Post

if TYPE_CHECKING:
    from jobs.connectors.smtp.client import SmtpPost

OUTLOOK_SCOPE = "https://outlook.office365.com/.default"
"""What an application asks for to read a mailbox of Microsoft 365 by IMAP."""


def open_mailbox(section: MailboxSection, clock: Clock) -> Mailbox:
    """The mailbox of that section, not yet connected. Raises `ConfigError` for an address without TLS."""
    if section.kind == "imap":
        return _imap(section)
    if section.kind == "ews":
        return _ews(section, clock)
    if section.kind == "graph":
        return _graph(section, clock)
    from jobs.connectors.maildir.client import Maildir

    return Maildir(section.path or Path())  # settings know no maildir without a path


def open_post(section: MailboxSection, mailbox: Mailbox) -> Post | None:
    """Who sends for that mailbox: its SMTP server, else the mailbox itself; None where it sends nothing."""
    if not section.sends:
        return None
    if section.smtp is None:
        return mailbox if isinstance(mailbox, Post) else None
    return open_smtp(section.smtp, section.ca_file)


def open_smtp(section: SmtpSection, ca_file: Path | None) -> "SmtpPost":
    """The SMTP server of that section, not yet connected."""
    from jobs.connectors.smtp.client import SmtpPost, SmtpServer

    password = section.password.get_secret_value()
    return SmtpPost(SmtpServer(section.host, section.port, section.tls, section.username, password, ca_file))


def intake_of(name: str, section: MailboxSection) -> Intake:
    """How that mailbox is looked through."""
    return Intake(
        name,
        section.senders,
        apply=section.apply,
        check_every=section.check_every,
        lookback=timedelta(minutes=section.lookback_minutes),
    )


def _imap(section: MailboxSection) -> Mailbox:
    from jobs.connectors.imap.account import ImapAccount
    from jobs.connectors.imap.client import Imap
    from jobs.letters.oauth import ClientCredentials

    token = None
    if section.auth == "oauth":
        token = ClientCredentials(
            section.authority,
            section.tenant_id,
            section.client_id,
            section.client_secret.get_secret_value(),
            OUTLOOK_SCOPE,
            section.ca_file or True,
        ).token
    return Imap(
        ImapAccount(
            section.host,
            section.username,
            section.password.get_secret_value(),
            token,
            port=section.port,
            tls=section.tls,
            ca_file=section.ca_file,
            folder=section.folder,
            max_messages=section.max_messages,
        )
    )


def _ews(section: MailboxSection, clock: Clock) -> Mailbox:
    from jobs.connectors.ews.client import Exchange
    from jobs.connectors.ews.options import Options

    return Exchange(
        Options(
            section.address,
            url=section.url,
            host=section.host,
            auth=section.auth,
            username=section.username,
            password=section.password.get_secret_value(),
            tenant_id=section.tenant_id,
            client_id=section.client_id,
            client_secret=section.client_secret.get_secret_value(),
            authority=section.authority,
            folder=section.folder,
            max_messages=section.max_messages,
            ca_file=section.ca_file,
        ),
        clock=clock,
    )


def _graph(section: MailboxSection, clock: Clock) -> Mailbox:
    from jobs.connectors.graph.client import GraphMailbox, GraphOptions

    return GraphMailbox(
        GraphOptions(
            section.address,
            section.tenant_id,
            section.client_id,
            section.client_secret.get_secret_value(),
            authority=section.authority,
            url=section.url,
            folder=section.folder,
            max_messages=section.max_messages,
            ca_file=section.ca_file,
        ),
        clock,
    )
