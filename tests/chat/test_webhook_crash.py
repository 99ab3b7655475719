"""The assistant by webhook, killed in the middle: Telegram posts again what was not answered, nothing is done twice."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.telegram import TelegramServer
from tests.chat.test_webhook import URL, free_port
from tests.duty import LEAD

ROOT = Path(__file__).parents[2]
CONFIG = """language = "en"
timezone = "UTC"
[telegram]
token = "{token}"
api_base = "{api_base}"
admins = [{lead}]
mode = "webhook"
webhook = {{ url = "{url}", port = {port} }}
[page]
port = 0
"""
MANY = 8


@pytest.mark.crash
@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform == "win32", reason="it forks itself, which Windows cannot do")
async def test_killed_in_the_middle_of_updates_it_loses_none(
    tmp_path: Path, telegram: TelegramServer, sqlite_template: Path
) -> None:
    port = free_port()
    telegram.fronts["bot.example"] = f"http://127.0.0.1:{port}"
    values = {"token": telegram.token, "api_base": telegram.base_url, "lead": LEAD, "url": URL, "port": port}
    config = tmp_path / "vakhta.toml"
    config.write_text(CONFIG.format(**values), "utf-8")
    shutil.copyfile(sqlite_template, tmp_path / "vakhta.db")

    def made() -> set[int]:
        said = "\n".join(telegram.texts(LEAD))
        return {number for number in range(1, MANY + 1) if f"Request {number}\n" in said}

    command = [sys.executable, "-m", "tests.chat.crashing", str(config)]
    with subprocess.Popen(  # noqa: ASYNC220  it must be there when its lines are read in a thread
        command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout
            first = int(await asyncio.to_thread(process.stdout.readline))
            for number in range(1, MANY + 1):
                await telegram.person(LEAD).send(f"/new {number} - Leak")
            await telegram.wait_for(lambda: len(made()) >= 3, 15)
            os.kill(first, signal.SIGKILL)
            assert telegram.state.updates
            await telegram.wait_for(lambda: not telegram.state.updates and len(made()) == MANY, 25)
        finally:
            process.kill()
