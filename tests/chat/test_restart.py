"""What outlives the assistant: forms, and what was handled but not yet acknowledged."""

from pathlib import Path

from core.requests import store
from deploy.demo.telegram import TelegramServer
from tests.duty import ENGINEER, Duty, on_duty


async def comments(duty: Duty) -> list[str]:
    async with duty.app.services.db.reading() as connection:
        found = await store.find(connection, "101", "12")
        return [entry.text for entry in await store.list_history(connection, found[0].id) if entry.kind == "comment"]


async def test_a_form_goes_on_after_a_restart(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        await duty.answer(duty.engineer, "/new")
        assert "position" in (await duty.answer(duty.engineer, "101")).text
    async with on_duty(tmp_path, telegram) as duty:
        assert "what is wrong" in (await duty.answer(duty.engineer, "12")).text
        assert (await duty.answer(duty.engineer, "Leak")).text.startswith("Request 101/12\nLeak")


async def test_buttons_work_after_a_restart(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        made = await duty.answer(duty.engineer, "/new 101 12 Leak")
    async with on_duty(tmp_path, telegram) as duty:
        await duty.press(duty.engineer, made, "On site")
        await duty.shows(made, "On site since")


async def test_a_press_and_a_creation_are_undone_after_a_restart_by_their_author_alone(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        made = await duty.answer(duty.engineer, "/new 101 12 Leak")
        await duty.told("Request 101/12")
        await duty.press(duty.engineer, made, "On site")
        await duty.shows(made, "On site since")
        shared = await duty.told("On site since")
    async with on_duty(tmp_path, telegram) as duty:
        refused = await duty.press(duty.lead, duty.now(shared), "Undo")
        assert refused["text"] == "Only Oksana can undo this. Press the status that is right."
        await duty.press(duty.engineer, duty.now(made), "Undo")
        await duty.shows(made, "Sent since")
    async with on_duty(tmp_path, telegram) as duty:
        refused = await duty.press(duty.lead, duty.now(shared), "Undo")
        assert refused["text"] == "Only Oksana can undo this. Press the status that is right."
        await duty.press(duty.engineer, duty.now(made), "Undo")
        await duty.shows(made, "taken back by Oksana")
        async with duty.app.services.db.reading() as connection:
            assert await store.find(connection, "101", "12") == []


async def test_what_waits_while_the_assistant_is_away_is_handled_once_in_order(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        made = await duty.answer(duty.engineer, "/new 101 12 Leak")
    for text in ("one", "two", "three"):
        await telegram.person(ENGINEER).send(text, reply_to=made.id)
    async with on_duty(tmp_path, telegram) as duty:
        await duty.shows(made, "three")
        assert sorted(await comments(duty)) == ["one", "three", "two"]
        await telegram.wait_for(lambda: len([m for m in duty.of_bot(ENGINEER) if "Saved" in m.text]) == 3)
    assert telegram.state.updates == {}


async def test_what_was_handled_is_acknowledged_at_a_stop(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        await duty.answer(duty.engineer, "/start")
    assert telegram.state.updates == {}


async def test_what_was_handled_but_not_acknowledged_comes_again_and_counts_once(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        made = await duty.answer(duty.engineer, "/new 101 12 Leak")
        await telegram.wait_for(lambda: not telegram.state.updates)
        telegram.faults.add("reset", "getUpdates", seconds=60)
        await duty.answer(duty.engineer, "Call before you come", reply_to=made.id)
        assert await comments(duty) == ["Call before you come"]
    assert telegram.state.updates
    telegram.faults.clear()
    async with on_duty(tmp_path, telegram) as duty:
        await telegram.wait_for(lambda: len([m for m in duty.of_bot(ENGINEER) if "Saved" in m.text]) == 2)
        assert await comments(duty) == ["Call before you come"]


async def test_what_is_being_handled_at_a_stop_is_finished(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        made = await duty.answer(duty.engineer, "/new 101 12 Leak")
        telegram.faults.add("flood", "editMessageText", retry_after=1)
        press = await duty.engineer.press(made.id, "rq:status:1:on_site:sent")
        await telegram.answer(press)
    assert "On site since" in duty.now(made).text
