"""The buttons of files: what each carries in its 64 bytes."""

import zlib
from collections.abc import Sequence

from aiogram.filters.callback_data import CallbackData

from bot.chat.cards import Button, RowId, rows_of
from core.text import Translator

Rows = tuple[tuple[Button, ...], ...]


class FilesButton(CallbackData, prefix="fl"):
    """A page of the history, counted from 0, the newest.

    `query` is the id of a kept question, `burst` of a burst whose folder is shown, `folder` the key of a watch,
    `follow` the id of a subscription; 0 for none. A page lies `before` or `after` the event with that id; of `files`
    (instead of their changes) it is counted from the newest.
    """

    page: RowId
    query: RowId = 0
    burst: RowId = 0
    before: RowId = 0
    after: RowId = 0
    folder: RowId = 0
    follow: RowId = 0
    files: bool = False


class LifeButton(CallbackData, prefix="fe"):
    """The life of the file that an event is about; a page of it, the newest first.

    The rest is the list it was opened from: its `origin` (q, b, w, s: question, burst, watch, subscription) with the
    `id` of that, the page it was `at`, and whether that was one of `files`.
    """

    event: RowId
    page: RowId = 0
    origin: str = ""
    id: RowId = 0
    at: RowId = 0
    files: bool = False


class SaveButton(CallbackData, prefix="fx"):
    """Everything a question finds as a document; `kind` is csv or xlsx. The rest as in `FilesButton`."""

    kind: str
    query: RowId = 0
    burst: RowId = 0
    folder: RowId = 0
    follow: RowId = 0


class WatchButton(CallbackData, prefix="wt"):
    """`list` of the folders, `open` one; `pause`, `resume`, `rescan` it; it is the `same` or a `new` one.

    `key` is a folder's (`key_of` its name), `seen` the one of the path that is asked about.
    """

    action: str
    key: RowId = 0
    seen: RowId = 0


class FollowButton(CallbackData, prefix="fw"):
    """`list` of what is followed here, `open` one, `stop` it, tell it `now` or daily (`at`, `value` as 930).

    `query`: follow the kept question with that id; `file`: the file of the event with that id.
    """

    action: str
    id: RowId = 0
    value: RowId = 0


def key_of(text: str) -> int:
    """A number that stands for a name in a button: names may be longer than a button's data."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def page_row(at: FilesButton, first: int, last: int, *, more: bool) -> tuple[Button, ...]:
    """‹ newer and older ›, as far as there are any: `first` and `last` are the ids shown."""
    newer = at.model_copy(update={"page": max(at.page - 1, 0), "before": 0, "after": first})
    older = at.model_copy(update={"page": at.page + 1, "before": last, "after": 0})
    row = (
        Button("‹", newer.pack()) if at.page > 0 else None,
        Button(str(at.page + 1), at.pack()) if at.page > 0 or more else None,
        Button("›", older.pack()) if more else None,
    )
    return tuple(button for button in row if button is not None)


_ORIGINS = {"q": "query", "b": "burst", "w": "folder", "s": "follow"}


def life_of(at: FilesButton, event_id: int) -> LifeButton:
    """From a list to the life of one of its files."""
    origin = next((letter for letter, name in _ORIGINS.items() if getattr(at, name)), "")
    where = getattr(at, _ORIGINS[origin]) if origin else 0
    return LifeButton(event=event_id, origin=origin, id=where, at=at.page, files=at.files)


def list_of(life: LifeButton) -> FilesButton:
    """Back to the list: to that page of the files, or to the changes from this one on."""
    values: dict[str, int] = {_ORIGINS[life.origin]: life.id} if life.origin in _ORIGINS else {}
    before = life.event + 1 if life.at and not life.files else 0
    return FilesButton(page=life.at, files=life.files, before=before, **values)


def numbers_rows(at: FilesButton, events: Sequence[int]) -> Rows:
    """A button with its number for each file shown, given the ids of their events."""
    buttons = [Button(str(n), life_of(at, event_id).pack()) for n, event_id in enumerate(events, 1)]
    return rows_of(buttons, 4 if len(buttons) > 5 else 5)


def found_row(t: Translator, at: FilesButton) -> tuple[Button, ...]:
    """What can be done with everything that was found."""
    same = {"query": at.query, "burst": at.burst, "folder": at.folder, "follow": at.follow}
    row = [
        Button("📄 CSV", SaveButton(kind="csv", **same).pack()),
        Button("📊 XLSX", SaveButton(kind="xlsx", **same).pack()),
    ]
    if at.query:
        row.append(Button(t("🔔 Follow"), FollowButton(action="query", id=at.query).pack()))
    return tuple(row)


def way_row(t: Translator, at: FilesButton) -> tuple[Button, ...]:
    """From the files to their changes, and back."""
    text = t("🕘 Every change") if at.files else t("🗂 By file")
    to = at.model_copy(update={"files": not at.files, "page": 0, "before": 0, "after": 0})
    return (Button(text, to.pack()),)


def files_row(at: FilesButton, pages: int) -> tuple[Button, ...]:
    """‹ 2/5 › of the files."""

    def to(page: int) -> str:
        return at.model_copy(update={"page": min(max(page, 0), pages - 1), "before": 0, "after": 0}).pack()

    if pages < 2:
        return ()
    here = f"{at.page + 1}/{pages}"
    return Button("‹", to(at.page - 1)), Button(here, to(at.page)), Button("›", to(at.page + 1))


def burst_row(t: Translator, burst_id: int) -> tuple[Button, ...]:
    """From a burst's message to the history of its folder."""
    return (Button(t("🕘 History of this folder"), FilesButton(page=0, burst=burst_id).pack()),)


def moved_row(t: Translator, watch: str, root: str) -> tuple[Button, ...]:
    """The answers to whether a folder at another path is the same one."""
    key, seen = key_of(watch), key_of(root)
    return (
        Button(t("✅ Same folder"), WatchButton(action="same", key=key, seen=seen).pack()),
        Button(t("🆕 New folder"), WatchButton(action="new", key=key, seen=seen).pack()),
    )


def back_to_folders(t: Translator) -> Button:
    """To the list of folders."""
    return Button(t("‹ Folders"), WatchButton(action="list").pack())


def back_to_follows(t: Translator) -> Button:
    """To the list of subscriptions."""
    return Button(t("‹ Subscriptions"), FollowButton(action="list").pack())
