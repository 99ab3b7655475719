"""A subscription goes with a group that becomes another chat, and from person to person, whatever the job that looks
for news is doing meanwhile.
"""

import json
from typing import Any

import pytest
from sqlalchemy import update

from core.alerts.model import Destination
from core.alerts.store import notices
from core.db.engine import Database
from core.files.follows_handover import FollowsHandover
from core.people.model import Actor, Person
from tests.conftest import ManualClock
from tests.files.test_following import OLENA, PRIVATE, Desk

OLD, NEW = Destination(-77), Destination(-1007)
OLENA_LEAVES, IHOR, ACTOR = Person(OLENA, "Olena"), Person(502, "Ihor"), Actor("test")
TO_IHOR = Destination(IHOR.id)


@pytest.fixture
async def desk(db: Database, clock: ManualClock) -> Desk:
    desk = Desk(db, clock)
    await desk.begin()
    async with db.transaction() as tx:
        await desk.people.meet(tx, IHOR)
        await desk.people.change_role(tx, IHOR.id, "viewer", ACTOR)
    return desk


async def delivered(desk: Desk) -> None:
    """Everything told so far has reached whom it was for."""
    async with desk.db.transaction() as tx:
        await tx.execute(update(notices).values(state="sent"))


async def moved(desk: Desk) -> None:
    async with desk.db.transaction() as tx:
        await desk.following.chat_moved(tx, OLD.chat_id, NEW.chat_id)


async def followed(desk: Desk, to: Destination) -> list[str]:
    async with desk.db.reading() as connection:
        return [follow.words for follow in await desk.following.list_of(connection, to)]


async def test_what_a_group_follows_is_followed_by_the_supergroup(desk: Desk) -> None:
    await desk.follow("*.docx", OLD)
    await moved(desk)
    assert await followed(desk, OLD) == []
    assert await followed(desk, NEW) == ["*.docx"]
    await desk.happen("a.docx")
    await desk.job.once()
    assert len(await desk.told(NEW)) == 1


async def test_what_is_followed_in_both_is_followed_once(desk: Desk) -> None:
    await desk.follow("*.docx", OLD)
    await desk.follow("*.xlsx", OLD)
    await desk.follow("*.docx", NEW)
    await moved(desk)
    assert sorted(await followed(desk, NEW)) == ["*.docx", "*.xlsx"]


async def test_a_look_that_began_before_the_move_does_not_bring_it_back(desk: Desk) -> None:
    await desk.follow("*.docx", OLD)
    await desk.happen("a.docx")
    async with desk.db.reading() as connection:
        [news] = await desk.following.pending(connection, {})
    await moved(desk)
    async with desk.db.transaction() as tx:
        assert not await desk.following.record(tx, news)
    assert await followed(desk, NEW) == ["*.docx"]
    await desk.job.once()
    assert len(await desk.told(NEW)) == 1


# --- from person to person


async def passed(desk: Desk, heir: Person | None = IHOR) -> list[dict[str, Any]]:
    async with desk.db.transaction() as tx:
        return await FollowsHandover(desk.following).hand_over(tx, OLENA_LEAVES, heir, ACTOR)


async def back(desk: Desk, handed: list[dict[str, Any]], heir: Person | None = IHOR) -> None:
    async with desk.db.transaction() as tx:
        await FollowsHandover(desk.following).give_back(tx, handed, OLENA_LEAVES, heir)


async def test_whoever_takes_over_is_told_from_then_on_in_a_message_of_their_own(desk: Desk) -> None:
    await desk.follow("*.docx")
    await desk.happen("a.docx")
    await desk.job.once()
    await delivered(desk)
    assert [each["shown"] for each in await passed(desk)] == ["*.docx"]
    await desk.happen("b.docx")
    await desk.job.once()
    [card] = await desk.told(TO_IHOR)
    assert "b.docx" in card
    assert "a.docx" not in card
    assert len(await desk.told()) == 1


async def test_what_had_not_reached_who_left_reaches_who_takes_over(desk: Desk) -> None:
    await desk.follow("*.docx")
    await desk.happen("a.docx")
    await desk.job.once()
    await passed(desk)
    [card] = await desk.told(TO_IHOR)
    assert "a.docx" in card


async def test_a_digest_keeps_what_it_gathered_and_goes_out_at_the_heirs_time(desk: Desk) -> None:
    await desk.follow("9:00 *.docx")
    await desk.happen("a.docx")
    await desk.job.once()
    await passed(desk)
    desk.clock.advance(hours=24)
    await desk.job.once()
    [card] = await desk.told(TO_IHOR)
    assert "a.docx" in card
    assert await desk.told() == []


async def test_the_same_words_are_followed_once_and_both_follow_again_afterwards(desk: Desk) -> None:
    await desk.follow("*.docx")
    await desk.follow("*.docx", TO_IHOR)
    handed = await passed(desk)
    assert await followed(desk, PRIVATE) == []
    assert await followed(desk, TO_IHOR) == ["*.docx"]
    await back(desk, handed)
    assert await followed(desk, PRIVATE) == ["*.docx"]
    assert await followed(desk, TO_IHOR) == ["*.docx"]


async def test_with_nobody_they_end_and_come_back_complete(desk: Desk) -> None:
    await desk.follow("9:00 *.docx")
    await desk.happen("a.docx")
    await desk.job.once()
    handed = json.loads(json.dumps(await passed(desk, None)))
    assert await followed(desk, PRIVATE) == []
    await back(desk, handed, None)
    desk.clock.advance(hours=24)
    await desk.job.once()
    [card] = await desk.told()
    assert "a.docx" in card


async def test_what_the_heir_stopped_comes_back_too(desk: Desk) -> None:
    follow_id = await desk.follow("*.docx")
    handed = await passed(desk)
    async with desk.db.transaction() as tx:
        await desk.following.stop(tx, follow_id)
    await back(desk, handed)
    assert await followed(desk, PRIVATE) == ["*.docx"]


async def test_a_look_that_began_before_does_not_give_it_back(desk: Desk) -> None:
    await desk.follow("*.docx")
    await desk.happen("a.docx")
    async with desk.db.reading() as connection:
        [news] = await desk.following.pending(connection, {})
    await passed(desk)
    async with desk.db.transaction() as tx:
        assert not await desk.following.record(tx, news)
    assert await followed(desk, TO_IHOR) == ["*.docx"]


async def test_what_somebody_wished_for_a_group_stays_the_groups(desk: Desk) -> None:
    await desk.follow("*.docx", NEW)
    assert await passed(desk) == []
    assert await followed(desk, NEW) == ["*.docx"]
