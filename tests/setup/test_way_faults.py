"""Every fault on the way to Telegram, as `vakhta setup` and `vakhta doctor` tell it: a sentence, and what to do."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot import bot_api
from bot.commands.doctor import examine
from core.settings import make
from core.text import translator
from deploy.demo.telegram import TelegramServer
from tests.chat.test_trouble import silence
from tests.cli.test_doctor import closed_port
from tests.connectors.dovecot import server_context, write_certificate
from tests.proxies import Proxy, serving
from tests.setup.terminal import terminal_in
from tests.web import web_server

SECRET = "hunter2"
Scene = Callable[[TelegramServer, Path], AbstractAsyncContextManager[dict[str, str]]]
"""What is wrong while it lasts; the settings of `[telegram]` that meet it."""


def scripted(kind: str, **details: object) -> Scene:
    """The strict server, with that fault at every getMe."""

    @asynccontextmanager
    async def scene(telegram: TelegramServer, _folder: Path) -> AsyncIterator[dict[str, str]]:
        telegram.faults.add(kind, "getMe", times=9, **details)  # type: ignore[arg-type]  # plain keywords
        yield {"api_base": telegram.base_url}

    return scene


def says(status: int, body: str, kind: str = "text/html", **headers: str) -> Scene:
    """Somebody else answers in its place."""

    @asynccontextmanager
    async def scene(_telegram: TelegramServer, _folder: Path) -> AsyncIterator[dict[str, str]]:
        async with speaking(status, body, kind, headers) as port:
            yield {"api_base": f"http://127.0.0.1:{port}"}

    return scene


@asynccontextmanager
async def speaking(
    status: int, body: str, kind: str, headers: dict[str, str], tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind, headers=headers)

    async with web_server(answer, tls=tls) as port:
        yield port


def at(address: str) -> Scene:
    """An address where nobody is."""

    @asynccontextmanager
    async def scene(_telegram: TelegramServer, _folder: Path) -> AsyncIterator[dict[str, str]]:
        yield {"api_base": address.replace("PORT", str(closed_port()))}

    return scene


@asynccontextmanager
async def silent(_telegram: TelegramServer, _folder: Path) -> AsyncIterator[dict[str, str]]:
    async with silence() as api_base:
        yield {"api_base": api_base}


@asynccontextmanager
async def unvouched(_telegram: TelegramServer, folder: Path) -> AsyncIterator[dict[str, str]]:
    (folder / "tls").mkdir()
    async with speaking(200, "", "text/plain", {}, server_context(write_certificate(folder / "tls"))) as port:
        yield {"api_base": f"https://localhost:{port}"}


@asynccontextmanager
async def no_tls(telegram: TelegramServer, _folder: Path) -> AsyncIterator[dict[str, str]]:
    yield {"api_base": telegram.base_url.replace("http:", "https:")}


def through(proxy: Proxy, login: str = "") -> Scene:
    @asynccontextmanager
    async def scene(telegram: TelegramServer, _folder: Path) -> AsyncIterator[dict[str, str]]:
        async with serving(proxy):
            yield {"api_base": telegram.base_url, "proxy": proxy.url(login)}

    return scene


@asynccontextmanager
async def no_proxy(telegram: TelegramServer, _folder: Path) -> AsyncIterator[dict[str, str]]:
    yield {"api_base": telegram.base_url, "proxy": f"socks5://duty:{SECRET}@127.0.0.1:{closed_port()}"}


@asynccontextmanager
async def a_page_for_a_proxy(telegram: TelegramServer, _folder: Path) -> AsyncIterator[dict[str, str]]:
    async with speaking(200, "<html>", "text/html", {}) as port:
        yield {"api_base": telegram.base_url, "proxy": f"socks5://127.0.0.1:{port}"}


PAGE = "<!DOCTYPE html><title>Guest network</title>"
FAULTS = [
    pytest.param(scripted("refuse", status=401), "does not know this token", "@BotFather", id="401"),
    pytest.param(scripted("refuse", status=404), "does not know this token", "@BotFather", id="404"),
    pytest.param(scripted("flood", retry_after=7), "asks to wait 7 s", "Wait so long", id="429"),
    pytest.param(says(429, PAGE, **{"Retry-After": "9"}), "asks to wait 9 s", "Wait so long", id="429 of a gateway"),
    pytest.param(scripted("http", status=502), "error (HTTP 502)", "in a few minutes", id="502"),
    pytest.param(scripted("refuse", status=500), "error (HTTP 500)", "in a few minutes", id="500"),
    pytest.param(scripted("reset"), "was cut", "set a proxy", id="reset"),
    pytest.param(silent, "has not answered in time", "set a proxy", id="timeout"),
    pytest.param(at("http://nowhere.invalid"), "name nowhere.invalid is not known", "DNS server", id="DNS"),
    pytest.param(at("http://127.0.0.1:PORT"), "Connection refused", "Check the network", id="refused"),
    pytest.param(unvouched, "is not trusted: self-signed certificate", "clock and certificates", id="certificate"),
    pytest.param(no_tls, "No encrypted connection", "not meant for https", id="no TLS"),
    pytest.param(says(200, PAGE), "A web page answers", "sign in with a browser", id="captive portal"),
    pytest.param(
        says(302, "", Location="http://login.invalid/"), "A web page answers", "sign in with", id="captive redirect"
    ),
    pytest.param(says(403, PAGE), "is not Telegram (HTTP 403)", "telegram.api_base", id="blocked page"),
    pytest.param(says(200, '{"hello": 1}', "application/json"), "is not Telegram", "api_base", id="other JSON"),
    pytest.param(says(200, '{"ok": true, "result": {}}'), "is not Telegram (getMe)", "api_base", id="empty result"),
    pytest.param(says(200, "{ok:", "application/json"), "is not Telegram", "api_base", id="broken JSON"),
    pytest.param(no_proxy, "The proxy 127.0.0.1:", "Start the proxy", id="proxy away"),
    pytest.param(
        through(Proxy("socks5", "duty:right"), f"duty:{SECRET}"), "the name and password", "Write them", id="login"
    ),
    pytest.param(through(Proxy("http", refuses=True)), "let me through", "Ask whoever runs", id="proxy refuses"),
    pytest.param(a_page_for_a_proxy, "is no socks5 proxy", "its port and kind", id="no proxy"),
]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot_api, "TIMEOUT", 1.0)


@pytest.mark.parametrize(("scene", "sentence", "remedy"), FAULTS)
async def test_setup_says_what_is_wrong_and_saves_nothing(
    scene: Scene,
    sentence: str,
    remedy: str,
    tmp_path: Path,
    telegram: TelegramServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "here").mkdir()
    setup = terminal_in(tmp_path / "here", telegram, monkeypatch, capsys)
    async with scene(telegram, tmp_path) as section:
        options = [part for key, value in section.items() for part in (f"--{key.replace('_', '-')}", value)]
        said = await setup("en", "y", telegram.token, options=tuple(options), status=1)
    assert sentence in said
    assert remedy in said.partition(sentence)[2]
    assert "Stopped. Nothing was changed." in said
    assert SECRET not in said
    assert telegram.token not in said
    assert list(setup.folder.iterdir()) == []


@pytest.mark.parametrize(("scene", "sentence", "remedy"), FAULTS)
async def test_doctor_says_the_same(
    scene: Scene, sentence: str, remedy: str, tmp_path: Path, telegram: TelegramServer
) -> None:
    async with scene(telegram, tmp_path) as section:
        settings = make({"language": "en", "telegram": {"token": telegram.token, **section}}, tmp_path)
        findings = await examine(settings, translator("en"))
    (fault,) = [finding for finding in findings if not finding.ok]
    assert fault.check.startswith("Telegram")
    assert sentence in fault.found
    assert remedy in fault.remedy
    assert SECRET not in f"{fault}"
