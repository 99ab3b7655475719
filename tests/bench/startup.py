"""How soon the command line answers: `vakhta --help` against importing aiogram."""

import statistics
import subprocess
import sys
import time

ROUNDS = 7


def seconds(*arguments: str) -> float:
    """The median wall time of a whole Python process, after one warm-up."""
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


async def run() -> list[tuple[str, float, str]]:
    """The ratio, and both times."""
    help_, aiogram = seconds("-m", "bot", "--help"), seconds("-c", "import aiogram")
    return [
        ("startup: vakhta --help / importing aiogram", help_ / aiogram, "≤ 0.15"),
        ("startup: vakhta --help, seconds", help_, "shown"),
        ("startup: importing aiogram, seconds", aiogram, "shown"),
    ]
