import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.errors import ConfigError
from deploy.demo.chat.texts import LANGUAGES, strings
from deploy.demo.clock import WorldClock
from deploy.demo.words import LANGUAGES_SPOKEN
from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID, FIRST_VISIT, LEAD_ID, OFFICE_CHAT_ID, STRANGER_ID, World


@pytest.fixture
async def page(world: World) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(world.chat_url) as session:
        yield session


async def post(page: aiohttp.ClientSession, path: str, **body: Any) -> tuple[int, Any]:
    async with page.post(path, json=body) as answer:
        return answer.status, await answer.json()


async def test_the_page_and_its_parts_allow_nothing_from_outside(page: aiohttp.ClientSession) -> None:
    for path in ("/", "/static/app.js", "/static/base.css", "/static/icon.svg"):
        async with page.get(path) as answer:
            assert answer.status == 200
            policy_ = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy_
            assert "unsafe" not in policy_


@pytest.mark.parametrize("path", ["/static/..%2Fpage.py", "/static/none.js", "/world/texts?lang=pl", "/world/file/x"])
async def test_what_is_not_there_is_not_found(page: aiohttp.ClientSession, path: str) -> None:
    async with page.get(path) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_another_site_cannot_drive_the_page(
    page: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    sent = {"Content-Type": "application/json"} | headers
    async with page.post("/world/clock", data='{"hours": 1}', headers=sent) as answer:
        assert answer.status == status


async def test_a_text_sent_on_the_page_reaches_the_bot_and_the_page(world: World, page: aiohttp.ClientSession) -> None:
    status, sent = await post(page, "/world/send", **{"as": ENGINEER_ID}, chat=DUTY_CHAT_ID, text="/status")
    assert (status, sent) == (200, {"id": 1})
    assert [update["message"]["text"] for update in world.telegram.state.updates.values()] == ["/status"]
    async with page.get("/world/state") as answer:
        chats = {chat["id"]: chat for chat in (await answer.json())["chats"]}
    assert chats[DUTY_CHAT_ID]["messages"][0]["text"] == "/status"


async def test_a_stranger_cannot_write_into_the_group(page: aiohttp.ClientSession) -> None:
    status, body = await post(page, "/world/send", **{"as": STRANGER_ID}, chat=DUTY_CHAT_ID, text="hello")
    assert status == 409
    assert body["error"] == "You are not in this chat."


async def test_a_file_goes_up_on_the_page_and_down_again(page: aiohttp.ClientSession) -> None:
    content = base64.b64encode(b"plan").decode()
    who = {"as": ENGINEER_ID, "chat": ENGINEER_ID}
    await post(page, "/world/upload", **who, files=[{"name": "план.txt", "mime": "text/plain", "content": content}])
    async with page.get("/world/state") as answer:
        chats = {chat["id"]: chat for chat in (await answer.json())["chats"]}
    document = chats[ENGINEER_ID]["messages"][0]["document"]
    assert document["file_name"] == "план.txt"
    async with page.get(f"/world/file/{document['file_id']}") as answer:
        assert await answer.read() == b"plan"
        assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_a_press_and_its_answer_travel_over_the_live_connection(
    world: World, page: aiohttp.ClientSession
) -> None:
    await world.telegram.person(ENGINEER_ID).start()
    async with page.ws_connect("/world/ws") as live, aiohttp.ClientSession(world.api_base) as bot:
        await live.send_json({"after": 0})
        news = await live.receive_json()
        markup = '{"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}'
        fields = {"chat_id": str(ENGINEER_ID), "text": "Ready?", "reply_markup": markup}
        await live.send_json({"after": news["sequence"]})
        async with bot.post(f"/bot{world.token}/sendMessage", data=fields) as answer:
            message = (await answer.json())["result"]
        news = await live.receive_json()
        assert [event["message"]["text"] for event in news["events"]] == ["Ready?"]
        who = {"as": ENGINEER_ID, "chat": ENGINEER_ID}
        _, pressed = await post(page, "/world/press", **who, message=message["message_id"], data="go")
        await live.send_json({"after": news["sequence"]})
        fields = {"callback_query_id": pressed["query"], "text": "Gone"}
        async with bot.post(f"/bot{world.token}/answerCallbackQuery", data=fields):
            pass
        [answer_event] = (await live.receive_json())["events"]
        assert (answer_event["event"], answer_event["text"]) == ("answer", "Gone")


async def test_a_page_that_missed_too_much_is_told_to_start_over(page: aiohttp.ClientSession) -> None:
    async with page.ws_connect("/world/ws") as live:
        await live.send_json({"after": 10_000})
        assert (await live.receive_json())["events"] is None


@pytest.mark.parametrize("name", ["en_route", "on_site", "declined", "unknown", "away"])
async def test_a_prepared_letter_lands_in_the_maildir_whole(
    world: World, page: aiohttp.ClientSession, name: str
) -> None:
    status, shown = await post(page, "/world/letter", name=name)
    assert status == 200
    [path] = (world.mailbox / "new").iterdir()
    assert ":" not in path.name
    assert not list((world.mailbox / "tmp").iterdir())
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert letter["From"].addresses[0].domain == "contractor.example"
    assert letter["Message-ID"]
    assert (shown["subject"], shown["text"]) == (letter["Subject"], letter.get_content())
    assert abs(letter["Date"].datetime - world.now()).total_seconds() < 5
    assert len(letter.get_content()) > 20


async def test_the_pages_language_is_the_worlds_and_outlives_a_restart(
    tmp_path: Path, world: World, page: aiohttp.ClientSession
) -> None:
    heard: list[str] = []
    world.on_language = heard.append
    assert (await post(page, "/world/language", language="en"))[0] == 200
    assert heard == ["en"]
    assert (await post(page, "/world/language", language="pl"))[0] == 409
    async with page.get("/world/state") as answer:
        state = await answer.json()
    assert [who["first_name"] for who in state["personas"]] == ["Oksana", "Taras", "Ivan"]
    assert {who["language_code"] for who in state["personas"]} == {"en"}
    assert state["bot"]["first_name"] == "Vakhta"
    office = next(chat for chat in state["chats"] if chat["id"] == OFFICE_CHAT_ID)
    assert [topic["name"] for topic in office["topics"] if not topic["hidden"]] == ["Requests", "Files"]
    for name in ("en_route", "on_site", "declined", "unknown", "away"):
        _, shown = await post(page, "/world/letter", name=name)
        assert not re.search("[а-яіїє]", " ".join(map(str, shown.values())), re.IGNORECASE)
    again = World(tmp_path / "demo", 0, WorldClock())
    await again.start()
    assert again.language == "en"
    await again.stop()


async def test_the_evening_waits_for_its_visitors_page_and_speaks_its_language(tmp_path: Path) -> None:
    world = World(tmp_path / "demo", 0, WorldClock(), "en", lived_in=True)
    await world.start()
    playing = asyncio.create_task(world.play_evening(partial(asyncio.sleep, 0)))
    async with aiohttp.ClientSession(world.chat_url) as page:
        async with page.get("/world/state") as answer:
            assert (await answer.json())["evening"]
        assert world.telegram.messages(DUTY_CHAT_ID) == []
        await post(page, "/world/language", language="uk")
        await asyncio.wait_for(playing, FIRST_VISIT / 2)
    assert LANGUAGES_SPOKEN["uk"].barrier in world.telegram.messages(DUTY_CHAT_ID)[0].text
    await world.stop()


async def test_a_letter_of_ones_own_arrives_or_is_refused_in_the_readers_language(
    world: World, page: aiohttp.ClientSession
) -> None:
    own = {"subject": "Заявка 5", "text": "приехали"}
    assert (await post(page, "/world/letter", **own, **{"from": "a@contractor.example"}))[0] == 200
    [path] = (world.mailbox / "new").iterdir()
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"] == "Заявка 5"
    body = json.dumps(own | {"from": "nobody"})
    headers = {"X-Language": "uk", "Content-Type": "application/json"}
    async with page.post("/world/letter", data=body, headers=headers) as answer:
        assert answer.status == 409
        assert "поштова адреса" in (await answer.json())["error"]


async def test_a_file_is_saved_renamed_and_deleted(world: World, page: aiohttp.ClientSession) -> None:
    async def act(action: str) -> tuple[int, Any]:
        return await post(page, "/world/file", name="contract.docx", action=action)

    assert (await act("delete"))[0] == 409
    assert await act("save") == (200, {"name": "contract.docx"})
    assert await act("rename") == (200, {"name": "contract-final.docx"})
    assert [path.name for path in world.shared.iterdir()] == ["contract-final.docx"]
    assert await act("delete") == (200, {"name": "contract-final.docx"})
    assert list(world.shared.iterdir()) == []


async def test_an_edited_document_leaves_nothing_of_its_editor(world: World, page: aiohttp.ClientSession) -> None:
    assert await post(page, "/world/file", name="contract.docx", action="edit") == (
        200,
        {"name": "contract-final.docx"},
    )
    assert [path.name for path in world.shared.iterdir()] == ["contract-final.docx"]


async def test_an_unplugged_folder_is_not_there_and_three_files_change_behind_it(
    tmp_path: Path, world: World, page: aiohttp.ClientSession
) -> None:
    await post(page, "/world/share", on=False)
    assert not world.shared.exists()
    assert world.facts()["away"]
    again = World(tmp_path / "demo", 0, WorldClock())  # a restart does not plug it in
    await again.start()
    assert not again.shared.exists()
    await again.stop()
    assert await post(page, "/world/file", name="notes.txt", action="rename") == (200, {"name": "notes-final.txt"})
    await post(page, "/world/share", on=True)
    names = sorted(path.name for path in world.shared.iterdir())
    assert names == ["contract.docx", "notes-final.txt", "schedule.xlsx"]
    assert not world.facts()["away"]


async def test_the_hour_and_the_chats_are_there_after_a_restart(tmp_path: Path) -> None:
    before = World(tmp_path, 0, WorldClock())
    await before.start()
    async with aiohttp.ClientSession(before.chat_url) as page:
        await post(page, "/world/clock", hours=2)
    await before.telegram.person(LEAD_ID).send("hello")
    await before.stop()
    after = World(tmp_path, 0, clock := WorldClock())
    await after.start()
    assert clock.shift.total_seconds() == 7200
    assert [message.text for message in after.telegram.messages(LEAD_ID)] == ["hello"]
    await after.stop()


async def test_an_outage_cuts_off_the_bot_but_not_the_page(world: World, page: aiohttp.ClientSession) -> None:
    assert await post(page, "/world/outage", on=True) == (200, {"on": True})
    async with aiohttp.ClientSession(world.api_base) as bot:
        with pytest.raises(aiohttp.ClientConnectorError):
            await bot.get(f"/bot{world.token}/getMe")
        assert (await post(page, "/world/send", **{"as": LEAD_ID}, chat=LEAD_ID, text="hello"))[0] == 200
        await post(page, "/world/outage", on=False)
        async with bot.get(f"/bot{world.token}/getUpdates") as answer:
            assert len((await answer.json())["result"]) == 1


async def test_a_taken_port_is_named(world: World, tmp_path: Path) -> None:
    port = int(world.chat_url.rstrip("/").rpartition(":")[2])
    second = World(tmp_path / "second", port, WorldClock())
    with pytest.raises(ConfigError, match=f"Port {port} is taken by another program"):
        await second.start()


async def test_a_stop_does_not_wait_for_open_pages(tmp_path: Path) -> None:
    world = World(tmp_path, 0, WorldClock())
    await world.start()
    async with aiohttp.ClientSession(world.chat_url) as page, page.ws_connect("/world/ws") as live:
        await live.send_json({"after": world.telegram.state.sequence})
        async with aiohttp.ClientSession(world.chat_url) as other, other.ws_connect("/world/ws"):
            await asyncio.wait_for(world.stop(), 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_of_the_page_is_spoken_in_each_language(language: str) -> None:
    words = strings(language)
    assert all(words.values())
    assert words.keys() == strings("en").keys()


def test_the_page_uses_every_string_it_gets_and_no_other() -> None:
    static = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "chat" / "static"
    source = "\n".join(path.read_text("utf-8") for path in static.glob("*.js"))
    families = ("role_", "letter_", "file_", "outage_", "share_", "board_", "status_", "guide_")
    unused = [key for key in strings("en") if f'"{key}"' not in source and not key.startswith(families)]
    assert unused in ([], ["title"])


async def test_faults_are_scripted_from_the_page(page: aiohttp.ClientSession, world: World) -> None:
    assert await post(page, "/world/fault", kind="flood", method="sendMessage", times=2) == (200, {"waiting": 1})
    assert [fault.kind for fault in world.telegram.faults.waiting] == ["flood"]
    assert (await post(page, "/world/fault", kind="earthquake"))[0] == 409
    assert await post(page, "/world/fault", clear=True) == (200, {"waiting": 0})
