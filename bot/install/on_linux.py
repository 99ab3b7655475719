"""The service on a machine with systemd: an account of its own, a hardened unit, the rights to its own data."""

import errno
import grp
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from bot.findings import Finding
from bot.install.host import rights
from bot.install.plan import Options, Plan
from bot.install.probe import probe, probe_as
from bot.install.systemd import Systemd, options_in, unit_of
from core.errors import ConfigError, Unavailable, VakhtaError
from core.settings import Settings
from core.text import Translator

Step = tuple[str, Callable[[], object]]
"""What will be done, in words, and the doing."""

SHARED: Final = frozenset(
    {"/", "/etc", "/home", "/mnt", "/media", "/opt", "/root", "/srv", "/tmp", "/usr", "/var", "/var/lib", "/var/tmp"}  # noqa: S108  named to be left alone
)
"""Folders that are not the assistant's alone: their rights are left as they are."""


class Linux:
    """systemd of this machine, or (`user`) of whoever calls."""

    def __init__(self, name: str, t: Translator, *, user: bool = False, systemd: Systemd | None = None) -> None:
        self._name = name
        self._t = t
        self._systemd = systemd or Systemd(user=user)

    def asked(self) -> Options | None:
        """What was asked for when it was installed. Raises `ConfigError` for a unit that somebody else wrote."""
        unit = self._systemd.installed(self._name)
        if unit is None:
            return None
        found = options_in(unit)
        if found is None:
            raise ConfigError(
                "{path} was not written by vakhta. Choose another name: --name", path=self._systemd.file(self._name)
            )
        return found

    def account(self, asked: Options, settings: Settings) -> str:
        """The named one, else one of the service's own name; '' for a user's own service."""
        return "" if self._systemd.user else asked.account or self._name

    # --- installing

    def install(self, plan: Plan, *, dry_run: bool) -> Iterator[str]:
        """The account, its rights, the unit, the start."""
        if not dry_run and not self._systemd.user and os.geteuid() != 0:
            raise ConfigError("Only root may install a service of the machine: call it with sudo, or --user.")
        for text, do in self._steps(plan):
            yield text
            if not dry_run:
                do()
        if dry_run:
            yield ""
            yield unit_of(plan, user=self._systemd.user).rstrip()
            return
        yield self._t("starting it, now and whenever the machine starts")
        try:
            self._systemd.start(self._name)
        except Unavailable as error:  # what is wrong stands among the findings
            yield self._t(error.message, **error.values)

    def _steps(self, plan: Plan) -> Iterator[Step]:
        t = self._t
        if plan.account and not _exists(plan.account):
            if plan.options.account:
                raise ConfigError("There is no account {account} on this machine.", account=plan.account)
            yield t("making the system account {account}", account=plan.account), partial(_make_account, plan.account)
        for folder in plan.writable:
            if not Path(folder).exists():
                yield t("making the folder {path}", path=folder), partial(_make_folder, Path(folder))
        if plan.account:
            yield from self._grants(plan)
        elif not _lingers():
            yield t("letting it run while you are not logged in"), _linger
        text = unit_of(plan, user=self._systemd.user)
        yield (
            t("writing {path}", path=self._systemd.file(self._name)),
            partial(self._systemd.write, self._name, text),
        )

    def _grants(self, plan: Plan) -> Iterator[Step]:
        """The configuration and the data are the assistant's own; watched folders are not, and are left alone."""
        t, account = self._t, plan.account
        if not _is_shared(plan.config):
            said = t("letting {account} read {path}", account=account, path=plan.config)
            yield said, partial(_give, plan.config, account, stat.S_IRGRP)
        for path in map(Path, plan.writable):
            if not _is_shared(path):
                yield t("letting {account} write {path}", account=account, path=path), partial(_own, path, account)

    # --- checking

    def check(self, plan: Plan) -> list[Finding]:
        """The unit, its state, the account's rights, the secrets."""
        unit = self._systemd.installed(self._name)
        findings = [self._unit(plan, unit)]
        if unit is not None:
            findings += self._state()
        if self._systemd.user:
            findings.append(self._linger())
        return [*findings, *self._rights(plan), *self._secrets(plan)]

    def _unit(self, plan: Plan, unit: str | None) -> Finding:
        t, path = self._t, str(self._systemd.file(self._name))
        again = t("Call vakhta service install.")
        if unit is None:
            return Finding(t("unit"), ok=False, found=t("{path} is not there", path=path), remedy=again)
        if unit != unit_of(plan, user=self._systemd.user):
            found = t("{path} is not what would be written today", path=path)
            return Finding(t("unit"), ok=False, found=found, remedy=again)
        return Finding(t("unit"), ok=True, found=path)

    def _state(self) -> Iterator[Finding]:
        t = self._t
        try:
            known = self._systemd.properties(self._name)
        except VakhtaError as error:
            yield Finding(t("state"), ok=False, found=t(error.message, **error.values))
            return
        state, result = known.get("ActiveState", ""), known.get("Result", "")
        found = state if result in ("", "success") else f"{state} ({result})"
        if state == "active":
            yield Finding(t("state"), ok=True, found=found)
        elif known.get("ExecMainStatus") == "2":
            yield Finding(
                t("state"), ok=False, found=found, remedy=t("The configuration is wrong: vakhta config check")
            )
        else:
            journal = f"journalctl {'--user ' if self._systemd.user else ''}-u {self._name} -n 50"
            remedy = t("Read why: {command}", command=journal)
            yield Finding(t("state"), ok=False, found=found, remedy=remedy)
        enabled = known.get("UnitFileState", "")
        again = "" if enabled == "enabled" else t("Call vakhta service install.")
        yield Finding(t("starts with the machine"), ok=enabled == "enabled", found=enabled, remedy=again)

    def _linger(self) -> Finding:
        t, check = self._t, self._t("runs without a login")
        if _lingers():
            return Finding(check, ok=True, found="linger")
        remedy = t("Call loginctl enable-linger.")
        return Finding(check, ok=False, found=t("it ends when you log out"), remedy=remedy)

    def _rights(self, plan: Plan) -> Iterator[Finding]:
        t, account = self._t, plan.account or _me()
        if account == _me():
            yield from rights(t, account, probe(plan.needs))
        elif not _exists(account):
            found = t("there is no account {account}", account=account)
            yield Finding(t("account"), ok=False, found=found, remedy=t("Call vakhta service install."))
        elif os.geteuid() != 0:
            found = t("only root can try what {account} may do", account=account)
            yield Finding(t("account"), ok=False, found=found, remedy=t("Call it with sudo."))
        else:
            yield from rights(t, account, probe_as(account, plan.needs))

    def _secrets(self, plan: Plan) -> Iterator[Finding]:
        """They are read by the service manager, so nobody else need be able to."""
        t = self._t
        for setting, path in plan.options.secrets.items():
            try:
                mode = Path(path).stat().st_mode
            except OSError:
                found = t("{path} is not there", path=path)
                yield Finding(
                    setting, ok=False, found=found, remedy=t("Put the secret there, or name another file: --secret")
                )
                continue
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                found = t("{path} can be read by others", path=path)
                yield Finding(setting, ok=False, found=found, remedy=f"chmod 600 {path}")
            else:
                yield Finding(setting, ok=True, found=path)

    # --- removing

    def uninstall(self, *, dry_run: bool) -> Iterator[str]:
        """The unit goes; configuration, data, log and account stay."""
        if self.asked() is None:
            yield self._t("There is no service {name}.", name=self._name)
            return
        unit = self._systemd.installed(self._name) or ""
        if not dry_run and not self._systemd.user and os.geteuid() != 0:
            raise ConfigError("Only root may remove a service of the machine: call it with sudo.")
        yield self._t("stopping it and removing {path}", path=self._systemd.file(self._name))
        if not dry_run:
            self._systemd.remove(self._name)
        account = re.search(r"^User=(.*)$", unit, re.MULTILINE)
        yield self._t("The configuration, the data and the log are kept.")
        if account and account[1] == self._name:
            yield self._t("So is the account {account}, whose data they are; userdel removes it.", account=account[1])


def _me() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def _make_account(account: str) -> None:
    _command(
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
        account,
    )


def _lingers() -> bool:
    """Whether what is the caller's own runs on after the caller has logged out."""
    try:
        return _command("loginctl", "show-user", _me(), "--property=Linger", "--value").strip() == "yes"
    except Unavailable:  # nobody of that name has ever lingered or logged in
        return False


def _linger() -> None:
    with suppress(Unavailable):  # then it stands among the findings
        _command("loginctl", "enable-linger")


def _command(name: str, *words: str) -> str:
    """What a tool of the system says. Raises `Unavailable` when it fails or is not there."""
    program = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if program is None:
        raise Unavailable("{command} failed: {reason}", command=name, reason=os.strerror(errno.ENOENT))
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)  # noqa: S603  no shell
    if done.returncode != 0:
        raise Unavailable("{command} failed: {reason}", command=name, reason=done.stderr.strip())
    return done.stdout


def _make_folder(path: Path) -> None:
    path.mkdir(parents=True, mode=0o750)


def _is_shared(path: Path) -> bool:
    """Whether a folder (or a file in it) belongs to more than the assistant: system folders and people's homes."""
    folder = str(path if path.is_dir() else path.parent)
    return folder in SHARED or folder in {entry.pw_dir for entry in pwd.getpwall()}


def _give(path: Path, account: str, bits: int) -> None:
    """The account's group may do that, too."""
    group = grp.getgrgid(pwd.getpwnam(account).pw_gid).gr_name
    shutil.chown(path, group=group)
    path.chmod(stat.S_IMODE(path.stat().st_mode) | bits)


def _own(folder: Path, account: str) -> None:
    """The account may write in the folder, and its databases are its own."""
    _give(folder, account, stat.S_IRWXG)
    for path in folder.glob("*.db*"):
        if path.is_file() and not path.is_symlink():
            shutil.chown(path, user=account)
