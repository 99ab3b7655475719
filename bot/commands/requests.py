"""`vakhta requests`: the same use cases as in the chat."""

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from typing import Any

from bot.commands.common import CLI, say, say_json, say_table, with_services
from bot.services import Services
from core.clock import iso
from core.errors import UserError
from core.requests import rules, store
from core.requests.model import Filter, HistoryEntry, Request
from core.text import Translator

EXPORT_PAGE = 1000


def call(options: argparse.Namespace, t: Translator) -> int:
    """List, show, add, set, export."""
    actions = {"list": _list, "show": _show, "add": _add, "set": _set, "export": _export}
    return actions[options.action](options, t)


def columns(request: Request) -> dict[str, Any]:
    """A request under the contract's column names."""
    return {
        "id": request.id,
        "request_number": request.number,
        "position_number": request.position,
        "title": request.title,
        "status": request.status,
        "comment": request.comment,
        "comment_author": request.comment_author,
        "created_at": iso(request.created_at),
        "status_updated_at": iso(request.status_updated_at),
        "contractor": request.contractor or None,
    }


def say_requests(found: Sequence[Request], t: Translator) -> None:
    """Requests as a table: which, where each stands and since when, what it is about."""
    head = (t("request"), t("status"), t("since (UTC)"), t("title"))
    say_table(head, [(r.name, r.status, f"{r.status_updated_at:%Y-%m-%d %H:%M}", r.title) for r in found])


def _wanted(services: Services, options: argparse.Namespace) -> Filter:
    if getattr(options, "late", False):
        return services.requests.late()
    query = " ".join(options.query)
    code = rules.find_status(services.requests.workflow, query) if query else None
    return Filter(statuses=(code,)) if code else Filter(text=query)


def _list(options: argparse.Namespace, t: Translator) -> int:
    async def fetch(services: Services) -> list[Request]:
        async with services.db.reading() as connection:
            finals = services.requests.workflow.finals
            return await store.list_requests(connection, _wanted(services, options), finals=finals, limit=options.limit)

    found = with_services(options, fetch)
    if options.json:
        say_json([columns(request) for request in found])
    elif found:
        say_requests(found, t)
    else:
        say(t("No requests found."))
    return 0


async def _find(services: Services, name: str) -> list[Request]:
    number, position = rules.parse_name(name)
    async with services.db.reading() as connection:
        found = await store.find(connection, number, position)
    if not found:
        raise UserError("There is no request {name}.", name=name)
    return found


def _show(options: argparse.Namespace, t: Translator) -> int:
    async def fetch(services: Services) -> list[tuple[Request, list[HistoryEntry]]]:
        found = await _find(services, options.name)
        async with services.db.reading() as connection:
            return [(request, await store.list_history(connection, request.id)) for request in found]

    found = with_services(options, fetch)
    if options.json:
        say_json(
            [
                columns(request)
                | {
                    "history": [
                        {
                            "at": e.at,
                            "kind": e.kind,
                            "actor": e.actor,
                            "old": e.old,
                            "new": e.new,
                            "text": e.text,
                            "undone_at": e.undone_at,
                        }
                        for e in entries
                    ]
                }
                for request, entries in found
            ]
        )
        return 0
    for request, entries in found:
        say("  ".join(part for part in (request.name, request.status, request.title, request.contractor) if part))
        for entry in entries:
            mark = t("(taken back)") if entry.undone_at else ""
            actor = rules.author_name(t, entry.actor)
            say(f"  {entry.at:%Y-%m-%d %H:%M}  {actor}: {_what(entry)} {mark}".rstrip())
    return 0


def _what(entry: HistoryEntry) -> str:
    return f"undone {entry.old or entry.text}" if entry.kind == "undone" else entry.new or entry.text or entry.kind


def _print(request: Request, options: argparse.Namespace, t: Translator) -> int:
    if options.json:
        say_json(columns(request))
    else:
        say(t("{name} is {status}.", name=request.name, status=request.status))
    return 0


def _add(options: argparse.Namespace, t: Translator) -> int:
    draft = rules.parse_draft(" ".join(options.words))

    async def create(services: Services) -> Request:
        async with services.db.transaction() as tx:
            return await services.requests.create(tx, draft, CLI)

    return _print(with_services(options, create), options, t)


def _set(options: argparse.Namespace, t: Translator) -> int:
    async def change(services: Services) -> Request:
        found = await _find(services, options.name)
        if len(found) > 1:
            names = ", ".join(request.name for request in found)
            raise UserError(
                "Request {number} has several positions: {names}. Name one.", number=found[0].number, names=names
            )
        code = rules.find_status(services.requests.workflow, options.status) or options.status
        async with services.db.transaction() as tx:
            return await services.requests.set_status(tx, found[0].id, code, CLI)

    return _print(with_services(options, change), options, t)


def _export(options: argparse.Namespace, _t: Translator) -> int:
    async def fetch(services: Services) -> list[Request]:
        found: list[Request] = []
        async with services.db.reading() as connection:
            wanted = _wanted(services, options)
            while page := await store.list_requests(connection, wanted, limit=EXPORT_PAGE, offset=len(found)):
                found += page
        return found

    rows = [columns(request) for request in with_services(options, fetch)]
    if options.json:
        say_json(rows)
        return 0
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns_of())
    writer.writerows([[_cell(value) for value in row.values()] for row in rows])
    sys.stdout.write(text.getvalue().replace("\r\n", "\n"))
    return 0


def columns_of() -> tuple[str, ...]:
    """The head of the export."""
    return (
        "id",
        "request_number",
        "position_number",
        "title",
        "status",
        "comment",
        "comment_author",
        "created_at",
        "status_updated_at",
        "contractor",
    )


def _cell(value: object) -> object:
    """Text that a spreadsheet would run as a formula is kept from it by a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
