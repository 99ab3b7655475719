"""What an older version wrote about files is kept, and found as before."""

from alembic import command
from sqlalchemy import text

from core.db.engine import Database
from core.db.migrations import alembic_config, upgrade
from core.files import snapshots, store
from core.files.model import FileEvent, Query
from core.files.service import FilesService
from tests.conftest import ManualClock

EVENTS = (
    ("created", "/srv/docs/Договір.docx", "watched_root=/srv/docs", "договір.docx", "договір.docx"),
    (
        "moved",
        "/srv/docs/a/50%25;x.docx",
        "watched_root=/srv/docs; old_path=/srv/docs/Договір.docx; source=scan",
        "a/50%25;x.docx\nдоговір.docx",
        "50%25;x.docx",
    ),
    ("deleted", "C:\\docs\\b\\c.txt", "watched_root=C:\\docs", "b/c.txt", "c.txt"),
)


async def downgrade(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0002"))


async def find(db: Database, query: Query) -> list[FileEvent]:
    async with db.reading() as connection:
        return await store.find_events(connection, query)


async def test_the_history_of_the_first_watch_is_searched_as_before(
    db: Database, service: FilesService, clock: ManualClock
) -> None:
    await downgrade(db)
    moment = "2026-11-20T11:59:00.000000+00:00"
    async with db.transaction() as tx:
        await tx.execute(
            text(
                "INSERT INTO file_events (event_time, event_type, path, project, username, file_size, details, watch,"
                " folded_path, folded_name) VALUES (:at, :kind, :path, 'CRM', 'a', 1, :details, 'docs', :folded, :name)"
            ),
            [dict(zip(("kind", "path", "details", "folded", "name"), row, strict=True), at=moment) for row in EVENTS],
        )
        await tx.execute(
            text(
                "INSERT INTO file_watches (name, root, device, revision, filters, backend)"
                " VALUES ('docs', '/srv/docs', 7, 3, '{}', 'polling')"
            )
        )
        await tx.execute(
            text(
                "INSERT INTO file_states (watch, folder, name, size, mtime_ns, device, inode, told)"
                " VALUES ('docs', 'a', 'x.docx', 5, 6, 7, 8, :told)"
            ),
            {"told": True},
        )
    await upgrade(db)
    assert [event.id for event in await find(db, Query())] == [3, 2, 1]
    assert [event.id for event in await find(db, Query(words=("договір",)))] == [2, 1]
    assert [event.id for event in await find(db, Query(globs=("50%25;*",)))] == [2]
    assert [event.id for event in await find(db, Query(path="C:\\docs\\b"))] == [3]
    async with db.reading() as connection:
        state = await service.find_watch(connection, "docs") or (await service.list_watches(connection))[0]
        assert (state.revision, state.device) == (3, 7)
        assert list(await snapshots.load_snapshot(connection, "docs")) == ["a"]
        stats = await service.stats(connection, clock.now().replace(hour=0))
        assert sum(stats.folders[0].counts.values()) == 3
        found = await service.life(connection, "docs", "Договір.docx")
        assert found is not None
        assert [step.event.id for step in found.steps] == [1, 2]
