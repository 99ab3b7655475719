"""The IMAP connector and what servers rarely say, said by a server of the tests' own."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import AuthFailed, Rejected, Unavailable
from jobs.connectors.imap.account import ImapAccount
from jobs.connectors.imap.client import Imap
from jobs.letters.mailbox import RawLetter, Unreadable
from tests.connectors.dovecot import server_context, write_certificate
from tests.connectors.imap_servers import CUT, SILENCE, ScriptedImap, scripted

SINCE = datetime(2026, 11, 19, 12, tzinfo=UTC)
RECEIVED = 'INTERNALDATE "20-Nov-2026 10:00:00 +0200"'
ONE = {
    "UID SEARCH": "* SEARCH 5\r\n{tag} OK done\r\n",
    "UID FETCH": f"* 1 FETCH (UID 5 RFC822.SIZE 3 {RECEIVED} BODY[HEADER.FIELDS (DATE)] {{2}}\r\n\r\n)\r\n"
    "{tag} OK done\r\n",
}
SECRET = "hunter2"


def mailbox(
    server: ScriptedImap, *, token: Callable[[], str] | None = None, timeout: float = 2, folder: str = "INBOX"
) -> Imap:
    return Imap(
        ImapAccount(
            "127.0.0.1", "ops", SECRET, token=token, port=server.port, tls="none", timeout=timeout, folder=folder
        )
    )


async def failure(answers: dict[str, str], *, timeout: float = 2) -> Exception:
    async with scripted(answers) as server:
        with pytest.raises((Unavailable, AuthFailed, Rejected)) as caught:
            await mailbox(server, timeout=timeout).changes(None, SINCE)
        assert SECRET not in str(caught.value)
        return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        "{tag} NO [UNAVAILABLE] Temporary authentication failure\r\n",
        "{tag} NO [INUSE] Mailbox is locked\r\n",
        "{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n",
        "{tag} BAD what\r\n",
        "* BYE going down\r\n",
        CUT,
    ],
)
async def test_a_login_that_fails_for_other_reasons_is_tried_again(answer: str) -> None:
    assert isinstance(await failure({"LOGIN": answer}), Unavailable)


@pytest.mark.parametrize(
    "answer", ["{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n", "{tag} NO LOGIN failed.\r\n"]
)
async def test_a_refused_login_stops_the_source(answer: str) -> None:
    assert isinstance(await failure({"LOGIN": answer}), AuthFailed)


@pytest.mark.parametrize("silent", ["GREETING", "CAPABILITY", "LOGIN", "LIST", "EXAMINE", "UID SEARCH"])
async def test_a_server_that_says_nothing_is_unavailable(silent: str) -> None:
    started = time.monotonic()
    error = await failure({silent: SILENCE}, timeout=0.1)
    assert time.monotonic() - started < 2
    assert str(error) == "The mail server 127.0.0.1 has not answered for 0.1 s."


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"GREETING": "* BYE too busy\r\n"}, "too busy"),
        ({"GREETING": "HTTP/1.1 400 Bad Request\r\n"}, "HTTP/1.1 400"),
        ({"GREETING": CUT}, "the connection was cut"),
        ({"LIST": "* BYE shutting down\r\n"}, "shutting down"),
        ({"LIST": '* LIST () "/" "&AAA"\r\n{tag} OK done\r\n'}, "127.0.0.1"),
        ({"EXAMINE": "{tag} NO [SERVERBUG] ouch\r\n"}, "ouch"),
        ({"UID SEARCH": "{tag} BAD no such thing\r\n"}, "no such thing"),
        ({"UID SEARCH": "* SEARCH one\r\n{tag} OK done\r\n"}, "one"),
        ({"UID SEARCH": "* SEARCH 1 2 3"}, "has not answered"),
        ({**ONE, "UID FETCH": "* 1 FETCH (UID 5 BODY[] {500}\r\nshort"}, "has not answered"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_told_with_the_host(answers: dict[str, str], reason: str) -> None:
    error = await failure(answers, timeout=0.3)
    assert isinstance(error, Unavailable)
    assert "127.0.0.1" in str(error)
    assert reason in str(error)


async def test_an_access_token_is_used_for_the_login() -> None:
    async with scripted({"AUTHENTICATE": "{tag} OK in\r\n"}) as server:
        box = mailbox(server, token=lambda: "t0ken")
        await box.changes(None, SINCE)
        await box.close()
    assert server.sasl == [b"user=ops\x01auth=Bearer t0ken\x01\x01"]
    assert not [command for command in server.commands if command.startswith("LOGIN")]


async def test_a_refused_access_token_stops_the_source() -> None:
    why = base64.b64encode(json.dumps({"status": "400"}).encode()).decode()
    answer = f"+ {why}\r\n{{tag}} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"
    async with scripted({"AUTHENTICATE": answer}) as server:
        with pytest.raises(AuthFailed) as caught:
            await mailbox(server, token=lambda: "t0ken").changes(None, SINCE)
    assert "t0ken" not in str(caught.value)
    assert server.sasl[1:] == [b""]


@pytest.mark.parametrize("error", [AuthFailed("secret expired"), Unavailable("no answer")])
async def test_a_token_that_cannot_be_had_is_told_as_it_is(error: AuthFailed | Unavailable) -> None:
    def token() -> str:
        raise error

    async with scripted() as server:
        with pytest.raises(type(error), match=error.message):
            await mailbox(server, token=token).changes(None, SINCE)


async def test_a_server_without_idle_is_waited_for_on_time() -> None:
    async with scripted() as server:
        box = mailbox(server)
        await box.changes(None, SINCE)
        started = time.monotonic()
        await box.wait(0.2)
        assert 0.2 <= time.monotonic() - started < 1
        await box.close()
    assert "IDLE" not in server.commands


IDLING = {"CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"}


@pytest.mark.parametrize("answer", ["* 1 EXISTS\r\n+ idling\r\n", "+ idling\r\n* OK hold on\r\n* 1 EXISTS\r\n"])
async def test_news_that_comes_with_the_go_ahead_for_idle_is_not_missed(answer: str) -> None:
    async with scripted({**IDLING, "IDLE": answer}) as server:
        box = mailbox(server)
        await box.changes(None, SINCE)
        async with asyncio.timeout(1):
            await box.wait(60)
        await box.close()
    assert "DONE" in server.commands


async def test_news_of_a_letter_that_went_does_not_end_the_waiting() -> None:
    async with scripted({**IDLING, "IDLE": "+ idling\r\n* 1 EXPUNGE\r\n* 2 FETCH (FLAGS (\\Seen))\r\n"}) as server:
        box = mailbox(server)
        await box.changes(None, SINCE)
        started = time.monotonic()
        await box.wait(0.2)
        assert time.monotonic() - started >= 0.2
        await box.close()


async def test_idle_that_is_refused_is_not_asked_for_again() -> None:
    async with scripted({**IDLING, "IDLE": "{tag} NO not today\r\n"}) as server:
        box = mailbox(server)
        await box.changes(None, SINCE)
        await box.wait(0.1)
        await box.wait(0.1)
        await box.close()
    assert server.commands.count("IDLE") == 1


async def test_a_letter_that_the_server_cannot_give_does_not_take_others_with_it() -> None:
    async with scripted({"UID FETCH": "* 1 FETCH (UID 5 RFC822.SIZE 3)\r\n{tag} NO some are damaged\r\n"}) as server:
        box = mailbox(server)
        found = await box.read(["7:5", "7:6"])
        await box.close()
    assert [each.key for each in found] == ["7:5", "7:6"]
    assert all(isinstance(each, Unreadable) and "some are damaged" in str(each.error) for each in found)


async def test_an_empty_letter_is_a_letter() -> None:
    answer = f'* 2 FETCH (UID 5 RFC822.SIZE 0 {RECEIVED} BODY[] "")\r\n'
    async with scripted({"UID FETCH": "* 1 FETCH (FLAGS ())\r\n" + answer + "{tag} OK done\r\n"}) as server:
        box = mailbox(server)
        assert await box.read(["7:5"]) == [RawLetter("7:5", b"", datetime(2026, 11, 20, 8, tzinfo=UTC))]
        await box.close()


async def test_levels_may_be_parted_by_a_backslash() -> None:
    async with scripted({"LIST": '* LIST () "\\\\" "INBOX\\\\Contracts"\r\n{tag} OK done\r\n'}) as server:
        box = mailbox(server, folder="inbox/Contracts")
        await box.changes(None, SINCE)
        await box.close()
    assert 'EXAMINE "INBOX\\\\Contracts"' in server.commands


async def test_a_folder_that_holds_only_folders_is_not_taken() -> None:
    async with scripted({"LIST": '* LIST (\\Noselect) "/" A\r\n* LIST () "/" A/B\r\n{tag} OK done\r\n'}) as server:
        with pytest.raises(Unavailable, match=r"There are: A/B\."):
            await mailbox(server, folder="A").changes(None, SINCE)


async def test_without_uidnext_the_cursor_comes_from_the_letters() -> None:
    async with scripted({**ONE, "EXAMINE": "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] yes\r\n{tag} OK done\r\n"}) as server:
        box = mailbox(server)
        assert (await box.changes(None, SINCE)).cursor == "7:6"
        await box.close()


async def test_a_stop_while_connecting_leaves_no_connection_behind() -> None:
    async with scripted({"LIST": SILENCE}) as server:
        box = mailbox(server, timeout=30)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await box.changes(None, SINCE)
        async with asyncio.timeout(2):
            await server.closed.wait()
        assert server.connections == 1


async def test_a_silent_server_does_not_hold_up_closing() -> None:
    async with scripted({"LOGOUT": SILENCE}) as server:
        box = mailbox(server, timeout=30)
        await box.changes(None, SINCE)
        started = time.monotonic()
        await box.close()
        assert time.monotonic() - started < 1


async def test_a_silent_server_does_not_hold_up_a_tls_login(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path)
    async with scripted({"GREETING": SILENCE}, server_context(certificate)) as server:
        account = ImapAccount("localhost", "ops", SECRET, port=server.port, ca_file=certificate, timeout=0.2)
        with pytest.raises(Unavailable, match="has not answered"):
            await Imap(account).changes(None, SINCE)


@pytest.mark.parametrize(("host", "reason"), [("127.0.0.1", "Connection refused"), ("mail.invalid", "not known|resol")])
async def test_a_server_that_cannot_be_reached_is_named(host: str, reason: str) -> None:
    with pytest.raises(Unavailable, match=reason) as caught:
        await Imap(ImapAccount(host, "ops", SECRET, port=1, tls="none", timeout=2)).changes(None, SINCE)
    assert host in str(caught.value)
