"""Live configuration: the file saved again is checked, and what can change while everything runs is applied.

A file is read once it has kept its state between two looks: editors write in pieces or replace it by a rename. A bad
one is refused with its faults, and the assistant goes on with the one it has.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock, iso
from core.db.engine import Database
from core.errors import ConfigError
from core.settings import Settings, load
from jobs.threads import in_thread

log = logging.getLogger(__name__)

KIND: Final = "configuration"
"""The kind of the notice about it; its data: `faults` (pairs of message and values), `changes` (pairs of what was
done and to which setting), `restart` (sections)."""

LOOK_EVERY: Final = 1.0
"""Seconds between looks at the file."""

Change = tuple[str, str]
"""What was done (started, stopped, changed) and to which table (`watch.documents`)."""

Apply = Callable[[Settings], Awaitable[Iterable[Change]]]
"""Applies one part of a new configuration; what it changed. Raises `ConfigError` before changing anything."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two configurations of the same kind of table, by name."""

    started: tuple[str, ...]
    stopped: tuple[str, ...]
    changed: tuple[str, ...]

    @classmethod
    def between(cls, old: Mapping[str, object], new: Mapping[str, object]) -> Self:
        """What makes `new` of `old`."""
        changed = (name for name in new.keys() & old.keys() if new[name] != old[name])
        return cls(
            tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys())), tuple(sorted(changed))
        )

    def changes(self, kind: str) -> list[Change]:
        """The same as changes of tables, `[kind.NAME]`."""
        told = {"started": self.started, "stopped": self.stopped, "changed": self.changed}
        return [(what, f"{kind}.{name}") for what, names in told.items() for name in names]


_Mark = tuple[int, int, int]


class Reload:
    """Watches the configuration file. `parts` apply the sections that can change, each by its own name; `applied` is
    told what is in force then."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        db: Database,
        clock: Clock,
        alerts: AlertsService,
        parts: dict[str, Apply],
        applied: Callable[[Settings], None] = lambda _settings: None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._settings = settings
        self._db = db
        self._clock = clock
        self._alerts = alerts
        self._parts = parts
        self._applied = applied
        self._beat = beat
        self._told_restart: frozenset[str] = frozenset()
        self._known = self._seen = _mark(path)

    async def run(self) -> None:
        """Look for a saved file for ever."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            await self.look()
            self._beat()

    async def look(self) -> None:
        """One look: a file that has changed and stands still since the last look is applied."""
        mark = await in_thread("configuration", lambda: _mark(self._path))
        still = mark == self._seen
        self._seen = mark
        if mark is None or mark == self._known or not still:
            return
        try:
            settings = await in_thread("configuration", lambda: load(self._path))
            if await in_thread("configuration", lambda: _mark(self._path)) != mark:
                return  # written again while it was read: the next look
            self._known = mark
            await self._apply(settings)
        except ConfigError as error:
            self._known = mark
            await self._refuse(error)

    async def _apply(self, new: Settings) -> None:
        old = self._settings
        changes: list[Change] = []
        for name, apply in self._parts.items():
            if getattr(old, name) != getattr(new, name):
                changes += await apply(new)
        taken = {name: getattr(new, name) for name in self._parts}
        self._settings = old.model_copy(update=taken)
        self._applied(self._settings)
        waiting = frozenset(
            name for name in Settings.model_fields if getattr(self._settings, name) != getattr(new, name)
        )
        news = waiting - self._told_restart
        self._told_restart = waiting
        for what, where in changes:
            log.info("configuration: %s %s", what, where)
        if changes or news:
            await self._tell({"changes": changes, "restart": sorted(waiting), "faults": []})

    async def _refuse(self, error: ConfigError) -> None:
        faults = getattr(error, "faults", None) or [error]
        for fault in faults:
            log.warning("the saved configuration is not taken: %s", fault)
        said = [[fault.message, {key: str(value) for key, value in fault.values.items()}] for fault in faults]
        await self._tell({"changes": [], "restart": [], "faults": said})

    async def _tell(self, data: dict[str, Any]) -> None:
        now = self._clock.now()
        subject = f"{KIND}:{iso(now)}"
        telling = Telling(KIND, subject, subject, "admins", "new", data, expires_after=timedelta(days=1))
        async with self._db.transaction() as tx:
            await self._alerts.tell(tx, telling)


def _mark(path: Path) -> _Mark | None:
    """What changes when a file is saved; None while it is not there (an editor is replacing it)."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
