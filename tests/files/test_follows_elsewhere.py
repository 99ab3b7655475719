"""A subscription whose group becomes another chat goes there, whatever the follower's job is doing meanwhile."""

import pytest

from core.alerts.model import Destination
from core.db.engine import Database
from tests.conftest import ManualClock
from tests.files.test_following import Desk

OLD, NEW = Destination(-77), Destination(-1007)


@pytest.fixture
async def desk(db: Database, clock: ManualClock) -> Desk:
    desk = Desk(db, clock)
    await desk.begin()
    return desk


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
