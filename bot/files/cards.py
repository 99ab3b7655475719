"""How files look in a chat. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from markupsafe import Markup

from bot.chat.cards import Button, Card, lines, shorten
from bot.files.keyboards import burst_row
from core.files.model import KIND, Burst, EventType, FileEvent
from core.files.naming import parse_details
from core.people.model import Reader
from core.text import Translator, local_time, size_text, translator

ICONS: Final[Mapping[EventType, str]] = {"created": "✚", "modified": "✎", "deleted": "✖", "moved": "➜"}
BURST_SHOWN: Final = 8
"""The last names in a burst's message."""

_NAME: Final = 80
_PLACE: Final = 120


def burst_card(burst: Burst, last: Sequence[FileEvent], reader: Reader, now: datetime) -> Card:
    """The message of a burst: how many changes, and the last of them (given newest first)."""
    t = translator(reader.language)
    total = sum(burst.counts.values())
    counts = "  ".join(f"{ICONS[kind]} {n}" for kind, n in burst.counts.items() if n)
    rest = total - len(last)
    text = lines(
        [
            t.many_html("📁 <b>{watch}</b>: {n} change", "📁 <b>{watch}</b>: {n} changes", total, watch=burst.watch),
            counts if total > 1 else None,
            *groups(last, reader, now),
            t.many_html("<i>and {n} earlier</i>", "<i>and {n} earlier</i>", rest) if rest > 0 else None,
        ]
    )
    return Card(text, (burst_row(t, burst.id),), f"{KIND}:{burst.watch}:{burst.id}")


def list_card(
    found: Sequence[FileEvent],
    total: int,
    most: int,
    reader: Reader,
    now: datetime,
    *,
    asked: str = "",
    row: tuple[Button, ...] = (),
) -> Card:
    """A page of the history, newest first; `total` was counted up to `most`. `row` turns the pages."""
    t = translator(reader.language)
    question = t.html("🔎 {query}", query=shorten(asked, 200)) if asked else None
    if not found:
        hint = t.html("Try a piece of a name, *.docx, a project, today, yesterday or week.")
        return Card(lines([t.html("No changes of files found."), question, hint]), (row,) if row else ())
    head = t.many_html("📁 <b>{n} change of files</b>", "📁 <b>{n} changes of files</b>", total)
    if total >= most:
        head = t.html("📁 <b>{n} changes of files or more</b>", n=most)
    return Card(lines([head, question, *groups(found, reader, now)]), (row,) if row else ())


def groups(events: Sequence[FileEvent], reader: Reader, now: datetime) -> Iterator[Markup]:
    """Neighbours in the same folder stand below its name."""
    t = translator(reader.language)
    for place, group in groupby(events, _place):
        yield Markup()
        yield Markup("<i>{}</i>").format(shorten(place, _PLACE))
        for event in group:
            yield _line(t, event, reader, now)


def _line(t: Translator, event: FileEvent, reader: Reader, now: datetime) -> Markup:
    when = local_time(event.event_time, reader.timezone, now)
    size = Markup(" · {}").format(size_text(t, event.file_size)) if event.file_size is not None else Markup()
    name = Markup("{} <b>{}</b>{} · {}").format(
        ICONS[event.event_type],
        shorten(_tail(event.path), _NAME),
        size if event.event_type != "deleted" else Markup(),
        when,
    )
    old = parse_details(event.details).get("old_path")
    if old is None:
        return name
    before = _tail(old) if _tail(old) != _tail(event.path) else _place_of(event, old)
    return lines([name, t.html("↳ was <i>{old}</i>", old=shorten(before, _NAME))])


def _tail(path: str) -> str:
    return path.rpartition("/" if path.startswith("/") else "\\")[2]


def _place(event: FileEvent) -> str:
    return _place_of(event, event.path)


def _place_of(event: FileEvent, path: str) -> str:
    """Project or watch, and the folder below the root."""
    root = parse_details(event.details).get("watched_root", "")
    below = path.removeprefix(root)
    below = below.replace("\\", "/") if "\\" in root and not root.startswith("/") else below
    folder = below.strip("/").rpartition("/")[0]
    return " / ".join(part for part in (event.project or event.watch, folder) if part)
