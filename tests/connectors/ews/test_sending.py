"""Letters of ours: sent once, and what became of them."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from aiohttp import web

from core.errors import AuthFailed, Rejected, Unavailable, Uncertain
from jobs.connectors.ews.client import Exchange
from tests.connectors.ews.conftest import LETTER, SEND, keys, mailbox
from tests.connectors.exchange import ExchangeServer, busy, cut, fault, hang, status


async def test_a_letter_is_sent_as_it_is_and_kept_among_the_sent(server: ExchangeServer, box: Exchange) -> None:
    await box.send(*SEND)
    assert server.delivered == [LETTER]
    assert [item.mime for item in server.sent.items.values()] == [LETTER]


async def test_recipients_outside_the_letters_head_are_refused(server: ExchangeServer, box: Exchange) -> None:
    with pytest.raises(Rejected):
        await box.send(LETTER, "ops@b.example", ["c@d.example", "e@d.example"])
    assert server.delivered == []


async def test_a_sender_the_mailbox_may_not_be_is_refused(box: Exchange) -> None:
    with pytest.raises(Rejected, match="does not send the letter: ErrorSendAsDenied: May not"):
        await box.send(LETTER.replace(b"ops@", b"boss@"), "boss@b.example", ["c@d.example"])


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (cut, Uncertain),
        (hang, Uncertain),
        (status(504), Uncertain),
        (status(200), Uncertain),
        (fault("ErrorInternalServerError"), Uncertain),
        (status(503), Unavailable),
        (busy(1000), Unavailable),
        (fault("ErrorMailboxStoreUnavailable"), Unavailable),
        (status(403), AuthFailed),
    ],
)
async def test_a_letter_that_may_have_been_sent_is_told_from_one_that_was_not(
    server: ExchangeServer, trouble: Any, kind: type[Exception]
) -> None:
    box = mailbox(server, timeout=0.5)
    server.fail("CreateItem", trouble)
    with pytest.raises(kind) as caught:
        await box.send(*SEND)
    assert isinstance(caught.value, Uncertain) == (kind is Uncertain)
    assert server.asked.count("CreateItem") == 1
    await box.close()


@pytest.mark.parametrize("trouble", [cut, hang, status(500)])
async def test_what_breaks_before_the_letter_left_is_no_doubt(server: ExchangeServer, trouble: Any) -> None:
    box = mailbox(server, timeout=0.5)
    server.fail("ConvertId", trouble)
    with pytest.raises(Unavailable):
        await box.send(*SEND)
    await box.close()


async def test_a_letter_is_sent_while_the_folder_is_being_listed(server: ExchangeServer) -> None:
    sent = asyncio.Event()

    async def slow(_: web.Request) -> None:
        await sent.wait()

    server.fail("SyncFolderItems", slow)
    box = mailbox(server)

    async def send() -> None:
        await box.send(*SEND)
        sent.set()

    both: list[Awaitable[Any]] = [keys(box), send()]
    async with asyncio.timeout(4):
        await asyncio.gather(*both)
    await box.close()
