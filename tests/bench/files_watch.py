"""Watching folders: what is lost (nothing), how fast rows come, what a scan costs beside `find`.

The sizes are a tenth or so of those of the goals, so that the suite takes a minute; `VAKHTA_BENCH=full` makes them
whole. The trees lie in memory where there is room for them (`/dev/shm`), the database on the disk.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench.files_site import REPOSITORY, Site, a_process, a_site, armed, first_look, make, quiet, running, watched
from tests.bench.storms import plant

FULL: Final = os.environ.get("VAKHTA_BENCH") == "full"
ROUNDS: Final = 3
"""Storms of which the median counts."""

Row = tuple[str, float, str]


class Sizes(NamedTuple):
    """How much of each."""

    storm: int
    stalled: int
    nested: int
    off: int
    kills: int
    rewrites: int
    scanned: int
    paced: int
    idle: int


SIZES: Final = (
    Sizes(50_000, 30_000, 2_500, 5_000, 10, 200, 500_000, 4_000, 500_000)
    if FULL
    else Sizes(10_000, 10_000, 2_500, 2_000, 3, 200, 100_000, 1_200, 50_000)
)


async def a_storm() -> list[Row]:
    """As many operations as go, on a file each, with us and with the logger, by turns."""
    rounds = [(*await _storm_with_us(), *await _storm_with_the_logger()) for _ in range(ROUNDS)]
    lost = sum(each[0] for each in rounds)
    _, ours, theirs_lost, theirs, rows = map(statistics.median, zip(*rounds, strict=True))
    what = f"storm of {SIZES.storm} operations"
    return [
        (f"{what}: lost or recorded twice", lost, "≤ 0"),
        (f"{what}: recorded a second, of watchdog with a commit an event", ours / theirs, "≥ 5"),
        (f"{what}: recorded a second", ours, "shown"),
        (f"{what}: recorded a second by watchdog with a commit an event", theirs, "shown"),
        (f"{what}: rows a second of the same, several for a file", rows, "shown"),
        (f"{what}: operations of which watchdog never spoke", theirs_lost, "shown"),
    ]


async def _storm_with_us() -> tuple[int, float]:
    with a_site() as site:
        await make("prepare", site, SIZES.storm)
        await first_look(site)
        async with a_process(site, "watchfiles"):
            await armed(site)
            ((before,),) = site.rows("SELECT max(id) FROM file_events")
            began = await make("storm", site, SIZES.storm)
            _, ended = await quiet(site)
        _, twice = site.recorded()
        return site.lost() + twice, len(_touched(site, before)) / (ended - began)


async def _storm_with_the_logger() -> tuple[int, float, float]:
    with a_site() as site:
        await make("prepare", site, SIZES.storm)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.bench.logger", str(site.folder), str(site.database)),
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # it says that it lost events
        )
        assert process.stdout is not None
        await process.stdout.readline()
        try:
            began = await make("storm", site, SIZES.storm)
            rows, ended = await quiet(site)
        finally:
            process.kill()
            await process.wait()
        known = _touched(site, 0)
        return SIZES.storm - len(known), len(known) / (ended - began), rows / (ended - began)


def _touched(site: Site, after: int) -> set[str]:
    """The files of which the history speaks since that event."""
    return {path for (path,) in site.rows(f"SELECT DISTINCT path FROM file_events WHERE id > {after}")}  # noqa: S608  a number


async def a_stall() -> list[Row]:
    """A watch that stands still while more happens than the kernel keeps for it."""
    with a_site() as site:
        await make("prepare", site, SIZES.stalled, 2)
        await first_look(site)
        async with a_process(site, "watchfiles") as process:
            await armed(site)
            process.send_signal(signal.SIGSTOP)
            await make("storm", site, SIZES.stalled, 2)
            process.send_signal(signal.SIGCONT)
            await quiet(site)
            await quiet(site)
        gaps = len(site.rows("SELECT 1 FROM file_gaps WHERE reason != 'off'"))
        what = f"stall through {SIZES.stalled} operations"
        return [(f"{what}: last states lost", site.lost(), "≤ 0"), (f"{what}: gaps recorded", gaps, "≥ 1")]


async def new_folders() -> list[Row]:
    """Files made in folders before these can be watched."""
    with a_site() as site:
        async with watched(site, "watchfiles") as job:
            await job.once()
            async with running(job):
                await make("nested", site, SIZES.nested)
                await quiet(site)
        return [(f"{SIZES.nested} files in new folders: lost", site.lost(), "≤ 0")]


async def switched_off() -> list[Row]:
    """Changes while nobody watches."""
    with a_site() as site:
        await make("prepare", site, SIZES.off, 4)
        await first_look(site)
        await make("storm", site, SIZES.off, 4)
        await first_look(site)
        _, twice = site.recorded()
        return [(f"off for {SIZES.off} operations: lost or recorded twice", site.lost() + twice, "≤ 0")]


async def killed() -> list[Row]:
    """kill -9 in the middle of a storm, again and again."""
    chance = random.Random(11)
    with a_site() as site:
        for turn in range(SIZES.kills):
            await make("prepare", site, 4_000, 20 + turn)
        await first_look(site)
        for turn in range(SIZES.kills):
            async with a_process(site, "watchfiles") as process:
                raging = asyncio.ensure_future(make("storm", site, 4_000, 20 + turn))  # what a task is, here
                await asyncio.sleep(chance.uniform(0.4, 1.6))
                process.kill()
                await raging
        await first_look(site)
        _, twice = site.recorded()
        what = f"killed {SIZES.kills} times in a storm"
        return [(f"{what}: lost", site.lost(), "≤ 0"), (f"{what}: recorded twice", twice, "≤ 0")]


async def rewritten() -> list[Row]:
    """A file written to twice in a second, at the same size, and its time set back: polled between the two."""
    with a_site(in_memory=False) as site:
        file = site.folder / "a"
        file.write_bytes(b"0000")
        async with watched(site, "polling") as job:
            await job.once()
            seen = back = 0
            for n in range(SIZES.rewrites):
                file.write_bytes(b"%04d" % n)
                seen += await job.scan()
            for n in range(SIZES.rewrites // 4):
                was = file.stat()
                file.write_bytes(b"%04d" % n)
                os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
                back += await job.scan()
    return [
        (f"{SIZES.rewrites} rewrites in the same second at the same size, polled: seen", seen / SIZES.rewrites, "≥ 1"),
        (f"{SIZES.rewrites // 4} of them with their time set back: seen", back / (SIZES.rewrites // 4), "≥ 1"),
    ]


_SCAN: Final = """
import asyncio, json, sys
from pathlib import Path
from tests.bench.files_site import Site
from tests.bench.files_watch import measure_scan
print(json.dumps(asyncio.run(measure_scan(Site(Path(sys.argv[1]), Path(sys.argv[2]))))))
"""
_PRINTED: Final = "%s %T@ %D %i %C@ %m %n %U %G %p\\n"
"""What a state holds; and less: the usual."""
_PRINTED_LESS: Final = "%s %T@ %i %p\\n"


def _find(site: Site, format_: str) -> float:
    began = time.perf_counter()
    subprocess.run(["find", str(site.folder), "-type", "f", "-printf", format_], check=True, stdout=subprocess.DEVNULL)  # noqa: S607  whichever find is there
    return time.perf_counter() - began


def _resident() -> float:
    """Megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure_scan(site: Site) -> list[float]:
    """Ratios to `find`, growth of memory in megabytes, the longest time the loop waited in milliseconds."""
    async with watched(site, "polling") as job:
        before = _resident()
        await job.once()
        ratios: list[float] = []
        less: list[float] = []
        for _ in range(5):
            usual, whole = _find(site, _PRINTED_LESS), _find(site, _PRINTED)
            began = time.perf_counter()
            await job.scan()
            took = time.perf_counter() - began
            ratios.append(took / whole)
            less.append(took / usual)
        grown = _resident() - before
        waits: list[float] = []
        waiting = asyncio.ensure_future(_longest_wait(waits))
        for _ in range(3):
            waits.append(0.0)
            await job.scan()
        waiting.cancel()
        longest = statistics.median(waits)
        return [statistics.median(ratios), statistics.median(less), grown, longest * 1000, took]


async def _longest_wait(waits: list[float]) -> None:
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        if waits:
            waits[-1] = max(waits[-1], now - last - 0.001)
        last = now


async def scanned() -> list[Row]:
    """A polling pass over an unchanged tree, beside `find`."""
    with a_site(in_memory=False) as site:
        await asyncio.to_thread(plant, site.folder, SIZES.scanned)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", _SCAN, str(site.folder), str(site.database)),
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        whole, less, growth, wait, seconds = json.loads(output)
    what = f"scan and comparison of {SIZES.scanned} files"
    return [
        (f"{what}, of find -printf of the same columns", whole, "≤ 1.5"),
        (f"{what}, of find -printf '%s %T@ %i %p'", less, "≤ 1.5"),
        (f"{what}: growth of memory, MB", growth, "≤ 150"),
        (f"{what}: the loop waits for it, ms at most", wait, "≤ 10"),
        (f"{what}: seconds", seconds, "shown"),
    ]


async def touched() -> list[Row]:
    """From a file's being made to its row's being read by another connection, at 400 files a second."""
    seen: dict[str, float] = {}
    with a_site(in_memory=False) as site:
        async with watched(site, "watchfiles") as job:
            await job.once()
            async with running(job):
                making = asyncio.ensure_future(make("creations", site, SIZES.paced))
                last = 0
                while not making.done() or len(seen) < SIZES.paced:
                    rows = await asyncio.to_thread(site.rows, f"SELECT id, path FROM file_events WHERE id > {last}")  # noqa: S608  a number
                    now = time.time()
                    for last, path in rows:  # noqa: B007  the last one is where to go on
                        seen.setdefault(path, now)
                    await asyncio.sleep(0.003)
                made = {str(path): path.stat().st_mtime for path in site.folder.iterdir()}
    delays = sorted(at - made[path] for path, at in seen.items())
    return [
        ("touch to committed row at 400/s: 99th percentile, ms", _percentile(delays, 0.99) * 1000, "≤ 200"),
        ("touch to committed row at 400/s: median, ms", _percentile(delays, 0.5) * 1000, "shown"),
    ]


def _percentile(values: Sequence[float], part: float) -> float:
    return values[min(len(values) - 1, int(len(values) * part))]


async def idle() -> list[Row]:
    """What a watch costs while nothing happens."""
    with a_site() as site:
        await asyncio.to_thread(plant, site.folder, SIZES.idle)
        await first_look(site)
        async with a_process(site, "watchfiles") as process:
            await armed(site)
            await asyncio.sleep(2)
            seconds = 10.0
            spent, began = _cpu(process.pid), time.monotonic()
            await asyncio.sleep(seconds)
            part = (_cpu(process.pid) - spent) / (time.monotonic() - began) * 100
    return [(f"idle with {SIZES.idle} files watched: % of a core", part, "≤ 1")]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def run() -> list[Row]:
    """Name, value and goal of each measure."""
    if shutil.which("find") is None or not Path("/proc").is_dir():
        raise RuntimeError("these measures need Linux")
    rows: list[Row] = []
    for measure in (a_storm, a_stall, new_folders, switched_off, killed, rewritten, scanned, touched, idle):
        rows += await measure()
    return rows
