"""How processes look in a chat: the list, one of them, its runs, what a run wrote, and that it fails. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from aiogram.filters.callback_data import CallbackData
from markupsafe import Markup

from bot.chat.cards import Button, Card, Document, RowId, clean, lines, rows_of, shorten, units
from bot.chat.pager import PAGE_SIZE, page_row
from core.files.processing_model import KIND, OUTPUT_KEPT, Overview, Process, Run
from core.people.model import Reader
from core.text import Translator, duration, local_time, size_text, translator

_NAME: Final = 60
_PATH: Final = 300
_GLIMPSE: Final = 600
_OUTPUT: Final = 2800
SHOWN: Final = 30
"""Processes in one list."""

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
"""What a terminal would take for colours and titles (ECMA-48)."""


class ProcessButton(CallbackData, prefix="pc"):
    """`list` of the processes; `open`, `start`, `pause`, `resume` the one with that id, a page of its `runs`.

    `output` of the run with that id, the same as a `file`, that run `again`.
    """

    action: str
    id: RowId = 0
    page: RowId = 0


def _button(text: str, action: str, id_: int = 0, page: int = 0) -> Button:
    return Button(text, ProcessButton(action=action, id=id_, page=page).pack())


def list_card(found: Sequence[Overview], reader: Reader, now: datetime) -> Card:
    """Every process in two lines, with a button for each."""
    t = translator(reader.language)
    if not found:
        return Card(t.html("No process is configured. The configuration names them: [process.NAME]"))
    parts: list[Markup | str] = [t.many_html("⚙️ <b>{n} process</b>", "⚙️ <b>{n} processes</b>", len(found))]
    hosts = {each.process.host for each in found}
    for each in found[:SHOWN]:
        parts += ["", _head(t, each, many_hosts=len(hosts) > 1), _standing(t, each, reader, now)]
    buttons = [_button(shorten(each.process.name, 24), "open", each.process.id) for each in found[:SHOWN]]
    return Card(lines(parts), (*rows_of(buttons, 2), (_button(t("🔄 Refresh"), "list"),)))


def process_card(found: Overview, reader: Reader, now: datetime, *, operator: bool, admin: bool) -> Card:
    """One process; whoever looks may start it (`operator`), let it rest (`admin`)."""
    t = translator(reader.language)
    process = found.process
    text = lines(
        [
            _head(t, found, many_hosts=True),
            _standing(t, found, reader, now),
            *_paused(t, process, reader, now),
        ]
    )
    doing = []
    if operator and process.removed_at is None:
        doing.append(_button(t("▶ Run now"), "start", process.id))
    if admin and process.removed_at is None:
        rests = process.paused_at is not None
        doing.append(_button(t("▶️ Resume") if rests else t("⏸ Pause"), "resume" if rests else "pause", process.id))
    looking = (_button(t("🕘 Last runs"), "runs", process.id), _button(t("🔄 Refresh"), "open", process.id))
    rows = (tuple(doing), looking, (_button(t("‹ Processes"), "list"),))
    return Card(text, tuple(row for row in rows if row))


def runs_card(process: Process, runs: Sequence[Run], total: int, page: int, reader: Reader, now: datetime) -> Card:
    """A page of a process' runs, newest first, each with a button to what it wrote."""
    t = translator(reader.language)
    parts: list[Markup | str] = [
        t.many_html("🕘 <b>{name}</b>: {n} run", "🕘 <b>{name}</b>: {n} runs", total, name=_named(process))
    ]
    for number, run in enumerate(runs, 1 + page * PAGE_SIZE):
        begun = local_time(run.started_at or run.queued_at, reader.timezone, now)
        parts += ["", Markup("{}. {} {} · {}").format(number, _icon(run), begun, how(t, run))]
        parts.append(_subject(t, run, 100))
    if not runs:
        parts += ["", t.html("It has not run yet.")]
    buttons = [_button(f"{_icon(run)} {n}", "output", run.id) for n, run in enumerate(runs, 1 + page * PAGE_SIZE)]
    turning = page_row(page, total, lambda at: ProcessButton(action="runs", id=process.id, page=at).pack(), PAGE_SIZE)
    rows = (*rows_of(buttons, 4), turning, (_button(t("‹ {name}", name=_named(process)), "open", process.id),))
    return Card(lines(parts), tuple(row for row in rows if row))


def run_card(process: Process, run: Run, reader: Reader, now: datetime, *, operator: bool) -> Card:
    """One run and the end of what it wrote."""
    t = translator(reader.language)
    parts: list[Markup | str | None] = [
        Markup("{} <b>{}</b>").format(_icon(run), _named(process)),
        _subject(t, run, _PATH),
        how(t, run),
        *_circumstances(t, run, reader, now),
    ]
    written = tail(run.output, _OUTPUT)
    if written:
        parts += ["", Markup("<pre>{}</pre>").format(written)]
        if run.output_size > OUTPUT_KEPT:
            parts.append(t.html("<i>It wrote {size}; the end of it is kept.</i>", size=size_text(t, run.output_size)))
    elif run.state not in ("queued", "running"):
        parts += ["", t.html("<i>It wrote nothing.</i>")]
    doing = [_button(t("🔁 Run again"), "again", run.id)] if operator else []
    if run.output:
        doing.append(_button(t("📎 Output as a file"), "file", run.id))
    rows = (tuple(doing), (_button(t("🕘 Last runs"), "runs", process.id),))
    return Card(lines(parts), tuple(row for row in rows if row))


def output_file(process: Process, run: Run) -> Document:
    """What is kept of a run's output, as a document."""
    name = re.sub(r"[^\w.-]+", "_", process.name)[:_NAME]
    return Document(f"{name}-{run.id}.txt", run.output.encode("utf-8", "replace"))


def failure_card(process: Process, run: Run, reader: Reader, now: datetime, *, latest: bool) -> Card:
    """A process fails, or has failed; `run` is its last failure. `latest`: this is the message of what goes on now."""
    t = translator(reader.language)
    since = local_time(process.failing_since or run.ended_at or run.queued_at, reader.timezone, now)
    if not latest:
        head = t.html("⚠️ <b>{name}</b> failed.", name=_named(process))
    elif process.failing_since is None:
        head = t.many_html(
            "✅ <b>{name}</b> works again. It had failed {n} time.",
            "✅ <b>{name}</b> works again. It had failed {n} times.",
            process.failures,
            name=_named(process),
        )
    elif process.failures > 1:
        head = t.many_html(
            "⚠️ <b>{name}</b> failed {n} time since {at}.",
            "⚠️ <b>{name}</b> failed {n} times since {at}.",
            process.failures,
            name=_named(process),
            at=since,
        )
    else:
        head = t.html("⚠️ <b>{name}</b> failed.", name=_named(process))
    written = tail(run.output, _GLIMPSE)
    text = lines(
        [
            head,
            _subject(t, run, _PATH),
            how(t, run),
            Markup("<pre>{}</pre>").format(written) if written else None,
        ]
    )
    rows = (
        (_button(t("🔁 Run again"), "again", run.id), _button(t("📄 Output"), "output", run.id)),
        (_button(t("⚙️ Process"), "open", process.id),),
    )
    return Card(text, rows, f"{KIND}:{process.id}:{process.told_run_id if latest else run.id}")


def recovered_card(data: Mapping[str, Any], reader: Reader) -> Card:
    """A process works again; `data` as core.files.processing writes it."""
    t = translator(reader.language)
    away = datetime.fromisoformat(data["until"]) - datetime.fromisoformat(data["since"])
    name = shorten(data["name"], _NAME)
    return Card(t.html("✅ <b>{name}</b> works again after {time}.", name=name, time=duration(t, away.total_seconds())))


def how(t: Translator, run: Run) -> str:
    """What became of a run, in words."""
    match run.state:
        case "queued":
            return t("waits to be tried again") if run.attempts else t("waits")
        case "running":
            return t("at work")
        case "done":
            return t("done in {time}", time=_took(t, run))
        case _:
            return _why(t, run)


def _why(t: Translator, run: Run) -> str:
    if run.reason == "exit" and (run.exit_code or 0) < 0:
        return t("failed: ended by signal {n}", n=-(run.exit_code or 0))
    took = _took(t, run)
    words = {
        "exit": t("failed with code {code} after {time}", code=run.exit_code, time=took),
        "timeout": t("failed: ended after {time}, it took too long", time=took),
        "start": t("failed: it could not be started"),
        "gone": t("skipped: the file is not there any more"),
        "ambiguous": t("failed: several files are shown by this name"),
        "stop": t("interrupted by a stop, queued again"),
        "crash": t("interrupted when the assistant died, queued again")
        if run.crashes == 0
        else t("interrupted twice when the assistant died, not queued again"),
    }
    return words.get(run.reason, run.reason)


def _took(t: Translator, run: Run) -> str:
    """How long a run took, in tenths of a second where it was short."""
    seconds = run.seconds or 0.0
    return t("{n} s", n=f"{seconds:.1f}") if seconds < 10 else duration(t, seconds)


def tail(text: str, limit: int) -> str:
    """The end of an output in at most that many UTF-16 units, whole lines where they fit, nothing a terminal obeys."""
    shown = clean(_ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")).strip()
    if units(shown) <= limit:
        return shown
    cut = shown.encode("utf-16-le")[-2 * (limit - 1) :].decode("utf-16-le", "ignore")
    first, _, rest = cut.partition("\n")
    return "…" + (rest if rest and len(first) < limit // 4 else cut)


def _named(process: Process) -> str:
    return shorten(process.name, _NAME)


def _icon(run: Run) -> str:
    icons = {"queued": "🕓", "running": "⏳", "done": "✅", "failed": "❌", "skipped": "⏭", "interrupted": "✂️"}
    return icons[run.state]


def _head(t: Translator, found: Overview, *, many_hosts: bool) -> Markup:
    process, about = found.process, found.process.about
    if process.paused_at is not None:
        icon = "⏸"
    elif process.failing_since is not None:
        icon = "🟠"
    else:
        icon = "🟢"
    names = ", ".join([*_words(about, "watch"), *_words(about, "patterns")])
    every = about.get("every")
    clock = t("every {time}", time=_length(t, float(str(every)))) if every else str(about.get("cron") or "")
    parts = [shorten(part, _PATH) for part in (names, clock, process.host if many_hosts else "") if part]
    return Markup("{} <b>{}</b> · {}").format(icon, _named(process), " · ".join(parts))


def _length(t: Translator, seconds: float) -> str:
    """A length of time in its largest unit that is whole: 90 minutes, 2 hours."""
    for unit, one, other in (
        (86400, "{n} day", "{n} days"),
        (3600, "{n} hour", "{n} hours"),
        (60, "{n} minute", "{n} minutes"),
    ):
        if seconds % unit == 0:
            return t.many(one, other, int(seconds // unit))
    return t.many("{n} second", "{n} seconds", int(seconds))


def _words(about: Mapping[str, object], key: str) -> list[str]:
    value = about.get(key)
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _standing(t: Translator, found: Overview, reader: Reader, now: datetime) -> Markup:
    """How it is doing, in a line."""
    parts = []
    if found.running is not None:
        begun = local_time(found.running.started_at or now, reader.timezone, now)
        parts.append(t("at work since {at}", at=begun))
    if found.last is not None:
        ended = local_time(found.last.ended_at or found.last.queued_at, reader.timezone, now)
        parts.append(t("last {at}: {how}", at=ended, how=how(t, found.last)))
    elif found.running is None:
        parts.append(t("has not run yet"))
    if found.process.next_at is not None:
        parts.append(t("next {at}", at=local_time(found.process.next_at, reader.timezone, now)))
    if found.queued:
        parts.append(t.many("{n} waits", "{n} wait", found.queued))
    if found.process.failing_since is not None:
        parts.append(t.many("{n} failure", "{n} failures", found.process.failures))
    return Markup("{}").format(" · ".join(parts))


def _paused(t: Translator, process: Process, reader: Reader, now: datetime) -> Iterator[Markup]:
    if process.removed_at is not None:
        yield t.html("It is not configured any more.")
    if process.paused_at is not None:
        yield t.html(
            "Paused by {name} since {at}. What it has to do is kept.",
            name=clean(process.paused_by),
            at=local_time(process.paused_at, reader.timezone, now),
        )


def _subject(t: Translator, run: Run, limit: int) -> Markup:
    if not run.path:
        return t.html("on schedule")
    return Markup("<code>{}</code>").format(_end_of(run.path, limit))


def _end_of(path: str, limit: int) -> str:
    """A path in one line; its end says more than its beginning."""
    shown = " ".join(clean(path).split("\n"))
    return shown if len(shown) <= limit else "…" + shown[-limit + 1 :]


def _circumstances(t: Translator, run: Run, reader: Reader, now: datetime) -> Iterator[Markup]:
    if run.started_at is not None:
        yield t.html("Begun {at}", at=local_time(run.started_at, reader.timezone, now))
    if run.attempts > 1:
        yield t.many_html("Tried {n} time", "Tried {n} times", run.attempts)
    if run.asked_by:
        yield t.html("Asked for by {name}", name=clean(run.asked_by))
