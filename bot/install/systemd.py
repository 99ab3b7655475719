"""A unit of systemd: its text, and what it takes to install it, to look after it and to remove it.

systemd.unit(5), systemd.exec(5), systemd.service(5); what is written holds from systemd 250 on.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.install.plan import Options, Plan, variable_of
from bot.install.templates import render
from core.errors import ConfigError, Unavailable

MARK: Final = "#: "
"""Begins the line that says what was asked for; a unit without it is not ours."""
SYSTEM: Final = Path("/etc/systemd/system")
HOMES: Final = ("/home", "/root", "/run/user")
"""What `ProtectHome=yes` hides (systemd.exec(5))."""
TEMPORARY: Final = ("/tmp", "/var/tmp")  # noqa: S108  what `PrivateTmp=yes` hides, not a place to write to


def word(text: object) -> str:
    """A word of a unit file: in quotes, so that spaces, quotes, backslashes and specifiers mean themselves."""
    return '"{}"'.format(str(text).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%"))


def rest(text: object) -> str:
    """The rest of a line of a unit file, where quotes mean themselves."""
    return str(text).replace("%", "%%")


def unit_of(plan: Plan, *, user: bool) -> str:
    """The text of the unit; `user`: for somebody's own service manager, which may not do all of it."""
    paths = [need.path for need in plan.needs]
    return render(
        "systemd",
        "vakhta.service.j2",
        {"word": word, "rest": rest},
        name=plan.name,
        user=user,
        account=plan.account,
        mark=MARK,
        options=json.dumps(plan.options.document(), sort_keys=True),
        python=plan.python,
        config=plan.config,
        own_logs=plan.own_logs,
        commands=plan.commands,
        secrets=[
            {"name": setting, "path": path, "variable": variable_of(setting)}
            for setting, path in plan.options.secrets.items()
        ],
        private_tmp=not _any_below(paths, TEMPORARY),
        protect_home="read-only" if _any_below(paths, HOMES) else "yes",
        writable=plan.writable,
    )


def _any_below(paths: Sequence[str], folders: Sequence[str]) -> bool:
    """Also by where links lead."""
    both = [*paths, *(os.path.realpath(path) for path in paths)]
    return any(Path(path).is_relative_to(folder) for path in both for folder in folders)


class Systemd:
    """The units of this machine, or (`user`) of whoever calls."""

    def __init__(self, *, user: bool = False, folder: Path | None = None) -> None:
        self.user = user
        self._folder = folder or (_user_folder() if user else SYSTEM)

    def file(self, name: str) -> Path:
        """Where a unit is written."""
        return self._folder / f"{name}.service"

    def installed(self, name: str) -> str | None:
        """The text of a unit that is there; None when it is not."""
        try:
            return self.file(name).read_text("utf-8")
        except FileNotFoundError:
            return None

    def write(self, name: str, text: str) -> None:
        """Write a unit as a whole, and let it be known."""
        path = self.file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".service.new")
        new.write_text(text, "utf-8")
        new.chmod(0o644)
        new.replace(path)
        self.call("daemon-reload")

    def remove(self, name: str) -> None:
        """Stop it, and remove its file."""
        self.call("disable", "--now", f"{name}.service")
        self.file(name).unlink(missing_ok=True)
        self.call("daemon-reload")

    def start(self, name: str) -> None:
        """Start it now, anew if it runs, and with the machine."""
        self.call("enable", f"{name}.service")
        self.call("restart", f"{name}.service")

    def properties(self, name: str) -> dict[str, str]:
        """What the manager knows of a unit."""
        names = "ActiveState,SubState,Result,UnitFileState,NRestarts,ExecMainStatus,NeedDaemonReload"
        said = self.call("show", "--property", names, f"{name}.service")
        return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)

    def call(self, *words: str) -> str:
        """What `systemctl` says. Raises `ConfigError` where there is none, `Unavailable` when it fails."""
        program = shutil.which("systemctl")
        if program is None:
            raise ConfigError("There is no systemd here.")
        command = [program, *(["--user"] if self.user else []), "--no-pager", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1000, check=False)  # noqa: S603  ours
        if done.returncode != 0:
            raise Unavailable(
                "systemctl {words} failed: {reason}", words=" ".join(words), reason=done.stderr.strip() or done.stdout
            )
        return done.stdout


def options_in(unit: str) -> Options | None:
    """What was asked for when this unit was written; None when it is not ours."""
    line = next((line for line in unit.splitlines() if line.startswith(MARK)), None)
    if line is None:
        return None
    try:
        return Options.of(json.loads(line.removeprefix(MARK)))
    except (ValueError, KeyError, TypeError):
        return None


def _user_folder() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
