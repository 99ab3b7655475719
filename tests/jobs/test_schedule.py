import asyncio
from datetime import time

from jobs.schedule import Schedule, Timing


async def test_a_job_is_woken_when_it_is_due() -> None:
    woken = asyncio.Event()
    schedule = Schedule(lambda _name: woken.set())
    schedule.add(Timing("letters", seconds=0.05))
    schedule.start()
    async with asyncio.timeout(5):
        await woken.wait()
    schedule.stop()


async def test_the_table_is_read_by_name() -> None:
    schedule = Schedule(lambda _name: None)
    digest, letters = Timing("digest", at=time(9, 30), zone="Europe/Kyiv"), Timing("letters", seconds=60)
    schedule.add(letters)
    schedule.add(digest)
    assert schedule.rows() == [digest, letters]


async def test_the_next_moment_is_known_while_it_runs() -> None:
    schedule = Schedule(lambda _name: None)
    schedule.add(Timing("digest", at=time(9, 30), zone="Europe/Kyiv"))
    assert schedule.next_run("digest") is None
    schedule.start()
    due = schedule.next_run("digest")
    assert due is not None
    assert due.strftime("%H:%M") == "09:30"
    assert schedule.next_run("unknown") is None
    schedule.stop()
    schedule.stop()
