"""The pages people look at."""

from typing import Any, Final

from aiohttp import web

from bot.page import overview as overviews
from bot.page import params
from bot.page.context import PAGE
from bot.page.reader import reader_of, remember
from bot.page.shown import Shown, address
from core.files import store as file_store
from core.files.model import EVENT_TYPES, Query
from core.files.naming import is_absolute
from core.letters import mailbox_store
from core.requests import store as request_store
from core.requests.model import Filter
from core.text import LANGUAGE_NAMES, translator

ROWS: Final = 30
"""Rows on one page of a list."""
DEEPEST: Final = 100_000
"""How far back a list can be paged: further, one filters."""
_OUTBOX: Final = ("new", "sending", "unknown", "dead")


def render(request: web.Request, name: str, *, status: int = 200, **values: Any) -> web.Response:
    """A template for this visitor as a response."""
    page = request.app[PAGE]
    reader = reader_of(request)
    t = translator(reader.language)
    shown = Shown(t, reader.timezone, page.clock.now(), page.workflow, page.late_after)
    text = page.templates.get_template(name).render(
        t=t,
        many=t.many,
        shown=shown,
        assets=page.assets,
        version=page.version,
        workflow=page.workflow,
        languages=LANGUAGE_NAMES,
        here=request.path,
        here_in=lambda code: _here_in(request, code),
        status=status,
        **values,
    )
    response = web.Response(text=text, status=status, content_type="text/html")
    response.headers["Content-Language"] = reader.language
    response.headers["Vary"] = "Accept-Language, Cookie"
    remember(request, response)
    return response


async def overview(request: web.Request) -> web.Response:
    """Is everything all right? In one glance."""
    seen = await overviews.look(request.app[PAGE])
    t = translator(reader_of(request).language)
    found = overviews.concerns(t, seen)
    headline = t("All is well.") if not found else t.many("{n} thing to look at", "{n} things to look at", len(found))
    working = sum(job.state in ("running", "idle", "starting") for job in seen.jobs)
    open_requests = sum(n for code, n in seen.requests.items() if code not in request.app[PAGE].workflow.finals)
    summary = ", ".join(
        (
            t.many("{n} job at work", "{n} jobs at work", working),
            t.many("{n} open request", "{n} open requests", open_requests),
        )
    )
    return render(
        request,
        "overview.html",
        look=seen,
        concerns=found,
        level=overviews.level_of(found),
        headline=headline,
        summary=summary,
        silent=overviews.silent_jobs(seen.jobs, seen.at),
        many_hosts=len({job.host for job in seen.jobs}) > 1,
        outbox=[(state, seen.outbox.get(state, 0)) for state in _OUTBOX],
    )


async def requests(request: web.Request) -> web.Response:
    """The list of requests: by status, by words, only late ones."""
    page, asked = request.app[PAGE], request.query
    query = {
        "text": params.words(asked, "text") or "",
        "status": params.one_of(asked, "status", page.workflow.codes) or "",
        "late": params.one_of(asked, "late", ("1",)) or "",
    }
    wanted = Filter(
        statuses=(query["status"],) if query["status"] else page.open_codes if query["late"] else (),
        text=query["text"],
        late_since=page.clock.now() - page.late_after if query["late"] else None,
    )
    offset = params.number(asked, "offset", default=0, most=DEEPEST)
    async with page.db.reading() as connection:
        finals = page.workflow.finals
        found = await request_store.list_requests(connection, wanted, finals=finals, limit=ROWS, offset=offset)
        total = await request_store.count(connection, wanted, finals=finals)
        unread = await mailbox_store.unread(connection, page.mailboxes)
    return render(
        request,
        "requests.html",
        query=query,
        found=found,
        unread=unread,
        total=total,
        offset=offset,
        size=ROWS,
        more=offset + len(found) < total,
    )


async def request(request: web.Request) -> web.Response:
    """One request and what happened to it."""
    page, request_id = request.app[PAGE], int(request.match_info["id"])
    async with page.db.reading() as connection:
        found = await request_store.get(connection, request_id)
        if found is None:
            raise web.HTTPNotFound
        history = await request_store.list_history(connection, request_id, limit=200)
        expects = found.status in page.open_codes
        unread = await mailbox_store.unread(connection, page.mailboxes, request_id) if expects else ()
    return render(request, "request.html", r=found, history=history, unread=unread)


async def files(request: web.Request) -> web.Response:
    """The history of the watched folders; days are the page's own."""
    page, asked = request.app[PAGE], request.query
    query = {name: params.words(asked, name) or "" for name in ("path", "project", "username", "since", "until")}
    kind = params.event_type(asked)
    query["type"] = kind or ""
    path = query["path"]
    is_glob, is_whole = "*" in path or "?" in path, is_absolute(path)
    wanted = Query(
        words=tuple(path.split()) if not (is_glob or is_whole) else (),
        globs=(path,) if is_glob and not is_whole else (),
        path=path if is_whole else None,
        project=query["project"] or None,
        username=query["username"] or None,
        event_type=kind,
        since=params.day(asked, "since", page.timezone),
        until=params.day(asked, "until", page.timezone, end=True),
    )
    offset = params.number(asked, "offset", default=0, most=DEEPEST)
    async with page.db.reading() as connection:
        found = await file_store.find_events(connection, wanted, limit=ROWS + 1, offset=offset)
    return render(
        request,
        "files.html",
        query=query,
        filtered=any(query.values()),
        kinds=EVENT_TYPES,
        found=found[:ROWS],
        offset=offset,
        size=ROWS,
        more=len(found) > ROWS,
    )


async def syncs(request: web.Request) -> web.Response:
    """Flows between systems: none is built yet."""
    return render(request, "syncs.html")


def _here_in(request: web.Request, code: str) -> str:
    """This address in another language, without the token."""
    query = {name: value for name, value in request.query.items() if name not in ("token", "lang")}
    return address("/" + request.path.lstrip("/"), **query, lang=code)
