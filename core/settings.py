"""The configuration: `vakhta.toml`, then the environment (`VAKHTA_`, `__` between levels, `…_FILE` for secrets).

Read in `bot.app` and `bot.cli` only; everybody else is handed what they need. Every wrong value is reported at
once, each with its key; an unknown key with the nearest known one.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from core.errors import ConfigError
from core.files.timing import parse_crontab, parse_every
from core.text import N_

DEFAULT_FILE: Final = "vakhta.toml"
PREFIX: Final = "VAKHTA_"
OURS: Final = frozenset(
    {
        *("VAKHTA_CONFIG", "VAKHTA_TEST_SERVICES"),
        *("VAKHTA_PROCESS", "VAKHTA_RUN", "VAKHTA_TRIGGER", "VAKHTA_EVENT", "VAKHTA_WATCH"),
        *("VAKHTA_PATH", "VAKHTA_OLD_PATH"),
    }
)
"""Variables with our prefix that are no settings; all but the first two are told to the commands of processes."""


def _listed(value: Any) -> Any:
    """A list given in the environment: JSON, or words between commas."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.startswith("[") else [part.strip() for part in value.split(",") if part.strip()]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (LookupError, OSError, ValueError) as error:
        raise ValueError(f"there is no time zone {value}") from error
    return value


def _zone_or_none(value: str) -> str:
    return _zone(value) if value else value


def _prefix(value: str) -> str:
    if "%u" not in value:
        raise ValueError("the prefix must hold %u, the user")
    return value


def _machine_zone() -> str:
    from tzlocal import get_localzone_name  # asks the registry on Windows: only when nobody chose a zone

    try:
        return _zone(get_localzone_name())
    except (ValueError, LookupError, OSError):
        return "UTC"


def _hours(value: str) -> str:
    working_hours(value)
    return value


def _every(value: str) -> str:
    if value:
        parse_every(value)
    return value


def _arguments(value: Any) -> Any:
    """A command given in the environment is JSON: words between commas would be a guess."""
    return json.loads(value) if isinstance(value, str) and value.startswith("[") else value


def _entry(value: str) -> str:
    module, _, name = value.partition(":")
    if value and not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise ValueError(f"{value!r} is no entry point; write it like package.module:function")
    return value


def _cron(value: str) -> str:
    if value:
        parse_crontab(value)
    return value


def working_hours(value: str) -> tuple[time, time]:
    """`09:00-18:00` → the two times; `00:00-24:00` is every hour. Raises `ValueError`."""
    found = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", value)
    if not found:
        raise ValueError("working hours look like 09:00-18:00")
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    return time(start_hour, start_minute), time(end_hour % 24, end_minute)


List = BeforeValidator(_listed)
Zone = Annotated[str, AfterValidator(_zone)]
Language = Literal["uk", "ru", "en"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Section(BaseModel):
    """A table of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSection(Section):
    """Where rows are kept and for how long. Intervals and timeouts in seconds."""

    url: str = "sqlite+aiosqlite:///vakhta.db"
    retention_days: int | None = Field(None, ge=1)
    maintenance_interval: float = Field(3600, gt=0)
    maintenance_batch_size: int = Field(500, ge=0, le=1000)
    maintenance_on_start: bool = False
    vacuum_on_start: bool = False
    vacuum_on_maintenance: bool = False
    busy_timeout: float = Field(5.0, ge=0)
    journal_mode: Literal["WAL", "DELETE", "TRUNCATE", "PERSIST"] = "WAL"
    synchronous: Literal["OFF", "NORMAL", "FULL", "EXTRA"] = "NORMAL"
    pragmas: dict[str, str | int] = Field(default_factory=dict)


class ChatSection(Section):
    """A chat where pushes go: its id, the topic in it (0: none), and what it receives."""

    id: int
    topic: int = Field(0, ge=0)
    receives: Annotated[tuple[Literal["requests", "files", "sync"], ...], List] = ("requests", "files", "sync")


class TelegramSection(Section):
    """The bot. An empty token is a dry run: messages go to the log."""

    token: SecretStr = SecretStr("")
    api_base: str = Field("https://api.telegram.org", pattern=r"^https?://[^/\s]+")
    proxy: str = Field("", pattern=r"^$|^(http|https|socks4|socks5)://[^/\s]+")
    admins: Annotated[tuple[int, ...], List] = ()
    mode: Literal["polling"] = "polling"
    chats: dict[str, ChatSection] = Field(default_factory=dict)


class PageSection(Section):
    """The read-only page. A token is required to listen beyond loopback."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    token: SecretStr = SecretStr("")


class AuditSection(Section):
    """Which log says who changes a watch's files. `window` in seconds; the rest in `core.files.model.AuditSettings`."""

    kind: Literal["samba", "windows"]
    log: Path | None = None
    root: str = ""
    share: str = ""
    form: Literal["file", "syslog"] = "file"
    prefix: Annotated[str, AfterValidator(_prefix)] = "%u|%I|%m|%S"
    timezone: Annotated[str, AfterValidator(_zone_or_none)] = ""
    window: float = Field(30.0, gt=0)
    keep_days: float = Field(7.0, gt=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.kind == "samba" and self.log is None:
            raise PydanticCustomError("audit_log", "needs log", {})
        return self


class WatchSection(Section):
    """A watched folder. Sizes in bytes, `poll_interval` in seconds."""

    path: Path
    project: str = ""
    username: str = ""
    include: Annotated[tuple[str, ...], List] = ()
    exclude: Annotated[tuple[str, ...], List] = ()
    backend: Literal["auto", "watchfiles", "polling"] = "auto"
    poll_interval: float = Field(5.0, gt=0)
    recursive: bool = True
    follow_symlinks: bool = False
    ignore_hidden: bool = False
    compute_checksum: bool = False
    checksum_algorithm: str = "sha256"
    min_file_size: int | None = Field(None, ge=0)
    max_file_size: int | None = Field(None, ge=0)
    emit_on_start: bool = False
    metadata: dict[str, str] = Field(default_factory=dict)
    recognise_saves: bool = True
    notify: Literal["burst", "each", "none"] = "burst"
    audit: AuditSection | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        import hashlib

        if self.checksum_algorithm not in hashlib.algorithms_guaranteed or self.checksum_algorithm.startswith("shake"):
            raise ValueError(f"checksum_algorithm {self.checksum_algorithm} is not one this machine has")
        if None not in (self.min_file_size, self.max_file_size) and self.min_file_size > self.max_file_size:  # type: ignore[operator]  # both were just compared with None
            raise ValueError("min_file_size is larger than max_file_size")
        return self


class ProcessSection(Section):
    """What to do with a changed file, or on a schedule. `settle_seconds`, `timeout` in seconds; `every` is `2h`."""

    watch: Annotated[tuple[str, ...], List] = ()
    patterns: Annotated[tuple[str, ...], List] = ()
    on: Annotated[tuple[Literal["created", "modified", "deleted", "moved"], ...], List] = (
        "created",
        "modified",
        "moved",
    )
    settle_seconds: float = Field(2.0, ge=0)
    every: Annotated[str, AfterValidator(_every)] = ""
    cron: Annotated[str, AfterValidator(_cron)] = ""
    command: Annotated[tuple[str, ...], BeforeValidator(_arguments)] = ()
    entry: Annotated[str, AfterValidator(_entry)] = ""
    timeout: float = Field(300.0, gt=0)
    working_directory: Path | None = None
    env: dict[str, SecretStr] = Field(default_factory=dict)
    retries: int = Field(3, ge=0)
    retry_on: Annotated[tuple[int, ...], List] = (75,)

    @model_validator(mode="after")
    def _check(self) -> Self:
        faults = [*self._faulty_trigger(), *self._faulty_action()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faulty_trigger(self) -> Iterator[str]:
        if self.every and self.cron:
            yield "has both every and cron; one of them is enough"
        if not (self.watch or self.every or self.cron):
            yield "never runs; it needs watch, every or cron"
        if self.watch and not self.on:
            yield "watches folders, but on is empty"

    def _faulty_action(self) -> Iterator[str]:
        if self.command and self.entry:
            yield "has both command and entry; choose one"
        if not (self.command or self.entry):
            yield "does nothing; it needs command or entry"
        if self.command and not self.command[0].strip():
            yield "has an empty command"
        if any("\0" in part for part in self.command):
            yield "has a command with a null character"
        named = [part for part in self.command if "{path}" in part or "{old_path}" in part]
        if self.command and self.command[0].lower().endswith((".bat", ".cmd")) and named:
            yield "gives a file's name to a batch file, which would read it as commands; let it read VAKHTA_PATH"
        if (self.every or self.cron) and any(part not in ("{path}", "{old_path}") for part in named):
            yield "runs on a schedule, without a file: {path} can then only be an argument of its own"


class SmtpSection(Section):
    """Where letters are sent through when the mailbox itself cannot send, or shall not."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")


_NEEDED: Final = {
    "maildir": ("path",),
    "imap": ("host", "username"),
    "ews": ("address",),
    "graph": ("address", "tenant_id", "client_id", "client_secret"),
}
"""What each kind of mailbox cannot do without."""


class MailboxSection(Section):
    """A mailbox whose letters are read. `check_every` in seconds; `senders` are patterns of addresses.

    `lookback_minutes` and `max_messages` bound the first look of a mailbox on a server. `apply = "confirm"`: each
    reading waits for a person's yes.
    """

    kind: Literal["maildir", "imap", "ews", "graph"] = "maildir"
    path: Path | None = None
    senders: Annotated[tuple[str, ...], List] = ()
    check_every: float = Field(60.0, gt=0)
    apply: Literal["auto", "confirm"] = "auto"
    lookback_minutes: float = Field(1440, gt=0)
    max_messages: int = Field(1000, ge=1)
    folder: str = "Inbox"
    address: str = Field("", pattern=r"^$|^[^@\s]+@[^@\s]+$")
    host: str = ""
    port: int = Field(0, ge=0, le=65535)
    tls: Literal["tls", "starttls", "none"] = "tls"
    url: str = Field("", pattern=r"^$|^https?://[^/\s]+")
    auth: Literal["password", "basic", "ntlm", "oauth"] = "password"
    username: str = ""
    password: SecretStr = SecretStr("")
    tenant_id: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    client_secret_expires: date | None = None
    authority: str = Field("https://login.microsoftonline.com", pattern=r"^https?://[^/\s]+")
    ca_file: Path | None = None
    smtp: SmtpSection | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        needed = (*_NEEDED[self.kind], *(("tenant_id", "client_id", "client_secret") if self.auth == "oauth" else ()))
        missing = [name for name in dict.fromkeys(needed) if not _filled(getattr(self, name))]
        if missing:
            raise PydanticCustomError("needs", "needs {names}", {"kind": self.kind, "names": ", ".join(missing)})
        if self.smtp and not self.sender:
            raise PydanticCustomError("needs", "needs {names}", {"kind": self.kind, "names": "address"})
        return self

    @property
    def sender(self) -> str:
        """The address its letters are sent from; '' when it has none."""
        known = (self.address, self.username, self.smtp.username if self.smtp else "")
        return next((each for each in known if re.fullmatch(r"[^@\s]+@[^@\s]+", each)), "")

    @property
    def sends(self) -> bool:
        """Whether letters can be sent from it."""
        return bool(self.sender) and (self.smtp is not None or self.kind in ("ews", "graph"))


def _not_reserved(boxes: dict[str, MailboxSection]) -> dict[str, MailboxSection]:
    """`chat` is where words come from that people write to the assistant itself."""
    if "chat" in boxes:
        raise PydanticCustomError("reserved", "the name chat is taken", {"name": "chat"})
    return boxes


def _filled(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


class LettersSection(Section):
    """How letters are read, beside what the reader knows by itself, and what is kept of them.

    `number_pattern`: a regular expression of request numbers. `words`: by status and language, further phrases.
    """

    number_pattern: str = ""
    words: dict[str, dict[Language, Annotated[tuple[str, ...], List]]] = Field(default_factory=dict)
    remind_after_minutes: float = Field(60, gt=0)
    attachment_types: Annotated[tuple[str, ...], List] = (
        "image/*",
        "application/pdf",
        "text/plain",
        "text/csv",
        "*.docx",
        "*.xlsx",
        "*.doc",
        "*.xls",
        "*.odt",
        "*.ods",
    )
    attachment_max_mb: float = Field(10, gt=0, le=50)


class RequestsSection(Section):
    """When a request without news is reminded of, and when people may be disturbed."""

    remind_after_minutes: float = Field(60, gt=0)
    working_hours: Annotated[str, AfterValidator(_hours)] = "00:00-24:00"
    working_days: Annotated[tuple[Day, ...], List] = DAYS


class Environment(PydanticBaseSettingsSource):
    """`VAKHTA_A__B=value` → `{"a": {"b": "value"}}`; `…_FILE` reads the value from a file (secrets)."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Not used: the whole tree is made at once."""
        raise NotImplementedError  # the base class demands it; `__call__` replaces it

    def __call__(self) -> dict[str, Any]:
        """The settings that the environment holds."""
        return environment(os.environ)


def environment(variables: Mapping[str, str]) -> dict[str, Any]:
    """The settings that these variables hold. Raises `ConfigError` for a secret file that cannot be read."""
    tree: dict[str, Any] = {}
    for name, value in sorted(variables.items()):
        if not name.upper().startswith(PREFIX) or name.upper() in OURS:
            continue
        path = name[len(PREFIX) :].lower().split("__")
        if path[-1].endswith("_file") and path[-1] not in MailboxSection.model_fields:  # `ca_file` names a file itself
            path[-1], value = path[-1].removesuffix("_file"), _secret_file(name, value)
        _plant(tree, path, value)
    return tree


def _secret_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("{name}: the file {path} cannot be read.", name=name, path=path) from error


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        branch = tree.setdefault(step, {})
        if not isinstance(branch, dict):
            return
        tree = branch
    tree[path[-1]] = _table(value) if value.startswith("{") else value


def _table(value: str) -> Any:
    """A table written as JSON; what is none stays as it is: a password, or a fault that is told with its key."""
    try:
        return json.loads(value)
    except ValueError:
        return value


class Settings(BaseSettings):
    """The whole configuration, checked. Make it with `load`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    language: Language = "uk"
    timezone: Zone = Field(default_factory=_machine_zone)
    host: str = Field("", max_length=255)
    database: DatabaseSection = DatabaseSection()
    telegram: TelegramSection = TelegramSection()
    page: PageSection = PageSection()
    watch: dict[str, WatchSection] = Field(default_factory=dict)
    process: dict[str, ProcessSection] = Field(default_factory=dict)
    mailbox: Annotated[dict[str, MailboxSection], AfterValidator(_not_reserved)] = Field(default_factory=dict)
    letters: LettersSection = LettersSection()
    requests: RequestsSection = RequestsSection()

    @field_validator("process")
    @classmethod
    def _known_watches(cls, process: dict[str, ProcessSection], info: ValidationInfo) -> dict[str, ProcessSection]:
        known = info.data.get("watch")
        if known is None:  # its own faults are told
            return process
        faults = [
            f"{name} names the watch {watch}, which is not configured{_instead(watch, known)}"
            for name, section in process.items()
            for watch in section.watch
            if watch not in known
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return process

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the base class names these three
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  see above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  see above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes over the file; nothing else counts."""
        return Environment(settings_cls), init_settings


def _instead(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""


class InvalidConfig(ConfigError):
    """Every fault of a configuration; `faults` are `ConfigError`s, one a wrong value."""

    def __init__(self, faults: list[ConfigError]) -> None:
        super().__init__("The configuration has faults: {n}.", n=len(faults))
        self.faults = faults


def load(path: Path | None) -> Settings:
    """The settings from a file (None: the defaults) and the environment. Raises `ConfigError`."""
    values: dict[str, Any] = {}
    folder = Path.cwd()
    if path is not None:
        folder = path.resolve().parent
        values = _read(path)
    return make(values, folder)


def make(values: dict[str, Any], folder: Path) -> Settings:
    """The settings from parsed TOML, relative paths counted from `folder`. Raises `ConfigError`."""
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise InvalidConfig(list(_faults(error))) from None
    return _placed(settings, folder)


def find_file(named: str | None, variables: Mapping[str, str]) -> Path | None:
    """Which file to read: the named one, `$VAKHTA_CONFIG`, `vakhta.toml` here; None when only the last is missing."""
    chosen = named or variables.get("VAKHTA_CONFIG")
    path = Path(chosen or DEFAULT_FILE)
    if path.is_file():
        return path
    if chosen:
        raise ConfigError("The configuration file {path} is not there.", path=path)
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("{path} is not valid TOML: {reason}", path=path, reason=error) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("{path} cannot be read: {reason}", path=path, reason=error) from error


def _placed(settings: Settings, folder: Path) -> Settings:
    """Relative paths count from the configuration file."""
    scheme, separator, name = settings.database.url.partition(":///")
    database = settings.database
    if scheme.startswith("sqlite") and separator and name not in ("", ":memory:"):
        database = database.model_copy(update={"url": f"{scheme}:///{folder / name}"})
    watch = {name: _placed_watch(section, folder) for name, section in settings.watch.items()}
    mailbox = {
        name: section.model_copy(
            update={
                key: folder / path.expanduser()
                for key, path in (("path", section.path), ("ca_file", section.ca_file))
                if path is not None
            }
        )
        for name, section in settings.mailbox.items()
    }
    process = {
        name: section.model_copy(
            update={"working_directory": folder / (section.working_directory or Path()).expanduser()}
        )
        for name, section in settings.process.items()
    }
    return settings.model_copy(update={"database": database, "watch": watch, "process": process, "mailbox": mailbox})


def _placed_watch(section: WatchSection, folder: Path) -> WatchSection:
    audit = section.audit
    if audit is not None and audit.log is not None:
        audit = audit.model_copy(update={"log": folder / audit.log.expanduser()})
    return section.model_copy(update={"path": folder / section.path.expanduser(), "audit": audit})


_SENTENCES: Final = {
    "missing": N_("{key}: is required."),
    "int_parsing": N_("{key}: {value} is not a whole number."),
    "int_type": N_("{key}: {value} is not a whole number."),
    "int_from_float": N_("{key}: {value} is not a whole number."),
    "float_parsing": N_("{key}: {value} is not a number."),
    "float_type": N_("{key}: {value} is not a number."),
    "bool_parsing": N_("{key}: {value} is neither true nor false."),
    "bool_type": N_("{key}: {value} is neither true nor false."),
    "string_type": N_("{key}: {value} is not text in quotes."),
    "path_type": N_("{key}: {value} is not a path in quotes."),
    "literal_error": N_("{key}: {value} is not one of {expected}."),
    "greater_than": N_("{key}: {value} is too small; it must be more than {gt}."),
    "greater_than_equal": N_("{key}: {value} is too small; the least is {ge}."),
    "less_than_equal": N_("{key}: {value} is too large; the most is {le}."),
    "model_type": N_("{key}: a table is expected here."),
    "dict_type": N_("{key}: a table is expected here."),
    "tuple_type": N_("{key}: a list is expected here."),
    "reserved": N_("{key}: the name {name} is taken; give it another one."),
    "audit_log": N_("{key}: an audit of kind samba needs log."),
    "needs": N_("{key}: a mailbox of kind {kind} needs {names}."),
}
_SECRETS: Final = ("token", "password", "secret", "client_secret")


def _faults(error: ValidationError) -> Iterator[ConfigError]:
    for fault in error.errors():
        path = tuple(str(step) for step in fault["loc"])
        key = ".".join(path)
        if fault["type"] == "extra_forbidden":
            yield _unknown(path)
        elif sentence := _SENTENCES.get(fault["type"]):
            value = "***" if path[-1] in _SECRETS else repr(fault.get("input"))
            yield ConfigError(sentence, key=key, value=value, **fault.get("ctx", {}))
        else:
            reason = str(fault.get("ctx", {}).get("error", fault["msg"]))
            yield ConfigError("{key}: {reason}.", key=key, reason=reason)


def _unknown(path: tuple[str, ...]) -> ConfigError:
    known = known_keys()
    here = [".".join((*path[:-1], name)) for name in _names_at(path[:-1])]
    near = difflib.get_close_matches(".".join(path), here or list(known), n=1, cutoff=0.5)
    near = near or difflib.get_close_matches(path[-1], [key.rsplit(".", 1)[-1] for key in known], n=1, cutoff=0.6)
    if near:
        return ConfigError("{key}: no such setting. Did you mean {near}?", key=".".join(path), near=near[0])
    return ConfigError("{key}: no such setting.", key=".".join(path))


def _model_at(path: tuple[str, ...]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Settings
    steps = iter(path)
    for step in steps:
        field = model.model_fields.get(step) if model else None
        if field is None:
            return None
        kind = _present(field.annotation)
        if getattr(kind, "__origin__", None) is dict:
            next(steps, None)
            kind = kind.__args__[1]
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    return model


def _present(annotation: Any) -> Any:
    """What a value is when it is there: `Section | None` is a section that need not be."""
    return annotation.__args__[0] if isinstance(annotation, UnionType) else annotation


def _names_at(path: tuple[str, ...]) -> list[str]:
    model = _model_at(path)
    return list(model.model_fields) if model else []


def known_keys() -> dict[str, Any]:
    """Every setting's dotted name and default; `NAME` stands for a name the user gives."""
    return dict(_keys(Settings, ""))


def _keys(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        kind = _present(field.annotation)
        key = prefix + name
        if getattr(kind, "__origin__", None) is dict:
            kind, key = kind.__args__[1], f"{key}.NAME"
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind, f"{key}.")
        else:
            yield key.removesuffix(".NAME"), field.get_default(call_default_factory=True)
