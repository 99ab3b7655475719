"""Files in the chat: the real program, a real folder, the Bot API over HTTP."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.files.model import Query
from deploy.demo.telegram import TelegramServer
from tests.duty import GROUP, Duty, add_people, labels, on_duty
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


async def test_a_folder_that_goes_is_told_once_and_once_when_it_is_back_with_what_changed(duty: Duty) -> None:
    shared, aside = duty.folder / "shared", duty.folder / "aside"
    (shared / "plan.xlsx").write_text("x")
    await duty.told("plan.xlsx")
    shared.rename(aside)
    gone = await duty.told("Folder documents is away")
    assert "nothing is counted as deleted" in gone.text
    (aside / "plan.xlsx").write_text("longer")
    for name in ("a.docx", "b.docx"):
        (aside / name).write_text("x")
    aside.rename(shared)
    duty.app.supervisor.wake("watch.documents")
    back = await duty.told("Folder documents is back after")
    assert back.text.endswith(", 3 changes found.")
    assert len([said for said in duty.of_bot(GROUP) if "Folder documents" in said.text]) == 2


async def many(duty: Duty, files: int) -> None:
    """So many files, one of them changed once more."""
    for n in range(files):
        (duty.folder / "shared" / f"file {n:02}.txt").write_text("x")
    await duty.told(f"{files} changes")
    (duty.folder / "shared" / "file 03.txt").write_text("longer")

    async def noticed() -> bool:
        async with duty.app.services.db.reading() as connection:
            return await duty.app.services.files.count_found(connection, Query(), 100) == files + 1

    await eventually(noticed)


async def test_the_history_is_turned_page_by_page_and_back(duty: Duty) -> None:
    await many(duty, 20)
    page = await duty.answer(duty.engineer, "/files file *.txt today")
    assert "21 changes of files, 20 files" in page.text
    await duty.press(duty.engineer, page, "Every change")
    page = await duty.until(lambda: duty.now(page), lambda found: "By file" in str(labels(found)))
    first = page.text
    await duty.press(duty.engineer, page, "›")
    page = await duty.until(lambda: duty.now(page), lambda found: "‹" in labels(found))
    assert page.text != first
    await duty.press(duty.engineer, page, "‹")
    page = await duty.until(lambda: duty.now(page), lambda found: "‹" not in labels(found))
    assert page.text == first


async def test_many_changes_are_shown_by_file_and_a_number_opens_its_life(duty: Duty) -> None:
    await many(duty, 9)
    page = await duty.answer(duty.engineer, "/files *.txt")
    assert "file 03.txt · 6 B · 2 changes" in page.text
    await duty.press(duty.engineer, page, "1")
    life = await duty.shows(page, "not known on this share")
    assert "changed · 6 B (+5 B)" in life.text
    assert "created · 1 B" in life.text
    await duty.press(duty.engineer, life, "Back")
    assert (await duty.shows(life, "🔎 *.txt")).text == page.text


async def test_words_that_only_one_file_has_open_its_life(duty: Duty) -> None:
    for name in ("Contract 7.docx", "plan.xlsx"):
        (duty.folder / "shared" / name).write_text("x")
        await duty.told(name)
    life = await duty.answer(duty.engineer, "/files contract")
    assert "Contract 7.docx" in life.text
    assert "created · 1 B" in life.text
    await duty.press(duty.engineer, life, "Back")
    await duty.shows(life, "🔎 contract")


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
async def test_everything_that_was_found_comes_as_a_document(duty: Duty, kind: str) -> None:
    (duty.folder / "shared" / "=Contract.docx").write_text("x")
    await duty.told("=Contract.docx")
    page = await duty.answer(duty.engineer, "/files *.docx")
    before = len(duty.of_bot(duty.engineer.id))
    await duty.press(duty.engineer, page, kind)
    await duty.telegram.wait_for(lambda: len(duty.of_bot(duty.engineer.id)) > before)
    sent = duty.of_bot(duty.engineer.id)[-1]
    assert "1 change of files" in str(sent.content)
    assert f".{kind.lower()}" in str(sent.content)


async def test_what_was_found_is_followed_with_a_press(duty: Duty) -> None:
    page = await duty.answer(duty.engineer, "/files *.docx today")
    (duty.folder / "shared" / "first.docx").write_text("x")
    await duty.told("first.docx")
    page = await duty.answer(duty.engineer, "/files *.docx")
    await duty.press(duty.engineer, page, "Follow")
    await duty.told("I follow this from now on", duty.engineer.id)
    (duty.folder / "shared" / "second.docx").write_text("x")
    told = await duty.told("🔔 *.docx: 1 change", duty.engineer.id)
    assert "second.docx" in told.text
    listed = await duty.answer(duty.engineer, "/follow")
    await duty.press(duty.engineer, listed, "✖ 1")
    await duty.shows(listed, "Nothing is followed")


async def test_in_a_group_only_an_admin_decides_what_is_followed(duty: Duty) -> None:
    assert "an admin decides" in (await duty.answer(duty.engineer, "/follow *.docx", GROUP)).text
    assert "I follow this" in (await duty.answer(duty.lead, "/follow *.docx", GROUP)).text


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


async def test_what_was_not_seen_is_said_wherever_it_matters(duty: Duty) -> None:
    (duty.folder / "shared" / "a.txt").write_text("x")
    await duty.told("a.txt")
    async with duty.app.services.db.transaction() as tx:
        away_since = duty.clock.now() - timedelta(minutes=8)
        await duty.app.services.files.add_gap(tx, "documents", "away", away_since, 1)
    folder = await duty.answer(duty.engineer, "/watch documents")
    assert "(8 minutes), the folder was away" in folder.text
    assert "Found after it: 1 change" in folder.text
    assert "Not seen: documents" in (await duty.answer(duty.engineer, "/files since yesterday")).text
    found = await duty.answer(duty.engineer, "/files *.txt")
    assert "Not seen" not in found.text
    await duty.press(duty.engineer, found, "1")
    await duty.shows(found, "⋯ not seen")
    nothing = await duty.answer(duty.engineer, "/files nothing.txt since yesterday")
    assert "No changes" in nothing.text
    assert "Not seen" in nothing.text


async def test_an_answer_says_that_its_folder_is_away(duty: Duty) -> None:
    shutil.move(duty.folder / "shared", duty.folder / "elsewhere")
    await duty.told("Folder documents is away")
    assert "Not seen: documents since" in (await duty.answer(duty.engineer, "/files")).text
    assert "Not seen" not in (await duty.answer(duty.engineer, "/files before yesterday")).text
