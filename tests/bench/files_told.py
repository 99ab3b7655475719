"""Files: how soon a touched file is named in the group, at no more than ten a minute.

The whole assistant against the strict Bot API server; the group's message of the folder is new or edited.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Final

TOUCHES: Final = 60 if os.environ.get("VAKHTA_BENCH") == "full" else 10
EVERY: Final = 6.0
"""Seconds between two touches: ten a minute."""


async def run() -> list[tuple[str, float, str]]:
    """Name, value and goal of each measure."""
    from deploy.demo.telegram import TelegramServer
    from tests.duty import GROUP, Duty, add_people, on_duty

    async def named(duty: Duty, name: str) -> None:
        await duty.telegram.wait_for(
            lambda: any(name in message.text for message in duty.of_bot(GROUP)), timeout=EVERY * 5
        )

    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        async with TelegramServer() as telegram:
            add_people(telegram)
            async with on_duty(Path(folder), telegram) as duty:
                await asyncio.sleep(2)  # the first look is over
                for number in range(TOUCHES):
                    began = time.monotonic()
                    (duty.folder / "shared" / f"touched-{number:03}.txt").write_text("x", "utf-8")
                    await named(duty, f"touched-{number:03}")
                    seconds.append(time.monotonic() - began)
                    await asyncio.sleep(max(0.0, EVERY - seconds[-1]))
    seconds.sort()
    what = f"touch to message in the group, {TOUCHES} touches"
    return [
        (f"{what}: 99th percentile, s", seconds[int(TOUCHES * 0.99)], "≤ 1.5"),
        (f"{what}: median, s", seconds[TOUCHES // 2], "shown"),
    ]
