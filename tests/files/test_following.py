"""Followers are told what is new for them: nothing lost, nothing twice, and nothing without access."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.files.notices import renderers
from bot.telegram import as_notice
from core.alerts.model import Destination, LiveCard
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.errors import UserError
from core.files import finding, hours
from core.files.following import FollowingService
from core.files.follows import Seen, matcher, next_digest, read_wish
from core.files.importing import Folders, Importer, read_row
from core.files.model import Change, EventType, FileState, Query, WatchSettings
from core.files.service import FilesService
from core.files.watches import WatchesService
from core.people.model import Actor, Person, Reader
from core.people.service import PeopleService
from jobs.files.following import Followers
from tests.conftest import ManualClock
from tests.files.conftest import files_service

OLENA = 501
PRIVATE = Destination(OLENA)
TOPIC = Destination(-1001, 7)
WATCH = WatchSettings("documents", Path("/srv/docs"), project="CRM")


class Desk:
    """The history, its followers, and what they were told."""

    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db = db
        self.clock = clock
        alerts = AlertsService(clock, ())
        self.people = PeopleService(clock, (), Reader("en", "Europe/Kyiv"))
        self.files: FilesService = files_service(clock)
        self.following = FollowingService(clock, self.people, alerts)
        self.job = Followers(db, clock, self.following)
        self.draw = renderers(self.files, WatchesService(clock, self.people, alerts), self.following, clock)["follow"]
        self._n = 0

    async def begin(self) -> None:
        async with self.db.transaction() as tx:
            await self.people.meet(tx, Person(OLENA, "Olena"))
            await self.people.change_role(tx, OLENA, "viewer", Actor("test"))
            await self.files.open_watch(tx, WATCH, "/srv/docs", 1)

    async def follow(self, wish: str, to: Destination = PRIVATE) -> int:
        async with self.db.transaction() as tx:
            return (await self.following.follow(tx, to, OLENA, wish)).id

    async def happen(self, *names: str) -> None:
        """Files come into the folder."""
        async with self.db.transaction() as tx:
            state = await self.files.find_watch(tx, "documents")
            assert state is not None
            changes = []
            for name in names:
                self._n += 1
                changes.append(Change("created", "", name, None, FileState(1, self._n, 1, self._n)))
            await self.files.record(tx, WATCH, "/srv/docs", changes, revision=state.revision)

    async def told(self, to: Destination = PRIVATE) -> list[str]:
        """The different messages of that chat, as they read now."""
        async with self.db.reading() as connection:
            column = notices.c
            rows = await connection.execute(
                select(column.subject, column.data, column.mode)
                .where(column.kind == "follow", column.chat_id == to.chat_id, column.thread_id == to.thread_id)
                .order_by(column.id)
            )
            latest = {row.subject: row.data for row in rows}
            cards = []
            for subject, data in latest.items():
                shown = as_notice(LiveCard(to, 1, "follow", subject, "", self.clock.now(), data))
                card = await self.draw(connection, shown, Reader("en", "Europe/Kyiv"))
                cards.append(str(card.text) if card else "")
            return cards

    async def role(self, role: str | None) -> None:
        async with self.db.transaction() as tx:
            await self.people.change_role(tx, OLENA, role, Actor("test"))


@pytest.fixture
async def desk(sqlite_db: Database, clock: ManualClock) -> Desk:
    desk = Desk(sqlite_db, clock)
    await desk.begin()
    return desk


@pytest.fixture
async def either_desk(db: Database, clock: ManualClock) -> Desk:
    """On SQLite and on PostgreSQL."""
    desk = Desk(db, clock)
    await desk.begin()
    return desk


async def test_a_follower_is_told_what_matches_and_only_that_from_now_on(desk: Desk) -> None:
    await desk.happen("old.docx")
    await desk.follow("*.docx CRM")
    await desk.happen("a.docx", "b.txt")
    await desk.job.once()
    (told,) = await desk.told()
    assert "*.docx CRM</b>: 1 change" in told
    assert "a.docx" in told
    assert "b.txt" not in told
    assert "old.docx" not in told


async def test_what_an_import_brings_is_news_to_nobody(desk: Desk) -> None:
    await desk.follow("*.docx")
    old = {"event_time": "2024-05-01T10:00:00", "event_type": "created", "path": "/srv/docs/old.docx"}
    async with desk.db.transaction() as tx:
        assert await Importer().add(tx, [read_row(old, Folders({"/srv/docs": "documents"}))]) == 1
    await desk.job.once()
    assert await desk.told() == []


async def test_what_follows_soon_grows_the_same_message_and_later_a_new_one_begins(either_desk: Desk) -> None:
    await either_desk.follow("*.docx")
    await either_desk.happen("a.docx")
    await either_desk.job.once()
    either_desk.clock.advance(minutes=29)
    await either_desk.happen("b.docx")
    await either_desk.job.once()
    (told,) = await either_desk.told()
    assert "2 changes" in told
    either_desk.clock.advance(minutes=31)
    await either_desk.happen("c.docx")
    await either_desk.job.once()
    assert len(await either_desk.told()) == 2
    assert "1 change" in (await either_desk.told())[1]


async def test_a_restart_neither_loses_nor_repeats(desk: Desk) -> None:
    await desk.follow("*.docx")
    await desk.happen("a.docx")
    await desk.job.once()
    await desk.happen("b.docx")
    again = Followers(desk.db, desk.clock, desk.following)
    await again.once()
    await desk.job.once()
    (told,) = await desk.told()
    assert "2 changes" in told


async def test_of_two_processes_one_tells(either_desk: Desk) -> None:
    await either_desk.follow("*.docx")
    await either_desk.happen("a.docx")
    async with either_desk.db.reading() as connection:
        (news,) = await either_desk.following.pending(connection, {})
    async with either_desk.db.transaction() as tx:
        assert await either_desk.following.record(tx, news)
    async with either_desk.db.transaction() as tx:
        assert not await either_desk.following.record(tx, news)
    (told,) = await either_desk.told()
    assert "1 change" in told


async def test_a_mass_change_is_one_message_with_every_one_counted(desk: Desk) -> None:
    await desk.follow("CRM")
    for start in range(0, 2500, 500):
        await desk.happen(*(f"{start + n}.txt" for n in range(500)))
    await desk.job.once()
    (told,) = await desk.told()
    assert "2500 changes" in told


async def test_who_lost_access_is_told_nothing_also_not_later(desk: Desk) -> None:
    await desk.follow("*.docx")
    await desk.happen("before.docx")
    await desk.job.once()
    await desk.role(None)
    assert await desk.told() == [""]  # what waits in the outbox is not shown any more
    await desk.happen("secret.docx")
    await desk.job.once()
    await desk.role("viewer")
    await desk.job.once()
    assert all("secret" not in told for told in await desk.told())
    await desk.happen("after.docx")
    await desk.job.once()
    assert "after.docx" in (await desk.told())[-1]


async def test_a_digest_waits_for_its_time_in_the_readers_zone(desk: Desk) -> None:
    await desk.follow("15:00 *.docx")  # it is 14:00 in Kyiv
    await desk.happen("a.docx", "b.docx")
    await desk.job.once()
    assert await desk.told() == []
    desk.clock.advance(minutes=61)
    await desk.job.once()
    (told,) = await desk.told()
    assert "🗞" in told
    assert "2 changes" in told
    desk.clock.advance(days=1)
    await desk.job.once()
    assert len(await desk.told()) == 1  # a day without changes is not told
    await desk.happen("c.docx")
    desk.clock.advance(days=1)
    await desk.job.once()
    assert "1 change" in (await desk.told())[1]


async def test_a_topic_follows_for_itself(desk: Desk) -> None:
    await desk.follow("*.docx", TOPIC)
    await desk.happen("a.docx")
    await desk.job.once()
    assert len(await desk.told(TOPIC)) == 1
    assert await desk.told() == []


async def test_the_same_words_again_are_one_subscription(either_desk: Desk) -> None:
    first = await either_desk.follow("*.docx")
    assert await either_desk.follow("9:00 *.docx") == first
    async with either_desk.db.reading() as connection:
        (follow,) = await either_desk.following.list_of(connection, PRIVATE)
    assert follow.digest_at == time(9, 0)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.sampled_from(["a", "B", "é", "docx", "sub", "sub/a", "_", "%"]), max_size=2),
    globs=st.lists(st.sampled_from(["*.docx", "a?b*", "sub/*", "*é*", "[a]*", "*"]), max_size=2),
    path=st.sampled_from([None, "/srv/docs/sub", "/srv", "/else", "sub"]),
    kind=st.sampled_from([None, "created", "moved"]),
    project=st.sampled_from([None, "CRM", "Other"]),
)
async def test_a_follower_is_told_what_a_search_would_find(
    history: Database,
    words: list[str],
    globs: list[str],
    path: str | None,
    kind: EventType | None,
    project: str | None,
) -> None:
    query = Query(tuple(words), tuple(globs), project=project, event_type=kind, path=path)
    async with history.reading() as connection:
        found = {event.id for event in await finding.find_events(connection, query)}
        every = await finding.find_events(connection, Query())
    matches = matcher(query)
    assert {event.id for event in every if matches(Seen.of(event))} == found


@pytest.fixture
async def history(desk: Desk) -> Database:
    """Files with names that are hard to search."""
    await desk.happen("a.docx", "B é.DOCX", "a%b_c.txt", "[a].docx")
    async with desk.db.transaction() as tx:
        state = await desk.files.find_watch(tx, "documents")
        assert state is not None
        file = FileState(1, 99, 1, 99)
        moved = Change("moved", "sub", "a.docx", file, file, ("", "old e\u0301.docx"))
        await desk.files.record(tx, WATCH, "/srv/docs", [moved], revision=state.revision)
    return desk.db


async def test_a_period_is_no_part_of_what_is_followed(desk: Desk) -> None:
    follow_id = await desk.follow("*.docx за минулий тиждень CRM")
    async with desk.db.reading() as connection:
        follow = await desk.following.find(connection, follow_id)
    assert follow is not None
    assert follow.words == "*.docx CRM"


async def test_a_stopped_subscription_tells_nothing(desk: Desk) -> None:
    follow_id = await desk.follow("*.docx")
    async with desk.db.transaction() as tx:
        await desk.following.stop(tx, follow_id)
    await desk.happen("a.docx")
    await desk.job.once()
    assert await desk.told() == []
    async with desk.db.transaction() as tx:
        with pytest.raises(UserError, match="ended already"):
            await desk.following.stop(tx, follow_id)


async def test_what_was_gathered_for_a_digest_is_not_lost_when_it_is_told_at_once(desk: Desk) -> None:
    follow_id = await desk.follow("23:00 *.docx")
    await desk.happen("a.docx")
    await desk.job.once()
    async with desk.db.transaction() as tx:
        await desk.following.tell_at(tx, follow_id, None)
    await desk.happen("b.docx")
    await desk.job.once()
    (told,) = await desk.told()
    assert "2 changes" in told


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("*.docx CRM", "*.docx CRM", None),
        ("daily CRM", "CRM", time(9, 0)),
        ("щодня 18:30 *.docx", "*.docx", time(18, 30)),
        ("CRM ежедневно", "CRM", time(9, 0)),
    ],
)
def test_a_wish_says_what_and_when(text: str, words: str, at: time | None) -> None:
    assert read_wish(text) == (words, at)


def test_nothing_to_follow_is_said() -> None:
    with pytest.raises(UserError, match="what to follow"):
        read_wish("daily 9:00")


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  bounds
    at=st.times(),
    zone=st.sampled_from(["Europe/Kyiv", "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_the_next_digest_is_within_a_day_or_so(now: datetime, at: time, zone: str) -> None:
    due = next_digest(at, zone, now)
    assert timedelta(0) < due - now <= timedelta(hours=25)


async def test_a_person_known_by_an_audit_log_alone_is_not_followed(desk: Desk) -> None:
    row = {"watch": "documents", "event_time": desk.clock.now(), "project": "CRM", "event_type": "modified", "id": 1}
    async with desk.db.transaction() as tx:
        await hours.add_people(tx, [{**row, "username": "CORP\\olena"}])
    with pytest.raises(UserError, match="not followed"):
        await desk.follow("olena")
    assert await desk.follow('"olena"')
