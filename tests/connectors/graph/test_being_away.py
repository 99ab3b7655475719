"""A server that does not answer as it should, or is not the one it should be."""

import dataclasses
from pathlib import Path

import pytest
from aiohttp import web

from core.errors import ConfigError, Unavailable
from jobs.connectors.graph.client import GraphMailbox, GraphOptions
from jobs.letters.mailbox import Untrusted
from tests.conftest import ManualClock
from tests.connectors.graph.conftest import SINCE, look
from tests.connectors.microsoft import Microsoft, fault


@pytest.mark.parametrize(
    "answer",
    [
        fault(500, "ErrorInternalServerError"),
        fault(504, ""),
        web.Response(status=502, text="<html>"),
        web.Response(status=403, text="<html>Blocked by the proxy"),
        web.Response(status=302, headers={"Location": "https://evil.example/"}),
        web.Response(text="<html>"),
        web.json_response([]),
        web.json_response({"value": []}),
        web.json_response({"value": [{}], "@odata.deltaLink": "x"}),
        None,
    ],
)
async def test_an_answer_that_is_none_is_tried_again_later(
    microsoft: Microsoft, box: GraphMailbox, answer: web.Response | None
) -> None:
    microsoft.accident("/delta", answer, times=9)
    with pytest.raises(Unavailable, match="localhost"):
        await box.changes(None, SINCE)


async def test_silence_ends(microsoft: Microsoft, options: GraphOptions, clock: ManualClock) -> None:
    microsoft.accident("/delta", "hang")
    with pytest.raises(Unavailable, match=r"localhost cannot be reached: timed out\."):
        await look(dataclasses.replace(options, timeout=0.3), clock)


def elsewhere(options: GraphOptions, what: str, address: str) -> GraphOptions:
    """The same mailbox, with its `authority` or its `url` at another address."""
    if what == "authority":
        return dataclasses.replace(options, authority=address)
    return dataclasses.replace(options, url=address)


@pytest.mark.parametrize("what", ["authority", "url"])
async def test_nobody_there(microsoft: Microsoft, options: GraphOptions, clock: ManualClock, what: str) -> None:
    microsoft.scope = "https://nowhere.invalid/.default"
    with pytest.raises(Unavailable, match=r"(localhost|nowhere\.invalid) cannot be reached: \w"):
        await look(elsewhere(options, what, "https://nowhere.invalid"), clock)


async def test_a_certificate_of_somebody_else_is_not_trusted(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock
) -> None:
    with pytest.raises(Untrusted, match=r"certificate of localhost is not trusted: .*certificate"):
        await look(dataclasses.replace(options, ca_file=None), clock)
    assert microsoft.requests == []


@pytest.mark.parametrize(("name", "reason"), [("nowhere.pem", "No such file"), ("conftest.py", "NO_CERTIFICATE")])
async def test_a_file_of_certificates_that_cannot_be_read_is_named(
    options: GraphOptions, clock: ManualClock, name: str, reason: str
) -> None:
    with pytest.raises(Unavailable, match=rf"{name} cannot be read: {reason}"):
        await look(dataclasses.replace(options, ca_file=Path(__file__).with_name(name)), clock)


@pytest.mark.parametrize("what", ["authority", "url"])
def test_nothing_is_asked_of_another_machine_without_tls(options: GraphOptions, clock: ManualClock, what: str) -> None:
    with pytest.raises(ConfigError, match="must begin with https"):
        GraphMailbox(elsewhere(options, what, "http://graph.example"), clock)


def test_this_machine_may_be_asked_without_tls(options: GraphOptions, clock: ManualClock) -> None:
    box = GraphMailbox(dataclasses.replace(options, url="http://127.0.0.1:8000"), clock)
    assert box.identity.startswith("graph http://127.0.0.1:8000")
