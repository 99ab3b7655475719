"""The PowerShell for Windows, read by a parser: it is well-formed, and every value in it means itself."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter_powershell
from hypothesis import example, given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from bot.findings import Finding
from bot.install.keeper import RIGHTS, Order
from bot.install.on_windows import ASKED, LOCAL_SERVICE, ORDER, SCRIPT, Windows, literal
from bot.install.plan import Options, Plan, plan_of
from core.errors import ConfigError, Unavailable
from core.settings import load, make
from core.text import translator

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = translator("en")
PARSER = Parser(Language(tree_sitter_powershell.language()))
SHARE = {"watch": {"docs": {"path": "//server/share/docs"}}}


def tree(text: str) -> Node:
    found = PARSER.parse(text.encode()).root_node
    assert not found.has_error, text
    return found


def nodes(root: Node, kind: str) -> Iterator[Node]:
    if root.type == kind:
        yield root
    for child in root.children:
        yield from nodes(child, kind)


def text_of(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def strings(root: Node) -> list[str]:
    """The values of every string in single quotes."""
    kinds = nodes(root, "verbatim_string_characters")
    return [text_of(node)[1:-1].replace("''", "'") for node in kinds]


def windows(folder: Path) -> Windows:
    return Windows("vakhta", ENGLISH, config=folder / "vakhta.toml")


def plan(folder: Path, values: dict[str, Any] | None = None, account: str = "", **options: Any) -> Plan:
    host, asked = windows(folder), Options(account, **options)
    settings = make(values or {}, folder)
    return plan_of(settings, folder / "vakhta.toml", "vakhta", host.account(asked, settings), asked)


@pytest.mark.parametrize("path", sorted((ROOT / "deploy" / "windows").glob("*.ps1")), ids=lambda path: path.name)
def test_every_script_is_well_formed(path: Path) -> None:
    tree(path.read_text("utf-8"))


def test_the_parser_finds_faults() -> None:
    assert PARSER.parse(b"if ($x { 'a }").root_node.has_error


@pytest.mark.parametrize(
    ("values", "account"),
    [({}, ""), ({}, "CORP\\vakhta"), (SHARE, "CORP\\vakhta"), (SHARE, "CORP\\vakhta$"), (SHARE, "SYSTEM")],
)
def test_what_is_written_is_well_formed(values: dict[str, Any], account: str, tmp_path: Path) -> None:
    found = windows(tmp_path).script(plan(tmp_path, values, account))
    assert str(tmp_path / "vakhta-service" / ORDER) in " ".join(strings(tree(found)))


def test_it_can_be_tried_without_doing_anything(tmp_path: Path) -> None:
    """What changes the machine stands in an `if` on ShouldProcess."""
    root = tree(windows(tmp_path).script(plan(tmp_path)))
    changing = {"Register-ScheduledTask", "Unregister-ScheduledTask", "Start-ScheduledTask", "New-Item"}
    found = [node for node in nodes(root, "command_name") if text_of(node) in changing]
    assert {text_of(node) for node in found} == changing
    assert all("ShouldProcess" in _conditions(node) for node in found)


def _conditions(node: Node) -> str:
    """The texts of the conditions that a node stands under."""
    found, here = "", node.parent
    while here is not None:
        if here.type == "if_statement":
            found += text_of(here).partition("{")[0]
        here = here.parent
    return found


def test_the_task_starts_with_the_machine_has_no_time_limit_and_is_started_again(tmp_path: Path) -> None:
    script = windows(tmp_path).script(plan(tmp_path))
    for option in (
        *("-AtStartup", "-RestartCount 3", "-RestartInterval (New-TimeSpan -Minutes 1)"),
        *("-ExecutionTimeLimit ([TimeSpan]::Zero)", "-MultipleInstances IgnoreNew"),
    ):
        assert option in script


def given_values(folder: Path, values: dict[str, Any], account: str) -> tuple[str, str, bool]:
    script = windows(folder).script(plan(folder, values, account))
    named = dict(line[1:].split(" = ", 1) for line in script.splitlines() if line.startswith("$") and " = " in line)
    return named["account"].strip("'"), named["logon"].strip("'"), named["asksPassword"] == "$true"


@pytest.mark.parametrize(
    ("values", "account", "used", "logon", "asked"),
    [
        ({}, "", LOCAL_SERVICE, "ServiceAccount", False),
        ({}, "NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20", "ServiceAccount", False),
        ({}, "CORP\\vakhta", "CORP\\vakhta", "S4U", False),
        (SHARE, "CORP\\vakhta", "CORP\\vakhta", "Password", True),
        (SHARE, "CORP\\vakhta$", "CORP\\vakhta$", "Password", False),
    ],
)
def test_it_logs_on_with_the_least_that_will_do(
    values: dict[str, Any], account: str, used: str, logon: str, asked: bool, tmp_path: Path
) -> None:
    assert given_values(tmp_path, values, account) == (used, logon, asked)


def test_a_share_needs_an_account_that_it_knows(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--account"):
        plan(tmp_path, SHARE)


letters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co"))
values = st.text(letters | st.sampled_from(" '\"`$(){}@#%&;\u2018\u2019\u201a\u201b"), max_size=30)


@given(found=values)
@example("a'; Remove-Item C:\\ -Recurse; '")
@example("\u2019; whoami; \u2019")
@example("'\u2019\u2019''")
@example("$(whoami) `n ${env:X}")
def test_any_text_is_one_string_that_means_itself(found: str) -> None:
    root = tree(f"$x = {literal(found)}\n$y = 'end'\n")
    assert len(list(nodes(root, "assignment_expression"))) == 2
    quoted = strings(root)
    assert len(quoted) == 2
    for quote in "\u2018\u2019\u201a\u201b":  # PowerShell halves these, too, where this parser does not
        quoted[0] = quoted[0].replace(quote * 2, quote)
    assert quoted == [found, "end"]


@pytest.mark.parametrize("name", ["a%TEMP%b", "a$(Arg0)b"])
def test_what_task_scheduler_would_take_for_a_variable_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(ConfigError, match="rename"):
        windows(tmp_path / name).script(plan(tmp_path / name))


# --- what it does, with a PowerShell that only answers

POWERSHELL = """#!/bin/sh
echo "$@" >> "{calls}"
case "$*" in
  *"-Action Check"*) cat "{answer}";;
  *"-Action Install"*) [ ! -e "{answer}.broken" ] || exit 1;;
esac
"""


class Shell:
    """What was called, and what it answers to Check."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "powershell.exe"
        program.write_text(POWERSHELL.format(calls=folder / "calls", answer=folder / "answer"), "utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    @property
    def calls(self) -> str:
        return (self._folder / "calls").read_text("utf-8")

    def answers(self, **document: object) -> None:
        (self._folder / "answer").write_text(json.dumps(document), "utf-8")

    def fails(self) -> None:
        (self._folder / "answer.broken").touch()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return Shell(tmp_path / "bin")


def here(folder: Path) -> Plan:
    config = folder / "vakhta.toml"
    return plan_of(load(config), config, "vakhta", LOCAL_SERVICE, Options())


def faults(found: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in found if not finding.ok}


@pytest.mark.usefixtures("shell")
def test_it_is_shown_before_anything_is_written(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    shown = list(windows(folder).install(here(folder), dry_run=True))
    assert "Register-ScheduledTask" in shown[-1]
    assert sorted(folder.rglob("*")) == before


def test_installed_checked_and_removed(folder: Path, shell: Shell) -> None:
    before, host = sorted(folder.rglob("*")), windows(folder)
    wanted = here(folder)
    list(host.install(wanted, dry_run=False))
    script = folder / "vakhta-service" / SCRIPT
    assert script.read_bytes().startswith(
        b"\xef\xbb\xbf"
    )  # else Windows PowerShell reads it in the machine's code page
    assert f"-File {script} -Action Install" in shell.calls
    assert host.asked() == Options()
    task = {"execute": str(wanted.python), "arguments": f"-P -m bot.install.keeper {script.parent / ORDER}"}
    shell.answers(installed=True, state="Running", result=0, account="LOCAL SERVICE", **task)
    assert set(faults(host.check(wanted))) == {"account"}  # not started yet
    order = Order.of(json.loads((script.parent / ORDER).read_text("utf-8")))
    assert order.environment == {"VAKHTA_LOG__FOLDER": str(folder / "logs")}
    tried = [{"what": "watch.docs.path", "path": "X:\\docs", "use": "list", "outcome": "missing", "barred": ""}]
    document = {"at": "2026-11-20T12:00:00+00:00", "account": "LOCAL SERVICE", "tried": tried}
    (folder / "logs" / RIGHTS).write_text(json.dumps(document), "utf-8")
    assert set(faults(host.check(wanted))) == {"watch.docs.path"}
    shell.answers(installed=True, state="Ready", result=2, account="LOCAL SERVICE", **task | {"arguments": "other"})
    assert set(faults(host.check(wanted))) == {"task", "state", "watch.docs.path"}
    list(host.uninstall(dry_run=False))
    assert "-Action Uninstall" in shell.calls
    assert sorted(folder.rglob("*")) == sorted([*before, folder / "logs"])


@pytest.mark.usefixtures("shell")
def test_a_task_that_is_not_there_is_told(folder: Path) -> None:
    assert set(faults(windows(folder).check(here(folder)))) == {"task"}
    assert list(windows(folder).uninstall(dry_run=False)) == ["There is no service vakhta."]


def test_a_registration_that_fails_is_told(folder: Path, shell: Shell) -> None:
    shell.fails()
    with pytest.raises(Unavailable):
        list(windows(folder).install(here(folder), dry_run=False))


@pytest.mark.usefixtures("shell")
def test_what_was_asked_for_is_kept(folder: Path) -> None:
    config = folder / "vakhta.toml"
    asked = Options("CORP\\vakhta", {"telegram.token": str(config)}, (str(folder),))
    list(windows(folder).install(plan_of(load(config), config, "vakhta", "CORP\\vakhta", asked), dry_run=False))
    assert (folder / "vakhta-service" / ASKED).exists()
    assert windows(folder).asked() == asked
