"""`make bench`: every timed claim, as a ratio against a named thing measured in the same run."""

import argparse
import asyncio
import importlib
import sys

SUITES = ("startup", "chat", "courier", "page", "letters", "files_search", "files_watch", "files_told")


def main() -> int:
    """Run the suites named, or all; print a row for each figure. Exit status 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("suites", nargs="*", default=list(SUITES), metavar="SUITE")
    missed = 0
    for name in parser.parse_args().suites:
        print(f"— {name}")
        for what, value, goal in asyncio.run(importlib.import_module(f"tests.bench.{name}").run()):
            verdict = judge(value, goal)
            missed += verdict == "MISSED"
            print(f"  {what:<86} {value:>10.3f}   {goal:<12} {verdict}")
    return 1 if missed else 0


def judge(value: float, goal: str) -> str:
    """Whether a value reaches a goal like `≤ 3` or `≥ 0.95`; a goal without a sign is only shown."""
    sign, _, limit = goal.partition(" ")
    if sign not in ("≤", "≥"):
        return ""
    reached = value <= float(limit) if sign == "≤" else value >= float(limit)
    return "ok" if reached else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
