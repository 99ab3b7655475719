"""`vakhta status`: what every job is doing, as the running assistant wrote it down."""

import argparse
from dataclasses import asdict

from bot.commands.common import say, say_json, say_table, with_services
from bot.services import Services
from core.health.model import JobState, Outage
from core.text import Translator


def call(options: argparse.Namespace, t: Translator) -> int:
    """Jobs, sources that are away, and what waits to be told."""

    async def fetch(services: Services) -> tuple[list[JobState], list[Outage], dict[str, int]]:
        async with services.db.reading() as connection:
            jobs = await services.health.list_jobs(connection)
            return jobs, await services.health.open_outages(connection), await services.alerts.counts(connection)

    jobs, outages, outbox = with_services(options, fetch)
    if options.json:
        document = {"jobs": [asdict(job) for job in jobs], "away": [asdict(o) for o in outages], "outbox": outbox}
        say_json(document)
        return 0
    if jobs:
        head = (t("job"), t("state"), t("since (UTC)"), t("sign of life (UTC)"), t("error"))
        say_table(head, [_row(job, t) for job in jobs])
    else:
        say(t("Nothing has run here yet. Start it: vakhta run"))
    for outage in outages:
        say(t("{source} is away since {since} (UTC).", source=outage.source, since=f"{outage.began_at:%Y-%m-%d %H:%M}"))
    if waiting := outbox.get("new", 0):
        say(t.many("{n} message waits to be sent.", "{n} messages wait to be sent.", waiting))
    return 0


def _row(job: JobState, t: Translator) -> tuple[str, ...]:
    failing = job.state in ("backoff", "auth", "waiting") and job.last_error
    return (
        job.name,
        job.state,
        f"{job.since:%Y-%m-%d %H:%M:%S}",
        f"{job.heartbeat_at:%H:%M:%S}" if job.heartbeat_at else "-",
        t(job.last_error, **job.error_values) if failing and job.last_error else "",
    )
