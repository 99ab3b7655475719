"""What is found in the history, on both databases, and the figures about it."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.db.engine import Database
from core.files import store
from core.files.finding import Reach
from core.files.model import Query
from core.files.service import FilesService
from jobs.files.maintenance import Maintenance
from tests.conftest import ManualClock
from tests.files.recording import ROOT, Recorder, change


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
