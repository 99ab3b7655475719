"""The use cases of files: recording what was found, with its snapshot and its notice in one transaction; asking."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.files import finding, gaps, hours, lives, paths, snapshots, store
from core.files.lives import Life
from core.files.model import (
    KIND,
    Burst,
    Change,
    EventType,
    FileEvent,
    FolderStats,
    Gap,
    GapReason,
    Overtaken,
    PendingChecksum,
    Query,
    Snapshot,
    Stats,
    WatchSettings,
    WatchState,
)
from core.files.naming import details, full_path, join, shown
from core.files.rules import FLOOD_WITHIN, SETTLED, Filters, continues, count, is_few, next_telling

BATCH: Final = 1000
"""Events deleted in one transaction: 50 ms of the writer at most."""

RECORDED: Final = 4000
"""Changes recorded in one transaction: 0.2 s of the writer at most, and twice as many a second as by the thousand."""

_AT_ONCE: Final = 500
"""Rows put together before others have their turn: a few milliseconds."""

SILENT: Final = timedelta(minutes=10)
"""A machine that has compared nothing for so long leaves its snapshot to another: its container has a new name."""


class FilesService:
    """The history of watched folders. Its methods join the transaction or connection they are given."""

    def __init__(self, clock: Clock, alerts: AlertsService, host: str = "") -> None:
        self._clock = clock
        self._alerts = alerts
        self._host = host

    async def open_watch(self, tx: AsyncConnection, watch: WatchSettings, root: str, device: int) -> WatchState:
        """Where the watch stands; a new one, or one whose path has changed, begins without a snapshot."""
        state = await snapshots.find_watch(tx, watch.name, self._host)
        if state is None:
            await snapshots.adopt_watch(tx, watch.name, shown(root), self._host, self._clock.now() - SILENT)
            state = await snapshots.find_watch(tx, watch.name, self._host)
        if state is not None and state.root == shown(root):
            return state
        revision = 0 if state is None else state.revision + 1
        await snapshots.forget_snapshot(tx, watch.name, self._host)
        state = WatchState(watch.name, shown(root), device, revision, Filters.of(watch).as_dict(), host=self._host)
        await snapshots.put_watch(tx, state)
        return state

    async def find_watch(self, connection: AsyncConnection, name: str) -> WatchState | None:
        """Where that watch stands."""
        return await snapshots.find_watch(connection, name, self._host)

    async def list_watches(self, connection: AsyncConnection) -> list[WatchState]:
        """Where every watch stands, by name."""
        return await snapshots.list_watches(connection)

    async def count_files(self, connection: AsyncConnection, name: str, host: str | None = None) -> int:
        """How many files a watch knows on a machine, by default this one."""
        return await snapshots.count_files(connection, name, self._host if host is None else host)

    async def load_snapshot(self, connection: AsyncConnection, name: str) -> Snapshot:
        """The files a watch knows."""
        return await snapshots.load_snapshot(connection, name, self._host)

    async def record(
        self,
        tx: AsyncConnection,
        watch: WatchSettings,
        root: str,
        changes: Sequence[Change],
        *,
        revision: int,
        scan: bool = False,
    ) -> int:
        """Write down what was found: events, snapshot, checksums to come, the notice. The snapshot's new revision.

        At most `RECORDED` changes. Raises `Overtaken` when the snapshot is not of that revision any more.
        """
        watch_id = await snapshots.advance(tx, watch.name, revision, self._host)
        if watch_id is None:
            raise Overtaken(watch.name)
        now = self._clock.now()
        told = [change for change in changes if change.kind is not None]
        shared = _shared(watch, root, self._host, now, scan=scan)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(told), _AT_ONCE):
            piece = told[start : start + _AT_ONCE]
            rows += [_row(shared, watch, root, change, scan=scan) for change in piece]
            await asyncio.sleep(0)
        ids = await store.add_events(tx, rows)
        await _save_states(tx, watch_id, changes)
        if watch.compute_checksum:
            await snapshots.queue_checksums(
                tx, watch_id, [_pending(watch.name, event_id, change, now) for event_id, change in _readable(ids, told)]
            )
        if ids:
            await self._tell(tx, watch, ids, told, now)
        return revision + 1

    async def scanned(
        self, tx: AsyncConnection, watch: WatchSettings, device: int, backend: str, reason: str = ""
    ) -> None:
        """A comparison of the whole folder is recorded: the snapshot is complete, and the folder is there.

        `reason` is why the backend is not the one that was wanted.
        """
        now = self._clock.now()
        state = await snapshots.find_watch(tx, watch.name, self._host)
        await snapshots.touch_watch(
            tx,
            watch.name,
            self._host,
            device=device,
            filters=Filters.of(watch).as_dict(),
            first_seen_at=(state and state.first_seen_at) or now,
            scanned_at=now,
            alive_at=now,
            away_since=None,
            backend=backend,
            reason=reason,
        )

    async def alive(self, tx: AsyncConnection, name: str) -> None:
        """Changes of the folder are followed."""
        await snapshots.touch_watch(tx, name, self._host, alive_at=self._clock.now())

    async def add_gap(self, tx: AsyncConnection, name: str, reason: GapReason, began_at: datetime, found: int) -> None:
        """From then until now nothing was followed; `found` events made up for it."""
        await gaps.add(tx, Gap(name, reason, began_at, self._clock.now(), found, self._host))

    async def gaps(self, connection: AsyncConnection, name: str, limit: int = 10, host: str | None = None) -> list[Gap]:
        """The last times in which a watch could follow nothing, newest first."""
        return await gaps.last(connection, name, limit, host)

    async def unseen(self, connection: AsyncConnection, query: Query) -> list[Gap]:
        """The times for which the answer to a question may lack something. See `gaps.unseen`."""
        return await gaps.unseen(connection, query)

    async def unseen_in(self, connection: AsyncConnection, life: Life) -> list[Gap]:
        """The times in which a file's folder was not seen while the file lived, newest first."""
        first, last = life.steps[0].event, life.steps[-1].event
        until = last.event_time if last.event_type == "deleted" else None
        return await gaps.overlapping(connection, since=first.event_time, until=until, watch=life.watch, host=last.host)

    async def away(self, tx: AsyncConnection, name: str) -> None:
        """The folder is not there. Its snapshot is kept, to be compared when it is back."""
        state = await snapshots.find_watch(tx, name, self._host)
        if state is not None and state.away_since is None:
            await snapshots.touch_watch(tx, name, self._host, away_since=self._clock.now())

    async def due_checksums(
        self, connection: AsyncConnection, name: str, limit: int, sizes: tuple[int, int] = (0, 1 << 62)
    ) -> list[PendingChecksum]:
        """The files of a watch that are to be read now, of a size between these."""
        return await snapshots.due_checksums(connection, name, self._clock.now(), limit, self._host, sizes)

    async def settle_checksums(self, tx: AsyncConnection, found: Mapping[int, str | None]) -> None:
        """Fill in checksums by event id; None when the file has changed again or cannot be read."""
        await snapshots.settle_checksums(tx, found)

    async def postpone_checksums(self, tx: AsyncConnection, event_ids: Sequence[int], due_at: datetime) -> None:
        """Read the files of these events later: they cannot be read now."""
        await snapshots.postpone_checksums(tx, event_ids, due_at)

    async def find_burst(self, connection: AsyncConnection, burst_id: int) -> Burst | None:
        """A burst by its id; None when it was pruned."""
        return await store.find_burst(connection, burst_id)

    async def burst(
        self, connection: AsyncConnection, burst_id: int, last: int
    ) -> tuple[Burst, list[FileEvent]] | None:
        """A burst and its last events, newest first; None when it was pruned."""
        burst = await store.find_burst(connection, burst_id)
        return None if burst is None else (burst, await finding.burst_events(connection, burst, last))

    async def search(
        self,
        connection: AsyncConnection,
        query: Query,
        *,
        limit: int,
        before: int | None = None,
        after: int | None = None,
    ) -> list[FileEvent]:
        """A page of what the query finds, newest first; `before`, `after` are ids of the neighbouring pages."""
        return await finding.find_events(connection, query, limit=limit, before=before, after=after)

    async def find_event(self, connection: AsyncConnection, event_id: int) -> FileEvent | None:
        """An event by its id; None when it was pruned."""
        return await store.get_event(connection, event_id)

    async def count_found(self, connection: AsyncConnection, query: Query, most: int) -> int:
        """How many events the query finds, counted up to `most`."""
        return await finding.count_found(connection, query, most)

    async def names(self, connection: AsyncConnection) -> tuple[list[str], list[str]]:
        """The projects and the watches that the history knows."""
        return await finding.known_names(connection, "project"), await finding.known_names(connection, "watch")

    async def people(self, connection: AsyncConnection) -> list[str]:
        """The persons that the history knows, by their labels and by the audit logs."""
        return await hours.people(connection)

    def stream(self, connection: AsyncConnection, query: Query) -> AsyncIterator[FileEvent]:
        """Every event of the query, newest first, for an export."""
        return finding.stream(connection, query)

    async def life(
        self, connection: AsyncConnection, watch: str, path: str, *, at: int | None = None, host: str | None = None
    ) -> Life | None:
        """A file's whole life through its renames; None when the history knows nothing of it. See `lives.follow`."""
        return await lives.follow(connection, watch, path, at=at, host=host)

    async def days(
        self, connection: AsyncConnection, query: Query, *, since: datetime, until: datetime, timezone: str
    ) -> list[tuple[date, dict[EventType, int]]]:
        """How many events of the query's labels each day had. See `hours.count_by_day`."""
        return await hours.count_by_day(connection, query, since=since, until=until, timezone=timezone)

    async def remember_query(self, tx: AsyncConnection, words: str) -> int:
        """Keep a question, so that the buttons below its answer can be short."""
        return await store.save_query(tx, words, self._clock.now())

    async def recall_query(self, connection: AsyncConnection, query_id: int) -> str | None:
        """The words of a kept question; None when it was forgotten."""
        return await store.find_query(connection, query_id)

    async def stats(self, connection: AsyncConnection, since: datetime) -> Stats:
        """The history in figures, by watch since then."""
        folders: dict[tuple[str, str], dict[EventType, int]] = {}
        for watch, project, kind, n in await hours.count_by_watch(connection, since):
            folders.setdefault((watch, project), {})[kind] = n
        return Stats(
            await store.estimate_total(connection),
            await store.oldest_event_time(connection),
            since,
            tuple(FolderStats(watch, project, counts) for (watch, project), counts in folders.items()),
        )

    async def is_index_behind(self, connection: AsyncConnection) -> bool:
        """Whether the search index does not know every path yet; what it does not know is found all the same."""
        return await paths.is_index_behind(connection)

    async def index(self, tx: AsyncConnection, limit: int) -> int:
        """Bring at most that many new paths into the search index; how many those were."""
        return await paths.index_some(tx, limit)

    async def prune(self, tx: AsyncConnection, before: datetime, limit: int = BATCH) -> int:
        """Delete at most that many of the oldest events from before then; how many went."""
        return await store.prune(tx, before, min(limit, BATCH))

    async def _tell(
        self, tx: AsyncConnection, watch: WatchSettings, ids: Sequence[int], told: Sequence[Change], now: datetime
    ) -> None:
        if watch.notify == "none":
            return
        if watch.notify == "each" and is_few(await store.count_bursts(tx, watch.name, now - FLOOD_WITHIN), len(ids)):
            for event_id, change in zip(ids, told, strict=True):
                await self._tell_anew(tx, watch.name, (event_id, event_id), count((change.kind,)), now)
            return
        counts = count(change.kind for change in told)
        burst = await store.last_burst(tx, watch.name, self._host)
        if burst is None or not continues(burst.last_at, now):
            await self._tell_anew(tx, watch.name, (ids[0], ids[-1]), counts, now)
            return
        at = next_telling(burst.told_at, now)
        burst = replace(
            burst,
            last_event_id=ids[-1],
            last_at=now,
            told_at=at or burst.told_at,
            counts={kind: n + counts[kind] for kind, n in burst.counts.items()},
        )
        await store.put_burst(tx, burst)
        if at is not None:
            await self._alerts.tell(tx, _telling(burst))

    async def _tell_anew(
        self,
        tx: AsyncConnection,
        watch: str,
        between: tuple[int, int],
        counts: Mapping[EventType, int],
        now: datetime,
    ) -> None:
        burst = Burst(0, watch, *between, now, now, now, counts, self._host)
        burst = replace(burst, id=await store.add_burst(tx, burst))
        await self._alerts.tell(tx, _telling(burst))


def _telling(burst: Burst) -> Telling:
    subject = f"{KIND}:{burst.watch}:{burst.id}"
    return Telling(
        kind=KIND,
        subject=subject,
        dedup=f"{subject}:{burst.told_at.isoformat()}",
        topic="files",
        mode="card",
        data={"watch": burst.watch, "burst": burst.id},
        not_before=burst.told_at,
        expires_after=timedelta(hours=24),
    )


def _shared(watch: WatchSettings, root: str, host: str, now: datetime, *, scan: bool) -> dict[str, Any]:
    """What the events of one recording have in common."""
    return {
        "event_time": now,
        "project": watch.project,
        "username": watch.username,
        "checksum": None,
        "details": details(root, watch.metadata, scan=scan),
        "watch": watch.name,
        "host": host,
        "root": shown(root),
    }


def _row(shared: Mapping[str, Any], watch: WatchSettings, root: str, change: Change, *, scan: bool) -> dict[str, Any]:
    seen = change.after or change.before
    row = {
        **shared,
        "event_type": change.kind,
        "path": shown(full_path(root, change.folder, change.name)),
        "file_size": seen.size if seen else None,
        "below": shown(join(change.folder, change.name)),
        "old_below": None,
    }
    if change.came_from is not None:
        old_path = full_path(root, *change.came_from)
        row["details"] = details(root, watch.metadata, old_path=old_path, scan=scan)
        row["old_below"] = shown(join(*change.came_from))
    return row


async def _save_states(tx: AsyncConnection, watch_id: int, changes: Sequence[Change]) -> None:
    gone = [(change.folder, change.name) for change in changes if change.after is None]
    gone += [change.came_from for change in changes if change.came_from is not None and change.vacated]
    await snapshots.drop_states(tx, watch_id, gone)
    present = [(change.folder, change.name, change.after) for change in changes if change.after is not None]
    await snapshots.put_states(tx, watch_id, present)


def _readable(ids: Sequence[int], changes: Sequence[Change]) -> list[tuple[int, Change]]:
    return [(event_id, change) for event_id, change in zip(ids, changes, strict=True) if change.after is not None]


def _pending(watch: str, event_id: int, change: Change, now: datetime) -> PendingChecksum:
    assert change.after is not None  # noqa: S101  only readable changes come here
    after = change.after
    return PendingChecksum(event_id, watch, change.folder, change.name, after.size, after.mtime_ns, now + SETTLED)
