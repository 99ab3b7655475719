"""Processes in the chat: the real program, a real folder, real commands, the Bot API over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.demo.telegram import TelegramServer
from tests.duty import Duty, add_people, labels, on_duty, settings_for
from tests.files.conftest import eventually
from tests.files.processing_plant import script

CODE = "print('read', sys.argv[1]); sys.exit(3 if 'bad' in sys.argv[1] and not os.path.exists('mended') else 0)"


@pytest.fixture
async def duty(tmp_path: Path) -> AsyncIterator[Duty]:
    process = {
        "convert": {
            "watch": "documents",
            "patterns": ["*.docx"],
            "settle_seconds": 0,
            "command": [*script(CODE), "{path}"],
        },
        "report": {"cron": "0 7 * * 1-5", "command": [*script("print('the report')")]},
    }
    async with TelegramServer() as telegram:
        add_people(telegram)
        async with on_duty(tmp_path, telegram, process=process) as duty:
            await eventually(lambda: is_ready(duty))
            yield duty


async def is_ready(duty: Duty) -> bool:
    """Whether what comes now is news, to the watch and to the processes."""
    async with duty.app.services.db.reading() as connection:
        state = await duty.app.services.files.find_watch(connection, "documents")
        processes = await duty.app.services.processing.overview(connection)
    return state is not None and state.first_seen_at is not None and len(processes) == 2


async def test_a_failure_is_told_looked_into_and_run_again(duty: Duty) -> None:
    (duty.folder / "shared" / "bad.docx").write_text("x")
    told = await duty.told("convert failed")
    assert "bad.docx" in told.text
    assert "code 3" in told.text
    assert labels(told) == ["🔁 Run again", "📄 Output", "⚙️ Process"]
    await duty.press(duty.engineer, told, "Output")
    shown = await duty.told(f"read {duty.folder}/shared/bad.docx")
    assert "📎 Output as a file" in labels(shown)
    (duty.folder / "mended").touch()
    answer = await duty.press(duty.engineer, told, "Run again")
    assert "queue" in answer["text"]
    await duty.told("convert works again after")
    await duty.shows(told, "It had failed 1 time.")


async def test_jobs_shows_starts_and_pauses_processes(duty: Duty) -> None:
    card = await duty.answer(duty.engineer, "/jobs")
    assert "2 processes" in card.text
    assert "documents, *.docx" in card.text
    assert "0 7 * * 1-5" in card.text
    await duty.press(duty.engineer, card, "report")
    card = await duty.until(lambda: duty.now(card), lambda found: "▶ Run now" in labels(found))
    assert "⏸ Pause" not in labels(card)
    await duty.press(duty.engineer, card, "Run now")
    await duty.press(duty.engineer, await duty.until(lambda: duty.now(card), lambda _: True), "Last runs")
    card = await duty.shows(card, "report: ")
    admins = await duty.answer(duty.lead, "/jobs")
    await duty.press(duty.lead, admins, "report")
    admins = await duty.until(lambda: duty.now(admins), lambda found: "⏸ Pause" in labels(found))
    await duty.press(duty.lead, admins, "Pause")
    await duty.shows(admins, "Paused by Taras")


async def test_a_stranger_learns_nothing(duty: Duty) -> None:
    answer = await duty.answer(duty.stranger, "/jobs")
    assert "processes" not in answer.text


async def test_a_process_in_a_saved_configuration_begins_and_ends_without_a_restart(
    telegram: TelegramServer, tmp_path: Path
) -> None:
    process = {"alarm": {"every": "1h", "command": [*script("sys.exit('no coffee')")]}}
    async with on_duty(tmp_path, telegram) as duty:
        assert await duty.app._apply_processes(settings_for(telegram, tmp_path, process=process)) == [
            ("started", "process.alarm")
        ]
        assert "no coffee" in (await duty.told("alarm failed")).text
        assert await duty.app._apply_processes(settings_for(telegram, tmp_path)) == [("stopped", "process.alarm")]
        await eventually(lambda: nothing_is_left(duty))


async def nothing_is_left(duty: Duty) -> bool:
    async with duty.app.services.db.reading() as connection:
        return not await duty.app.services.processing.overview(connection)
