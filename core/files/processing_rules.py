"""Decisions of processing: which changes are for which process, what a command is given, when to try again. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from core.files.model import FileEvent
from core.files.naming import encode_name, parse_details, shown
from core.files.processing_model import TOLD_EVERY, Ended, Process, ProcessSettings, Run
from core.files.rules import Filters, Sieve

AT_ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When a run is due that a person asks for: before all that waits."""

FIRST_RETRY: Final = 10.0
LONGEST_RETRY: Final = 3600.0
"""Seconds until a failed run is tried again: the first time, and at most."""

INHERITED: Final = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"),
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "OS", "USERNAME", "USERPROFILE"),
        *("USERDOMAIN", "COMPUTERNAME", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)"),
        *("COMMONPROGRAMFILES", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"),
    }
)
"""Variables of ours that a command gets, beside `LC_…`: what programs need to start, and no secrets."""

_PLACEHOLDER: Final = re.compile(r"\{(path|old_path|event|trigger)\}")


class Choice:
    """What a process wants of the history. `ignore_case` on Windows."""

    def __init__(self, process: ProcessSettings, *, ignore_case: bool = False) -> None:
        self.settle = timedelta(seconds=process.settle_seconds)
        self._watches = frozenset(process.watch)
        self._events = frozenset(process.on)
        self._sieve = Sieve(Filters(process.patterns), ignore_case=ignore_case)

    def watches(self, event: FileEvent) -> bool:
        """Whether this is an event of its folders, with a name it is for."""
        return event.watch in self._watches and self._sieve.accepts(*below_root(event))

    def wants(self, event: FileEvent) -> bool:
        """Whether this event asks for a run."""
        return event.event_type in self._events and self.watches(event)


def below_root(event: FileEvent) -> tuple[str, str]:
    """Folder and name of an event's file under the root, with `/` between."""
    return below(shown(parse_details(event.details).get("watched_root", "")), event.path)


def below(root: str, path: str) -> tuple[str, str]:
    """Folder and name of a path under its root, both as the history shows them."""
    rest = path.removeprefix(root)
    if "\\" in root and not root.startswith("/"):
        rest = rest.replace("\\", "/")
    folder, _, name = rest.strip("/").rpartition("/")
    return folder, name


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that changes of one file ask for; `old_path` coded as in `Run`."""

    event: str
    event_id: int
    watch: str
    path: str
    old_path: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """What a piece of the history means to a process: a run a file, the latest change of it; and which queued runs
    follow their files: old path → new path, '' when it is asked for under its new one or not any more wanted."""

    asked: Mapping[str, Asked]
    moved: Mapping[str, str]


def digest(choice: Choice, events: Iterable[FileEvent]) -> Digest:
    """Reads events in their order: several changes of a file are one run, due when it has been quiet for a while."""
    asked: dict[str, Asked] = {}
    moved: dict[str, str] = {}
    for event in events:
        old = parse_details(event.details).get("old_path", "") if event.event_type == "moved" else ""
        due = event.event_time + choice.settle
        waiting = asked.pop(shown(old), None) if old else None
        if choice.wants(event):
            asked.pop(event.path, None)
            asked[event.path] = Asked(event.event_type, event.id, event.watch, event.path, encode_name(old), due)
            _follow(moved, shown(old), "")
        elif waiting is not None and choice.watches(event):
            asked[event.path] = replace(waiting, event_id=event.id, watch=event.watch, path=event.path, due_at=due)
            _follow(moved, shown(old), "")
        elif waiting is not None:  # its file has a name now that nobody asked for: it will be found gone
            asked[waiting.path] = waiting
        elif old and choice.watches(event):
            _follow(moved, shown(old), event.path)
    return Digest(asked, moved)


def _follow(moved: dict[str, str], old: str, new: str) -> None:
    """Note a move; what has come from elsewhere before goes on from there."""
    if not old:
        return
    for origin, now in list(moved.items()):
        if now == old:
            moved[origin] = new
    moved[old] = new


def arguments(process: ProcessSettings, run: Run, path: str, old_path: str) -> list[str]:
    """The command, `{path}` and the like replaced by their values.

    A value stays within its argument, and what it holds is not looked through for `{path}` again.
    """
    values = {"path": path, "old_path": old_path, "event": run.event, "trigger": run.trigger}
    return [_PLACEHOLDER.sub(lambda found: values[found[1]], argument) for argument in process.command]


def variables(process: ProcessSettings, run: Run, path: str, old_path: str, ours: Mapping[str, str]) -> dict[str, str]:
    """The environment of a run: little of ours, what is configured, and what it is about."""
    kept = {name: value for name, value in ours.items() if name.upper() in INHERITED or name.upper().startswith("LC_")}
    about = {
        "VAKHTA_PROCESS": process.name,
        "VAKHTA_RUN": marker(run),
        "VAKHTA_TRIGGER": run.trigger,
        "VAKHTA_EVENT": run.event,
        "VAKHTA_WATCH": run.watch,
        "VAKHTA_PATH": path,
        "VAKHTA_OLD_PATH": old_path,
    }
    return kept | dict(process.env) | about


def marker(run: Run) -> str:
    """What marks the processes of a run: unlike any other's, of this or another database."""
    return f"{run.owner}/{run.id}"


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many tries."""
    return timedelta(seconds=min(LONGEST_RETRY, FIRST_RETRY * 2 ** (min(attempts, 20) - 1)))


def is_retried(process: ProcessSettings, run: Run, ended: Ended) -> bool:
    """Whether this end is one to try again after; `run` counts the tries until now."""
    return ended.reason == "exit" and ended.exit_code in process.retry_on and run.attempts <= process.retries


def failed(process: Process, run_id: int, now: datetime) -> tuple[Process, bool]:
    """The process after a failure, and whether that begins a new message."""
    fresh = process.told_at is None or now - process.told_at >= TOLD_EVERY
    goes_on = process.failing_since is not None or not fresh
    after = replace(
        process,
        failures=process.failures + 1 if goes_on else 1,
        failing_since=process.failing_since or now,
    )
    if fresh:
        after = replace(after, told_run_id=run_id, told_at=now, edited_at=now)
    return after, fresh
