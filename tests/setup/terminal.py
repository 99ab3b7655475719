"""`vakhta setup` as a person or a script meets it: answers on standard input, in a folder of its own."""

import asyncio
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.commands import setup
from deploy.demo.telegram import TelegramServer


class Terminal:
    """Runs `vakhta setup` in a folder, with answers on standard input."""

    def __init__(
        self, folder: Path, api: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder, self.api, self._patch, self._capsys = folder, api, monkeypatch, capsys
        self.said = ""

    async def __call__(
        self, *answers: str, options: tuple[str, ...] = (), status: int = 0, keys: type[io.StringIO] = io.StringIO
    ) -> str:
        self._patch.setattr(sys, "stdin", keys("".join(f"{answer}\n" for answer in answers)))
        at = () if "--api-base" in options else ("--api-base", self.api)
        found = await asyncio.to_thread(main, ["setup", *at, *options])
        self.said += self.heard()
        assert found == status, self.said
        return self.said

    async def command(self, *words: str, status: int = 0) -> str:
        """Another command in the same folder; what it says."""
        found = await asyncio.to_thread(main, list(words))
        said = self.heard()
        assert found == status, said
        return said

    def heard(self) -> str:
        out, err = self._capsys.readouterr()
        return out + err

    @property
    def config(self) -> Path:
        return self.folder / "vakhta.toml"


def terminal_in(
    folder: Path, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """Where nothing is set up yet, in English."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setattr(setup, "PATIENCE", 15.0)  # a test that fails shall not wait for a link for ten minutes
    for name in ("LC_ALL", "LC_MESSAGES", "VAKHTA_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return Terminal(folder, telegram.base_url, monkeypatch, capsys)


async def eventually(look: Callable[[], str]) -> str:
    async with asyncio.timeout(20):
        while not (found := look()):  # noqa: ASYNC110  what is waited for is printed by another thread
            await asyncio.sleep(0.05)
    return found
