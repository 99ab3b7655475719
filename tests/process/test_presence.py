"""One process of the assistant at a time, and what it says after an end without a word."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deploy.demo.telegram import TelegramServer
from tests.cli.conftest import LETTER
from tests.duty import GROUP, LEAD
from tests.process.processes import run, started

pytestmark = [pytest.mark.crash, pytest.mark.timeout(60)]


def configure(folder: Path, telegram: TelegramServer) -> None:
    (folder / "mail").mkdir()
    (folder / "docs").mkdir()
    (folder / "vakhta.toml").write_text(
        f'language = "en"\n[telegram]\ntoken = "{telegram.token}"\napi_base = "{telegram.base_url}"\n'
        f"admins = [{LEAD}]\n[telegram.chats.duty]\nid = {GROUP}\n[page]\nport = 0\n"
        '[watch.docs]\npath = "docs"\n[mailbox.contractor]\npath = "mail"\ncheck_every = 0.2\n',
        "utf-8",
    )


def was_seen(folder: Path) -> bool:
    """Whether the watched folder has been looked at: only then is what is new in it a change."""
    with closing(sqlite3.connect(folder / "vakhta.db")) as connection:
        return bool(
            connection.execute("SELECT count(*) FROM file_watches WHERE first_seen_at IS NOT NULL").fetchone()[0]
        )


async def test_a_second_copy_is_refused_and_a_kill_is_told_with_what_was_caught_up(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    configure(tmp_path, telegram)
    with started("run", cwd=tmp_path) as running:
        running.line("Status page")
        assert await telegram.wait_for(lambda: bool(telegram.api.poller) and was_seen(tmp_path), timeout=30)
        second = run("run", cwd=tmp_path)
        assert second.returncode == 2
        assert f"process {running.process.pid} on" in second.stderr
        assert "Stop that one" in second.stderr
        assert len(second.stderr.splitlines()) == 1
        running.kill()
    (tmp_path / "mail" / "one.eml").write_text(LETTER, "utf-8")
    (tmp_path / "docs" / "plan.txt").write_text("new", "utf-8")
    with started("run", cwd=tmp_path) as running:
        assert await telegram.wait_for(lambda: "I was away for" in " ".join(telegram.texts(GROUP)), timeout=30)
        assert any("nothing lost: 1 letter read, 1 file change found." in said for said in telegram.texts(GROUP))
        running.kill()
