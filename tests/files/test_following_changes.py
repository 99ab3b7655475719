"""What a watch makes of renames, saves, gaps and of what its system cannot do."""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import SystemClock
from core.errors import Unavailable
from core.files.model import Gap, WatchSettings
from core.files.naming import parse_details
from jobs.files.hints import Hints, NoWatchesLeft
from jobs.files.watcher import POLLED, FolderWatch
from tests.files.conftest import Watch, Watching, eventually, files_service, running

BACKENDS = pytest.mark.parametrize("backend", ["polling", "watchfiles"])
REPOSITORY = Path(__file__).resolve().parents[2]


async def moves(it: Watching) -> list[tuple[str, str]]:
    """Old and new path under the root of each `moved`."""
    root = it.settings.path
    found = [event for event in await it.events() if event.event_type == "moved"]
    return sorted(
        (Path(parse_details(each.details)["old_path"]).relative_to(root).as_posix(), each.path[len(str(root)) + 1 :])
        for each in found
    )


async def test_moves_while_the_assistant_was_off_are_moves(watch: Watch, folder: Path) -> None:
    (folder / "old").mkdir()
    for n in range(1000):
        (folder / "old" / str(n)).write_text(str(n))
    for name in ("a", "b", "c", "over", "under"):
        (folder / name).write_text(name)
    await watch().job.once()
    (folder / "old").rename(folder / "new")
    (folder / "a").rename(folder / "x")
    (folder / "b").rename(folder / "a")
    (folder / "x").rename(folder / "b")
    (folder / "over").rename(folder / "under")
    (folder / "c").rename(folder / "d")
    (folder / "e").write_text("e")
    (folder / "e").rename(folder / "c")
    it = watch()
    await it.job.once()
    expected = [(f"old/{n}", f"new/{n}") for n in range(1000)]
    assert await moves(it) == sorted([*expected, ("a", "b"), ("b", "a"), ("over", "under"), ("c", "d")])
    assert [event for event in await it.history() if event[0] != "moved"] == [("created", "c")]
    again = watch()
    assert await again.job.scan() == 0


async def test_a_move_between_two_watches_is_a_deletion_and_a_creation(watch: Watch, folder: Path) -> None:
    for name in ("one", "other"):
        (folder / name).mkdir()
    (folder / "one" / "a").write_text("x")
    one, other = watch(name="one", path=folder / "one"), watch(name="other", path=folder / "other")
    await one.job.once()
    await other.job.once()
    (folder / "one" / "a").rename(folder / "other" / "a")
    await one.job.once()
    await other.job.once()
    assert await one.history() == [("deleted", "a")]
    assert await other.history() == [("created", "a")]


@BACKENDS
async def test_word_saving_a_document_is_one_modification(watch: Watch, folder: Path, backend: str) -> None:
    document = folder / "report.docx"
    document.write_text("old")
    it = watch(backend=backend)
    await it.job.once()
    async with running(it.job):
        await eventually(lambda: looked(it))
        (folder / "~$report.docx").write_text("me")
        (folder / "~WRD0001.tmp").write_text("new text")
        await asyncio.sleep(0.2)  # longer than a batch of hints
        document.rename(folder / "~WRL0002.tmp")
        await asyncio.sleep(0.2)
        (folder / "~WRD0001.tmp").rename(document)
        (folder / "~WRL0002.tmp").unlink()
        (folder / "~$report.docx").unlink()
        (folder / "end").write_text("x")
        await eventually(lambda: seen(it, ("created", "end")))
        await eventually(lambda: seen(it, ("modified", "report.docx")))
    await watch().job.once()
    assert sorted(set(await it.history()) - {("modified", "end")}) == [("created", "end"), ("modified", "report.docx")]


async def looked(it: Watching) -> bool:
    return it.job.scanned_at > 0


async def seen(it: Watching, event: tuple[str, str]) -> bool:
    return event in await it.history()


async def test_without_recognition_a_save_is_told_as_what_it_is(watch: Watch, folder: Path) -> None:
    (folder / "a.txt").write_text("old")
    it = watch(recognise_saves=False)
    await it.job.once()
    (folder / "a.txt").rename(folder / "a.txt~")
    (folder / "a.txt").write_text("new")
    (folder / "~$a").write_text("me")
    await it.job.once()
    assert sorted(await it.history()) == [("created", "a.txt"), ("created", "~$a"), ("moved", "a.txt~")]


async def test_a_draft_that_stays_is_told_after_all(watch: Watch, folder: Path) -> None:
    it = watch()
    await it.job.once()
    (folder / "a.tmp").write_text("x")
    await it.job.once()
    assert await it.history() == [("created", "a.tmp")]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
async def test_an_empty_mount_point_is_not_a_mass_deletion(watch: Watch, tmp_path: Path, folder: Path) -> None:
    link = tmp_path / "share"
    other = Path("/dev/shm") / f"vakhta-{os.getpid()}"
    other.mkdir()
    try:
        (other / "a").write_text("x")
        link.symlink_to(other)
        it = watch(path=link)
        await it.job.once()
        link.unlink()
        link.symlink_to(folder)  # as an unmounted share leaves it: an empty folder of another device
        with pytest.raises(Unavailable):
            await it.job.once()
        link.unlink()
        link.symlink_to(other)
        await it.job.once()
        assert await it.history() == []
    finally:
        (other / "a").unlink()
        other.rmdir()


class Full:
    """A system that grants no watches."""

    def __init__(self, _root: str, /, *, recursive: bool) -> None:
        self.recursive = recursive

    async def __aenter__(self) -> Hints:
        raise NoWatchesLeft("OS file watch limit reached")

    async def __aexit__(self, *_: object) -> None:
        """Nothing was armed."""


async def test_without_watches_left_the_folder_is_polled_and_says_so(watch: Watch, folder: Path) -> None:
    it = watch(backend="auto")
    remarks: list[str] = []

    def remark(message: str, /, **_: object) -> None:
        remarks.append(message)

    it.job = FolderWatch(it.db, SystemClock(), it.service, it.settings, remark=remark, arm=Full)
    await it.job.once()
    async with running(it.job):
        (folder / "a").write_text("x")
        await eventually(lambda: seen(it, ("created", "a")))
        await eventually(lambda: polled(it))
    assert remarks == [POLLED]


async def polled(it: Watching) -> bool:
    """Whether the watch is written down as polled, for want of watches."""
    async with it.db.reading() as connection:
        state = await it.service.find_watch(connection, "documents")
    return state is not None and (state.backend, state.reason) == ("polling", "no_watches")


async def gaps(it: Watching) -> list[Gap]:
    async with it.db.reading() as connection:
        return await it.service.gaps(connection, it.settings.name)


async def test_the_time_the_assistant_was_off_is_a_gap(watch: Watch, folder: Path) -> None:
    await watch().job.once()
    (folder / "a").write_text("x")
    it = watch()
    async with running(it.job):
        await eventually(lambda: gaps(it))  # written after the events that it counts
    (gap,) = await gaps(it)
    assert (gap.reason, gap.found) == ("off", 1)
    assert gap.ended_at is not None
    assert gap.began_at < gap.ended_at


async def test_the_time_a_folder_was_away_is_a_gap(watch: Watch, folder: Path) -> None:
    it = watch()
    await it.job.once()
    elsewhere = put_elsewhere(folder)
    with pytest.raises(Unavailable):
        await it.job.once()
    (elsewhere / "a").write_text("x")
    elsewhere.rename(folder)
    await it.job.once()
    (gap,) = await gaps(it)
    assert (gap.reason, gap.found) == ("away", 1)


async def test_what_a_folder_that_was_away_has_changed_is_said_with_its_gap(watch: Watch, folder: Path) -> None:
    it, said = watch(), list[tuple[int, int]]()

    async def back(tx: AsyncConnection, found: int) -> None:
        said.append((found, len(await it.service.gaps(tx, "documents"))))

    it.job = FolderWatch(it.db, SystemClock(), it.service, it.settings, back=back)
    await it.job.once()
    for names in ((), ("a", "b", "c")):
        elsewhere = put_elsewhere(folder)
        with pytest.raises(Unavailable):
            await it.job.once()
        for name in names:
            (elsewhere / name).write_text("x")
        elsewhere.rename(folder)
        await it.job.once()
    await it.job.once()
    assert said == [(0, 1), (3, 2)]


def put_elsewhere(folder: Path) -> Path:
    return folder.rename(folder.with_name("elsewhere"))


@pytest.mark.timeout(40)
@pytest.mark.skipif(sys.platform == "win32", reason="a process there cannot be stopped for a while")
async def test_a_watch_that_stood_still_finds_every_final_state_and_says_so(
    watch: Watch, folder: Path, sqlite_url: str
) -> None:
    it = watch()
    for n in range(600):
        (folder / f"{n}.txt").write_text("x")
    await it.job.once()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.files.crashing", sqlite_url, str(folder), "watchfiles"),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        (folder / "armed").touch()
        await eventually(lambda: seen(it, ("created", "armed")), seconds=20)
        process.send_signal(signal.SIGSTOP)
        await asyncio.to_thread(overflow, folder)
        process.send_signal(signal.SIGCONT)
        await eventually(lambda: has_gap(it), seconds=20)
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        await process.wait()
    assert await watch().job.scan() == 0
    counts = Counter(kind for kind, _ in await it.history())
    assert (counts["created"], counts["modified"], counts["deleted"]) == (4501, 300, 300)


def overflow(folder: Path) -> None:
    """More events than the kernel's queue holds, then changes of which it says nothing."""
    for n in range(4500):
        (folder / f"new {n}.txt").write_text("x")
    for n in range(300):
        (folder / f"{n}.txt").unlink()
        (folder / f"{n + 300}.txt").write_text("changed")


async def has_gap(it: Watching) -> bool:
    return any(gap.reason in ("frozen", "overflow") for gap in await gaps(it))


@pytest.mark.parametrize(("notify", "messages"), [("burst", 1), ("each", 3), ("none", 0)])
async def test_how_changes_are_told_is_a_choice(watch: Watch, folder: Path, notify: str, messages: int) -> None:
    it = watch(notify=notify)
    await it.job.once()
    for name in ("a", "b", "c"):
        (folder / name).write_text("x")
    await it.job.once()
    assert await bursts(it) == messages


async def test_a_flood_is_one_message_also_where_each_change_is_told(watch: Watch, folder: Path) -> None:
    it = watch(notify="each")
    await it.job.once()
    for n in range(50):
        (folder / str(n)).write_text("x")
    await it.job.once()
    assert await bursts(it) == 1
    assert len(await it.history()) == 50


async def bursts(it: Watching) -> int:
    async with it.db.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT count(*) FROM file_bursts")
        return int(rows.scalar_one())


async def test_deep_paths_and_names_in_both_normal_forms_are_files_of_their_own(watch: Watch, folder: Path) -> None:
    deep = folder.joinpath(*["x" * 80] * 5)
    deep.mkdir(parents=True)
    it = watch()
    await it.job.once()
    names = ["\u0439.txt", "\u0438\u0306.txt", "A.txt", "a.txt"]  # й composed and decomposed
    for name in names:
        (deep / name).write_text(name)
    await it.job.once()
    present = sorted(path.name for path in deep.iterdir())  # fewer on file systems that take some for the same
    assert sorted(Path(path).name for _, path in await it.history()) == present
    assert await watch().job.scan() == 0


async def test_a_name_that_changes_only_its_case_is_a_move(watch: Watch, folder: Path) -> None:
    (folder / "report.txt").write_text("x")
    it = watch()
    await it.job.once()
    (folder / "report.txt").rename(folder / "Report.TXT")
    await it.job.once()
    assert await it.history() == [("moved", "Report.TXT")]


async def test_a_folder_moved_in_with_its_files_is_looked_into(watch: Watch, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "a").write_text("x")
    it = watch(backend="watchfiles")
    await it.job.once()
    async with running(it.job):
        await eventually(lambda: looked(it))
        outside.rename(folder / "inside")
        await eventually(lambda: seen(it, ("created", "inside/deep/a")))


async def test_two_settings_share_nothing(watch: Watch, folder: Path) -> None:
    settings = WatchSettings("other", folder, backend="polling")
    clock = SystemClock()
    it = watch()
    other = FolderWatch(it.db, clock, files_service(clock), settings)
    await it.job.once()
    await other.once()
    (folder / "a").write_text("x")
    await it.job.once()
    assert await it.history() == [("created", "a")]
