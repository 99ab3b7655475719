"""A stop: in order, in time."""

import asyncio
import time as machine_time

from jobs.supervisor import Stage
from tests.jobs.conftest import Make, endless, failing, until


async def test_a_stop_ends_intake_then_work_then_delivery(make: Make) -> None:
    supervisor, ended = make(), list[str]()

    async def small() -> None:
        await asyncio.sleep(0.1)
        ended.append("work")

    async def drain(_seconds: float) -> None:
        ended.append("drained")

    supervisor.loop("courier", endless(ended, "courier"), stage=Stage.DELIVERY, drain=drain)
    supervisor.loop("chat", endless(ended, "chat"))
    await supervisor.start()
    await until(lambda: all(job.state == "running" for job in supervisor.states()))
    supervisor.spawn("small", small())
    await supervisor.stop()
    assert ended == ["chat", "work", "drained", "courier"]


async def test_what_the_courier_starts_ends_with_the_courier(make: Make) -> None:
    supervisor, ended = make(), list[str]()
    delivery = endless(ended, "delivery")

    async def courier() -> None:
        supervisor.spawn("delivery", delivery())
        await asyncio.Event().wait()

    async def drain(_seconds: float) -> None:
        ended.append("drained")

    supervisor.loop("courier", courier, stage=Stage.DELIVERY, drain=drain)
    await supervisor.start()
    await until(lambda: supervisor.states()[0].state == "running")
    await supervisor.stop()
    assert ended == ["drained", "delivery"]


async def test_a_stop_does_not_wait_for_what_will_not_end(make: Make) -> None:
    supervisor = make()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.8)

    async def bad_drain(_seconds: float) -> None:
        raise KeyError

    async def slow_drain(_seconds: float) -> None:
        await asyncio.Event().wait()

    supervisor.loop("stubborn", stubborn)
    supervisor.loop("bad", failing()[0], drain=bad_drain)
    supervisor.loop("slow", failing()[0], stage=Stage.DELIVERY, drain=slow_drain)
    await supervisor.start()
    await until(lambda: all(job.state == "running" for job in supervisor.states()))
    began = machine_time.monotonic()
    await supervisor.stop(0.6)
    assert machine_time.monotonic() - began < 0.9
    await until(lambda: not supervisor._tasks)


async def test_a_stop_keeps_its_time_though_something_hangs_in_every_stage(make: Make) -> None:
    supervisor = make()

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.sleep(1)
                raise

    async def hangs(_seconds: float) -> None:
        await asyncio.Event().wait()

    for stage in Stage:
        supervisor.loop(stage.name, stubborn, stage=stage, drain=hangs)
    await supervisor.start()
    await until(lambda: all(job.state == "running" for job in supervisor.states()))
    supervisor.spawn("work", stubborn())
    began = machine_time.monotonic()
    await supervisor.stop(1.0)
    assert machine_time.monotonic() - began < 1.3
    await until(lambda: not supervisor._tasks)
