"""`vakhta letters`: what the reader understands; one pass over the mailboxes."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.common import say, say_json
from core.errors import UserError
from core.text import Translator

if TYPE_CHECKING:
    from bot.services import Services


def call(options: argparse.Namespace, t: Translator) -> int:
    """Read, check."""
    return _read(options, t) if options.action == "read" else _check(options, t)


def _read(options: argparse.Namespace, _t: Translator) -> int:
    """Asks no database, no configuration file and no sender list."""
    from jobs.letters.reading import read_paths

    found: list[dict[str, Any]] = list(read_paths([Path(path) for path in options.paths]))
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


def _check(options: argparse.Namespace, t: Translator) -> int:
    from bot.commands.common import settings_of, with_services
    from jobs.connectors.maildir.client import Maildir
    from jobs.letters.job import MailboxJob

    boxes = settings_of(options).mailbox
    if options.source and options.source not in boxes:
        raise UserError(
            "There is no mailbox {name}. Known are: {known}.", name=options.source, known=", ".join(boxes) or "-"
        )
    chosen = {name: box for name, box in boxes.items() if options.source in (None, name)}

    async def check(services: "Services") -> dict[str, int]:
        done = {}
        for name, section in chosen.items():
            box = Maildir(section.path)
            job = MailboxJob(services.db, services.letters, box, name, section.senders)
            done[name] = await (job.waiting() if options.dry_run else job.once())
        return done

    done = with_services(options, check)
    if options.json:
        say_json(done)
    for name, n in () if options.json else done.items():
        say(t.many("{name}: {n} new letter", "{name}: {n} new letters", n, name=name))
    return 0
