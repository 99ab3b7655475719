"""`vakhta run`: the assistant."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.app import App
from bot.commands.common import config_of, say, settings_of
from bot.logs import keep_in
from core.clock import SystemClock
from core.text import Translator
from jobs.health.manager import ServiceManager

log = logging.getLogger(__name__)


def call(options: argparse.Namespace, t: Translator) -> int:
    """Run until SIGINT or SIGTERM, or one cycle of every job."""
    settings = settings_of(options)
    only = None if options.only is None else [part.strip() for part in options.only.split(",") if part.strip()]
    if settings.log.folder is not None:
        keep_in(settings.log.folder, settings.log.max_mb, settings.log.keep)
    manager = ServiceManager.from_environment(os.environ)
    app = App(settings, SystemClock(), only=only, config=config_of(options), manager=manager)
    if not options.once:
        return to_the_end(_serve(app, t))
    outcome = asyncio.run(app.once())
    values = {job.name: job.error_values for job in app.supervisor.states()}
    for name, fault in outcome.items():
        verdict = t("done") if fault is None else t(fault, **values[name])
        say(f"{name}: {verdict}")
    return 1 if any(fault is not None for fault in outcome.values()) else 0


async def _serve(app: App, t: Translator) -> int:
    with stop_signals() as stop:
        await app.open()
        if app.page_url:
            say(t("Status page: {url}", url=app.page_url))
        await serve(app, stop)
    return 0


def to_the_end(work: Coroutine[Any, Any, int]) -> int:
    """Do what goes on until a stop, and end the process with its exit status; what it raises is raised.

    The process ends here, because all is closed: the interpreter would wait for threads that look up names, and on a
    busy machine clear up for seconds what goes with the process anyway.
    """

    async def go() -> int:
        asyncio.get_running_loop().set_default_executor(_Unwaited())
        return await work

    status = asyncio.run(go())
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(status)


class _Unwaited(ThreadPoolExecutor):
    """The loop's threads, for which nobody waits at the end."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001  as its base has it
        """Take up nothing new."""
        super().shutdown(wait=False, cancel_futures=True)


class Stop:
    """Asked for from outside, at any moment: also in the middle of a start that takes seconds."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._scope: asyncio.Timeout | None = None

    def ask(self) -> None:
        """End what goes on; to be called in the loop."""
        self._asked.set()
        if self._scope is not None:
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def cuts_short(self, work: Awaitable[None]) -> None:
        """Do the work; given up when the stop is asked for meanwhile."""
        try:
            async with asyncio.timeout(0 if self._asked.is_set() else None) as self._scope:
                await work
        except TimeoutError:
            if not self._asked.is_set():
                raise
        finally:
            self._scope = None

    async def wait(self) -> None:
        """Until the stop is asked for."""
        await self._asked.wait()


async def serve(app: App, stop: Stop) -> None:
    """Run an opened assistant until it is asked to stop, then end it in order."""
    try:
        await stop.cuts_short(app.start())
        await stop.wait()
        log.info("stopping")
    finally:
        await app.stop()


@contextlib.contextmanager
def stop_signals() -> Iterator[Stop]:
    """A stop that SIGINT and SIGTERM ask for (on Windows Ctrl+C and Ctrl+Break)."""
    stop = Stop()
    loop = asyncio.get_running_loop()
    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = {}
    for name in names:
        number = getattr(signal, name)
        before[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.ask))
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
