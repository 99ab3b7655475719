"""The service on Windows: a task of Task Scheduler that runs at startup, registered by a PowerShell script of ours.

The task runs `bot.install.keeper`, which tries the account's rights at each start: only the account itself can.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bot.findings import Finding
from bot.install.host import rights
from bot.install.keeper import RIGHTS, Order
from bot.install.plan import Options, Plan, variable_of
from bot.install.probe import Need, Tried
from bot.install.templates import render
from core.errors import ConfigError, Unavailable
from core.settings import Settings
from core.text import Translator

LOCAL_SERVICE: Final = "S-1-5-19"
"""The account with the fewest rights, by its identifier: its name differs with the language of Windows."""
WELL_KNOWN: Final = {
    "system": "S-1-5-18",
    "local service": LOCAL_SERVICE,
    "localservice": LOCAL_SERVICE,
    "network service": "S-1-5-20",
    "networkservice": "S-1-5-20",
}
SCRIPT: Final = "service.ps1"
ORDER: Final = "order.json"
ASKED: Final = "asked.json"
_QUOTES: Final = "'\u2018\u2019\u201a\u201b"
"""What PowerShell takes for a single quote (about_Quoting_Rules, and its tokenizer's typographic ones)."""


def literal(text: object) -> str:
    """A string of PowerShell in which everything means itself."""
    return "'{}'".format("".join(letter * 2 if letter in _QUOTES else letter for letter in str(text)))


def is_remote(path: str) -> bool:
    """Whether a path leads to another machine: `\\\\server\\share`, or a drive letter that stands for one."""
    return path.replace("/", "\\").startswith("\\\\")


class Windows:
    """Task Scheduler of this machine."""

    def __init__(self, name: str, t: Translator, *, config: Path | None) -> None:
        self._name = name
        self._t = t
        self._folder = (config.absolute().parent if config else Path.cwd()) / f"{name}-service"

    def asked(self) -> Options | None:
        """What was asked for when it was installed."""
        try:
            return Options.of(json.loads((self._folder / ASKED).read_text("utf-8")))
        except FileNotFoundError:
            return None

    def account(self, asked: Options, settings: Settings) -> str:
        """The named one, else one that may do next to nothing; a share needs one that it knows."""
        paths = {name: str(watch.path) for name, watch in settings.watch.items()}
        for path in paths.values():
            real = os.path.realpath(path)
            if is_remote(real) and not is_remote(path):
                raise ConfigError("A service does not see the drive of {path}: write {real}.", path=path, real=real)
        if asked.account:
            return WELL_KNOWN.get(asked.account.lower().removeprefix("nt authority\\"), asked.account)
        if any(is_remote(path) for path in paths.values()):
            raise ConfigError("A share must know who reads it: name an account that may, --account DOMAIN\\name.")
        return LOCAL_SERVICE

    # --- what is written

    def order(self, plan: Plan) -> Order:
        """What the keeper is to do."""
        environment = {variable_of(setting): path for setting, path in plan.options.secrets.items()}
        needs = [*plan.needs, *(Need(setting, path, "read") for setting, path in plan.options.secrets.items())]
        folder = self._log(plan)
        if plan.own_logs:
            environment["VAKHTA_LOG__FOLDER"] = folder
            needs.append(Need("log.folder", folder, "write"))
        command = (str(plan.python), "-P", "-m", "bot", "run", "--config", str(plan.config))
        return Order(plan.name, command, environment, folder, tuple(needs))

    def script(self, plan: Plan) -> str:
        """The PowerShell. Raises `ConfigError` for a path in which Task Scheduler would see a variable."""
        order = self.order(plan)
        execute, arguments = str(plan.python), self._arguments()
        if "%" in execute + arguments or "$(" in execute + arguments:
            raise ConfigError("The path {path} cannot be given to a service: rename it.", path=arguments)
        account = plan.account
        return render(
            "windows",
            "service.ps1.j2",
            {"literal": literal},
            name=plan.name,
            script=SCRIPT,
            account=account,
            grantee=f"*{account}" if account.startswith("S-1-") else account,
            logon=self._logon(plan),
            asks_password=self._logon(plan) == "Password" and not account.endswith("$"),
            execute=execute,
            arguments=arguments,
            folder=plan.config.parent,
            readable=[str(plan.config), *plan.options.secrets.values()],
            writable=list(dict.fromkeys(need.path for need in order.needs if need.use == "write")),
        )

    def _arguments(self) -> str:
        return subprocess.list2cmdline(["-P", "-m", "bot.install.keeper", str(self._folder / ORDER)])

    def _log(self, plan: Plan) -> str:
        named = next((need.path for need in plan.needs if need.what == "log.folder"), None)
        return named or str(plan.config.parent / "logs")

    def _logon(self, plan: Plan) -> str:
        """How it logs on: without a password where no share asks who comes (S4U has no network credentials)."""
        if plan.account.startswith("S-1-"):
            return "ServiceAccount"
        remote = any(is_remote(need.path) for need in plan.needs)
        return "Password" if remote or plan.account.endswith("$") else "S4U"

    # --- installing, checking, removing

    def install(self, plan: Plan, *, dry_run: bool) -> Iterator[str]:
        """The script and the order; the script registers the task."""
        t, script = self._t, self.script(plan)
        yield t("writing {path}", path=self._folder)
        if dry_run:
            yield ""
            yield script
            return
        self._folder.mkdir(exist_ok=True)
        Path(self._log(plan)).mkdir(parents=True, exist_ok=True)
        for name, document in ((ORDER, self.order(plan).document()), (ASKED, plan.options.document())):
            (self._folder / name).write_text(json.dumps(document), "utf-8")
        (self._folder / SCRIPT).write_text(script, "utf-8-sig", newline="\r\n")
        Path(self._log(plan), RIGHTS).unlink(missing_ok=True)
        yield t("starting it, now and whenever the machine starts")
        self._call("Install", shown=True)

    def check(self, plan: Plan) -> list[Finding]:
        """The task, its state, and what the account could do when it was last started."""
        t, again = self._t, self._t("Call vakhta service install.")
        known = json.loads(self._call("Check")) if (self._folder / SCRIPT).exists() else {"installed": False}
        if not known["installed"]:
            missing = t("There is no service {name}.", name=self._name)
            return [Finding(t("task"), ok=False, found=missing, remedy=again)]
        return [self._task(plan, known), self._state(known), *self._rights(plan)]

    def _task(self, plan: Plan, known: dict[str, Any]) -> Finding:
        t = self._t
        order = json.loads((self._folder / ORDER).read_text("utf-8"))
        same = (known["execute"], known["arguments"]) == (str(plan.python), self._arguments())
        if same and order == json.loads(json.dumps(self.order(plan).document())):
            return Finding(t("task"), ok=True, found=known["account"])
        found = t("{path} is not what would be written today", path=self._folder)
        return Finding(t("task"), ok=False, found=found, remedy=t("Call vakhta service install."))

    def _state(self, known: dict[str, Any]) -> Finding:
        t, running = self._t, known["state"] == "Running"
        found = known["state"] if running else f"{known['state']} ({known['result']})"
        start = f"Start-ScheduledTask {self._name}"
        remedy = "" if running else t("Read service.log beside the log; start it again: {command}", command=start)
        return Finding(t("state"), ok=running, found=found, remedy=remedy)

    def _rights(self, plan: Plan) -> Iterator[Finding]:
        try:
            document = json.loads(Path(self._log(plan), RIGHTS).read_text("utf-8"))
        except FileNotFoundError:
            t = self._t
            found, command = t("not tried yet"), f"Start-ScheduledTask {self._name}"
            yield Finding(t("account"), ok=False, found=found, remedy=t("Start it: {command}", command=command))
            return
        yield Finding(self._t("account"), ok=True, found=f"{document['account']} ({document['at']})")
        yield from rights(self._t, document["account"], [Tried(**each) for each in document["tried"]])

    def uninstall(self, *, dry_run: bool) -> Iterator[str]:
        """The task and what was written for it go; configuration, data and log stay."""
        if not (self._folder / SCRIPT).exists():
            yield self._t("There is no service {name}.", name=self._name)
            return
        yield self._t("stopping it and removing {path}", path=self._folder)
        if not dry_run:
            self._call("Uninstall")
            order = json.loads((self._folder / ORDER).read_text("utf-8"))
            Path(order["log"], RIGHTS).unlink(missing_ok=True)
            for name in (SCRIPT, ORDER, ASKED):
                (self._folder / name).unlink(missing_ok=True)
            self._folder.rmdir()
        yield self._t("The configuration, the data and the log are kept.")

    def _call(self, action: str, *, shown: bool = False) -> str:
        """Run the script; `shown`: what it says and asks is for the person who called us."""
        program = shutil.which("powershell.exe")
        if program is None:
            raise ConfigError("There is no PowerShell here.")
        script = str(self._folder / SCRIPT)
        command = [program, "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", script, "-Action", action]
        output = None if shown else subprocess.PIPE
        done = subprocess.run(command, stdout=output, stderr=output, encoding="utf-8", errors="replace", check=False)  # noqa: S603  our own script
        if done.returncode != 0:
            raise Unavailable("{command} failed: {reason}", command=script, reason=(done.stderr or "").strip())
        return done.stdout or ""
