"""What a service is to be, and what its account must be able to read and write. Pure but for looking at paths."""

import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import bot
from bot.install.probe import Need
from core.errors import ConfigError
from core.settings import Settings
from core.settings_faults import known_keys
from core.settings_sources import OURS, PREFIX


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for: kept with the service, so that it is known later.

    `account` '' is the default; `secrets` files by setting; `writable` folders, beside the assistant's own.
    """

    account: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    writable: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """From plain data."""
        return cls(document["account"], dict(document["secrets"]), tuple(document["writable"]))


@dataclass(frozen=True, slots=True)
class Plan:
    """A service: `account` runs `python -m bot run --config CONFIG`.

    `own_logs`: the configuration names no folder for the log, so the service brings one. `commands`: it runs programs
    of the user's, which may need more than it does itself.
    """

    name: str
    account: str
    python: Path
    config: Path
    needs: tuple[Need, ...]
    own_logs: bool
    commands: bool
    options: Options

    @property
    def writable(self) -> list[str]:
        """The folders it writes."""
        return list(dict.fromkeys(need.path for need in self.needs if need.use == "write"))


def plan_of(settings: Settings, config: Path, name: str, account: str, options: Options) -> Plan:
    """The service for a configuration. Raises `ConfigError` for a path that no service can be given."""
    python = Path(sys.executable)
    needs = (
        Need("program", str(python), "run"),
        Need("program", str(Path(os.__file__).absolute()), "read"),
        Need("program", str(Path(bot.__file__).absolute()), "read"),
        Need("configuration", str(config), "read"),
        *_needs(settings),
        *(Need("--writable", path, "write") for path in options.writable),
    )
    for path in (*(need.path for need in needs), *options.secrets.values()):
        check_path(path)
    commands = any(process.command or process.entry for process in settings.process.values())
    return Plan(name, account, python, config, needs, settings.log.folder is None, commands, options)


def _needs(settings: Settings) -> Iterator[Need]:
    for name, watch in settings.watch.items():
        yield Need(f"watch.{name}.path", str(watch.path), "list")
        if watch.audit is not None and watch.audit.log is not None:
            yield Need(f"watch.{name}.audit.log", str(watch.audit.log), "read")
    for name, mailbox in settings.mailbox.items():
        if mailbox.kind == "maildir" and mailbox.path is not None:
            yield Need(f"mailbox.{name}.path", str(mailbox.path), "list")
        if mailbox.ca_file is not None:
            yield Need(f"mailbox.{name}.ca_file", str(mailbox.ca_file), "read")
    for name, process in settings.process.items():
        if process.working_directory is not None:
            yield Need(f"process.{name}.working_directory", str(process.working_directory), "list")
    database = database_file(settings)
    if database is not None:
        yield Need("database.url", str(database.parent), "write")
    if settings.log.folder is not None:
        yield Need("log.folder", str(settings.log.folder), "write")


def database_file(settings: Settings) -> Path | None:
    """The file of an SQLite database; None for another one."""
    scheme, _, name = settings.database.url.partition(":///")
    return Path(name) if scheme.startswith("sqlite") and name not in ("", ":memory:") else None


def variable_of(setting: str) -> str:
    """`telegram.token` → `VAKHTA_TELEGRAM__TOKEN_FILE`."""
    return f"{PREFIX}{setting.upper().replace('.', '__')}_FILE"


def taken_along(variables: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The files of secrets that these variables name, by setting; and the settings that would be left behind."""
    name_a_file = {key.rpartition(".")[2] for key in known_keys(Settings) if key.endswith("_file")}
    secrets: dict[str, str] = {}
    others: list[str] = []
    for name, value in sorted(variables.items()):
        if not name.upper().startswith(PREFIX) or name.upper() in OURS:
            continue
        setting = name[len(PREFIX) :].lower().replace("__", ".")
        if setting.endswith("_file") and setting.rpartition(".")[2] not in name_a_file:
            secrets[setting.removesuffix("_file")] = os.path.abspath(value)  # noqa: PTH100  links are left as they are
        else:
            others.append(name)
    return secrets, others


_UNFIT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's control characters and line ends, and bytes that are no text."""


def check_path(path: str) -> None:
    """Raises `ConfigError` for a path that cannot be written into a service's files."""
    if any(unicodedata.category(letter) in _UNFIT for letter in path) or path != path.strip() or path.endswith("\\"):
        raise ConfigError("The path {path} cannot be given to a service: rename it.", path=repr(path))
