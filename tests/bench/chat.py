"""What an answer costs: `/request 101` against a bare aiogram echo bot on the same stand-in, each a process of its own.

Processor time is the process's own, as the kernel counts it (Linux: /proc); what a process uses while idle is taken
off. Both are asked at the same speed, because a process that is woken seldom pays more for each answer.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.services import build_services, open_database
from core.clock import SystemClock
from core.people.model import Actor
from core.people.model import Person as Human
from core.requests.model import Draft
from core.settings import make
from deploy.demo.telegram import Person, TelegramServer

PEOPLE = 40
ROUNDS = 8
SPEED = 20
"""Questions a second: below the pace of replies, so that both bots work equally hard."""
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def processor(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid: int) -> float:
    """Resident memory of a process, MB."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(pid)


@asynccontextmanager
async def process(*arguments: str, cwd: Path) -> AsyncIterator[int]:
    """A Python process, ended at the end."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=cwd,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield started.pid
    finally:
        started.terminate()
        await started.wait()


async def measure(telegram: TelegramServer, people: list[Person], pid: int, text: str) -> tuple[float, float]:
    """Processor milliseconds an answer, and resident MB while idle."""

    async def ask(person: Person) -> None:
        seen = len(telegram.messages(person.id))
        await person.send(text)
        await telegram.wait_for(lambda: len(telegram.messages(person.id)) > seen + 1, timeout=20)

    await ask(people[0])
    for person in people:
        await ask(person)
    await asyncio.sleep(3)
    idle_from = processor(pid)
    await asyncio.sleep(5)
    idle = (processor(pid) - idle_from) / 5
    resident = memory(pid)
    loop = asyncio.get_running_loop()
    began, used = loop.time(), processor(pid)
    for number in range(ROUNDS * len(people)):
        await asyncio.sleep(max(0.0, began + number / SPEED - loop.time()))
        await ask(people[number % len(people)])
    cost = processor(pid) - used - idle * (loop.time() - began)
    return cost * 1000 / (ROUNDS * len(people)), resident


async def prepare(folder: Path, telegram: TelegramServer) -> None:
    """A database in which everybody may look, and request 101 is there."""
    settings = make({}, folder)
    db = await open_database(settings)
    services = build_services(settings, SystemClock(), db)
    actor = Actor("bench")
    async with db.transaction() as tx:
        for person_id in range(1, PEOPLE + 1):
            await services.people.meet(tx, Human(person_id, f"P{person_id}"))
            await services.people.change_role(tx, person_id, "viewer", actor)
        await services.requests.create(tx, Draft("101", "12", "Leak in the server room"), actor)
    await db.close()
    config = f"""
        language = "en"
        [telegram]
        token = "{telegram.token}"
        api_base = "{telegram.base_url}"
        [page]
        port = 0
    """
    await asyncio.to_thread((folder / "vakhta.toml").write_text, config, "utf-8")


async def run() -> list[tuple[str, float, str]]:
    """Both bots, one after the other, on a fresh stand-in each."""
    found: dict[str, tuple[float, float]] = {}
    for name in ("echo", "vakhta"):
        with tempfile.TemporaryDirectory() as folder:
            async with TelegramServer() as telegram:
                people = [telegram.add_user(number, f"P{number}") for number in range(1, PEOPLE + 1)]
                await prepare(Path(folder), telegram)
                echo = ("-m", "tests.bench.echo", telegram.base_url, telegram.token)
                arguments = echo if name == "echo" else ("-m", "bot", "run")
                async with process(*arguments, cwd=Path(folder)) as pid:
                    found[name] = await measure(telegram, people, pid, "/request 101")
    (echo_cost, echo_memory), (cost, resident) = found["echo"], found["vakhta"]
    return [
        ("chat: /request 101 / bare aiogram echo, processor time", cost / echo_cost, "≤ 3"),
        ("chat: /request 101, ms", cost, "shown"),
        ("chat: bare aiogram echo, ms", echo_cost, "shown"),
        ("chat: idle memory / bare aiogram echo", resident / echo_memory, "≤ 1.3"),
        ("chat: idle memory, MB", resident, "shown"),
    ]
