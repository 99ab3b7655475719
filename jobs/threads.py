"""Blocking libraries in daemon threads of their own: never on the loop, and abandoned at a stop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def in_thread(name: str, work: Callable[[], T]) -> T:
    """Run blocking work in a new daemon thread and wait for it; raises what it raises.

    When the waiting is cancelled the thread goes on unheard; it does not keep the process alive
    (`asyncio.to_thread` would: its threads are joined at exit).
    """
    return await begin_in_thread(name, work)


def begin_in_thread(name: str, work: Callable[[], T]) -> asyncio.Future[T]:
    """As `in_thread`, to be waited for later."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T is None

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001  it is raised again where it was awaited
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
