"""`vakhta remind`: tell of requests without news for too long, once for each silence."""

import argparse
from datetime import timedelta

from bot.commands.common import say, say_json, with_services
from bot.commands.requests import columns, say_requests
from bot.services import Services
from core.requests.model import Request
from core.text import Translator


def call(options: argparse.Namespace, t: Translator) -> int:
    """Write the reminders (the courier of a running assistant sends them), or only list them."""
    late_after = None if options.minutes is None else timedelta(minutes=options.minutes)

    async def remind(services: Services) -> list[Request]:
        async with services.db.transaction() as tx:
            return await services.requests.remind(tx, late_after=late_after, dry_run=options.dry_run)

    late = with_services(options, remind)
    if options.json:
        say_json([columns(request) for request in late])
    elif late:
        say_requests(late, t)
    else:
        say(t("Nothing is late."))
    return 0
