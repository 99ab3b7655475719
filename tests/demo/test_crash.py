"""A real process of the world, killed: what it said yes to is there afterwards."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from deploy.demo.clock import WorldClock
from deploy.demo.world import DUTY_CHAT_ID, ENGINEER_ID, World

PROGRAM = """
import asyncio, sys
from pathlib import Path
from deploy.demo.clock import WorldClock
from deploy.demo.world import World

async def main():
    world = World(Path(sys.argv[1]), 0, WorldClock())
    await world.start()
    print(world.chat_url, world.api_base, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.crash
async def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    chat_url, api_base = (await child.stdout.readline()).decode().split()
    token = "700000001:AAG-vakhta-demo-token-0123456789abcdef"
    async with aiohttp.ClientSession() as session:
        for number in range(20):
            body = {"as": ENGINEER_ID, "chat": DUTY_CHAT_ID, "text": f"/request {number}"}
            async with session.post(f"{chat_url}world/send", json=body) as answer:
                assert answer.status == 200
        async with session.post(f"{chat_url}world/clock", json={"hours": 3}) as answer:
            assert answer.status == 200
        async with session.get(f"{api_base}/bot{token}/getUpdates", params={"offset": "400000006"}) as answer:
            assert len((await answer.json())["result"]) == 15
    child.kill()
    await child.wait()

    world = World(tmp_path, 0, clock := WorldClock())
    await world.start()
    try:
        assert [message.text for message in world.telegram.messages(DUTY_CHAT_ID)][-1] == "/request 19"
        assert len(world.telegram.state.updates) == 15
        assert clock.shift.total_seconds() == 3 * 3600
    finally:
        await world.stop()
