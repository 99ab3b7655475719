"""The counts the overview is quick with are the true ones."""

import pytest

from core.db.engine import Database
from core.requests import store
from tests.page.conftest import add_request


@pytest.mark.parametrize("common", ["accepted", "left", "sent", "zzz"])
async def test_a_tally_is_the_count_by_status(db: Database, common: str) -> None:
    for number, status in enumerate(("sent", "left", "left", "accepted", "left", "an old code")):
        await add_request(db, str(100 + number), status=status)

    async with db.reading() as connection:
        found = await store.tally(connection, common)
        assert found == await store.count_by_status(connection)
    assert found == {"sent": 1, "left": 3, "accepted": 1, "an old code": 1}


async def test_a_tally_of_nothing_is_empty(db: Database) -> None:
    async with db.reading() as connection:
        assert await store.tally(connection, "left") == {}


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "clean_postgres_url")
    return url
