"""`vakhta remind`: tell of requests without news, and of letters without a decision, for too long; once for each."""

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.commands.common import say, say_json, say_table, with_services
from bot.commands.requests import columns, columns_of, say_requests
from bot.services import Services
from core.clock import iso
from core.letters.record import Record
from core.requests.model import Request
from core.text import Translator

SUBJECT_SHOWN = 60


def call(options: argparse.Namespace, t: Translator) -> int:
    """Write the reminders (the courier of a running assistant sends them), or only list them."""
    after = None if options.minutes is None else timedelta(minutes=options.minutes)

    async def remind(services: Services) -> tuple[list[Request], list[Record]]:
        async with services.db.transaction() as tx:
            late = await services.requests.remind(tx, late_after=after, dry_run=options.dry_run)
            return late, await services.letters.remind(tx, remind_after=after, dry_run=options.dry_run)

    late, waiting = with_services(options, remind)
    if options.json:
        say_json([columns(request) for request in late] + [_columns(record) for record in waiting])
        return 0
    if late:
        say_requests(late, t)
    if waiting:
        _say_letters(waiting, t)
    if not late and not waiting:
        say(t("Nothing is late."))
    return 0


def _columns(record: Record) -> dict[str, Any]:
    """A letter, with the columns of a request empty: it is about none yet."""
    return dict.fromkeys(columns_of()) | {
        "letter": record.id,
        "sender": record.sender,
        "subject": record.subject,
        "state": record.state,
        "waiting_since": iso(_since(record)),
    }


def _say_letters(found: Sequence[Record], t: Translator) -> None:
    head = (t("letter"), t("from"), t("since (UTC)"), t("subject"))
    say_table(head, [(f"{r.id}", _who(r), f"{_since(r):%Y-%m-%d %H:%M}", _line(r.subject)) for r in found])


def _who(record: Record) -> str:
    return record.sender or _line(record.sender_name) or "?"


def _line(text: str) -> str:
    return " ".join(text.split())[:SUBJECT_SHOWN]


def _since(record: Record) -> datetime:
    return record.waiting_since or record.recorded_at
