"""`vakhta setup` as a person or a script meets it: the real command against the strict Bot API server."""

import asyncio
import io
import re
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.setup.console import Console
from bot.setup.draft import put
from core.db.engine import Database
from core.errors import ConfigError
from core.health.store import runs
from core.people.model import Person
from core.people.store import save_person, set_role
from core.settings import load
from core.text import translator
from deploy.demo.telegram import TelegramServer
from tests.duty import LEAD
from tests.proxies import Proxy, serving
from tests.setup.terminal import Terminal, eventually, terminal_in

pytestmark = pytest.mark.timeout(60)
"""Many of these are a whole setup."""
WRONG = "123456789:AAEwrong-wrong-wrong-wrong-wrong-wrong"
DEAD = "http://127.0.0.1:9"


@pytest.fixture
def setup(
    tmp_path: Path, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    return terminal_in(tmp_path, telegram, monkeypatch, capsys)


async def test_from_nothing_to_an_admin(setup: Terminal, telegram: TelegramServer) -> None:
    """Everything in one go: each thing is tried first, secrets are in files of their own, the opener is admin."""
    for name in ("Shared Docs", "mail"):
        (setup.folder / name).mkdir()
    answers = ["uk", "т", WRONG, telegram.token, "Europe/Nowhere", "Europe/Kyiv"]
    answers += ["missing", "Shared Docs", "", "", "pigeon", "maildir", "", "mail", "*@lift.example", ""]
    answers += ["Lift Service @lift.example", "Other @lift.example", "", "так"]
    running = asyncio.create_task(setup(*answers))

    def link() -> str:
        setup.said += setup.heard()
        found = re.search(r"https://t\.me/\S+", setup.said.partition("BotFather")[2])
        return found[0] if found else ""

    await telegram.person(LEAD).open(await eventually(link))
    said = await running
    assert "Taras — адмін" in said
    assert "Telegram не знає цього токена" in said
    assert "Europe/Nowhere" in said
    assert "missing" in said
    assert re.findall(r"^    vakhta (\w+)", said, re.MULTILINE) == ["doctor", "run", "service"]
    assert telegram.token not in said + setup.config.read_text("utf-8")
    secret = setup.folder / "secrets" / "telegram.token"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    settings = load(setup.config)
    assert (settings.language, settings.timezone) == ("uk", "Europe/Kyiv")
    assert settings.telegram.token.get_secret_value() == telegram.token
    assert settings.watch["shared_docs"].path == setup.folder / "Shared Docs"
    assert (settings.mailbox["contractor"].apply, settings.mailbox["contractor"].senders) == (
        "confirm",
        ("*@lift.example",),
    )
    assert "Ваша роль — адмін" in telegram.last(LEAD).text


async def test_beside_an_assistant_that_runs_the_link_is_opened_there(
    setup: Terminal, telegram: TelegramServer, sqlite_db: Database
) -> None:
    """The chat has one place only; setup looks on, and asks Telegram for nobody's words."""
    now = datetime.now(UTC)
    async with sqlite_db.transaction() as tx:
        await tx.execute(insert(runs).values(host="one", pid=7, parts=["chat"], started_at=now, seen_at=now))
        await save_person(tx, Person(LEAD, "Taras"), now)
    running = asyncio.create_task(setup("en", "y", telegram.token, "UTC", "", "", "y"))

    def waiting() -> str:
        setup.said += setup.heard()
        return "Waiting" if "Waiting for at most" in setup.said else ""

    await eventually(waiting)
    async with sqlite_db.transaction() as tx:
        await set_role(tx, LEAD, "admin")
    assert "✓ Taras is admin." in await running
    assert telegram.api.poller == 0


async def test_an_existing_file_is_gone_on_with_where_it_is_incomplete(
    setup: Terminal, telegram: TelegramServer
) -> None:
    """What a person wrote stays, comments too, and a copy is kept; broken off anywhere, the next call goes on."""
    before = '# ours\nlanguage = "en"\n[telegram]\ntoken = ""  # later\nadmins = [101]\n[page]\nport = 0\n'
    setup.config.write_text(before, "utf-8")
    await setup(status=1)
    assert setup.config.read_text("utf-8") == before
    await setup("y", "n", status=1)
    assert setup.config.read_text("utf-8") == before
    await setup("y", "y", telegram.token)
    text = setup.config.read_text("utf-8")
    assert text.startswith('# ours\nlanguage = "en"\n')
    assert 'token_file = "secrets/telegram.token"' in text
    assert [path.read_text("utf-8") for path in setup.folder.glob("vakhta.toml.2*")] == [before]
    (setup.folder / "docs").mkdir()
    said = await setup("y", "docs", "")
    assert "Token" not in said.rpartition("Go on with it?")[2]
    assert load(setup.config).watch["docs"].path == setup.folder / "docs"
    assert "Open this link" not in said
    assert list(setup.folder.rglob(".*")) == []


async def test_a_file_with_faults_is_told_and_left_alone(setup: Terminal) -> None:
    setup.config.write_text("[telegram]\ntokn = 1\n", "utf-8")
    assert "telegram.tokn" in await setup("y", status=2)


async def test_where_telegram_is_blocked(setup: Terminal, telegram: TelegramServer) -> None:
    """The address is dead, then the proxy is, then the own server answers; only what works is saved."""
    answers = ["en", "y", telegram.token, "p", "nonsense", "socks5://127.0.0.1:9", "", "a", setup.api, "n"]
    said = await setup(*answers, options=("--api-base", DEAD), status=1)
    assert "127.0.0.1:9 cannot be reached: Connection refused" in said
    assert "begins with http://, socks5://" in said
    assert "The proxy 127.0.0.1:9 cannot be reached" in said
    assert "sees the token and every message" in said
    assert "Nothing was changed" in said
    assert not setup.config.exists()
    assert not (setup.folder / "secrets").exists()


async def test_what_passes_is_tried_again(setup: Terminal, telegram: TelegramServer) -> None:
    telegram.faults.add("flood", "getMe", retry_after=7)
    said = await setup("en", "y", telegram.token, "", "UTC", "", "", "n")
    assert "This is @" in said.partition("asks to wait 7 s")[2]


async def test_the_password_of_a_proxy_is_in_a_file_of_its_own(setup: Terminal, telegram: TelegramServer) -> None:
    """Asked for where the address has none; a proxy that wants no name stays in sight."""
    telegram.faults.add("reset", "getMe")
    answers = ["en", "y", telegram.token, "p"]
    async with serving(Proxy("socks5", "duty:p@ss/word")) as proxy:
        said = await setup(*answers, proxy.url(""), "duty", "p@ss/word", "UTC", "", "", "n")
    assert "This is @" in said
    assert "p@ss" not in said + setup.config.read_text("utf-8")
    assert 'proxy_file = "secrets/telegram.proxy"' in setup.config.read_text("utf-8")
    secret = setup.folder / "secrets" / "telegram.proxy"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert load(setup.config).telegram.proxy.get_secret_value() == proxy.url("duty:p%40ss%2Fword")
    async with serving(Proxy("http")) as plain:
        await setup("y", "", "", "n", options=("--proxy", plain.url()))
    assert f'proxy = "{plain.url()}"' in setup.config.read_text("utf-8")
    assert load(setup.config).telegram.proxy.get_secret_value() == plain.url()


async def test_a_token_that_is_refused_is_asked_for_anew(setup: Terminal, telegram: TelegramServer) -> None:
    """In the file as it was written by hand, too: it goes to a file of its own."""
    setup.config.write_text(f'language = "en"\ntimezone = "UTC"\n[telegram]\ntoken = "{WRONG}"\n', "utf-8")
    said = await setup("y", "y", telegram.token, "", "", "n")
    assert "does not know this token" in said
    assert "token = " not in setup.config.read_text("utf-8")
    assert load(setup.config).telegram.token.get_secret_value() == telegram.token


async def test_the_next_commands_name_a_file_elsewhere(setup: Terminal, telegram: TelegramServer) -> None:
    place = setup.folder / "etc"
    place.mkdir()
    at = str(place / "duty.toml")
    said = await setup("en", "y", telegram.token, "UTC", "", "", "n", options=("--config", at))
    assert f"vakhta run --config {at}" in said
    assert load(Path(at)).telegram.token.get_secret_value() == telegram.token


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[telegram]\ntoken_file = "a\\"b"\n'),
        ('[telegram] # ours\ntoken_file = "x"\n', '[telegram] # ours\ntoken_file = "a\\"b"\n'),
        ("[page]\nport = 1\n", '[page]\nport = 1\n\n[telegram]\ntoken_file = "a\\"b"\n'),
    ],
)
def test_a_value_is_put_where_it_belongs(before: str, after: str) -> None:
    assert put(before, "telegram", {"token_file": 'a"b'}) == after


@pytest.mark.parametrize("text", ['telegram = { token = "" }\n', 'telegram.token = ""\n', 'x = """\n[telegram]\n"""\n'])
def test_a_file_that_cannot_be_changed_safely_is_not(text: str) -> None:
    with pytest.raises(ConfigError, match="Put into"):
        put(text, "telegram", {"token_file": "a"})


def test_yes_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\nтак\nда\n\nno\nні\n"))
    console = Console(translator("en"))
    assert [console.agrees("?", default=False) for _ in range(7)] == [True, True, True, False, False, False, False]
