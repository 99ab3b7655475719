"""The history and the snapshot on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.files import snapshots, store
from core.files.finding import Reach
from core.files.model import Change, EventType, FileState, Overtaken, Query, WatchSettings
from core.files.service import FilesService
from jobs.files.maintenance import Maintenance
from tests.conftest import ManualClock

ROOT = "/srv/documents"
WATCH = WatchSettings(
    "documents", Path(ROOT), project="CRM", username="team-a", compute_checksum=True, metadata={"department": "sales"}
)
STATE = FileState(5, 1, 1, 1)


class Recorder:
    """Records changes as the watch does, a transaction each time."""

    def __init__(self, db: Database, service: FilesService, watch: WatchSettings = WATCH) -> None:
        self.db, self.service, self.watch = db, service, watch
        self.revision = -1

    async def __call__(self, *changes: Change, scan: bool = False) -> None:
        async with self.db.transaction() as tx:
            if self.revision < 0:
                self.revision = (await self.service.open_watch(tx, self.watch, ROOT, 1)).revision
            self.revision = await self.service.record(tx, self.watch, ROOT, changes, revision=self.revision, scan=scan)

    async def find(self, **query: Any) -> list[str]:
        async with self.db.reading() as connection:
            found = await store.find_events(connection, Query(**query))
        return [event.path.removeprefix(ROOT + "/") for event in found]


def change(path: str, kind: EventType | None = "created", came_from: tuple[str, str] | None = None) -> Change:
    folder, _, name = path.rpartition("/")
    before = None if kind == "created" else STATE
    return Change(kind, folder, name, before, None if kind == "deleted" else STATE, came_from)


@pytest.fixture
def record(db: Database, service: FilesService) -> Recorder:
    return Recorder(db, service)


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


async def test_words_are_found_in_any_case_in_new_and_old_paths(record: Recorder) -> None:
    await record(change("Договори/Договір 7.docx"), change("b.docx", "moved", ("", "Ўўa_50%.docx")))
    assert await record.find(words=("договір",)) == ["Договори/Договір 7.docx"]
    assert await record.find(words=("ДОГОВОРИ", "7")) == ["Договори/Договір 7.docx"]
    assert await record.find(words=("a_50%",)) == ["b.docx"]
    assert await record.find(words=("a_5_%",)) == []


async def test_a_glob_is_about_the_name_or_with_a_slash_about_the_path(record: Recorder) -> None:
    await record(
        change("a/report.docx"), change("a/report.txt"), change("report/x.doc"), change("b", "moved", ("", "c"))
    )
    assert await record.find(globs=("*.DOCX",)) == ["a/report.docx"]
    assert await record.find(globs=("report*",)) == ["a/report.txt", "a/report.docx"]
    assert await record.find(globs=("a/*.???",)) == ["a/report.txt"]
    assert await record.find(globs=("report/*",)) == ["report/x.doc"]
    assert await record.find(globs=("*/../b",)) == []


async def test_a_whole_path_finds_itself_and_what_is_below(record: Recorder) -> None:
    await record(change("a"), change("a/b"), change("a b"), change("ab"))
    assert await record.find(path=ROOT + "/a") == ["a/b", "a"]
    assert await record.find(path=ROOT + "/") == ["ab", "a b", "a/b", "a"]
    assert await record.find(path="a b") == ["a b"]


async def test_time_type_and_labels_narrow(record: Recorder, clock: ManualClock) -> None:
    await record(change("old"))
    clock.advance(hours=1)
    await record(change("new"), change("old", "deleted"))
    assert await record.find(since=clock.now()) == ["old", "new"]
    assert await record.find(until=clock.now()) == ["old"]
    assert await record.find(event_type="deleted") == ["old"]
    assert await record.find(project="CRM", username="team-a", watch="documents", event_type="created") == [
        "new",
        "old",
    ]
    assert await record.find(project="other") == []


async def test_pages_go_back_and_forth_by_id(record: Recorder) -> None:
    await record(*(change(str(n)) for n in range(1, 8)))
    async with record.db.reading() as connection:
        first = await store.find_events(connection, limit=3)
        second = await store.find_events(connection, limit=3, before=first[-1].id)
        back = await store.find_events(connection, limit=3, after=second[0].id)
        by_offset = await store.find_events(connection, limit=3, offset=3)
        live = await store.events_after(connection, 5)
    assert [event.id for event in first] == [7, 6, 5]
    assert second == by_offset
    assert back == first
    assert [event.id for event in live] == [6, 7]


async def test_the_figures_are_right(record: Recorder, clock: ManualClock) -> None:
    await record(change("a"), change("b"))
    clock.advance(days=1)
    await record(change("a", "deleted"))
    async with record.db.reading() as connection:
        stats = await record.service.stats(connection, clock.now())
        assert await store.count_since(connection, clock.now()) == 1
        assert await store.count_found(connection, Query(), 2) == 2
        assert await store.last_event_id(connection) == 3
        assert await record.service.names(connection) == (["CRM"], ["documents"])
    assert stats.total == 3
    assert stats.oldest == clock.now() - timedelta(days=1)
    assert [(each.watch, each.project, each.counts) for each in stats.folders] == [("documents", "CRM", {"deleted": 1})]


async def test_an_empty_history_has_figures_too(db: Database, service: FilesService, clock: ManualClock) -> None:
    async with db.reading() as connection:
        stats = await service.stats(connection, clock.now())
    assert (stats.total, stats.oldest, stats.folders) == (0, None, ())


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


async def test_an_empty_period_and_an_unknown_person_find_nothing(record: Recorder, clock: ManualClock) -> None:
    await record(change("a"))
    assert await record.find(username="nobody") == []
    assert await record.find(since=clock.now() + timedelta(days=1)) == []
    assert await record.find(until=clock.now() - timedelta(days=1), words=("a",)) == []


async def test_one_path_of_a_move_answers_for_all_that_is_asked_of_it(record: Recorder) -> None:
    await record(change("new/contract.docx", "moved", ("old", "draft.docx")))
    assert await record.find(words=("draft",), path=ROOT + "/old") == ["new/contract.docx"]
    assert await record.find(words=("draft",), path=ROOT + "/new") == []
    assert await record.find(words=("'\"", "draft")) == []


async def test_words_and_globs_are_found_whatever_is_in_the_index(record: Recorder, clock: ManualClock) -> None:
    names = ["Акт 7.docx", "акт-50%.xlsx", 'a"b.txt', "ключ", "я", "звіт.tar.gz"]
    await record(*(change(f"тека/{name}") for name in names))
    asked: list[dict[str, tuple[str, ...]]] = [
        {"words": ("акт",)},
        {"words": ("50%",)},
        {"words": ('a"b',)},
        {"words": ("я",)},
        {"words": ("тека/акт", "7")},
        {"globs": ("*.TAR.?z",)},
        {"globs": ("акт*",)},
        {"globs": ("тека/*7*",)},
    ]
    before = [await record.find(**query) for query in asked]
    await Maintenance(record.db, clock, record.service).once()
    assert [await record.find(**query) for query in asked] == before
    assert [len(found) for found in before] == [2, 1, 1, 1, 1, 1, 2, 1]


@pytest.mark.parametrize("timezone", ["Europe/Kyiv", "Asia/Kolkata", "UTC"])
async def test_days_begin_where_the_reader_is(record: Recorder, clock: ManualClock, timezone: str) -> None:
    await record(change("a"), change("b"))  # noon of the 20th
    clock.advance(hours=11, minutes=45)
    await record(change("a", "deleted"))  # 23:45 UTC: the 21st in Kyiv and Kolkata
    zone = ZoneInfo(timezone)
    since = datetime(2026, 11, 19, tzinfo=zone)
    async with record.db.reading() as connection:
        days = await record.service.days(
            connection, Query(project="CRM"), since=since, until=since + timedelta(days=3), timezone=timezone
        )
    counts = {day.day: (n["created"], n["deleted"]) for day, n in days}
    assert counts == (
        {19: (0, 0), 20: (2, 1), 21: (0, 0)} if timezone == "UTC" else {19: (0, 0), 20: (2, 0), 21: (0, 1)}
    )


async def test_counts_follow_what_is_pruned(record: Recorder, clock: ManualClock) -> None:
    await record(*(change(str(n)) for n in range(5)))
    clock.advance(days=2)
    await record(change("new"))
    async with record.db.transaction() as tx:
        await record.service.prune(tx, clock.now() - timedelta(days=1), 3)
    async with record.db.reading() as connection:
        stats = await record.service.stats(connection, clock.now() - timedelta(days=3))
        assert stats.folders[0].counts == {"created": 3}
        assert await record.service.people(connection) == ["team-a"]


async def test_an_export_reads_everything_piece_by_piece(record: Recorder) -> None:
    await record(*(change(str(n)) for n in range(900)))
    await record(*(change(str(n), "deleted") for n in range(900)))
    async with record.db.reading() as connection:
        ids = [event.id async for event in record.service.stream(connection, Query(words=("1",)))]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 2 * sum("1" in str(n) for n in range(900))


async def test_a_common_word_is_found_in_a_period_and_among_old_events(record: Recorder, clock: ManualClock) -> None:
    await record(*(change(f"звіт {n}") for n in range(8)))
    clock.advance(hours=3)
    await record(*(change(f"other {n}") for n in range(8)))
    near = Reach(few=3, recent=4)
    word = Query(words=("звіт",))

    async def find(query: Query, **page: int) -> list[int]:
        async with record.db.reading() as connection:
            return [event.id for event in await store.find_events(connection, query, reach=near, **page)]

    assert await find(word) == list(range(8, 0, -1))
    assert await find(word, limit=3, before=14) == [8, 7, 6]
    assert await find(word, limit=3, offset=6) == [2, 1]
    assert await find(replace(word, until=clock.now())) == list(range(8, 0, -1))
    assert await find(replace(word, since=clock.now())) == []
    assert await find(replace(word, event_type="created"), after=6) == [8, 7]
    async with record.db.reading() as connection:
        assert await store.count_found(connection, word, 100, near) == 8
        assert await store.count_found(connection, word, 5, near) == 5
