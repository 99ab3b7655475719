"""`vakhta files`: a pass over the watched folders; the history."""

import argparse
from typing import Any

from bot.commands.common import say, say_json, say_table, settings_of, with_services
from bot.services import Services, watch_settings
from core.errors import UserError
from core.text import Translator
from jobs.files import commands


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

    async def scan(services: Services) -> list[dict[str, Any]]:
        return await commands.scan(services.db, services.clock, services.files, chosen, t)

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

    async def search(services: Services) -> list[dict[str, object]]:
        words = " ".join(options.query)
        return await commands.search(
            services.db, services.clock, services.files, words, timezone=timezone, limit=options.limit
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
            (t("folder"), t("files"), t("path")),
            [(w["watch"], w.get("files", ""), w.get("root", "")) for w in figures["watches"]],
        )
    return 0
