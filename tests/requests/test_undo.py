"""What a letter said can be taken back, as if it had never come."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts import store as alerts_store
from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database
from core.people import store as people_store
from core.people.model import Actor, Reader
from core.people.service import PeopleService
from core.requests import store
from core.requests.model import WORKFLOW, Draft, Request, WorkingHours
from core.requests.service import RequestsService
from tests.conftest import NOON, ManualClock

OKSANA = Actor("Оксана", 7, "chat:7")
ROBOT = Actor("Робот", None, "letter:<1@x>")
REFS = ("letter:1:status", "letter:1:comment")


def make_service(clock: Clock) -> RequestsService:
    people = PeopleService(clock, (), Reader("uk", "UTC"))
    alerts = AlertsService(clock, (Route(Destination(-100, 0), ("requests",)),))
    return RequestsService(clock, WORKFLOW, people, alerts, late_after=timedelta(hours=1), working_hours=WorkingHours())


async def told(db: Database) -> list[str]:
    async with db.reading() as connection:
        return list((await connection.execute(select(alerts_store.notices.c.kind))).scalars())


@dataclass
class Desk:
    """A request of 12:00 and what is done to it; moments are minutes after that, the clock stands two hours after."""

    db: Database
    clock: ManualClock
    service: RequestsService
    request: Request

    async def moved(self, status: str, minute: int, ref: str | None = None) -> Request:
        at = self.clock.start + timedelta(minutes=minute)
        async with self.db.transaction() as tx:
            return await self.service.set_status(tx, self.request.id, status, ROBOT, at=at, ref=ref)

    async def said(self, text: str, minute: int, ref: str | None = None) -> Request:
        at = self.clock.start + timedelta(minutes=minute)
        async with self.db.transaction() as tx:
            return await self.service.comment(tx, self.request.id, text, ROBOT, at=at, ref=ref)

    async def taken_back(self, refs: Sequence[str] = REFS) -> Request:
        async with self.db.transaction() as tx:
            return await self.service.take_back(tx, self.request.id, refs, OKSANA)

    async def reminded(self) -> int:
        async with self.db.transaction() as tx:
            await self.service.remind(tx)
        return (await told(self.db)).count("reminder")


@pytest.fixture
async def desk(db: Database, clock: ManualClock) -> Desk:
    return await make_desk(db, clock)


async def make_desk(db: Database, clock: ManualClock, number: str = "101") -> Desk:
    service = make_service(clock)
    async with db.transaction() as tx:
        request = await service.create(tx, Draft(number, "", "Leak"), OKSANA)
    clock.advance(hours=2)
    return Desk(db, clock, service, request)


async def test_a_move_and_a_comment_taken_back_never_were(desk: Desk) -> None:
    await desk.moved("on_site", 10, REFS[0])
    await desk.said("На месте", 10, REFS[1])
    assert await desk.taken_back() == desk.request


async def test_what_is_taken_back_stays_in_the_history_and_says_who_did_it(desk: Desk) -> None:
    await desk.moved("on_site", 10, REFS[0])
    await desk.said("На месте", 10, REFS[1])
    await desk.taken_back()
    async with desk.db.reading() as connection:
        entries = await store.list_history(connection, desk.request.id)
        audit = await people_store.list_audit(connection, subject=f"request:{desk.request.id}")
    assert [(entry.kind, entry.undone_at is not None) for entry in entries] == [
        ("undone", False),
        ("comment", True),
        ("status", True),
        ("created", False),
    ]
    undone = entries[0]
    assert (undone.actor, undone.old, undone.new, undone.text) == ("Оксана", "on_site", "sent", "На месте")
    assert "request-undone" in {entry.action for entry in audit}
    assert len(await told(desk.db)) == 4


async def test_what_was_taken_back_can_be_said_again(desk: Desk) -> None:
    await desk.moved("on_site", 10, REFS[0])
    await desk.said("На месте", 10, REFS[1])
    await desk.taken_back()
    await desk.moved("left", 10, REFS[0])
    after = await desk.said("Убыли", 10, REFS[1])
    assert (after.status, after.comment) == ("left", "Убыли")


async def test_taking_back_twice_or_nothing_changes_nothing(desk: Desk) -> None:
    await desk.moved("on_site", 10, REFS[0])
    await desk.taken_back()
    notices = await told(desk.db)
    assert await desk.taken_back() == desk.request
    assert await desk.taken_back(()) == desk.request
    assert await told(desk.db) == notices


async def test_a_newer_move_stays_and_only_the_comment_goes(desk: Desk) -> None:
    await desk.said("Принято", 5)
    await desk.moved("en_route", 10, REFS[0])
    await desk.said("Выехали", 10, REFS[1])
    newer = await desk.moved("on_site", 20)
    after = await desk.taken_back()
    assert (after.status, after.moved_at, after.comment) == ("on_site", newer.moved_at, "Принято")


async def test_a_move_whose_beginning_was_taken_back_goes_back_to_what_still_counts(desk: Desk) -> None:
    await desk.moved("en_route", 10, REFS[0])
    await desk.moved("on_site", 20, "letter:2:status")
    await desk.taken_back()
    after = await desk.taken_back(["letter:2:status"])
    assert (after.status, after.status_updated_at, after.moved_at) == ("sent", desk.request.created_at, None)


async def test_refs_of_another_request_are_not_touched(desk: Desk) -> None:
    other = await make_desk(desk.db, desk.clock, "102")
    await other.moved("on_site", 200, REFS[0])
    await desk.taken_back()
    async with desk.db.reading() as connection:
        assert (await desk.service.get(connection, other.request.id)).status == "on_site"


async def test_a_silence_that_was_told_is_not_told_again_after_an_undo(desk: Desk) -> None:
    assert await desk.reminded() == 1
    await desk.moved("on_site", 110, REFS[0])
    await desk.taken_back()
    assert await desk.reminded() == 1


async def test_a_reminder_that_was_put_off_comes_at_its_time_after_an_undo(desk: Desk) -> None:
    await desk.reminded()
    async with desk.db.transaction() as tx:
        await desk.service.snooze(tx, desk.request.id, desk.clock.now() + timedelta(hours=1), OKSANA)
    await desk.moved("on_site", 115, REFS[0])
    await desk.taken_back()
    assert await desk.reminded() == 1
    desk.clock.advance(hours=1)
    assert await desk.reminded() == 2
    assert await desk.reminded() == 2


async def test_an_old_comment_that_comes_late_does_not_cover_newer_words(desk: Desk) -> None:
    await desk.said("newer", 20)
    after = await desk.said("older", 10)
    assert (after.comment, after.commented_at) == ("newer", desk.clock.start + timedelta(minutes=20))
    async with desk.db.reading() as connection:
        entry = (await store.list_history(connection, desk.request.id))[0]
    assert (entry.text, entry.at) == ("older", desk.clock.start + timedelta(minutes=10))


async def test_a_comment_from_the_future_is_of_now(desk: Desk) -> None:
    assert (await desk.said("tomorrow", 24 * 60)).commented_at == desk.clock.now()


MOVES = st.tuples(st.just("move"), st.sampled_from(WORKFLOW.codes), st.integers(0, 100))
WORDS = st.tuples(st.just("say"), st.sampled_from("abc"), st.integers(0, 100))
LETTERS = st.tuples(MOVES, WORDS).map(list) | st.lists(MOVES, min_size=1, max_size=1) | st.lists(WORDS, max_size=1)
Step = tuple[str, str, int]


async def play(tx: AsyncConnection, service: RequestsService, number: int, steps: Sequence[Step]) -> Request:
    """Make a request and do these things to it, each under a ref of its own; the moments are minutes."""
    request = await service.create(tx, Draft(str(number), "", "Leak"), OKSANA)
    for step, (kind, what, minute) in enumerate(steps):
        do = service.set_status if kind == "move" else service.comment
        await do(tx, request.id, what, ROBOT, at=NOON + timedelta(minutes=minute), ref=f"{request.id}:{step}")
    return await service.get(tx, request.id)


def test_a_sequence_with_a_letter_taken_back_is_the_sequence_without_it(sqlite_url: str) -> None:
    """The letter moves or comments or both, after anything; comments follow it (moves would be news since then)."""
    db, service = Database(sqlite_url), make_service(ManualClock(NOON + timedelta(hours=2)))
    numbers = count(1)

    async def compare(before: list[Step], letter: list[Step], after: list[Step]) -> None:
        async with db.transaction() as tx:
            request = await play(tx, service, next(numbers), [*before, *letter, *after])
            refs = [f"{request.id}:{len(before) + step}" for step in range(len(letter))]
            taken_back = await service.take_back(tx, request.id, refs, OKSANA)
            never_said = await play(tx, service, next(numbers), [*before, *after])
        assert taken_back == replace(never_said, id=taken_back.id, number=taken_back.number)

    @settings(max_examples=25)
    @given(st.lists(MOVES | WORDS, max_size=6), LETTERS, st.lists(WORDS, max_size=3))
    def check(before: list[Step], letter: list[Step], after: list[Step]) -> None:
        runner.run(compare(before, letter, after))

    with asyncio.Runner() as runner:
        check()
        runner.run(db.close())
