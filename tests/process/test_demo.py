"""`vakhta demo` as a process: two addresses, a stop in time, state that outlives a kill, no foreign folder touched."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from deploy.demo.words import LANGUAGES_SPOKEN
from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID, OFFICE_CHAT_ID
from tests.process.processes import POSIX, STOP_WITHIN, Running, run, started

READY_WITHIN = 10.0
EVENING_WITHIN = 60.0
pytestmark = [pytest.mark.crash, pytest.mark.timeout(150)]
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

    def _do(self, what: str, **how: Any) -> None:
        headers = {"Content-Type": "application/json"}
        body = json.dumps(how).encode()
        urlopen(Request(f"{self.chat}world/{what}", body, headers), timeout=5).close()  # noqa: S310  loopback

    def say(self, person: int, text: str) -> None:
        self._do("send", **{"as": person, "chat": person, "text": text})

    def press(self, person: int, message: dict[str, Any], label: str) -> None:
        buttons = [button for row in message["reply_markup"]["inline_keyboard"] for button in row]
        data = next(button["callback_data"] for button in buttons if label in button["text"])
        chat, number = message["chat"]["id"], message["message_id"]
        self._do("press", **{"as": person, "chat": chat, "message": number, "data": data})

    def speak(self, language: str) -> None:
        self._do("language", language=language)

    def _seen(self, chat: int) -> dict[str, Any]:
        chats: dict[int, dict[str, Any]] = {each["id"]: each for each in get(f"{self.chat}world/state")["chats"]}
        return chats[chat]

    def messages(self, chat: int) -> list[dict[str, Any]]:
        return list(self._seen(chat)["messages"])

    def topics(self, chat: int) -> list[dict[str, Any]]:
        return list(self._seen(chat)["topics"])

    def texts(self, chat: int) -> list[str]:
        return [str(message.get("text", "")) for message in self.messages(chat)]

    def live_through(self) -> None:
        until(lambda: not get(f"{self.chat}world/state")["evening"], EVENING_WITHIN)

    def requests(self) -> dict[str, str]:
        found = get(f"{self.status}api/requests")
        return {f"{each['request_number']}/{each['position_number']}".rstrip("/"): each["status"] for each in found}


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
        shown.say(ENGINEER_ID, "/new 101 12 Leak in the server room")  # it waits until the evening is over
        until(lambda: len(shown.texts(ENGINEER_ID)) == 2, EVENING_WITHIN)
        before = shown.texts(ENGINEER_ID)
        running.kill()
    with demo(tmp_path) as running:
        shown = Demo(running)
        assert shown.texts(ENGINEER_ID)[:2] == before
        assert "101/12" in shown.requests()
        shown.say(ENGINEER_ID, "/request 101")
        until(lambda: "Leak in the server room" in shown.texts(ENGINEER_ID)[-1], EVENING_WITHIN)
        running.kill()
    with demo(tmp_path, "--fresh") as running:
        shown = Demo(running)
        assert "101/12" not in shown.requests()
        assert shown.texts(ENGINEER_ID) == []
        running.kill()


def test_a_new_demo_has_an_evening_behind_it_in_the_language_chosen(tmp_path: Path) -> None:
    said = LANGUAGES_SPOKEN["uk"]
    with demo(tmp_path) as running:
        shown = Demo(running)
        shown.speak("uk")
        shown.live_through()
        duty = shown.messages(DUTY_CHAT_ID)
        cards = [each for each in duty if each["text"].startswith("Заявка ")]
        assert len(cards) == 6
        assert shown.requests() == {
            "87": "left",
            "92": "en_route",
            "95/4": "on_site",
            "96/2": "accepted",
            "98": "sent",
            "99": "cancelled",
        }
        assert [each["text"] for each in duty if "Без новин" in each["text"] and said.conditioner in each["text"]]
        assert len([each for each in duty if "Без новин" in each["text"]]) == 1
        topics = {topic["id"]: topic["name"] for topic in shown.topics(OFFICE_CHAT_ID)}
        told = {(topics[each["message_thread_id"]], each["text"].split()[0]) for each in shown.messages(OFFICE_CHAT_ID)}
        assert told == {("Заявки", "Заявка"), ("Заявки", "⚠️"), ("Файли", "📁")}
        shown.press(ENGINEER_ID, next(each for each in cards if said.radiator in each["text"]), "Чому")
        until(lambda: any("✓ виїхав" in text for text in shown.texts(DUTY_CHAT_ID)))
        running.kill()


def test_a_folder_with_something_else_is_not_touched(tmp_path: Path) -> None:
    kept = tmp_path / "data" / "thesis.txt"
    kept.parent.mkdir()
    kept.write_text("years of work", "utf-8")
    ended = run("demo", "--dir", "data", "--fresh", "--port", "0", "--chat-port", "0", cwd=tmp_path)
    assert ended.returncode == 2
    assert "holds something else" in ended.stderr
    assert [path.name for path in kept.parent.iterdir()] == ["thesis.txt"]
