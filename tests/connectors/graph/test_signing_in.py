"""Tokens, secrets and permissions: what an operator is told, and what nobody is."""

import asyncio
import dataclasses
import logging

import pytest
from aiohttp import web

from core.errors import AuthFailed, Unavailable
from jobs.connectors.graph.client import GraphMailbox, GraphOptions
from jobs.letters.oauth import ClientCredentials
from tests.conftest import NOON, ManualClock
from tests.connectors.graph.conftest import MAIL, SINCE, letter, look
from tests.connectors.microsoft import ADDRESS, CLIENT, SECRET, TENANT, Microsoft, fault


async def test_a_token_that_is_about_to_end_is_renewed(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.token_seconds = 200
    await box.changes(None, SINCE)
    await box.changes(None, SINCE)
    assert len(microsoft.tokens) == 2


async def test_a_token_that_is_refused_is_renewed_once(microsoft: Microsoft, box: GraphMailbox) -> None:
    expected = [microsoft.add(MAIL, NOON) for _ in range(8)]
    await box.changes(None, SINCE)
    microsoft.live_tokens.clear()
    assert len(await box.read(expected)) == 8
    assert len(microsoft.tokens) == 2


async def test_a_new_token_that_is_refused_too_needs_a_person(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.accident("/delta", fault(401, "InvalidAuthenticationToken"), times=9)
    with pytest.raises(AuthFailed, match=r"localhost does not take the application's token \(InvalidAuth"):
        await box.changes(None, SINCE)
    assert len(microsoft.tokens) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_secret": "guessed"}, f"The client secret of the application {CLIENT} is wrong"),
        ({"client_id": "00000000"}, f"The tenant {TENANT} has no application 00000000"),
        ({"tenant_id": "nobody.example"}, "localhost knows no tenant nobody.example: check tenant_id."),
    ],
)
async def test_a_refused_sign_in_says_what_to_do(
    options: GraphOptions, clock: ManualClock, change: dict[str, str], words: str
) -> None:
    with pytest.raises(AuthFailed) as caught:
        await look(dataclasses.replace(options, **change), clock)  # type: ignore[arg-type]  # all are texts
    assert str(caught.value).startswith(words)


async def test_an_expired_secret_says_so(microsoft: Microsoft, options: GraphOptions, clock: ManualClock) -> None:
    microsoft.secret = "expired"
    with pytest.raises(AuthFailed, match="has expired: make a new one"):
        await look(dataclasses.replace(options, client_secret="expired"), clock)


async def test_a_code_that_is_not_known_is_named(microsoft: Microsoft) -> None:
    with pytest.raises(AuthFailed, match=r"\(AADSTS1002012\)"):
        credentials = ClientCredentials(microsoft.origin, TENANT, CLIENT, SECRET, "wrong/.default", microsoft.ca_file)
        await asyncio.to_thread(credentials.token)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("openid-configuration", web.Response(status=503)),
        ("openid-configuration", web.Response(text="<html>Please sign in to the guest network")),
        ("openid-configuration", web.Response(text="{}")),
        ("openid-configuration", web.Response(status=403, text="<html>Blocked by the proxy")),
        ("/token", web.Response(status=503)),
        ("/token", web.Response(text="<html>")),
        ("/token", web.json_response({"error": "temporarily_unavailable"}, status=400)),
    ],
)
async def test_a_sign_in_that_is_out_of_order_is_tried_again_later(
    microsoft: Microsoft, box: GraphMailbox, path: str, answer: web.Response
) -> None:
    microsoft.accident(path, answer, times=9)
    with pytest.raises(Unavailable, match="localhost does not answer as it should"):
        await box.changes(None, SINCE)


async def test_no_mailbox_permission_says_what_to_do_and_is_seen_when_given(
    microsoft: Microsoft, box: GraphMailbox
) -> None:
    microsoft.roles.clear()
    with pytest.raises(AuthFailed, match=r"may not read .* \(ErrorAccessDenied\): .* Mail.Read"):
        await box.changes(None, SINCE)
    with pytest.raises(AuthFailed, match=r"may not send .* Mail.Send"):
        await box.send(letter(), ADDRESS, ["a@contractor.example"])
    microsoft.roles.add("Mail.Read")
    await box.changes(None, SINCE)
    assert len(microsoft.tokens) == 3  # each refusal is followed by a new token, which knows of new permissions


async def test_an_unknown_mailbox_says_so(options: GraphOptions, clock: ManualClock) -> None:
    with pytest.raises(AuthFailed, match=r"keeps no mailbox who@company.example \(ErrorInvalidUser\)"):
        await look(dataclasses.replace(options, address="who@company.example"), clock)


def test_no_secret_is_in_the_options_as_printed(options: GraphOptions, box: GraphMailbox) -> None:
    assert SECRET not in repr(options) + box.identity


async def test_no_secret_and_no_token_is_logged_or_told(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cursor = (await look(options, clock)).cursor
    microsoft.forget_looks()
    await look(options, clock, cursor)
    microsoft.roles.clear()
    errors = []
    for attempt in (options, dataclasses.replace(options, client_secret=f"{SECRET}!")):
        with pytest.raises(AuthFailed) as caught:
            await look(attempt, clock)
        errors.append(f"{caught.value} {caught.value.values} {caught.value.__cause__}")
    said = caplog.text + "".join(errors)
    assert SECRET not in said
    assert "eyJ-access-token" not in said
