"""`vakhta letters`: what the reader understands; one pass over the mailboxes."""

import argparse
import asyncio
from pathlib import Path

from bot.commands.common import say, say_json
from core.text import Translator


def call(options: argparse.Namespace, t: Translator) -> int:
    """Read, check."""
    return _read(options, t) if options.action == "read" else _check(options, t)


def _read(options: argparse.Namespace, _t: Translator) -> int:
    """Asks no database, no configuration file and no sender list."""
    from jobs.letters.reading import read_paths

    found = list(read_paths([Path(path) for path in options.paths]))
    if options.json:
        say_json(found)
        return 0
    for letter in found:
        updates = ", ".join(_update(update) for update in letter["updates"])
        say(f"{letter['outcome']:7} {updates:24} {letter['file']}")
        say(f"        {letter['reason']}")
    return 0


def _update(update: dict[str, str | None]) -> str:
    name = f"{update['request']}/{update['position']}" if update["position"] else f"{update['request']}"
    return f"{name} → {update['status']}" if update["status"] else name
