"""`vakhta service` on Linux: it shows what it will do, does that, tells what its account may not do, and goes away."""

import json
import os
import pwd
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.install.on_linux import Linux
from bot.install.plan import Options, Plan, plan_of
from bot.install.probe import Need, probe, probe_as
from bot.install.systemd import Systemd
from core.errors import ConfigError
from core.settings import load
from core.text import translator
from tests.service.machine import Manager

ACCOUNT = "daemon"
ENGLISH = translator("en")
pytestmark = pytest.mark.usefixtures("manager")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another account")


@pytest.fixture
def vakhta(
    folder: Path,  # noqa: ARG001  where it is called
    manager: Manager,  # noqa: ARG001  what it calls
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    def call(*words: str, status: int = 0) -> str:
        found = main(["service", *words])
        out, err = capsys.readouterr()
        assert found == status, (out, err)
        return out + err

    return call


def unit_file(tmp_path: Path) -> Path:
    return tmp_path / "xdg" / "systemd" / "user" / "vakhta.service"


# --- a user's own


def test_it_is_shown_before_it_is_written(vakhta: Callable[..., str], tmp_path: Path, manager: Manager) -> None:
    shown = vakhta("install", "--user", "--dry-run")
    assert "Type=notify" in shown
    assert not unit_file(tmp_path).exists()
    vakhta("install", "--user", "--dry-run")
    assert manager.calls == []


def test_what_was_shown_is_written_and_started(vakhta: Callable[..., str], tmp_path: Path, manager: Manager) -> None:
    shown = vakhta("install", "--user", "--dry-run")
    manager.says(ActiveState="active", Result="success", UnitFileState="enabled")
    vakhta("install", "--user")
    assert shown.endswith(unit_file(tmp_path).read_text("utf-8"))
    assert [call for call in manager.calls if "show" not in call] == [
        "--user --no-pager daemon-reload",
        "--user --no-pager enable vakhta.service",
        "--user --no-pager restart vakhta.service",
    ]


def test_check_names_each_fault_with_its_remedy(
    vakhta: Callable[..., str], folder: Path, tmp_path: Path, manager: Manager
) -> None:
    manager.says(ActiveState="active", Result="success", UnitFileState="enabled")
    vakhta("install", "--user")
    assert "✗" not in vakhta("check", "--user")
    (folder / "docs").rmdir()
    unit = unit_file(tmp_path)
    unit.write_text(unit.read_text("utf-8") + "# mine\n", "utf-8")
    manager.says(ActiveState="failed", Result="start-limit-hit", UnitFileState="disabled")
    found = {line["check"]: line for line in json.loads(vakhta("check", "--user", "--json", status=1))}
    assert {check for check, line in found.items() if not line["ok"]} == {
        *("unit", "state", "starts with the machine", "watch.docs.path"),
    }
    assert found["state"]["found"] == "failed (start-limit-hit)"
    assert "journalctl --user -u vakhta" in found["state"]["remedy"]
    assert str(folder / "docs") in found["watch.docs.path"]["found"]


def test_a_start_that_fails_is_told_with_what_is_wrong(vakhta: Callable[..., str], manager: Manager) -> None:
    manager.refuses()
    manager.says(ActiveState="failed", Result="exit-code", ExecMainStatus="2", UnitFileState="enabled")
    said = vakhta("install", "--user", status=1)
    assert "it does not start" in said
    assert "vakhta config check" in said


def test_what_was_asked_for_holds_when_it_is_renewed(vakhta: Callable[..., str], folder: Path, tmp_path: Path) -> None:
    (folder / "token").write_text("123456:secret-secret-secret-secret", "utf-8")
    (folder / "token").chmod(0o600)
    vakhta("install", "--user", "--secret", "telegram.token=token", "--writable", "docs", status=1)
    before = unit_file(tmp_path).read_text("utf-8")
    assert f"LoadCredential=telegram.token:{folder / 'token'}" in before
    vakhta("install", "--user", status=1)
    assert unit_file(tmp_path).read_text("utf-8") == before


def test_a_secret_that_others_can_read_is_told(vakhta: Callable[..., str], folder: Path) -> None:
    (folder / "token").write_text("123456:secret", "utf-8")
    (folder / "token").chmod(0o644)
    assert "can be read by others" in vakhta("install", "--user", "--secret", "telegram.token=token", status=1)


def test_a_secret_of_no_setting_is_a_fault(vakhta: Callable[..., str], folder: Path) -> None:
    (folder / "token").touch()
    assert "did you mean" in vakhta("install", "--user", "--secret", "telegram.tokn=token", status=2).lower()


def test_variables_of_this_shell_are_not_forgotten_silently(
    vakhta: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAKHTA_PAGE__PORT", "1234")
    assert "VAKHTA_PAGE__PORT" in vakhta("install", "--user", "--dry-run", status=2)


def test_uninstall_removes_what_install_wrote_and_nothing_else(
    vakhta: Callable[..., str], tmp_path: Path, manager: Manager
) -> None:
    def there() -> set[Path]:
        return {path for path in tmp_path.rglob("*") if not path.name.startswith("calls")}

    before = there()
    vakhta("install", "--user", status=1)
    vakhta("uninstall", "--user", "--dry-run")
    assert unit_file(tmp_path).exists()
    assert "kept" in vakhta("uninstall", "--user")
    left = there() - before
    assert all(path.is_dir() and path.is_relative_to(tmp_path / "xdg") for path in left)
    assert "--user --no-pager disable --now vakhta.service" in manager.calls
    assert "There is no service vakhta" in vakhta("uninstall", "--user")


@pytest.mark.parametrize("action", ["install", "uninstall", "check"])
def test_a_unit_of_somebody_elses_is_left_alone(vakhta: Callable[..., str], tmp_path: Path, action: str) -> None:
    unit_file(tmp_path).parent.mkdir(parents=True)
    unit_file(tmp_path).write_text("[Service]\nExecStart=/bin/true\n", "utf-8")
    assert "--name" in vakhta(action, "--user", status=2)
    assert "true" in unit_file(tmp_path).read_text("utf-8")


def test_a_service_needs_a_configuration(vakhta: Callable[..., str], folder: Path) -> None:
    (folder / "vakhta.toml").unlink()
    assert "--config PATH" in vakhta("install", "--user", status=2)


@pytest.mark.parametrize("name", ["../x", "Vakhta", "a b", ""])
def test_a_name_that_is_none_is_refused(vakhta: Callable[..., str], name: str) -> None:
    vakhta("install", "--user", "--name", name, status=2)


# --- the machine's


def plan(folder: Path, account: str = ACCOUNT, **options: Any) -> Plan:
    config = folder / "vakhta.toml"
    return plan_of(load(config), config, "vakhta", account, Options(account=account, **options))


@as_root
def test_the_account_is_given_its_own_data_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    for path in (folder / "docs", folder / "vakhta.toml", folder / "vakhta.db"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    host = Linux("vakhta", ENGLISH, systemd=Systemd(folder=tmp_path / "units"))
    said = list(host.install(plan(folder), dry_run=False))
    assert f"letting {ACCOUNT} write {folder}" in said
    account = pwd.getpwnam(ACCOUNT)
    config, data, database, docs = (
        path.stat() for path in (folder / "vakhta.toml", folder, folder / "vakhta.db", folder / "docs")
    )
    assert (config.st_uid, config.st_gid, stat.S_IMODE(config.st_mode)) == (0, account.pw_gid, 0o640)
    assert (data.st_gid, stat.S_IMODE(data.st_mode) & 0o070) == (account.pw_gid, 0o070)
    assert database.st_uid == account.pw_uid
    assert (docs.st_uid, docs.st_gid, stat.S_IMODE(docs.st_mode)) == (0, 0, 0o700)
    assert f"User={ACCOUNT}" in (tmp_path / "units" / "vakhta.service").read_text("utf-8")


@as_root
def test_check_tries_what_the_account_may_do_and_not_the_caller(folder: Path, tmp_path: Path) -> None:
    for above in [folder, *folder.parents][:-2]:
        above.chmod(0o711)
    (folder / "docs").chmod(0o700)
    host = Linux("vakhta", ENGLISH, systemd=Systemd(folder=tmp_path / "units"))
    found = {finding.check: finding for finding in host.check(plan(folder)) if finding.check != "program"}
    assert not found["watch.docs.path"].ok
    assert found["watch.docs.path"].found == f"{ACCOUNT} may not read {folder / 'docs'}"
    assert not found["database.url"].ok
    assert found["mailbox.contractor.path"].ok
    assert found["configuration"].ok


@as_root
def test_the_folder_that_bars_the_way_is_named(tmp_path: Path) -> None:
    barred = tmp_path / "barred"
    (barred / "in" / "docs").mkdir(parents=True)
    for above in [tmp_path, *tmp_path.parents][:-2]:
        above.chmod(0o711)
    barred.chmod(0o700)
    (tried,) = probe_as(ACCOUNT, [Need("watch.docs.path", str(barred / "in" / "docs"), "list")])
    assert (tried.outcome, tried.barred) == ("denied", str(barred))


def test_trying_leaves_nothing_behind(folder: Path) -> None:
    before = sorted(folder.iterdir())
    tried = probe([Need("database.url", str(folder), "write"), Need("config", str(folder / "gone"), "read")])
    assert [each.outcome for each in tried] == ["well", "missing"]
    assert sorted(folder.iterdir()) == before


def test_an_account_is_made_unless_one_is_named(folder: Path, tmp_path: Path) -> None:
    host = Linux("vakhta", ENGLISH, systemd=Systemd(folder=tmp_path / "units"))
    config = folder / "vakhta.toml"
    made = plan_of(load(config), config, "vakhta", "no-such-account", Options())
    assert "making the system account no-such-account" in list(host.install(made, dry_run=True))
    with pytest.raises(ConfigError, match="no account no-such-account"):
        list(host.install(plan(folder, "no-such-account"), dry_run=True))


def test_folders_of_many_are_left_as_they_are(folder: Path, tmp_path: Path) -> None:
    needs = (Need("database.url", "/etc", "write"),)
    shared = replace(plan(folder), config=Path("/etc/vakhta.toml"), needs=needs)
    host = Linux("vakhta", ENGLISH, systemd=Systemd(folder=tmp_path / "units"))
    assert not [line for line in host.install(shared, dry_run=True) if line.startswith("letting")]
