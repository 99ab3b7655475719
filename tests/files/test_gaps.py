"""Times in which a folder was not seen: which of them an answer may lack something for, and how that is said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.chat.cards import TEXT_LIMIT, units
from bot.files.cards import LIFE_SHOWN, life_card, list_card
from bot.files.watch_cards import Folder, folder_card
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.files import gaps
from core.files.lives import Life, Step
from core.files.model import Change, EventType, FileEvent, FileState, Gap, Query, WatchSettings, WatchState
from core.files.naming import details
from core.files.orders import Orders
from core.files.service import FilesService
from core.files.watches import WatchesService
from core.people.model import Actor, Reader
from core.people.service import PeopleService
from tests.conftest import NOON, ManualClock
from tests.files.recording import ROOT, Recorder

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
READER = Reader("en", "UTC")
HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0) -> datetime:
    return NOON.replace(hour=hour, minute=minute)


async def write(db: Database, *found: Gap) -> None:
    async with db.transaction() as tx:
        for gap in found:
            await gaps.add(tx, gap)


async def unseen(db: Database, service: FilesService, query: Query) -> list[Gap]:
    async with db.reading() as connection:
        return await service.unseen(connection, query)


MORNING = Gap("documents", "away", at(8), at(9), 3)
NOONTIME = Gap("documents", "off", at(11, 50), at(12, 5), 0)
OTHERS = Gap("archive", "overflow", at(8, 30), at(8, 31), 7)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(since=at(7), until=at(10)), [OTHERS, MORNING]),
        (Query(since=at(9), until=at(10)), []),
        (Query(since=at(8, 59)), [NOONTIME, MORNING]),
        (Query(until=at(8, 10)), [MORNING]),
        (Query(since=at(7), until=at(10), watch="archive"), [OTHERS]),
        (Query(words=("contract",)), []),
    ],
)
async def test_a_period_that_overlaps_a_gap_is_known(
    db: Database, service: FilesService, query: Query, found: list[Gap]
) -> None:
    await write(db, MORNING, NOONTIME, OTHERS)
    assert await unseen(db, service, query) == found


async def test_a_stall_that_lost_nothing_is_not_told(db: Database, service: FilesService) -> None:
    for reason, found, told in (("frozen", 0, 0), ("frozen", 2, 1), ("off", 0, 2)):
        await write(db, Gap("documents", reason, at(8), at(9), found))  # type: ignore[arg-type]  # the reasons are such
        assert len(await unseen(db, service, Query(since=at(7)))) == told


async def test_the_gaps_of_other_projects_and_places_are_no_matter(db: Database, service: FilesService) -> None:
    record = Recorder(db, service)
    state = FileState(1, 1, 1, 1)
    await record(Change("created", "", "a", None, state))
    await write(db, MORNING, OTHERS)
    day = Query(since=at(0), until=at(23))
    async with db.reading() as connection:
        (event,) = await service.search(connection, Query(), limit=1)
    for query, found in (
        (Query(project=event.project, since=day.since), [MORNING]),
        (Query(path=f"{ROOT}/a", since=day.since), [MORNING]),
        (Query(path="/elsewhere", since=day.since), []),
        (Query(project="another", since=day.since), []),
    ):
        assert await unseen(db, service, query) == found


async def test_what_still_lasts_is_a_gap_too(db: Database, clock: ManualClock) -> None:
    alerts = AlertsService(clock, ())
    service = FilesService(clock, alerts)
    people = PeopleService(clock, (), Reader("en", "UTC"))
    watches = WatchesService(clock, people, alerts)
    async with db.transaction() as tx:
        for name in ("away", "paused", "fine"):
            await service.open_watch(tx, WatchSettings(name, Path(ROOT)), ROOT, 1)
        await service.away(tx, "away")
        await watches.pause(tx, "paused", Actor("Taras", None, "test"))
    found = await unseen(db, service, Query(since=clock.now() - HOUR))
    assert {(gap.watch, gap.reason, gap.began_at, gap.ended_at) for gap in found} == {
        ("away", "away", clock.now(), None),
        ("paused", "paused", clock.now(), None),
    }
    assert await unseen(db, service, Query(until=clock.now())) == []
    assert {gap.watch for gap in await unseen(db, service, Query(words=("contract",)))} == {"away", "paused"}
    assert [gap.watch for gap in await unseen(db, service, Query(watch="away"))] == ["away"]


async def test_a_life_knows_the_gaps_within_it(db: Database, service: FilesService, clock: ManualClock) -> None:
    record = Recorder(db, service)
    state = FileState(1, 1, 1, 1)
    await record(Change("created", "", "a", None, state))
    clock.advance(hours=2)
    await record(Change("deleted", "", "a", state, None))
    before, within, after = (
        Gap("documents", "off", moment, moment + timedelta(minutes=5), 0)
        for moment in (NOON - HOUR, NOON + HOUR, NOON + 3 * HOUR)
    )
    await write(db, before, within, after)
    async with db.reading() as connection:
        life = await service.life(connection, "documents", "a")
        assert life is not None
        assert await service.unseen_in(connection, life) == [within]


def event(minutes: int, kind: EventType = "modified", path: str = "/srv/docs/a.docx", old: str = "") -> FileEvent:
    said = details("/srv/docs", {}, old_path=old or None)
    when = NOW - timedelta(minutes=minutes)
    return FileEvent(1, when, kind, path, "CRM", "", 2048, "f" * 128, said, "documents")


def gap(began: int, minutes: int, **chosen: object) -> Gap:
    """A gap that began so many minutes ago and lasted some."""
    since = NOW - timedelta(minutes=began)
    values = {"reason": "away", "found": 1, "ended_at": since + timedelta(minutes=minutes), **chosen}
    return Gap(watch="documents", began_at=since, **values)  # type: ignore[arg-type]  # a test's own words


def life(*events: FileEvent) -> Life:
    return Life("documents", "a.docx", tuple(Step(each, "a.docx", None, None) for each in events), True)


def test_an_answer_says_below_what_it_may_lack() -> None:
    card = list_card([], 0, 100, READER, NOW, asked="today", gaps=[gap(28, 8)])
    assert str(card.text).endswith(
        "<i>⋯ Not seen: documents 12:02–12:10.</i>\n<i>What was created and deleted again meanwhile is not known.</i>"
    )
    some = [gap(28, 0, ended_at=None), gap(60, 1), gap(2000, 900), gap(5000, 2)]
    text = str(list_card([], 0, 100, READER, NOW, gaps=some).text)
    assert "documents since 12:02, 11:30–11:31, and 2 times more." in text
    assert "Not seen" not in str(list_card([], 0, 100, READER, NOW).text)


def test_an_answer_says_which_folder_is_not_seen_now() -> None:
    card = list_card([], 0, 100, READER, NOW, asked="*.docx", gaps=[gap(28, 0, ended_at=None)])
    assert str(card.text).endswith("\n<i>⋯ Not seen: documents since 12:02.</i>")


def test_a_gap_stands_in_a_files_life_where_it_was() -> None:
    told = life(event(100, "created"), event(50), event(10))
    gaps = [gap(5, 2), gap(20, 1), gap(30, 1), gap(40, 1), gap(60, 15)]
    text = str(life_card(told, 0, READER, NOW, gaps=gaps).text)
    assert [line.split(" · ")[0] for line in text.splitlines() if line.startswith(("✚", "✎", "<i>⋯"))] == [
        "<i>⋯ not seen 12:25–12:27: the folder was away</i>",
        "✎ 12:20",
        "<i>⋯ not seen 3 times, last 12:10–12:11: the folder was away</i>",
        "✎ 11:40",
        "<i>⋯ not seen 11:30–11:45: the folder was away</i>",
        "✚ 10:50",
    ]
    assert text.count("What was created and deleted again meanwhile is not known") == 1


def test_a_gap_that_the_first_change_was_found_after_stands_below_it() -> None:
    text = str(life_card(life(event(10, "created")), 0, READER, NOW, gaps=[gap(20, 11, reason="off")]).text)
    assert text.index("✚") < text.index("not seen 12:10–12:21: I was off, or it was paused")


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_longest_life_fits_a_message(language: str) -> None:
    steps = []
    for n in range(2 * LIFE_SHOWN):
        each = event(10_000 - n * 10, "moved", path="/srv/docs/" + "п" * 250, old="/srv/docs/" + "x/" * 200)
        each = FileEvent(*[*(getattr(each, name) for name in FileEvent.__slots__[:-1]), "w" * 200])
        steps.append(Step(each, "я" * 300, "x/" * 200, -(1 << 40)))
    gaps = [gap(9_999 - n * 10, 5) for n in range(2 * LIFE_SHOWN)][::-1]
    told = Life("documents", "a", tuple(steps), False)
    for page in (0, 1):
        assert units(str(life_card(told, page, Reader(language, "Europe/Kyiv"), NOW, gaps=gaps).text)) < TEXT_LIMIT


def test_a_folders_card_tells_of_its_last_gap() -> None:
    state = WatchState("documents", "/srv/docs", 1, 1, {}, NOW, NOW, backend="watchfiles")
    folder = Folder("documents", Orders("documents"), state, 12, gap=gap(28, 8, found=3))
    text = str(folder_card(folder, READER, NOW, admin=False).text)
    assert "Last break in the watch: 12:02–12:10 (8 minutes), the folder was away." in text
    assert "Found after it: 3 changes." in text
    assert "What was created and deleted again meanwhile is not known." in text
