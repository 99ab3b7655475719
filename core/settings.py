"""What may be configured: the sections of `vakhta.toml`, each checked as a whole.

Read in `bot.app` and `bot.cli` only; everybody else is handed what they need. Every wrong value is reported at
once. How settings are written is in `settings_values` and `settings_sources`, what is wrong with one in
`settings_faults`.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from core.settings_faults import InvalidConfig, faults_of, known_keys, nearest
from core.settings_letters import LettersSection, MailboxSection
from core.settings_sources import environment, over, read_file, secret_files, with_secrets
from core.settings_upkeep import HealthSection, LogSection
from core.settings_values import (
    DAYS,
    Algorithm,
    Arguments,
    AuditPrefix,
    Cron,
    Day,
    Entry,
    Every,
    Hours,
    Language,
    List,
    Proxy,
    Section,
    Zone,
    ZoneOrNone,
    machine_zone,
)


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


OFFICIAL_API: Final = "https://api.telegram.org"


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
        raise ValueError("it may hold 1 to 256 letters A-Z, a-z, digits, _ and -")
    return value


class ChatSection(Section):
    """A chat where pushes go: its id, the topic in it (0: none), and what it receives."""

    id: int
    topic: int = Field(0, ge=0)
    receives: Annotated[tuple[Literal["requests", "files", "sync"], ...], List] = ("requests", "files", "sync")


class WebhookSection(Section):
    """Where Telegram posts updates in mode webhook, and where they are received behind the proxy that ends TLS."""

    url: str = Field("", pattern=r"^$|^https?://[^/\s?#]+(/[^\s#]*)?$")
    secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] = SecretStr("")
    host: str = "127.0.0.1"
    port: int = Field(8082, ge=1, le=65535)


class TelegramSection(Section):
    """The bot. An empty token is a dry run: messages go to the log."""

    token: SecretStr = SecretStr("")
    api_base: str = Field(OFFICIAL_API, pattern=r"^https?://[^/\s]+")
    proxy: Proxy = SecretStr("")
    admins: Annotated[tuple[int, ...], List] = ()
    mode: Literal["polling", "webhook"] = "polling"
    webhook: WebhookSection = WebhookSection()
    chats: dict[str, ChatSection] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        posts_over_http = self.api_base != OFFICIAL_API and self.webhook.url.startswith("http://")
        if self.mode == "webhook" and not (self.webhook.url.startswith("https://") or posts_over_http):
            raise PydanticCustomError("webhook_url", "needs an https address", {})
        return self


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
    prefix: AuditPrefix = "%u|%I|%m|%S"
    timezone: ZoneOrNone = ""
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
    checksum_algorithm: Algorithm = "sha256"
    min_file_size: int | None = Field(None, ge=0)
    max_file_size: int | None = Field(None, ge=0)
    emit_on_start: bool = False
    metadata: dict[str, str] = Field(default_factory=dict)
    recognise_saves: bool = True
    notify: Literal["burst", "each", "none"] = "burst"
    audit: AuditSection | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
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
    every: Every = ""
    cron: Cron = ""
    command: Arguments = ()
    entry: Entry = ""
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


class RequestsSection(Section):
    """When a request without news is reminded of, and when people may be disturbed."""

    remind_after_minutes: float = Field(60, gt=0)
    working_hours: Hours = "00:00-24:00"
    working_days: Annotated[tuple[Day, ...], List] = DAYS


def _not_reserved(boxes: dict[str, MailboxSection]) -> dict[str, MailboxSection]:
    """`chat` is where words come from that people write to the assistant itself."""
    if "chat" in boxes:
        raise PydanticCustomError("reserved", "the name chat is taken", {"name": "chat"})
    return boxes


class Settings(Section):
    """The whole configuration, checked. Make it with `load`."""

    language: Language = "uk"
    timezone: Zone = Field(default_factory=machine_zone)
    host: str = Field("", max_length=128)
    database: DatabaseSection = DatabaseSection()
    telegram: TelegramSection = TelegramSection()
    page: PageSection = PageSection()
    watch: dict[str, WatchSection] = Field(default_factory=dict)
    process: dict[str, ProcessSection] = Field(default_factory=dict)
    mailbox: Annotated[dict[str, MailboxSection], AfterValidator(_not_reserved)] = Field(default_factory=dict)
    letters: LettersSection = LettersSection()
    requests: RequestsSection = RequestsSection()
    health: HealthSection = HealthSection()
    log: LogSection = LogSection()

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


def _instead(name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    return f" (did you mean {near}?)" if near else ""


def load(path: Path | None) -> Settings:
    """The settings from a file (None: the defaults) and the environment. Raises `ConfigError`."""
    values: dict[str, Any] = {}
    folder = Path.cwd()
    if path is not None:
        folder = path.resolve().parent
        values = read_file(path)
    return make(values, folder)


def make(values: dict[str, Any], folder: Path) -> Settings:
    """The settings from parsed TOML, the environment over it, paths counted from `folder`. Raises `ConfigError`."""
    name_a_file = {key.rpartition(".")[2] for key in known_keys(Settings) if key.endswith("_file")}
    upper = environment(os.environ, name_a_file)
    values = with_secrets(values, files_of_secrets(values), upper, folder)
    try:
        settings = Settings.model_validate(over(upper, values))
    except ValidationError as error:
        raise InvalidConfig(list(faults_of(error, Settings))) from None
    return _placed(settings, folder)


def files_of_secrets(values: dict[str, Any]) -> dict[str, str]:
    """The files that a configuration names for its secrets, by setting: `{"telegram.token": "secrets/token"}`."""
    known = known_keys(Settings).items()
    return secret_files(values, [key for key, default in known if isinstance(default, SecretStr)])


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
    log = settings.log
    if log.folder is not None:
        log = log.model_copy(update={"folder": folder / log.folder.expanduser()})
    return settings.model_copy(
        update={"database": database, "watch": watch, "process": process, "mailbox": mailbox, "log": log}
    )


def _placed_watch(section: WatchSection, folder: Path) -> WatchSection:
    audit = section.audit
    if audit is not None and audit.log is not None:
        audit = audit.model_copy(update={"log": folder / audit.log.expanduser()})
    return section.model_copy(update={"path": folder / section.path.expanduser(), "audit": audit})
