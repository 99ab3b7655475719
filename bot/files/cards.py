"""How files look in a chat. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from markupsafe import Markup

from bot.chat.cards import Card, lines, shorten
from bot.chat.pager import pages
from bot.files import gap_cards
from bot.files.keyboards import Rows, burst_row
from bot.files.who import who_text
from core.files.lives import Life, Step
from core.files.model import KIND, Burst, EventType, FileEvent, Gap
from core.files.naming import parse_details
from core.people.model import Reader
from core.text import Translator, local_time, size_text, translator

ICONS: Final[Mapping[EventType, str]] = {"created": "✚", "modified": "✎", "deleted": "✖", "moved": "➜"}
BURST_SHOWN: Final = 8
"""The last names in a burst's message."""

LIFE_SHOWN: Final = 10
"""Changes on one card of a file's life."""

_NAME: Final = 80
_PLACE: Final = 120


def burst_card(
    burst: Burst, last: Sequence[FileEvent], reader: Reader, now: datetime, *, with_host: bool = False
) -> Card:
    """The message of a burst: how many changes, and the last of them (given newest first); whose, `with_host`."""
    t = translator(reader.language)
    total = sum(burst.counts.values())
    counts = "  ".join(f"{ICONS[kind]} {n}" for kind, n in burst.counts.items() if n)
    rest = total - len(last)
    name = f"{burst.watch} · {burst.host}" if with_host and burst.host else burst.watch
    text = lines(
        [
            t.many_html("📁 <b>{watch}</b>: {n} change", "📁 <b>{watch}</b>: {n} changes", total, watch=name),
            counts if total > 1 else None,
            *groups(last, reader, now),
            t.many_html("<i>and {n} earlier</i>", "<i>and {n} earlier</i>", rest) if rest > 0 else None,
        ]
    )
    return Card(text, (burst_row(t, burst.id),), f"{KIND}:{burst.watch}:{burst.id}")


@dataclass(frozen=True, slots=True)
class Changed:
    """A file with what was found of it: its latest event, and how many there are."""

    event: FileEvent
    changes: int


def by_file(events: Sequence[FileEvent]) -> list[Changed]:
    """The files that these events (newest first) are about, those that changed last first; a renamed one is one."""
    latest: dict[tuple[str, str, str], FileEvent] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    became: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    for event in events:
        named = (event.watch, event.host, event.path)
        key = became.get(named, named)
        latest.setdefault(key, event)
        counts[key] += 1
        old = parse_details(event.details).get("old_path") if event.event_type == "moved" else None
        if old is not None:
            became.setdefault((event.watch, event.host, old), key)
    return [Changed(event, counts[key]) for key, event in latest.items()]


def list_card(
    found: Sequence[Changed],
    total: int,
    most: int,
    reader: Reader,
    now: datetime,
    *,
    asked: str = "",
    people: Sequence[str] = (),
    files: int = 0,
    gaps: Sequence[Gap] = (),
    rows: Rows = (),
) -> Card:
    """A page of what was found, numbered: changes, or `files` in all. `total` changes were counted up to `most`.

    `people` are those whose changes were looked for, `gaps` (newest first) the times of which something may be missing.
    """
    t = translator(reader.language)
    question = t.html("🔎 {query}", query=shorten(asked, 200)) if asked else None
    if question and people:
        question = Markup("{} · 👤 {}").format(question, shorten(", ".join(people), _NAME))
    if not found:
        hint = t.html("Try a piece of a name, *.docx, a project, a folder, deleted, yesterday or last week.")
        unseen = gap_cards.unseen(t, gaps, reader, now)
        return Card(lines([t.html("No changes of files found."), question, hint, unseen]), rows)
    head = t.many_html("📁 <b>{n} change of files</b>", "📁 <b>{n} changes of files</b>", total)
    if total >= most:
        head = t.html("📁 <b>{n} changes of files or more</b>", n=most)
    if files:
        head += t.many_html(", {n} file", ", {n} files", files)
    if files and total >= most:
        question = lines([part for part in (question, t.html("<i>by file: of the latest {n}</i>", n=most)) if part])
    return Card(lines([head, question, *_numbered(found, reader, now), gap_cards.unseen(t, gaps, reader, now)]), rows)


def _numbered(found: Sequence[Changed], reader: Reader, now: datetime) -> Iterator[Markup]:
    t = translator(reader.language)
    n = 0
    with_host = len({each.event.host for each in found}) > 1
    for place, group in groupby(found, lambda each: _place(each.event, with_host=with_host)):
        yield Markup()
        yield Markup("<i>{}</i>").format(shorten(place, _PLACE))
        for each in group:
            n += 1
            yield Markup("{}. {}").format(n, _line(t, each.event, reader, now, each.changes))


def groups(events: Sequence[FileEvent], reader: Reader, now: datetime) -> Iterator[Markup]:
    """A line for each file that these events (newest first) are about; neighbours in a folder stand below its name."""
    t = translator(reader.language)
    with_host = len({event.host for event in events}) > 1
    for place, group in groupby(by_file(events), lambda each: _place(each.event, with_host=with_host)):
        yield Markup()
        yield Markup("<i>{}</i>").format(shorten(place, _PLACE))
        for each in group:
            yield _line(t, each.event, reader, now, each.changes)


def _line(t: Translator, event: FileEvent, reader: Reader, now: datetime, changes: int = 1) -> Markup:
    when = local_time(event.event_time, reader.timezone, now)
    size = Markup(" · {}").format(size_text(t, event.file_size)) if event.file_size is not None else Markup()
    many = Markup(" · {}").format(t.many("{n} change", "{n} changes", changes)) if changes > 1 else Markup()
    name = Markup("{} <b>{}</b>{}{} · {}{}").format(
        ICONS[event.event_type],
        shorten(_in_a_line(_tail(event.path)), _NAME),
        size if event.event_type != "deleted" else Markup(),
        many,
        when,
        _who(t, event),
    )
    old = parse_details(event.details).get("old_path")
    if old is None:
        return name
    before = _tail(old) if _tail(old) != _tail(event.path) else _place_of(event, old)
    return lines([name, t.html("↳ was <i>{old}</i>", old=shorten(_in_a_line(before), _NAME))])


def _who(t: Translator, event: FileEvent) -> Markup:
    return Markup(" · 👤 {}").format(shorten(who_text(t, event.who), _NAME)) if event.who else Markup()


def life_pages(life: Life) -> int:
    """How many cards a life fills."""
    return pages(len(life.steps), LIFE_SHOWN)


def life_card(
    life: Life, page: int, reader: Reader, now: datetime, *, gaps: Sequence[Gap] = (), rows: Rows = ()
) -> Card:
    """A file's whole life, a page of it, the newest first, with the `gaps` (newest first) in which it was not seen."""
    t = translator(reader.language)
    last = life.steps[-1].event
    steps = _woven(t, life, gaps, reader, now)[page * LIFE_SHOWN : (page + 1) * LIFE_SHOWN]
    checksum = next((step.event.checksum for step in reversed(life.steps) if step.event.checksum), None)
    gone = last.event_type == "deleted"
    text: list[Markup | str] = [
        Markup("{} <b>{}</b>").format("🗑" if gone else "📄", shorten(_in_a_line(_tail(last.path)), 200)),
        Markup("<i>{}</i>").format(shorten(_place(last), 200)),
        t.many_html("{n} change", "{n} changes", len(life.steps)),
        "",
        *steps,
    ]
    if page == life_pages(life) - 1 and not life.complete:
        text.append(t.html("<i>What was before is not in the history.</i>"))
    if gaps:
        text += ["", gap_cards.lost(t)]
    if not gone and checksum and page == 0:
        text += [
            "",
            t.html("🔑 Checksum: {checksum}", checksum=Markup("<code>{}</code>").format(shorten(checksum, 130))),
        ]
    if not any(step.event.who for step in life.steps):
        text += ["", t.html("<i>👤 Who made the changes is not known on this share.</i>")]
    return Card(lines(text), rows)


def _woven(t: Translator, life: Life, gaps: Sequence[Gap], reader: Reader, now: datetime) -> list[Markup]:
    """The steps of a life, the newest first, each with the gaps before it; the last one also with those after it."""
    woven: list[Markup] = []
    rest = list(gaps)
    for step in life.steps[::-1]:
        after = [gap for gap in rest if gap.began_at >= step.event.event_time]
        rest = rest[len(after) :]
        if after and woven:
            woven[-1] = lines([woven[-1], gap_cards.between(t, after, reader, now)])
        said = _step(t, step, reader, now)
        woven.append(lines([gap_cards.between(t, after, reader, now), said]) if after and not woven else said)
    if rest:
        woven[-1] = lines([woven[-1], gap_cards.between(t, rest, reader, now)])
    return woven


def _step(t: Translator, step: Step, reader: Reader, now: datetime) -> Markup:
    event = step.event
    said = {"created": t("created"), "modified": t("changed"), "deleted": t("deleted"), "moved": t("moved")}
    parts = [Markup("{} {}").format(ICONS[event.event_type], local_time(event.event_time, reader.timezone, now))]
    renamed = step.old_path is not None and step.old_path.rpartition("/")[0] == step.path.rpartition("/")[0]
    parts.append(Markup("{}").format(t("renamed") if renamed else said[event.event_type]))
    if event.file_size is not None and event.event_type != "deleted":
        parts.append(Markup("{}").format(size_text(t, event.file_size)))
    line = Markup(" · ").join(parts)
    if step.grown:
        sign = "+" if step.grown > 0 else "−"
        line += Markup(" ({}{})").format(sign, size_text(t, abs(step.grown)))
    line += _who(t, event)
    if step.old_path is None:
        return line
    before, after = step.old_path.rpartition("/"), step.path.rpartition("/")
    was = step.old_path if before[0] != after[0] else before[2]
    return lines([line, t.html("↳ was <i>{old}</i>", old=shorten(_in_a_line(was), 100))])


def _in_a_line(text: str) -> str:
    """A name may hold a line break."""
    return " ".join(text.splitlines())


def _tail(path: str) -> str:
    return path.rpartition("/" if path.startswith("/") else "\\")[2]


def _place(event: FileEvent, *, with_host: bool = False) -> str:
    place = _place_of(event, event.path)
    return f"{place} · {event.host}" if with_host and event.host else place


def _place_of(event: FileEvent, path: str) -> str:
    """Project or watch, and the folder below the root."""
    root = parse_details(event.details).get("watched_root", "")
    below = path.removeprefix(root)
    below = below.replace("\\", "/") if "\\" in root and not root.startswith("/") else below
    folder = below.strip("/").rpartition("/")[0]
    return _in_a_line(" / ".join(part for part in (event.project or event.watch, folder) if part))
