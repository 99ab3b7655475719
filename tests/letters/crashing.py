"""A pass over a maildir that is killed again and again: `python -m tests.letters.crashing URL MAILDIR N…`.

For each N a process of its own begins a pass and kills itself (kill -9) before its Nth statement or commit, so that
nothing is closed and nothing written any more. Where the system can fork, everything is imported only once, and this
process ends with 0 if each was killed; else the first N kills this process.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from core.clock import SystemClock
from core.db.engine import Database
from core.letters.mime import parse_letter
from core.letters.rules import read
from jobs.connectors.maildir.client import Maildir
from jobs.letters.job import Intake, MailboxJob
from jobs.letters.mailbox import Changes
from tests.letters.post import post_of

KILLED = 9


class Numbered(Maildir):
    """A maildir with a cursor: what is behind it is never listed again, as on a server."""

    async def changes(self, cursor: str | None, since: datetime) -> Changes:
        listed = await super().changes(None, since)
        after = sorted((entry for entry in listed.entries if entry.key > (cursor or "")), key=lambda entry: entry.key)
        return Changes(tuple(after), after[-1].key if after else cursor)


def die() -> None:
    if sys.platform == "win32":
        os._exit(KILLED)
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(left: int) -> None:
    """Count what is said to the database, on every connection."""

    def said(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            die()

    event.listen(Engine, "before_cursor_execute", said)
    event.listen(Engine, "commit", said)


async def one_pass(url: str, folder: str) -> None:
    db = Database(url)
    clock = SystemClock()
    letters = post_of(db, clock).letters
    await MailboxJob(db, clock, letters, Numbered(Path(folder)), Intake("contractor", batch=8)).once()
    await db.close()


def main(url: str, folder: str, *points: str) -> None:
    read(parse_letter(b"Subject: warm\n\nwarm", SystemClock().now()))  # the reader's phrases are compiled once for all
    for point in points:
        child = os.fork() if sys.platform != "win32" else 0
        if child == 0:
            die_at(int(point))
            asyncio.run(one_pass(url, folder))
            os._exit(0)  # the pass came to its end before
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != -KILLED:
            sys.exit(f"the pass that should have died at {point} ended with {status}")


if __name__ == "__main__":
    main(*sys.argv[1:])
