"""The buttons of files: what each carries in its 64 bytes."""

import zlib

from aiogram.filters.callback_data import CallbackData

from bot.chat.cards import Button, RowId
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
    """The life of the file that an event is about; a page of it, the newest first."""

    event: RowId
    page: RowId = 0


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
