import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.errors import AuthFailed, Rejected, Unavailable, Uncertain
from jobs.connectors.ews.client import Exchange
from jobs.connectors.ews.options import Busy, Options
from jobs.letters.mailbox import Mailbox, RawLetter, Unreadable
from tests.conftest import ManualClock
from tests.connectors.exchange import ExchangeServer, authority, busy, cut, fault, hang, status

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LETTER = b"From: ops@b.example\r\nTo: c@d.example\r\nMessage-ID: <1@b>\r\nIn-Reply-To: <0@d>\r\n\r\n\xd0\xaf\r\n"
SEND = (LETTER, "ops@b.example", ["c@d.example"])


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
async def server() -> AsyncIterator[ExchangeServer]:
    server = ExchangeServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def box(server: ExchangeServer) -> AsyncIterator[Exchange]:
    box = mailbox(server)
    yield box
    await box.close()


def mailbox(server: ExchangeServer, **more: Any) -> Exchange:
    clock = more.pop("clock", None)
    defaults: dict[str, Any] = {
        "address": server.address,
        "url": server.url,
        "password": server.password,
        "timeout": 5.0,
    }
    return Exchange(Options(**defaults | more), clock=clock)


async def keys(box: Exchange, cursor: str | None = None, since: datetime = NOON - DAY) -> list[str]:
    return [entry.key for entry in (await box.changes(cursor, since)).entries]


async def works(box: Exchange) -> bool:
    """Whether it lists; closes it."""
    try:
        return bool(await keys(box)) or True
    finally:
        await box.close()


async def error_of(box: Exchange) -> str:
    """What an operator is told when the mailbox cannot be listed."""
    with pytest.raises((Unavailable, AuthFailed)) as caught:
        await works(box)
    return f"{type(caught.value).__name__}: {caught.value}"


def test_it_is_a_mailbox_whose_letters_are_history_at_first() -> None:
    box: Mailbox = Exchange(Options("ops@b.example", host="mail.b.example"))
    assert box.has_history


# --- listing


async def test_letters_are_listed_oldest_first_with_their_moments(server: ExchangeServer, box: Exchange) -> None:
    late, early = server.put(server.inbox, at(2)), server.put(server.inbox, at(1))
    changes = await box.changes(None, NOON)
    assert [(entry.key, entry.received_at) for entry in changes.entries] == [(early.key, at(1)), (late.key, at(2))]


async def test_the_first_look_is_bounded_in_time(server: ExchangeServer, box: Exchange) -> None:
    server.put(server.inbox, at(-1))
    on_time = server.put(server.inbox, NOON)
    assert await keys(box, since=NOON) == [on_time.key]


async def test_the_first_look_is_bounded_in_number_to_the_newest(server: ExchangeServer) -> None:
    items = [server.put(server.inbox, at(minute)) for minute in range(5)]
    box = mailbox(server, max_messages=2)
    assert await keys(box) == [items[3].key, items[4].key]
    await box.close()


async def test_only_letters_that_came_since_the_cursor_are_new(server: ExchangeServer, box: Exchange) -> None:
    old, gone = server.put(server.inbox, at(1)), server.put(server.inbox, at(2))
    cursor = (await box.changes(None, NOON)).cursor
    server.touch(server.inbox, old)
    server.touch(server.inbox, old, "ReadFlagChange")
    server.remove(server.inbox, gone)
    new = server.put(server.inbox, at(-9999))
    assert await keys(box, cursor, NOON) == [new.key]


async def test_the_cursor_outlives_the_connection(server: ExchangeServer, box: Exchange) -> None:
    server.put(server.inbox, at(1))
    cursor = (await box.changes(None, NOON)).cursor
    await box.close()
    assert await keys(box, cursor) == []


async def test_all_pages_are_read(server: ExchangeServer, box: Exchange) -> None:
    items = [server.put(server.inbox, at(minute)) for minute in range(8)]
    server.page = 3
    assert await keys(box) == [item.key for item in items]
    assert server.asked.count("SyncFolderItems") == 3


async def test_a_cursor_the_server_does_not_know_begins_again(server: ExchangeServer, box: Exchange) -> None:
    server.put(server.inbox, at(-1))
    new = server.put(server.inbox, at(1))
    cursor = (await box.changes(None, NOON)).cursor
    server.epoch = "2"
    changes = await box.changes(cursor, NOON)
    assert ([entry.key for entry in changes.entries], changes.cursor != cursor) == ([new.key], True)


@pytest.mark.parametrize("path", ["Inbox/Договори/2026", "inbox/договори/2026", "Вхідні/Договори/2026"])
async def test_a_folder_is_found_by_its_path(server: ExchangeServer, path: str) -> None:
    contracts = server.folder("Договори", server.inbox.key)
    deep = server.folder("2026", contracts.key)
    letter = server.put(deep, at(1))
    box = mailbox(server, folder=path)
    assert await keys(box) == [letter.key]
    await box.close()


async def test_a_folder_among_many_is_found(server: ExchangeServer) -> None:
    for number in range(150):
        server.folder(f"Project {number}", server.inbox.key)
    assert await works(mailbox(server, folder="Inbox/Project 149"))


async def test_a_missing_folder_is_told_with_those_that_are_there(server: ExchangeServer) -> None:
    server.folder("Contracts", server.inbox.key)
    server.folder("Archive", server.inbox.key)
    assert await error_of(mailbox(server, folder="Inbox/Contarcts")) == (
        "Unavailable: Mailbox ops@b.example has no folder Inbox/Contarcts: "
        "there is no Contarcts among Archive, Contracts."
    )


async def test_a_folder_that_was_removed_meanwhile_is_told_likewise(server: ExchangeServer) -> None:
    contracts = server.folder("Contracts", server.inbox.key)
    box = mailbox(server, folder="Inbox/Contracts")
    cursor = (await box.changes(None, NOON)).cursor
    del server.folders[contracts.key]
    with pytest.raises(Unavailable, match="there is no Contracts among –"):
        await box.changes(cursor, NOON)
    await box.close()


def test_the_identity_names_server_mailbox_and_folder_and_no_secret() -> None:
    options = Options(
        "Ops@B.example", url="https://Mail.b.example/EWS/Exchange.asmx", folder="INBOX/X", password="p4ss"
    )
    assert Exchange(options).identity == "ews:mail.b.example/ops@b.example/Inbox/X"


# --- reading


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


# --- signing in


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


# --- an application


@pytest.fixture
async def online(tmp_path: Path) -> AsyncIterator[Callable[..., Exchange]]:
    ca_file, tls = authority(tmp_path)
    server = ExchangeServer()
    await server.start(tls)
    server.schemes = ("Bearer",)

    def make(**more: Any) -> Exchange:
        defaults = {
            "auth": "oauth",
            "tenant_id": "t",
            "client_id": "app",
            "client_secret": server.client_secret,
            "authority": server.base,
            "ca_file": ca_file,
        }
        return mailbox(server, **defaults | more)

    make.server = server  # type: ignore[attr-defined]  # both are needed together
    yield make
    await server.stop()


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


# --- a server away


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (status(500), "HTTP 500"),
        (status(502), "HTTP 502"),
        (status(404), "HTTP 404"),
        (status(302, location="https://elsewhere.example/"), "HTTP 302"),
        (status(200), "not an answer of Exchange"),
        (fault("ErrorMailboxStoreUnavailable"), "ErrorMailboxStoreUnavailable"),
        (cut, "reset by peer|ConnectionError|closed"),
    ],
)
async def test_a_server_that_fails_is_away_for_a_reason(server: ExchangeServer, trouble: Any, words: str) -> None:
    server.fail("SyncFolderItems", trouble)
    error = await error_of(mailbox(server))
    assert error.startswith("Unavailable: 127.0.0.1")
    assert any(word in error for word in words.split("|")), error
    assert "secret page" not in error


async def test_a_server_that_hangs_is_away(server: ExchangeServer) -> None:
    server.fail("SyncFolderItems", hang)
    assert (await error_of(mailbox(server, timeout=0.3))).endswith("cannot be reached: timed out.")


async def test_a_server_that_is_down_is_away() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{closed.getsockname()[1]}"
        error = await error_of(Exchange(Options("ops@b.example", url=f"http://{host}/EWS/Exchange.asmx")))
    assert error == f"Unavailable: {host} cannot be reached: Connection refused."


async def test_a_certificate_nobody_vouches_for_is_not_trusted(online: Any) -> None:
    error = await error_of(online(ca_file=None, auth="basic"))
    assert error.startswith("Unavailable")
    assert "unable to get local issuer certificate" in error


@pytest.mark.parametrize("trouble", [busy(120_000), status(503, Retry_After="120"), status(429, Retry_After="120")])
async def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(
    server: ExchangeServer, clock: ManualClock, trouble: Any
) -> None:
    box = mailbox(server, clock=clock)
    server.fail("SyncFolderItems", trouble)
    with pytest.raises(Busy, match="asks to wait 120 s") as caught:
        await keys(box)
    assert caught.value.seconds == 120
    asked = len(server.asked)
    clock.advance(seconds=119)
    with pytest.raises(Unavailable):
        await keys(box)
    assert len(server.asked) == asked
    clock.advance(seconds=1)
    assert await keys(box) == []
    await box.close()


async def test_waiting_is_waiting(server: ExchangeServer, clock: ManualClock) -> None:
    await mailbox(server, clock=clock).wait(60)
    assert clock.elapsed == 60


async def test_a_call_nobody_waits_for_does_not_hold_up_the_next(server: ExchangeServer) -> None:
    reached = asyncio.Event()

    async def stuck(request: web.Request) -> None:
        reached.set()
        await hang(request)

    server.fail("SyncFolderItems", stuck)
    box = mailbox(server, timeout=3)
    first = asyncio.ensure_future(keys(box))
    await reached.wait()
    first.cancel()
    await asyncio.wait([first])
    async with asyncio.timeout(2):
        assert await keys(box) == []
    await box.close()


# --- sending


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


# --- hygiene


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
