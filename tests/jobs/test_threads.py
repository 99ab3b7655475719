import asyncio
import threading

import pytest

from jobs.threads import in_thread


async def test_the_result_comes_from_a_daemon_thread() -> None:
    name, daemon = await in_thread(
        "blocking", lambda: (threading.current_thread().name, threading.current_thread().daemon)
    )
    assert (name, daemon) == ("blocking", True)


async def test_what_the_work_raises_is_raised_where_it_is_awaited() -> None:
    def work() -> int:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await in_thread("blocking", work)


async def test_work_that_takes_too_long_is_abandoned() -> None:
    release = threading.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await in_thread("blocking", release.wait)
    release.set()


def test_a_thread_that_outlives_its_loop_disturbs_nobody() -> None:
    release, ended = threading.Event(), threading.Event()

    def work() -> None:
        release.wait(5)
        ended.set()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await in_thread("blocking", work)

    asyncio.run(give_up())
    release.set()
    assert ended.wait(5)
