"""An assistant by webhook that says its process number and is killed, and one after it that goes on.

`python -m tests.chat.crashing CONFIG`. Both come of one process, which imports everything only once.
"""

import asyncio
import os
import sys
from pathlib import Path

import bot.telegram  # noqa: F401  once, before the fork
from bot.app import App
from core.clock import SystemClock
from core.settings import load


async def main(config: str) -> None:
    app = App(load(Path(config)), SystemClock())
    await app.open()
    await app.start()
    print(os.getpid(), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.platform != "win32" and (child := os.fork()):
        os.waitpid(child, 0)
    asyncio.run(main(sys.argv[1]))
