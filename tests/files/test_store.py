"""The history and the snapshot on both databases: what is recorded, told and forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.files import snapshots, store
from core.files.model import Overtaken
from core.files.service import FilesService
from tests.conftest import ManualClock
from tests.files.recording import ROOT, STATE, WATCH, Recorder, change


async def test_an_event_has_the_columns_of_the_contract(record: Recorder, clock: ManualClock) -> None:
    await record(change("b/new.docx", "moved", ("a", "old.docx")), scan=True)
    async with record.db.reading() as connection:
        (event,) = await store.find_events(connection)
    assert event.public() == {
        "id": 1,
        "event_time": clock.now().isoformat(timespec="microseconds"),
        "event_type": "moved",
        "path": "/srv/documents/b/new.docx",
        "project": "CRM",
        "username": "team-a",
        "file_size": 5,
        "checksum": None,
        "details": "watched_root=/srv/documents; old_path=/srv/documents/a/old.docx; source=scan; department=sales",
    }


async def test_the_snapshot_is_what_was_recorded(record: Recorder) -> None:
    odd = "100%\udcff"
    await record(change("a/x"), change(odd), change("gone"))
    await record(change("b/x", "moved", ("a", "x")), change("gone", "deleted"))
    async with record.db.reading() as connection:
        assert await snapshots.load_snapshot(connection, "documents") == {
            "b": {"x": STATE.pack()},
            "": {odd: STATE.pack()},
        }
        assert await record.service.count_files(connection, "documents") == 2


async def test_who_compared_with_an_old_snapshot_records_nothing(record: Recorder) -> None:
    await record(change("a"))
    late = Recorder(record.db, record.service)
    late.revision = record.revision - 1
    with pytest.raises(Overtaken):
        await late(change("a"))
    assert await record.find() == ["a"]


async def test_a_failed_transaction_leaves_neither_event_nor_state(record: Recorder) -> None:
    await record(change("a"))
    with pytest.raises(ZeroDivisionError):
        await fail_after_recording(record)
    async with record.db.reading() as connection:
        assert list((await snapshots.load_snapshot(connection, "documents"))[""]) == ["a"]
    assert await record.find() == ["a"]


async def fail_after_recording(record: Recorder) -> None:
    async with record.db.transaction() as tx:
        await record.service.record(tx, WATCH, ROOT, [change("b")], revision=record.revision)
        raise ZeroDivisionError


async def test_a_watch_whose_path_changed_begins_anew(record: Recorder) -> None:
    await record(change("a"))
    async with record.db.transaction() as tx:
        state = await record.service.open_watch(tx, WATCH, "/srv/elsewhere", 1)
    assert state.revision > record.revision
    assert state.first_seen_at is None
    async with record.db.reading() as connection:
        assert await snapshots.load_snapshot(connection, "documents") == {}


async def test_a_burst_is_one_message_and_the_next_begins_after_quiet(record: Recorder, clock: ManualClock) -> None:
    await record(change("a"), change("b"))
    clock.advance(minutes=29)
    await record(change("a", "modified"))
    clock.advance(minutes=31)
    await record(change("c"))
    told = await tellings(record.db)
    assert [subject for subject, _ in told] == ["files:documents:1", "files:documents:1", "files:documents:2"]
    async with record.db.reading() as connection:
        found = await record.service.burst(connection, 1, 2)
    assert found is not None
    burst, last = found
    assert dict(burst.counts) == {"created": 2, "modified": 1, "deleted": 0, "moved": 0}
    assert [event.id for event in last] == [3, 2]


async def test_a_storm_is_told_at_a_pace(record: Recorder, clock: ManualClock) -> None:
    for n in range(100):
        await record(change(str(n)))
        clock.advance(seconds=0.1)
    times = [at for _, at in await tellings(record.db)]
    assert len(times) <= 5
    assert times[-1] >= clock.now() - timedelta(seconds=0.2)


async def test_silent_changes_are_not_told(record: Recorder) -> None:
    await record(change("a", None))
    assert await tellings(record.db) == []
    assert await record.find() == []


async def tellings(db: Database) -> list[tuple[str, Any]]:
    async with db.reading() as connection:
        rows = await connection.execute(select(notices.c.subject, notices.c.not_before).order_by(notices.c.id))
        return [(row[0], row[1]) for row in rows]


async def test_checksums_are_filled_in_once_settled(record: Recorder, clock: ManualClock) -> None:
    await record(change("a"), change("b"), change("c", "deleted"))
    async with record.db.reading() as connection:
        assert await record.service.due_checksums(connection, "documents", 10) == []
        clock.advance(seconds=2)
        due = await record.service.due_checksums(connection, "documents", 10)
    assert [each.name for each in due] == ["a", "b"]
    async with record.db.transaction() as tx:
        await record.service.settle_checksums(tx, {due[0].event_id: "abc", due[1].event_id: None})
    async with record.db.reading() as connection:
        assert await record.service.due_checksums(connection, "documents", 10) == []
        assert [event.checksum for event in await store.find_events(connection)] == [None, None, "abc"]


async def test_a_checksum_can_wait(record: Recorder, clock: ManualClock) -> None:
    await record(change("a"))
    async with record.db.transaction() as tx:
        await record.service.postpone_checksums(tx, [1], clock.now() + timedelta(minutes=1))
    async with record.db.reading() as connection:
        clock.advance(seconds=59)
        assert await record.service.due_checksums(connection, "documents", 10) == []
        clock.advance(seconds=1)
        assert len(await record.service.due_checksums(connection, "documents", 10)) == 1


async def test_what_is_too_old_goes_in_pieces_and_ids_do_not_come_back(record: Recorder, clock: ManualClock) -> None:
    await record(*(change(str(n)) for n in range(5)))
    clock.advance(days=2)
    before = clock.now() - timedelta(days=1)
    gone = []
    for _ in range(3):
        async with record.db.transaction() as tx:
            gone.append(await record.service.prune(tx, before, 2))
    assert gone == [2, 2, 1]
    await record(change("new"))
    async with record.db.reading() as connection:
        assert [event.id for event in await store.find_events(connection)] == [6]
        assert await record.service.find_burst(connection, 1) is None


async def test_a_question_is_kept_once(db: Database, service: FilesService) -> None:
    async with db.transaction() as tx:
        first = await service.remember_query(tx, "договір *.docx")
        assert await service.remember_query(tx, "договір *.docx") == first
        assert await service.recall_query(tx, first) == "договір *.docx"
        assert await service.recall_query(tx, first + 1) is None


async def test_a_folder_is_away_since_it_went(record: Recorder, clock: ManualClock) -> None:
    await record(change("a"))
    went = clock.now()
    for _ in range(2):
        async with record.db.transaction() as tx:
            await record.service.away(tx, "documents")
        clock.advance(minutes=1)
    async with record.db.transaction() as tx:
        (state,) = await record.service.list_watches(tx)
        assert state.away_since == went
        await record.service.scanned(tx, WATCH, 1, "polling")
        state = (await record.service.list_watches(tx))[0]
    assert state.away_since is None
    assert state.scanned_at == clock.now()


async def test_two_machines_watch_into_one_database_without_touching_each_others_snapshot(
    db: Database, clock: ManualClock
) -> None:
    here, there = (Recorder(db, FilesService(clock, AlertsService(clock, ()), host)) for host in ("one", "two"))
    await here(change("a"))
    async with db.transaction() as tx:
        await here.service.scanned(tx, WATCH, 1, "polling")
    if db.is_sqlite:
        return  # one machine only, whatever it is called
    await there(change("b"))
    await here(change("c"))
    async with db.reading() as connection:
        assert [(event.path, event.host) for event in await store.find_events(connection)] == [
            (ROOT + "/c", "one"),
            (ROOT + "/b", "two"),
            (ROOT + "/a", "one"),
        ]
        assert set((await here.service.load_snapshot(connection, "documents"))[""]) == {"a", "c"}
        assert set((await there.service.load_snapshot(connection, "documents"))[""]) == {"b"}
        assert [state.host for state in await here.service.list_watches(connection)] == ["one", "two"]
        told = [found for n in (1, 2) if (found := await here.service.burst(connection, n, 9))]
    assert [(burst.host, burst.counts["created"], [event.path for event in last]) for burst, last in told] == [
        ("one", 2, [ROOT + "/c", ROOT + "/a"]),
        ("two", 1, [ROOT + "/b"]),
    ]


async def test_a_machine_under_a_new_name_goes_on_with_its_snapshot(db: Database, clock: ManualClock) -> None:
    before, after = (Recorder(db, FilesService(clock, AlertsService(clock, ()), host)) for host in ("old", "new"))
    await before(change("a"))
    async with db.transaction() as tx:
        await before.service.scanned(tx, WATCH, 1, "polling")
    clock.advance(minutes=11)
    await after(change("b"))
    async with db.reading() as connection:
        assert set((await after.service.load_snapshot(connection, "documents"))[""]) == {"a", "b"}
        assert [state.host for state in await after.service.list_watches(connection)] == ["new"]
