"""When jobs are due, whatever becomes of the clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta

from jobs.schedule import Schedule, Timing
from tests.conftest import NOON

DIGEST = Timing("digest", at=time(9, 30), zone="Europe/Kyiv")


class Watch:
    """A clock that only the test moves; `now` and `monotonic` by themselves, as a machine's are."""

    def __init__(self) -> None:
        self.wall = NOON
        self.seconds = 0.0
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        while self.seconds < until:
            await self._moved.wait()

    async def move(self, seconds: float, *, wall: float | None = None) -> None:
        """Time passes; the clock on the wall is set by something else, if said. Whoever slept so long has woken."""
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)
        self._moved.set()
        self._moved.clear()
        for _ in range(5):
            await asyncio.sleep(0)


@asynccontextmanager
async def running(*timings: Timing) -> AsyncIterator[tuple[Callable[..., Awaitable[None]], list[str], Schedule]]:
    """How the clock is moved, who was woken, and the schedule."""
    clock, woken = Watch(), list[str]()
    schedule = Schedule(woken.append, clock)
    for timing in timings:
        schedule.add(timing)
    task = asyncio.create_task(schedule.run())
    await asyncio.sleep(0)
    try:
        yield clock.move, woken, schedule
    finally:
        task.cancel()


async def test_jobs_are_woken_when_they_are_due() -> None:
    async with running(Timing("letters", seconds=60), DIGEST) as (move, woken, _):
        await move(59)
        assert woken == []
        await move(1)
        assert woken == ["letters"]
        await move(19.5 * 3600 - 61)
        await move(1)
        assert woken == ["letters", "letters", "digest"]


async def test_a_machine_that_slept_wakes_each_once() -> None:
    async with running(Timing("letters", seconds=60), DIGEST) as (move, woken, _):
        await move(3 * 86400)
        assert sorted(woken) == ["digest", "letters"]
        await move(60)
        assert sorted(woken) == ["digest", "letters", "letters"]


async def test_a_clock_that_is_set_holds_nobody_up_and_repeats_nothing() -> None:
    """Back by an hour right after the daily work; then back from a date that was years ahead."""
    async with running(Timing("letters", seconds=60), DIGEST) as (move, woken, schedule):
        await move(19.5 * 3600)
        woken.clear()
        await move(60, wall=-3600)
        await move(60)
        assert woken == ["letters", "letters"]
        await move(3600)
        assert "digest" not in woken
        await move(1, wall=800 * 86400)
        woken.clear()
        await move(1, wall=-800 * 86400)
        await move(1)
        due = schedule.next_run("digest")
        assert due is not None
        assert due - NOON < timedelta(days=3)


async def test_the_table_is_read_by_name() -> None:
    schedule = Schedule(lambda _name: None, Watch())
    letters = Timing("letters", seconds=60)
    schedule.add(letters)
    schedule.add(DIGEST)
    assert schedule.rows() == [DIGEST, letters]
    assert schedule.next_run("digest") is None


async def test_the_next_moment_is_known_while_it_runs() -> None:
    async with running(DIGEST) as (_, _, schedule):
        due = schedule.next_run("digest")
        assert due is not None
        assert due - NOON == timedelta(hours=19.5)
        schedule.add(Timing("late", seconds=5))
        assert schedule.next_run("late") == NOON + timedelta(seconds=5)
        schedule.remove("late")
        assert schedule.next_run("late") is None
