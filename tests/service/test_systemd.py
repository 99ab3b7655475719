"""The unit, read by systemd's own tools: it is well-formed, says what it means for any path, and is tight."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.install.plan import Options, Plan, check_path, plan_of
from bot.install.probe import Need
from bot.install.systemd import HOMES, MARK, options_in, unit_of
from core.errors import ConfigError
from core.settings import make
from tests.conftest import need

EXPOSED = 1.5
"""What `systemd-analyze security` may say at most: network and databases of accounts are needed."""
EXPOSED_WITH_COMMANDS = 1.8
"""With programs of the user's, which may need more memory, more calls and all of /proc."""
MANAGER = Path("/lib/systemd/systemd")
WATCH = {"watch": {"docs": {"path": "/srv/docs"}}}
PROCESS = {"process": {"convert": {"watch": "docs", "command": ["convert", "{path}"]}}}


def plan(values: dict[str, Any] | None = None, account: str = "daemon", **options: Any) -> Plan:
    config = Path("/etc/vakhta/vakhta.toml")
    found = plan_of(make(values or WATCH, config.parent), config, "vakhta", account, Options(**options))
    elsewhere = tuple(each for each in found.needs if each.what != "program")  # where this checkout lies is no matter
    return replace(found, needs=elsewhere)


def analyze(folder: Path, text: str, *words: str) -> str:
    """What systemd-analyze says about a unit; it must be content."""
    program = shutil.which("systemd-analyze")
    if program is None:
        need("systemd-analyze", "there is no such program")
        return ""
    path = folder / "vakhta.service"
    path.write_text(text, "utf-8")
    variables = os.environ | {"XDG_RUNTIME_DIR": str(folder)}
    done = subprocess.run([program, *words, str(path)], capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 0, done.stderr
    assert "vakhta.service" not in done.stderr, done.stderr
    return str(done.stdout)


@pytest.mark.parametrize("user", [False, True])
@pytest.mark.parametrize("values", [WATCH, WATCH | PROCESS])
def test_systemd_finds_no_fault_in_it(values: dict[str, Any], user: bool, tmp_path: Path) -> None:
    made = plan(values, "" if user else "daemon", secrets={"telegram.token": "/etc/vakhta/to ken"})
    analyze(tmp_path, unit_of(made, user=user), "verify", *(["--user"] if user else []))


@pytest.mark.parametrize(("values", "bound"), [(WATCH, EXPOSED), (WATCH | PROCESS, EXPOSED_WITH_COMMANDS)])
def test_it_is_tight(values: dict[str, Any], bound: float, tmp_path: Path) -> None:
    said = analyze(tmp_path, unit_of(plan(values), user=False), "security", "--offline=true")
    found = re.search(r"exposure level for vakhta\.service: ([\d.]+)", said)
    assert found, said
    assert float(found[1]) <= bound


def test_a_wrong_configuration_is_not_restarted_and_a_crash_loop_ends() -> None:
    lines = unit_of(plan(), user=False).splitlines()
    for line in ("Type=notify", "RestartPreventExitStatus=2", "StartLimitBurst=5", "WatchdogSec=60"):
        assert line in lines


def test_only_the_assistants_own_folders_are_written() -> None:
    values = {**WATCH, "database": {"url": "sqlite+aiosqlite:////var/lib/vakhta/v.db"}, "log": {"folder": "/var/log/v"}}
    lines = unit_of(plan(values, writable=("/srv/pdf",)), user=False).splitlines()
    assert [line for line in lines if line.startswith("ReadWritePaths")] == [
        f'ReadWritePaths="{path}"' for path in ("/var/lib/vakhta", "/var/log/v", "/srv/pdf")
    ]
    assert "ProtectSystem=strict" in lines
    assert not any(line.startswith("LogsDirectory") for line in lines)


def test_a_database_elsewhere_needs_no_folder() -> None:
    values = {"database": {"url": "postgresql+asyncpg://me@db/vakhta"}}
    assert "ReadWritePaths" not in unit_of(plan(values), user=False)


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("/srv/docs", {"ProtectHome=yes", "PrivateTmp=yes"}),
        ("/home/ivan/docs", {"ProtectHome=read-only", "PrivateTmp=yes"}),
        ("/tmp/docs", {"ProtectHome=yes", "PrivateTmp=no"}),
    ],
)
def test_what_is_watched_stays_visible(path: str, lines: set[str]) -> None:
    made = plan({"watch": {"docs": {"path": path}}})
    here = tuple(each for each in made.needs if each.what != "program")  # it may lie in somebody's home
    made = Plan("vakhta", "nobody", Path("/usr/bin/python3"), made.config, here, True, False, made.options)
    assert lines <= set(unit_of(made, user=False).splitlines())


def test_what_lies_in_a_home_by_a_link_stays_visible(tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(f"{HOMES[0]}/ivan/docs")
    made = plan({"watch": {"docs": {"path": str(tmp_path / "docs")}}})
    assert "ProtectHome=read-only" in unit_of(made, user=False).splitlines()


def test_what_was_asked_for_is_found_in_the_unit_again() -> None:
    asked = Options("daemon", {"telegram.token": "/а \\ \"'%"}, ("/srv/a", "/srv/б"))
    config = Path("/etc/vakhta/vakhta.toml")
    made = plan_of(make(WATCH, config.parent), config, "vakhta", "daemon", asked)
    assert options_in(unit_of(made, user=False)) == asked


@pytest.mark.parametrize("text", ["", "[Unit]\n", f"{MARK}{{}}\n", f"{MARK}no json\n"])
def test_a_unit_of_somebody_elses_is_not_ours(text: str) -> None:
    assert options_in(text) is None


@pytest.mark.parametrize("path", ["/srv/a\nb", "/srv/a\x00b", "/srv/\udcff", "/srv/a ", "/srv/a\\"])
def test_a_path_that_no_unit_can_hold_is_refused(path: str) -> None:
    with pytest.raises(ConfigError):
        check_path(path)


# --- any path


@pytest.fixture(scope="module")
def units() -> Iterator[Path]:
    """A folder that an account without rights can read: systemd's own test mode does not run as root."""
    if not MANAGER.exists():
        need("systemd", f"there is no {MANAGER}")
    with tempfile.TemporaryDirectory(prefix="vakhta-units-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "run").mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder / "run", "nobody")
        yield folder


def as_systemd_reads_it(units: Path, text: str) -> dict[str, list[str]]:
    """The values of a unit as systemd's own parser has them, by name."""
    (units / "vakhta.service").write_text(text, "utf-8")
    become = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    variables = [f"SYSTEMD_UNIT_PATH={units}:", f"XDG_RUNTIME_DIR={units / 'run'}"]
    command = [*become, "env", *variables, str(MANAGER), "--test", "--user", "--unit=vakhta.service"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout
    _, _, ours = said.partition("-> Unit vakhta.service:\n")
    values: dict[str, list[str]] = {}
    for line in ours.partition("\t-> Unit ")[0].splitlines():
        name, _, value = line.strip().partition(": ")
        values.setdefault(name, []).append(value)
    return values


letters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co"))
names = st.text(letters | st.sampled_from(" '\"\\$%`;#-+!@:{}"), min_size=1, max_size=12)
paths = names.map(lambda name: "/srv/x" + name.replace("/", "-") + "x")


@pytest.mark.timeout(60)
@settings(max_examples=15)
@given(found=st.lists(paths, min_size=10, max_size=10, unique=True))
def test_systemd_reads_every_path_as_it_is(units: Path, found: list[str]) -> None:
    config, secret, *folders = found
    made = Plan(
        "vakhta",
        "",
        Path("/bin/true"),
        Path(config),
        tuple(Need("--writable", path, "write") for path in folders),
        own_logs=True,
        commands=False,
        options=Options(secrets={"telegram.token": secret}),
    )
    text = unit_of(made, user=False).replace("User=nobody", "")
    known = as_systemd_reads_it(units, text)
    assert known["ReadWritePaths"] == [" ".join(folders)]
    assert known["ReadOnlyPaths"] == [config]
    assert (
        known["Environment"][-1] == f"VAKHTA_TELEGRAM__TOKEN_FILE={units}/run/credentials/vakhta.service/telegram.token"
    )
    (command,) = known["Command Line"]
    assert shlex.split(re.sub(r"\\([$`])", r"\1", command))[-1] == config


# --- what a tight unit forbids, we do not need

NATIVE = "aiohttp asyncpg cryptography.x509 greenlet lxml.etree pydantic sqlite3 sqlalchemy.ext.asyncio ssl watchfiles"
"""What has machine code of its own, or may make some."""
FORBID = "import ctypes; assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0"
"""PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN (linux/prctl.h, since 6.3): what MemoryDenyWriteExecute= uses, too."""


@pytest.mark.timeout(60)
def test_we_live_without_memory_that_is_written_and_run() -> None:
    probe = subprocess.run([sys.executable, "-c", FORBID], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this kernel cannot forbid it")
    code = f"{FORBID}\nimport {', '.join(NATIVE.split())}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
