"""What the page says of the outbox."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from core.alerts import store as alerts
from core.db.engine import Database
from tests.conftest import NOON, ManualClock
from tests.page.conftest import add_jobs, job


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "clean_postgres_url")
    return url


def notice(key: str, state: str, **values: Any) -> dict[str, Any]:
    return {
        "dedup_key": key,
        "chat_id": -100,
        "thread_id": 0,
        "kind": "request",
        "subject": "request:1",
        "mode": "new",
        "data": {},
        "priority": 5,
        "state": state,
        "attempts": 0,
        "created_at": NOON,
        "not_before": NOON,
        "expires_at": NOON + timedelta(days=1),
        "done_at": None,
        **values,
    }


async def test_messages_that_wait_too_long_are_worth_a_look(
    db: Database, url: str, http: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await alerts.add_notices(
            tx,
            [
                notice("late", "new", not_before=NOON + timedelta(minutes=50)),
                notice("held", "new", not_before=NOON + timedelta(hours=9)),
                notice("gone", "new", expires_at=NOON + timedelta(minutes=30)),
                notice("told", "sent", done_at=NOON + timedelta(minutes=2)),
                notice("told again", "sent", done_at=NOON + timedelta(minutes=3)),
            ],
        )
    clock.advance(hours=1)
    await add_jobs(db, job(heartbeat_at=clock.now()))

    async with http.get(f"{url}/api/status", headers={"Accept-Language": "en"}) as answer:
        found = await answer.json()

    assert found["concerns"] == [{"level": "warn", "text": "Messages wait to be delivered (10 minutes)"}]
    assert found["notices"] == {"new": 3, "sent": 2}
    assert found["last_sent_at"] == "2026-11-20T12:03:00.000000+00:00"


async def test_an_outbox_without_messages_is_well(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_jobs(db, job())

    async with http.get(f"{url}/api/status") as answer:
        found = await answer.json()

    assert (found["level"], found["notices"], found["last_sent_at"]) == ("good", {}, None)
