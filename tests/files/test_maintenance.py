"""The history keeps its agreed length."""

import sqlite3
from contextlib import closing

import pytest

from core.alerts.model import Route
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.files import store
from core.files.disk import DiskService, is_low
from core.files.service import FilesService
from jobs.files.maintenance import Maintenance
from tests.conftest import ManualClock
from tests.files.conftest import DUTY
from tests.files.recording import Recorder, change


async def test_what_is_older_than_agreed_goes(db: Database, service: FilesService, clock: ManualClock) -> None:
    record = Recorder(db, service)
    await record(*(change(str(n)) for n in range(25)))
    clock.advance(days=10)
    await record(change("new"))
    assert await Maintenance(db, clock, service, retention_days=5, batch_size=10).prune() == 25
    async with db.reading() as connection:
        assert [event.path for event in await store.find_events(connection)] == ["/srv/documents/new"]


async def test_without_an_agreement_everything_stays(
    sqlite_db: Database, service: FilesService, clock: ManualClock
) -> None:
    record = Recorder(sqlite_db, service)
    await record(change("a"))
    clock.advance(days=10_000)
    assert await Maintenance(sqlite_db, clock, service, retention_days=None).prune() == 0


async def test_a_vacuum_gives_pages_back(sqlite_db: Database, service: FilesService, clock: ManualClock) -> None:
    record = Recorder(sqlite_db, service)
    await record(*(change(f"{n}" * 100) for n in range(800)))
    clock.advance(days=2)
    await Maintenance(sqlite_db, clock, service, retention_days=1, vacuum_on_maintenance=True).once()
    async with sqlite_db.reading() as connection:
        free = (await connection.exec_driver_sql("PRAGMA freelist_count")).scalar_one()
    assert free == 0


async def test_what_was_recorded_comes_into_the_database_file(
    sqlite_db: Database, service: FilesService, clock: ManualClock
) -> None:
    await Recorder(sqlite_db, service)(change("a"))
    await Maintenance(sqlite_db, clock, service).tend()
    assert sqlite_db.path is not None
    with closing(sqlite3.connect(f"{sqlite_db.path.as_uri()}?immutable=1", uri=True)) as without_the_log:
        assert without_the_log.execute("SELECT path FROM file_events").fetchall() == [("/srv/documents/a",)]


async def test_paths_come_into_the_index_and_leave_it_with_their_last_event(
    sqlite_db: Database, service: FilesService, clock: ManualClock
) -> None:
    record = Recorder(sqlite_db, service)
    maintenance = Maintenance(sqlite_db, clock, service, retention_days=5, batch_size=10)
    await record(change("договір.docx"), change("акт.docx"))
    clock.advance(days=10)
    await record(change("b.docx", "moved", ("", "акт.docx")), change("fresh.docx"))
    await maintenance.once()
    await record(change("не в індексі.docx"))
    assert await record.find(words=("договір",)) == []
    assert await record.find(words=("акт",)) == ["b.docx"]
    assert await record.find(words=("індекс",)) == ["не в індексі.docx"]
    async with sqlite_db.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT id FROM file_search_docsize ORDER BY id")
        paths = await connection.exec_driver_sql("SELECT count(*) FROM file_paths")
        assert (len(rows.all()), paths.scalar_one()) == (3, 4)
    async with sqlite_db.transaction() as tx:
        await tx.exec_driver_sql("INSERT INTO file_search (file_search, rank) VALUES ('integrity-check', 0)")


async def test_admins_are_told_once_of_a_full_disk_and_once_when_it_has_room(db: Database, clock: ManualClock) -> None:
    disk = DiskService(clock, AlertsService(clock, (Route(DUTY, ("admins",)),)))
    gigabyte = 1024**3
    news = []
    for free in (50, 4, 3, 5.5, 4, 7, 50):
        async with db.transaction() as tx:
            news.append(await disk.seen(tx, int(free * gigabyte), 100 * gigabyte))
    assert news == [False, True, False, False, False, True, False]


@pytest.mark.parametrize(("free", "total", "low"), [(499, 1000, True), (501, 1000, False), (900, 20_000, True)])
def test_room_is_short_below_a_share_and_below_half_a_gigabyte(free: int, total: int, low: bool) -> None:
    megabyte = 1024**2
    assert is_low(free * megabyte, total * megabyte) is low
