import asyncio
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import Rejected, Unavailable
from jobs.connectors.maildir.client import Maildir, key_of
from jobs.letters.mailbox import RawLetter, Unreadable


def put(path: Path, text: bytes = b"Subject: x\n\ny", at: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    os.utime(path, (1_770_000_000 + at, 1_770_000_000 + at))
    return path


async def keys(box: Maildir) -> list[str]:
    return [entry.key for entry in (await box.changes(None, datetime.now(UTC))).entries]


async def one(box: Maildir, key: str) -> RawLetter:
    found = (await box.read([key]))[0]
    assert isinstance(found, RawLetter)
    return found


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize("name", ["1.M2.host!2,S", "1.M2.host;2,RS", "1.M2.host!2,", "1.M2.host"])
def test_flags_are_no_part_of_a_key(name: str) -> None:
    assert key_of(name) == "1.M2.host"


def test_a_colon_parts_the_flags_too() -> None:
    assert key_of("1.M2.host:2,S") == "1.M2.host"


async def test_letters_of_new_and_cur_are_listed_oldest_first(maildir: Path) -> None:
    put(maildir / "new" / "3.host", at=3)
    put(maildir / "cur" / "1.host;2,S", at=1)
    put(maildir / "cur" / "2.host;2,", at=2)
    put(maildir / "tmp" / "4.host", at=4)
    put(maildir / "new" / ".hidden", at=5)
    assert await keys(Maildir(maildir)) == ["1.host", "2.host", "3.host"]


async def test_a_plain_folder_holds_eml_and_msg_files_only(tmp_path: Path) -> None:
    put(tmp_path / "b.EML", at=1)
    put(tmp_path / "a.eml", at=2)
    put(tmp_path / "c.msg", at=3)
    put(tmp_path / "notes.txt")
    put(tmp_path / "old" / "c.eml")
    assert await keys(Maildir(tmp_path)) == ["b.EML", "a.eml", "c.msg"]


async def test_a_letter_is_its_bytes_and_its_time(tmp_path: Path) -> None:
    put(tmp_path / "a.eml", b"Subject: x\r\n\r\n\xff", at=60)
    box = Maildir(tmp_path)
    await keys(box)
    letter = await one(box, "a.eml")
    assert letter.data == b"Subject: x\r\n\r\n\xff"
    assert letter.received_at == datetime.fromtimestamp(1_770_000_060, UTC)


async def test_a_letter_read_elsewhere_meanwhile_keeps_its_key(maildir: Path) -> None:
    path = put(maildir / "new" / "1.host", b"y")
    box = Maildir(maildir)
    assert await keys(box) == ["1.host"]
    path.rename(maildir / "cur" / "1.host;2,S")
    assert (await one(box, "1.host")).data == b"y"
    assert await keys(box) == ["1.host"]


async def test_a_letter_deleted_meanwhile_is_left_out(tmp_path: Path) -> None:
    path = put(tmp_path / "a.eml")
    box = Maildir(tmp_path)
    await keys(box)
    path.unlink()
    assert await box.read(["a.eml"]) == []


async def test_a_letter_that_is_too_large_is_put_aside(tmp_path: Path) -> None:
    put(tmp_path / "a.eml", b"x" * 1001)
    put(tmp_path / "b.eml", b"x" * 1000)
    box = Maildir(tmp_path, largest=1000)
    await keys(box)
    large, small = await box.read(["a.eml", "b.eml"])
    assert isinstance(large, Unreadable)
    assert isinstance(large.error, Rejected)
    assert isinstance(small, RawLetter)
    assert len(small.data) == 1000


async def test_a_missing_folder_is_unavailable_and_may_come_back(tmp_path: Path) -> None:
    box = Maildir(tmp_path / "share")
    with pytest.raises(Unavailable) as caught:
        await keys(box)
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    put(tmp_path / "share" / "a.eml")
    assert await keys(box) == ["a.eml"]


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="the superuser may read any folder; Windows has no such modes"
)
async def test_a_forbidden_folder_is_unavailable(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(Unavailable):
            await keys(Maildir(tmp_path))
    finally:
        tmp_path.chmod(0o700)


async def test_a_link_to_nothing_is_no_letter(tmp_path: Path) -> None:
    try:
        (tmp_path / "a.eml").symlink_to(tmp_path / "gone")
    except OSError:
        pytest.skip("Windows lets only some accounts make links")
    put(tmp_path / "b.eml")
    assert await keys(Maildir(tmp_path)) == ["b.eml"]


async def test_a_letter_that_is_still_being_written_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"half")

    def write() -> None:
        for _ in range(7):
            time.sleep(0.1)  # a slow writer is what is tested; it is joined below
            with path.open("ab") as file:
                file.write(b"+")

    box = Maildir(tmp_path)
    assert await keys(box) == ["a.eml"]
    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert (await one(box, "a.eml")).data == b"half" + b"+" * 7
    finally:
        writer.join()


async def test_a_letter_written_for_too_long_is_left_for_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"half")
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.01):
            with path.open("ab") as file:
                file.write(b"+")

    box = Maildir(tmp_path, look_every=0.05)
    await keys(box)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert await box.read(["a.eml"]) == []
        async with asyncio.timeout(5):
            await box.wait(60)
    finally:
        stop.set()
        writer.join()
    await keys(box)
    assert (await one(box, "a.eml")).data.startswith(b"half+")


async def test_a_letter_that_is_still_empty_is_left_for_the_next_look_but_not_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.touch()
    box = Maildir(tmp_path, look_every=0.02)
    await keys(box)
    assert await box.read(["a.eml"]) == []
    os.utime(path, (1_770_000_000, 1_770_000_000))
    assert (await one(box, "a.eml")).data == b""


async def test_on_a_share_with_another_clock_what_has_just_appeared_may_be_growing_too(tmp_path: Path) -> None:
    box = Maildir(tmp_path, look_every=0.2)
    assert await keys(box) == []
    path = put(tmp_path / "a.eml", b"half", at=0)
    assert await keys(box) == ["a.eml"]
    grown = threading.Timer(0.1, put, (path, b"whole"))
    grown.start()
    assert (await one(box, "a.eml")).data == b"whole"
    grown.join()


@pytest.mark.parametrize("folder", ["new", "."])
async def test_waiting_ends_soon_after_a_letter_came(folder: str, tmp_path: Path) -> None:
    for name in ("new", "cur") if folder == "new" else ():
        (tmp_path / name).mkdir()
    box = Maildir(tmp_path)
    await keys(box)
    arrival = threading.Timer(0.3, put, (tmp_path / folder / "a.eml",))
    arrival.start()
    began = time.monotonic()
    while not await keys(box):
        await box.wait(60)
    assert time.monotonic() - began < 2
    arrival.join()


async def test_waiting_lasts_no_longer_than_it_is_told_to(tmp_path: Path) -> None:
    box = Maildir(tmp_path, look_every=0.02)
    os.utime(tmp_path, (1, 1))
    await keys(box)
    began = time.monotonic()
    await box.wait(0.2)
    assert 0.2 <= time.monotonic() - began < 2


async def test_a_folder_that_goes_away_ends_the_wait(tmp_path: Path) -> None:
    put(tmp_path / "share" / "a.eml")
    box = Maildir(tmp_path / "share", look_every=0.02)
    await keys(box)
    (tmp_path / "share").rename(tmp_path / "away")
    async with asyncio.timeout(5):
        await box.wait(60)
    with pytest.raises(Unavailable):
        await keys(box)
