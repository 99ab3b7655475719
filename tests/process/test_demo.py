"""`vakhta demo` as a process: two addresses, a stop in time, state that outlives a kill, no foreign folder touched."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from deploy.demo.world import ENGINEER_ID, LEAD_ID
from tests.process.processes import POSIX, STOP_WITHIN, Running, run, started

READY_WITHIN = 10.0
pytestmark = [pytest.mark.crash, pytest.mark.timeout(60)]
posix = pytest.mark.skipif(not POSIX, reason="Windows ends processes without a word")


def get(url: str) -> Any:
    with urlopen(url, timeout=5) as answer:  # noqa: S310  loopback
        body = answer.read().decode()
    return json.loads(body) if "json" in answer.headers["Content-Type"] else body


def until(look: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)  # the demo needs the processor more than this


class Demo:
    """A running demo, used through its two pages."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.chat = running.url("Chat page:")
        self.status = running.url("Status page:")

    def say(self, person: int, text: str) -> None:
        body = json.dumps({"as": person, "chat": person, "text": text}).encode()
        headers = {"Content-Type": "application/json"}
        urlopen(Request(f"{self.chat}world/send", body, headers), timeout=5).close()  # noqa: S310  loopback

    def texts(self, person: int) -> list[str]:
        chats = {chat["id"]: chat for chat in get(f"{self.chat}world/state")["chats"]}
        return [str(message.get("text", "")) for message in chats[person]["messages"]]

    def requests(self) -> list[Any]:
        found: list[Any] = get(f"{self.status}api/requests")
        return found


def demo(folder: Path, *more: str) -> Any:
    return started("demo", "--port", "0", "--chat-port", "0", "--dir", "data", *more, cwd=folder)


@posix
def test_both_pages_answer_in_time_their_ports_are_theirs_and_a_stop_is_short(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        shown = Demo(running)
        assert "html" in get(shown.chat)
        assert "html" in get(shown.status)
        assert time.monotonic() - running.began < READY_WITHIN
        port = shown.chat.rstrip("/").rpartition(":")[2]
        second = run("demo", "--dir", "other", "--port", "0", "--chat-port", port, cwd=tmp_path)
        assert (second.returncode, f"Port {port} is taken" in second.stderr) == (2, True)
        assert running.stop() < STOP_WITHIN
    assert {path.name for path in tmp_path.iterdir()} == {"data", "log", "other"}


def test_what_was_said_and_done_outlives_a_kill(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        shown = Demo(running)
        shown.say(ENGINEER_ID, "/new 101 12 Leak in the server room")
        until(lambda: len(shown.texts(ENGINEER_ID)) == 2)
        before = shown.texts(ENGINEER_ID)
        running.kill()
    with demo(tmp_path) as running:
        shown = Demo(running)
        assert shown.texts(ENGINEER_ID)[:2] == before
        assert [request["request_number"] for request in shown.requests()] == ["101"]
        shown.say(ENGINEER_ID, "/request 101")
        until(lambda: "Leak in the server room" in shown.texts(ENGINEER_ID)[-1])
        running.kill()
    with demo(tmp_path, "--fresh") as running:
        shown = Demo(running)
        assert shown.requests() == []
        assert shown.texts(LEAD_ID) == []
        running.kill()


def test_a_folder_with_something_else_is_not_touched(tmp_path: Path) -> None:
    kept = tmp_path / "data" / "thesis.txt"
    kept.parent.mkdir()
    kept.write_text("years of work", "utf-8")
    ended = run("demo", "--dir", "data", "--fresh", "--port", "0", "--chat-port", "0", cwd=tmp_path)
    assert ended.returncode == 2
    assert "holds something else" in ended.stderr
    assert [path.name for path in kept.parent.iterdir()] == ["thesis.txt"]
