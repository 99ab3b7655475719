import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from core.alerts.model import Destination
from core.db.engine import Database
from tests.alerts.world import World, world

ROOT = Path(__file__).parents[2]
MARK = "↻ Repeat: this may have reached you before.\n"
CHATS = 6
EACH = 4


def start_courier(here: World, *, dies_after: int) -> subprocess.Popen[bytes]:
    url = here.db.url.render_as_string(hide_password=False)
    module = [sys.executable, "-m", "tests.alerts.crashing"]
    return subprocess.Popen([*module, url, here.telegram.base_url, here.telegram.token, str(dies_after)], cwd=ROOT)


def said(here: World) -> Counter[str]:
    return Counter(text for number in range(CHATS) for text in here.texts(100 + number))


@pytest.mark.crash
@pytest.mark.timeout(60)
async def test_a_courier_killed_in_the_middle_loses_nothing_and_repeats_nothing_unmarked(sqlite_db: Database) -> None:
    async with world(sqlite_db) as here:
        chats = [Destination(100 + number) for number in range(CHATS)]
        for chat in chats:
            here.telegram.add_user(chat.chat_id, f"Person {chat.chat_id}")
        for turn in range(EACH):
            for chat in chats:
                await here.tell(f"{chat.chat_id}/{turn}", mode="new", to=(chat,))

        process = start_courier(here, dies_after=4)
        if sys.platform == "win32":  # elsewhere the second one follows by itself
            process.wait(25)
            process = start_courier(here, dies_after=0)

        async def enough() -> bool:
            return len(here.telegram.pace.sent) >= 11

        await here.until(enough, 25)
        process.kill()
        process.wait()
        here.clock.ahead += 60
        await here.supervisor.start()
        here.clock.ahead += 11

        async def done() -> bool:
            here.clock.ahead += 0.2
            return {state for state, _ in await here.rows()} == {"sent"}

        await here.until(done, 20)
        heard = said(here)
        wanted = {f"{chat.chat_id}/{turn}" for chat in chats for turn in range(EACH)}
        unmarked = Counter({text: count for text, count in heard.items() if not text.startswith(MARK)})
        told = set(unmarked) | {text.removeprefix(MARK) for text in heard if text.startswith(MARK)}
        assert told == wanted
        assert any(text.startswith(MARK) for text in heard)
        assert max(unmarked.values()) == 1
