"""Paused and moved folders: nothing is written until people say so, and nothing is lost by waiting."""

import shutil
from pathlib import Path

import pytest

from bot.files.notices import renderers
from bot.telegram import as_notice
from core.alerts.model import Destination, LiveCard
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.errors import UserError
from core.files.following import FollowingService
from core.files.model import WatchSettings
from core.files.orders import Answer, Orders, is_the_same, sample
from core.files.watches import WatchesService
from core.people.model import Actor, Person, Reader
from core.people.service import PeopleService
from core.text import translator
from jobs.files import commands
from jobs.files.gate import Gate, Steering
from jobs.files.scanner import RootAway
from tests.conftest import ManualClock
from tests.files.conftest import Watch, Watching

OLENA = Actor("Olena", 501, "chat:501")


class Held:
    """A watched folder with its gate, and what people do about it."""

    def __init__(self, watching: Watching, clock: ManualClock) -> None:
        self.db = watching.db
        self.clock = clock
        self.watching = watching
        self.people = PeopleService(clock, (), Reader("en", "Europe/Kyiv"))
        self.alerts = AlertsService(clock, ())
        self.watches = WatchesService(clock, self.people, self.alerts)
        self.gate = self.gate_of(watching)
        self.restarted: list[str] = []
        self.steering = Steering(self.db, clock, self.watches, lambda: (self.gate,), self._restart)

    def gate_of(self, watching: Watching) -> Gate:
        return Gate(self.db, self.clock, watching.service, self.watches, watching.settings)

    async def _restart(self, watch: str) -> None:
        self.restarted.append(watch)

    async def orders(self) -> Orders:
        async with self.db.reading() as connection:
            return await self.watches.orders(connection, "documents")

    async def pause(self) -> None:
        async with self.db.transaction() as tx:
            await self.watches.pause(tx, "documents", OLENA)

    async def resume(self) -> None:
        async with self.db.transaction() as tx:
            await self.watches.resume(tx, "documents", OLENA)

    async def answer(self, answer: Answer) -> None:
        async with self.db.transaction() as tx:
            await self.watches.answer(tx, "documents", (await self.orders()).asked_root, answer, OLENA)

    async def pass_by(self) -> bool:
        """What the job does: look when the gate lets it."""
        if await self.gate.ask():
            await self.watching.job.scan()
            return True
        return False

    async def told(self) -> list[str]:
        """What the admins were told, as it reads now."""
        following = FollowingService(self.clock, self.people, self.alerts)
        draw = renderers(self.watching.service, self.watches, following, self.clock)
        async with self.db.reading() as connection:
            rows = await connection.execute(notices.select().order_by(notices.c.id))
            said: dict[str, str] = {}
            for row in rows:
                if row.kind in ("moved_watch", "new_root"):
                    card = LiveCard(Destination(1), 1, row.kind, row.subject, "", self.clock.now(), row.data)
                    drawn = await draw[row.kind](connection, as_notice(card), Reader("en", "UTC"))
                    said[row.subject] = str(drawn.text) if drawn else ""
            return list(said.values())


@pytest.fixture
async def held(watch: Watch, clock: ManualClock, folder: Path) -> Held:
    """A folder with eight files, known."""
    (folder / "sub").mkdir()
    for n in range(8):
        (folder / "sub" / f"{n}.txt").write_text("x")
    held = Held(watch(), clock)
    async with held.db.transaction() as tx:
        await held.people.meet(tx, Person(1, "Admin"))
        await held.people.change_role(tx, 1, "admin", OLENA)
    await held.pass_by()
    return held


def moved(held: Held, watch: Watch, path: Path) -> Held:
    """The same watch with another path, as after a changed configuration."""
    there = Held(watch(path=path), held.clock)
    there.people = held.people
    return there


async def test_a_paused_folder_is_left_alone_and_compared_when_it_is_resumed(held: Held, folder: Path) -> None:
    await held.pause()
    (folder / "meanwhile.txt").write_text("x")
    assert not await held.pass_by()
    assert not await held.gate_of(held.watching).ask()  # after a restart, too
    assert await held.watching.history() == []
    await held.resume()
    assert await held.pass_by()
    assert await held.watching.history() == [("created", "meanwhile.txt")]
    assert "source=scan" in (await held.watching.events())[0].details


async def test_a_pause_stops_what_runs_once(held: Held) -> None:
    await held.pause()
    await held.steering.once()
    assert held.restarted == ["documents"]
    await held.gate.ask()
    await held.steering.once()
    assert held.restarted == ["documents"]


async def test_a_comparison_that_was_asked_for_is_begun_once(held: Held) -> None:
    async with held.db.transaction() as tx:
        await held.watches.rescan(tx, "documents", OLENA)
    await held.steering.once()
    await held.steering.once()
    assert held.restarted == ["documents"]
    await held.pause()
    with pytest.raises(UserError, match="Resume it first"):
        async with held.db.transaction() as tx:
            await held.watches.rescan(tx, "documents", OLENA)


async def test_a_pass_by_hand_leaves_a_paused_folder_alone(held: Held, folder: Path) -> None:
    await held.pause()
    (folder / "a.txt").write_text("x")
    service, settings = held.watching.service, held.watching.settings
    (result,) = await commands.scan(held.db, held.clock, service, held.watches, [settings], translator("en"))
    assert result["error"] == "Paused by Olena."
    assert await held.watching.history() == []


async def test_the_same_folder_at_another_path_goes_on_with_its_differences(
    held: Held, watch: Watch, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "new")
    (tmp_path / "new" / "sub" / "0.txt").unlink()
    (tmp_path / "new" / "added.txt").write_text("x")
    there = moved(held, watch, tmp_path / "new")
    assert not await there.pass_by()
    assert not await there.pass_by()
    (asked,) = await there.told()
    assert "7 of 8 files" in asked
    assert await there.watching.history() == []
    await there.answer("same")
    assert await there.pass_by()
    assert sorted(await there.watching.history()) == [("created", "added.txt"), ("deleted", "sub/0.txt")]
    assert "It is the same folder (Olena)" in (await there.told())[0]


async def test_a_new_folder_at_another_path_begins_in_silence(
    held: Held, watch: Watch, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "new")
    there = moved(held, watch, tmp_path / "new")
    assert not await there.pass_by()
    await there.answer("new")
    assert await there.pass_by()
    (tmp_path / "new" / "after.txt").write_text("x")
    assert await there.pass_by()
    assert await there.watching.history() == [("created", "after.txt")]
    assert "It is a new folder (Olena)" in (await there.told())[0]


async def test_where_nothing_is_known_it_is_a_new_folder_and_nothing_is_deleted(
    held: Held, watch: Watch, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "other.txt").write_text("x")
    there = moved(held, watch, tmp_path / "new")
    assert await there.pass_by()
    assert await there.pass_by()
    assert await there.watching.history() == []
    (told,) = await there.told()
    assert "I begin anew" in told


async def test_of_a_path_that_is_not_there_nothing_is_asked(held: Held, watch: Watch, tmp_path: Path) -> None:
    there = moved(held, watch, tmp_path / "gone")
    with pytest.raises(RootAway):
        await there.gate.ask()
    assert not (await there.orders()).asked_root
    assert await there.told() == []


async def test_a_path_that_is_put_back_is_not_asked_about_any_more(
    held: Held, watch: Watch, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "new")
    assert not await moved(held, watch, tmp_path / "new").pass_by()
    assert await held.pass_by()
    assert "at its known path again" in (await held.told())[0]
    assert await held.watching.history() == []


async def test_two_admins_answer_once(held: Held, watch: Watch, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "new")
    there = moved(held, watch, tmp_path / "new")
    await there.gate.ask()
    await there.answer("same")
    with pytest.raises(UserError, match="decided already"):
        await there.answer("new")


@pytest.mark.parametrize(
    ("matched", "sampled", "same"), [(8, 8, True), (5, 8, False), (6, 12, False), (7, 12, True), (3, 3, False)]
)
def test_most_files_and_more_than_a_handful_make_the_same_folder(matched: int, sampled: int, same: bool) -> None:
    assert is_the_same(matched, sampled) is same


def test_a_sample_comes_from_everywhere() -> None:
    taken = sample([str(n) for n in range(5000)])
    assert len(taken) <= 2000
    assert taken[0] == "0"
    assert int(taken[-1]) > 4990


def test_the_settings_of_a_watch_are_compared_by_value() -> None:
    assert WatchSettings("a", Path("/x"), metadata={"k": "v"}) == WatchSettings("a", Path("/x"), metadata={"k": "v"})
