"""What keeps the assistant going on Windows, with real processes: it restarts, and knows a crash loop."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.install.keeper import LOG, RIGHTS, Order
from bot.install.probe import Need

COUNT = "from pathlib import Path; p = Path('starts'); p.write_text(p.read_text() + 'x' if p.exists() else 'x'); "


def order(folder: Path, code: str) -> Order:
    return Order(
        "vakhta",
        (sys.executable, "-c", COUNT + code),
        {"TOLD": "yes"},
        str(folder),
        (Need("watch.docs.path", str(folder / "gone"), "list"), Need("log.folder", str(folder), "write")),
        apart=0.01,
    )


def keep(folder: Path, wanted: Order) -> int:
    """The exit status of the keeper that carries the order out, as the task calls it."""
    path = folder / "order.json"
    path.write_text(json.dumps(wanted.document()), "utf-8")
    command = [sys.executable, "-P", "-m", "bot.install.keeper", str(path)]
    return subprocess.run(command, cwd=folder, timeout=50, check=False, stderr=subprocess.PIPE).returncode


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("code", "status", "starts"),
    [
        ("", 0, 1),
        ("import sys; sys.exit(2)", 2, 1),
        ("import sys; sys.exit(1)", 1, 4),
        ("import sys; sys.exit(0 if len(p.read_text()) == 3 else 1)", 0, 3),
        ("import os; assert os.environ['TOLD'] == 'yes'", 0, 1),
    ],
)
def test_a_run_that_fails_is_started_three_times_more_and_a_wrong_configuration_never(
    tmp_path: Path, code: str, status: int, starts: int
) -> None:
    assert keep(tmp_path, order(tmp_path, code)) == status
    assert len((tmp_path / "starts").read_text()) == starts


@pytest.mark.timeout(60)
def test_a_run_that_lasted_counts_anew(tmp_path: Path) -> None:
    wanted = replace(order(tmp_path, "import sys; sys.exit(0 if len(p.read_text()) == 7 else 1)"), lasting=0.0)
    assert keep(tmp_path, wanted) == 0
    assert len((tmp_path / "starts").read_text()) == 7


@pytest.mark.timeout(60)
def test_its_last_words_are_in_the_log_without_secrets(tmp_path: Path) -> None:
    code = "import sys; sys.exit('the token 123456:AAAA-secret-secret-secret-secret is refused')"
    keep(tmp_path, replace(order(tmp_path, code), restarts=0))
    said = (tmp_path / LOG).read_text("utf-8")
    assert "the token 123456:*** is refused" in said
    assert "1 starts failed in a row, it is not started again" in said


@pytest.mark.timeout(60)
def test_what_the_account_may_read_is_tried_at_each_start(tmp_path: Path) -> None:
    keep(tmp_path, order(tmp_path, ""))
    document = json.loads((tmp_path / RIGHTS).read_text("utf-8"))
    assert {each["what"]: each["outcome"] for each in document["tried"]} == {
        "watch.docs.path": "missing",
        "log.folder": "well",
    }


def test_it_costs_next_to_nothing() -> None:
    code = "import bot.install.keeper, sys; print('pydantic' in sys.modules or 'sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_an_order_is_read_as_it_was_written(tmp_path: Path) -> None:
    wanted = order(tmp_path, "")
    assert Order.of(json.loads(json.dumps(wanted.document()))) == wanted
