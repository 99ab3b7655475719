"""`vakhta files`: a pass over the watched folders; the history."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from bot.commands.common import say, say_json, say_table, settings_of, with_services
from bot.commands.progress import Progress
from bot.files.export import Exported, Format, export
from bot.services import Services, watch_settings
from core.errors import UserError
from core.files.model import EVENT_TYPES
from core.text import Translator
from jobs.files import commands
from jobs.files.watcher import FolderWatch


def call(options: argparse.Namespace, t: Translator) -> int:
    """Scan, search, stats."""
    actions = {"scan": _scan, "search": _search, "stats": _stats}
    return actions[options.action](options, t)


def _scan(options: argparse.Namespace, t: Translator) -> int:
    watches = watch_settings(settings_of(options))
    chosen = [watch for watch in watches if options.watch in (None, watch.name)]
    if options.watch and not chosen:
        names = ", ".join(watch.name for watch in watches) or "-"
        raise UserError("There is no watched folder {name}. Known are: {known}.", name=options.watch, known=names)

    jobs: list[FolderWatch] = []
    known = 0

    async def scan(services: Services) -> list[dict[str, Any]]:
        nonlocal known
        async with services.db.reading() as connection:
            for watch in chosen:
                known += await services.files.count_files(connection, watch.name)
        line = partial(t.many, "{n} file seen", "{n} files seen")
        with Progress(line, lambda: sum(job.seen for job in jobs), lambda: known):
            return await commands.scan(
                services.db, services.clock, services.files, services.watches, chosen, t, jobs.append
            )

    results = with_services(options, scan)
    if options.json:
        say_json(results)
    elif results:
        head = (t("folder"), t("path"), t("events"), t("error"))
        say_table(head, [(r["watch"], r["path"], r["events"], r["error"] or "") for r in results])
    else:
        say(t("No folder is watched. Name one in the configuration: [watch.NAME]"))
    return 1 if any(result["error"] for result in results) else 0


def _search(options: argparse.Namespace, t: Translator) -> int:
    timezone = settings_of(options).timezone
    if options.csv or options.xlsx:
        return _write(options, t, timezone)

    async def search(services: Services) -> list[dict[str, object]]:
        words = " ".join(options.query)
        return await commands.search(
            services.db, services.clock, services.files, words, timezone=timezone, limit=options.limit or 50
        )

    found = with_services(options, search)
    if options.json:
        say_json(found)
    elif found:
        head = (t("time (UTC)"), t("event"), t("project"), t("path"))
        say_table(head, [(str(e["event_time"])[:19], e["event_type"], e["project"], e["path"]) for e in found])
    else:
        say(t("Nothing was found."))
    return 0


def _write(options: argparse.Namespace, t: Translator, timezone: str) -> int:
    wanted: list[tuple[Format, str]] = [("csv", options.csv), ("xlsx", options.xlsx)]
    targets = [(kind, Path(path)) for kind, path in wanted if path]
    written = 0

    def progress(rows: int) -> None:
        nonlocal written
        written = rows

    async def write(services: Services) -> list[tuple[Path, Exported]]:
        words = " ".join(options.query)
        async with services.db.reading() as connection:
            query = await commands.read_words(connection, services.clock, services.files, words, timezone)
        done = []
        for kind, path in targets:
            exported = await export(
                services.db,
                services.files,
                query,
                path,
                format=kind,
                timezone=timezone,
                most=options.limit,
                progress=progress,
            )
            done.append((path, exported))
        return done

    with Progress(partial(t.many, "{n} event written", "{n} events written"), lambda: written):
        done = with_services(options, write)
    if options.json:
        say_json([{"file": str(path), "rows": each.rows, "more": each.more} for path, each in done])
        return 0
    for path, each in done:
        say(t.many("{n} event is in {path}.", "{n} events are in {path}.", each.rows, path=path))
        if each.more:
            say(t("These are the newest; older ones were found too and are not in the file."))
    return 0


def _stats(options: argparse.Namespace, t: Translator) -> int:
    async def stats(services: Services) -> dict[str, Any]:
        return await commands.stats(services.db, services.clock, services.files)

    figures = with_services(options, stats)
    if options.json:
        say_json(figures)
        return 0
    say(t.many("{n} event is known.", "{n} events are known.", figures["total"]))
    if figures["watches"]:
        say_table(
            (t("folder"), t("files"), t("changes in 24 h"), t("host"), t("path")),
            [(w["watch"], w["files"], _changes(figures, w["watch"]), w["host"], w["root"]) for w in figures["watches"]],
        )
    return 0


def _changes(figures: dict[str, Any], watch: str) -> int:
    counted = (each for each in figures["events"] if each["watch"] == watch)
    return sum(each.get(kind, 0) for each in counted for kind in EVENT_TYPES)
