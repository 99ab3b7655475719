"""Letters of ours: sent once, to whom they name, and what became of them."""

import dataclasses

import pytest
from aiohttp import web

from core.errors import AuthFailed, Rejected, Unavailable, Uncertain
from jobs.connectors.graph.client import GraphMailbox, GraphOptions
from tests.conftest import ManualClock
from tests.connectors.graph.conftest import letter
from tests.connectors.microsoft import ADDRESS, Microsoft, fault


async def test_a_letter_is_sent_as_it_is(microsoft: Microsoft, box: GraphMailbox) -> None:
    message = letter()
    await box.send(message, ADDRESS, ["A@contractor.example"])
    assert microsoft.sent == [message]


@pytest.mark.parametrize("recipients", [[], ["b@contractor.example"], ["a@contractor.example", "b@contractor.example"]])
async def test_a_letter_goes_to_nobody_it_should_not(
    microsoft: Microsoft, box: GraphMailbox, recipients: list[str]
) -> None:
    with pytest.raises(Rejected, match="does not name its recipients"):
        await box.send(letter(), ADDRESS, recipients)
    assert microsoft.sent == []


async def test_a_letter_too_large_for_graph_is_not_tried(microsoft: Microsoft, box: GraphMailbox) -> None:
    with pytest.raises(Rejected, match="larger than 3 MB"):
        await box.send(letter(text="x" * 4_000_000), ADDRESS, ["a@contractor.example"])
    assert microsoft.requests == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (fault(400, "ErrorInvalidRecipients"), Rejected),
        (fault(413, "RequestEntityTooLarge"), Rejected),
        (fault(403, "ErrorSendAsDenied"), Rejected),
        (fault(403, "ErrorAccessDenied"), AuthFailed),
        (fault(404, "MailboxNotEnabledForRESTAPI"), AuthFailed),
        (fault(503, "ServiceUnavailable"), Unavailable),
        (fault(504, "GatewayTimeout"), Uncertain),
        (web.Response(status=200), Uncertain),
        (None, Uncertain),
        ("hang", Uncertain),
    ],
)
async def test_what_became_of_a_letter_is_said_truly(
    microsoft: Microsoft,
    options: GraphOptions,
    clock: ManualClock,
    answer: web.Response | str | None,
    kind: type[Exception],
) -> None:
    microsoft.accident("sendMail", answer)
    mailbox = GraphMailbox(dataclasses.replace(options, timeout=0.5), clock)
    with pytest.raises(kind) as caught:
        await mailbox.send(letter(), ADDRESS, ["a@contractor.example"])
    assert type(caught.value) is kind
    assert microsoft.sent == []
    assert sum("sendMail" in name for name in microsoft.requests) == 1


async def test_a_letter_is_sent_once_after_a_pause_and_a_new_token(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.accident("sendMail", fault(429, "ApplicationThrottled", retry_after=3))
    microsoft.accident("sendMail", fault(401, "InvalidAuthenticationToken"))
    await box.send(letter(), ADDRESS, ["a@contractor.example"])
    assert len(microsoft.sent) == 1


async def test_a_letter_that_could_not_leave_is_not_sent(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock
) -> None:
    microsoft.scope = "https://localhost:1/.default"
    mailbox = GraphMailbox(dataclasses.replace(options, url="https://localhost:1"), clock)
    with pytest.raises(Unavailable):
        await mailbox.send(letter(), ADDRESS, ["a@contractor.example"])


async def test_a_letter_does_not_wait_long(microsoft: Microsoft, box: GraphMailbox, clock: ManualClock) -> None:
    microsoft.accident("sendMail", fault(429, "ApplicationThrottled", retry_after=21))
    with pytest.raises(Unavailable, match="longer pause: 21 s"):
        await box.send(letter(), ADDRESS, ["a@contractor.example"])
    assert clock.monotonic() == 0
    assert microsoft.sent == []
