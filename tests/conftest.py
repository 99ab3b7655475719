"""What every suite may ask for: a migrated database of either kind, and a clock that the test owns."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core.db.engine import Database
from core.db.migrations import upgrade
from core.db.migrations.tables import metadata

if TYPE_CHECKING:
    from deploy.demo.telegram import TelegramServer
    from tests.duty import Duty

settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")  # how long an example takes says nothing where others work too

REQUIRED = os.environ.get("VAKHTA_TEST_SERVICES") == "required"
POSTGRES = "postgresql://postgres@127.0.0.1:5432"
TESTS = Path(__file__).parent
CORE = {"alerts", "db", "files", "health", "house", "letters", "people", "requests"}
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class ManualClock:
    """A clock that moves when the test says so; whoever sleeps on it advances it at once."""

    def __init__(self, start: datetime = NOON) -> None:
        self.start = start
        self.elapsed = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.elapsed += max(0.0, seconds)
        await asyncio.sleep(0)

    def advance(self, **parts: float) -> None:
        self.elapsed += timedelta(**parts).total_seconds()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage of `core` is what its own tests reach; tracing the whole assistant would double the others' time."""
    for item in items:
        room = item.path.relative_to(TESTS).parts[0]
        if room not in CORE or {"duty", "telegram"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("no_cover")


@pytest.fixture(scope="session", autouse=True)
def unicode_tables() -> None:
    """Hypothesis makes its tables of Unicode here, not in the time of whichever test is the first to need them."""
    st.text().validate()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def need(service: str, reason: str) -> None:
    """Skip for want of a server, unless this run requires them all."""
    if REQUIRED:
        pytest.fail(f"{service} is required and not there: {reason}")
    pytest.skip(f"{service} is not there: {reason}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "vakhta.db"

    async def make() -> None:
        db = Database(f"sqlite+aiosqlite:///{path}")
        await upgrade(db)
        await db.close()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Iterator[str]:
    name = f"vakhta_test_{worker_id}_{os.getpid()}"

    async def admin(statement: str) -> None:
        connection = await asyncpg.connect(f"{POSTGRES}/postgres", timeout=3)
        await connection.execute(statement)
        await connection.close()

    async def make() -> None:
        await admin(f"CREATE DATABASE {name}")
        db = Database(f"postgresql+asyncpg://postgres@127.0.0.1:5432/{name}")
        await upgrade(db)
        await db.close()

    try:
        asyncio.run(make())
    except OSError as error:
        need("PostgreSQL", str(error))
    yield f"postgresql+asyncpg://postgres@127.0.0.1:5432/{name}"
    asyncio.run(admin(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "vakhta.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def sqlite_db(sqlite_url: str) -> AsyncIterator[Database]:
    """A migrated SQLite database, for what does not differ between the two."""
    db = Database(sqlite_url)
    yield db
    await db.close()


@pytest.fixture
def clean_postgres_url(postgres_url: str) -> str:
    """The PostgreSQL database of this worker, emptied."""
    tables = ";".join(str(table.delete()) for table in reversed(metadata.sorted_tables))
    numbers = """SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences
        WHERE last_value IS NOT NULL"""

    async def empty() -> None:  # TRUNCATE makes each table's file anew: a quarter of a second for them all
        connection = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
        await connection.execute(f"SET synchronous_commit = off; BEGIN; {tables}; {numbers}; COMMIT")
        await connection.close()

    asyncio.run(empty())
    return postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    fixture = "sqlite_url" if request.param == "sqlite" else "clean_postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database; the test runs on SQLite and on PostgreSQL."""
    db = Database(db_url)
    yield db
    await db.close()


@pytest.fixture
async def telegram() -> AsyncIterator["TelegramServer"]:
    """The strict Bot API server, with a lead, an engineer, a stranger and their group."""
    from deploy.demo.telegram import TelegramServer
    from tests.duty import add_people

    async with TelegramServer() as server:
        add_people(server)
        yield server


@pytest.fixture
async def duty(telegram: "TelegramServer", tmp_path: Path, sqlite_template: Path) -> AsyncIterator["Duty"]:
    """The whole assistant, running."""
    from tests.duty import TEMPLATES, on_duty

    TEMPLATES[:] = [sqlite_template]

    async with on_duty(tmp_path, telegram) as found:
        yield found
