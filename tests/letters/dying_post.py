"""A process of its own that dies while a letter is on its way: `python -m tests.letters.dying_post URL`."""

import asyncio
import os
import sys
from collections.abc import Sequence

from core.db.engine import Database
from tests.conftest import ManualClock
from tests.letters.outgoing_desk import Sent, desk_of


class Dying(Sent):
    """As kill -9 in the middle: nothing is closed and nothing written any more."""

    async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
        os._exit(9)


async def main(url: str) -> None:
    desk = desk_of(Database(url), ManualClock())
    desk.post = Dying()
    await desk.job().once()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
