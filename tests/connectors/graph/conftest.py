"""A mailbox of Microsoft 365 in miniature, and one look at it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from jobs.connectors.graph.client import GraphMailbox, GraphOptions
from jobs.letters.mailbox import Changes
from tests.conftest import NOON, ManualClock
from tests.connectors.microsoft import ADDRESS, CLIENT, SECRET, TENANT, Microsoft, make_certificates

SINCE = NOON - timedelta(days=1)
MAIL = b"From: a@contractor.example\r\nSubject: x\r\n\r\n\xffy"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def microsoft(certificates: tuple[Path, Path], clock: ManualClock) -> AsyncIterator[Microsoft]:
    async with Microsoft(certificates, clock) as server:
        yield server


@pytest.fixture
def options(microsoft: Microsoft) -> GraphOptions:
    return GraphOptions(
        ADDRESS, TENANT, CLIENT, SECRET, microsoft.origin, microsoft.url, ca_file=microsoft.ca_file, timeout=5
    )


@pytest.fixture
async def box(options: GraphOptions, clock: ManualClock) -> AsyncIterator[GraphMailbox]:
    mailbox = GraphMailbox(options, clock)
    yield mailbox
    await mailbox.close()


async def look(options: GraphOptions, clock: ManualClock, cursor: str | None = None) -> Changes:
    """One look with a mailbox of its own."""
    mailbox = GraphMailbox(options, clock)
    try:
        return await mailbox.changes(cursor, SINCE)
    finally:
        await mailbox.close()


def keys(changes: Changes) -> list[str]:
    return [entry.key for entry in changes.entries]


def letter(to: str = "a@contractor.example", text: str = "Добрий день") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ADDRESS, to, "Заявка 101"
    message["Message-ID"], message["In-Reply-To"] = "<1@company.example>", "<9@contractor.example>"
    message.set_content(text)
    return message.as_bytes()
