"""Mailboxes by question and answer: each kind against its server, with every answer that is wrong at first."""

import ssl
import stat
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor import telegram as way
from core.settings import load
from core.settings_letters import MailboxSection
from deploy.demo.telegram import TelegramServer
from tests.cli.test_doctor import closed_port
from tests.conftest import ManualClock
from tests.connectors.certificates import authority
from tests.connectors.dovecot import NATIVE, Dovecot, running_dovecot
from tests.connectors.exchange import ExchangeServer
from tests.connectors.imap_servers import scripted
from tests.connectors.microsoft import ADDRESS, CLIENT, SECRET, TENANT, Microsoft, make_certificates
from tests.setup.terminal import Terminal, terminal_in

pytestmark = pytest.mark.timeout(60)
"""A whole setup, then three commands over what it saved."""
LETTER = (
    "From: Ivan <ivan@lift.example>\r\nTo: duty@company.example\r\nMessage-ID: <{n}@lift.example>\r\n"
    "Date: {date}\r\nSubject: Request {n}\r\n\r\nAbout request {n}: our team is on its way.\r\n"
)
END = ("", "", "n")
"""No more mailboxes and no contractor; nobody waits for the link."""


@pytest.fixture
def setup(
    tmp_path: Path, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    monkeypatch.setattr(way, "PROBE", 1)
    (tmp_path / "here").mkdir()
    return terminal_in(tmp_path / "here", telegram, monkeypatch, capsys)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture
async def exchange() -> AsyncIterator[ExchangeServer]:
    server = ExchangeServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def microsoft(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Microsoft]:
    (tmp_path / "tls").mkdir()
    async with Microsoft(make_certificates(tmp_path / "tls"), clock) as server:
        yield server


def letter(n: int) -> bytes:
    moment = datetime.now(UTC) - timedelta(hours=1)
    return LETTER.format(n=n, date=moment.strftime("%a, %d %b %Y %H:%M:%S +0000")).encode()


async def dialogue(setup: Terminal, telegram: TelegramServer, *answers: str) -> str:
    """A whole setup with one mailbox: what is said from its kind on."""
    said = await setup("en", "y", telegram.token, "UTC", "", *answers, *END)
    return said.partition("graph: Microsoft 365")[2]


async def works(setup: Terminal, *secrets: str) -> MailboxSection:
    """What was saved, once every command has accepted it; the secrets are in files only their owner may read."""
    assert "fine" in await setup.command("config", "check")
    assert "✓ mailbox contractor" in await setup.command("doctor")
    assert "101 → en_route" in await setup.command("letters", "check", "--dry-run")
    files = [path for path in (setup.folder / "secrets").iterdir() if path.name.startswith("mailbox")]
    assert sorted(path.read_text("utf-8").strip() for path in files) == sorted(secrets)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((setup.folder / "secrets").stat().st_mode) == 0o700
    text = setup.config.read_text("utf-8")
    assert not [secret for secret in secrets if secret in text + setup.said]
    return load(setup.config).mailbox["contractor"]


async def test_imap_with_every_answer_wrong_at_first(
    setup: Terminal, telegram: TelegramServer, dovecot: Dovecot
) -> None:
    """Nobody there, a foreign certificate, a wrong password, no such folder: asked again is what is in question."""
    user, password = NATIVE
    dovecot.put(user, {"1": letter(101)}, name=".Contracts", at=datetime.now(UTC).timestamp() - 60)
    port = str(dovecot.tls_port)
    answers = ["imap", "", "localhost:993", "localhost", "ssl", "", "99999", str(closed_port()), user, "", "wrong"]
    answers += ["Contarcts", "y", "", "", port, "y", "nowhere.pem", str(dovecot.ca_file)]
    answers += ["y", "", "", password, "y", "Contracts", "*@lift.example"]
    said = await dialogue(setup, telegram, *answers)
    steps = [
        *("The server's name only", "none of these: tls, starttls, none", "a number from 1 to 65535"),
        *("Connection refused", "name, port and encryption", "Mail server [localhost]", "Port"),
        *("is not trusted: self-signed certificate", "name the authority's file", "nowhere.pem is not there"),
        *("refuses the login of natalia", "an app password", "User name [natalia]", "Password (not shown)"),
        *("has no folder “Contarcts”. There are: Contracts, INBOX", "Folder, with / between levels [Contarcts]"),
        *("✓ The mailbox can be read. Letters since yesterday: 1.", "✓ Saved."),
    ]
    for step in steps:
        before, found, said = said.partition(step)
        assert found, (step, before)
    section = await works(setup, password)
    assert (section.host, section.tls, section.folder) == ("localhost", "tls", "Contracts")
    assert (section.apply, section.senders) == ("confirm", ("*@lift.example",))


async def test_a_mailbox_that_does_not_work_is_left_out(
    setup: Terminal, telegram: TelegramServer, dovecot: Dovecot
) -> None:
    answers = ["imap", "", "localhost", "none", str(dovecot.port), "duty", "", "wrong", "", "n"]
    assert "refuses the login" in await dialogue(setup, telegram, *answers)
    assert load(setup.config).mailbox == {}
    assert [path.name for path in (setup.folder / "secrets").iterdir()] == ["telegram.token"]


async def test_imap_signs_in_with_a_token(
    setup: Terminal, telegram: TelegramServer, microsoft: Microsoft, tmp_path: Path
) -> None:
    """XOAUTH2: the application's secret is wrong at first, and the mail server's authority a private one."""
    microsoft.scope = "https://outlook.office365.com/.default"
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "tls" / "server.pem")
    async with scripted({"AUTHENTICATE": "{tag} OK in\r\n"}, tls) as imap:
        said = await dialogue(
            setup,
            telegram,
            *("imap", "", "localhost", "", str(imap.port), ADDRESS, "oauth"),
            *("http://nowhere.invalid", microsoft.origin, TENANT, CLIENT, "wrong", "soon", "", ""),
            *("y", str(microsoft.ca_file)),
            *("y", "", "oauth", "", "", "", SECRET, "2027-11-20"),
            "",
        )
    assert "A day is written like 2027-11-20" in said
    assert "is the secret's value, not its ID" in said
    assert "✓ Saved." in said
    assert imap.sasl[-1].startswith(f"user={ADDRESS}\1auth=Bearer ".encode())
    section = load(setup.config).mailbox["contractor"]
    assert (section.auth, str(section.client_secret_expires)) == ("oauth", "2027-11-20")
    assert SECRET not in setup.config.read_text("utf-8")


@pytest.mark.parametrize("auth", ["password", "basic", "ntlm"])
async def test_exchange_by_a_password(
    auth: str,
    setup: Terminal,
    telegram: TelegramServer,
    exchange: ExchangeServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if auth == "ntlm":
        (tmp_path / "users").write_text(f"B:robot:{exchange.password}\n", encoding="utf-8")
        monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / "users"))
        exchange.schemes = ("NTLM",)
    contracts = exchange.folder("Contracts", exchange.inbox.key)
    exchange.put(contracts, datetime.now(UTC) - timedelta(hours=1), letter(101))
    user = "B\\robot" if auth == "ntlm" else exchange.address
    said = await dialogue(
        setup,
        telegram,
        *("ews", "", "nonsense", exchange.address, f"http://127.0.0.1:{closed_port()}/EWS/Exchange.asmx"),
        *(auth, user, "wrong", "Inbox/Contarcts"),
        *("y", "", exchange.url),
        *("y", "", "", "", exchange.password),
        *("y", "Inbox/Contracts"),
        "",
    )
    for step in (
        "nonsense is no e-mail address",
        "Connection refused",
        "the server's address (url or host)",
        "refuses the name or password",
        "there is no Contarcts among Contracts",
        "✓ Saved.",
    ):
        assert step in said
    section = await works(setup, exchange.password)
    assert (section.url, section.auth, section.folder) == (exchange.url, auth, "Inbox/Contracts")


async def test_exchange_by_an_application(setup: Terminal, telegram: TelegramServer, tmp_path: Path) -> None:
    ca_file, tls = authority(tmp_path)
    exchange = ExchangeServer()
    await exchange.start(tls)
    exchange.schemes = ("Bearer",)
    exchange.put(exchange.inbox, datetime.now(UTC) - timedelta(hours=1), letter(101))
    try:
        said = await dialogue(
            setup,
            telegram,
            *("ews", "", exchange.address, exchange.url, "oauth", exchange.base, "t", "app", "wrong", "", ""),
            *("y", str(ca_file)),
            *("y", "", "", "", "", "", exchange.client_secret, ""),
            "",
        )
        assert "is not trusted" in said
        assert "AADSTS7000215" in said
        assert (await works(setup, exchange.client_secret)).ca_file == ca_file
    finally:
        await exchange.stop()


async def test_microsoft_365(setup: Terminal, telegram: TelegramServer, microsoft: Microsoft) -> None:
    """Every refusal says what to do about it."""
    microsoft.add(letter(101), datetime.now(UTC) - timedelta(hours=1))
    said = await dialogue(
        setup,
        telegram,
        *("graph", "", ADDRESS, microsoft.origin, microsoft.url, TENANT, CLIENT, "wrong", "", "Inbox/Contracts"),
        *("y", str(microsoft.ca_file)),
        *("y", "", "", "", SECRET, ""),
        *("y", "Inbox"),
        "",
    )
    for step in ("is not trusted", "not its ID", "There is no folder Contracts in Inbox", "✓ Saved."):
        before, found, said = said.partition(step)
        assert found, (step, before)
    section = await works(setup, SECRET)
    assert (section.kind, section.address, section.folder) == ("graph", ADDRESS, "Inbox")


async def test_a_folder_of_letters(setup: Terminal, telegram: TelegramServer) -> None:
    (setup.folder / "mail").mkdir()
    (setup.folder / "mail" / "1.eml").write_bytes(letter(101))
    said = await dialogue(setup, telegram, "maildir", "chat", "contractor", "nowhere", "y", "mail", "")
    assert "There is one of that name already" in said
    assert "Check the path and the share" in said
    assert (await works_without_secrets(setup)).path == setup.folder / "mail"


async def works_without_secrets(setup: Terminal) -> MailboxSection:
    assert "✓ mailbox contractor" in await setup.command("doctor")
    assert "101 → en_route" in await setup.command("letters", "check", "--dry-run")
    return load(setup.config).mailbox["contractor"]
