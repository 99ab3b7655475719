"""The buttons of requests: what each carries in its 64 bytes, and how they stand below a card."""

from aiogram.filters.callback_data import CallbackData

from bot.chat.cards import Button, RowId, rows_of
from core.requests import rules
from core.requests.model import Request, Workflow
from core.text import Translator

QUERY_BYTES = 40


class RequestButton(CallbackData, prefix="rq"):
    """A button on a request's card: `open`, `status` (value: code), `comment`, `history`, `snooze` (value: minutes).

    `seen` is the status the card showed: a press on a card that is out of date moves nothing.
    """

    action: str
    id: RowId
    value: str = ""
    seen: str = ""


class ListButton(CallbackData, prefix="rl"):
    """A page of a list: `query` is what was asked for, shortened to fit; `late` for the overdue ones."""

    page: int
    late: bool = False
    query: str = ""


class FormButton(CallbackData, prefix="rf"):
    """A button of the form for a new request: `new`, `cancel`, `none` (no position)."""

    action: str


def fit_query(query: str) -> str:
    """As many whole words of a query as a button can carry."""
    kept = ""
    for word in query.replace(":", " ").split():
        longer = f"{kept} {word}".strip()
        if len(longer.encode()) > QUERY_BYTES:
            break
        kept = longer
    return kept


def card_rows(t: Translator, workflow: Workflow, request: Request) -> tuple[tuple[Button, ...], ...]:
    """Where the request may go, three in a row; then comment and history."""
    moves = [
        Button(
            f"{status.icon} {status.labels[t.language]}",
            RequestButton(action="status", id=request.id, value=status.code, seen=request.status).pack(),
        )
        for status in rules.next_statuses(workflow, request.status)
    ]
    return (
        *rows_of(moves, 3),
        (
            Button(t("💬 Comment"), RequestButton(action="comment", id=request.id).pack()),
            Button(t("🕘 History"), RequestButton(action="history", id=request.id).pack()),
        ),
    )


def reminder_rows(t: Translator, workflow: Workflow, request: Request) -> tuple[tuple[Button, ...], ...]:
    """What can be done about silence: move the status, be reminded again, comment."""
    rows = card_rows(t, workflow, request)
    later = (
        Button(
            t.many("⏰ Again in {n} hour", "⏰ Again in {n} hours", 1),
            RequestButton(action="snooze", id=request.id, value="60").pack(),
        ),
        Button(
            t.many("⏰ Again in {n} hour", "⏰ Again in {n} hours", 4),
            RequestButton(action="snooze", id=request.id, value="240").pack(),
        ),
    )
    return (*rows[:-1], later, rows[-1])


def back_row(t: Translator, request_id: int) -> tuple[Button, ...]:
    """Back to the card."""
    return (Button(t("‹ Back to the card"), RequestButton(action="open", id=request_id).pack()),)
