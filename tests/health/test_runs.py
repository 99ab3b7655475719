"""One process at a time on a database, and what is told after one that ended without a word."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.health.away import away_card, second_card
from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.health.model import Gap
from core.health.runs import RunsService, SecondCopy
from core.people.model import Reader
from tests.conftest import NOON, ManualClock

PARTS = ("chat", "files")
Process = Callable[..., RunsService]


@pytest.fixture
def process(clock: ManualClock) -> Process:
    """A process of the assistant; `alive` are the numbers of those that live on its machine."""

    def make(pid: int, host: str = "here", *, alive: tuple[int, ...] = (), shared: bool = False) -> RunsService:
        alerts = AlertsService(clock, (Route(Destination(-1), ("requests", "admins")),))
        return RunsService(clock, alerts, host, pid, lambda other, _since: other in alive, shared=shared)

    return make


async def begin(db: Database, runs: RunsService, parts: tuple[str, ...] = PARTS) -> tuple[int, Gap | None]:
    async with db.transaction() as tx:
        begun = await runs.begin(tx, parts)
    return begun.id, begun.gap


async def seen(db: Database, runs: RunsService, run_id: int) -> None:
    async with db.transaction() as tx:
        await runs.seen(tx, run_id)


async def told(db: Database) -> list[tuple[str, str]]:
    async with db.reading() as connection:
        rows = await connection.execute(select(notices.c.kind, notices.c.subject).order_by(notices.c.id))
        return [(row.kind, row.subject) for row in rows]


async def test_a_second_copy_on_the_same_machine_is_refused(db: Database, process: Process) -> None:
    for shared in (False, True):
        await begin(db, process(7, shared=shared), (str(shared),))
        with pytest.raises(SecondCopy) as refused:
            await begin(db, process(8, alive=(7,), shared=shared), (str(shared),))
        assert "process 7 on here" in str(refused.value)
        assert "Stop that one" in str(refused.value)


async def test_a_clock_that_was_set_ahead_hides_no_second_copy(sqlite_db: Database, clock: ManualClock) -> None:
    """When a process began is reckoned by the present clock: then it seems to have begun after its own first row."""
    alerts = AlertsService(clock, ())

    def runs(pid: int) -> RunsService:
        return RunsService(clock, alerts, "here", pid, lambda _pid, since: since >= set_ahead, shared=False)

    run_id, _ = await begin(sqlite_db, runs(7))
    clock.advance(hours=1)
    set_ahead = clock.now()
    await seen(sqlite_db, runs(7), run_id)
    with pytest.raises(SecondCopy):
        await begin(sqlite_db, runs(8))


async def test_copies_that_do_different_things_share_a_database(db: Database, process: Process) -> None:
    await begin(db, process(7), ("chat", "courier"))
    assert (await begin(db, process(8, alive=(7,)), ("files",)))[1] is None


async def test_after_a_kill_the_next_process_begins_at_once(db: Database, process: Process, clock: ManualClock) -> None:
    await begin(db, process(7))
    clock.advance(seconds=14)
    _, gap = await begin(db, process(8))
    assert gap == Gap(1, 1, 1, NOON, NOON, clock.now())


async def test_a_container_comes_back_under_the_same_number(db: Database, process: Process) -> None:
    await begin(db, process(1))
    assert (await begin(db, process(1, alive=(1,))))[1] is not None


async def test_another_machine_may_take_over_when_no_sign_of_life_came_for_a_while(
    db: Database, process: Process, clock: ManualClock
) -> None:
    runs = process(7)
    run_id, _ = await begin(db, runs)
    clock.advance(seconds=100)
    await seen(db, runs, run_id)
    clock.advance(seconds=19)
    with pytest.raises(SecondCopy):
        await begin(db, process(7, "there"))
    clock.advance(seconds=2)
    _, gap = await begin(db, process(7, "there"))
    assert gap is not None
    assert (gap.until - gap.since).total_seconds() == 21


async def test_machines_that_share_a_database_are_told_of_each_other_and_stop_for_themselves(
    db: Database, process: Process
) -> None:
    await begin(db, process(7, shared=True))
    async with db.transaction() as tx:
        begun = await process(9, "there", shared=True).begin(tx, PARTS)
    assert ([run.host for run in begun.others], begun.gap) == (["here"], None)
    assert await told(db) == [("second", "second:database")]


async def test_an_orderly_end_leaves_no_gap(db: Database, process: Process, clock: ManualClock) -> None:
    runs = process(7)
    run_id, _ = await begin(db, runs)
    async with db.transaction() as tx:
        await runs.end(tx, run_id)
    clock.advance(hours=1)
    assert (await begin(db, process(8)))[1] is None


async def test_ends_shortly_after_one_another_are_one_message(
    db: Database, process: Process, clock: ManualClock
) -> None:
    gaps = []
    for pid, minutes in enumerate((0, 1, 9, 9, 11)):
        clock.advance(minutes=minutes)
        _, gap = await begin(db, process(pid))
        if gap is not None:
            gaps.append((gap.first, gap.last, gap.stops))
            async with db.transaction() as tx:
                await process(pid).tell_gap(tx, gap, letters=0, changes=0)
    assert gaps == [(1, 1, 1), (1, 2, 2), (1, 3, 3), (1, 4, 4)]
    clock.advance(minutes=1)
    assert await told(db) == [("away", "away:1")] * 4  # the later three edit the message of the first
    _, gap = await begin(db, process(9))
    assert gap is not None
    assert (gap.first, gap.stops) == (5, 1)


def away(**more: object) -> dict[str, object]:
    moments = {name: NOON.isoformat() for name in ("since", "began")}
    until = datetime.fromisoformat("2026-11-20T12:00:14+00:00").isoformat()
    return {**moments, "until": until, "stops": 1, "letters": 0, "changes": 0, "late": [], **more}


def test_the_message_says_how_long_and_what_was_found() -> None:
    reader = Reader("en", "Europe/Kyiv")
    assert away_card(away(), "away:1", reader, NOON).text == (
        "⏱ I was away for 14 seconds (from 14:00:00); nothing lost."
    )
    found = away_card(
        away(letters=3, changes=1, stops=2, late=["mailbox.contractor"]), "away:1", reader, NOON
    ).text.splitlines()
    assert found == [
        "⏱ I was away for 14 seconds (from 14:00:00); nothing lost: 3 letters read, 1 file change found.",
        "🔌 Not caught up yet: Mailbox contractor.",
        "⚠️ It has stopped 2 times since 14:00; the log says why.",
    ]


def test_a_second_copy_comes_with_what_to_do() -> None:
    reader = Reader("en", "UTC")
    assert "Stop the other one" in second_card({"on": "token"}, reader).text
    assert "process 7 on &lt;host&gt;" in second_card({"on": "database", "pid": 7, "host": "<host>"}, reader).text
