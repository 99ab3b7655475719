"""How the assistant itself is doing: its jobs, and the sources it depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

State = Literal["starting", "running", "idle", "backoff", "waiting", "stopped", "off", "auth"]
"""What a job does: `idle` waits for its next run, `backoff` waits after a failure, `waiting` for a person, `off` is not
configured, `auth` was stopped because its credentials are refused."""


REMARK: Final = "remark"
"""Among a running job's `error_values`: its `last_error` is no error, but how it runs."""


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as `/status`, the page and the command line show it.

    `heartbeat_at` is the job's last sign of life. `last_error` is an English message id without secrets, to be
    translated with `error_values`; it stays after a recovery, `last_ok_at` tells which came later.
    """

    name: str
    host: str
    state: State
    since: datetime
    heartbeat_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str | None = None
    error_values: Mapping[str, Any] = field(default_factory=dict)
    next_run_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a source (`mailbox.contractor`, `watch.documents`, `telegram`) could not be reached.

    `topic` is whom it was told to, None when nobody was.
    """

    id: int
    source: str
    topic: str | None
    reason: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One process of the assistant from its start to its end.

    `parts` is what it runs (`run --only`), `seen_at` its last sign of life. Without `ended_at` it works still, or it
    ended without a word.
    """

    id: int
    host: str
    pid: int
    parts: tuple[str, ...]
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nothing ran because the assistant had ended without a word.

    It ended `stops` times in a row, shortly after one another; `first` and `last` are the ids of the first and the
    last run that did, `since` is the last sign of life of the last, `until` when the next one began.
    """

    first: int
    last: int
    stops: int
    began_at: datetime
    since: datetime
    until: datetime
