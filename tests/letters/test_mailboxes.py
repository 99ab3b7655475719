"""From the configuration to a mailbox of each kind; a connector is loaded only where it is used."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.mailboxes import intake_of, open_mailbox, open_post
from core.clock import SystemClock
from core.settings import make
from core.settings_letters import MailboxSection

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = {"tenant_id": "t", "client_id": "c", "client_secret": "s", "address": "duty@vakhta.example"}
KINDS: dict[str, dict[str, Any]] = {
    "maildir": {"path": "mail"},
    "imap": {"kind": "imap", "host": "mail.example", "username": "duty", "password": "p", "folder": "Inbox/Contracts"},
    "ews": {"kind": "ews", "address": "duty@vakhta.example", "url": "https://mail.example/EWS/Exchange.asmx"},
    "graph": {"kind": "graph", **APPLICATION},
}


def section(tmp_path: Path, **keys: Any) -> MailboxSection:
    return make({"mailbox": {"contractor": keys}}, tmp_path).mailbox["contractor"]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_one_mailbox_that_says_which_without_secrets(kind: str, tmp_path: Path) -> None:
    box = open_mailbox(section(tmp_path, **KINDS[kind]), SystemClock())
    assert box.identity.startswith(kind)
    assert box.has_history is (kind != "maildir")
    await box.close()


@pytest.mark.parametrize("kind", ["imap", "ews"])
async def test_a_mailbox_is_signed_in_to_by_an_application_too(kind: str, tmp_path: Path) -> None:
    box = open_mailbox(section(tmp_path, **KINDS[kind] | APPLICATION | {"auth": "oauth"}), SystemClock())
    await box.close()


@pytest.mark.parametrize(
    ("kind", "more", "sends"),
    [
        ("maildir", {}, False),
        ("imap", {}, False),
        ("ews", {}, True),
        ("graph", {}, True),
        ("imap", {"address": "duty@vakhta.example", "smtp": {"host": "mail.example"}}, True),
    ],
)
async def test_letters_are_sent_by_the_mailbox_or_its_smtp_server(
    kind: str, more: dict[str, Any], sends: bool, tmp_path: Path
) -> None:
    found = section(tmp_path, **KINDS[kind] | more)
    box = open_mailbox(found, SystemClock())
    assert (open_post(found, box) is not None) is sends
    await box.close()


def test_the_first_look_and_the_trust_are_as_configured(tmp_path: Path) -> None:
    found = section(tmp_path, path="mail", lookback_minutes=30, check_every=5, apply="confirm", senders=["*@a"])
    intake = intake_of("contractor", found)
    assert (intake.name, intake.senders, intake.apply) == ("contractor", ("*@a",), "confirm")
    assert (intake.lookback, intake.check_every) == (timedelta(minutes=30), 5)


def test_no_connector_is_loaded_before_it_is_used() -> None:
    heavy = "exchangelib", "imap_tools", "msal", "jobs.connectors.maildir.client", "smtplib"
    code = f"import sys, bot.app; print([name for name in {heavy} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
