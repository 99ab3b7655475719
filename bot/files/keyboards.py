"""The buttons of files: what each carries in its 64 bytes."""

from aiogram.filters.callback_data import CallbackData

from bot.chat.cards import Button, RowId
from core.text import Translator


class FilesButton(CallbackData, prefix="fl"):
    """A page of the history, counted from 0, the newest.

    `query` is the id of a kept question, `burst` of a burst whose folder is shown; 0 for neither. A page lies
    `before` or `after` the event with that id.
    """

    page: RowId
    query: RowId = 0
    burst: RowId = 0
    before: RowId = 0
    after: RowId = 0


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
