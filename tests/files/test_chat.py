"""Files in the chat: the real program, a real folder, the Bot API over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.demo.telegram import TelegramServer
from tests.duty import Duty, add_people, labels, on_duty
from tests.files.conftest import eventually


@pytest.fixture
async def duty(tmp_path: Path) -> AsyncIterator[Duty]:
    async with TelegramServer() as telegram:
        add_people(telegram)
        async with on_duty(tmp_path, telegram) as duty:
            await eventually(lambda: is_watched(duty))
            yield duty


async def is_watched(duty: Duty) -> bool:
    """Whether the first look at the folder is over: what comes now is news."""
    async with duty.app.services.db.reading() as connection:
        state = await duty.app.services.files.find_watch(connection, "documents")
    return state is not None and state.first_seen_at is not None


async def test_a_file_put_into_the_folder_is_told_and_found(duty: Duty) -> None:
    (duty.folder / "shared" / "Contract 7.docx").write_text("x")
    told = await duty.told("Contract 7.docx")
    (duty.folder / "shared" / "plan.xlsx").write_text("x")
    await duty.shows(told, "plan.xlsx")
    found = await duty.answer(duty.engineer, "/files *.docx")
    assert "Contract 7.docx" in found.text
    assert "plan.xlsx" not in found.text
    found = await duty.answer(duty.engineer, "/files crm today plan")
    assert "plan.xlsx" in found.text


async def test_the_history_is_turned_page_by_page_and_back(duty: Duty) -> None:
    for n in range(20):
        (duty.folder / "shared" / f"file {n:02}.txt").write_text("x")
    await duty.told("20 changes")
    page = await duty.answer(duty.engineer, "/files file *.txt today")
    assert labels(page) == ["1", "›"]
    first = page.text
    await duty.press(duty.engineer, page, "›")
    page = await duty.until(lambda: duty.now(page), lambda found: "2" in labels(found))
    assert page.text != first
    await duty.press(duty.engineer, page, "‹")
    page = await duty.until(lambda: duty.now(page), lambda found: "1" in labels(found))
    assert page.text == first


async def test_a_bursts_button_shows_its_folders_history(duty: Duty) -> None:
    (duty.folder / "shared" / "a.txt").write_text("x")
    told = await duty.told("a.txt")
    await duty.press(duty.engineer, told, "History")
    shown = await duty.shows(told, "🔎 documents")
    assert "a.txt" in shown.text


async def test_a_forgotten_question_gets_a_kind_answer(duty: Duty) -> None:
    for n in range(9):
        (duty.folder / "shared" / f"{n}.txt").write_text("x")
    await duty.told("9 changes")
    page = await duty.answer(duty.engineer, "/files *.txt")
    async with duty.app.services.db.transaction() as tx:
        await tx.exec_driver_sql("DELETE FROM file_queries")
    answer = await duty.press(duty.engineer, page, "›")
    assert "ask again" in answer["text"]


async def test_too_long_a_question_gets_a_kind_answer(duty: Duty) -> None:
    answer = await duty.answer(duty.engineer, "/files " + "x" * 400)
    assert "too long" in answer.text


async def test_a_stranger_learns_nothing(duty: Duty) -> None:
    answer = await duty.answer(duty.stranger, "/files")
    assert "changes of files" not in answer.text
    assert "No changes" not in answer.text
