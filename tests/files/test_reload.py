"""A configuration saved while everything runs: taken without a restart, or refused and told; the real program."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

import bot.telegram  # noqa: F401  aiogram takes seconds to load: not within a test's time
from bot.app import App
from bot.health.configuration import configuration_card
from bot.reload import Change, Reload
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.clock import SystemClock
from core.db.engine import Database
from core.files.model import Query
from core.people.model import Reader
from core.people.service import PeopleService
from core.settings import Settings, load
from deploy.demo.telegram import TelegramServer
from tests.conftest import ManualClock
from tests.duty import LEAD, Duty, add_people
from tests.files.conftest import eventually

BASE = """
language = "en"
timezone = "Europe/Kyiv"
[telegram]
token = "{token}"
api_base = "{api}"
admins = [101]
[page]
port = {port}
[watch.documents]
path = "documents"
project = "{project}"
"""
OTHER = """
[watch.other]
path = "other"
"""


class Saved:
    """The configuration of a running assistant, saved again and again."""

    def __init__(self, path: Path, telegram: TelegramServer) -> None:
        self.path = path
        self._telegram = telegram

    def text(self, more: str = "", *, project: str = "CRM", port: int = 0) -> str:
        api = self._telegram.base_url
        return BASE.format(token=self._telegram.token, api=api, project=project, port=port) + more

    def save(self, text: str) -> None:
        """As an editor does: a new file takes the place of the old one."""
        draft = self.path.with_suffix(".new")
        draft.write_text(text)
        os.replace(draft, self.path)  # noqa: PTH105  what editors call


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as telegram:
        add_people(telegram)
        yield telegram


@pytest.fixture
def saved(tmp_path: Path, telegram: TelegramServer) -> Saved:
    for name in ("documents", "other"):
        (tmp_path / name).mkdir()
    saved = Saved(tmp_path / "vakhta.toml", telegram)
    saved.save(saved.text())
    return saved


@pytest.fixture
async def duty(tmp_path: Path, telegram: TelegramServer, saved: Saved) -> AsyncIterator[Duty]:
    clock = SystemClock()
    app = App(load(saved.path), clock, remind_every=60, config=saved.path)
    await app.open()
    await app.start()
    try:
        duty = Duty(app, telegram, clock, tmp_path)  # type: ignore[arg-type]  # nobody moves this clock
        await eventually(lambda: is_watched(duty, "documents"))
        yield duty
    finally:
        await app.stop()


async def is_watched(duty: Duty, name: str) -> bool:
    async with duty.app.services.db.reading() as connection:
        state = await duty.app.services.files.find_watch(connection, name)
    return state is not None and state.first_seen_at is not None


def jobs(duty: Duty) -> dict[str, object]:
    return {state.name: state.since for state in duty.app.supervisor.states()}


async def test_a_folder_is_added_and_taken_away_and_the_others_are_left_alone(duty: Duty, saved: Saved) -> None:
    untouched = jobs(duty)["watch.documents"]
    saved.save(saved.text(OTHER))
    await eventually(lambda: is_watched(duty, "other"))
    await duty.told("watch.other: started", LEAD)
    (duty.folder / "other" / "a.txt").write_text("x")
    await duty.told("a.txt", LEAD)
    saved.save(saved.text())
    await duty.told("watch.other: stopped", LEAD)
    assert "watch.other" not in jobs(duty)
    assert jobs(duty)["watch.documents"] == untouched


def offered(duty: Duty) -> set[str]:
    return {entry["command"] for entry in duty.lead.menu()}


async def test_the_menu_follows_what_is_configured(duty: Duty, saved: Saved) -> None:
    await duty.telegram.wait_for(lambda: "watch" in offered(duty))
    assert "jobs" not in offered(duty)
    saved.save(saved.text('[process.check]\nwatch = "documents"\ncommand = ["true"]\n'))
    await duty.telegram.wait_for(lambda: "jobs" in offered(duty))
    await duty.told("process.check: started", LEAD)
    assert "/jobs" in (await duty.answer(duty.lead, "/help")).text
    saved.save(saved.text().partition("[watch")[0])
    await duty.telegram.wait_for(lambda: not offered(duty) & {"files", "watch", "follow", "jobs"})
    saved.save(saved.text())
    await duty.telegram.wait_for(lambda: {"files", "watch", "follow"} <= offered(duty))


async def test_a_path_changed_while_everything_runs_is_asked_about(duty: Duty, saved: Saved) -> None:
    for n in range(8):
        (duty.folder / "documents" / f"{n}.txt").write_text("x")
    await duty.told("7.txt", LEAD)
    await eventually(lambda: is_known(duty, 8))
    (duty.folder / "documents").rename(duty.folder / "moved")
    saved.save(saved.text().replace('path = "documents"', 'path = "moved"'))
    asked = await duty.told("Is it the same folder?", LEAD)
    await duty.press(duty.lead, asked, "Same folder")
    await duty.shows(asked, "It is the same folder")
    (duty.folder / "moved" / "after.txt").write_text("x")
    await duty.told("after.txt", LEAD)
    async with duty.app.services.db.reading() as connection:
        found = await duty.app.services.files.search(connection, Query(), limit=100)
    assert [event.path for event in found if event.event_type != "created"] == []
    assert len(found) == 9


async def is_known(duty: Duty, files: int) -> bool:
    async with duty.app.services.db.reading() as connection:
        return await duty.app.services.files.count_files(connection, "documents") == files


class Part:
    """A part of the configuration that says what it was given."""

    def __init__(self) -> None:
        self.given: list[Settings] = []

    async def apply(self, settings: Settings) -> list[Change]:
        self.given.append(settings)
        return [("changed", f"watch.{name}") for name in settings.watch]


@pytest.fixture
def part() -> Part:
    return Part()


@pytest.fixture
async def reload(saved: Saved, part: Part, sqlite_db: Database, clock: ManualClock) -> Reload:
    people = PeopleService(clock, (LEAD,), Reader("en", "UTC"))
    async with sqlite_db.transaction() as tx:
        await people.install_admins(tx)
    alerts = AlertsService(clock, ())
    return Reload(saved.path, load(saved.path), sqlite_db, clock, alerts, {"watch": part.apply})


async def told(db: Database) -> list[str]:
    async with db.reading() as connection:
        found = (await connection.execute(select(notices.c.data).order_by(notices.c.id))).scalars()
        return [str(configuration_card(data, Reader("en", "UTC")).text) for data in found]


async def looks(reload: Reload, times: int = 3) -> None:
    for _ in range(times):
        await reload.look()


async def test_a_file_is_taken_once_it_stands_still(reload: Reload, saved: Saved, part: Part) -> None:
    saved.save(saved.text(project="Archive"))
    await looks(reload, 1)
    assert part.given == []
    await looks(reload)
    assert [settings.watch["documents"].project for settings in part.given] == ["Archive"]


async def test_a_bad_file_is_refused_once_with_its_sentences_and_the_old_one_goes_on(
    reload: Reload, saved: Saved, part: Part, sqlite_db: Database, clock: ManualClock
) -> None:
    saved.save(saved.text('bakcend = "polling"\npoll_interval = 0\n'))
    await looks(reload)
    (said,) = await told(sqlite_db)
    assert "is not taken" in said
    assert "Did you mean watch.documents.backend?" in said
    assert "watch.documents.poll_interval" in said
    assert part.given == []
    clock.advance(seconds=5)
    saved.save(saved.text("[watch.half"))
    await looks(reload)
    assert "is not valid TOML" in (await told(sqlite_db))[1]
    saved.save(saved.text(project="Archive"))
    await looks(reload)
    assert len(part.given) == 1


async def test_a_file_that_is_gone_for_a_moment_changes_nothing(
    reload: Reload, saved: Saved, part: Part, sqlite_db: Database
) -> None:
    saved.path.unlink()
    await looks(reload)
    saved.save(saved.text())
    await looks(reload)
    assert part.given == []
    assert await told(sqlite_db) == []


async def test_what_needs_a_restart_is_said_once(reload: Reload, saved: Saved, sqlite_db: Database) -> None:
    saved.save(saved.text(OTHER, port=8099))
    await looks(reload)
    (said,) = await told(sqlite_db)
    assert "Needs a restart: page" in said
    assert "watch.other: started anew" in said
    saved.save(saved.text(OTHER, port=8098))
    await looks(reload)
    assert len(await told(sqlite_db)) == 1
