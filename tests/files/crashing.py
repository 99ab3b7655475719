"""Watches a folder until it is killed: `python -m tests.files.crashing URL FOLDER BACKEND`."""

import asyncio
import sys
from pathlib import Path
from typing import cast

from core.clock import SystemClock
from core.db.engine import Database
from core.files.model import Backend, WatchSettings
from jobs.files.watcher import FolderWatch
from tests.files.conftest import files_service


async def main(url: str, folder: str, backend: str) -> None:
    clock = SystemClock()
    settings = WatchSettings("documents", Path(folder), backend=cast("Backend", backend), poll_interval=0.05)
    job = FolderWatch(Database(url), clock, files_service(clock), settings)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await job.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
