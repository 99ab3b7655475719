"""The use cases of audit logs: keeping what they say, and writing down who made a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.files import hours, snapshots, who_store
from core.files.model import WatchSettings
from core.files.naming import is_absolute, parse_details, shown
from core.files.who import AuditEntry, Noticed, condense, gap, names_text, path_key, places, who_changed

BATCH: Final = 500
"""Events answered, and entries pruned, in one transaction."""

Position = Mapping[str, Any]
"""How far a log is read, as its source understands it; goes through JSON."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at a log brought. `lost`: something of it was gone before it could be read.

    `more`: there is more to be read at once. `senseless`: how many of its records could not be understood.
    """

    entries: Sequence[AuditEntry]
    position: Position
    lost: bool = False
    more: bool = False
    senseless: int = 0


class WhoService:
    """Who changed the files of watches whose shares keep an audit log. Its methods join the given transaction.

    `host` is this machine, whose watches and logs they are.
    """

    def __init__(self, clock: Clock, host: str = "") -> None:
        self._clock = clock
        self._host = host

    async def position(self, connection: AsyncConnection, watch: str, source: str) -> Position | None:
        """How far the log of a watch is read; None when that log has not been read yet."""
        found = await who_store.find_audit(connection, watch, self._host)
        return found.position if found is not None and found.source == source else None

    async def take(self, tx: AsyncConnection, watch: WatchSettings, source: str, reading: Reading) -> None:
        """Keep what was read, and how far. A log read for the first time answers for what is noticed from now on."""
        assert watch.audit is not None  # noqa: S101  only audited watches come here
        now = self._clock.now()
        known = await who_store.find_audit(tx, watch.name, self._host)
        entries = list(condense(reading.entries))
        values: dict[str, Any] = {"watch": watch.name, "host": self._host, "source": source}
        values["position"] = dict(reading.position)
        if known is None:
            values["event_id"] = await who_store.last_event_id(tx, watch.name)
        else:
            values |= {name: getattr(known, name) for name in ("event_id", "scanned_at", "scanned_before")}
            if reading.lost or known.source != source:
                entries.append(gap(known.read_at, now))
        state = await snapshots.find_watch(tx, watch.name, self._host)
        if state is not None and state.scanned_at != values.get("scanned_at"):
            values |= {"scanned_before": values.get("scanned_at"), "scanned_at": state.scanned_at}
        oldest = now - timedelta(days=watch.audit.keep_days)
        kept = [entry for entry in entries if entry.until >= oldest]
        await who_store.add_entries(tx, watch.name, self._host, kept, ignore_case=ignores_case(watch))
        await who_store.put_audit(tx, values | {"read_at": now})

    async def waits(self, connection: AsyncConnection, watch: str, until: datetime) -> bool:
        """Whether changes noticed until then have no answer yet."""
        return await who_store.any_waiting(connection, watch, self._host, until)

    async def answer(self, tx: AsyncConnection, watch: WatchSettings, until: datetime) -> int:
        """Write down who made the next changes noticed until then, at most `BATCH`; how many were looked at.

        The log must have been read beyond that time.
        """
        known = await who_store.find_audit(tx, watch.name, self._host)
        if known is None:
            return 0
        events = await who_store.waiting_events(tx, watch.name, self._host, known.event_id, until, BATCH)
        if not events:
            return 0
        state = await snapshots.find_watch(tx, watch.name, self._host)
        first_seen = None if state is None else state.first_seen_at
        noticed = [_noticed(event, known, watch, first_seen) for event in events]
        ignore_case = ignores_case(watch)
        keys = {path_key(place, ignore_case=ignore_case) for each in noticed for place in places(each)}
        since = min(each.known_before for each in noticed)
        entries = await who_store.find_entries(tx, watch.name, self._host, keys, since)
        names: dict[int, str] = {}
        people: list[dict[str, Any]] = []
        for event, each in zip(events, noticed, strict=True):
            speaking = [
                entry
                for key in {path_key(place, ignore_case=ignore_case) for place in places(each)}
                for entry in entries.get(key, ())
            ]
            if not speaking:
                continue
            before = await who_store.noticed_before(tx, event)
            if before is not None and before > each.known_before:
                each = Noticed(each.id, each.at, each.kind, each.path, each.old_path, before)
            if found := who_changed(each, [*speaking, *entries.get("", ())], ignore_case=ignore_case):
                names[each.id] = names_text(found)
                people += [{**event._mapping, "watch": watch.name, "username": name} for name in found]
        await who_store.save_names(tx, names)
        await hours.add_people(tx, people)
        await who_store.put_audit(tx, {**known._mapping, "event_id": events[-1].id})
        return len(events)

    async def prune(self, tx: AsyncConnection, watch: WatchSettings) -> int:
        """Delete at most `BATCH` entries that are kept long enough; how many went."""
        assert watch.audit is not None  # noqa: S101  only audited watches come here
        before = self._clock.now() - timedelta(days=watch.audit.keep_days)
        return await who_store.prune(tx, watch.name, self._host, before, BATCH)


def ignores_case(watch: WatchSettings) -> bool:
    """Whether the paths of its log differ from those of the folder by more than case."""
    return watch.audit is not None and watch.audit.kind == "windows"


def _noticed(event: Row[Any], known: Row[Any], watch: WatchSettings, first_seen: datetime | None) -> Noticed:
    """The change, and since when it can have happened.

    What a comparison found happened after the comparison before it, or while that went on; what a backend hinted at,
    a moment ago. What was done before the folder was first seen is in no change.
    """
    assert watch.audit is not None  # noqa: S101  only audited watches come here
    told = parse_details(event.details)
    root = told.get("watched_root", "")
    since: datetime = event.event_time
    if told.get("source") == "scan":
        scans = (known.scanned_at, known.scanned_before)
        since = next((each for each in scans if each is not None and each < since), since)
    since -= timedelta(seconds=watch.audit.window)
    old_path = told.get("old_path")
    return Noticed(
        event.id,
        event.event_time,
        event.event_type,
        below(event.path, shown(root)),
        None if old_path is None else shown(below(old_path, root)),
        since if first_seen is None else max(since, first_seen),
    )


def below(path: str, root: str) -> str:
    """A path below the root, `/` between its names."""
    rest = path.removeprefix(root)
    return (rest if is_absolute(root) and root.startswith("/") else rest.replace("\\", "/")).strip("/")
