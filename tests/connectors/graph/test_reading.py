"""Letters as bytes; what cannot be had; how fast the server may be asked."""

import asyncio
import gzip
import re
from urllib.parse import quote

import pytest
from aiohttp import web

from core.errors import Rejected, Unavailable
from jobs.connectors.graph import client
from jobs.connectors.graph.client import GraphMailbox, GraphOptions
from jobs.letters.mailbox import RawLetter, Unreadable
from jobs.letters.thinning import FETCHED
from tests.conftest import NOON, ManualClock
from tests.connectors.graph.conftest import MAIL, SINCE, keys, letter
from tests.connectors.microsoft import ADDRESS, Microsoft, fault


async def test_a_letter_is_its_bytes_and_its_time(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock, box: GraphMailbox
) -> None:
    key = microsoft.add(MAIL, NOON)
    await box.changes(None, SINCE)
    expected = [RawLetter(key, MAIL, NOON)]
    assert await box.read([key]) == expected
    later = GraphMailbox(options, clock)  # one that has not listed it
    assert await later.read([key]) == expected
    await later.close()


async def test_letters_that_are_gone_are_left_out(microsoft: Microsoft, box: GraphMailbox) -> None:
    first, gone, last = (microsoft.add(MAIL, NOON) for _ in range(3))
    microsoft.remove(gone)
    microsoft.accident("another", fault(400, "ErrorInvalidIdMalformed", "Id is malformed."))
    found = await box.read([last, gone, first, "AAMk of another kind"])
    assert [each.key for each in found] == [last, first]


async def test_a_letter_that_is_too_large_is_put_aside(microsoft: Microsoft, box: GraphMailbox) -> None:
    large, small = microsoft.add(MAIL, NOON), microsoft.add(MAIL, NOON)
    microsoft.accident(re.escape(quote(large)), f"half of {FETCHED + 1}")  # it is not even fetched
    found = await box.read([large, small])
    assert isinstance(found[0], Unreadable)
    assert isinstance(found[0].error, Rejected)
    assert str(found[0].error) == "It has 200 MB, too much to be read here. Open it in the mailbox."
    assert isinstance(found[1], RawLetter)


async def test_a_letter_that_unpacks_to_too_much_is_put_aside(microsoft: Microsoft, box: GraphMailbox) -> None:
    packed = gzip.compress(bytes(client.LARGEST + 1))
    microsoft.accident("value", web.Response(body=packed, headers={"Content-Encoding": "gzip"}))
    found = await box.read([microsoft.add(MAIL, NOON)])
    assert isinstance(found[0], Unreadable)
    assert isinstance(found[0].error, Rejected)


async def test_half_a_letter_is_none(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.accident("value", "half of 1000")
    with pytest.raises(Unavailable, match="localhost cannot be reached"):
        await box.read([microsoft.add(MAIL, NOON)])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(fault(500, "ErrorInternalServerError"), Unavailable), (fault(500, "ErrorMimeContentConversionFailed"), Rejected)],
)
async def test_a_letter_that_exchange_cannot_show_does_not_hold_up_the_others(
    microsoft: Microsoft, box: GraphMailbox, answer: web.Response, kind: type[Exception]
) -> None:
    bad, good = microsoft.add(MAIL, NOON), microsoft.add(MAIL, NOON)
    microsoft.accident(re.escape(quote(bad)), answer)
    found = await box.read([bad, good])
    assert isinstance(found[0], Unreadable)
    assert isinstance(found[0].error, kind)
    assert isinstance(found[1], RawLetter)


async def test_when_the_server_goes_in_between_the_rest_is_not_there_now(
    microsoft: Microsoft, box: GraphMailbox
) -> None:
    expected = [microsoft.add(MAIL, NOON) for _ in range(40)]
    await box.changes(None, SINCE)
    microsoft.accident(re.escape(quote(expected[20])), None, times=9)
    found = await box.read(expected)
    assert [each.key for each in found] == expected
    unreadable = [each for each in found if isinstance(each, Unreadable)]
    assert all(isinstance(each.error, Unavailable) for each in unreadable)
    assert {expected[20], expected[39]} <= {each.key for each in unreadable}
    assert all(isinstance(each, RawLetter) for each in found[:17])


async def test_a_server_that_shows_no_letter_at_all_is_away(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.accident("value", None, times=99)
    with pytest.raises(Unavailable, match="localhost cannot be reached"):
        await box.read([microsoft.add(MAIL, NOON) for _ in range(10)])


@pytest.mark.parametrize("status", [429, 503])
async def test_it_waits_as_long_as_told(
    microsoft: Microsoft, box: GraphMailbox, clock: ManualClock, status: int
) -> None:
    new = microsoft.add(MAIL, NOON)
    await box.changes(None, SINCE)
    before = clock.monotonic()
    microsoft.accident("delta", fault(status, "ApplicationThrottled", retry_after=30))
    microsoft.blocked_until = before + 30
    assert keys(await box.changes(None, SINCE)) == [new]
    assert clock.monotonic() == before + 30
    assert microsoft.impatient == 0


async def test_it_does_not_wait_for_ever(microsoft: Microsoft, box: GraphMailbox, clock: ManualClock) -> None:
    microsoft.accident("delta", fault(429, "ApplicationThrottled", retry_after=50), times=9)
    with pytest.raises(Unavailable, match="localhost asks for a longer pause: 50 s"):
        await box.changes(None, SINCE)
    assert clock.monotonic() == 100


async def test_it_asks_for_no_more_than_four_at_a_time_whoever_asks(microsoft: Microsoft, box: GraphMailbox) -> None:
    expected = [microsoft.add(MAIL, NOON) for _ in range(8)]
    microsoft.pace = 0.01
    sends = [box.send(letter(), ADDRESS, ["a@contractor.example"]) for _ in range(4)]
    await asyncio.gather(box.read(expected), box.changes(None, SINCE), *sends)
    assert microsoft.most_at_once == 4
