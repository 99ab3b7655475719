"""The addresses for programs: JSON, and events as they come."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from bot.page import overview as overviews
from bot.page import params
from bot.page.context import PAGE
from bot.page.live import LOOK_EVERY, attend, send
from bot.page.reader import reader_of
from core.clock import iso
from core.errors import StorageUnavailable
from core.files import store as file_store
from core.files.model import Query
from core.requests import store as request_store
from core.requests.model import Filter, Request
from core.text import translator

MOST: Final = 1000
BATCH: Final = 500
"""Events in one message of `/ws/events`: what is not yet read stays in the database."""
LIVE_EVERY: Final = 1.0
"""Seconds between two messages of `/ws/live`, at least."""
_COMMON: Final = ("token", "lang")
_PAGING: Final = ("limit", "offset")


async def healthz(_request: web.Request) -> web.Response:
    """The process lives."""
    return web.Response(text="ok")


async def readyz(request: web.Request) -> web.Response:
    """Whether the work gets done: 200, or 503 with the reasons."""
    try:
        seen = await overviews.look(request.app[PAGE])
    except StorageUnavailable as error:
        return web.json_response({"ready": False, "reasons": [str(error)]}, status=503)
    reasons = [f"{job.name} on {job.host}: no sign of life" for job in overviews.silent_jobs(seen.jobs, seen.at)]
    if not any(overviews.is_up(job, seen.at) for job in seen.jobs):
        reasons.append("no job is at work")
    return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)


async def status(request: web.Request) -> web.Response:
    """What the overview shows, for programs; `concerns` in the caller's language."""
    seen = await overviews.look(request.app[PAGE], finished=True)
    found = overviews.concerns(translator(reader_of(request).language), seen)
    return web.json_response(
        {
            "at": iso(seen.at),
            "level": overviews.level_of(found),
            "concerns": [{"level": concern.level, "text": concern.text} for concern in found],
            "jobs": [
                {
                    "name": job.name,
                    "host": job.host,
                    "state": job.state,
                    "up": overviews.is_up(job, seen.at),
                    "since": _moment(job.since),
                    "heartbeat_at": _moment(job.heartbeat_at),
                    "last_ok_at": _moment(job.last_ok_at),
                    "last_error": job.last_error and job.last_error.format(**job.error_values),
                    "next_run_at": _moment(job.next_run_at),
                }
                for job in seen.jobs
            ],
            "outages": [
                {"source": outage.source, "reason": outage.reason, "began_at": iso(outage.began_at)}
                for outage in seen.outages
            ],
            "notices": dict(seen.outbox),
            "last_sent_at": _moment(seen.last_sent),
            "requests": {code: seen.requests.get(code, 0) for code in request.app[PAGE].workflow.codes},
            "late_requests": seen.late,
            "letters_waiting": seen.letters,
            "last_event_id": seen.last_event_id,
        }
    )


async def requests(request: web.Request) -> web.Response:
    """Requests, the latest news first: the contract's columns."""
    page, asked = request.app[PAGE], request.query
    params.only(asked, ("status", "text", *_PAGING, *_COMMON))
    status_code = params.one_of(asked, "status", page.workflow.codes)
    wanted = Filter(statuses=(status_code,) if status_code else (), text=params.words(asked, "text") or "")
    limit, offset = _paging(asked)
    async with page.db.reading() as connection:
        found = await request_store.list_requests(connection, wanted, limit=limit, offset=offset)
    return web.json_response([_request(item) for item in found], dumps=_dumps)


async def events(request: web.Request) -> web.Response:
    """The history of the watched folders, newest first."""
    asked = request.query
    known = ("project", "username", "since", "until", "type", "path", "watch")
    params.only(asked, (*_PAGING, *known, *_COMMON))
    wanted = Query(
        project=params.words(asked, "project"),
        username=params.words(asked, "username"),
        watch=params.words(asked, "watch"),
        path=params.words(asked, "path"),
        event_type=params.event_type(asked),
        since=params.moment(asked, "since"),
        until=params.moment(asked, "until"),
    )
    limit, offset = _paging(asked)
    async with request.app[PAGE].db.reading() as connection:
        found = await file_store.find_events(connection, wanted, limit=limit, offset=offset)
    return web.json_response([event.public() for event in found], dumps=_dumps)


async def ws_events(request: web.Request) -> web.WebSocketResponse:
    """Events as they are committed: those after `?after=ID`, else those after this moment.

    The cursor is read before the connection is said to be open, and moves when a message has left.
    """
    page = request.app[PAGE]
    params.only(request.query, ("after", *_COMMON))
    cursor = params.number(request.query, "after", default=-1)
    if cursor < 0:
        async with page.db.reading() as connection:
            cursor = await file_store.last_event_id(connection)

    async def drain(ws: web.WebSocketResponse) -> None:
        nonlocal cursor
        while not page.feed.closing:
            async with page.db.reading() as connection:
                found = await file_store.events_after(connection, cursor, limit=BATCH)
            if not found:
                return
            await send(ws, [event.public() for event in found])
            cursor = found[-1].id

    return await attend(request, page.feed, drain, every=LOOK_EVERY)


async def ws_live(request: web.Request) -> web.WebSocketResponse:
    """Says that something has changed, at most once a second: the pages then look again."""
    page = request.app[PAGE]
    version = 0

    async def tell(ws: web.WebSocketResponse) -> None:
        nonlocal version
        version += 1
        await send(ws, {"change": version})

    return await attend(request, page.feed, tell, every=LIVE_EVERY)


def _paging(asked: Mapping[str, str]) -> tuple[int, int]:
    return params.number(asked, "limit", default=100, least=1, most=MOST), params.number(asked, "offset", default=0)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def _request(item: Request) -> dict[str, Any]:
    return {
        "id": item.id,
        "request_number": item.number,
        "position_number": item.position,
        "title": item.title,
        "status": item.status,
        "comment": item.comment,
        "comment_author": item.comment_author,
        "created_at": iso(item.created_at),
        "status_updated_at": iso(item.status_updated_at),
    }
