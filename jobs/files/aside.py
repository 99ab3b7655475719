"""Slow calls beside the loop, in daemon threads: a share that hangs must not hold up the end of the program."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def aside(function: Callable[[], T]) -> T:
    """The function's result, computed in a thread of its own. When cancelled, the thread is abandoned."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(act: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if future.done() else act())

    def work() -> None:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001  it is raised where it is awaited
            fault = error  # the name `error` ends with this block
            deliver(lambda: future.set_exception(fault))
        else:
            deliver(lambda: future.set_result(result))

    threading.Thread(target=work, name="files", daemon=True).start()
    return await future
