"""Letters handed over to SMTP servers, and what each of their answers means."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import AuthFailed, Rejected, Unavailable, Uncertain, VakhtaError
from jobs.connectors.smtp.client import SmtpPost, SmtpServer
from tests.connectors.smtp_server import NAME, PASSWORD, Authority, authority, scripted, smtp_server

SENDER, TO = "duty@vakhta.example", "p.honchar@contractor.example"
LETTER = b"From: duty@vakhta.example\r\nSubject: Hello\r\n\r\n.one dot\r\n..two\n.\r\nlast"
FULL = [b"250 hello\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go on\r\n"]


async def send(port: int, *, to: tuple[str, ...] = (TO,), **more: Any) -> None:
    values: dict[str, Any] = {"tls": "none", "timeout": 2.0}
    await SmtpPost(SmtpServer("127.0.0.1", port, **(values | more))).send(LETTER, SENDER, to)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ca"))


async def test_a_letter_arrives_whole_dots_and_all() -> None:
    with smtp_server() as server:
        await send(server.port, to=(TO, "second@contractor.example"))
    [taken] = server.received.letters
    assert (taken.mail_from, taken.rcpt_tos) == (SENDER, [TO, "second@contractor.example"])
    assert taken.content == b"From: duty@vakhta.example\r\nSubject: Hello\r\n\r\n.one dot\r\n..two\r\n.\r\nlast\r\n"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_it_logs_in_over_tls(ca: Authority, tls: str) -> None:
    with smtp_server(tls=ca.server, implicit=tls == "tls", login=True) as server:
        await send(server.port, tls=tls, username=NAME, password=PASSWORD, ca_file=ca.ca_file)
    assert (len(server.received.letters), server.received.logins) == (1, 1)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_nobody_knows_is_not_trusted(ca: Authority, tls: str) -> None:
    distrusted = pytest.raises(Unavailable, match="certificate that is not trusted")
    with smtp_server(tls=ca.server, implicit=tls == "tls") as server, distrusted:
        await send(server.port, tls=tls, username=NAME, password=PASSWORD)
    assert (server.received.letters, server.received.logins) == ([], 0)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_is_tried_without_a_letter(ca: Authority, tls: Any) -> None:
    with smtp_server(tls=ca.server, implicit=tls == "tls", login=True) as server:
        known = SmtpServer("127.0.0.1", server.port, tls, NAME, PASSWORD, ca.ca_file, timeout=2.0)
        await SmtpPost(known).check()
        assert server.received.logins == 1
        with pytest.raises(AuthFailed, match="does not accept the login"):
            await SmtpPost(replace(known, password="wrong one")).check()
        with pytest.raises(Unavailable, match="certificate that is not trusted"):
            await SmtpPost(replace(known, ca_file=None)).check()
    assert server.received.letters == []
    with pytest.raises(Unavailable, match="cannot be reached"):
        await SmtpPost(known).check()


async def test_no_password_goes_to_a_server_without_starttls() -> None:
    with smtp_server() as server, pytest.raises(Unavailable, match="STARTTLS"):
        await send(server.port, tls="starttls", username=NAME, password=PASSWORD)


async def test_a_wrong_password_is_refused_and_never_told(ca: Authority) -> None:
    refused = pytest.raises(AuthFailed, match="does not accept the login")
    with smtp_server(tls=ca.server, login=True) as server, refused as failed:
        await send(server.port, tls="starttls", username=NAME, password="wrong one", ca_file=ca.ca_file)
    assert "wrong one" not in str(failed.value)


async def test_a_missing_login_is_refused(ca: Authority) -> None:
    with smtp_server(tls=ca.server, login=True) as server, pytest.raises(AuthFailed, match="does not accept"):
        await send(server.port, tls="starttls", ca_file=ca.ca_file)


async def test_a_server_that_knows_no_login_gets_no_letter() -> None:
    with smtp_server() as server, pytest.raises(AuthFailed, match="offers no login"):
        await send(server.port, username=NAME, password=PASSWORD)


async def test_a_password_of_other_letters_is_not_quoted() -> None:
    hello = b"250-hello\r\n250 AUTH PLAIN\r\n"
    with scripted([hello, b"235 in\r\n"]) as port, pytest.raises(AuthFailed, match="ASCII") as failed:
        await send(port, username=NAME, password="пароль")
    assert "п" not in str(failed.value)


@pytest.mark.parametrize(
    ("where", "answer", "error", "words"),
    [
        (TO, "550 5.1.1 no such user here", Rejected, "550 5.1.1 no such user here"),
        (TO, "450 4.2.0 greylisted", Unavailable, "greylisted"),
        ("DATA", "554 5.7.1 looks like spam", Rejected, "looks like spam"),
        ("DATA", "451 4.3.0 come back", Unavailable, "come back"),
        ("DATA", f"554 {'x' * 400}", Rejected, "x" * 150),
    ],
)
async def test_what_the_server_says_no_to(where: str, answer: str, error: type[VakhtaError], words: str) -> None:
    with smtp_server() as server:
        server.received.answers[where] = answer
        with pytest.raises(error, match=words) as failed:
            await send(server.port)
    assert len(str(failed.value)) < 260


async def test_one_recipient_refused_and_nobody_gets_it() -> None:
    with smtp_server() as server:
        server.received.answers["second@contractor.example"] = "550 no"
        with pytest.raises(Rejected):
            await send(server.port, to=(TO, "second@contractor.example"))
    assert server.received.letters == []


async def test_nobody_listens() -> None:
    with smtp_server() as server:
        pass
    with pytest.raises(Unavailable, match="cannot be reached"):
        await send(server.port)


@pytest.mark.parametrize("broken_at", range(len(FULL)))
async def test_a_break_before_the_letter_has_left_is_an_outage(broken_at: int) -> None:
    with scripted([*FULL[:broken_at], None]) as port, pytest.raises(Unavailable):
        await send(port)


@pytest.mark.parametrize("reply", [None, b"what?\r\n", b"99 odd\r\n", b"250" + b"x" * 10_000])
async def test_a_break_after_the_letter_has_left_is_not_known(reply: bytes | None) -> None:
    with scripted(FULL, after_dot=reply) as port, pytest.raises(Uncertain):
        await send(port)


async def test_silence_after_the_letter_has_left_is_not_known() -> None:
    with scripted(FULL, after_dot=b"250-") as port, pytest.raises(Uncertain):
        await send(port, timeout=0.2)


async def test_a_wrong_ca_file_is_an_outage(tmp_path: Path) -> None:
    with smtp_server() as server, pytest.raises(Unavailable):
        await send(server.port, tls="tls", ca_file=tmp_path / "none.pem")
