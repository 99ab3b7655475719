"""What `vakhta files scan/search/stats` do, as plain data."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock, iso
from core.db.engine import Database
from core.errors import Unavailable
from core.files.asking import parse_query
from core.files.model import Query, WatchSettings
from core.files.service import FilesService
from core.files.watches import WatchesService
from core.text import Translator
from jobs.files.checksum import Checksums
from jobs.files.gate import Gate
from jobs.files.watcher import FolderWatch


async def scan(
    db: Database,
    clock: Clock,
    service: FilesService,
    held: WatchesService,
    watches: Iterable[WatchSettings],
    t: Translator,
    begin: Callable[[FolderWatch], None] = lambda _job: None,
) -> list[dict[str, Any]]:
    """A pass over the folders: `watch`, `path`, `events` found, `checksums` filled in, and `error` (else None).

    `begin` is told of each folder's job before it looks. What `held` says is paused, or waits for an answer, is left
    alone.
    """
    results: list[dict[str, Any]] = []
    for watch in watches:
        result: dict[str, Any] = {"watch": watch.name, "path": str(watch.path), "events": 0, "checksums": 0}
        try:
            gate = Gate(db, clock, service, held, watch)
            if not await gate.ask():
                message, values = gate.reason
                result["error"] = t(message, **values)
                results.append(result)
                continue
            job = FolderWatch(db, clock, service, watch)
            begin(job)
            result["events"] = await job.scan()
            if watch.compute_checksum and result["events"]:
                result["checksums"] = await Checksums(db, clock, service, watch).drain()
            result["error"] = None
        except Unavailable as error:
            result["error"] = t(error.message, **error.values)
        results.append(result)
    return results


async def read_words(
    connection: AsyncConnection, clock: Clock, service: FilesService, words: str, timezone: str
) -> Query:
    """What the words ask for, with the names that the history knows."""
    projects, watches = await service.names(connection)
    people = await service.people(connection)
    return parse_query(words, projects=projects, watches=watches, people=people, now=clock.now(), timezone=timezone)


async def search(
    db: Database, clock: Clock, service: FilesService, words: str, *, timezone: str, limit: int
) -> list[dict[str, object]]:
    """What the words find, newest first, with the contract's columns and the `watch`."""
    async with db.reading() as connection:
        query = await read_words(connection, clock, service, words, timezone)
        found = await service.search(connection, query, limit=limit)
    return [{**event.public(), "watch": event.watch} for event in found]


async def stats(db: Database, clock: Clock, service: FilesService, *, days: float = 1.0) -> dict[str, Any]:
    """The history in figures: `total`, `oldest`, `since`, and by watch what happened since and where it stands."""
    async with db.reading() as connection:
        figures = await service.stats(connection, clock.now() - timedelta(days=days))
        standing = await service.list_watches(connection)
        files = {watch.id: await service.count_files(connection, watch.name, watch.host) for watch in standing}
    return {
        "total": figures.total,
        "oldest": iso(figures.oldest) if figures.oldest else None,
        "since": iso(figures.since),
        "events": [{"watch": each.watch, "project": each.project, **each.counts} for each in figures.folders],
        "watches": [
            {
                "watch": watch.name,
                "root": watch.root,
                "files": files[watch.id],
                "host": watch.host,
                "backend": watch.backend,
                "scanned_at": iso(watch.scanned_at) if watch.scanned_at else None,
                "away_since": iso(watch.away_since) if watch.away_since else None,
            }
            for watch in standing
        ],
    }
