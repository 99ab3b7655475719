"""The audit log of a share is followed beside the watch: what it says is written to the history, once and for good."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.service import AlertsService
from core.clock import SystemClock
from core.db.engine import Database
from core.errors import Unavailable
from core.files.model import Query, WatchSettings
from core.files.service import FilesService
from core.files.who_store import file_audit_entries, file_audits
from jobs.files.audit import AuditFollower
from jobs.files.commands import read_words
from tests.conftest import ManualClock
from tests.files.auditing import audited, follower
from tests.files.conftest import Watching, eventually, running

REPOSITORY = Path(__file__).resolve().parents[2]


def line(path: Path | str, who: str = "anna", deed: str = "pwrite_send", at: datetime | None = None) -> str:
    """A record as Samba writes it."""
    stamp = (at or datetime.now(UTC)).strftime("%Y/%m/%d %H:%M:%S.%f")
    header = f"[{stamp},  1] ../../source3/modules/vfs_full_audit.c:643(do_log)"
    return f"{header}\n  {who}|10.0.0.7|pc7|documents|{deed}|ok|{path}\n"


class Share:
    """A watched folder whose changes a test makes, and the log that its server would write."""

    def __init__(self, db: Database, folder: Path, log: Path, clock: ManualClock | SystemClock) -> None:
        self.folder = folder
        self.log = log
        self.clock = clock
        self.settings: WatchSettings = audited(folder, log)
        self.watching = Watching(db, self.settings, clock)
        self.db = db
        self.restart()

    def restart(self) -> None:
        """As after a kill: only what the database holds is known."""
        self.follower: AuditFollower = follower(self.db, self.clock, self.settings)

    def write(self, name: str, who: str | None = "anna") -> None:
        """Somebody changes a file; None: past Samba."""
        with (self.folder / name).open("a") as file:
            file.write("x")
        if who is not None:
            self.say(line(self.folder / name, who, at=self.clock.now()))

    def say(self, text: str) -> None:
        with self.log.open("a") as log:
            log.write(text)

    async def notice(self) -> None:
        """The watch looks, and the log is read past that moment."""
        self.pass_time(1)
        await self.watching.job.scan()
        await self.follower.once()

    def pass_time(self, seconds: float) -> None:
        assert isinstance(self.clock, ManualClock)
        self.clock.advance(seconds=seconds)

    async def names(self) -> list[str | None]:
        """Who made each change, oldest first."""
        return [event.who for event in await self.watching.events()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    log = tmp_path / "samba" / "audit.log"
    log.parent.mkdir()
    log.touch()
    return log


Make = Callable[[Database], Share]


@pytest.fixture
def make(folder: Path, log: Path, clock: ManualClock) -> Make:
    return lambda db: Share(db, folder, log, clock)


@pytest.fixture
async def share(make: Make, sqlite_db: Database) -> Share:
    return await begun(make(sqlite_db))


async def begun(share: Share) -> Share:
    """Seen for the first time, the log too."""
    await share.watching.job.scan()
    await share.follower.once()
    share.pass_time(120)  # the table says once a minute when the folder was compared
    return share


async def test_who_wrote_created_and_deleted_is_written_down(make: Make, db: Database) -> None:
    share = await begun(make(db))
    share.write("contract.docx")
    await share.notice()
    share.write("contract.docx", "petro")
    await share.notice()
    (share.folder / "contract.docx").rename(share.folder / "old.docx")
    ends = f"{share.folder}/contract.docx|{share.folder}/old.docx"
    share.say(line(ends, "oksana", "renameat", share.clock.now()))
    await share.notice()
    (share.folder / "old.docx").unlink()
    share.say(line(share.folder / "old.docx", "anna", "unlinkat", share.clock.now()))
    await share.notice()
    assert await share.names() == ["anna", "petro", "oksana", "anna"]


async def test_what_somebody_changed_is_found_by_their_name(make: Make, db: Database) -> None:
    share = await begun(make(db))
    share.write("a.docx")
    await share.notice()
    share.write("b.docx", "CORP\\anna")
    await share.notice()
    share.write("b.docx", "petro")
    share.pass_time(1)
    share.write("b.docx", "ann")
    await share.notice()
    service = share.watching.service
    async with db.reading() as connection:
        known = await service.people(connection)
        found = {
            words: [event.who for event in await service.search(connection, await asked(connection, words), limit=9)]
            for words in ("anna", "petro *.docx", "ann today", "petro a")
        }
    assert known == ["CORP\\anna", "ann", "anna", "petro"]
    assert found == {
        "anna": ["CORP\\anna", "anna"],
        "petro *.docx": ["petro, ann"],
        "ann today": ["petro, ann"],
        "petro a": [],
    }
    async with db.transaction() as tx:
        share.pass_time(7200)
        await service.prune(tx, share.clock.now(), 100)
        assert await service.people(tx) == []


async def asked(connection: AsyncConnection, words: str) -> Query:
    clock = ManualClock()
    return await read_words(connection, clock, FilesService(clock, AlertsService(clock, ())), words, "UTC")


async def test_a_change_that_no_log_explains_is_nobodys(share: Share) -> None:
    share.write("a")
    await share.notice()
    share.pass_time(5)
    share.write("a", None)  # a program on the server itself, seconds later
    await share.notice()
    assert await share.names() == ["anna", None]


async def test_what_was_done_before_the_folder_was_first_seen_explains_nothing(make: Make, sqlite_db: Database) -> None:
    share = make(sqlite_db)
    share.write("a")
    share.pass_time(1)
    await share.watching.job.scan()
    await share.follower.once()
    share.write("a", None)
    await share.notice()
    assert await share.names() == [None]


async def test_two_people_between_two_looks_are_named_in_order(share: Share) -> None:
    share.write("a", "petro")
    share.pass_time(3)
    share.write("a", "anna")
    await share.notice()
    assert await share.names() == ["petro, anna"]


async def test_what_was_found_after_being_off_is_known_by_the_log(share: Share) -> None:
    share.write("a")
    share.pass_time(36_000)
    share.write("b", "petro")
    share.pass_time(36_000)
    share.watching = Watching(share.db, share.settings, share.clock)
    share.restart()
    await share.notice()
    assert sorted(map(str, await share.names())) == ["anna", "petro"]


async def test_a_log_that_cannot_be_read_makes_changes_wait(share: Share) -> None:
    share.write("a")
    kept = share.log.rename(share.log.with_name("elsewhere"))
    with pytest.raises(Unavailable, match=r"audit\.log"):
        await share.notice()
    assert await share.names() == [None]
    kept.rename(share.log)
    await share.follower.once()
    assert await share.names() == ["anna"]


async def test_what_a_log_lost_is_nobodys(share: Share) -> None:
    share.write("a")
    await share.follower.once()
    share.log.write_text(line(share.folder / "other", at=share.clock.now()))  # emptied before it was read to its end
    await share.notice()
    assert await share.names() == [None]


async def test_an_owner_or_a_label_is_never_taken_for_the_author(share: Share) -> None:
    share.write("a", None)
    await share.notice()
    assert await share.names() == [None]


async def test_entries_are_kept_for_some_days(share: Share) -> None:
    for n in range(5):
        share.write(f"{n}")
    await share.notice()
    assert await entries(share.db) == 5
    share.pass_time(8 * 86_400)
    await share.follower.once()
    assert await entries(share.db) == 0
    assert await share.names() == ["anna"] * 5


async def test_each_machine_reads_its_own_log(sqlite_db: Database, folder: Path, log: Path, clock: ManualClock) -> None:
    here = await begun(Share(sqlite_db, folder, log, clock))
    theirs = log.with_name("other.log")
    there = follower(sqlite_db, clock, audited(folder, theirs), host="there")
    theirs.write_text(line(folder / "a", "petro", at=clock.now()))
    await there.once()
    here.write("a", None)
    await here.notice()
    await there.once()
    assert await here.names() == [None]


async def entries(db: Database) -> int:
    async with db.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(file_audit_entries))).scalar_one())


async def test_records_read_twice_count_once(share: Share) -> None:
    share.write("a")
    await share.follower.once()
    async with share.db.transaction() as tx:
        await tx.execute(file_audits.update().values(position={"files": []}))
    share.restart()
    await share.follower.once()
    assert await entries(share.db) == 1


class Hurried(SystemClock):
    """The real time, in which nobody waits."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


async def test_a_kill_neither_loses_nor_doubles_an_entry(sqlite_db: Database, folder: Path, log: Path) -> None:
    began = datetime.now(UTC) - timedelta(hours=1)
    log.write_text("".join(line(folder / f"{n}", at=began + timedelta(milliseconds=n)) for n in range(12_000)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.files.auditing", str(sqlite_db.url), str(folder), str(log), cwd=REPOSITORY
    )

    async def some() -> bool:
        return await entries(sqlite_db) > 0

    await eventually(some, 20)
    process.kill()  # the first piece is kept, the next is being read
    await process.wait()
    await follower(sqlite_db, Hurried(), audited(folder, log)).once()
    assert await entries(sqlite_db) == 12_000


async def test_a_change_has_its_author_within_seconds(sqlite_db: Database, folder: Path, log: Path) -> None:
    share = Share(sqlite_db, folder, log, SystemClock())
    share.watching = Watching(sqlite_db, replace(share.settings, backend="watchfiles"))
    await share.watching.job.scan()
    following = asyncio.create_task(share.follower.run())
    async with running(share.watching.job):
        await eventually(lambda: answered(share))
        share.write("a.docx", "petro")
        await eventually(lambda: known(share, ["petro"]))
    following.cancel()
    await asyncio.wait([following])


async def answered(share: Share) -> bool:
    async with share.db.reading() as connection:
        return bool((await connection.execute(select(file_audits))).all())


async def known(share: Share, names: list[str]) -> bool:
    return await share.names() == names
