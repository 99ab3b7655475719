"""How watched folders look in a chat: the list, one of them, the question about a moved one. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup

from bot.chat.cards import Button, Card, lines, rows_of, shorten
from bot.files import gap_cards
from bot.files.keyboards import FilesButton, WatchButton, back_to_folders, key_of, moved_row
from core.files.model import NO_WATCHES, Gap, WatchState
from core.files.orders import Orders
from core.files.watches import MOVED, NEW_ROOT
from core.health.model import JobState
from core.people.model import Reader
from core.text import Translator, duration, local_time, translator

_NAME: Final = 60
_PATH: Final = 300
SHOWN: Final = 30
"""Folders in one list."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A watched folder with everything that is known of it. `state` None: nobody has reached it yet. `gap`: the last
    time in which it was not seen. `host`: which machine's, where several watch a folder of that name."""

    name: str
    orders: Orders
    state: WatchState | None = None
    files: int = 0
    job: JobState | None = None
    gap: Gap | None = None
    host: str = ""

    @property
    def key(self) -> int:
        """What stands for it in a button."""
        return key_of(f"{self.host}\n{self.name}" if self.host else self.name)

    @property
    def title(self) -> str:
        """Its name, and whose it is where that is to be said."""
        name = shorten(self.name, _NAME)
        return f"{name} · {shorten(self.host, _NAME)}" if self.host else name

    @property
    def fails(self) -> bool:
        """Whether it cannot be watched now."""
        away = self.state is not None and self.state.away_since is not None
        return away or (self.job is not None and self.job.state in ("backoff", "auth"))


def list_card(folders: Sequence[Folder], reader: Reader, now: datetime) -> Card:
    """Every folder in two lines, with a button for each."""
    t = translator(reader.language)
    if not folders:
        return Card(t.html("No folder is watched. The configuration names them: [watch.NAME]"))
    parts: list[Markup | str] = [
        t.many_html("📁 <b>{n} watched folder</b>", "📁 <b>{n} watched folders</b>", len(folders))
    ]
    for folder in folders[:SHOWN]:
        parts += ["", Markup("{} <b>{}</b> · {}").format(_icon(folder), folder.title, _files(t, folder))]
        parts.append(_standing(t, folder, reader, now))
    buttons = [
        Button(shorten(folder.title, 24), WatchButton(action="open", key=folder.key).pack())
        for folder in folders[:SHOWN]
    ]
    refresh = (Button(t("🔄 Refresh"), WatchButton(action="list").pack()),)
    return Card(lines(parts), (*rows_of(buttons, 2), refresh))


def folder_card(folder: Folder, reader: Reader, now: datetime, *, admin: bool) -> Card:
    """One folder; `admin`: whoever looks may pause it."""
    t = translator(reader.language)
    return Card(lines(_about(t, folder, reader, now)), _rows(t, folder, admin=admin))


def _about(t: Translator, folder: Folder, reader: Reader, now: datetime) -> Iterator[Markup | str]:
    state, orders = folder.state, folder.orders
    yield Markup("{} <b>{}</b>").format(_icon(folder), folder.title)
    yield _standing(t, folder, reader, now)
    if state is not None:
        yield ""
        yield Markup("<code>{}</code>").format(shorten(state.root, _PATH))
        yield t.html("Files known: {n}", n=folder.files)
        if state.scanned_at is not None and (orders.paused or orders.waits or folder.fails):  # else said above
            yield t.html("Watched by: {backend}", backend=_backend(t, state))
            yield t.html(
                "Last complete comparison: {at} ({age} ago)",
                at=local_time(state.scanned_at, reader.timezone, now),
                age=duration(t, (now - state.scanned_at).total_seconds()),
            )
    job = folder.job
    if job is not None and job.last_error and job.state in ("backoff", "auth"):
        yield Markup("<i>{}</i>").format(shorten(t(job.last_error, **job.error_values), 300))
    if folder.gap is not None:
        yield ""
        yield gap_cards.last_gap(t, folder.gap, reader, now)
    if orders.waits:
        yield ""
        yield from _question(t, folder.state, orders)


def _rows(t: Translator, folder: Folder, *, admin: bool) -> tuple[tuple[Button, ...], ...]:
    def button(text: str, action: str) -> Button:
        return Button(text, WatchButton(action=action, key=folder.key).pack())

    rows: list[tuple[Button, ...]] = []
    if admin and folder.orders.waits:
        rows.append(moved_row(t, folder.name, folder.orders.asked_root))
    if admin and folder.state is not None:
        turn = button(t("▶️ Resume"), "resume") if folder.orders.paused else button(t("⏸ Pause"), "pause")
        rows.append((turn,) if folder.orders.paused else (turn, button(t("🔍 Compare now"), "rescan")))
    history = Button(t("🕘 History"), FilesButton(page=0, folder=key_of(folder.name)).pack())
    rows.append((history, button(t("🔄 Refresh"), "open")))
    rows.append((back_to_folders(t),))
    return tuple(rows)


def _icon(folder: Folder) -> str:
    if folder.orders.paused:
        return "⏸"
    if folder.orders.waits:
        return "❓"
    if folder.fails:
        return "🟠"
    return "🟢" if folder.state is not None and folder.state.first_seen_at is not None else "🟡"


def _standing(t: Translator, folder: Folder, reader: Reader, now: datetime) -> Markup:
    """How it is doing, in a line."""
    state, orders = folder.state, folder.orders
    if orders.paused_at is not None:
        return t.html(
            "paused by {who}, {at}",
            who=shorten(orders.paused_by, 60),
            at=local_time(orders.paused_at, reader.timezone, now),
        )
    if orders.waits:
        return t.html("waits: is it the same folder?")
    if state is not None and state.away_since is not None:
        return t.html(
            "away since {at} ({age})",
            at=local_time(state.away_since, reader.timezone, now),
            age=duration(t, (now - state.away_since).total_seconds()),
        )
    if folder.fails:
        return t.html("cannot be watched now; I keep trying")
    if state is None or state.scanned_at is None:
        return t.html("looked at for the first time")
    age = duration(t, (now - state.scanned_at).total_seconds())
    return t.html("{backend}, compared {age} ago", backend=_backend(t, state), age=age)


def _backend(t: Translator, state: WatchState) -> str:
    if state.reason == NO_WATCHES:
        return t("regular looks: the system grants no more watches")
    names = {"watchfiles": t("events of the system"), "polling": t("regular looks"), "": t("not yet")}
    return names.get(state.backend, state.backend)


def _files(t: Translator, folder: Folder) -> str:
    return t.many("{n} file", "{n} files", folder.files)


def _question(t: Translator, state: WatchState | None, orders: Orders) -> Iterator[Markup | str]:
    yield t.html("❓ The folder has another path now:")
    if state is not None:
        yield Markup("<code>{}</code>").format(shorten(state.root, _PATH))
    yield Markup("→ <code>{}</code>").format(shorten(orders.asked_root, _PATH))
    yield t.html(
        "{matched} of {sampled} files looked for are there too. Is it the same folder?",
        matched=orders.matched,
        sampled=orders.sampled,
    )
    yield t.html("<i>Until somebody says so, nothing of it is written down.</i>")


def moved_card(watch: str, state: WatchState | None, orders: Orders, reader: Reader) -> Card:
    """The question about a moved folder, or what was answered."""
    t = translator(reader.language)
    head = Markup("📁 <b>{}</b>").format(shorten(watch, _NAME))
    subject = f"{MOVED}:{watch}"
    if orders.waits:
        rows = (moved_row(t, watch, orders.asked_root),)
        return Card(lines([head, *_question(t, state, orders)]), rows, subject)
    if not orders.answered_by:
        return Card(lines([head, t.html("The folder is at its known path again.")]), (), subject)
    said = (
        t.html("✅ It is the same folder ({who}). What differs is written down as changes.", who=orders.answered_by)
        if orders.answer == "same"
        else t.html("🆕 It is a new folder ({who}). I begin anew with it.", who=orders.answered_by)
    )
    return Card(lines([head, said]), (), subject)


def new_root_card(data: Mapping[str, Any], reader: Reader) -> Card:
    """A watch has another path, where hardly anything known was found: it begins anew."""
    t = translator(reader.language)
    text = [
        Markup("📁 <b>{}</b>").format(shorten(data["watch"], _NAME)),
        t.html("The path has changed, and the files I know are not there: I begin anew. Nothing counts as deleted."),
        Markup("<code>{}</code>").format(shorten(data["old"], _PATH)),
        Markup("→ <code>{}</code>").format(shorten(data["new"], _PATH)),
    ]
    return Card(lines(text), (), f"{NEW_ROOT}:{data['watch']}")
