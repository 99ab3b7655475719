"""Only the supervisor creates tasks, and nobody asks the machine for the time but the clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(60)  # reads the whole tree

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bot", "core", "jobs", "locales", "deploy")
CREATORS = {"create_task", "ensure_future", "TaskGroup", "run_coroutine_threadsafe"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


def sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def attributes(path: Path) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr, node.lineno
        elif isinstance(node, ast.Attribute):
            yield "", node.attr, node.lineno


def test_only_the_supervisor_creates_tasks() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for _, attr, line in attributes(path)
        if attr in CREATORS and path != ROOT / "jobs" / "supervisor.py"
    ]
    assert found == []


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for owner, attr, line in attributes(path)
        if (owner, attr) in CLOCKS and path != ROOT / "core" / "clock.py"
    ]
    assert found == []
