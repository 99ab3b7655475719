"""People and applications: what stops a mailbox, what an operator is told, and what nobody is."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.errors import AuthFailed
from jobs.connectors.ews.client import Exchange
from jobs.connectors.ews.options import Options
from tests.connectors.ews.conftest import SEND, at, error_of, keys, mailbox, works
from tests.connectors.exchange import ExchangeServer, fault, status


async def test_wrong_credentials_stop_the_mailbox(server: ExchangeServer) -> None:
    error = await error_of(mailbox(server, password="wrong"))
    assert error.startswith("AuthFailed: 127.0.0.1")
    assert error.endswith("refuses the name or password for mailbox ops@b.example.")


async def test_a_refusal_after_success_is_believed_only_when_repeated(server: ExchangeServer, box: Exchange) -> None:
    await keys(box)
    server.fail("SyncFolderItems", status(401))
    assert await keys(box) == []
    server.password = "changed"
    with pytest.raises(AuthFailed):
        await keys(box)


@pytest.mark.parametrize("auth", ["password", "ntlm"])
async def test_ntlm_signs_in_where_the_server_offers_it(
    server: ExchangeServer, auth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "users").write_text(f"B:robot:{server.password}\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / "users"))
    server.schemes = ("Negotiate", "NTLM")
    assert await works(mailbox(server, auth=auth, username="B\\robot"))


async def test_a_wrong_password_over_ntlm_stops_the_mailbox(
    server: ExchangeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "users").write_text("B:robot:right\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / "users"))
    server.schemes = ("NTLM",)
    assert "refuses the name or password" in await error_of(mailbox(server, username="B\\robot", password="wrong"))


async def test_a_server_without_passwords_says_what_it_offers(server: ExchangeServer) -> None:
    server.schemes = ("Negotiate",)
    assert (await error_of(mailbox(server))).endswith(
        "takes neither NTLM nor Basic from ops@b.example, only: Negotiate."
    )


async def test_ews_switched_off_points_to_graph(server: ExchangeServer) -> None:
    server.fail("SyncFolderItems", status(403))
    error = await error_of(mailbox(server))
    assert error.startswith("AuthFailed")
    assert 'kind = "graph"' in error


async def test_a_mailbox_that_may_not_be_opened_stops(server: ExchangeServer) -> None:
    server.fail("SyncFolderItems", fault("ErrorAccessDenied"))
    assert "does not open mailbox ops@b.example for us: ErrorAccessDenied" in await error_of(mailbox(server))


async def test_an_application_signs_in_for_the_mailbox(online: Any) -> None:
    letter = online.server.put(online.server.inbox, at(1))
    box = online()
    assert await keys(box) == [letter.key]
    await box.close()


async def test_a_revoked_token_is_replaced(online: Any) -> None:
    box = online()
    await keys(box)
    online.server.tokens.clear()
    assert await keys(box) == []
    await box.close()


async def test_a_wrong_secret_stops_the_mailbox_with_the_services_words(online: Any) -> None:
    error = await error_of(online(client_secret="wrong"))
    assert error.startswith("AuthFailed: 127.0.0.1")
    assert error.endswith("not sign in application app: invalid_client: AADSTS7000215: Invalid client secret provided.")


async def test_an_application_without_rights_to_the_mailbox_stops(online: Any) -> None:
    assert "ErrorImpersonateUserDenied" in await error_of(online(address="other@b.example"))


async def test_a_sign_in_service_that_is_away_is_no_wrong_secret(online: Any) -> None:
    online.server.fail("token", status(500))
    assert (await error_of(online())).startswith("Unavailable: 127.0.0.1")


async def test_tokens_that_expire_at_once_are_not_fetched_without_end(online: Any) -> None:
    online.server.fail(
        "token", lambda _: web.json_response({"token_type": "Bearer", "expires_in": -1, "access_token": "t"})
    )
    assert (await error_of(online())).startswith("Unavailable")


async def test_no_secret_and_no_letter_reaches_a_log(
    server: ExchangeServer, online: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for each in (server, online.server):
        each.put(each.inbox, at(1), b"Subject: confidential\r\n\r\n")
    with caplog.at_level(logging.DEBUG):
        for box in (mailbox(server), online()):
            await box.read(await keys(box))
            await box.send(*SEND)
            await box.close()
    for secret in (
        server.password,
        "Basic ",
        "Bearer",
        "token-",
        online.server.client_secret,
        "confidential",
        "Q29uZm",
    ):
        assert secret not in caplog.text


def test_options_show_no_secret() -> None:
    assert "s3cret" not in repr(Options("a@b.example", password="s3cret", client_secret="s3cret"))


def test_the_library_is_not_imported_before_it_is_used() -> None:
    code = "import sys, jobs.connectors.ews.client; sys.exit('exchangelib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
