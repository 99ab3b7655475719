"""`vakhta import`: the history of an old service."""

import argparse
from pathlib import Path
from typing import Any

from bot.commands.common import say, say_json, settings_of, with_services
from bot.commands.progress import Progress
from bot.services import Services, watch_settings
from core.errors import UserError
from core.files.importing import Folders
from core.text import Translator
from jobs.files.importing import Imported, OldHistory, import_history


def call(options: argparse.Namespace, t: Translator) -> int:
    """Import file events."""
    watches = watch_settings(settings_of(options))
    folders = Folders({str(watch.path).rstrip("/\\"): watch.name for watch in watches})
    path = Path(options.path)

    async def bring(services: Services) -> Imported:
        old = _open(path, services.db.path)
        done = 0

        def progress(rows: int) -> None:
            nonlocal done
            done = rows

        try:
            with Progress(lambda n: t.many("{n} event read", "{n} events read", n), lambda: done, lambda: old.count):
                return await import_history(
                    services.db, services.files, old, folders, dry=options.dry_run, progress=progress
                )
        finally:
            old.close()

    result = with_services(options, bring)
    if options.json:
        say_json(_document(path, result, t, dry=options.dry_run))
        return 0
    if options.dry_run:
        say(t.many("{n} event would be imported.", "{n} events would be imported.", result.added))
    else:
        say(t.many("{n} event was imported.", "{n} events were imported.", result.added))
    if result.known:
        say(t.many("{n} was there already.", "{n} were there already.", result.known))
    if result.skipped:
        say(t.many("{n} row says nothing and was left out:", "{n} rows say nothing and were left out:", result.skipped))
        for old_id, error in result.reasons:
            say(f"  id {old_id}: {t(error.message, **error.values)}")
    return 0


def _open(path: Path, own: Path | None) -> OldHistory:
    if own is not None and path.exists() and own.samefile(path):
        raise UserError("{path} is the database itself. Name the file of the old service.", path=path)
    return OldHistory(path)


def _document(path: Path, result: Imported, t: Translator, *, dry: bool) -> dict[str, Any]:
    return {
        "file": str(path),
        "dry_run": dry,
        "found": result.found,
        "imported": result.added,
        "known": result.known,
        "skipped": result.skipped,
        "reasons": [{"id": old_id, "reason": t(error.message, **error.values)} for old_id, error in result.reasons],
    }
