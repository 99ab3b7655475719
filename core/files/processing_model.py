"""Processing: the words of what is done with a changed file, and on a schedule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal, TypeAlias

from core.files.model import EventType

Trigger: TypeAlias = Literal["file_change", "scheduled"]
"""What started a run, as the command and the entry point are told it."""

RunState: TypeAlias = Literal["queued", "running", "done", "failed", "skipped", "interrupted"]
"""Where a run stands. `skipped`: its file was gone. `interrupted`: the assistant ended while it ran."""

Reason: TypeAlias = Literal["", "exit", "timeout", "start", "gone", "ambiguous", "stop", "crash", "unconfigured"]
"""Why a run ended as it did. `start`: the command could not be started. `ambiguous`: several files are shown by the
same name (core.files.naming.shown). `unconfigured`: its process is configured no more."""

KIND: Final = "process"
"""The kind of a notice about a process that fails; its subject `process:ID:RUN`, RUN the first failed run of it."""
RECOVERED: Final = "process_ok"
"""The kind of the notice that it works again; the same subject behind its own kind."""

TOLD_EVERY: Final = timedelta(hours=1)
"""A process that keeps failing is told by one message for so long; meanwhile it is edited."""

KEPT_RUNS: Final = 1000
KEPT_FOR: Final = timedelta(days=90)
"""So many runs of a process are remembered, and no longer than that."""

OUTPUT_KEPT: Final = 64 * 1024
"""Bytes: the end of what a run wrote."""


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What to do with a changed file, or on a schedule, as configured (`[process.NAME]`). Times in seconds.

    `watch`: names of watches; `patterns`: fnmatch on a file's name or its path under the root, none is every file.
    `every` in seconds or `cron` (in `timezone`): when to run without a file. Either `command`, a list of arguments, or
    `entry`, `module:function`.
    """

    name: str
    watch: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    on: tuple[EventType, ...] = ("created", "modified", "moved")
    settle_seconds: float = 2.0
    every: float | None = None
    cron: str = ""
    timezone: str = "UTC"
    command: tuple[str, ...] = ()
    entry: str = ""
    timeout: float = 300.0
    working_directory: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    retries: int = 3
    retry_on: tuple[int, ...] = (75,)

    @property
    def scheduled(self) -> bool:
        """Whether it runs by the clock."""
        return self.every is not None or bool(self.cron)

    def about(self) -> dict[str, object]:
        """What other hosts show of it."""
        return {
            "watch": list(self.watch),
            "patterns": list(self.patterns),
            "every": self.every,
            "cron": self.cron,
        }


@dataclass(frozen=True, slots=True)
class Process:
    """Where a process stands on its host.

    `position` is the last event it has considered. `scheduled_at` is the moment its last scheduled run was due,
    `next_at` the next one. `failures` counts those told by the present message, which was begun for `told_run_id` at
    `told_at` and is next edited (or was last) at `edited_at`; `failing_since` is None while it works.
    """

    id: int
    host: str
    name: str
    about: Mapping[str, object]
    position: int
    scheduled_at: datetime | None = None
    next_at: datetime | None = None
    paused_at: datetime | None = None
    paused_by: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    told_run_id: int | None = None
    told_at: datetime | None = None
    edited_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def by_clock(self) -> bool:
        """Whether it has a schedule."""
        return bool(self.about.get("every") or self.about.get("cron"))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a process, or one to come.

    `path` is as the history shows it, '' for a run without a file; `old_path` (of a move) in the coding of
    `encode_name`. `attempts` counts the starts, `crashes` how often the assistant died meanwhile. `owner` names the
    assistant that runs it and marks its processes. `output` is the end of `output_size` bytes.
    """

    id: int
    process_id: int
    state: RunState
    trigger: Trigger
    event: str
    event_id: int | None
    watch: str
    path: str
    old_path: str
    queued_at: datetime
    due_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None
    reason: Reason = ""
    attempts: int = 0
    crashes: int = 0
    owner: str = ""
    asked_by: str = ""
    output: str = ""
    output_size: int = 0

    @property
    def seconds(self) -> float | None:
        """How long it ran; None while it is not over."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. `exit_code` is negative for a signal, None when it never ran. `output` is what is kept."""

    reason: Reason
    exit_code: int | None = None
    output: str = ""
    output_size: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """A process with its last ended run, and how many wait."""

    process: Process
    last: Run | None
    running: Run | None
    queued: int
