"""The assistant as a process of its own: `vakhta run`, but for its clock, which stands where the test puts it."""

import asyncio
import logging
import os
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

import bot.telegram  # noqa: F401  loaded once, in the process that all of them are forked from
from bot.app import App
from bot.commands.run import serve, stop_signals, to_the_end
from bot.logs import keep_in
from core.errors import VakhtaError
from core.health.model import JobState
from core.settings import load
from tests.week.clock import SteeredClock

Wire = Connection
"""What is said over it. The test: where the clock stands, and whether to say when what that brought was done."""


def run(config: Path, wire: Wire, shift: float, passed: float) -> None:
    """Until it is stopped; the exit status is the command's."""
    settings = load(config)
    if settings.log.folder is not None:
        logging.basicConfig(level=logging.INFO, handlers=[], force=True)
        keep_in(settings.log.folder, settings.log.max_mb, settings.log.keep)
    to_the_end(_run(config, wire, shift, passed))


async def _run(config: Path, wire: Wire, shift: float, passed: float) -> int:
    clock = SteeredClock(shift, passed)
    app = App(load(config), clock, config=config)

    async def live() -> None:
        """Until requests were looked at, which is done several times a minute."""
        while not all(is_ahead(job.next_run_at) for job in reminders()):  # noqa: ASYNC110  a state, no event
            await asyncio.sleep(0.005)
        wire.send("done")

    def reminders() -> list[JobState]:
        return [job for job in app.supervisor.states() if job.name == "reminders"]

    def is_ahead(moment: datetime | None) -> bool:
        return moment is not None and moment > clock.now()

    living: set[asyncio.Task[None]] = set()

    def steered() -> None:
        try:
            *stand, ask = wire.recv()
        except EOFError:  # the test was killed
            os._exit(1)
        clock.put(*stand)
        if ask:
            living.add(asyncio.create_task(live()))
        else:
            wire.send("done")

    with stop_signals() as stop:
        try:
            await app.open()
        except VakhtaError as error:
            wire.send(str(error))
            return 2
        asyncio.get_running_loop().add_reader(wire.fileno(), steered)
        wire.send("open")
        await serve(app, stop)
    return 0
