"""`vakhta run`: the assistant."""

import argparse
import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator

from bot.app import App
from bot.commands.common import say, settings_of
from core.clock import SystemClock
from core.text import Translator

log = logging.getLogger(__name__)


def call(options: argparse.Namespace, t: Translator) -> int:
    """Run until SIGINT or SIGTERM, or one cycle of every job."""
    settings = settings_of(options)
    only = None if options.only is None else [part.strip() for part in options.only.split(",") if part.strip()]
    app = App(settings, SystemClock(), only=only)
    if not options.once:
        return asyncio.run(_serve(app, t))
    outcome = asyncio.run(app.once())
    values = {job.name: job.error_values for job in app.supervisor.states()}
    for name, fault in outcome.items():
        say(f"{name}: {t('done') if fault is None else t(fault, **values[name])}")
    return 1 if any(fault is not None for fault in outcome.values()) else 0


async def _serve(app: App, t: Translator) -> int:
    with stop_signals() as stopped:
        await app.open()
        if app.page_url:
            say(t("Status page: {url}", url=app.page_url))
        await serve(app, stopped)
    return 0


async def serve(app: App, stopped: asyncio.Event) -> None:
    """Run an opened assistant until the event, then end it in order."""
    try:
        await app.start()
        await stopped.wait()
        log.info("stopping")
    finally:
        await app.stop()


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set (on Windows Ctrl+C and Ctrl+Break)."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = {}
    for name in names:
        number = getattr(signal, name)
        before[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
