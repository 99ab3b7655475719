"""Letters as they are; what cannot be had does not hide the others."""

from typing import Any

import pytest

from core.errors import Rejected, Unavailable
from jobs.connectors.ews.client import Exchange
from jobs.connectors.ews.options import Busy
from jobs.letters.mailbox import RawLetter, Unreadable
from tests.connectors.ews.conftest import at, mailbox
from tests.connectors.exchange import ExchangeServer


async def test_letters_are_read_as_they_are_in_the_order_asked_and_without_those_gone(
    server: ExchangeServer, box: Exchange
) -> None:
    first, gone = server.put(server.inbox, at(1), b"A: \xff\r\n\r\n"), server.put(server.inbox, at(2))
    meeting = server.put(server.inbox, at(3), b"B: 2\r\n\r\n", tag="MeetingRequest")
    server.remove(server.inbox, gone)
    assert await box.read([meeting.key, gone.key, first.key]) == [
        RawLetter(meeting.key, b"B: 2\r\n\r\n", at(3)),
        RawLetter(first.key, b"A: \xff\r\n\r\n", at(1)),
    ]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"tag": "Contact"}, Rejected),
        ({"mime": None}, Rejected),
        ({"size": 26 * 1024 * 1024}, Rejected),
        ({"fault": "ErrorMimeContentConversionFailed"}, Rejected),
        ({"fault": "ErrorInternalServerError"}, Unavailable),
    ],
)
async def test_what_cannot_be_had_does_not_hide_the_others(
    server: ExchangeServer, box: Exchange, more: dict[str, Any], kind: type[Exception]
) -> None:
    before, odd, after = (
        server.put(server.inbox, at(1)),
        server.put(server.inbox, at(2), **more),
        server.put(server.inbox, at(3)),
    )
    found = await box.read([before.key, odd.key, after.key])
    assert [item.key for item in found] == [before.key, odd.key, after.key]
    assert isinstance(found[1], Unreadable)
    assert isinstance(found[1].error, kind)


async def test_a_letter_that_proves_too_large_is_rejected(server: ExchangeServer) -> None:
    letter = server.put(server.inbox, at(1), b"x" * 2000, size=10)
    box = mailbox(server, largest=1000)
    (found,) = await box.read([letter.key])
    assert isinstance(found, Unreadable)
    await box.close()


async def test_letters_come_in_answers_of_bounded_size(server: ExchangeServer, box: Exchange) -> None:
    large = [server.put(server.inbox, at(minute), size=5 * 1024 * 1024) for minute in range(3)]
    assert len(await box.read([item.key for item in large])) == 3
    assert server.asked.count("GetItem") == 4  # their sizes, then one by one


async def test_letters_come_in_answers_of_bounded_number(server: ExchangeServer, box: Exchange) -> None:
    many = [server.put(server.inbox, at(minute)).key for minute in range(120)]
    assert [item.key for item in await box.read(many)] == many
    assert server.asked.count("GetItem") == 5


async def test_a_server_too_busy_for_a_letter_gives_none(server: ExchangeServer, box: Exchange) -> None:
    letter = server.put(server.inbox, at(1), fault="ErrorServerBusy")
    with pytest.raises(Busy):
        await box.read([letter.key])
