"""Watched folders in the chat: paused, resumed, compared, moved; the real program, a real folder, the Bot API."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.files.model import FileEvent, Query, WatchState
from core.files.orders import Orders
from deploy.demo.telegram import TelegramServer
from tests.duty import GROUP, LEAD, Duty, add_people, labels, on_duty
from tests.files.conftest import eventually


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as telegram:
        add_people(telegram)
        yield telegram


@pytest.fixture
async def duty(tmp_path: Path, telegram: TelegramServer) -> AsyncIterator[Duty]:
    async with on_duty(tmp_path, telegram) as duty:
        await eventually(lambda: is_watched(duty))
        yield duty


async def state_of(duty: Duty) -> WatchState | None:
    async with duty.app.services.db.reading() as connection:
        return await duty.app.services.files.find_watch(connection, "documents")


async def orders_of(duty: Duty) -> Orders:
    async with duty.app.services.db.reading() as connection:
        return await duty.app.services.watches.orders(connection, "documents")


async def is_watched(duty: Duty) -> bool:
    state = await state_of(duty)
    return state is not None and state.first_seen_at is not None


async def history(duty: Duty) -> list[FileEvent]:
    async with duty.app.services.db.reading() as connection:
        return await duty.app.services.files.search(connection, Query(), limit=100)


async def job_state(duty: Duty, state: str) -> bool:
    async with duty.app.services.db.reading() as connection:
        jobs = await duty.app.services.health.list_jobs(connection)
    return any(job.name == "watch.documents" and job.state == state for job in jobs)


async def test_a_paused_folder_writes_nothing_and_is_compared_when_it_is_resumed(duty: Duty) -> None:
    shown = await duty.answer(duty.lead, "/watch documents")
    await duty.press(duty.lead, shown, "Pause")
    await duty.shows(shown, "paused by Taras")
    await eventually(lambda: job_state(duty, "waiting"))
    (duty.folder / "shared" / "meanwhile.txt").write_text("x")
    status = await duty.answer(duty.lead, "/status")
    assert "Paused by Taras" in status.text
    assert await history(duty) == []
    await duty.press(duty.lead, await duty.shows(shown, "paused by"), "Resume")
    await eventually(lambda: history(duty))
    (event,) = await history(duty)
    assert event.path.endswith("meanwhile.txt")
    assert "source=scan" in event.details


async def test_an_admin_has_a_folder_compared_at_once(duty: Duty) -> None:
    before = await state_of(duty)
    shown = await duty.answer(duty.lead, "/watch documents")
    await duty.press(duty.lead, shown, "Compare now")

    async def compared() -> bool:
        now = await state_of(duty)
        asked = (await orders_of(duty)).rescan_at is not None
        return not asked and now is not None and before is not None and now.scanned_at != before.scanned_at

    await eventually(compared)


async def test_who_is_no_admin_sees_the_folders_and_changes_nothing(duty: Duty) -> None:
    shown = await duty.answer(duty.engineer, "/watch documents")
    assert "documents" in shown.text
    assert not {"⏸ Pause", "🔍 Compare now"} & set(labels(shown))
    admins = await duty.answer(duty.lead, "/watch documents", GROUP)
    answer = await duty.press(duty.engineer, admins, "Pause")
    assert "admin" in answer["text"]
    assert not (await orders_of(duty)).paused


async def test_an_unknown_folder_gets_a_kind_answer(duty: Duty) -> None:
    assert "do not watch" in (await duty.answer(duty.lead, "/watch nothing")).text


def moved_to(folder: Path, name: str) -> dict[str, object]:
    return {"watch": {"documents": {"path": str(folder / name), "project": "CRM"}}}


async def fill(folder: Path, telegram: TelegramServer, files: int = 8) -> None:
    """The folder is known with so many files."""
    (folder / "shared" / "sub").mkdir(parents=True)
    for n in range(files):
        (folder / "shared" / "sub" / f"{n}.txt").write_text("x")
    async with on_duty(folder, telegram) as duty:
        await eventually(lambda: is_watched(duty))


async def test_a_moved_folder_waits_until_an_admin_says_that_it_is_the_same(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    await fill(tmp_path, telegram)
    shutil.copytree(tmp_path / "shared", tmp_path / "new")
    (tmp_path / "new" / "sub" / "0.txt").unlink()
    (tmp_path / "new" / "added.txt").write_text("x")
    async with on_duty(tmp_path, telegram, **moved_to(tmp_path, "new")) as duty:
        asked = await duty.told("Is it the same folder?", LEAD)
        assert "7 of 8" in asked.text
        await eventually(lambda: job_state(duty, "waiting"))
        assert "is it the same folder?" in (await duty.answer(duty.lead, "/watch")).text
        assert await history(duty) == []
        await duty.press(duty.lead, asked, "Same folder")
        await duty.shows(asked, "It is the same folder (Taras)")

        async def compared() -> bool:
            return len(await history(duty)) == 2

        await eventually(compared)
        found = {(event.event_type, Path(event.path)) for event in await history(duty)}
        assert found == {
            ("created", tmp_path / "new" / "added.txt"),
            ("deleted", tmp_path / "new" / "sub" / "0.txt"),
        }
        assert all("source=scan" in event.details for event in await history(duty))
