"""Checksums: filled in once a file has settled, never of a file that changed while it was read."""

import asyncio
import hashlib
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.files.model import PendingChecksum
from core.files.rules import SETTLED
from core.settings_values import checksum_algorithms
from jobs.files.checksum import LARGE, Checksums, Unreadable, checksum
from tests.conftest import NOON
from tests.files.conftest import Watch, Watching, eventually


def expected(path: Path) -> PendingChecksum:
    found = path.stat()
    return PendingChecksum(1, "documents", "", path.name, found.st_size, found.st_mtime_ns, NOON)


@pytest.mark.parametrize("algorithm", sorted(checksum_algorithms()))
def test_any_guaranteed_algorithm_serves(folder: Path, algorithm: str) -> None:
    file = folder / "a"
    file.write_bytes(b"x" * 3_000_000)
    found = checksum(str(file), expected(file), algorithm, threading.Event())
    assert found == hashlib.new(algorithm, file.read_bytes(), usedforsecurity=False).hexdigest()


def test_a_file_that_has_changed_since_has_none(folder: Path) -> None:
    file = folder / "a"
    file.write_text("one")
    was = expected(file)
    file.write_text("other")
    assert checksum(str(file), was, "sha256", threading.Event()) is None


def test_a_file_that_is_gone_has_none(folder: Path) -> None:
    file = folder / "a"
    file.write_text("one")
    was = expected(file)
    file.unlink()
    assert checksum(str(file), was, "sha256", threading.Event()) is None


def test_a_file_that_cannot_be_read_is_told_from_one_that_is_gone(folder: Path) -> None:
    inner = folder / "a"
    inner.mkdir()
    with pytest.raises(Unreadable):
        checksum(str(inner), expected(inner), "sha256", threading.Event())


async def test_the_row_of_the_event_is_filled_in(watch: Watch, folder: Path) -> None:
    it = watch(compute_checksum=True)
    await it.job.once()
    (folder / "a").write_text("hello")
    await it.job.once()
    await Checksums(it.db, SystemClock(), it.service, it.settings).once()
    (event,) = await it.events()
    assert event.checksum == hashlib.sha256(b"hello").hexdigest()


async def test_while_the_folder_is_away_the_queue_waits(watch: Watch, folder: Path) -> None:
    it = watch(compute_checksum=True)
    await it.job.once()
    (folder / "a").write_text("hello")
    await it.job.once()
    elsewhere = put_elsewhere(folder)
    job = Checksums(it.db, SystemClock(), it.service, it.settings)
    assert await job.drain() == 0
    put_back(elsewhere, folder)
    assert await job.drain() == 1
    assert (await it.events())[0].checksum is not None


def put_elsewhere(folder: Path) -> Path:
    return folder.rename(folder.with_name("elsewhere"))


def put_back(elsewhere: Path, folder: Path) -> None:
    elsewhere.rename(folder)


async def test_a_file_held_by_its_editor_is_tried_again(watch: Watch, folder: Path) -> None:
    it = watch(compute_checksum=True)
    await it.job.once()
    (folder / "a").write_text("hello")
    await it.job.once()
    clock = SystemClock()
    async with it.db.transaction() as tx:
        await it.service.postpone_checksums(tx, [(await it.events())[0].id], clock.now() + timedelta(hours=1))
    assert await Checksums(it.db, clock, it.service, it.settings).drain() == 0


@pytest.mark.timeout(30)
async def test_a_large_file_does_not_hold_up_the_others(watch: Watch, folder: Path) -> None:
    it = watch(compute_checksum=True)
    await it.job.once()
    with (folder / "large").open("wb") as file:
        file.truncate(2 << 30)  # takes no room, and seconds to read
    (folder / "small").write_text("hello")
    await it.job.once()
    await asyncio.sleep(SETTLED.total_seconds())
    task = asyncio.create_task(Checksums(it.db, SystemClock(), it.service, it.settings).run())
    try:
        await eventually(lambda: summed(it, "small"))
        assert not await summed(it, "large")
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_large_file_is_read_too(watch: Watch, folder: Path) -> None:
    it = watch(compute_checksum=True, checksum_algorithm="md5")
    await it.job.once()
    with (folder / "large").open("wb") as file:
        file.truncate(LARGE)
    await it.job.once()
    assert await Checksums(it.db, SystemClock(), it.service, it.settings).drain() == 1
    assert await summed(it, "large")


async def summed(it: Watching, name: str) -> bool:
    return any(event.checksum for event in await it.events() if event.path.endswith(name))
