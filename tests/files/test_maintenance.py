"""The history keeps its agreed length."""

from core.db.engine import Database
from core.files import store
from core.files.service import FilesService
from jobs.files.maintenance import Maintenance
from tests.conftest import ManualClock
from tests.files.test_store import Recorder, change


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
