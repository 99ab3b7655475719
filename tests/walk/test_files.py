"""The history of files as its reader meets it, in a demo of its own: the shared folder is away for a while."""

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID, LEAD_ID
from tests.walk.walking import Demo, Walk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

NAME, FINAL = "Договір 24-11.docx", "Договір 24-11, підписаний.docx"


@pytest.fixture
async def shared(demo: Demo) -> Path:
    """The folder that is watched, once it has been looked at: what comes then is news."""
    async with asyncio.timeout(30):
        while not first_look_is_over(demo.folder / "vakhta.db"):  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.1)
    return demo.folder / "shared"


def first_look_is_over(database: Path) -> bool:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return bool(connection.execute("SELECT 1 FROM file_watches WHERE first_seen_at IS NOT NULL").fetchall())


def save_as_word_does(path: Path, text: str) -> None:
    """A lock file beside it, the new text under another name, the old one kept until that is in its place."""
    lock, draft, old = path.with_name("~$" + path.name[2:]), path.with_name("~WRD0001.tmp"), path.with_name("~WRL2.tmp")
    lock.write_text("Oksana")
    draft.write_text(text)
    path.rename(old)
    draft.rename(path)
    old.unlink()
    lock.unlink()


async def test_a_document_saved_by_an_editor_and_renamed_is_one_file_with_its_life(walk: Walk, shared: Path) -> None:
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    (shared / NAME).write_text("Договір")
    await walk.sees(NAME)
    save_as_word_does(shared / NAME, "Договір на обслуговування")
    await walk.shows("documents", "2 зміни")
    (shared / NAME).rename(shared / FINAL)
    await walk.shows("documents", "3 зміни")
    told = await walk.message("documents").get_by_test_id("message-text").inner_text()
    assert [line.partition(" · ")[0] for line in told.splitlines()[-2:]] == [f"➜ {FINAL}", f"↳ було {NAME}"]
    assert told.count(NAME.removesuffix(".docx")) == 2
    await walk.shoot("8-burst")
    await walk.be(ENGINEER_ID)
    await walk.start()
    await walk.say("/files договір сьогодні")
    found = await walk.sees("🔎 договір сьогодні")
    await walk.press(found, "1")
    for line in ("створено", "змінено", "перейменовано", f"було {NAME}", "3 зміни"):
        await walk.shows("Хто це змінив", line)
    await walk.shoot("8-life")
    await walk.press(walk.message("Хто це змінив"), "Стежити")
    await walk.press(await walk.sees("Повідомляти про кожну зміну"), "Стежити")
    await walk.sees("Відтепер стежу")
    save_as_word_does(shared / FINAL, "Договір, підписаний обома")
    await walk.sees(re.compile("🔔.*1 зміна"))
    await walk.shoot("8-followed")


async def test_a_folder_is_paused_resumed_and_away_for_a_while(walk: Walk, shared: Path) -> None:
    await walk.be(LEAD_ID)
    await walk.say("/watch documents")
    await walk.press(await walk.sees("Відомо файлів"), "Призупинити")
    await walk.shows("Відомо файлів", "призупинено: Тарас")
    (shared / "нічна зміна.txt").write_text("х")
    await walk.press(walk.message("Відомо файлів"), "Поновити")
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    await walk.sees("нічна зміна.txt")
    shared.rename(shared.with_name("elsewhere"))
    await walk.sees("documents: немає зв'язку")
    await walk.be(LEAD_ID)
    await walk.press(walk.message("Відомо файлів"), "Оновити")
    await walk.shows("Відомо файлів", "недоступна з")
    await walk.shoot("8-away")
    shared.with_name("elsewhere").rename(shared)
    await walk.be(ENGINEER_ID, DUTY_CHAT_ID)
    await walk.sees("documents: знову на зв'язку")
    await walk.be(LEAD_ID)
    await walk.press(walk.message("Відомо файлів"), "Оновити")
    await walk.shows("Відомо файлів", "Остання перерва")
    await walk.shoot("8-gap")
    await walk.say("/files нічна сьогодні")
    await walk.shows("🔎 нічна сьогодні", "⋯ Не бачив: documents")
    await walk.shoot("8-unseen")
