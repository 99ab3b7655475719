"""A watched folder, really: what is found, what is not mistaken for a deletion, what survives a restart."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.files.model import WatchState
from core.files.naming import parse_details
from tests.files.conftest import Watch, Watching, eventually, running

BACKENDS = pytest.mark.parametrize("backend", ["polling", "watchfiles"])


async def test_the_first_sight_is_taken_in_silence(watch: Watch, folder: Path) -> None:
    (folder / "old.txt").write_text("x")
    it = watch()
    assert await it.job.scan() == 0
    assert await it.history() == []


async def test_the_first_sight_is_told_when_asked(watch: Watch, folder: Path) -> None:
    (folder / "old.txt").write_text("x")
    it = watch(emit_on_start=True)
    await it.job.once()
    await watch(emit_on_start=True).job.once()
    assert await it.history() == [("created", "old.txt")]


@BACKENDS
async def test_what_happens_is_recorded(watch: Watch, folder: Path, backend: str) -> None:
    (folder / "there.txt").write_text("x")
    it = watch(backend=backend)
    await it.job.once()
    async with running(it.job):
        (folder / "a.txt").write_text("one")
        await eventually(lambda: seen(it, ("created", "a.txt")))
        (folder / "a.txt").write_text("one more")
        await eventually(lambda: seen(it, ("modified", "a.txt")))
        (folder / "a.txt").rename(folder / "b.txt")
        await eventually(lambda: seen(it, ("moved", "b.txt")))
        (folder / "b.txt").unlink()
        await eventually(lambda: seen(it, ("deleted", "b.txt")))
    assert ("deleted", "there.txt") not in await it.history()


async def seen(it: Watching, event: tuple[str, str]) -> bool:
    return event in await it.history()


@BACKENDS
async def test_a_moved_folder_is_a_move_of_each_file(watch: Watch, folder: Path, backend: str) -> None:
    (folder / "2025" / "spring").mkdir(parents=True)
    for name in ("a", "b", "c"):
        (folder / "2025" / "spring" / name).write_text(name)
    it = watch(backend=backend)
    await it.job.once()
    async with running(it.job):
        await eventually(lambda: armed(it))
        (folder / "2025").rename(folder / "2024")
        await eventually(lambda: count(it, 3))
    assert sorted(await it.history()) == [("moved", f"2024/spring/{name}") for name in ("a", "b", "c")]
    old = parse_details((await it.events())[0].details)["old_path"]
    assert Path(old).parent == folder / "2025" / "spring"


async def count(it: Watching, n: int) -> bool:
    return len(await it.history()) >= n


async def created_count(it: Watching, n: int) -> bool:
    """As `count`, for files that may be seen half written and then again."""
    return sum(1 for kind, _ in await it.history() if kind == "created") >= n


async def armed(it: Watching) -> bool:
    """Whether the watch has looked since it runs: from then on, hints arrive."""
    return it.job.scanned_at > 0


async def test_new_folders_lose_no_file(watch: Watch, folder: Path) -> None:
    it = watch(backend="watchfiles")
    await it.job.once()

    def build() -> None:
        for n in range(40):
            deep = folder / f"d{n}" / "e" / "f"
            deep.mkdir(parents=True)
            for m in range(5):
                (deep / f"{m}.txt").write_text("x")

    async with running(it.job):
        await asyncio.to_thread(build)
        await eventually(lambda: created_count(it, 200))
    created = [path for kind, path in await it.history() if kind == "created"]
    assert len(created) == len(set(created)) == 200


async def test_a_restart_finds_what_changed(watch: Watch, folder: Path) -> None:
    for name in ("kept", "changed", "gone", "renamed"):
        (folder / name).write_text(name)
    await watch().job.once()
    (folder / "changed").write_text("something longer")
    (folder / "gone").unlink()
    (folder / "renamed").rename(folder / "new name")
    (folder / "new").write_text("x")
    it = watch()
    await it.job.once()
    found = {("modified", "changed"), ("deleted", "gone"), ("moved", "new name"), ("created", "new")}
    assert set(await it.history()) == found
    assert all(parse_details(event.details)["source"] == "scan" for event in await it.events())


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there that tests do not have")
@pytest.mark.parametrize("link", ["1current", "current"])  # the backend knows a folder by the name that comes last
async def test_a_change_is_seen_where_a_link_leads_to_its_folder(watch: Watch, folder: Path, link: str) -> None:
    (folder / "2026").mkdir()
    (folder / link).symlink_to("2026")
    it = watch(backend="watchfiles")
    await it.job.once()
    async with running(it.job):
        await eventually(lambda: armed(it))
        (folder / "2026" / "new").write_text("x")
        await eventually(lambda: seen(it, ("created", "2026/new")))
    assert await it.history() == [("created", "2026/new")]


def put_elsewhere(folder: Path) -> Path:
    return folder.rename(folder.with_name("elsewhere"))


async def test_a_lost_root_is_not_a_mass_deletion(watch: Watch, folder: Path) -> None:
    for n in range(20):
        (folder / str(n)).write_text("x")
    it = watch()
    await it.job.once()
    elsewhere = put_elsewhere(folder)
    with pytest.raises(Unavailable):
        await it.job.once()
    assert (await state(it)).away_since is not None
    elsewhere.rename(folder)
    await it.job.once()
    assert await it.history() == []
    assert (await state(it)).away_since is None


async def state(it: Watching) -> WatchState:
    async with it.db.reading() as connection:
        found = await it.service.find_watch(connection, "documents")
    assert found is not None
    return found


@BACKENDS
async def test_a_root_lost_while_watched_is_said_and_costs_nothing(watch: Watch, folder: Path, backend: str) -> None:
    for n in range(20):
        (folder / str(n)).write_text("x")
    it = watch(backend=backend)
    await it.job.once()
    async with running(it.job) as task:
        await eventually(lambda: armed(it))
        put_elsewhere(folder)
        await asyncio.wait([task], timeout=8)
        assert isinstance(task.exception(), Unavailable)
    assert await it.history() == []


async def test_an_include_does_not_hide_folders(watch: Watch, folder: Path) -> None:
    it = watch(include=("*.docx",), exclude=("~$*", "drafts"))
    await it.job.once()
    for name in ("sub/deep/a.docx", "sub/a.txt", "sub/~$a.docx", "drafts/b.docx"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    await it.job.once()
    assert await it.history() == [("created", "sub/deep/a.docx")]


async def test_crossing_a_size_bound_is_not_a_deletion(watch: Watch, folder: Path) -> None:
    it = watch(max_file_size=10)
    await it.job.once()
    file = folder / "a"
    for text in ("small", "larger than ten bytes", "again"):
        file.write_text(text)
        await it.job.once()
    file.unlink()
    await it.job.once()
    assert [kind for kind, _ in await it.history()] == ["created", "modified", "deleted"]


async def test_changed_filters_are_neither_deletions_nor_creations(watch: Watch, folder: Path) -> None:
    for name in ("a.docx", "b.txt"):
        (folder / name).write_text("x")
    await watch(include=("*.docx",)).job.once()
    (folder / "new.txt").write_text("x")
    (folder / "new.docx").write_text("x")
    it = watch(include=("*.docx", "*.txt"))
    await it.job.once()
    await watch(include=("*.txt",)).job.once()
    assert await it.history() == [("created", "new.docx")]


async def test_a_rewrite_in_the_same_second_with_the_same_size_is_seen_by_polling(watch: Watch, folder: Path) -> None:
    file = folder / "a"
    it = watch()
    await it.job.once()
    second = int(time.time()) * 10**9
    for n in range(20):
        file.write_text(f"{n:04}")
        os.utime(file, ns=(second, second + n * 10_000_000))
        await it.job.once()
    assert [kind for kind, _ in await it.history()] == ["created"] + ["modified"] * 19


@pytest.mark.skipif(sys.platform == "win32", reason="names there are text")
@BACKENDS
async def test_a_name_that_is_not_text_is_recorded(watch: Watch, folder: Path, backend: str) -> None:
    it = watch(backend=backend)
    await it.job.once()
    async with running(it.job):
        await eventually(lambda: armed(it))
        (folder / os.fsdecode(b"100%\xff.txt")).write_text("x")
        await eventually(lambda: seen(it, ("created", "100%%FF.txt")))
    await watch().job.once()
    assert [event for event in await it.history() if event[0] != "modified"] == [("created", "100%%FF.txt")]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions bind an ordinary account only")
async def test_an_unreadable_folder_keeps_what_was_known(watch: Watch, folder: Path) -> None:
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "sub" / "deep" / "a").write_text("x")
    it = watch()
    await it.job.once()
    (folder / "sub").chmod(0)
    try:
        await it.job.once()
    finally:
        (folder / "sub").chmod(0o755)
    assert await it.history() == []


async def test_links_are_followed_without_going_round(watch: Watch, folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "a" / "file").write_text("x")
    it = watch(follow_symlinks=True, emit_on_start=True)
    await it.job.once()
    assert await it.history() == [("created", "a/file")]


async def test_links_are_left_alone_by_default(watch: Watch, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    it = watch(backend="watchfiles")
    (folder / "link").symlink_to(outside, target_is_directory=True)
    await it.job.once()
    async with running(it.job):
        await eventually(lambda: armed(it))
        (outside / "a").write_text("x")
        (folder / "b").write_text("x")
        await eventually(lambda: seen(it, ("created", "b")))
    assert {path for _, path in await it.history()} == {"b"}


async def test_two_passes_at_once_record_nothing_twice(watch: Watch, folder: Path) -> None:
    one, other = watch(), watch()
    await one.job.once()
    await other.job.once()
    for n in range(50):
        (folder / str(n)).write_text("x")
    await asyncio.gather(one.job.once(), other.job.once())  # the command line while the assistant runs
    assert sorted(await one.history()) == sorted(("created", str(n)) for n in range(50))


@BACKENDS
async def test_a_watch_stops_within_a_second(watch: Watch, backend: str) -> None:
    it = watch(backend=backend, poll_interval=60)
    async with running(it.job) as task:
        await eventually(lambda: armed(it))
        began = time.monotonic()
        task.cancel()
        await asyncio.wait([task])
        assert time.monotonic() - began < 1
