"""A process of its own that dies after its Nth new letter: `python -m tests.letters.crashing URL MAILDIR N HOW`.

`HOW` says when: `before` its transaction is committed, or `after`. Dying is `os._exit`: as kill -9, nothing is
closed and nothing written any more.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import SystemClock
from core.db.engine import Database, after_commit
from core.letters.model import Letter, Reading
from core.letters.record import State
from core.letters.service import LettersService
from jobs.connectors.maildir.client import Maildir
from jobs.letters.job import Intake, MailboxJob
from tests.letters.post import post_of


class MortalLetters(LettersService):
    left = 0
    how = ""

    async def receive(
        self, tx: AsyncConnection, source: str, key: str, letter: Letter, reading: Reading, *, senders: Sequence[str]
    ) -> State | None:
        state = await super().receive(tx, source, key, letter, reading, senders=senders)
        self.left -= state is not None
        if self.left == 0:
            if self.how == "before":
                os._exit(9)
            after_commit(tx, lambda: os._exit(9))
        return state


async def main(url: str, folder: str, letters: str, how: str) -> None:
    db = Database(url)
    MortalLetters.left, MortalLetters.how = int(letters), how
    service = post_of(db, SystemClock(), MortalLetters).letters
    await MailboxJob(db, SystemClock(), service, Maildir(Path(folder)), Intake("contractor")).once()
    await db.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
