"""`/metrics`: Prometheus' text exposition format, version 0.0.4."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from aiohttp import web

from bot.page import overview as overviews
from bot.page.context import PAGE, Page
from bot.page.overview import Overview

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_NOTICE_STATES: Final = ("new", "sending", "sent", "unknown", "expired", "dead")

Sample = tuple[Mapping[str, str], float]


async def metrics(request: web.Request) -> web.Response:
    """Answer a scrape."""
    page = request.app[PAGE]
    text = "".join(_families(page, await overviews.look(page, finished=True)))
    return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})


def family(name: str, kind: str, words: str, samples: Iterable[Sample]) -> str:
    """One metric with its HELP, TYPE and samples."""
    lines = [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{_labels(labels)} {value:.17g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _families(page: Page, seen: Overview) -> Iterator[str]:
    yield family("vakhta_build_info", "gauge", "The version that runs; always 1.", [({"version": page.version}, 1)])
    codes = dict.fromkeys((*page.workflow.codes, *seen.requests))
    statuses = [({"status": code}, float(seen.requests.get(code, 0))) for code in codes]
    yield family("vakhta_requests", "gauge", "Requests by status.", statuses)
    yield family("vakhta_requests_late", "gauge", "Requests without news for too long.", [({}, seen.late)])
    notices = [({"state": state}, float(seen.outbox.get(state, 0))) for state in _NOTICE_STATES]
    yield family("vakhta_notices", "gauge", "Messages to chats by state.", notices)
    waited = (seen.at - seen.waiting_since).total_seconds() if seen.waiting_since else 0.0
    words = "How long the message that is due longest has waited."
    yield family("vakhta_notices_waiting_seconds", "gauge", words, [({}, max(0.0, waited))])
    if seen.last_sent:
        words = "When the last message was delivered, Unix time."
        yield family("vakhta_notice_sent_timestamp_seconds", "gauge", words, [({}, seen.last_sent.timestamp())])
    yield from _job_families(seen)
    words = "Sources that cannot be reached now."
    yield family("vakhta_outages", "gauge", words, [({}, len(seen.outages))])
    words = "Letters that wait for a person."
    yield family("vakhta_letters_waiting", "gauge", words, [({}, seen.letters)])
    words = "Changes of files noticed since the history began."
    yield family("vakhta_file_events_total", "counter", words, [({}, seen.last_event_id)])


def _job_families(seen: Overview) -> Iterator[str]:
    jobs = [({"job": job.name, "host": job.host}, job) for job in seen.jobs]
    up = [(labels, float(overviews.is_up(job, seen.at))) for labels, job in jobs]
    yield family("vakhta_job_up", "gauge", "Whether a job is at work.", up)
    states = [({**labels, "state": job.state}, 1.0) for labels, job in jobs]
    yield family("vakhta_job_state", "gauge", "What a job does; always 1.", states)
    ages = [
        (labels, max(0.0, (seen.at - job.heartbeat_at).total_seconds())) for labels, job in jobs if job.heartbeat_at
    ]
    yield family("vakhta_job_heartbeat_age_seconds", "gauge", "Time since a job's last sign of life.", ages)
