"""A client secret that will expire is told 30, 7 and 1 days before, and when it has expired; each once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.people.model import Reader
from core.people.service import PeopleService
from jobs.letters.secrets import SecretsWatch, days_left, threshold_of
from tests.conftest import NOON, ManualClock

LEAD = 101


@pytest.mark.parametrize(
    ("days", "threshold"),
    [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, -1), (-14, -1), (-15, None)],
)
def test_it_is_told_from_thirty_seven_and_one_days_before(days: int, threshold: int | None) -> None:
    assert threshold_of(days) == threshold


def test_the_last_day_counts_as_none_left() -> None:
    assert [days_left(NOON.date() + timedelta(days=n), NOON) for n in (1, 0, -1)] == [1, 0, -1]


async def test_each_threshold_is_told_to_admins_once(db: Database, clock: ManualClock) -> None:
    people = PeopleService(clock, (LEAD,), Reader("en", "UTC"))
    async with db.transaction() as tx:
        await people.install_admins(tx)
    expires = clock.now().date() + timedelta(days=40)
    watch = SecretsWatch(db, clock, AlertsService(clock, ()), {"cloud": expires})
    for _ in range(2 * 60):
        await watch.once()
        clock.advance(hours=12)
    async with db.reading() as connection:
        query = select(notices.c.data, notices.c.chat_id).where(notices.c.kind == "secret").order_by(notices.c.id)
        told = [tuple(row) for row in await connection.execute(query)]
    expected = [{"mailbox": "cloud", "expires": expires.isoformat(), "days": days} for days in (30, 7, 1, -1)]
    assert told == [(data, LEAD) for data in expected]


async def test_a_new_date_begins_anew(sqlite_db: Database, clock: ManualClock) -> None:
    people = PeopleService(clock, (LEAD,), Reader("en", "UTC"))
    async with sqlite_db.transaction() as tx:
        await people.install_admins(tx)

    async def told(expires: date) -> int:
        return await SecretsWatch(sqlite_db, clock, AlertsService(clock, ()), {"cloud": expires}).once()

    soon = clock.now().date() + timedelta(days=5)
    assert [await told(soon), await told(soon), await told(soon + timedelta(days=1))] == [1, 0, 1]
